/* Stands in for an instance of the .wasm file: the same exports over a real WebAssembly.Memory, written in JavaScript,
   with a heap that counts. For tests of runtime.js and of what lies above it. */
import { VERSION } from '../../web/lib/version.js'

/** @typedef {{ name: string, arguments: number[] }} Call */

const STATUSES = ['ok', 'invalid_argument', 'out_of_memory', 'model_invalid']

/** Options in force when none is given. */
export const DEFAULTS = {
  minFaceScore: 0.5,
  nmsIou: 0.45,
  minMaskProbability: 0.6,
  minFaceSize: 0,
  maxFaces: 100,
  detectionSize: 640,
  videoDetectionSize: 320,
  trackMinIou: 0.1,
  trackMotionTime: 150,
  trackSmoothingTime: 250,
  trackBoxSmoothingTime: 0,
  trackLabelLead: 0.25,
  trackSureTime: 200,
  trackKeepTime: 300,
  trackMemoryTime: 1000,
  trackGapTime: 2000,
}

export class FakeWasm {
  memory = new WebAssembly.Memory({ initial: 1 })
  /** @type {Call[]} */
  calls = []
  /** @type {Map<number, number>} address -> bytes of what is allocated now */
  heap = new Map()
  version = VERSION
  /** Status of the next load, options, decode, detect, label or classify. */
  status = 0
  message = ''
  /** @type {number[]} in place of the report of a result */
  report = [0, 1, 2, 3, 6]
  /** @type {Error | undefined} thrown by the next call, as a trap is */
  trap = undefined
  /** @type {Uint8Array | undefined} what lay at the address given to the last detect or decode */
  seen = undefined
  /** @type {(seen: Uint8Array) => void} told of every such */
  onSeen = () => {}
  optionsSeen = new Float64Array(16)
  #end = 65536
  #texts = new Map()

  mc_memory_allocate = (/** @type {number} */ bytes) => {
    this.#enter('mc_memory_allocate', [bytes])
    const address = this.#end
    this.#end += Math.ceil(bytes / 16) * 16
    const missing = this.#end - this.memory.buffer.byteLength
    if (missing > 0) this.memory.grow(Math.ceil(missing / 65536))
    this.heap.set(address, bytes)
    return address
  }

  mc_memory_free = (/** @type {number} */ address) => {
    this.#enter('mc_memory_free', [address])
    if (address !== 0 && !this.heap.delete(address)) throw new Error(`freed what was not allocated: ${address}`)
    return 0
  }

  mc_library_version = () => this.#text(this.version)
  mc_error_name = (/** @type {number} */ status) => this.#text(STATUSES[status] ?? 'unknown')
  mc_error_text = (/** @type {number} */ status) => this.#text(`text of ${STATUSES[status]}`)
  mc_session_create = () => 4096
  mc_session_destroy = () => 0
  mc_session_message = () => this.#text(this.message)

  mc_session_load = (/** @type {number[]} */ ...values) => {
    this.#enter('mc_session_load', values)
    return this.#takeOptions(values[5] ?? 0)
  }

  mc_session_set_options = (/** @type {number[]} */ ...values) => {
    this.#enter('mc_session_set_options', values)
    return this.#takeOptions(values[1] ?? 0)
  }

  /** @type {Record<string, string>} key of either model -> value */
  metadata = {}
  mc_session_metadata = (/** @type {number[]} */ ...values) => {
    this.#enter('mc_session_metadata', values)
    const [, model = 0, key = 0] = values
    const bytes = new Uint8Array(this.memory.buffer, key)
    const value = this.metadata[`${['face', 'mask'][model]} ${new TextDecoder().decode(bytes.subarray(0, bytes.indexOf(0)))}`]
    return value === undefined ? 0 : this.#text(value)
  }

  mc_session_decode = (/** @type {number[]} */ ...values) => {
    this.#enter('mc_session_decode', values)
    const [, file = 0, bytes = 0] = values
    this.onSeen((this.seen = new Uint8Array(this.memory.buffer, file, bytes).slice()))
    this.#write([2048, 7, 5])
    return this.status
  }

  mc_session_detect = (/** @type {number[]} */ ...values) => this.#analyse('mc_session_detect', values)
  mc_session_detect_video = (/** @type {number[]} */ ...values) => this.#analyse('mc_session_detect_video', values)
  mc_session_label = (/** @type {number[]} */ ...values) => this.#analyse('mc_session_label', values)
  mc_session_classify = (/** @type {number[]} */ ...values) => this.#analyse('mc_session_classify', values)
  mc_session_report = () => 8192

  mc_session_reset_video = (/** @type {number[]} */ ...values) => {
    this.#enter('mc_session_reset_video', values)
    return this.status
  }

  /** @param {string} name @param {number[]} values */
  #analyse(name, values) {
    this.#enter(name, values)
    const [, address = 0, width = 0, height = 0] = values
    this.onSeen((this.seen = new Uint8Array(this.memory.buffer, address, width * height * 4).slice()))
    this.#write(this.report)
    return this.status
  }

  /** @param {number} address */
  #takeOptions(address) {
    if (this.status !== 0) return this.status
    this.optionsSeen = new Float64Array(this.memory.buffer, address, 16).slice()
    const defaults = Object.values(DEFAULTS).map(Math.fround)
    this.#write(defaults.map((value, index) => ((this.optionsSeen[index] ?? -1) < 0 ? value : (this.optionsSeen[index] ?? 0))))
    return 0
  }

  /** @param {number[]} numbers */
  #write(numbers) {
    new Float64Array(this.memory.buffer, 8192).set(numbers)
  }

  /** @param {string} text @returns {number} */
  #text(text) {
    const address = this.#texts.get(text) ?? 20000 + this.#texts.size * 256
    this.#texts.set(text, address)
    new Uint8Array(this.memory.buffer).set(new TextEncoder().encode(`${text}\0`), address)
    return address
  }

  /** @param {string} name @param {number[]} values */
  #enter(name, values) {
    this.calls.push({ name, arguments: values })
    const trap = this.trap
    this.trap = undefined
    if (trap !== undefined) throw trap
  }

  /** @param {string} name */
  count(name) {
    return this.calls.filter((call) => call.name === name).length
  }
}

/**
 * Numbers of a result with one face, as C reports them.
 * @param {number} label index
 * @param {{ uncertain?: boolean, x?: number, trackId?: number, missedTime?: number }} [options]
 */
export function reportOfOneFace(label, { uncertain = false, x = 10, trackId = 0, missedTime = 0 } = {}) {
  const probabilities = [0.05, 0.05, 0.05]
  probabilities[label] = 0.9
  return [1, 1, 2, 3, 6, x, 20, 30, 40, 0.75, ...probabilities, label, Number(uncertain), trackId, missedTime]
}
