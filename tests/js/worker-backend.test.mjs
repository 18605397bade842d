import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WorkerBackend } from '../../web/lib/worker-backend.js'
import { canvasOf, pretend } from './fake-browser.mjs'

/** Of a browser that does not say how frames are turned. */
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

test('a video is handed over as a frame only if that is as the video shows it', async (t) => {
  pretend(t, { VideoFrame: Frame, OffscreenCanvas: canvasOf([255, 255, 255, 255]) })
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
