import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { MaskDetectorError, camera } from '../../web/lib/index.js'

/** @param {object | undefined} mediaDevices */
const pretend = (mediaDevices) => Object.defineProperty(globalThis, 'navigator', { value: { mediaDevices }, configurable: true })
const original = Object.getOwnPropertyDescriptor(globalThis, 'navigator')
afterEach(() => {
  if (original === undefined) Reflect.deleteProperty(globalThis, 'navigator')
  else Object.defineProperty(globalThis, 'navigator', original)
})

/** @param {string} [facingMode] */
function makeStream(facingMode) {
  const track = Object.assign(new EventTarget(), { stopped: 0, stop() { this.stopped++ }, getSettings: () => ({ facingMode }) })
  return { track, stream: { getTracks: () => [track], getVideoTracks: () => [track] } }
}

test('a camera is opened, mirrored unless at the back, and let go of', async () => {
  for (const [facing, mirrored] of /** @type {const} */ ([['user', true], [undefined, true], ['environment', false]])) {
    const { track, stream } = makeStream(facing)
    /** @type {any} */
    let asked
    pretend({ getUserMedia: async (/** @type {object} */ constraints) => ((asked = constraints), stream) })
    const opened = await camera.open({ width: 640 })
    assert.deepEqual(asked, { audio: false, video: { width: { ideal: 640 }, facingMode: { ideal: 'user' } } })
    assert.equal(opened.mirrored, mirrored)
    opened.stop()
    opened.stop()
    assert.equal(await opened.ended, undefined)
    assert.equal(track.stopped, 2)
  }
})

test('one of the list is opened, if it has an id already', async () => {
  for (const [deviceId, wish] of /** @type {const} */ ([['c', { deviceId: { exact: 'c' } }], ['', { facingMode: { ideal: 'user' } }]])) {
    /** @type {any} */
    let asked
    pretend({ getUserMedia: async (/** @type {object} */ constraints) => ((asked = constraints), makeStream().stream) })
    await camera.open({ deviceId })
    assert.deepEqual(asked.video, { width: { ideal: 1280 }, ...wish })
  }
})

test('a camera that is unplugged says so, one that was stopped before does not', async () => {
  const { track, stream } = makeStream()
  pretend({ getUserMedia: async () => stream })
  const opened = await camera.open({ deviceId: 'a' })
  track.dispatchEvent(new Event('ended'))
  const lost = await opened.ended
  assert.ok(lost instanceof MaskDetectorError)
  assert.equal(lost.code, 'camera_lost')
  const stopped = await camera.open()
  stopped.stop()
  track.dispatchEvent(new Event('ended'))
  assert.equal(await stopped.ended, undefined)
})

test('a stream without a picture is no camera, and is let go of', async () => {
  const { track } = makeStream()
  pretend({ getUserMedia: async () => ({ getTracks: () => [track], getVideoTracks: () => [] }) })
  await assert.rejects(camera.open(), { code: 'camera_missing' })
  await new Promise((resolve) => setTimeout(resolve, 1))
  assert.equal(track.stopped, 1)
})

test("each of the browser's refusals has its code", async () => {
  for (const [name, code] of Object.entries({ NotAllowedError: 'camera_denied', SecurityError: 'camera_denied', NotFoundError: 'camera_missing', OverconstrainedError: 'camera_missing', NotReadableError: 'camera_busy', AbortError: 'camera_busy', StrangeError: 'camera_failed' })) {
    const cause = new DOMException('no', name)
    pretend({ getUserMedia: async () => Promise.reject(cause) })
    await assert.rejects(camera.open(), { name: 'MaskDetectorError', code, cause })
  }
})

test('where there are no cameras, it is told whether the page could have one from https', async (t) => {
  pretend(undefined)
  t.after(() => Reflect.deleteProperty(globalThis, 'isSecureContext'))
  for (const [isSecureContext, code] of /** @type {const} */ ([[false, 'camera_insecure'], [true, 'camera_missing']])) {
    Object.assign(globalThis, { isSecureContext })
    await assert.rejects(camera.open(), { code })
    await assert.rejects(camera.list(), { code })
  }
})

test('who wants the camera no more gets the reason at once, and a camera that comes later is let go of', async () => {
  const { track, stream } = makeStream()
  let allow = () => {}
  pretend({ getUserMedia: () => new Promise((resolve) => (allow = () => resolve(stream))) })
  const controller = new AbortController()
  const opening = camera.open({ signal: controller.signal })
  controller.abort(new Error('left the page'))
  await assert.rejects(opening, { message: 'left the page' })
  assert.equal(track.stopped, 0)
  allow()
  await new Promise((resolve) => setTimeout(resolve, 1))
  assert.equal(track.stopped, 1)
  await assert.rejects(camera.open({ signal: controller.signal }), { message: 'left the page' })
})

test('a camera that comes just as nobody wants it any more is let go of, an open one stays open', async () => {
  const { track, stream } = makeStream()
  const controller = new AbortController()
  pretend({ getUserMedia: async () => (controller.abort(), stream) })
  await assert.rejects(camera.open({ signal: controller.signal }), { name: 'AbortError' })
  assert.equal(track.stopped, 1)
  const later = new AbortController()
  pretend({ getUserMedia: async () => stream })
  const opened = await camera.open({ signal: later.signal })
  later.abort()
  assert.equal(track.stopped, 1)
  opened.stop()
})

test('options of a wrong type, unknown ones and impossible widths are refused', async () => {
  pretend({ getUserMedia: async () => makeStream().stream })
  for (const options of [{ deviceId: 1 }, { facingMode: 'left' }, { width: '1' }, { signal: {} }, null]) await assert.rejects(camera.open(/** @type {any} */ (options)), TypeError)
  await assert.rejects(camera.open(/** @type {any} */ ({ height: 480 })), { name: 'TypeError', message: /options\.height is not an option of camera\.open/ })
  for (const width of [0, -1, NaN, Infinity]) await assert.rejects(camera.open({ width }), { code: 'invalid_argument' })
})

test('only cameras are listed', async () => {
  pretend({ enumerateDevices: async () => [{ kind: 'audioinput', deviceId: 'm', label: 'Mic' }, { kind: 'videoinput', deviceId: 'c', label: 'Cam', groupId: 'g' }] })
  assert.deepEqual(await camera.list(), [{ deviceId: 'c', label: 'Cam' }])
})
