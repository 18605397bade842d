import { FrameReader, readError } from './frames.js'
import { Runtime } from './runtime.js'
import { recognise, timestampOf } from './sources.js'

/**
 * All that is needed to start, loaded already.
 * @typedef {object} StartConfig
 * @property {WebAssembly.Module} module
 * @property {Uint8Array<ArrayBuffer>} faceModel
 * @property {Uint8Array<ArrayBuffer>} maskModel
 * @property {import('./options.js').DetectionOptions} options
 */

/**
 * What a start tells.
 * @typedef {{ options: import('./options.js').DetectionOptionsInForce, models: import('./runtime.js').FactsOfModels }} Started
 */

/** @typedef {Omit<import('./result.js').DetectionResult, 'timestamp'>} UntimedResult */

/**
 * A source that was taken at the moment of the call, whatever happens to it afterwards.
 * @template Payload
 * @typedef {{ payload: Payload, timestamp: number, release: () => void }} Captured
 */

/**
 * Where the work is done: in this thread ({@link LocalBackend}) or in a worker (WorkerBackend).
 * @template Payload
 * @typedef {object} Backend
 * @property {(source: unknown) => Promise<Captured<Payload>>} capture
 * @property {(operation: import('./runtime.js').Operation, payload: Payload, details: import('./runtime.js').Details) => Promise<UntimedResult>} run
 * @property {(options: import('./options.js').DetectionOptions) => Promise<import('./options.js').DetectionOptionsInForce>} setOptions
 * @property {() => void} close
 */

/**
 * Works in the calling thread.
 * @implements {Backend<import('./runtime.js').Picture>}
 */
export class LocalBackend {
  #reader
  #runtime

  /** @param {Runtime} runtime */
  constructor(runtime) {
    this.#reader = new FrameReader(runtime)
    this.#runtime = runtime
  }

  /**
   * @param {StartConfig} config
   * @returns {Promise<Started & { backend: LocalBackend }>}
   */
  static async start({ module, faceModel, maskModel, options }) {
    const runtime = await Runtime.create(module)
    const inForce = runtime.load(faceModel, maskModel, options)
    return { backend: new LocalBackend(runtime), options: inForce, models: runtime.describeModels() }
  }

  /**
   * Does once, at the size of video, what the first call would do: the engine then has compiled what is used most, and memory and
   * a canvas are there. To be called when create has answered, for it takes about as long as it saves.
   */
  async warmUp() {
    const [width, height] = [64, 48]
    if (typeof OffscreenCanvas === 'function') {
      this.#reader.release(await this.#reader.read({ kind: 'canvas', source: new OffscreenCanvas(width, height), width, height }))
    }
    const black = { data: new Uint8Array(width * height * 4), width, height }
    this.#runtime.run('detectForVideo', black)
    this.#runtime.run('classify', black)
  }

  /** @param {unknown} source @returns {Promise<Captured<import('./runtime.js').Picture>>} */
  async capture(source) {
    const known = recognise(source)
    const timestamp = timestampOf(known)
    const payload = await this.#reader.read(known).catch((cause) => {
      throw readError(cause)
    })
    return { payload, timestamp, release: () => this.#reader.release(payload) }
  }

  /**
   * @param {import('./runtime.js').Operation} operation
   * @param {import('./runtime.js').Picture} picture
   * @param {import('./runtime.js').Details} details
   * @returns {Promise<UntimedResult>}
   */
  async run(operation, picture, details) {
    return this.#runtime.run(operation, picture, details)
  }

  /** @param {import('./options.js').DetectionOptions} options */
  async setOptions(options) {
    return this.#runtime.setOptions(options)
  }

  /** The memory goes with the last reference to this object. */
  close() {}
}
