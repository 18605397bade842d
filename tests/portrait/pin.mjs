/* npm run pin: writes down what the networks in model/ answer now, after a training or a wanted change of the engine. */
import { existsSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { ANSWERS_FILE, askNative, differences, hashModels, readPinned } from './answers.mjs'

/** @typedef {import('./answers.mjs').Face} Face */

const DIGITS = 4

/** @param {Record<string, number>} values */
const rounded = (values) => Object.fromEntries(Object.entries(values).map(([key, value]) => [key, Number(value.toFixed(DIGITS))]))

const program = fileURLToPath(new URL('../../build/native/maskcheck', import.meta.url))
if (!existsSync(program)) throw new Error(`${program} not found; build it first (npm test)`)
const answers = Object.fromEntries(
  Object.entries(askNative(program)).map(([name, faces]) => [
    name,
    faces.map(({ box, score, probabilities, mask, uncertain }) => ({
      box: { ...rounded({ ...box }) },
      score: Number(score.toFixed(DIGITS)),
      mask: { value: mask.value },
      probabilities: rounded(probabilities),
      uncertain,
    })),
  ]),
)
const changes = existsSync(ANSWERS_FILE) ? differences(/** @type {Record<string, Face[]>} */ (answers), readPinned().answers) : []
writeFileSync(ANSWERS_FILE, `${JSON.stringify({ models: hashModels(), answers }, null, 1)}\n`)
console.log(changes.length ? changes.join('\n') : 'the answers are what they were')
