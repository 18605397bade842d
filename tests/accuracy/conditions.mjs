// In what light a face is and how far it is turned away, so that the measures can be split by both.

import { readFileSync } from 'node:fs'

import jpeg from 'jpeg-js'
import { PNG } from 'pngjs'

import { DataError, LABELS } from './dataset.mjs'
import { boxSize, wilson } from './metrics.mjs'

/** @typedef {import("./metrics.mjs").Box} Box */
/** @typedef {import("./metrics.mjs").Interval} Interval */
/** @typedef {import("./dataset.mjs").LabelledBox} LabelledBox */
/** @typedef {import("./dataset.mjs").Picture} Picture */
/** @typedef {{ width: number, height: number, data: Uint8Array }} Pixels  RGBA */
/** @typedef {{ found: boolean, label: string }} Outcome  of one face: whether it is found, and the label given to its box */
/** @typedef {{ name: string, found: Interval | null, right: Interval | null, recall: Record<string, Interval | null> }} Group */
/** @typedef {{ name: string, measure: string, groups: Group[] }} Condition */

const MIN_SIZE = 20
const DARK = 85
const BRIGHT = 170
const TURNED = 0.2
const PROFILE = 0.45

export const LIGHTS = Object.freeze([`dark, below ${DARK}`, `${DARK} to ${BRIGHT}`, `bright, above ${BRIGHT}`])
export const TURNS = Object.freeze([`frontal, below ${TURNED}`, `${TURNED} to ${PROFILE}`, `profile, above ${PROFILE}`])

/**
 * @param {string} file  JPEG or PNG
 * @returns {Pixels}
 * @throws {DataError}
 */
function decode(file) {
  try {
    const bytes = readFileSync(file)
    return bytes[0] === 0x89 ? PNG.sync.read(bytes) : jpeg.decode(bytes, { useTArray: true })
  } catch (error) {
    throw new DataError(`${file} cannot be read: ${error instanceof Error ? error.message : error}`, { cause: error })
  }
}

/**
 * @param {number} value
 * @param {[number, number]} limits
 * @param {readonly string[]} names
 */
const step = (value, [low, high], names) => names[value < low ? 0 : value <= high ? 1 : 2] ?? ''

/**
 * Mean luma (BT.601, [0, 255]) of the box's part in the picture.
 * @param {Pixels} pixels
 * @param {Box} box
 * @returns {string} one of LIGHTS
 */
export function lightOf({ data, width, height }, box) {
  const [left, top] = [Math.max(0, Math.floor(box.x)), Math.max(0, Math.floor(box.y))]
  const [right, bottom] = [Math.min(width, Math.ceil(box.x + box.width)), Math.min(height, Math.ceil(box.y + box.height))]
  let sum = 0
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      const at = (y * width + x) * 4
      sum += 0.299 * (data[at] ?? 0) + 0.587 * (data[at + 1] ?? 0) + 0.114 * (data[at + 2] ?? 0)
    }
  }
  return step(sum / Math.max(1, (right - left) * (bottom - top)), [DARK, BRIGHT], LIGHTS)
}

/**
 * How far the nose is from the middle between the eyes, along the line through them, in distances between the eyes.
 * @param {NonNullable<LabelledBox["keypoints"]>} keypoints
 * @returns {string} one of TURNS
 */
export function turnOf({ right_eye: [ax, ay], left_eye: [bx, by], nose: [x, y] }) {
  const [dx, dy] = [bx - ax, by - ay]
  const along = ((x - (ax + bx) / 2) * dx + (y - (ay + by) / 2) * dy) / Math.max(1e-9, dx * dx + dy * dy)
  return step(Math.abs(along), [TURNED, PROFILE], TURNS)
}

/**
 * @param {string} name
 * @param {string} measure  what the groups are told apart by
 * @param {readonly string[]} groups
 * @param {{ group: string, truth: string, outcome: Outcome }[]} faces
 * @returns {Condition}
 */
function split(name, measure, groups, faces) {
  /** @param {typeof faces} list @param {(face: (typeof faces)[number]) => boolean} test */
  const share = (list, test) => wilson(list.filter(test).length, list.length)
  return {
    name,
    measure,
    groups: groups.map((group) => {
      const here = faces.filter((face) => face.group === group)
      const right = (/** @type {(typeof faces)[number]} */ { truth, outcome }) => outcome.label === truth
      return {
        name: group,
        found: share(here, ({ outcome }) => outcome.found),
        right: share(here, right),
        recall: Object.fromEntries(LABELS.map((label) => [label, share(here.filter(({ truth }) => truth === label), right)])),
      }
    }),
  }
}

/**
 * @param {Picture[]} pictures
 * @param {Map<LabelledBox, Outcome>} outcomes
 * @returns {Condition[]} faces of 20 px and more: by light, and where key points are known by turn
 * @throws {DataError}
 */
export function measureConditions(pictures, outcomes) {
  /** @type {{ group: string, truth: string, outcome: Outcome }[]} */
  const byLight = []
  /** @type {typeof byLight} */
  const byTurn = []
  for (const { file, faces } of pictures) {
    const known = faces.flatMap((face) => {
      const outcome = outcomes.get(face)
      return outcome && boxSize(face) >= MIN_SIZE ? [{ face, truth: face.label, outcome }] : []
    })
    if (!known.length) continue
    const pixels = decode(file)
    for (const { face, truth, outcome } of known) {
      byLight.push({ group: lightOf(pixels, face), truth, outcome })
      if (face.keypoints) byTurn.push({ group: turnOf(face.keypoints), truth, outcome })
    }
  }
  return [
    split('light', 'mean luma of the face, 0 to 255', LIGHTS, byLight),
    ...(byTurn.length ? [split('turn', 'how far the nose is off the middle, in distances between the eyes', TURNS, byTurn)] : []),
  ]
}
