/* What the Node program prints: the same as the native one does (src/cli_output.h). */
import { MASK_LABELS } from './index.js'

/** @typedef {import('./index.js').DetectionResult} DetectionResult */

const PX_DECIMALS = 3
const SHARE_DECIMALS = 6
const MS_DECIMALS = 3

/** @param {number} value @param {number} decimals @returns {string} rounded; from 1e21 on, `toFixed` alone would give an exponent */
const fixed = (value, decimals) => (Math.abs(value) < 1e21 ? value.toFixed(decimals) : String(BigInt(value)))

/** @param {number} value @param {number} decimals @returns {string} rounded, without zeros at the end */
function number(value, decimals) {
  const text = fixed(value, decimals).replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '')
  return text === '-0' ? '0' : text
}

/** @param {string} text @returns {string} */
const string = (text) => `"${Buffer.from(text).toString().replace(/["\\]/g, '\\$&').replace(/[\0-\x1f]/g, (/** @type {string} */ control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`)}"`

/**
 * @param {Record<string, number>} object
 * @param {number} decimals
 */
const numbers = (object, decimals) => `{${Object.entries(object).map(([name, value]) => `"${name}":${number(value, decimals)}`)}}`

/**
 * @param {string} file
 * @param {DetectionResult} result
 * @returns {string} one line
 */
export function toJsonLine(file, { width, height, faces, timings }) {
  const items = faces.map(({ box, score, mask, probabilities, uncertain }) => {
    const shares = Object.fromEntries(MASK_LABELS.map((label) => [label, probabilities[label]]))
    return `{"box":${numbers(box, PX_DECIMALS)},"score":${number(score, SHARE_DECIMALS)},"mask":{"value":"${mask.value}","probability":${number(mask.probability, SHARE_DECIMALS)}},"probabilities":${numbers(shares, SHARE_DECIMALS)},"uncertain":${uncertain}}`
  })
  return `{"file":${string(file)},"width":${width},"height":${height},"faces":[${items}],"timings":${numbers({ ...timings }, MS_DECIMALS)}}\n`
}

/**
 * @param {string} file
 * @param {DetectionResult} result
 * @returns {string} one line a face
 */
export function toText(file, { faces }) {
  const name = printable(file)
  if (faces.length === 0) return `${name}: no face\n`
  return faces
    .map(({ box, score, mask, uncertain }) => {
      const place = `${fixed(box.x, 0)},${fixed(box.y, 0)} ${fixed(box.width, 0)}x${fixed(box.height, 0)}`
      return `${name}: ${mask.value} ${mask.probability.toFixed(3)} at ${place}, face ${score.toFixed(3)}${uncertain ? ', uncertain' : ''}\n`
    })
    .join('')
}

/** @param {string} name @returns {string} that cannot steer the terminal */
export const printable = (name) => name.replace(/[\0-\x1f\x7f-\x9f]/g, '?')
