import { camera as cameras } from './lib/index.js'
import { text } from './texts.js'

/**
 * @typedef {object} LiveEvents
 * @property {(result: import('./lib/index.js').VideoResult) => void} onResult
 * @property {(running: boolean) => void} onChange
 * @property {(error: unknown) => void} onError the camera is off then
 * @property {() => void} onUnplugged the camera is off then
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
  /** Counts starts and stops, so that a camera that opens too late is let go of. */
  #wish = 0

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

  get mirrored() {
    return this.#camera?.mirrored ?? false
  }

  async start() {
    this.stop()
    const own = this.#wish
    try {
      const loading = this.#detectors.get()
      const opened = await cameras.open(this.#select.value ? { deviceId: this.#select.value } : {})
      if (own !== this.#wish) return opened.stop()
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
    this.#wish++
    this.#stopWatching()
    this.#stopWatching = () => {}
    const stopped = this.#camera
    this.#camera = undefined
    stopped?.stop()
    this.#video.srcObject = null
    if (stopped) this.#events.onChange(false)
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
    this.#stopWatching = detector.watch(this.#video, this.#events.onResult, (error) => {
      this.#detectors.notice(detector, error)
      if (this.running) this.#fail(error)
    })
    await this.#fillDevices(opened)
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
