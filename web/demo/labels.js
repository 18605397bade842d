/* How the three answers look and read: a colour never stands alone, there are always a sign and words with it. */

/** @typedef {import('./lib/index.js').MaskLabel} MaskLabel */

/**
 * @typedef {object} Look
 * @property {string} text
 * @property {string} short
 * @property {string} colour dark enough for white text on it
 * @property {string} sign SVG path, stroked, in a square of 24
 */

/** @type {Readonly<Record<MaskLabel, Look>>} */
export const LOOKS = {
  mask_worn_correctly: { text: 'Mask worn correctly', short: 'Correct', colour: '#16703f', sign: 'M6 12.5 10.500 17 18 8' },
  mask_worn_incorrectly: { text: 'Mask worn incorrectly', short: 'Incorrect', colour: '#9a4f00', sign: 'M12 6v7.500M12 17.400v.200' },
  without_mask: { text: 'Without mask', short: 'No mask', colour: '#b01e3c', sign: 'M7.500 7.500l9 9M16.500 7.500l-9 9' },
}

/** @param {number} probability [0, 1] @returns {string} never "100 %", which no network can promise */
export const percent = (probability) => `${Math.min(99, Math.round(probability * 100))} %`

/**
 * @param {readonly import('./lib/index.js').MaskFace[]} faces
 * @returns {string} one sentence
 */
export function summarise(faces) {
  if (faces.length === 0) return 'No face found.'
  const parts = Object.entries(LOOKS).flatMap(([label, { text }]) => {
    const count = faces.filter(({ mask }) => mask.value === label).length
    return count === 0 ? [] : [faces.length === 1 ? text.toLowerCase() : `${text.toLowerCase()} (${count})`]
  })
  return `${faces.length === 1 ? 'One face' : `${faces.length} faces`}: ${parts.join(', ')}.`
}
