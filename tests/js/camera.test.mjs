import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { listCameras, openCamera } from '../../web/lib/camera.js'

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
    const camera = await openCamera({ width: 640 })
    assert.deepEqual(asked, { audio: false, video: { width: { ideal: 640 }, facingMode: { ideal: 'user' } } })
    assert.equal(camera.mirrored, mirrored)
    camera.stop()
    await camera.ended
    assert.equal(track.stopped, 1)
  }
})

test('a camera that is unplugged ends', async () => {
  const { track, stream } = makeStream()
  pretend({ getUserMedia: async () => stream })
  const camera = await openCamera({ deviceId: 'a' })
  track.dispatchEvent(new Event('ended'))
  await camera.ended
})

test("each of the browser's refusals has its code", async () => {
  for (const [name, code] of Object.entries({ NotAllowedError: 'camera_denied', SecurityError: 'camera_denied', NotFoundError: 'camera_missing', OverconstrainedError: 'camera_missing', NotReadableError: 'camera_busy', StrangeError: 'internal' })) {
    const cause = new DOMException('no', name)
    pretend({ getUserMedia: async () => Promise.reject(cause) })
    await assert.rejects(openCamera(), { name: 'MaskDetectorError', code, cause })
  }
  pretend(undefined)
  await assert.rejects(openCamera(), { code: 'camera_insecure' })
  await assert.rejects(listCameras(), { code: 'camera_insecure' })
})

test('options of a wrong type are refused', async () => {
  for (const options of [{ deviceId: 1 }, { facingMode: 'left' }, { width: '1' }, null]) await assert.rejects(openCamera(/** @type {any} */ (options)), TypeError)
})

test('only cameras are listed', async () => {
  pretend({ enumerateDevices: async () => [{ kind: 'audioinput', deviceId: 'm', label: 'Mic' }, { kind: 'videoinput', deviceId: 'c', label: 'Cam', groupId: 'g' }] })
  assert.deepEqual(await listCameras(), [{ deviceId: 'c', label: 'Cam' }])
})
