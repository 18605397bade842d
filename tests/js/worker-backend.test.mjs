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

test('an SVG of which the browser makes a bitmap of another shape is drawn', async (t) => {
  let closed = 0
  pretend(t, { OffscreenCanvas: canvasOf([0, 0, 0, 255]), createImageBitmap: async () => ({ width: 300, height: 150, close: () => void closed++ }) })
  const backend = new WorkerBackend(/** @type {any} */ (new EventTarget()))
  const image = { [Symbol.toStringTag]: 'HTMLImageElement', complete: true, naturalWidth: 100, naturalHeight: 100 }
  const { payload } = await backend.capture(image)
  assert.ok('data' in payload.source)
  assert.deepEqual([payload.source.width, payload.source.height, closed], [100, 100, 1])
})

test('a worker that never answers is given up, at the end of its time or when the caller wants no more', async (t) => {
  class SilentWorker extends EventTarget {
    static ended = 0
    postMessage() {}
    terminate() {
      SilentWorker.ended++
    }
  }
  pretend(t, { Worker: SilentWorker })
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const failure = WorkerBackend.open().failure()
  t.mock.timers.tick(29999)
  assert.equal(SilentWorker.ended, 0)
  t.mock.timers.tick(1)
  assert.match(String(await failure), /worker failed: it did not start within 30 s/)
  assert.equal(SilentWorker.ended, 1)

  const controller = new AbortController()
  const stopped = WorkerBackend.open().failure(controller.signal)
  controller.abort(new Error('left the page'))
  assert.match(String(await stopped), /left the page/)
  assert.equal(SilentWorker.ended, 2)
})
