import { MaskDetectorError } from './errors.js'

/**
 * One answer of CompreFace's REST API with the face mask plugin.
 * @typedef {object} CompreFaceResult
 * @property {{ probability: number, x_min: number, y_min: number, x_max: number, y_max: number }} box px
 * @property {{ value: import('./labels.js').MaskLabel, probability: number }} mask
 */

/**
 * @param {import('./result.js').DetectionResult} result
 * @returns {{ result: CompreFaceResult[] }} as CompreFace's `/detect` with `face_plugins=mask` answers
 */
export function toCompreFace(result) {
  return {
    result: result.faces.map(({ box, score, mask }) => ({
      box: {
        probability: score,
        x_min: Math.round(box.x),
        y_min: Math.round(box.y),
        x_max: Math.round(box.x + box.width),
        y_max: Math.round(box.y + box.height),
      },
      mask: { value: mask.value, probability: mask.probability },
    })),
  }
}

/** @type {Readonly<Record<string, import('./labels.js').MaskLabel>>} */
const SPELLINGS = Object.freeze({
  without_mask: 'without_mask',
  with_mask: 'mask_worn_correctly',
  mask_worn_correctly: 'mask_worn_correctly',
  mask_weared_incorrect: 'mask_worn_incorrectly',
  mask_worn_incorrectly: 'mask_worn_incorrectly',
})

/**
 * @param {string} label as CompreFace's code or its documentation spells it
 * @returns {import('./labels.js').MaskLabel}
 * @throws {MaskDetectorError} `invalid_argument`: not a label of CompreFace
 */
export function fromCompreFaceLabel(label) {
  if (typeof label !== 'string') throw new TypeError(`label must be a string, got ${typeof label}`)
  const found = Object.hasOwn(SPELLINGS, label) ? SPELLINGS[label] : undefined
  if (found === undefined) throw new MaskDetectorError('invalid_argument', `not a label of CompreFace: ${JSON.stringify(label.slice(0, 40))}`)
  return found
}
