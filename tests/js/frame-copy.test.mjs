import assert from 'node:assert/strict'
import { test } from 'node:test'
import { copyPixels } from '../../web/lib/frame-copy.js'

/**
 * @param {object} parts
 * @returns {VideoFrame} opaque, 2 x 1 px, with what `parts` says otherwise
 */
function makeFrame(parts = {}) {
  const copyTo = async (/** @type {Uint8Array} */ pixels) => pixels.set([1, 2, 3, 255, 4, 5, 6, 255])
  return /** @type {any} */ ({ visibleRect: { width: 2, height: 1 }, format: 'BGRA', copyTo, ...parts })
}

/** The memory of WebAssembly with a room in its middle. */
function makeRoom() {
  const memory = new WebAssembly.Memory({ initial: 1 })
  return { memory, view: () => new Uint8Array(memory.buffer, 64, 8) }
}

test('pixels are copied into the memory of WebAssembly', async () => {
  const room = makeRoom()
  assert.equal(await copyPixels(makeFrame(), 2, 1, room), true)
  assert.deepEqual([...room.view()], [1, 2, 3, 255, 4, 5, 6, 255])
})

test('memory that grows during a copy is copied to again', async () => {
  const room = makeRoom()
  let copies = 0
  const copyTo = async (/** @type {Uint8Array} */ pixels) => {
    if (++copies === 1) room.memory.grow(1)
    else pixels.fill(255)
  }
  assert.equal(await copyPixels(makeFrame({ copyTo }), 2, 1, room), true)
  assert.equal(copies, 2)
  assert.deepEqual([...room.view()], new Array(8).fill(255))
})

test('frames that cannot be taken as they are have to be drawn', async () => {
  const room = makeRoom()
  const see = async (/** @type {Uint8Array} */ pixels) => pixels.fill(254)
  for (const parts of [{ copyTo: see }, { copyTo: see, format: null }, { rotation: 90 }, { flip: true }, { visibleRect: null }, { copyTo: () => Promise.reject(new Error()) }]) {
    assert.equal(await copyPixels(makeFrame(parts), 2, 1, room), false, JSON.stringify(parts))
  }
  assert.equal(await copyPixels(makeFrame({ copyTo: see, format: 'I420' }), 2, 1, room), true)
  assert.equal(await copyPixels(makeFrame(), 1, 2, room), false)
})
