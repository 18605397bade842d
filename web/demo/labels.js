/* How the three answers look and read: a colour never stands alone, there are always a sign and words with it. */
import { text } from './texts.js'

/** @typedef {import('./lib/index.js').MaskLabel} MaskLabel */

/**
 * @typedef {object} Look
 * @property {string} colour dark enough for white text on it
 * @property {string} sign SVG path, stroked, in a square of 24
 */

/** @type {Readonly<Record<MaskLabel, Look>>} */
export const LOOKS = {
  mask_worn_correctly: { colour: '#16703f', sign: 'M6 12.5 10.500 17 18 8' },
  mask_worn_incorrectly: { colour: '#9a4f00', sign: 'M12 6v7.500M12 17.400v.200' },
  without_mask: { colour: '#b01e3c', sign: 'M7.500 7.500l9 9M16.500 7.500l-9 9' },
}

export const LABELS = /** @type {MaskLabel[]} */ (Object.keys(LOOKS))

/** @param {MaskLabel} label @returns {string} one or two words */
export const shortName = (label) => text(`${label}_short`)

/**
 * @param {readonly { mask: { value: MaskLabel } }[]} faces
 * @returns {Record<MaskLabel, number>}
 */
export function countLabels(faces) {
  const counts = { mask_worn_correctly: 0, mask_worn_incorrectly: 0, without_mask: 0 }
  for (const { mask } of faces) counts[mask.value]++
  return counts
}

/**
 * @param {readonly { mask: { value: MaskLabel }, uncertain: boolean }[]} faces
 * @returns {string} one sentence
 */
export function summarise(faces) {
  if (faces.length === 0) return text('noFace')
  const counts = countLabels(faces)
  const list = LABELS.filter((label) => counts[label] > 0)
    .map((label) => text(`${label}_within`) + (faces.length === 1 ? '' : ` (${counts[label]})`))
    .join(text('comma'))
  const unsure = faces.filter(({ uncertain }) => uncertain).length
  if (faces.length === 1) return text('oneFace', { list: list + (unsure > 0 ? ` ${text('uncertain')}` : '') })
  return text('manyFaces', { n: faces.length, list: list + (unsure > 0 ? text('comma') + text('uncertainOnes', { n: unsure }) : '') })
}

/**
 * @param {MaskLabel} label
 * @returns {SVGSVGElement} in the label's colour; its name is to be written beside it
 */
export function signOf(label) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  svg.setAttribute('viewBox', '0 0 24 24')
  svg.setAttribute('aria-hidden', 'true')
  svg.append(document.createElementNS('http://www.w3.org/2000/svg', 'path'))
  changeSign(svg, label)
  return svg
}

/** @param {SVGSVGElement} svg of signOf @param {MaskLabel} label */
export function changeSign(svg, label) {
  svg.setAttribute('class', `sign ${label}`)
  svg.firstElementChild?.setAttribute('d', LOOKS[label].sign)
}
