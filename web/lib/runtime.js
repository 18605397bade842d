import { MaskDetectorError } from './errors.js'
import { OPTION_COUNT, optionsFromNumbers, optionsToNumbers } from './options.js'
import { readResult, reportLength } from './result.js'
import { VERSION } from './version.js'

/**
 * Pixels in memory, sRGB, rows from top to bottom without gaps; alpha is ignored.
 * @typedef {{ data: Uint8Array | Uint8ClampedArray, width: number, height: number }} Pixels [height, width, 4]
 */

/**
 * A picture as it goes into WebAssembly: pixels, in a room that the runtime has lent or elsewhere, or a JPEG, PNG, BMP or GIF file
 * to be decoded there.
 * @typedef {Pixels | { room: Room, width: number, height: number } | { file: Uint8Array }} Picture
 */

/** @typedef {import('./frames.js').Room} Room */
/** @typedef {import('./frames.js').Rooms} Rooms */

/** @typedef {'detect' | 'detectForVideo' | 'classify' | 'label'} Operation */

/**
 * What an operation needs besides the picture.
 * @typedef {object} Details
 * @property {import('./options.js').Box[]} [boxes] for `label`
 * @property {number} [timestamp] of the frame, ms; for `detectForVideo`
 * @property {boolean} [restart] whether the frame begins a new video; for `detectForVideo`
 */

/**
 * What wasm/exports.c exports; every address and size is a number of 32 bits.
 * @typedef {{ memory: WebAssembly.Memory } & Record<'mc_memory_allocate' | 'mc_memory_free' | 'mc_library_version'
 *   | 'mc_error_name' | 'mc_error_text' | 'mc_session_create' | 'mc_session_destroy' | 'mc_session_load'
 *   | 'mc_session_metadata' | 'mc_session_set_options' | 'mc_session_decode' | 'mc_session_detect' | 'mc_session_detect_video'
 *   | 'mc_session_reset_video' | 'mc_session_label' | 'mc_session_classify' | 'mc_session_report' | 'mc_session_message', (...values: number[]) => number>} Exports
 */

/**
 * What a model says about itself; undefined where it says nothing. Text of a model that is not your own: show it as text.
 * @typedef {object} ModelFacts
 * @property {string | undefined} version
 * @property {string | undefined} license
 * @property {string | undefined} trainingData
 * @property {string | undefined} accuracy on which faces, how many, how often right
 */

/** @typedef {{ face: ModelFacts, mask: ModelFacts }} FactsOfModels */

/** Room that is made for pictures at once: a camera's usual 640 x 480. */
const FRAME_BYTES = 640 * 480 * 4

/** Bytes in the memory of WebAssembly. */
class Block {
  /** @param {WebAssembly.Memory} memory @param {number} address @param {number} capacity bytes */
  constructor(memory, address, capacity) {
    this.memory = memory
    this.address = address
    this.capacity = capacity
    /** How many are in use. */
    this.length = 0
  }

  view() {
    return new Uint8Array(/** @type {ArrayBuffer} */ (this.memory.buffer), this.address, this.length)
  }
}

/**
 * One WebAssembly instance with one session in it. Addresses are known here and nowhere else.
 * @implements {Rooms}
 */
export class Runtime {
  #wasm
  #session = 0
  /** @type {Block | undefined} where models, pixels and files are put; kept between calls */
  #buffer
  /** @type {unknown} what killed the instance, if something did */
  #death = undefined

  /** @param {Exports} wasm of an initialised instance */
  constructor(wasm) {
    this.#wasm = wasm
    const version = this.#text(this.#call('mc_library_version'))
    if (version !== VERSION) {
      throw new MaskDetectorError('version_mismatch', `the .wasm file is of maskcheck ${version}, the JavaScript of ${VERSION}: serve both from one release`)
    }
    this.#session = this.#call('mc_session_create') >>> 0
    if (this.#session === 0) throw outOfMemory()
  }

  /**
   * @param {WebAssembly.Module} module
   * @returns {Promise<Runtime>}
   */
  static async create(module) {
    /** @type {{ exports?: Exports }} */
    const self = {}
    const imports = makeImports(module, () => /** @type {Exports} */ (self.exports).memory)
    let instance
    try {
      instance = await WebAssembly.instantiate(module, imports)
    } catch (cause) {
      if (cause instanceof RangeError) throw outOfMemory(cause)
      throw new MaskDetectorError('load_failed', 'the .wasm file could not be started', { cause })
    }
    const exports = /** @type {Exports & { _initialize?: () => void }} */ (/** @type {unknown} */ (instance.exports))
    self.exports = exports
    if (exports.memory === undefined || exports.mc_library_version === undefined) {
      throw new MaskDetectorError('load_failed', 'the .wasm file is not one of maskcheck')
    }
    exports._initialize?.()
    return new Runtime(exports)
  }

  /**
   * @param {Uint8Array} faceModel whole ONNX file
   * @param {Uint8Array} maskModel whole ONNX file
   * @param {import('./options.js').DetectionOptions} options
   * @returns {import('./options.js').DetectionOptionsInForce}
   */
  load(faceModel, maskModel, options) {
    const numbers = bytesOf(optionsToNumbers(options))
    const head = numbers.length // first, because float64 wants its place aligned
    // The pictures come to lie where the models were.
    const place = this.#reserve(Math.max(head + faceModel.length + maskModel.length, FRAME_BYTES))
    const [face, mask] = [this.#write(place + head, faceModel), this.#write(place + head + faceModel.length, maskModel)]
    const status = this.#call('mc_session_load', this.#session, face, faceModel.length, mask, maskModel.length, this.#write(place, numbers))
    if (status !== 0) throw this.#error(status, this.#text(this.#call('mc_session_message', this.#session)))
    return this.#optionsInForce()
  }

  /** What the loaded models say about themselves. @returns {FactsOfModels} */
  describeModels() {
    const facts = (/** @type {number} */ model) => {
      const value = (/** @type {string} */ key) => this.#metadata(model, key)
      return { version: value('maskcheck.version'), license: value('license'), trainingData: value('training_data'), accuracy: value('accuracy') }
    }
    return { face: facts(0), mask: facts(1) }
  }

  /** @param {number} model 0: face, 1: mask @param {string} key */
  #metadata(model, key) {
    const address = this.#call('mc_session_metadata', this.#session, model, this.#use(new TextEncoder().encode(`${key}\0`))) >>> 0
    return address === 0 ? undefined : this.#text(address)
  }

  /**
   * @param {import('./options.js').DetectionOptions} options all of them; missing ones go back to their default
   * @returns {import('./options.js').DetectionOptionsInForce}
   */
  setOptions(options) {
    const address = this.#use(bytesOf(optionsToNumbers(options)))
    this.#check(this.#call('mc_session_set_options', this.#session, address))
    return this.#optionsInForce()
  }

  /**
   * @param {Operation} operation
   * @param {Picture} picture
   * @param {Details} [details]
   * @returns {Omit<import('./result.js').DetectionResult, 'timestamp'>}
   */
  run(operation, picture, details = {}) {
    const { address, width, height } = 'file' in picture ? this.#decode(picture.file) : this.#place(picture)
    if (operation === 'label') this.#label(address, width, height, details.boxes ?? [])
    else if (operation === 'detectForVideo') this.#detectForVideo(address, width, height, details)
    else this.#check(this.#call(`mc_session_${operation}`, this.#session, address, width, height))
    const count = this.#report(1)[0] ?? 0
    return readResult(this.#report(reportLength(count)), width, height)
  }

  /** @param {Exclude<Picture, { file: Uint8Array }>} picture */
  #place(picture) {
    const { width, height } = picture
    const address = 'room' in picture ? /** @type {Block} */ (picture.room).address : this.#use(picture.data)
    return { address, width, height }
  }

  /**
   * Room for pixels, of which several may be out at the same time.
   * @param {number} bytes
   * @returns {Room} to be taken back
   */
  lend(bytes) {
    this.#reserve(bytes)
    const block = /** @type {Block} */ (this.#buffer)
    this.#buffer = undefined
    block.length = bytes
    return block
  }

  /** @param {Room} room */
  takeBack(room) {
    const block = /** @type {Block} */ (room)
    const [smaller, larger] = (this.#buffer?.capacity ?? 0) < block.capacity ? [this.#buffer, block] : [block, this.#buffer]
    this.#buffer = larger
    if (smaller !== undefined && this.#death === undefined) this.#call('mc_memory_free', smaller.address)
  }

  /** @param {Uint8Array} file */
  #decode(file) {
    this.#check(this.#call('mc_session_decode', this.#session, this.#use(file), file.length))
    const [address = 0, width = 0, height = 0] = this.#report(3)
    return { address, width, height }
  }

  /**
   * @param {number} address
   * @param {number} width
   * @param {number} height
   * @param {import('./options.js').Box[]} boxes
   */
  #label(address, width, height, boxes) {
    const numbers = Float32Array.from(boxes.flatMap((box) => [box.x, box.y, box.width, box.height]))
    const area = this.#copyIn(bytesOf(numbers))
    try {
      this.#check(this.#call('mc_session_label', this.#session, address, width, height, area, boxes.length))
    } finally {
      if (this.#death === undefined) this.#call('mc_memory_free', area)
    }
  }

  /**
   * @param {number} address
   * @param {number} width
   * @param {number} height
   * @param {Details} details
   */
  #detectForVideo(address, width, height, { timestamp = 0, restart = false }) {
    if (restart) this.#check(this.#call('mc_session_reset_video', this.#session))
    this.#check(this.#call('mc_session_detect_video', this.#session, address, width, height, timestamp))
  }

  #optionsInForce() {
    return optionsFromNumbers(this.#report(OPTION_COUNT))
  }

  /**
   * A copy, because the next call overwrites it.
   * @param {number} count
   */
  #report(count) {
    const address = this.#call('mc_session_report', this.#session) >>> 0
    return new Float64Array(this.#wasm.memory.buffer, address, count).slice()
  }

  /**
   * Puts bytes into the buffer that is kept between calls.
   * @param {Uint8Array | Uint8ClampedArray} bytes
   * @returns {number} address
   */
  #use(bytes) {
    return this.#write(this.#reserve(bytes.length), bytes)
  }

  /** The buffer that is kept between calls, with room for so many. @param {number} bytes @returns {number} address */
  #reserve(bytes) {
    const old = this.#buffer
    if (old !== undefined && old.capacity >= bytes) return old.address
    this.#buffer = undefined
    if (old !== undefined) this.#call('mc_memory_free', old.address)
    this.#buffer = new Block(this.#wasm.memory, this.#allocate(bytes), bytes)
    return this.#buffer.address
  }

  /** @param {Uint8Array} bytes @returns {number} address, to be freed */
  #copyIn(bytes) {
    return this.#write(this.#allocate(bytes.length), bytes)
  }

  /** @param {number} address @param {Uint8Array | Uint8ClampedArray} bytes */
  #write(address, bytes) {
    // Memory that grew has a new buffer, so no view is ever kept.
    new Uint8Array(this.#wasm.memory.buffer).set(bytes, address)
    return address
  }

  /** @param {number} bytes @returns {number} */
  #allocate(bytes) {
    const address = this.#call('mc_memory_allocate', Math.max(bytes, 1)) >>> 0
    if (address === 0) throw outOfMemory()
    return address
  }

  /** @param {number} address @returns {string} */
  #text(address) {
    const memory = new Uint8Array(this.#wasm.memory.buffer)
    const start = address >>> 0
    return new TextDecoder().decode(memory.subarray(start, memory.indexOf(0, start)))
  }

  /** @param {number} status */
  #check(status) {
    if (status !== 0) throw this.#error(status)
  }

  /** @param {number} status @param {string} [detail] */
  #error(status, detail) {
    const code = /** @type {import('./errors.js').ErrorCode} */ (this.#text(this.#call('mc_error_name', status)))
    return new MaskDetectorError(code, detail || this.#text(this.#call('mc_error_text', status)))
  }

  /**
   * @param {Exclude<keyof Exports, 'memory'>} name
   * @param {number[]} values
   * @returns {number}
   */
  #call(name, ...values) {
    try {
      if (this.#death !== undefined) throw this.#death
      return this.#wasm[name](...values)
    } catch (cause) {
      // After a trap the heap may be half-written: nothing may run in it again.
      this.#death = cause
      const why = cause instanceof Error ? cause.message : String(cause)
      throw new MaskDetectorError('internal', `the WebAssembly code failed (${why}); make a new detector`, { cause })
    }
  }
}

/** @param {unknown} [cause] */
const outOfMemory = (cause) => new MaskDetectorError('out_of_memory', 'WebAssembly got no more memory', { cause })

/** @param {Float32Array | Float64Array} numbers */
const bytesOf = (numbers) => new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength)

/**
 * The few system calls that a module without Emscripten's own JavaScript asks for. There are no files: they fail.
 * @param {WebAssembly.Module} module
 * @param {() => WebAssembly.Memory} memory
 * @returns {WebAssembly.Imports}
 */
function makeImports(module, memory) {
  const now = () => performance.now()
  const badFile = 8 // EBADF of WASI
  /** @type {Record<string, Function>} */
  const known = {
    emscripten_notify_memory_growth() {},
    emscripten_get_now: now,
    clock_time_get(/** @type {number} */ _clock, /** @type {bigint} */ _precision, /** @type {number} */ address) {
      new DataView(memory().buffer).setBigUint64(address, BigInt(Math.round(now() * 1e6)), true)
      return 0
    },
    fd_write: () => badFile,
    fd_seek: () => badFile,
    fd_close: () => badFile,
  }
  /** @type {Record<string, Record<string, Function>>} */
  const imports = {}
  for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
    if (kind !== 'function') throw new MaskDetectorError('load_failed', `the .wasm file asks for a ${kind} "${name}": it is not one of maskcheck`)
    const stop = () => {
      throw new Error(`${from}.${name} was called`)
    }
    ;(imports[from] ??= {})[name] = known[name] ?? stop
  }
  return /** @type {WebAssembly.Imports} */ (imports)
}
