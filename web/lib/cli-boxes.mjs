/* Face boxes from a JSON Lines file, as the native program reads them (src/cli_boxes.h). */
import { printable } from './cli-output.mjs'

/** @typedef {{ file: string, boxes: import('./index.js').Box[] }} PictureBoxes */

/**
 * @param {string} path for messages
 * @param {string} text the file
 * @returns {PictureBoxes[]} in the file's order
 * @throws {Error} with a message that names file and line
 */
export function readBoxes(path, text) {
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return []
    try {
      return [readPicture(JSON.parse(line))]
    } catch (cause) {
      throw new Error(`${path}:${index + 1}: ${printable(cause instanceof Error ? cause.message : String(cause))}`, { cause }) // JSON.parse quotes the line.
    }
  })
}

/** @param {any} object @returns {PictureBoxes} */
function readPicture(object) {
  if (typeof object?.file !== 'string') throw new Error('"file" is missing or not a string')
  if (!Array.isArray(object.faces)) throw new Error('"faces" is missing or not an array')
  if (object.faces.length > 1000) throw new Error('more than 1000 faces')
  return { file: object.file, boxes: object.faces.map(readBox) }
}

/** @param {any} face @returns {import('./index.js').Box} */
function readBox(face) {
  const { x, y, width, height } = face?.box ?? face ?? {}
  const floats = [x, y, width, height].map((value) => (typeof value === 'number' ? Math.fround(value) : NaN)) // as the library has them
  if (!floats.every(Number.isFinite) || floats.slice(2).some((size) => size <= 0)) {
    throw new Error('a face needs the numbers "x", "y", "width" and "height", the last two above 0')
  }
  return { x, y, width, height }
}

/**
 * @param {PictureBoxes[]} all
 * @param {string} picture
 * @returns {PictureBoxes | undefined} whose file is this path or else the longest end of it, from a slash on
 */
export const findBoxes = (all, picture) =>
  all
    .filter(({ file }) => picture === file || picture.endsWith(`/${file}`))
    .reduce((best, each) => (best === undefined || each.file.length > best.file.length ? each : best), /** @type {PictureBoxes | undefined} */ (undefined))
