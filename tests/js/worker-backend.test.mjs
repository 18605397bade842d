import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WorkerBackend } from '../../web/lib/worker-backend.js'

/** A browser whose frames do not say how they are turned, and whose canvas gives white. */
class Frame {
  static size = [2, 1]
  static open = 0
  displayWidth = Frame.size[0]
  displayHeight = Frame.size[1]
  constructor() {
    Frame.open++
  }
  close() {
    Frame.open--
  }
}
class Canvas {
  getContext() {
    const getImageData = (/** @type {number} */ _x, /** @type {number} */ _y, /** @type {number} */ width, /** @type {number} */ height) => ({ data: new Uint8ClampedArray(width * height * 4).fill(255), width, height })
    return { canvas: this, fillRect() {}, drawImage() {}, getImageData }
  }
}

test('a video is handed over as a frame only if that is as the video shows it', async (t) => {
  Object.assign(globalThis, { VideoFrame: Frame, OffscreenCanvas: Canvas })
  t.after(() => ['VideoFrame', 'OffscreenCanvas'].forEach((name) => Reflect.deleteProperty(globalThis, name)))
  const backend = new WorkerBackend(/** @type {any} */ (new EventTarget()))
  const video = { [Symbol.toStringTag]: 'HTMLVideoElement', readyState: 4, videoWidth: 2, videoHeight: 1, currentTime: 0, srcObject: /** @type {unknown} */ ({}) }
  const handedOver = async () => {
    const { payload, release } = await backend.capture(video)
    const { source } = payload
    release()
    return source instanceof Frame ? 'frame' : 'data' in source ? `pixels ${source.width}x${source.height}` : source
  }
  assert.equal(await handedOver(), 'frame', 'of a camera')
  Frame.size = [1, 2]
  assert.equal(await handedOver(), 'pixels 2x1', 'of a camera that is turned')
  Frame.size = [2, 1]
  video.srcObject = null
  assert.equal(await handedOver(), 'pixels 2x1', 'of a file, which may be turned by 180 degrees')
  Object.assign(Frame.prototype, { rotation: 180 })
  assert.equal(await handedOver(), 'frame', 'one that says so is turned later')
  assert.equal(Frame.open, 0)
})
