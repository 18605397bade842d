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

test('a stream without a picture is no camera', async () => {
  pretend({ getUserMedia: async () => ({ getTracks: () => [], getVideoTracks: () => [] }) })
  await assert.rejects(camera.open(), { code: 'camera_missing' })
})

test("each of the browser's refusals has its code", async () => {
  for (const [name, code] of Object.entries({ NotAllowedError: 'camera_denied', SecurityError: 'camera_denied', NotFoundError: 'camera_missing', OverconstrainedError: 'camera_missing', NotReadableError: 'camera_busy', AbortError: 'camera_busy', StrangeError: 'internal' })) {
    const cause = new DOMException('no', name)
    pretend({ getUserMedia: async () => Promise.reject(cause) })
    await assert.rejects(camera.open(), { name: 'MaskDetectorError', code, cause })
  }
  pretend(undefined)
  await assert.rejects(camera.open(), { code: 'camera_insecure' })
  await assert.rejects(camera.list(), { code: 'camera_insecure' })
})

test('options of a wrong type are refused', async () => {
  for (const options of [{ deviceId: 1 }, { facingMode: 'left' }, { width: '1' }, null]) await assert.rejects(camera.open(/** @type {any} */ (options)), TypeError)
})

test('only cameras are listed', async () => {
  pretend({ enumerateDevices: async () => [{ kind: 'audioinput', deviceId: 'm', label: 'Mic' }, { kind: 'videoinput', deviceId: 'c', label: 'Cam', groupId: 'g' }] })
  assert.deepEqual(await camera.list(), [{ deviceId: 'c', label: 'Cam' }])
})
