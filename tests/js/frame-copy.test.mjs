import assert from 'node:assert/strict'
import { test } from 'node:test'
import { copyPixels } from '../../web/lib/frame-copy.js'
import { FrameReader, readError } from '../../web/lib/frames.js'
import { canvasOf, pretend } from './fake-browser.mjs'

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

/** How many frames and bitmaps are open. */
let open = 0

class Closable {
  constructor() {
    open++
  }
  close() {
    open--
  }
}

/** Of a browser that converts, but not this one. */
class Frame extends Closable {
  rotation = 0
  format = /** @type {string | null} */ ('BGRA')
  visibleRect = { width: 2, height: 1 }
  allocationSize() {
    return 64
  }
  async copyTo() {
    throw new Error('not this one')
  }
}

const CANVAS = /** @type {any} */ ({ kind: 'canvas', source: {}, width: 2, height: 1 })

test('what cannot be copied is drawn, and neither a room nor a frame is kept', async (t) => {
  pretend(t, { VideoFrame: Frame, OffscreenCanvas: canvasOf([0, 0, 0, 255]) })
  let lent = 0
  const reader = new FrameReader({ lend: () => (lent++, makeRoom()), takeBack: () => void lent-- })
  const picture = await reader.read(CANVAS)
  assert.deepEqual('data' in picture && [...picture.data], [0, 0, 0, 255, 0, 0, 0, 255])
  assert.deepEqual([lent, open], [0, 0])
})

test('pixels that a canvas does not give are no black picture', async (t) => {
  pretend(t, { OffscreenCanvas: canvasOf([0, 0, 0, 0]) })
  await assert.rejects(new FrameReader().read(CANVAS), { code: 'image_too_large' })
})

test('a file that was decoded is closed, and refused where it is too large', async (t) => {
  const size = { width: 2, height: 1 }
  const createImageBitmap = async () => Object.assign(new Closable(), size, { [Symbol.toStringTag]: 'ImageBitmap' })
  pretend(t, { createImageBitmap, OffscreenCanvas: canvasOf([1, 2, 3, 255]) })
  const file = /** @type {any} */ ({ kind: 'file', source: new Uint8Array(9) })
  const picture = await new FrameReader().read(file)
  assert.deepEqual('width' in picture && [picture.width, picture.height, open], [2, 1, 0])
  size.width = 32769
  await assert.rejects(new FrameReader().read(file), { code: 'image_too_large' })
  assert.equal(open, 0)
})

test('a file is left to WebAssembly where there is no canvas to draw it on', async (t) => {
  const source = new Uint8Array([1, 2])
  const file = /** @type {any} */ ({ kind: 'file', source })
  pretend(t, { createImageBitmap: assert.fail, OffscreenCanvas: class { getContext = () => null } })
  assert.deepEqual(await new FrameReader().read(file), { file: source })
  await assert.rejects(new FrameReader().read(CANVAS), { code: 'unsupported' })
})

test('noise in place of pixels is no picture: files are left to WebAssembly, the rest is refused', async (t) => {
  const noise = { data: new Uint8ClampedArray([222, 170, 14, 123]) }
  const context = { fillRect() {}, getImageData: () => noise }
  pretend(t, { createImageBitmap: assert.fail, OffscreenCanvas: class { getContext = () => context } })
  const source = new Uint8Array([1, 2])
  assert.deepEqual(await new FrameReader().read(/** @type {any} */ ({ kind: 'file', source })), { file: source })
  await assert.rejects(new FrameReader().read(CANVAS), { code: 'unsupported', message: /resistFingerprinting/ })
})

test('frames are not copied where the browser may not say that one is turned, does not convert, or names no format', async (t) => {
  class Unturned extends Frame {
    constructor() {
      super()
      Reflect.deleteProperty(this, 'rotation')
    }
  }
  class Unconverted extends Frame {
    /** @override */
    allocationSize() {
      return 24
    }
  }
  class Unnamed extends Frame {
    /** @override */
    format = null
  }
  for (const [VideoFrame, copies] of /** @type {const} */ ([[Frame, true], [Unturned, false], [Unconverted, false], [Unnamed, false]])) {
    pretend(t, { VideoFrame })
    const { snapshot } = await import(/** @type {string} */ (`../../web/lib/frame-copy.js?${VideoFrame.name}`))
    const frame = snapshot(CANVAS)
    frame?.close()
    assert.equal(frame !== undefined, copies, VideoFrame.name)
  }
  assert.equal(open, 0)
})

test('why pixels cannot be read has a code', () => {
  for (const [name, code] of Object.entries({ SecurityError: 'tainted_source', DataCloneError: 'tainted_source', InvalidStateError: 'image_invalid' })) {
    const cause = new DOMException('no', name)
    assert.deepEqual([readError(cause).code, readError(cause).cause], [code, cause])
  }
  assert.equal(readError(new RangeError('too long')).code, 'out_of_memory')
  const known = readError(new RangeError('too long'))
  assert.equal(readError(known), known)
})
