import { MaskDetectorError } from './errors.js'

/**
 * What is looked for and what comes back. A missing or `undefined` option means its default, which the model files
 * carry where none is named here; {@link MaskDetector#options} tells the values in force.
 *
 * @typedef {object} DetectionOptions
 * @property {number | undefined} [minFaceScore] faces with a lower score are left out; [0, 1]; default: the face model's own
 * @property {number | undefined} [nmsIou] of two boxes that overlap more than this, the lower scored goes, and of two of which one
 *   covers more than 0.8 (or this, if more) of the other; [0, 1]; default: the face model's own
 * @property {number | undefined} [minMaskProbability] faces whose best label is less probable are marked `uncertain`; [0, 1];
 *   default: the mask model's own
 * @property {number | undefined} [minFaceSize] faces whose longer side is shorter are left out; px of the source, [0, 32768];
 *   default 0
 * @property {number | undefined} [maxFaces] the largest are kept; whole number in [1, 1000]; default 100
 * @property {number | undefined} [detectionSize] long side of the resized picture in which faces are searched: smaller is faster,
 *   larger finds smaller faces; from 512 on half of it is searched, too, for large ones, if the face model wants it; px,
 *   multiple of 32 in [32, 4096]; default: the face model's own for pictures (640)
 * @property {number | undefined} [videoDetectionSize] the same for video, never with a half ({@link MaskDetector#detectForVideo},
 *   {@link MaskDetector#watch}), like all options below; default: the face model's own for video (320)
 * @property {number | undefined} [trackMinIou] a face whose box overlaps the one expected of a track less is not that track's; [0, 1];
 *   0: any overlap will do; default 0.1
 * @property {number | undefined} [trackMotionTime] time constant of the mean speed by which a track's next box is expected; ms,
 *   [0, 60000]; 0: it is expected where it was last; default 150
 * @property {number | undefined} [trackSmoothingTime] time constant of the mean of a track's probabilities; ms, [0, 60000]; 0: those
 *   of the frame alone; default 250
 * @property {number | undefined} [trackBoxSmoothingTime] time constant of the mean of box and score; ms, [0, 60000]; default 0: those
 *   of the frame alone
 * @property {number | undefined} [trackLabelLead] another label must be this much more probable than the present one to take its
 *   place, and a label once sure becomes `uncertain` half of this below `minMaskProbability`; [0, 1]; 0: the label is the
 *   most probable one; default 0.25
 * @property {number | undefined} [trackSureTime] a track is `uncertain` until it has been seen for so long; ms, [0, 60000]; 0: sure
 *   from its first frame; default 200
 * @property {number | undefined} [trackKeepTime] a face seen for `trackSureTime` and then missed is shown for so long where it is
 *   expected; ms, [0, 60000], no longer than `trackMemoryTime`; 0: not at all; default 300
 * @property {number | undefined} [trackMemoryTime] a face found again after so long still has its `trackId`; ms, [0, 60000]; 0: a face
 *   missed in one frame gets a new one; default 1000
 * @property {number | undefined} [trackGapTime] a longer step from one frame to the next begins a new video; ms, [0, 60000]; 0: never;
 *   default 2000
 */

/** @typedef {{ [Name in keyof DetectionOptions]-?: number }} DetectionOptionsInForce */

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
  videoDetectionSize: { min: 32, max: 4096, step: 32 },
  trackMinIou: { min: 0, max: 1 },
  trackMotionTime: { min: 0, max: 60000 },
  trackSmoothingTime: { min: 0, max: 60000 },
  trackBoxSmoothingTime: { min: 0, max: 60000 },
  trackLabelLead: { min: 0, max: 1 },
  trackSureTime: { min: 0, max: 60000 },
  trackKeepTime: { min: 0, max: 60000 },
  trackMemoryTime: { min: 0, max: 60000 },
  trackGapTime: { min: 0, max: 60000 },
})

const NAMES = /** @type {(keyof DetectionOptions)[]} */ (Object.keys(RULES))

export const OPTION_COUNT = NAMES.length

/** @param {string} name @returns {name is keyof DetectionOptions} */
const isDetectionOption = (name) => Object.hasOwn(RULES, name)

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
 * @param {unknown} value
 * @param {string} name
 * @returns {asserts value is number}
 */
export function checkFinite(value, name) {
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number, got ${describe(value)}`)
  if (!Number.isFinite(value)) throw new MaskDetectorError('invalid_argument', `${name} must be finite, got ${value}`)
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
    if (!isDetectionOption(name)) throw new TypeError(`options.${name} is not an option`)
    if (value !== undefined) checkNumber(`options.${name}`, value, RULES[name])
    checked[name] = /** @type {number | undefined} */ (value)
  }
  return checked
}

/**
 * @param {Record<string, unknown>} options that a call does not know: misspelt, or of other calls
 * @param {string} call its name
 * @throws {TypeError} there are some
 */
export function refuseOptions(options, call) {
  const name = Object.keys(options).find((key) => options[key] !== undefined)
  if (name === undefined) return
  throw new TypeError(`options.${name} is not an option of ${call}${isDetectionOption(name) ? ': give it to create or setOptions' : ''}`)
}

/**
 * @param {string} name
 * @param {unknown} value
 * @param {Rule} rule
 * @returns {asserts value is number}
 * @throws {TypeError} no number
 * @throws {MaskDetectorError} `invalid_argument`: out of range
 */
export function checkNumber(name, value, { min, max, step }) {
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number, got ${describe(value)}`)
  if (value >= min && value <= max && (step === undefined || value % step === 0)) return
  const kind = step === undefined ? 'a number' : step === 1 ? 'a whole number' : `a multiple of ${step}`
  throw new MaskDetectorError('invalid_argument', `${name} must be ${kind} in [${min}, ${max}], got ${value}`)
}

/**
 * @param {DetectionOptions} options checked
 * @returns {Float64Array} [OPTION_COUNT], in the order of mc_options; -1 stands for the default
 */
export function optionsToNumbers(options) {
  return Float64Array.from(NAMES, (name) => options[name] ?? -1)
}

/**
 * @param {ArrayLike<number>} numbers [OPTION_COUNT], in the order of mc_options; C keeps most as float32
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
