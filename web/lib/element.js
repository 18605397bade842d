import { ENGLISH, ElementView } from './element-view.js'
import { MaskDetector, MaskDetectorError, camera as cameras } from './index.js'

/** @typedef {import('./result.js').DetectionResult} DetectionResult */
/** @typedef {import('./element-view.js').ElementTexts} ElementTexts */

/** Attributes that are options of the detector. @type {Readonly<Record<string, keyof import('./options.js').DetectionOptions>>} */
const OPTIONS = Object.freeze({
  'min-face-score': 'minFaceScore',
  'min-mask-probability': 'minMaskProbability',
  'min-face-size': 'minFaceSize',
  'max-faces': 'maxFaces',
  'detection-size': 'detectionSize',
  'video-detection-size': 'videoDetectionSize',
})

// Where there are no elements, as when a framework renders on a server, importing this does no harm.
const Base = globalThis.HTMLElement ?? /** @type {typeof HTMLElement} */ (/** @type {unknown} */ (class {}))

/**
 * `<mask-check>`: a picture or the camera with a box and words for each face. Importing `maskcheck/element` defines it.
 *
 * | attribute | meaning |
 * |---|---|
 * | `src` | a picture to check; from another origin only if its server allows it (CORS) |
 * | `camera` | there is a button that starts and stops the camera; `camera="environment"` prefers the one at the back; removing the attribute stops it |
 * | `assets-url` | a folder with copies of this package's .onnx and .wasm files; read when the detector is made |
 * | `min-face-score`, `min-mask-probability`, `min-face-size`, `max-faces`, `detection-size`, `video-detection-size` | the detector's options |
 *
 * | event | when |
 * |---|---|
 * | `mask-result` | a picture or frame was checked; `detail` is the result |
 * | `mask-error` | something failed; `detail` is the error, the element shows its message, or the words for its code in `texts.errors` |
 *
 * Parts for styling: `group`, `stage`, `video`, `image`, `box`, `button`, `status`.
 */
export class MaskCheckElement extends Base {
  static observedAttributes = ['src', 'camera', ...Object.keys(OPTIONS)]

  #view
  #connected = false
  /** @type {Promise<MaskDetector> | undefined} */
  #detector
  /** The last one that could be made. @type {Promise<MaskDetector> | undefined} */
  #made
  /** What was told last. @type {unknown} */
  #failure
  #loading = new AbortController()
  /** @type {import('./camera.js').Camera | undefined} */
  #camera
  #stopWatching = () => {}
  /** @type {Window | null} */
  #window = null
  #leave = () => void (this.running && this.stop())
  /** @type {Readonly<DetectionResult> | undefined} */
  #result
  /** Counts what was asked for, so that an answer that comes too late is not shown. */
  #wish = 0
  /** The last wish that was for the picture in `src`. */
  #srcWish = 0

  constructor() {
    super()
    this.#view = new ElementView(this.attachShadow({ mode: 'open' }), () => (this.running ? this.stop() : this.start().catch(() => {})))
  }

  /** The last result. @returns {Readonly<DetectionResult> | undefined} */
  get result() {
    return this.#result
  }

  /** Whether the camera runs, or is about to. @returns {boolean} */
  get running() {
    return this.#view.running
  }

  /** The words in use; set some of them for another language. @returns {Partial<ElementTexts>} */
  get texts() {
    return this.#view.texts
  }

  set texts(texts) {
    this.#view.texts = Object.freeze({ ...ENGLISH, ...texts })
  }

  connectedCallback() {
    this.#connected = true
    // Set before this class was there to set it.
    if (Object.hasOwn(this, 'texts')) {
      const { texts } = this
      Reflect.deleteProperty(this, 'texts')
      this.texts = texts
    }
    this.#view.showCamera(this.hasAttribute('camera'))
    if (this.hasAttribute('src')) this.#checkSrc()
    // A window that is closed takes nothing out of its page.
    this.#window = this.ownerDocument.defaultView
    this.#window?.addEventListener('pagehide', this.#leave)
  }

  disconnectedCallback() {
    this.#connected = false
    this.#window?.removeEventListener('pagehide', this.#leave)
    this.stop()
    this.#loading.abort(outOfPage())
    this.#detector?.then((detector) => detector.close(), () => {})
    this.#detector = undefined
  }

  adoptedCallback() {
    this.#view.adoptStyle()
  }

  /**
   * @param {string} name
   * @param {string | null} before
   * @param {string | null} after
   */
  attributeChangedCallback(name, before, after) {
    if (!this.#connected || before === after) return
    if (name === 'camera') {
      this.#view.showCamera(after !== null)
      if (after === null && this.running) this.stop()
    } else if (name === 'src') this.#checkSrc()
    else this.#applyOptions()
  }

  /**
   * Starts the camera, after the person has allowed it. The button does the same.
   * @returns {Promise<void>}
   * @throws {MaskDetectorError} as `MaskDetector.create` and `camera.open`, and `not_ready` while the element is in no page; also told
   *   by `mask-error`
   */
  async start() {
    if (this.running) return
    const own = this.#begin()
    this.#view.running = true
    try {
      const facingMode = this.getAttribute('camera') === 'environment' ? 'environment' : 'user'
      const opening = this.#load()
      const camera = await cameras.open({ facingMode })
      if (own !== this.#wish) return camera.stop()
      this.#camera = camera
      await this.#play(opening, camera)
    } catch (error) {
      if (own !== this.#wish) return
      this.#release()
      this.#fail(error)
      throw error
    }
  }

  /** Stops the camera and forgets what was shown. */
  stop() {
    this.#begin()
  }

  /**
   * Checks a picture of the caller's without showing it.
   * @param {import('./sources.js').Source} source
   * @returns {Promise<DetectionResult>}
   * @throws {TypeError | MaskDetectorError} as `MaskDetector.create` and `detect`, and `not_ready` while the element is in no page
   */
  async check(source) {
    return this.#use(this.#open(), (detector) => detector.detect(source))
  }

  /**
   * @param {Promise<MaskDetector>} opening
   * @param {import('./camera.js').Camera} camera
   */
  async #play(opening, camera) {
    const end = (/** @type {unknown} */ error) => {
      this.stop()
      this.#giveUp(opening, error)
      this.#fail(error)
    }
    camera.ended.then((lost) => lost && camera === this.#camera && end(lost))
    const detector = await opening
    if (camera !== this.#camera) return
    const { video } = this.#view
    const { mirrored } = camera
    video.classList.toggle('mirrored', mirrored)
    video.srcObject = camera.stream
    await video.play()
    if (camera !== this.#camera) return
    this.#view.show('video')
    this.#stopWatching = detector.watch(video, (result) => this.#take({ result, live: true, mirrored }), end)
  }

  /** A picture in `src` is checked again, and stays in view meanwhile. */
  async #applyOptions() {
    const opening = this.#detector
    // One that cannot be made says so elsewhere, and is made again.
    const isMade = await opening?.then(() => true, () => false)
    try {
      if (opening !== undefined && isMade) await this.#use(opening, (detector) => detector.setOptions(this.#options()))
    } catch (error) {
      // Closed: the element was taken elsewhere, where it begins anew.
      if (!(error instanceof MaskDetectorError && error.code === 'closed')) this.#fail(error)
      return
    }
    const { image } = this.#view
    const isThere = image.getAttribute('src') === this.getAttribute('src') && image.complete && image.naturalWidth > 0
    if (this.#srcWish === this.#wish) this.#checkSrc(isThere)
  }

  /** @param {boolean} [isThere] the picture was loaded already; its address may be good for nothing any more */
  async #checkSrc(isThere = false) {
    const own = (this.#srcWish = isThere ? ++this.#wish : this.#begin())
    const src = this.getAttribute('src')
    if (!src) return
    const { image } = this.#view
    try {
      if (!isThere) image.src = src
      const opening = this.#load()
      await Promise.all([opening, decode(image, src)])
      const result = await this.#use(opening, (detector) => detector.detect(image))
      if (own !== this.#wish) return
      this.#view.show('image')
      this.#take({ result, live: false, mirrored: false })
    } catch (error) {
      if (own !== this.#wish) return
      this.#release()
      this.#fail(error)
    }
  }

  /** Ends what was. @returns {number} the new wish */
  #begin() {
    this.#release()
    return ++this.#wish
  }

  #release() {
    this.#stopWatching()
    this.#stopWatching = () => {}
    const camera = this.#camera
    this.#camera = undefined
    camera?.stop()
    this.#result = undefined
    this.#view.video.srcObject = null
    this.#view.running = false
    this.#view.show('none')
    this.#view.clear()
  }

  /** What follows tells how it went. */
  #load() {
    const opening = this.#open()
    if (opening !== this.#made) this.#view.say(({ loading }) => loading)
    return opening
  }

  /** The detector is made when it is first needed; after a failure, the next need tries again. @returns {Promise<MaskDetector>} */
  #open() {
    if (this.#detector !== undefined) return this.#detector
    // Nobody would tell when it is of no more use.
    if (!this.#connected) throw outOfPage()
    const assetsUrl = this.getAttribute('assets-url')
    this.#loading = new AbortController()
    const detector = MaskDetector.create({ ...this.#options(), ...(assetsUrl !== null && { assetsUrl }), signal: this.#loading.signal })
    this.#detector = detector
    detector.then(() => (this.#made = detector), () => {
      if (this.#detector === detector) this.#detector = undefined
    })
    return detector
  }

  /** @returns {import('./options.js').DetectionOptions} */
  #options() {
    const values = Object.entries(OPTIONS).map(([attribute, option]) => {
      const value = this.getAttribute(attribute)
      return [option, value === null ? undefined : Number(value)]
    })
    return Object.fromEntries(values)
  }

  /** @param {{ result: DetectionResult, live: boolean, mirrored: boolean }} scene */
  #take(scene) {
    this.#result = scene.result
    this.#view.showScene(scene)
    this.dispatchEvent(new CustomEvent('mask-result', { detail: scene.result, bubbles: true, composed: true }))
  }

  /**
   * @template T
   * @param {Promise<MaskDetector>} opening
   * @param {(detector: MaskDetector) => Promise<T>} call
   * @returns {Promise<T>}
   */
  async #use(opening, call) {
    const detector = await opening
    try {
      return await call(detector)
    } catch (error) {
      this.#giveUp(opening, error)
      throw error
    }
  }

  /**
   * A detector that failed for good is not asked again, and with it the camera ends.
   * @param {Promise<MaskDetector>} failed
   * @param {unknown} error
   */
  #giveUp(failed, error) {
    if (failed !== this.#detector || !(error instanceof MaskDetectorError && error.endsDetector)) return
    failed.then((detector) => detector.close(), () => {})
    this.#detector = undefined
    if (!this.running) return
    this.stop()
    this.#fail(error)
  }

  /** Once for each, though more than one call may have failed with it. @param {unknown} error */
  #fail(error) {
    if (error === this.#failure) return
    this.#failure = error
    const code = error instanceof MaskDetectorError ? error.code : undefined
    this.#view.say(({ errors }) => (code && errors?.[code]) ?? (error instanceof Error ? error.message : String(error)))
    this.dispatchEvent(new CustomEvent('mask-error', { detail: error, bubbles: true, composed: true }))
  }
}

const outOfPage = () => new MaskDetectorError('not_ready', 'the element is in no page')

/** @param {HTMLImageElement} image @param {string} src */
async function decode(image, src) {
  // As long as it loads Firefox speaks of the picture before.
  if (!image.complete) await new Promise((resolve) => ['load', 'error'].forEach((event) => image.addEventListener(event, resolve, { once: true })))
  try {
    await image.decode()
  } catch (cause) {
    const from = src.length > 200 ? `${src.slice(0, 40)}…` : src
    const foreign = /^https?:/.test(image.src) && new URL(image.src).origin !== location.origin
    throw new MaskDetectorError('image_invalid', `the picture could not be loaded from ${from}${foreign ? ', whose server has to allow it (CORS)' : ''}`, { cause })
  }
}

if (globalThis.customElements?.get('mask-check') === undefined) globalThis.customElements?.define('mask-check', MaskCheckElement)
