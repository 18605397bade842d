import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'node:test'
import { MaskDetectorError } from '../../web/lib/errors.js'
import { watchFrames } from '../../web/lib/watch.js'

/** A video whose frames come when the test says so. */
class FakeVideo extends EventTarget {
  readyState = 4
  videoWidth = 10
  ownerDocument = Object.assign(new EventTarget(), { hidden: false })
  /** @type {(() => void) | undefined} */
  waiting
  requestVideoFrameCallback(/** @type {() => void} */ call) {
    this.waiting = call
    return 1
  }
  cancelVideoFrameCallback() {
    this.waiting = undefined
  }
  /** @param {boolean} hidden whether the page is hidden from now on */
  async hide(hidden) {
    this.ownerDocument.hidden = hidden
    this.ownerDocument.dispatchEvent(new Event('visibilitychange'))
    await sleep(1)
  }
  async frame() {
    const call = this.waiting
    this.waiting = undefined
    call?.()
    await sleep(1)
  }
}

/** @param {FakeVideo} video @param {() => Promise<void>} look @param {(error: unknown) => void} [fail] @param {() => void} [ended] */
const watch = (video, look, fail = (error) => assert.fail(String(error)), ended = () => {}) => watchFrames(/** @type {any} */ (video), look, fail, ended)

test('frames that come while one is looked at are left out', async () => {
  const video = new FakeVideo()
  let looks = 0
  let finish = () => {}
  watch(video, () => new Promise((resolve) => (looks++, (finish = resolve))))
  for (let i = 0; i < 5; i++) await video.frame()
  assert.equal(looks, 1)
  finish()
  await sleep(1)
  await video.frame()
  assert.equal(looks, 2)
})

test('a video without a picture is waited for', async () => {
  const video = new FakeVideo()
  video.readyState = 1
  let looks = 0
  watch(video, async () => void looks++)
  await video.frame()
  assert.equal(looks, 0)
  video.readyState = 2
  await video.frame()
  assert.equal(looks, 1)
})

test('the frame of a seek is looked at when it can be read, though no other follows', async () => {
  for (const event of ['seeked', 'loadeddata']) {
    const video = new FakeVideo()
    video.readyState = 1
    let looks = 0
    const stop = watch(video, async () => void looks++)
    await video.frame()
    video.readyState = 2
    video.dispatchEvent(new Event(event))
    await sleep(1)
    assert.equal(looks, 1)
    video.dispatchEvent(new Event(event))
    await sleep(1)
    assert.equal(looks, 1, 'once')
    await video.frame()
    assert.equal(looks, 2)
    stop()
  }
})

test('while the page is hidden nothing is looked at or waited for', async () => {
  const video = new FakeVideo()
  let looks = 0
  const stop = watch(video, async () => void looks++)
  await video.frame()
  await video.hide(true)
  await video.frame() // one that was due
  assert.equal(looks, 1)
  assert.equal(video.waiting, undefined)
  await video.hide(false)
  await video.frame()
  assert.equal(looks, 2)
  await video.hide(true)
  await video.frame()
  stop()
  await video.hide(false)
  assert.equal(video.waiting, undefined)
  assert.equal(looks, 2)
})

test('a video may be watched in a page that is hidden as yet', async () => {
  const video = new FakeVideo()
  await video.hide(true)
  let looks = 0
  watch(video, async () => void looks++)
  assert.equal(video.waiting, undefined)
  await video.hide(false)
  await video.frame()
  assert.equal(looks, 1)
})

test('a video that moves from a hidden page into another window is watched there', async (t) => {
  const video = new FakeVideo()
  const page = video.ownerDocument
  let looks = 0
  await video.hide(true)
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const stop = watch(video, async () => void looks++)
  video.ownerDocument = Object.assign(new EventTarget(), { hidden: false })
  t.mock.timers.tick(1000)
  t.mock.timers.reset()
  await video.frame()
  assert.equal(looks, 1)
  page.dispatchEvent(new Event('visibilitychange'))
  assert.notEqual(video.waiting, undefined)
  stop()
  assert.equal(video.waiting, undefined)
})

test('a video of a document without a window is watched: it may come into a page', async () => {
  const video = new FakeVideo()
  Object.assign(video.ownerDocument, { hidden: true, defaultView: null })
  let looks = 0
  watch(video, async () => void looks++)
  await video.frame()
  assert.equal(looks, 1)
})

test('after stop nothing is looked at, not even a frame that was due', async () => {
  const video = new FakeVideo()
  let looks = 0
  const stop = watch(video, async () => void looks++)
  await video.frame()
  stop()
  assert.equal(video.waiting, undefined)
  await video.frame()
  assert.equal(looks, 1)
})

test('after stop during a look no other frame is waited for', async () => {
  const video = new FakeVideo()
  let looks = 0
  const stop = watch(video, async () => {
    looks++
    stop()
  })
  await video.frame()
  assert.equal(video.waiting, undefined)
  await video.frame()
  assert.equal(looks, 1)
})

test('a failure is told once and ends the watching, a closed detector ends it quietly', async () => {
  for (const [error, told] of /** @type {const} */ ([[new Error('x'), 1], [new MaskDetectorError('closed', ''), 0]])) {
    const video = new FakeVideo()
    /** @type {unknown[]} */
    const errors = []
    watch(video, async () => Promise.reject(error), (reason) => errors.push(reason))
    await video.frame()
    await video.frame()
    assert.equal(errors.length, told)
    assert.equal(video.waiting, undefined)
  }
})

test('the end is told once, whichever it is', async () => {
  for (const error of [undefined, new Error('x'), new MaskDetectorError('closed', '')]) {
    const video = new FakeVideo()
    let ends = 0
    const stop = watch(video, async () => (error ? Promise.reject(error) : undefined), () => {}, () => ends++)
    await video.frame()
    assert.equal(ends, error ? 1 : 0)
    stop()
    stop()
    assert.equal(ends, 1)
  }
})

test('without a call for each frame, a video is looked at when its time has moved', async (t) => {
  const calls = /** @type {(() => void)[]} */ ([])
  Object.assign(globalThis, { requestAnimationFrame: (/** @type {() => void} */ call) => calls.push(call), cancelAnimationFrame: (/** @type {number} */ handle) => delete calls[handle - 1] })
  t.after(() => ['requestAnimationFrame', 'cancelAnimationFrame'].forEach((name) => Reflect.deleteProperty(globalThis, name)))
  const video = { readyState: 4, videoWidth: 10, ownerDocument: Object.assign(new EventTarget(), { hidden: false }), currentTime: 0 }
  let looks = 0
  const stop = watch(/** @type {any} */ (video), async () => void looks++)
  const paint = async () => {
    for (const call of calls.splice(0)) call?.()
    await sleep(1)
  }
  for (const [time, expected] of /** @type {const} */ ([[0, 0], [0.1, 1], [0.1, 1], [0.1, 1], [0.2, 2]])) {
    video.currentTime = time
    await paint()
    assert.equal(looks, expected)
  }
  video.currentTime = 0.3
  stop()
  await paint()
  assert.equal(looks, 2)
})
