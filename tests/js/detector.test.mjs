import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'node:test'
import { MaskDetector } from '../../web/lib/detector.js'
import { MaskDetectorError, packError, unpackError } from '../../web/lib/errors.js'
import { LocalBackend } from '../../web/lib/local-backend.js'
import { Runtime } from '../../web/lib/runtime.js'
import { DEFAULTS, FakeWasm, reportOfOneFace } from './fake-wasm.mjs'

const INFO = /** @type {any} */ ({ version: '0' })
/** Made otherwise than by create, which loads files. */
const Detector = /** @type {new (...values: unknown[]) => MaskDetector} */ (/** @type {unknown} */ (MaskDetector))
const PIXELS = { data: new Uint8Array(16), width: 2, height: 2 }

function makeDetector() {
  const wasm = new FakeWasm()
  const runtime = new Runtime(wasm)
  const options = runtime.load(new Uint8Array(1), new Uint8Array(1), {})
  return { wasm, detector: new Detector(new LocalBackend(runtime), INFO, {}, options) }
}

/** A backend whose answers are given by hand. */
function makeSlowDetector() {
  /** @type {{ operation: unknown, payload: unknown, details: unknown, resolve: (value: any) => void, reject: (error: unknown) => void }[]} */
  const runs = []
  const released = /** @type {unknown[]} */ ([])
  const backend = {
    capture: async (/** @type {unknown} */ source) => {
      if (source === 'bad') throw new MaskDetectorError('image_invalid', 'bad')
      return { payload: source, timestamp: 5, release: () => released.push(source) }
    },
    run: (/** @type {unknown} */ operation, /** @type {unknown} */ payload, /** @type {unknown} */ details) => new Promise((resolve, reject) => runs.push({ operation, payload, details, resolve, reject })),
    setOptions: async () => ({}),
    close() {},
  }
  const detector = new Detector(/** @type {any} */ (backend), INFO, {}, /** @type {any} */ ({}))
  return { detector, runs, released }
}

/** A video whose frames come when the test says so. */
class FakeVideo extends EventTarget {
  readyState = 4
  videoWidth = 2
  ownerDocument = { hidden: false };
  [Symbol.toStringTag] = 'HTMLVideoElement'
  frame = () => {}
  requestVideoFrameCallback(/** @type {() => void} */ call) {
    this.frame = call
    return 1
  }
  cancelVideoFrameCallback() {}
}

/** @param {unknown} value */
const any = (value) => /** @type {any} */ (value)

test('a result has the size and time of its source', async () => {
  const { wasm, detector } = makeDetector()
  wasm.report = reportOfOneFace(0)
  const before = performance.now()
  const result = await detector.detect(PIXELS)
  assert.deepEqual([result.width, result.height, result.faces[0]?.mask.value], [2, 2, 'without_mask'])
  assert.ok(result.timestamp >= before && result.timestamp <= performance.now())
})

test('frames of a video carry the time that is given, or their own', async () => {
  const { wasm, detector } = makeDetector()
  wasm.report = reportOfOneFace(2, { trackId: 7 })
  const given = await detector.detectForVideo(PIXELS, 40.5)
  assert.deepEqual([given.timestamp, given.faces[0]?.trackId, given.faces[0]?.missedTime], [40.5, 7, 0])
  assert.equal(wasm.calls.at(-1)?.arguments[4], 40.5)
  const own = await detector.detectForVideo(PIXELS)
  assert.equal(own.timestamp, wasm.calls.at(-1)?.arguments[4])
  assert.ok(own.timestamp > 40.5)
  assert.equal(wasm.count('mc_session_reset_video'), 0)
  const first = await detector.detectForVideo(PIXELS, 0, { restart: true })
  assert.deepEqual([first.timestamp, wasm.calls.at(-1)?.arguments[4]], [0, 0])
  assert.equal(wasm.count('mc_session_reset_video'), 1)
  wasm.report = reportOfOneFace(2)
  assert.ok(!('trackId' in ((await detector.detect(PIXELS)).faces[0] ?? {})))
})

test('frames of a video are tracked in the order of the calls', async () => {
  const { wasm, detector } = makeDetector()
  await Promise.all([10, 20, 30].map((time) => detector.detectForVideo(PIXELS, time)))
  const times = wasm.calls.filter(({ name }) => name === 'mc_session_detect_video').map((call) => call.arguments[4])
  assert.deepEqual(times, [10, 20, 30])
})

test('watching tracks the faces, from anew each time', async () => {
  const { detector, runs } = makeSlowDetector()
  const video = new FakeVideo()
  for (let i = 0; i < 2; i++) {
    /** @type {number[]} */
    const seen = []
    const stop = detector.watch(any(video), ({ faces }) => seen.push(faces[0]?.trackId ?? 0), assert.ifError)
    for (let frame = 0; frame < 2; frame++) {
      video.frame()
      await sleep(1)
      const run = runs.at(-1)
      assert.deepEqual([run?.operation, run?.details], ['detectForVideo', { timestamp: 5, restart: frame === 0 }])
      run?.resolve({ width: 2, height: 2, faces: [{ trackId: 3 }], timings: {} })
      await sleep(1)
    }
    assert.deepEqual(seen, [3, 3])
    stop()
  }
})

test('what cannot be watched is refused, also where errors cannot be reported', () => {
  const { detector } = makeSlowDetector()
  assert.throws(() => detector.watch(any({}), () => {}), { name: 'TypeError', message: /video element/ })
  assert.throws(() => detector.watch(any(new FakeVideo()), any(3)), { name: 'TypeError', message: /onResult/ })
})

test('two videos at once are refused, one after the other are not', () => {
  const { detector } = makeSlowDetector()
  const [one, other] = [new FakeVideo(), new FakeVideo()]
  const stop = detector.watch(any(one), () => {}, assert.ifError)
  assert.throws(() => detector.watch(any(other), () => {}), { code: 'invalid_argument', message: /a detector for each/ })
  detector.watch(any(one), () => {}, assert.ifError)()
  stop()
  detector.watch(any(other), () => {}, assert.ifError)()
})

test('a framework may hold a detector: Vue makes no proxy of it', () => {
  assert.equal(any(makeSlowDetector().detector).__v_skip, true)
  assert.throws(() => Reflect.construct(MaskDetector, []), { name: 'TypeError', message: /await MaskDetector\.create\(\)/ })
})

test('another source begins a new video, even while a frame of the old one is looked at', async () => {
  const { detector, runs } = makeSlowDetector()
  const video = new FakeVideo()
  const stop = detector.watch(any(video), () => {}, assert.ifError)
  for (const empty of [false, true, false]) {
    video.frame()
    await sleep(1)
    if (empty) video.dispatchEvent(new Event('emptied'))
    runs.at(-1)?.resolve({ width: 2, height: 2, faces: [], timings: {} })
    await sleep(1)
  }
  assert.deepEqual(runs.map(({ details }) => any(details).restart), [true, false, true])
  stop()
})

test('after watching was stopped no result follows, not even of a frame that is looked at', async () => {
  const { detector, runs } = makeSlowDetector()
  const video = new FakeVideo()
  let results = 0
  const stop = detector.watch(any(video), () => results++, assert.ifError)
  video.frame()
  await sleep(1)
  stop()
  runs[0]?.resolve({ width: 2, height: 2, faces: [], timings: {} })
  await sleep(1)
  assert.deepEqual([runs.length, results], [1, 0])
})

test('overlapping calls run one after the other, in order', async () => {
  const { detector, runs } = makeSlowDetector()
  const answers = ['a', 'b', 'c'].map((source) => detector.detect(any(source)))
  const seen = []
  for (let i = 0; i < 3; i++) {
    await sleep(1)
    assert.equal(runs.length, i + 1, 'only one runs at a time')
    seen.push(runs[i]?.payload)
    runs[i]?.resolve({ width: i, height: 1, faces: [], timings: {} })
  }
  assert.deepEqual(seen, ['a', 'b', 'c'])
  assert.deepEqual((await Promise.all(answers)).map(({ width }) => width), [0, 1, 2])
})

test('a failed call does not hold up the next', async () => {
  const { detector, runs } = makeSlowDetector()
  const [bad, failing, good] = [detector.detect(any('bad')), detector.detect(any('b')), detector.detect(any('c'))]
  await assert.rejects(bad, { code: 'image_invalid' })
  await sleep(1)
  runs[0]?.reject(new MaskDetectorError('internal', 'x'))
  await assert.rejects(failing, { code: 'internal' })
  await sleep(1)
  runs[1]?.resolve({ width: 1, height: 1, faces: [], timings: {} })
  assert.equal((await good).width, 1)
})

test('an error is the same on both sides of a worker', () => {
  const cause = new Error('why')
  const error = unpackError(structuredClone(packError(new MaskDetectorError('image_invalid', 'bad', { cause }))))
  assert.ok(error instanceof MaskDetectorError)
  assert.deepEqual([error.code, error.message], ['image_invalid', 'bad'])
  assert.match(String(error.cause), /why/)
  assert.deepEqual(unpackError(packError(new TypeError('no source'))), new TypeError('no source'))
  const strange = /** @type {MaskDetectorError} */ (unpackError(packError(new RangeError('odd'))))
  assert.equal(strange.code, 'internal')
  assert.match(String(strange.cause), /odd/)
})

test('an error says whether the detector is of no more use', () => {
  const codes = /** @type {const} */ (['internal', 'worker_failed', 'out_of_memory', 'image_invalid', 'closed'])
  assert.deepEqual(codes.map((code) => new MaskDetectorError(code, '').endsDetector), [true, true, false, false, false])
})

test('a bad source behind another call is told to its caller alone', async () => {
  const { detector, runs } = makeSlowDetector()
  const calls = Promise.allSettled([detector.detect(any('a')), detector.detect(any('bad'))])
  await sleep(5) // Meanwhile nothing handles it: as an unhandled rejection it would end this process.
  runs[0]?.resolve({ width: 1, height: 1, faces: [], timings: {} })
  assert.deepEqual((await calls).map(({ status }) => status), ['fulfilled', 'rejected'])
})

test('pixels and files are taken at the call, whatever becomes of them', async () => {
  const { wasm, detector } = makeDetector()
  const [data, clamped, file, bytes] = [new Uint8Array(16), new Uint8ClampedArray(16), Buffer.alloc(9), new Uint8Array(9)]
  for (const [source, memory] of /** @type {const} */ ([
    [{ data, width: 2, height: 2 }, data],
    [{ data: clamped, width: 2, height: 2 }, clamped],
    [file, file],
    [bytes.buffer, bytes],
  ])) {
    /** @type {Uint8Array[]} */
    const seen = []
    wasm.onSeen = (each) => seen.push(each)
    memory.fill(7)
    const answer = detector.detect(source)
    memory.fill(1)
    await answer
    assert.deepEqual(seen[0], new Uint8Array(memory.length).fill(7))
  }
})

test('an aborted call rejects with the reason at once, never runs, and lets go of its frame', async () => {
  const { detector, runs, released } = makeSlowDetector()
  const first = detector.detect(any('a'))
  const controller = new AbortController()
  const second = detector.detect(any('b'), { signal: controller.signal })
  const third = detector.detect(any('c'))
  await sleep(1)
  controller.abort(new Error('changed my mind'))
  await assert.rejects(second, { message: 'changed my mind' })
  await sleep(1)
  assert.deepEqual(released, ['b'], 'while the first still runs')
  runs[0]?.resolve({ width: 1, height: 1, faces: [], timings: {} })
  await first
  await sleep(1)
  assert.deepEqual(runs.map(({ payload }) => payload), ['a', 'c'])
  runs[1]?.resolve({ width: 3, height: 1, faces: [], timings: {} })
  assert.equal((await third).width, 3)
  await sleep(1)
  assert.deepEqual(released, ['b', 'a', 'c'])
  await assert.rejects(detector.detect(any('d'), { signal: AbortSignal.abort() }), { name: 'AbortError' })
})

test('every way to look at a picture can be aborted', async () => {
  const { detector, runs } = makeSlowDetector()
  const busy = detector.detect(any('a'))
  const controller = new AbortController()
  const { signal } = controller
  const calls = [detector.detect(any('b'), { signal }), detector.detectForVideo(any('b'), 1, { signal }), detector.classify(any('b'), { signal }), detector.label(any('b'), [], { signal })]
  controller.abort(new Error('left the page'))
  for (const call of calls) await assert.rejects(call, { message: 'left the page' })
  runs[0]?.resolve({ width: 1, height: 1, faces: [], timings: {} })
  await busy
  await sleep(1)
  assert.equal(runs.length, 1)
})

test('a call that is aborted while it runs rejects at once; its frame and the next call wait for the late answer', async () => {
  for (const late of /** @type {const} */ (['resolve', 'reject'])) {
    const { detector, runs, released } = makeSlowDetector()
    const controller = new AbortController()
    const running = detector.detectForVideo(any('a'), 1, { signal: controller.signal })
    const next = detector.detect(any('b'))
    await sleep(1)
    controller.abort(new Error('too slow'))
    await assert.rejects(running, { message: 'too slow' })
    await sleep(1)
    assert.deepEqual([runs.length, released], [1, []])
    runs[0]?.[late](late === 'reject' ? new MaskDetectorError('image_invalid', 'nobody hears of it') : { width: 1, height: 1, faces: [], timings: {} })
    await sleep(1)
    assert.deepEqual([runs.length, released], [2, ['a']])
    runs[1]?.resolve({ width: 2, height: 1, faces: [], timings: {} })
    assert.equal((await next).width, 2)
  }
})

test('a frame that is still read when its call is aborted is let go of once it is there', async () => {
  let released = 0
  const capture = async () => (await sleep(5), { payload: 1, timestamp: 0, release: () => released++ })
  const detector = new Detector(any({ capture, run: () => assert.fail('run'), close() {} }), INFO, {}, any({}))
  const controller = new AbortController()
  const answer = detector.detect(any('a'), { signal: controller.signal })
  controller.abort()
  await assert.rejects(answer, { name: 'AbortError' })
  assert.equal(released, 0)
  await sleep(20)
  assert.equal(released, 1)
})

test('signals need not be of the platform\'s own class', async () => {
  class TaskSignal extends EventTarget {
    aborted = false
    reason = undefined
    get [Symbol.toStringTag]() {
      return 'TaskSignal'
    }
  }
  const { detector } = makeSlowDetector()
  const signal = new TaskSignal()
  const answer = detector.detect(any('a'), { signal: any(signal) })
  signal.aborted = true
  signal.dispatchEvent(new Event('abort'))
  await assert.rejects(answer, { name: 'AbortError' })
  await assert.rejects(detector.detect(any('a'), { signal: any({ aborted: false }) }), { name: 'TypeError', message: /options\.signal must be an AbortSignal/ })
})

test('after close every call says so, and waiting ones too', async () => {
  const { detector, runs, released } = makeSlowDetector()
  const first = detector.detect(any('a'))
  const waiting = detector.detect(any('b'))
  await sleep(1)
  detector.close()
  detector.close()
  runs[0]?.resolve({ width: 1, height: 1, faces: [], timings: {} })
  await first
  await assert.rejects(waiting, { name: 'MaskDetectorError', code: 'closed' })
  assert.throws(() => detector.watch(any(new FakeVideo()), () => {}), { code: 'closed' })
  for (const late of [detector.detect(any('c')), detector.classify(any('c')), detector.label(any('c'), []), detector.setOptions({})]) {
    await assert.rejects(late, { code: 'closed' })
  }
  await sleep(1)
  assert.ok(released.includes('a'))
})

test('a source that is still read when the detector is closed is not looked at', async () => {
  let runs = 0
  const capture = async () => (await sleep(5), { payload: 1, timestamp: 0, release() {} })
  const detector = new Detector(any({ capture, run: async () => runs++, close() {} }), INFO, {}, any({}))
  const answer = detector.detect(any('a'))
  await sleep(1)
  detector.close()
  await assert.rejects(answer, { code: 'closed' })
  assert.equal(runs, 0)
})

test('warming up runs both networks once and shows in nothing', async () => {
  const wasm = new FakeWasm()
  const runtime = new Runtime(wasm)
  runtime.load(new Uint8Array(1), new Uint8Array(1), {})
  const backend = new LocalBackend(runtime)
  const before = wasm.calls.length
  await backend.warmUp()
  const operations = wasm.calls.slice(before).map(({ name }) => name).filter((name) => name.startsWith('mc_session'))
  assert.deepEqual(operations, ['mc_session_detect_video', 'mc_session_classify'])
  assert.deepEqual(wasm.seen, new Uint8Array(64 * 48 * 4), 'no face in it')
})

test('setOptions keeps what was set before, undefined brings the default back', async () => {
  const { detector } = makeDetector()
  assert.equal(detector.options.minFaceScore, 0.5)
  await detector.setOptions({ minFaceScore: 0.7, maxFaces: 3 })
  const inForce = await detector.setOptions({ minFaceScore: undefined, detectionSize: 320 })
  assert.deepEqual(inForce, { ...DEFAULTS, maxFaces: 3, detectionSize: 320 })
  assert.equal(detector.options, inForce)
})

test('options that are refused change nothing', async () => {
  const { wasm, detector } = makeDetector()
  await detector.setOptions({ maxFaces: 3 })
  await assert.rejects(detector.setOptions({ maxFaces: 2, minFaceScore: 7 }), { code: 'invalid_argument' })
  wasm.status = 1
  await assert.rejects(detector.setOptions({ maxFaces: 2 }), { code: 'invalid_argument' })
  wasm.status = 0
  assert.equal((await detector.setOptions({})).maxFaces, 3)
})

test('wrong types are TypeErrors that name the option', async () => {
  /** @type {[object, RegExp][]} */
  const cases = [
    [{ faceModel: 5 }, /options\.faceModel .* got 5/],
    [{ maskModel: {} }, /options\.maskModel/],
    [{ wasm: true }, /options\.wasm/],
    [{ assetsUrl: 1 }, /options\.assetsUrl/],
    [{ worker: 'yes' }, /options\.worker .*"yes"/],
    [{ signal: {} }, /options\.signal/],
    [{ onProgress: true }, /options\.onProgress/],
    [{ minFaceScore: '0.5' }, /options\.minFaceScore .*"0\.5"/],
    [{ minFaceScores: 0.5 }, /options\.minFaceScores is not an option/],
  ]
  for (const [options, message] of cases) await assert.rejects(MaskDetector.create(options), { name: 'TypeError', message })
  await assert.rejects(MaskDetector.create(any(null)), TypeError)
  const { detector } = makeDetector()
  await assert.rejects(detector.detect(any(5)), TypeError)
  await assert.rejects(detector.detect(PIXELS, { signal: any(1) }), TypeError)
  await assert.rejects(detector.label(PIXELS, any('boxes')), TypeError)
  await assert.rejects(detector.detectForVideo(PIXELS, any('1')), { name: 'TypeError', message: /timestamp .*"1"/ })
  await assert.rejects(detector.detectForVideo(PIXELS, NaN), { code: 'invalid_argument' })
  await assert.rejects(detector.detectForVideo(PIXELS, 0, any({ restart: 1 })), TypeError)
  await assert.rejects(detector.detect(PIXELS, any({ minFaceScore: 0.9 })), { name: 'TypeError', message: /options\.minFaceScore is not an option of detect: give it to create/ })
  await assert.rejects(detector.label(PIXELS, [], any({ restart: true })), { name: 'TypeError', message: /options\.restart is not an option of label$/ })
  await detector.classify(PIXELS, any({ maxFaces: undefined }))
})

test('a detector can be disposed of', { skip: typeof Symbol.dispose !== 'symbol' && 'no Symbol.dispose here' }, async () => {
  const { detector } = makeDetector()
  any(detector)[Symbol.dispose]()
  await assert.rejects(detector.detect(PIXELS), { code: 'closed' })
})
