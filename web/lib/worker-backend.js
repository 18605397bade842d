import { whenAborted } from './abort.js'
import { copyBytes } from './copy-bytes.js'
import { MaskDetectorError, unpackError } from './errors.js'
import { FrameReader, isBlob, readError } from './frames.js'
import { recognise, timestampOf } from './sources.js'

/** @typedef {import('./local-backend.js').StartConfig} StartConfig */
/** @typedef {import('./local-backend.js').UntimedResult} UntimedResult */
/** @typedef {import('./options.js').DetectionOptionsInForce} DetectionOptionsInForce */

/**
 * What is sent to the worker in place of a source.
 * @typedef {{ source: import('./sources.js').Source, transfer: Transferable[] }} Parcel
 */

/** @typedef {import('./local-backend.js').Backend<Parcel>} ParcelBackend */

/** @typedef {{ task: 'hold', lock: string }} HoldTask a lock that the worker is to hold as long as it lives; answered by whether it does */
/** @typedef {{ task: 'start', config: StartConfig }} StartTask */
/** @typedef {{ task: 'setOptions', options: import('./options.js').DetectionOptions }} OptionsTask */
/**
 * @typedef {object} RunTask
 * @property {'run'} task
 * @property {import('./runtime.js').Operation} operation
 * @property {import('./sources.js').Source} source
 * @property {import('./runtime.js').Details} details
 */
/** @typedef {HoldTask | StartTask | OptionsTask | RunTask} Task */
/** @typedef {Task & { id: number }} Request */
/** @typedef {{ id: number, value: unknown } | { id: number, error: import('./errors.js').PlainError }} Reply */

/** For its script, when all other files are here: a worker that the browser ends at once tells nothing. */
const START_LIMIT_MS = 30000

/**
 * Works in a module worker of its own.
 * @implements {ParcelBackend}
 */
export class WorkerBackend {
  #worker
  #reader = new FrameReader()
  #nextId = 1
  /** @type {Map<number, { resolve: (value: any) => void, reject: (error: unknown) => void }>} */
  #waiting = new Map()
  /** Its reason is what calls are told from then on. */
  #closed = new AbortController()
  /** @type {Promise<unknown>} its first answer */
  #answer = Promise.resolve()

  /** @param {Worker} worker */
  constructor(worker) {
    this.#worker = worker
    worker.addEventListener('message', ({ data }) => this.#receive(data))
    worker.addEventListener('messageerror', () => this.#die('a message of the worker could not be read'))
    worker.addEventListener('error', (event) => {
      event.preventDefault()
      this.#die(event.message || 'its script could not be loaded (worker.js belongs beside the library or the bundle, whatever assetsUrl says), or the page forbids it (worker-src); pass worker: false to do without')
    })
  }

  /** Begins to start a worker, which takes its time: there may be something else to do. @returns {WorkerBackend} */
  static open() {
    const backend = new WorkerBackend(makeWorker())
    const lock = `maskcheck ${performance.timeOrigin} ${Math.random()}`
    const held = backend.#send({ task: 'hold', lock }, [])
    backend.#answer = held
    held.then((isHeld) => isHeld && backend.#watchOver(lock)).catch(() => {}) // Who calls next is told why.
    return backend
  }

  /**
   * @param {AbortSignal} [signal] ends the waiting, and the worker
   * @returns {Promise<unknown>} what kept the worker from starting; `undefined` once it has answered
   */
  async failure(signal) {
    const limit = setTimeout(() => this.#die(`it did not start within ${START_LIMIT_MS / 1000} s`), START_LIMIT_MS)
    try {
      await this.#unlessAborted(this.#answer, signal)
      return undefined
    } catch (error) {
      return error
    } finally {
      clearTimeout(limit)
    }
  }

  /**
   * @param {StartConfig} config its models are handed over
   * @param {AbortSignal} [signal]
   * @returns {Promise<import('./local-backend.js').Started & { backend: WorkerBackend }>}
   */
  async start(config, signal) {
    try {
      const transfer = [config.faceModel.buffer, config.maskModel.buffer]
      /** @type {import('./local-backend.js').Started} */
      const started = await this.#unlessAborted(this.#send({ task: 'start', config }, transfer), signal)
      return { backend: this, ...started }
    } catch (error) {
      this.close()
      throw error
    }
  }

  /**
   * @template T
   * @param {Promise<T>} answer of the worker, which ends with the signal
   * @param {AbortSignal | undefined} signal
   * @returns {Promise<T>}
   */
  async #unlessAborted(answer, signal) {
    const ignore = whenAborted(signal, (reason) => this.close(reason))
    try {
      return await answer
    } finally {
      ignore()
    }
  }

  /** @param {unknown} source @returns {Promise<import('./local-backend.js').Captured<Parcel>>} */
  async capture(source) {
    const known = recognise(source)
    const timestamp = timestampOf(known)
    const parcel = await this.#pack(known)
    const release = () => {
      for (const part of parcel.transfer) if ('close' in part) part.close()
    }
    return { payload: parcel, timestamp, release }
  }

  /**
   * As it is now, whatever becomes of the source: handed over and not copied where the platform can.
   * @param {import('./sources.js').KnownSource} known
   * @returns {Promise<Parcel>}
   */
  async #pack(known) {
    try {
      // Without OffscreenCanvas the worker could not read what it gets.
      if (known.kind === 'pixels' || typeof OffscreenCanvas !== 'function') return sealPixels(await this.#reader.read(known))
      if (known.kind === 'file') return isBlob(known.source) ? { source: known.source, transfer: [] } : sealBytes(copyBytes(known.source))
      if (known.kind === 'frame') return seal(known.source.clone())
      if (known.kind === 'video' && typeof VideoFrame === 'function') {
        const frame = frameOf(known)
        return frame === undefined ? sealPixels(await this.#reader.read(known)) : seal(frame)
      }
      if (typeof createImageBitmap !== 'function') return sealPixels(await this.#reader.read(known))
      if (known.kind !== 'image') return seal(await bitmapOf(known))
      const { currentSrc } = known.source
      return await bitmapOf(known).then(seal, async (cause) => {
        if (known.source.currentSrc !== currentSrc) throw cause
        // Browsers make no bitmap, or a wrong one, of an SVG that does not say how large it is, but draw it.
        return sealPixels(await this.#reader.read(known))
      })
    } catch (cause) {
      throw readError(cause)
    }
  }

  /**
   * @param {import('./runtime.js').Operation} operation
   * @param {Parcel} parcel
   * @param {import('./runtime.js').Details} details
   * @returns {Promise<UntimedResult>}
   */
  async run(operation, { source, transfer }, details) {
    return this.#send({ task: 'run', operation, source, details }, transfer)
  }

  /** @param {import('./options.js').DetectionOptions} options @returns {Promise<DetectionOptionsInForce>} */
  async setOptions(options) {
    return this.#send({ task: 'setOptions', options }, [])
  }

  /** @param {unknown} [reason] for calls that still wait */
  close(reason = new MaskDetectorError('closed', 'the detector was closed')) {
    this.#closed.abort(reason)
    this.#worker.terminate()
    for (const { reject } of this.#waiting.values()) reject(reason)
    this.#waiting.clear()
  }

  /**
   * @param {Task} task
   * @param {Transferable[]} transfer
   * @returns {Promise<any>}
   */
  #send(task, transfer) {
    return new Promise((resolve, reject) => {
      this.#closed.signal.throwIfAborted()
      const id = this.#nextId++
      try {
        this.#worker.postMessage({ id, ...task }, transfer)
      } catch (cause) {
        throw readError(cause)
      }
      this.#waiting.set(id, { resolve, reject })
    })
  }

  /** @param {Reply} reply */
  #receive(reply) {
    const call = this.#waiting.get(reply.id)
    this.#waiting.delete(reply.id)
    if ('error' in reply) call?.reject(unpackError(reply.error))
    else call?.resolve(reply.value)
  }

  /** No event tells that a worker was ended by the browser, but its locks become free. @param {string} lock that it holds */
  async #watchOver(lock) {
    await navigator.locks.request(lock, { signal: this.#closed.signal }, () => this.#die('it was ended by the browser'))
  }

  /** @param {string} why */
  #die(why) {
    this.close(new MaskDetectorError('worker_failed', `the worker failed: ${why}`))
  }
}

function makeWorker() {
  try {
    // Written out in full, because bundlers find the worker by this very pattern.
    return new Worker(new URL('./worker.js', import.meta.url), { type: 'module', name: 'maskcheck' })
  } catch (cause) {
    throw new MaskDetectorError('worker_failed', 'the worker could not be started; pass worker: false to do without', { cause })
  }
}

/** @param {Exclude<import('./sources.js').KnownSource, { kind: 'pixels' | 'file' }>} known @returns {Promise<ImageBitmap>} */
async function bitmapOf({ source, width, height }) {
  const bitmap = await createImageBitmap(source)
  if (bitmap.width === width && bitmap.height === height) return bitmap
  try {
    // Firefox gives an SVG that does not say how large it is another shape than it is shown in.
    const skew = Math.abs(bitmap.width * height - bitmap.height * width)
    if (skew > Math.max(bitmap.width, bitmap.height)) throw new Error(`${bitmap.width} x ${bitmap.height} px in place of ${width} x ${height}`)
    // An image of a srcset for finer screens has more pixels than it says.
    return await createImageBitmap(bitmap, { resizeWidth: width, resizeHeight: height, resizeQuality: 'high' })
  } finally {
    bitmap.close()
  }
}

/**
 * The video's frame, if it is as the video shows it: where browsers do not know `rotation`, those of files (of phones) are not turned,
 * nor stretched to the size they have with pixels that are no squares.
 * @param {{ source: HTMLVideoElement, width: number, height: number }} known
 * @returns {VideoFrame | undefined}
 */
function frameOf({ source, width, height }) {
  if (!('rotation' in VideoFrame.prototype) && !source.srcObject) return undefined
  const frame = new VideoFrame(source)
  if (frame.displayWidth === width && frame.displayHeight === height) return frame
  frame.close()
  return undefined
}

/** @param {VideoFrame | ImageBitmap} source @returns {Parcel} */
const seal = (source) => ({ source, transfer: [source] })

/** @param {Uint8Array} bytes the caller's own @returns {Parcel} */
const sealBytes = (bytes) => ({ source: bytes, transfer: [/** @type {ArrayBuffer} */ (bytes.buffer)] })

/** @param {import('./runtime.js').Picture} picture that `FrameReader` read @returns {Parcel} */
function sealPixels(picture) {
  if ('file' in picture) return sealBytes(picture.file)
  const { width, height } = picture
  const data = 'room' in picture ? picture.room.view() : picture.data
  return { source: { data, width, height }, transfer: [/** @type {ArrayBuffer} */ (data.buffer)] }
}
