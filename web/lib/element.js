import { ENGLISH, ElementView } from './element-view.js'
import { MaskDetector, MaskDetectorError, camera as cameras } from './index.js'
import { reflect } from './reflect.js'

/** @typedef {import('./result.js').DetectionResult} DetectionResult */
/** @typedef {import('./element-view.js').ElementTexts} ElementTexts */

/** Properties that are texts, by attribute. */
const TEXTS = Object.freeze({ src: 'src', alt: 'alt', 'assets-url': 'assetsUrl' })

/** Those that are options of the detector. */
const OPTIONS = Object.freeze(/** @type {const} */ ({
  'min-face-score': 'minFaceScore',
  'min-mask-probability': 'minMaskProbability',
  'min-face-size': 'minFaceSize',
  'max-faces': 'maxFaces',
  'detection-size': 'detectionSize',
  'video-detection-size': 'videoDetectionSize',
}))

// Where there are no elements, as when a framework renders on a server, importing this does no harm.
const Base = globalThis.HTMLElement ?? /** @type {typeof HTMLElement} */ (/** @type {unknown} */ (class {}))

/**
 * `<mask-check>`: a picture or the camera with a box and words for each face. Importing `maskcheck/element` defines it.
 *
 * | attribute | meaning |
 * |---|---|
 * | `src` | a picture to check; from another origin only if its server allows it (CORS) |
 * | `alt` | what the picture shows, for those who do not see it; default: `texts.name` |
 * | `camera` | there is a button that starts and stops the camera; `camera="environment"` prefers the one at the back; a change takes effect at once, removing the attribute stops it |
 * | `assets-url` | a folder with copies of this package's .onnx and .wasm files; read when the detector is made |
 * | `min-face-score`, `min-mask-probability`, `min-face-size`, `max-faces`, `detection-size`, `video-detection-size` | the detector's options; its default where one is missing or blank |
 *
 * Each has a property: `src`, `camera`, `minFaceScore` and so on.
 *
 * | event | when |
 * |---|---|
 * | `mask-result` | a picture or frame was checked; `detail` is the result |
 * | `mask-error` | something failed; `detail` is the error, the element shows its message, or the words for its code in `texts.errors` |
 *
 * Parts for styling: `group`, `stage`, `video`, `image`, `box`, `button`, `status`.
 */
export class MaskCheckElement extends Base {
  static observedAttributes = ['src', 'alt', 'camera', ...Object.keys(OPTIONS)]

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
  #leave = () => this.stop()
  /** @type {Readonly<DetectionResult> | undefined} */
  #result
  /** What was found in the picture in `src`. @type {import('./element-view.js').Scene | undefined} */
  #seen
  /** Ends the asking for a camera. */
  #asking = new AbortController()
  /** Counts what was asked of `src`, so that an answer that comes too late is not shown. */
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
    for (const name of ['texts', 'camera', ...Object.values(TEXTS), ...Object.values(OPTIONS)]) this.#adopt(name)
    this.#connected = true
    this.#view.alt = this.getAttribute('alt')
    this.#view.showCamera(this.hasAttribute('camera'))
    if (this.hasAttribute('src')) this.#checkSrc()
    // A window that is closed takes nothing out of its page.
    this.#window = this.ownerDocument.defaultView
    this.#window?.addEventListener('pagehide', this.#leave)
  }

  disconnectedCallback() {
    this.#connected = false
    this.#window?.removeEventListener('pagehide', this.#leave)
    this.#begin()
    this.#srcWish++
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
      if (after === null) this.stop()
      else if (this.running && facing(before) !== facing(after)) this.#restart()
    } else if (name === 'alt') this.#view.alt = after
    else if (name === 'src') this.#checkSrc()
    else this.#applyOptions()
  }

  /** Takes over a property that was set before this class was there. @param {string} name */
  #adopt(name) {
    if (!Object.hasOwn(this, name)) return
    const value = Reflect.get(this, name)
    Reflect.deleteProperty(this, name)
    Reflect.set(this, name, value)
  }

  /**
   * Starts the camera, after the person has allowed it. The button does the same.
   * @returns {Promise<void>}
   * @throws {MaskDetectorError} as `MaskDetector.create` and `camera.open`, and `not_ready` while the element is in no page; also told
   *   by `mask-error`
   */
  async start() {
    if (this.running) return
    this.#begin()
    const { signal } = (this.#asking = new AbortController())
    this.#view.running = true
    try {
      const opening = this.#load()
      const camera = await cameras.open({ facingMode: facing(this.getAttribute('camera')), signal })
      this.#camera = camera
      await this.#play(opening, camera)
    } catch (error) {
      if (signal.aborted) return
      this.#release()
      this.#fail(error)
      throw error
    }
  }

  /** Stops the camera, if it runs. The picture in `src` is shown and checked again. */
  stop() {
    if (!this.running) return
    this.#begin()
    this.#checkSrc(this.#picture === 'there')
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

  /** Another camera is asked for. */
  #restart() {
    this.#begin()
    this.start().catch(() => {}) // mask-error tells
  }

  /**
   * @param {Promise<MaskDetector>} opening
   * @param {import('./camera.js').Camera} camera
   */
  async #play(opening, camera) {
    const end = (/** @type {unknown} */ error) => {
      this.#begin()
      this.#giveUp(opening, error)
      this.#fail(error)
    }
    camera.ended.then((lost) => lost && camera === this.#camera && end(lost))
    const detector = await opening
    if (camera !== this.#camera) return
    const { video } = this.#view
    const { mirrored } = camera
    const [track] = camera.stream.getVideoTracks()
    // The lid is closed, for instance: what comes then is black, or nothing, for which `play` waits.
    const pause = () => {
      if (camera !== this.#camera || !track?.muted) return
      this.#forget()
      this.#view.say(({ muted }) => muted)
    }
    track?.addEventListener('mute', pause)
    pause()
    video.classList.toggle('mirrored', mirrored)
    video.srcObject = camera.stream
    await video.play().catch((cause) => {
      throw new MaskDetectorError('camera_failed', "the camera's video could not be played", { cause })
    })
    if (camera !== this.#camera) return
    this.#forget()
    this.#view.show('video')
    pause()
    this.#stopWatching = detector.watch(video, (result) => track?.muted || this.#take({ result, live: true, mirrored }), end)
  }

  /** A picture in `src` is checked again, and stays in view meanwhile. */
  async #applyOptions() {
    this.#seen = undefined
    const opening = this.#detector
    // One that cannot be made says so elsewhere, and is made again.
    const isMade = await opening?.then(() => true, () => false)
    try {
      if (opening !== undefined && isMade) await this.#use(opening, (detector) => detector.setOptions(this.#options()).catch(blameAttribute))
    } catch (error) {
      // Closed: the element was taken elsewhere, where it begins anew.
      if (!(error instanceof MaskDetectorError && error.code === 'closed')) this.#fail(error)
      return
    }
    if (this.src && !this.running) this.#checkSrc(this.#picture === 'there')
  }

  /** The one in `src`. @returns {'there' | 'coming' | 'none'} */
  get #picture() {
    const { image } = this.#view
    if (!this.src || image.getAttribute('src') !== this.src) return 'none'
    if (!image.complete) return 'coming'
    return image.naturalWidth > 0 ? 'there' : 'none'
  }

  /** @param {boolean} [isThere] the picture was loaded already; its address may be good for nothing any more */
  async #checkSrc(isThere = false) {
    this.#seen = undefined
    if (!isThere) this.#begin()
    const own = ++this.#srcWish
    const { src } = this
    if (!src) return
    const { image } = this.#view
    try {
      if (!isThere) image.src = src
      this.#view.show('image')
      const opening = this.#load()
      await Promise.all([opening, decode(image, src)])
      const result = await this.#use(opening, (detector) => detector.detect(image))
      if (own !== this.#srcWish) return
      this.#seen = { result, live: false, mirrored: false }
      // The camera may be on by now, or still be asked for, or have failed.
      if (!image.hidden) this.#take(this.#seen)
    } catch (error) {
      if (own !== this.#srcWish || this.running) return
      this.#release()
      this.#fail(error)
    }
  }

  /** Ends what was. */
  #begin() {
    this.#release()
    this.#asking.abort()
  }

  #release() {
    this.#stopWatching()
    this.#stopWatching = () => {}
    const camera = this.#camera
    this.#camera = undefined
    camera?.stop()
    this.#view.video.srcObject = null
    this.#view.running = false
    this.#forget()
    const isShown = this.#picture !== 'none'
    this.#view.show(isShown ? 'image' : 'none')
    if (!isShown || this.#seen === undefined) return
    this.#result = this.#seen.result
    this.#view.showScene(this.#seen)
  }

  #forget() {
    this.#result = undefined
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
    this.#loading = new AbortController()
    const detector = MaskDetector.create({ ...this.#options(), assetsUrl: this.assetsUrl || undefined, signal: this.#loading.signal }).catch(blameAttribute)
    this.#detector = detector
    detector.then(() => (this.#made = detector), () => {
      if (this.#detector === detector) this.#detector = undefined
    })
    return detector
  }

  /** @returns {import('./options.js').DetectionOptions} */
  #options() {
    return Object.fromEntries(Object.values(OPTIONS).map((option) => [option, this[option]]))
  }

  /** @param {import('./element-view.js').Scene} scene */
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
    this.#begin()
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

/** @param {string | null} camera the attribute */
const facing = (camera) => (camera === 'environment' ? 'environment' : 'user')

reflect(MaskCheckElement, TEXTS, (text) => text ?? '')
reflect(MaskCheckElement, { camera: 'camera' }, (text) => (text === null ? null : facing(text)))
reflect(MaskCheckElement, OPTIONS, (text) => (text?.trim() ? Number(text) : undefined))

/** Names the attribute in place of the option. @param {unknown} error @returns {never} */
function blameAttribute(error) {
  if (!(error instanceof MaskDetectorError && error.message.startsWith('options.'))) throw error
  const message = error.message.replace(/^options\.(\w+)/, (_, option) => option.replaceAll(/[A-Z]/g, (/** @type {string} */ letter) => `-${letter.toLowerCase()}`))
  throw new MaskDetectorError(error.code, message, { cause: error })
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
