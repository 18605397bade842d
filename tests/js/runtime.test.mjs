import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Runtime } from '../../web/lib/runtime.js'
import { DEFAULTS, FakeWasm, reportOfOneFace } from './fake-wasm.mjs'

/** @param {number} width @param {number} height */
const pixels = (width, height) => ({ data: new Uint8Array(width * height * 4).map((_, index) => index), width, height })

/** @param {FakeWasm} wasm */
function load(wasm) {
  const runtime = new Runtime(wasm)
  runtime.load(new Uint8Array([1, 2, 3]), new Uint8Array([4]), {})
  return runtime
}

test('pixels arrive in WebAssembly and a result comes back', () => {
  const wasm = new FakeWasm()
  const runtime = load(wasm)
  wasm.report = reportOfOneFace(2, { uncertain: true })
  const picture = pixels(5, 3)
  const result = runtime.run('detect', picture)
  assert.deepEqual(wasm.seen, picture.data)
  assert.deepEqual(result, {
    width: 5,
    height: 3,
    faces: [
      {
        box: { x: 10, y: 20, width: 30, height: 40 },
        score: 0.75,
        mask: { value: 'mask_worn_correctly', probability: 0.9 },
        probabilities: { without_mask: 0.05, mask_worn_incorrectly: 0.05, mask_worn_correctly: 0.9 },
        uncertain: true,
      },
    ],
    timings: { preprocess: 1, faces: 2, masks: 3, total: 6 },
  })
})

test('a frame of a video goes down with its time, its faces come back with their tracks', () => {
  const wasm = new FakeWasm()
  const runtime = load(wasm)
  wasm.report = reportOfOneFace(0, { trackId: 4, missedTime: 66.5 })
  const { faces } = runtime.run('detectForVideo', pixels(5, 3), { timestamp: 1234.5 })
  assert.deepEqual(wasm.calls.at(-1)?.arguments.slice(2), [5, 3, 1234.5])
  assert.equal(wasm.count('mc_session_reset_video'), 0)
  const [face] = /** @type {import('../../web/lib/result.js').TrackedFace[]} */ (faces)
  assert.deepEqual([face?.trackId, face?.missedTime, face?.mask.value], [4, 66.5, 'without_mask'])
  runtime.run('detectForVideo', pixels(5, 3), { timestamp: 0, restart: true })
  assert.deepEqual(wasm.calls.slice(-2).map(({ name }) => name), ['mc_session_reset_video', 'mc_session_detect_video'])
})

test('a picture larger than the memory makes it grow, and later calls still work', () => {
  const wasm = new FakeWasm()
  const runtime = load(wasm)
  const before = wasm.memory.buffer.byteLength
  for (const size of [400, 10, 700]) {
    const picture = pixels(size, size)
    runtime.run('detect', picture)
    assert.deepEqual(wasm.seen, picture.data)
  }
  assert.ok(wasm.memory.buffer.byteLength > before)
})

test('frames of one size are put into the same place, without allocating', () => {
  const wasm = new FakeWasm()
  const runtime = load(wasm)
  runtime.run('detect', pixels(20, 10))
  const allocations = wasm.count('mc_memory_allocate')
  for (let i = 0; i < 5; i++) runtime.run('detect', pixels(20, 10))
  assert.equal(wasm.count('mc_memory_allocate'), allocations)
})

test('nothing but the picture buffer stays allocated, whether calls fail or not', () => {
  const wasm = new FakeWasm()
  const runtime = load(wasm)
  assert.equal(wasm.heap.size, 1)
  const boxes = [{ x: 1, y: 2, width: 3, height: 4 }]
  runtime.run('label', pixels(4, 4), { boxes })
  wasm.status = 1
  assert.throws(() => runtime.run('label', pixels(4, 4), { boxes }), { code: 'invalid_argument' })
  assert.throws(() => runtime.load(new Uint8Array(9), new Uint8Array(9), {}), { code: 'invalid_argument' })
  assert.equal(wasm.heap.size, 1)
})

test('pixels that were written into a room are analysed where they lie', () => {
  const wasm = new FakeWasm()
  const runtime = load(wasm)
  const { data } = pixels(20, 10)
  const room = runtime.lend(data.length)
  room.view().set(data)
  const allocations = wasm.count('mc_memory_allocate')
  runtime.run('detect', { room, width: 20, height: 10 })
  assert.deepEqual(wasm.seen, data)
  runtime.takeBack(room)
  assert.equal(runtime.lend(data.length), room)
  assert.equal(wasm.count('mc_memory_allocate'), allocations)
})

test('several rooms can be out at once, and the largest is kept', () => {
  const wasm = new FakeWasm()
  const runtime = load(wasm)
  const sizes = [10, 900, 700]
  const rooms = sizes.map((size) => runtime.lend(size * size * 4))
  const pictures = sizes.map((size) => pixels(size, size))
  pictures.forEach(({ data }, i) => rooms[i]?.view().set(data))
  runtime.setOptions({}) // what else goes down lies elsewhere
  for (const [i, room] of rooms.entries()) {
    runtime.run('detect', { room, width: sizes[i] ?? 0, height: sizes[i] ?? 0 })
    assert.deepEqual(wasm.seen, pictures[i]?.data)
  }
  for (const room of rooms) runtime.takeBack(room)
  assert.deepEqual([...wasm.heap.values()], [900 * 900 * 4])
})

test('boxes are handed over as float32', () => {
  const wasm = new FakeWasm()
  const runtime = load(wasm)
  wasm.mc_session_label = (_session, _pixels, _width, _height, address = 0, count = 0) => {
    assert.deepEqual([...new Float32Array(wasm.memory.buffer, address, count * 4)], [1.5, 2, 3, 4, 5, 6, 7, 8])
    return 0
  }
  runtime.run('label', pixels(4, 4), { boxes: [{ x: 1.5, y: 2, width: 3, height: 4 }, { x: 5, y: 6, width: 7, height: 8 }] })
})

test('a picture file is decoded in WebAssembly and analysed where it lies', () => {
  const wasm = new FakeWasm()
  const runtime = load(wasm)
  const result = runtime.run('classify', { file: new Uint8Array([9, 8, 7]) })
  assert.equal(result.width, 7)
  assert.equal(result.height, 5)
  assert.deepEqual(wasm.calls.at(-1), { name: 'mc_session_classify', arguments: [4096, 2048, 7, 5] })
})

test('options go down in the order of C, and come back with defaults', () => {
  const wasm = new FakeWasm()
  const runtime = load(wasm)
  const inForce = runtime.setOptions({ maxFaces: 7, minFaceScore: 0.25 })
  assert.deepEqual([...wasm.optionsSeen], [0.25, -1, -1, -1, 7, ...new Array(11).fill(-1)])
  assert.deepEqual(inForce, { ...DEFAULTS, minFaceScore: 0.25, maxFaces: 7 })
})

test('models say what they are, or nothing', () => {
  const wasm = new FakeWasm()
  wasm.metadata = { 'face license': 'Apache-2.0', 'mask accuracy': '0.9 ± 0.1', 'mask maskcheck.version': '1', 'mask training_data': '' }
  const unknown = { version: undefined, license: undefined, trainingData: undefined, accuracy: undefined }
  assert.deepEqual(load(wasm).describeModels(), {
    face: { ...unknown, license: 'Apache-2.0' },
    mask: { ...unknown, version: '1', trainingData: '', accuracy: '0.9 ± 0.1' },
  })
})

test('a failed load says what C says', () => {
  const wasm = new FakeWasm()
  wasm.status = 3
  wasm.message = "node 'conv7' (ConvTranspose): operator not supported"
  const runtime = new Runtime(wasm)
  assert.throws(() => runtime.load(new Uint8Array(1), new Uint8Array(1), {}), {
    name: 'MaskDetectorError',
    code: 'model_invalid',
    message: "node 'conv7' (ConvTranspose): operator not supported",
  })
})

test('an instance that trapped is never entered again', () => {
  const wasm = new FakeWasm()
  const runtime = load(wasm)
  runtime.run('detect', pixels(4, 4))
  wasm.trap = new WebAssembly.RuntimeError('unreachable')
  assert.throws(() => runtime.run('detect', pixels(4, 4)), (/** @type {any} */ error) => error.code === 'internal' && error.cause instanceof WebAssembly.RuntimeError)
  const calls = wasm.calls.length
  assert.throws(() => runtime.run('detect', pixels(4, 4)), { code: 'internal' })
  assert.equal(wasm.calls.length, calls)
})

test('rooms and calls that an instance took with it are let go of quietly', () => {
  const wasm = new FakeWasm()
  const runtime = load(wasm)
  const rooms = [runtime.lend(16), runtime.lend(64)]
  wasm.trap = new WebAssembly.RuntimeError('unreachable')
  assert.throws(() => runtime.run('detect', pixels(4, 4)), { code: 'internal' })
  const calls = wasm.calls.length
  for (const room of rooms) runtime.takeBack(room)
  assert.equal(wasm.calls.length, calls)
})

test('memory that runs out is a typed error', () => {
  const wasm = new FakeWasm()
  const runtime = load(wasm)
  wasm.mc_memory_allocate = () => 0
  runtime.run('detect', pixels(640, 480)) // there is room for it already
  assert.throws(() => runtime.run('detect', pixels(641, 480)), { code: 'out_of_memory' })
})

test('a .wasm file of another version is refused', () => {
  const wasm = new FakeWasm()
  wasm.version = '9.9.9'
  assert.throws(() => new Runtime(wasm), { code: 'version_mismatch', message: /9\.9\.9/ })
})

test('memory that is missing from the start is a typed error', async (t) => {
  const cause = new RangeError('out of memory')
  t.mock.method(WebAssembly, 'instantiate', async () => Promise.reject(cause))
  await assert.rejects(Runtime.create(new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]))), { code: 'out_of_memory', cause })
})

test('a module that is not ours is refused', async () => {
  const empty = new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]))
  await assert.rejects(Runtime.create(empty), { code: 'load_failed' })
})
