/* What the shipped networks answer for the test pictures: asked here, pinned in answers.json by pin.mjs. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { overlap } from '../accuracy/metrics.mjs'
import { FACE_BOX, encodePng, makePortrait } from './portraits.mjs'

/** @typedef {import('../accuracy/metrics.mjs').Box} Box */
/** @typedef {{ box: Box, score: number, probabilities: Record<string, number>, mask: { value: string }, uncertain: boolean }} Face */
/** @typedef {import('./portraits.mjs').Picture} Picture */
/** @typedef {{ detectionSize?: number, boxes?: Box[] }} Question  boxes: do not search, label these */
/** @typedef {{ models: Record<string, string>, answers: Record<string, Face[]> }} Pinned  SHA-256 of the files, faces by question */

const NAMES = /** @type {const} */ (['bare', 'correct', 'under-nose', 'chin'])
export const ANSWERS_FILE = fileURLToPath(new URL('answers.json', import.meta.url))
const MODEL_NAMES = ['face.onnx', 'mask.onnx']
export const modelFile = (/** @type {string} */ name) => fileURLToPath(new URL(`../../model/${name}`, import.meta.url))

// Rounding differs between processors and builds by far less, other weights by far more.
const MIN_OVERLAP = 0.8
const SCORE_LIMIT = 0.03
const PROBABILITY_LIMIT = 0.05

/** Every second pixel is the mean of four. @param {Picture} picture @returns {Picture} */
function halve({ data, width, height }) {
  const half = { data: new Uint8Array(width * height), width: width / 2, height: height / 2 }
  for (let y = 0; y < half.height; y++) {
    for (let at = 0; at < half.width * 4; at++) {
      const from = 2 * y * width * 4 + 2 * at - (at % 4)
      const sum = [0, 4, width * 4, width * 4 + 4].reduce((total, step) => total + (data[from + step] ?? 0), 0)
      half.data[y * half.width * 4 + at] = Math.round(sum / 4)
    }
  }
  return half
}

/** By question: a picture and how it is asked for. @returns {Map<string, { picture: Picture, question: Question }>} */
export function makeQuestions() {
  const questions = new Map()
  for (const name of NAMES) {
    const picture = makePortrait(name)
    questions.set(name, { picture, question: {} })
    questions.set(`${name}, video size`, { picture, question: { detectionSize: 320 } })
    questions.set(`${name}, half as large`, { picture: halve(picture), question: {} })
    questions.set(`${name}, box given`, { picture, question: { boxes: [FACE_BOX] } })
  }
  return questions
}

/**
 * Asks the native command line.
 * @param {string} program
 * @param {string[]} [models]  face.onnx and mask.onnx
 * @returns {Record<string, Face[]>} by question
 */
export function askNative(program, models = MODEL_NAMES.map(modelFile)) {
  const [face = '', mask = ''] = models
  const folder = mkdtempSync(join(tmpdir(), 'maskcheck-answers-'))
  const [file, boxFile] = [join(folder, 'picture.png'), join(folder, 'boxes.jsonl')]
  try {
    return Object.fromEntries([...makeQuestions()].map(([name, { picture, question }]) => {
      writeFileSync(file, encodePng(picture))
      writeFileSync(boxFile, JSON.stringify({ file: 'picture.png', faces: question.boxes ?? [] }))
      const how = question.boxes ? ['--boxes', boxFile] : question.detectionSize ? ['--size', String(question.detectionSize)] : []
      const printed = execFileSync(program, ['--json', '--face-model', face, '--mask-model', mask, ...how, file], { encoding: 'utf8' })
      return [name, JSON.parse(printed).faces]
    }))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** @returns {Record<string, string>} SHA-256 by name */
export function hashModels() {
  return Object.fromEntries(MODEL_NAMES.map((name) => [name, createHash('sha256').update(readFileSync(modelFile(name))).digest('hex')]))
}

/** @returns {Pinned} */
export const readPinned = () => JSON.parse(readFileSync(ANSWERS_FILE, 'utf8'))

/**
 * Everything in which answers differ from the pinned ones.
 * @param {Record<string, Face[]>} answers
 * @param {Record<string, Face[]>} pinned
 * @returns {string[]}
 */
export function differences(answers, pinned) {
  /** @type {string[]} */
  const found = []
  for (const [name, expected] of Object.entries(pinned)) {
    const faces = answers[name] ?? []
    if (faces.length !== expected.length) {
      found.push(`${name}: ${faces.length} faces where ${expected.length} were`)
      continue
    }
    for (const [index, face] of faces.entries()) {
      const was = /** @type {Face} */ (expected[index])
      const same = overlap(face.box, was.box)
      if (!(same >= MIN_OVERLAP)) found.push(`${name}: the box overlaps the one before by ${same.toFixed(2)} only`)
      if (!(Math.abs(face.score - was.score) <= SCORE_LIMIT)) found.push(`${name}: score ${face.score.toFixed(3)} where ${was.score.toFixed(3)} was`)
      if (face.uncertain !== was.uncertain) found.push(`${name}: ${face.uncertain ? 'un' : ''}certain, which it was not`)
      if (face.mask.value !== was.mask.value) found.push(`${name}: ${face.mask.value} where ${was.mask.value} was`)
      for (const [label, value] of Object.entries(was.probabilities)) {
        const now = face.probabilities[label] ?? NaN
        if (!(Math.abs(now - value) <= PROBABILITY_LIMIT)) found.push(`${name}: probability of ${label} ${now.toFixed(3)} where ${value.toFixed(3)} was`)
      }
    }
  }
  return found
}
