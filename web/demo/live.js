import { camera as cameras } from './lib/index.js'
import { text } from './texts.js'

/**
 * @typedef {object} LiveEvents
 * @property {(result: import('./lib/index.js').VideoResult) => void} onResult
 * @property {(running: boolean) => void} onChange false: also when it was still asked for
 * @property {(error: unknown) => void} onError the camera is off then
 * @property {() => void} onUnplugged the camera is off then
 * @property {() => void} onMuted it is on, but gives no picture until the next result
 */

/** The live camera: on or off, which one, and what is seen in it. */
export class Live {
  #video
  #select
  #detectors
  #events
  /** @type {import('./lib/index.js').Camera | undefined} */
  #camera
  #stopWatching = () => {}
  /** From the start, also while the browser asks for permission, to the stop. @type {AbortController | undefined} */
  #wish

  /**
   * @param {HTMLVideoElement} video
   * @param {HTMLSelectElement} select of the device
   * @param {import('./lasting-detector.js').LastingDetector} detectors
   * @param {LiveEvents} events
   */
  constructor(video, select, detectors, events) {
    this.#video = video
    this.#select = select
    this.#detectors = detectors
    this.#events = events
    detectors.onFailed = (error) => this.running && this.#fail(error)
  }

  get running() {
    return this.#camera !== undefined
  }

  /** On, or about to be. */
  get wanted() {
    return this.#wish !== undefined
  }

  get mirrored() {
    return this.#camera?.mirrored ?? false
  }

  async start() {
    this.stop()
    const own = (this.#wish = new AbortController())
    try {
      const loading = this.#detectors.get()
      const opened = await cameras.open({ deviceId: this.#select.value, signal: own.signal })
      this.#camera = opened
      opened.ended.then(() => {
        if (this.#camera !== opened) return
        this.stop()
        this.#forgetDevices()
        this.#events.onUnplugged()
      })
      await loading
      await this.#play(opened)
    } catch (error) {
      if (own === this.#wish) this.#fail(error)
    }
  }

  stop() {
    if (this.#wish === undefined) return
    this.#wish.abort()
    this.#wish = undefined
    this.#stopWatching()
    this.#stopWatching = () => {}
    this.#camera?.stop()
    this.#camera = undefined
    this.#video.srcObject = null
    this.#events.onChange(false)
  }

  /** @param {import('./lib/index.js').Camera} opened */
  async #play(opened) {
    if (this.#camera !== opened) return
    this.#video.classList.toggle('mirrored', opened.mirrored)
    this.#video.srcObject = opened.stream
    await this.#video.play()
    const detector = await this.#detectors.get()
    if (this.#camera !== opened) return
    this.#events.onChange(true)
    const [track] = opened.stream.getVideoTracks()
    const pause = () => track?.muted && this.#camera === opened && this.#events.onMuted()
    track?.addEventListener('mute', pause)
    pause()
    const onResult = (/** @type {import('./lib/index.js').VideoResult} */ result) => track?.muted || this.#events.onResult(result)
    this.#stopWatching = detector.watch(this.#video, onResult, (error) => {
      this.#detectors.notice(detector, error)
      if (this.running) this.#fail(error)
    })
    await this.#fillDevices(opened).catch(() => {}) // There is a camera, if no choice.
  }

  /** @param {unknown} error */
  #fail(error) {
    this.stop()
    this.#forgetDevices()
    this.#events.onError(error)
  }

  /** The chosen one may be gone: the next start takes any. */
  #forgetDevices() {
    this.#select.replaceChildren()
    this.#select.hidden = true
  }

  /** @param {import('./lib/index.js').Camera} opened */
  async #fillDevices(opened) {
    const devices = await cameras.list()
    const present = opened.stream.getVideoTracks()[0]?.getSettings().deviceId
    const options = devices.map(({ deviceId, label }, index) => new Option(label || text('cameraNumber', { n: index + 1 }), deviceId, false, deviceId === present))
    this.#select.replaceChildren(...options)
    this.#select.hidden = devices.length < 2
  }
}
