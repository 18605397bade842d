import { MaskDetectorError } from './errors.js'

/**
 * Calls back for frame after frame of a video. Frames that come while one is being looked at are left out, so results
 * never lag behind; while the page is hidden nothing is done.
 *
 * @param {HTMLVideoElement} video playing or not: without new frames nothing happens
 * @param {() => Promise<void>} look at the present frame; the next one is waited for after it is done
 * @param {(error: unknown) => void} fail called once when looking failed; nothing follows
 * @param {() => void} ended called once, however it ends
 * @returns {() => void} stops
 */
export function watchFrames(video, look, fail, ended) {
  let stopped = false
  let cancel = () => {}
  const stop = () => {
    if (stopped) return
    stopped = true
    cancel()
    ended()
  }
  const wait = () => {
    cancel = isHidden(video) ? onceShown(video, wait) : onNextFrame(video, step)
  }
  const step = async () => {
    try {
      const isReady = video.readyState >= 2 && video.videoWidth > 0
      // Browsers give hardly any frames to a hidden page, but some do.
      if (isReady && !isHidden(video)) await look()
      if (stopped) return
      if (isReady) wait()
      else cancel = onceReady(video, step)
    } catch (error) {
      if (stopped) return
      stop()
      if (!(error instanceof MaskDetectorError && error.code === 'closed')) fail(error)
    }
  }
  wait()
  return stop
}

/** A document without a window, of a template for instance, is hidden always. @param {HTMLVideoElement} video */
const isHidden = ({ ownerDocument }) => ownerDocument.defaultView !== null && ownerDocument.hidden

/**
 * @param {HTMLVideoElement} video
 * @param {() => void} call when the page may be shown
 * @returns {() => void} cancels
 */
function onceShown({ ownerDocument }, call) {
  const once = () => {
    cancel()
    call()
  }
  // No event tells that the video was moved into another window (Document Picture-in-Picture).
  const moved = setTimeout(once, 1000)
  const cancel = () => {
    clearTimeout(moved)
    ownerDocument.removeEventListener('visibilitychange', once)
  }
  ownerDocument.addEventListener('visibilitychange', once)
  return cancel
}

/**
 * The frame of a seek, and the first one, may be shown before it can be read; in a paused video no other follows.
 * @param {HTMLVideoElement} video
 * @param {() => void} call when it can be read, or another frame is there
 * @returns {() => void} cancels
 */
function onceReady(video, call) {
  const events = ['loadeddata', 'seeked']
  const once = () => {
    cancel()
    call()
  }
  const cancelFrame = onNextFrame(video, once)
  const cancel = () => {
    cancelFrame()
    for (const event of events) video.removeEventListener(event, once)
  }
  for (const event of events) video.addEventListener(event, once)
  return cancel
}

/**
 * @param {HTMLVideoElement} video
 * @param {() => void} call
 * @returns {() => void} cancels
 */
function onNextFrame(video, call) {
  if (typeof video.requestVideoFrameCallback === 'function') {
    const handle = video.requestVideoFrameCallback(call)
    return () => video.cancelVideoFrameCallback(handle)
  }
  // Elsewhere a frame is new when the video's time has moved.
  const { currentTime } = video
  const step = () => {
    if (video.currentTime === currentTime) handle = requestAnimationFrame(step)
    else call()
  }
  let handle = requestAnimationFrame(step)
  return () => cancelAnimationFrame(handle)
}
