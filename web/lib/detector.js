import { checkSignal, throwIfAborted, unlessAborted } from './abort.js'
import { checkAsset, isModule, isUrl } from './assets.js'
import { MaskDetectorError } from './errors.js'
import { loadFiles } from './load-files.js'
import { LocalBackend } from './local-backend.js'
import { checkBoxes, checkDetectionOptions, checkFinite, checkObject, describe, refuseOptions } from './options.js'
import { tagOf } from './tag.js'
import { VERSION } from './version.js'
import { watchFrames } from './watch.js'
import { WorkerBackend } from './worker-backend.js'

/** @typedef {import('./options.js').DetectionOptions} DetectionOptions */
/** @typedef {import('./options.js').DetectionOptionsInForce} DetectionOptionsInForce */
/** @typedef {import('./result.js').DetectionResult} DetectionResult */
/** @typedef {import('./result.js').TrackedFace} TrackedFace */
/** @typedef {import('./result.js').VideoResult} VideoResult */
/** @typedef {import('./sources.js').Source} Source */
/** @typedef {import('./integrity.js').FileInfo} FileInfo */
/** @typedef {import('./runtime.js').ModelFacts} ModelFacts */
/** @typedef {FileInfo & ModelFacts} ModelInfo which model is in use, and what it says about itself */

/**
 * Where files come from and where the work is done.
 * @typedef {object} SetupOptions
 * @property {import('./assets.js').Asset | undefined} [faceModel] ONNX file of the face finder; default: the one in this package
 * @property {import('./assets.js').Asset | undefined} [maskModel] ONNX file of the mask classifier; default: the one in this package
 * @property {import('./assets.js').Asset | WebAssembly.Module | undefined} [wasm] default: the fitting one of the two in this package
 * @property {string | URL | undefined} [assetsUrl] a folder with copies of this package's .onnx and .wasm files, in place of the
 *   package's own folder
 * @property {boolean | undefined} [worker] work in a worker of its own, so that the page stays fluent; default: true where one
 *   can be started (in Node the calling thread works)
 * @property {AbortSignal | undefined} [signal] stops the loading; `create` rejects with its reason
 * @property {import('./progress.js').OnProgress | undefined} [onProgress] told as the files come which share of their bytes is here, [0, 1];
 *   undefined: some are from an address or a Response of your own, and nobody knows how large they are
 */

/** @typedef {SetupOptions & DetectionOptions} CreateOptions */

/**
 * @typedef {object} DetectorInfo
 * @property {string} version of the library
 * @property {import('./wasm-choice.js').WasmVariant | 'custom'} wasm which .wasm file runs
 * @property {string} wasmReason why that one, for people
 * @property {FileInfo} wasmFile
 * @property {{ face: ModelInfo, mask: ModelInfo }} models
 * @property {1} threads that compute
 * @property {boolean} worker whether the work is done in a worker
 * @property {string} workerReason why it is or is not, for people
 */

/**
 * Finds faces and says how each one wears a face mask. Everything happens on this device: the only requests are those
 * for the library's own files, at creation.
 *
 * Calls may overlap: each takes its source at once, and they are answered one after the other.
 *
 * ```js
 * const detector = await MaskDetector.create()
 * const { faces } = await detector.detect(document.querySelector('img'))
 * for (const { box, mask } of faces) console.log(mask.value, mask.probability, box)
 * detector.close()
 * ```
 */
export class MaskDetector {
  /** @type {import('./local-backend.js').Backend<any> | undefined} undefined: closed */
  #backend
  #info
  /** @type {DetectionOptions} as given by the user */
  #given
  #inForce
  /** @type {Promise<unknown>} the end of the line of calls */
  #last = Promise.resolve()
  /** @type {Map<() => void, HTMLVideoElement>} what is watched, by what stops it */
  #watches = new Map()

  /**
   * Use {@link MaskDetector.create}.
   * @param {import('./local-backend.js').Backend<any>} backend
   * @param {DetectorInfo} info
   * @param {DetectionOptions} given
   * @param {DetectionOptionsInForce} inForce
   * @private
   */
  constructor(backend, info, given, inForce) {
    if (backend === undefined) throw new TypeError('use await MaskDetector.create()')
    // Vue and Alpine would put a proxy around it, and private fields cannot be reached through one.
    Object.defineProperty(this, '__v_skip', { value: true })
    this.#backend = backend
    this.#info = Object.freeze(info)
    this.#given = given
    this.#inForce = Object.freeze(inForce)
  }

  /**
   * Loads the library's files and starts. After a failure it can simply be called again.
   * @param {CreateOptions} [options]
   * @returns {Promise<MaskDetector>}
   * @throws {TypeError} an option of a wrong type or an unknown one
   * @throws {MaskDetectorError} `invalid_argument`, `unsupported`, `load_failed`, `hash_mismatch`, `version_mismatch`, `worker_failed`,
   *   `model_invalid`, `model_unsupported`, `out_of_memory`
   */
  static async create(options = {}) {
    const { setup, detection } = splitOptions(options)
    const { worker, signal } = setup
    throwIfAborted(signal)
    const started = openWorker(worker) // while files are loaded
    const { choice, about, ...files } = await loadFiles(setup).catch((error) => {
      started.backend?.close()
      throw error
    })
    const failure = await started.backend?.failure(signal)
    throwIfAborted(signal)
    // Models are handed over: a worker that nobody insists on has to answer first.
    const opened = failure === undefined || worker ? started.backend : undefined
    const config = { ...files, options: detection }
    const { backend, options: inForce, models } = await (opened ? opened.start(config, signal) : LocalBackend.start(config))
    if (signal?.aborted) backend.close()
    throwIfAborted(signal)
    const info = {
      version: VERSION,
      wasm: choice.variant,
      wasmReason: choice.reason,
      wasmFile: about.wasm,
      models: { face: { ...models.face, ...about.face }, mask: { ...models.mask, ...about.mask } },
      threads: /** @type {const} */ (1),
      worker: opened !== undefined,
      workerReason: failure instanceof Error ? failure.message : started.reason,
    }
    return new MaskDetector(backend, info, detection, inForce)
  }

  /** What runs here. @returns {Readonly<DetectorInfo>} */
  get info() {
    return this.#info
  }

  /** The options in force, defaults filled in. @returns {Readonly<DetectionOptionsInForce>} */
  get options() {
    return this.#inForce
  }

  /**
   * Finds and labels the faces of a picture or video frame.
   * @param {Source} source
   * @param {{ signal?: AbortSignal | undefined }} [options] an aborted call rejects with the signal's reason, at once
   * @returns {Promise<DetectionResult>}
   * @throws {TypeError} not a source
   * @throws {MaskDetectorError} `image_invalid`, `image_too_large`, `not_ready`, `tainted_source`, `unsupported`, `closed`,
   *   `out_of_memory`, `worker_failed`, `internal`
   */
  async detect(source, options = {}) {
    return this.#analyse('detect', source, options)
  }

  /**
   * Finds and labels the faces of the next frame of a video. Faces keep their `trackId` from frame to frame, labels do not
   * flicker, and short misses are bridged: see {@link TrackedFace}. A detector follows one video at a time.
   * @param {Source} source the next frame, of the same size as the one before
   * @param {number} [timestamp] of the frame, ms; default: {@link DetectionResult}'s `timestamp`. Steps may be irregular. A step
   *   back or one longer than `trackGapTime` begins a new video, and so does a frame of another size
   * @param {{ signal?: AbortSignal | undefined, restart?: boolean | undefined }} [options] `restart`: this frame begins a new video
   * @returns {Promise<VideoResult>}
   * @throws {TypeError | MaskDetectorError} as {@link MaskDetector.detect}, and `invalid_argument` for a time that is not finite
   */
  async detectForVideo(source, timestamp, options = {}) {
    if (timestamp !== undefined) checkFinite(timestamp, 'timestamp')
    const { restart = false, ...rest } = checkObject(options, 'options')
    if (typeof restart !== 'boolean') throw new TypeError(`options.restart must be a boolean, got ${describe(restart)}`)
    return /** @type {Promise<VideoResult>} */ (this.#analyse('detectForVideo', source, rest, { timestamp, restart }))
  }

  /**
   * Labels a picture that shows one face and little else. One face comes back, its box is the picture.
   * @param {Source} source
   * @param {{ signal?: AbortSignal | undefined }} [options]
   * @returns {Promise<DetectionResult>}
   * @throws {TypeError | MaskDetectorError} as {@link MaskDetector.detect}
   */
  async classify(source, options = {}) {
    return this.#analyse('classify', source, options)
  }

  /**
   * Labels faces that another face finder found. One face per box comes back, in the same order.
   * @param {Source} source
   * @param {import('./options.js').Box[]} boxes px of the source; they may reach out of it; at most 1000
   * @param {{ signal?: AbortSignal | undefined }} [options]
   * @returns {Promise<DetectionResult>}
   * @throws {TypeError | MaskDetectorError} as {@link MaskDetector.detect}, and `invalid_argument` for a box
   */
  async label(source, boxes, options = {}) {
    return this.#analyse('label', source, options, { boxes: checkBoxes(boxes) })
  }

  /**
   * Looks at a video as it plays, with {@link MaskDetector.detectForVideo}: calls back with one result after the other, leaves
   * out the frames that come meanwhile, and rests while the page is hidden.
   * @param {HTMLVideoElement} video it may start, pause or change its source at any time
   * @param {(result: VideoResult) => void} onResult
   * @param {(error: unknown) => void} [onError] called once, then the watching has ended; default: the error is
   *   reported as an uncaught one
   * @returns {() => void} stops the watching; no result follows
   * @throws {TypeError} not a video element or not a function
   * @throws {MaskDetectorError} `closed`; `invalid_argument`: another video is watched already, each needs a detector of its own
   */
  watch(video, onResult, onError = (error) => reportError(error)) {
    if (tagOf(video) !== 'HTMLVideoElement') throw new TypeError(`video must be a video element, got ${describe(video)}`)
    if (typeof onResult !== 'function') throw new TypeError(`onResult must be a function, got ${describe(onResult)}`)
    if (typeof onError !== 'function') throw new TypeError(`onError must be a function, got ${describe(onError)}`)
    this.#open()
    // Its faces would be taken for those of the other.
    if ([...this.#watches.values()].some((other) => other !== video)) {
      throw new MaskDetectorError('invalid_argument', 'this detector watches another video: stop that, or create a detector for each')
    }
    let isNew = true
    const begin = () => (isNew = true)
    const look = async () => {
      const restart = isNew
      isNew = false
      const result = await this.detectForVideo(video, undefined, { restart })
      if (this.#watches.has(stop)) onResult(result)
    }
    const stop = watchFrames(video, look, onError, () => {
      video.removeEventListener('emptied', begin)
      this.#watches.delete(stop)
    })
    video.addEventListener('emptied', begin) // before it has another source
    this.#watches.set(stop, video)
    return stop
  }

  /**
   * Changes some options, from the next call on; the others stay. `undefined` brings back a default.
   * @param {DetectionOptions} options
   * @returns {Promise<Readonly<DetectionOptionsInForce>>} all options in force
   * @throws {TypeError | MaskDetectorError} as {@link MaskDetector.create}, and `closed`; then nothing has changed
   */
  async setOptions(options) {
    const checked = checkDetectionOptions(options)
    return this.#inTurn(async (backend) => {
      const given = { ...this.#given, ...checked }
      this.#inForce = Object.freeze(await backend.setOptions(given))
      this.#given = given
      return this.#inForce
    })
  }

  /** Frees everything. Calls under way and later ones reject with code `closed`. Closing twice is fine. In
   * JavaScript `using detector = ...` calls it at the end of the block, where the engine has that; the types say nothing of it. */
  close() {
    this.#backend?.close()
    this.#backend = undefined
    for (const stop of this.#watches.keys()) stop()
  }

  /**
   * @param {import('./runtime.js').Operation} operation
   * @param {Source} source
   * @param {{ signal?: AbortSignal | undefined }} options
   * @param {import('./runtime.js').Details} [details]
   * @returns {Promise<DetectionResult>}
   */
  async #analyse(operation, source, options, details = {}) {
    const { signal: given, ...others } = checkObject(options, 'options')
    refuseOptions(others, operation)
    const signal = checkSignal(given)
    throwIfAborted(signal)
    const capture = this.#open().capture(source)
    capture.catch(() => {}) // It may fail before its turn has come to say so.
    const release = () => capture.then(({ release }) => release(), () => {})
    let isRunning = false
    const turn = this.#inTurn(async () => {
      const { payload, timestamp: captured } = await capture
      throwIfAborted(signal)
      const timestamp = details.timestamp ?? captured
      isRunning = true
      const { width, height, faces, timings } = await this.#open().run(operation, payload, { ...details, timestamp })
      return { width, height, timestamp, faces, timings }
    })
    try {
      return await unlessAborted(turn, signal)
    } finally {
      // A call that was aborted never runs, or goes on until its answer comes, which nobody waits for.
      if (isRunning) turn.then(release, release)
      else release()
    }
  }

  /** @returns {import('./local-backend.js').Backend<any>} */
  #open() {
    if (this.#backend === undefined) throw new MaskDetectorError('closed', 'the detector was closed')
    return this.#backend
  }

  /**
   * One call at a time, in the order they were made.
   * @template T
   * @param {(backend: import('./local-backend.js').Backend<any>) => Promise<T>} call
   * @returns {Promise<T>}
   */
  #inTurn(call) {
    const turn = this.#last.then(() => call(this.#open()))
    this.#last = turn.catch(() => {})
    return turn
  }
}

// `using detector = ...` where the engine knows it.
if (typeof Symbol.dispose === 'symbol') {
  Object.defineProperty(MaskDetector.prototype, Symbol.dispose, { value: MaskDetector.prototype.close, writable: true, configurable: true })
}

/**
 * @param {boolean | undefined} wanted undefined: if there can be one. Browsers start none from a script of another origin, some say so
 *   at once, others later
 * @returns {{ backend?: WorkerBackend, reason: string }}
 */
function openWorker(wanted) {
  if (!(wanted ?? typeof Worker === 'function')) return { reason: wanted === false ? 'none was asked for' : 'there are no workers here' }
  try {
    return { backend: WorkerBackend.open(), reason: 'it could be started' }
  } catch (error) {
    if (wanted) throw error
    return { reason: error instanceof Error ? error.message : String(error) }
  }
}

/**
 * @param {unknown} options
 * @returns {{ setup: SetupOptions, detection: DetectionOptions }}
 */
function splitOptions(options) {
  const { faceModel, maskModel, wasm, assetsUrl, worker, signal, onProgress, ...rest } = checkObject(options, 'options')
  const detection = checkDetectionOptions(rest)
  if (faceModel !== undefined) checkAsset(faceModel, 'faceModel')
  if (maskModel !== undefined) checkAsset(maskModel, 'maskModel')
  if (wasm !== undefined && !isModule(wasm)) checkAsset(wasm, 'wasm')
  if (assetsUrl !== undefined && typeof assetsUrl !== 'string' && !isUrl(assetsUrl)) {
    throw new TypeError(`options.assetsUrl must be a string or URL, got ${describe(assetsUrl)}`)
  }
  if (worker !== undefined && typeof worker !== 'boolean') throw new TypeError(`options.worker must be a boolean, got ${describe(worker)}`)
  if (onProgress !== undefined && typeof onProgress !== 'function') throw new TypeError(`options.onProgress must be a function, got ${describe(onProgress)}`)
  return { setup: /** @type {SetupOptions} */ ({ faceModel, maskModel, wasm, assetsUrl, worker, signal: checkSignal(signal), onProgress }), detection }
}
