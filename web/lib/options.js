import { MaskDetectorError } from './errors.js'

/**
 * What is looked for and what comes back. A missing or `undefined` option means its default, which the model files
 * carry where none is named here; {@link MaskDetector#options} tells the values in force.
 *
 * @typedef {object} DetectionOptions
 * @property {number} [minFaceScore] faces with a lower score are left out; [0, 1]; default: the face model's own
 * @property {number} [nmsIou] of two boxes that overlap more than this, the lower scored goes; [0, 1]; default: the
 *   face model's own
 * @property {number} [minMaskProbability] faces whose best label is less probable are marked `uncertain`; [0, 1];
 *   default: the mask model's own
 * @property {number} [minFaceSize] faces whose longer side is shorter are left out; px of the source, >= 0; default 0
 * @property {number} [maxFaces] the largest are kept; whole number in [1, 1000]; default 100
 * @property {number} [detectionSize] long side of the resized picture in which faces are searched: smaller is faster,
 *   larger finds smaller faces; px, multiple of 32 in [32, 4096]; default: the face model's own (640). 320 suits video.
 */

/** @typedef {Required<DetectionOptions>} DetectionOptionsInForce */

/**
 * @typedef {object} Rule
 * @property {number} min
 * @property {number} max
 * @property {number} [step] only multiples of this
 */

/**
 * In the order of mc_options in maskcheck.h, which is the order of the numbers handed to WebAssembly.
 * @type {Readonly<Record<keyof DetectionOptions, Rule>>}
 */
const RULES = Object.freeze({
  minFaceScore: { min: 0, max: 1 },
  nmsIou: { min: 0, max: 1 },
  minMaskProbability: { min: 0, max: 1 },
  minFaceSize: { min: 0, max: 32768 },
  maxFaces: { min: 1, max: 1000, step: 1 },
  detectionSize: { min: 32, max: 4096, step: 32 },
})

const NAMES = /** @type {(keyof DetectionOptions)[]} */ (Object.keys(RULES))

/**
 * @param {unknown} value
 * @returns {string} short, for messages
 */
export function describe(value) {
  if (typeof value === 'string') return `the string ${JSON.stringify(value.slice(0, 40))}`
  if (value === null || ['number', 'boolean', 'undefined', 'bigint'].includes(typeof value)) return String(value)
  if (typeof value === 'object') return Object.prototype.toString.call(value)
  return `a ${typeof value}`
}

/**
 * @param {unknown} value
 * @param {string} what
 * @returns {Record<string, unknown>}
 */
export function checkObject(value, what) {
  if (typeof value !== 'object' || value === null) throw new TypeError(`${what} must be an object, got ${describe(value)}`)
  return /** @type {Record<string, unknown>} */ (value)
}

/**
 * @param {unknown} options
 * @returns {DetectionOptions} a copy with the options that were given
 * @throws {TypeError} wrong type or unknown name
 * @throws {MaskDetectorError} `invalid_argument`: out of range
 */
export function checkDetectionOptions(options) {
  const given = checkObject(options, 'options')
  /** @type {DetectionOptions} */
  const checked = {}
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(RULES, name)) throw new TypeError(`options.${name} is not an option`)
    const key = /** @type {keyof DetectionOptions} */ (name)
    if (value !== undefined) checkNumber(`options.${name}`, value, RULES[key])
    checked[key] = /** @type {number | undefined} */ (value)
  }
  return checked
}

/**
 * @param {string} name
 * @param {unknown} value
 * @param {Rule} rule
 */
function checkNumber(name, value, { min, max, step }) {
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number, got ${describe(value)}`)
  if (value >= min && value <= max && (step === undefined || value % step === 0)) return
  const kind = step === undefined ? 'a number' : step === 1 ? 'a whole number' : `a multiple of ${step}`
  throw new MaskDetectorError('invalid_argument', `${name} must be ${kind} in [${min}, ${max}], got ${value}`)
}

/**
 * @param {DetectionOptions} options checked
 * @returns {Float64Array} [6], in the order of mc_options; -1 stands for the default
 */
export function optionsToNumbers(options) {
  return Float64Array.from(NAMES, (name) => options[name] ?? -1)
}

/**
 * @param {ArrayLike<number>} numbers [6], in the order of mc_options; C keeps most as float32
 * @returns {DetectionOptionsInForce}
 */
export function optionsFromNumbers(numbers) {
  const entries = NAMES.map((name, index) => [name, Number(Number(numbers[index]).toPrecision(6))])
  return /** @type {DetectionOptionsInForce} */ (Object.fromEntries(entries))
}

/** @typedef {{ x: number, y: number, width: number, height: number }} Box px of the source, origin top left */

/**
 * @param {unknown} boxes
 * @returns {Box[]}
 */
export function checkBoxes(boxes) {
  if (!Array.isArray(boxes)) throw new TypeError(`boxes must be an array, got ${describe(boxes)}`)
  if (boxes.length > 1000) throw new MaskDetectorError('invalid_argument', `at most 1000 boxes, got ${boxes.length}`)
  return boxes.map((box, index) => {
    const { x, y, width, height } = checkObject(box, `boxes[${index}]`)
    for (const [name, value] of Object.entries({ x, y, width, height })) {
      if (typeof value !== 'number') throw new TypeError(`boxes[${index}].${name} must be a number, got ${describe(value)}`)
      const positive = name === 'width' || name === 'height'
      if (!Number.isFinite(value) || (positive && value <= 0)) {
        throw new MaskDetectorError('invalid_argument', `boxes[${index}].${name} must be finite${positive ? ' and above 0' : ''}, got ${value}`)
      }
    }
    return /** @type {Box} */ ({ x, y, width, height })
  })
}
