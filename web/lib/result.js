import { MASK_LABELS } from './labels.js'

/**
 * @typedef {object} MaskFace
 * @property {import('./options.js').Box} box px of the source, inside of it but for boxes given by the caller
 * @property {number} score that this is a face: the face finder's word, and the mask classifier's if its model has one; [0, 1]; 1
 *   from `label` and `classify`, which do not search
 * @property {{ value: import('./labels.js').MaskLabel, probability: number }} mask the most probable label; [0, 1]
 * @property {Record<import('./labels.js').MaskLabel, number>} probabilities [0, 1], sum 1
 * @property {boolean} uncertain the label is less probable than `minMaskProbability`
 */

/**
 * A face of a video. Its probabilities are means over time, it is `uncertain` until it has been seen for a while, and
 * from then on its label stays until another one leads clearly: see the options whose names begin with `track`.
 * @typedef {MaskFace & {
 *   trackId: number,
 *   missedTime: number,
 * }} TrackedFace `trackId`: whole number above 0, the same in all frames, never used again by this detector; `missedTime`:
 *   ms since the face was last found, 0 where it was found in this frame. A face seen for `trackSureTime` and then missed is
 *   shown for `trackKeepTime` where it is expected by its last movement, all else as it was last
 */

/**
 * Wall-clock time inside of WebAssembly, ms.
 * @typedef {object} Timings
 * @property {number} preprocess resizing for the face finder
 * @property {number} faces finding
 * @property {number} masks cropping and labelling all faces, and candidates that then were none
 * @property {number} total
 */

/**
 * @typedef {object} DetectionResult
 * @property {number} width of the source, px
 * @property {number} height of the source, px
 * @property {number} timestamp of the frame, ms: what was given to `detectForVideo`, or else the media time of a video or
 *   VideoFrame, or else `performance.now()` when the source was taken
 * @property {MaskFace[]} faces largest box first; for boxes given by the caller in their order
 * @property {Timings} timings
 */

/** @typedef {Omit<DetectionResult, 'faces'> & { faces: TrackedFace[] }} VideoResult of one frame */

const HEAD = 5
const FACE = 12

/**
 * @param {Float64Array} report [5 + 12 * faces], as result_report in wasm/exports.c writes it
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
 * @returns {MaskFace | TrackedFace}
 */
function readFace(numbers) {
  const at = (/** @type {number} */ index) => /** @type {number} */ (numbers[index])
  const label = at(8)
  const value = /** @type {import('./labels.js').MaskLabel} */ (MASK_LABELS[label])
  const face = {
    box: { x: at(0), y: at(1), width: at(2), height: at(3) },
    score: at(4),
    mask: { value, probability: at(5 + label) },
    probabilities: { without_mask: at(5), mask_worn_incorrectly: at(6), mask_worn_correctly: at(7) },
    uncertain: at(9) !== 0,
  }
  const trackId = at(10)
  return trackId === 0 ? face : { ...face, trackId, missedTime: at(11) }
}

/** Numbers that readResult expects for a number of faces. @param {number} count */
export const reportLength = (count) => HEAD + count * FACE
