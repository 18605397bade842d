// All measures of one data folder, taken from the command line's answers.

import { measureConditions } from './conditions.mjs'
import { LABELS } from './dataset.mjs'
import { averagePrecision, boxSize, foundTruths, measureLabels, wilson } from './metrics.mjs'

/** @typedef {import("./dataset.mjs").Picture} Picture */
/** @typedef {import("./command-line.mjs").PictureAnswer} PictureAnswer */
/** @typedef {import("./metrics.mjs").Box} Box */
/** @typedef {import("./metrics.mjs").Interval} Interval */
/** @typedef {import("./metrics.mjs").LabelAnswer} LabelAnswer */

/**
 * @typedef {object} Program  the two ways of asking
 * @property {(files: string[], options: { size?: number, minFaceScore?: number, maxFaces?: number }) => Promise<PictureAnswer[]>} detect
 * @property {(pictures: { file: string, faces: Box[] }[]) => Promise<PictureAnswer[]>} label
 */
/**
 * @typedef {object} FinderMeasures
 * @property {number} size  long side, px
 * @property {{ minSize: number, ap: number | null, faces: number, curve: number[] }[]} ap50  curve: precision at the recalls 0, 0.01, ... 1
 * @property {Record<string, Interval | null>} recall  by label, faces >= 32 px, default score threshold
 * @property {Record<string, Interval | null>} singleFaces  share found by source, default score threshold
 * @property {{ pictures: number, faces: number, perPicture: number } | null} falseFaces  on pictures without people, default threshold
 * @property {{ labels: Record<string, { ap: number | null, faces: number }>, mean: number | null }} endToEnd  AP50 per label, faces >= 16 px
 */
/**
 * @typedef {object} Measures
 * @property {FinderMeasures[]} finder
 * @property {Record<string, import("./metrics.mjs").LabelMeasures>} labels
 * @property {import("./conditions.mjs").Condition[]} conditions  empty if not asked for
 */
/** @typedef {Map<import("./dataset.mjs").LabelledBox, import("./conditions.mjs").Outcome>} Outcomes  by face, filled step by step */

export const DETECTION_SIZES = Object.freeze([640, 416, 320])
export const FACE_SIZES = Object.freeze([0, 16, 32, 64])
const RECALL_MIN_SIZE = 32
const LABEL_MIN_SIZE = 20
const END_TO_END_MIN_SIZE = 16
const LOW_FACE_SCORE = 0.001 // the precision-recall curve needs the doubtful answers too
const MAX_FACES = 1000

/**
 * @param {Picture[]} pictures
 * @param {PictureAnswer[]} answers  in the same order
 */
function pair(pictures, answers) {
  return pictures.map((picture, index) => ({ picture, faces: answers[index]?.faces ?? [] }))
}

/**
 * @param {ReturnType<typeof pair>} pairs
 * @param {number} minSize
 */
function endToEnd(pairs, minSize) {
  /** @type {FinderMeasures["endToEnd"]["labels"]} */
  const labels = {}
  for (const label of LABELS) {
    const { ap, truths } = averagePrecision(
      pairs.map(({ picture, faces }) => ({
        found: faces
          .filter((face) => face.mask.value === label)
          .map((face) => ({ box: face.box, score: face.score * face.mask.probability })),
        truth: picture.faces.filter((face) => face.label === label),
      })),
      (box) => boxSize(box) >= minSize,
    )
    labels[label] = { ap, faces: truths }
  }
  const known = Object.values(labels).flatMap(({ ap }) => (ap === null ? [] : [ap]))
  return { labels, mean: known.length ? known.reduce((a, b) => a + b, 0) / known.length : null }
}

/**
 * @param {Picture[]} pictures
 * @param {Program} program
 * @param {number} size
 * @param {Outcomes} outcomes
 * @returns {Promise<FinderMeasures>}
 */
async function measureFinder(pictures, program, size, outcomes) {
  /** @param {string[]} sources */
  const select = (sources) => pictures.filter(({ source }) => sources.includes(source))
  /** @param {Picture[]} chosen @param {object} options */
  const ask = async (chosen, options) =>
    pair(
      chosen,
      await program.detect(
        chosen.map(({ file }) => file),
        { size, ...options },
      ),
    )
  const scenes = select(['scenes'])
  const all = await ask(scenes, { minFaceScore: LOW_FACE_SCORE, maxFaces: MAX_FACES })
  const usual = await ask(scenes, {})
  const singles = await ask(
    pictures.filter(({ source }) => !['scenes', 'backgrounds'].includes(source)),
    {},
  )
  const backgrounds = await ask(select(['backgrounds']), {})

  const curves = all.map(({ picture, faces }) => ({ found: faces, truth: picture.faces }))
  /** @type {Record<string, boolean[]>} */
  const seen = Object.fromEntries(LABELS.map((label) => [label, []]))
  /** @type {Record<string, boolean[]>} */
  const single = {}
  for (const { picture, faces } of [...usual, ...singles]) {
    const found = foundTruths(faces, picture.faces)
    picture.faces.forEach((face, index) => outcomes.set(face, { found: found[index] ?? false, label: '' }))
    if (picture.source !== 'scenes') (single[picture.source] ??= []).push(...found)
    else picture.faces.forEach((face, index) => boxSize(face) >= RECALL_MIN_SIZE && seen[face.label]?.push(found[index] ?? false))
  }
  /** @param {boolean[]} list */
  const share = (list) => wilson(list.filter(Boolean).length, list.length)
  /** @param {Record<string, boolean[]>} lists */
  const shares = (lists) => Object.fromEntries(Object.entries(lists).map(([key, list]) => [key, share(list)]))
  const falseFaces = backgrounds.reduce((sum, { faces }) => sum + faces.length, 0)
  return {
    size,
    ap50: FACE_SIZES.map((minSize) => {
      const { ap, truths, curve } = averagePrecision(curves, (box) => boxSize(box) >= minSize)
      return { minSize, ap, faces: truths, curve }
    }),
    recall: shares(seen),
    singleFaces: shares(single),
    falseFaces: backgrounds.length
      ? { pictures: backgrounds.length, faces: falseFaces, perPicture: falseFaces / backgrounds.length }
      : null,
    endToEnd: endToEnd(all, END_TO_END_MIN_SIZE),
  }
}

/**
 * Labels on the hand-drawn or given boxes, by source; scenes only from 20 px.
 * @param {Picture[]} pictures
 * @param {Program} program
 * @param {Outcomes} outcomes
 * @returns {Promise<Measures["labels"]>}
 */
async function measureGivenBoxes(pictures, program, outcomes) {
  /** @type {Record<string, LabelAnswer[]>} */
  const groups = {}
  const asked = pictures
    .map((picture) => ({
      ...picture,
      faces: picture.faces.filter((face) => picture.source !== 'scenes' || boxSize(face) >= LABEL_MIN_SIZE),
    }))
    .filter(({ faces }) => faces.length > 0)
  const answers = await program.label(asked)
  asked.forEach(({ source, faces }, index) => {
    const name = source === 'scenes' ? `scenes, faces >= ${LABEL_MIN_SIZE} px` : source
    faces.forEach((face, k) => {
      const answer = answers[index]?.faces[k]
      if (!answer) return
      const outcome = outcomes.get(face)
      if (outcome) outcome.label = answer.mask.value
      ;(groups[name] ??= []).push({
        truth: face.label,
        value: answer.mask.value,
        probability: answer.mask.probability,
        uncertain: answer.uncertain,
      })
    })
  })
  if (Object.keys(groups).length > 1) groups['all of these'] = Object.values(groups).flat()
  return Object.fromEntries(Object.entries(groups).map(([name, list]) => [name, measureLabels(list, LABELS)]))
}

/**
 * @param {Picture[]} pictures
 * @param {Program} program
 * @param {(step: string) => void} progress
 * @param {boolean} byCondition
 * @returns {Promise<Measures>}
 */
export async function measure(pictures, program, progress, byCondition) {
  const finder = []
  /** @type {Outcomes} */
  const outcomes = new Map()
  for (const size of DETECTION_SIZES) {
    progress(`finding faces at ${size} px`)
    finder.push(await measureFinder(pictures, program, size, size === DETECTION_SIZES[0] ? outcomes : new Map()))
  }
  progress('labelling given boxes')
  const labels = await measureGivenBoxes(pictures, program, outcomes)
  if (byCondition) progress('looking at light and turn')
  return { finder, labels, conditions: byCondition ? measureConditions(pictures, outcomes) : [] }
}
