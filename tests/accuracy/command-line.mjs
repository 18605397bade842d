// Runs the maskcheck command line over many pictures and reads its JSON lines.

import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** @typedef {import("./metrics.mjs").Box} Box */
/**
 * @typedef {object} FaceAnswer
 * @property {Box} box
 * @property {number} score
 * @property {{ value: string, probability: number }} mask
 * @property {Record<string, number>} probabilities
 * @property {boolean} uncertain
 */
/** @typedef {{ file: string, faces: FaceAnswer[] }} PictureAnswer */

const PICTURES_PER_RUN = 200 // well below any limit on the length of a command line
const MAX_OUTPUT_BYTES = 256 * 1024 * 1024

/** The command line could not be run or gave something unexpected. */
export class CommandError extends Error {}

/**
 * @param {string} program
 * @param {string[]} options
 * @returns {Promise<string>}
 */
function run(program, options) {
  return new Promise((resolve, reject) => {
    execFile(program, options, { maxBuffer: MAX_OUTPUT_BYTES }, (error, stdout, stderr) => {
      if (!error) resolve(stdout)
      else if (error.code === 'ENOENT') reject(new CommandError(`${program} not found; build it first (npm test or cmake --build)`))
      else reject(new CommandError(`${program} failed (${error.code ?? error.signal}): ${stderr.trim() || error.message}`))
    })
  })
}

/**
 * @param {string} program
 * @param {string[]} options
 * @param {string[]} files
 * @returns {Promise<PictureAnswer[]>}
 */
async function runOnce(program, options, files) {
  const output = await run(program, ['--json', ...options, ...files])
  const answers = output
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      try {
        return /** @type {PictureAnswer} */ (JSON.parse(line))
      } catch (error) {
        throw new CommandError(`${program} printed a line that is not JSON: ${line.slice(0, 200)}`, { cause: error })
      }
    })
  if (answers.length !== files.length) throw new CommandError(`${program} answered ${answers.length} of ${files.length} pictures`)
  answers.forEach((answer, index) => {
    if (answer.file !== files[index]) throw new CommandError(`${program} answered ${answer.file} where ${files[index]} was asked`)
  })
  return answers
}

/**
 * @template T
 * @param {T[]} items
 * @returns {T[][]}
 */
function chunks(items) {
  return Array.from({ length: Math.ceil(items.length / PICTURES_PER_RUN) }, (_, i) =>
    items.slice(i * PICTURES_PER_RUN, (i + 1) * PICTURES_PER_RUN),
  )
}

/**
 * Finds and labels the faces of each picture.
 * @param {string} program
 * @param {string[]} files
 * @param {{ size?: number, minFaceScore?: number, maxFaces?: number, models?: string[] }} [options]
 *   what is left out stays at the program's default
 * @returns {Promise<PictureAnswer[]>} in the order of `files`
 * @throws {CommandError}
 */
export async function detectAll(program, files, { size, minFaceScore, maxFaces, models = [] } = {}) {
  const options = [...models]
  if (size !== undefined) options.push('--size', String(size))
  if (minFaceScore !== undefined) options.push('--min-face-score', String(minFaceScore))
  if (maxFaces !== undefined) options.push('--max-faces', String(maxFaces))
  const answers = []
  for (const part of chunks(files)) answers.push(...(await runOnce(program, options, part)))
  return answers
}

/**
 * Labels given boxes.
 * @param {string} program
 * @param {{ file: string, faces: Box[] }[]} pictures
 * @param {{ models?: string[] }} [options]
 * @returns {Promise<PictureAnswer[]>} in the order of `pictures`, faces in the order of their boxes
 * @throws {CommandError}
 */
export async function labelAll(program, pictures, { models = [] } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'maskcheck-boxes-'))
  try {
    const answers = []
    for (const part of chunks(pictures)) {
      const boxes = join(folder, 'boxes.jsonl')
      const lines = part.map(({ file, faces }) =>
        JSON.stringify({ file, faces: faces.map(({ x, y, width, height }) => ({ x, y, width, height })) }),
      )
      await writeFile(boxes, `${lines.join('\n')}\n`)
      const got = await runOnce(
        program,
        [...models, '--boxes', boxes],
        part.map(({ file }) => file),
      )
      got.forEach((answer, index) => {
        const asked = part[index]?.faces.length ?? 0
        if (answer.faces.length !== asked) throw new CommandError(`${answer.file}: ${answer.faces.length} labels for ${asked} boxes`)
      })
      answers.push(...got)
    }
    return answers
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
