import { MASK_LABELS } from './labels.js'

/**
 * @typedef {object} MaskFace
 * @property {import('./options.js').Box} box px of the source, inside of it
 * @property {number} score that this is a face; [0, 1]; 1 for boxes given by the caller
 * @property {{ value: import('./labels.js').MaskLabel, probability: number }} mask the most probable label; [0, 1]
 * @property {Record<import('./labels.js').MaskLabel, number>} probabilities [0, 1], sum 1
 * @property {boolean} uncertain the best label is less probable than `minMaskProbability`
 */

/**
 * Wall-clock time inside of WebAssembly, ms.
 * @typedef {object} Timings
 * @property {number} preprocess resizing for the face finder
 * @property {number} faces finding
 * @property {number} masks cropping and labelling all faces
 * @property {number} total
 */

/**
 * @typedef {object} DetectionResult
 * @property {number} width of the source, px
 * @property {number} height of the source, px
 * @property {number} timestamp of the frame, ms: the media time of a video or VideoFrame, otherwise `performance.now()`
 *   when the source was taken
 * @property {MaskFace[]} faces largest box first; for boxes given by the caller in their order
 * @property {Timings} timings
 */

const HEAD = 5
const FACE = 10

/**
 * @param {Float64Array} report [5 + 10 * faces], as result_report in wasm/exports.c writes it
 * @param {number} width px
 * @param {number} height px
 * @returns {Omit<DetectionResult, 'timestamp'>}
 */
export function readResult(report, width, height) {
  const [count = 0, preprocess = 0, faces = 0, masks = 0, total = 0] = report
  return {
    width,
    height,
    faces: Array.from({ length: count }, (_, index) => readFace(report.subarray(HEAD + index * FACE))),
    timings: { preprocess, faces, masks, total },
  }
}

/**
 * @param {Float64Array} numbers
 * @returns {MaskFace}
 */
function readFace(numbers) {
  const at = (/** @type {number} */ index) => /** @type {number} */ (numbers[index])
  const label = at(8)
  const value = /** @type {import('./labels.js').MaskLabel} */ (MASK_LABELS[label])
  return {
    box: { x: at(0), y: at(1), width: at(2), height: at(3) },
    score: at(4),
    mask: { value, probability: at(5 + label) },
    probabilities: { without_mask: at(5), mask_worn_incorrectly: at(6), mask_worn_correctly: at(7) },
    uncertain: at(9) !== 0,
  }
}

/** Numbers that readResult expects for a number of faces. @param {number} count */
export const reportLength = (count) => HEAD + count * FACE
