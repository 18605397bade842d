#!/usr/bin/env node
// Measures the shipped networks through the native command line.

import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

import { CommandError, detectAll, labelAll } from './command-line.mjs'
import { DataError, loadData } from './dataset.mjs'
import { measure } from './measure.mjs'
import { MarkerError, formatReport, writeSections } from './report.mjs'

const USAGE = `usage: npm run accuracy -- --data DIR [--split NAME|all] [--conditions] [--json FILE] [--write FILE.md]...
                           [--cli PROGRAM] [--face-model FILE] [--mask-model FILE]

DIR is a data folder (scenes/labels.jsonl, faces/labels.jsonl, backgrounds/*.jpg; one of the first two is enough) or the
Kaggle set andrewmvd/face-mask-detection as published (images/*.png, annotations/*.xml).

--conditions splits the faces by light and turn as well. --write puts the tables into a Markdown file, between
<!-- accuracy: NAME --> and <!-- /accuracy -->; NAME is summary, finder, together, labels, sources or conditions.`

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const DEFAULT_PROGRAM = join(ROOT, 'build', 'native', 'maskcheck')
const MODELS = join(ROOT, 'model')

/** What the user can put right; the message is shown without a stack. */
class UsageError extends Error {}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        data: { type: 'string' },
        split: { type: 'string', default: 'val' },
        conditions: { type: 'boolean', default: false },
        json: { type: 'string' },
        write: { type: 'string', multiple: true, default: [] },
        cli: { type: 'string', default: DEFAULT_PROGRAM },
        'face-model': { type: 'string' },
        'mask-model': { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    })
    if (values.help) return null
    if (!values.data) throw new UsageError('--data is missing')
    return { ...values, data: values.data, write: values.write ?? [], cli: values.cli ?? DEFAULT_PROGRAM }
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error })
  }
}

async function main() {
  const options = readOptions()
  if (!options) {
    console.log(USAGE)
    return
  }
  const all = loadData(options.data)
  const pictures = all.filter(({ split }) => options.split === 'all' || split === options.split)
  if (pictures.length === 0) {
    const splits = [...new Set(all.map(({ split }) => split))].join(', ')
    throw new DataError(`${options.data}: no pictures of the split ${options.split}; there are: ${splits || 'none'}`)
  }
  if (!existsSync(options.cli)) throw new CommandError(`${options.cli} not found; build it first (npm test)`)
  const missing = options.write.find((file) => !existsSync(file))
  if (missing !== undefined) throw new UsageError(`--write ${missing}: not found`)
  if (options.json && !existsSync(dirname(options.json))) throw new UsageError(`--json ${options.json}: its folder is not found`)
  const models = [
    ...(options['face-model'] ? ['--face-model', options['face-model']] : []),
    ...(options['mask-model'] ? ['--mask-model', options['mask-model']] : []),
  ]
  const program = {
    /** @param {string[]} files @param {object} how */
    detect: (files, how) => detectAll(options.cli, files, { ...how, models }),
    /** @param {{ file: string, faces: import("./metrics.mjs").Box[] }[]} asked */
    label: (asked) => labelAll(options.cli, asked, { models }),
  }
  const measures = await measure(pictures, program, (step) => process.stderr.write(`${step}\n`), options.conditions === true)
  const counts = { pictures: pictures.length, faces: pictures.reduce((sum, { faces }) => sum + faces.length, 0) }
  console.log(`split ${options.split}: ${counts.pictures} pictures, ${counts.faces} labelled faces\n`)
  console.log(formatReport(measures))
  if (options.json) await writeFile(options.json, `${JSON.stringify({ split: options.split, ...counts, ...measures }, null, 1)}\n`)
  const subject = `${await named('face.onnx', options['face-model'])} and ${await named('mask.onnx', options['mask-model'])}`
  for (const file of options.write) await rewrite(file, measures, subject)
}

/**
 * @param {string} name of the shipped file
 * @param {string} [file] what is in its place
 * @returns {Promise<string>} the name and the first digits of the file's SHA-256
 */
async function named(name, file = join(MODELS, name)) {
  return `${name} ${createHash('sha256').update(await readFile(file)).digest('hex').slice(0, 12)}`
}

/**
 * @param {string} file
 * @param {import("./measure.mjs").Measures} measures
 * @param {string} subject what was measured
 */
async function rewrite(file, measures, subject) {
  try {
    await writeFile(file, writeSections(await readFile(file, 'utf8'), measures, subject))
  } catch (error) {
    throw error instanceof MarkerError ? new UsageError(`${file}: ${error.message}`, { cause: error }) : error
  }
}

try {
  await main()
} catch (error) {
  const isFileError = error instanceof Error && 'syscall' in error
  if (!(error instanceof DataError || error instanceof CommandError || error instanceof UsageError || isFileError)) throw error
  console.error(`accuracy: ${error.message}`)
  if (error instanceof UsageError) console.error(USAGE)
  process.exitCode = 1
}
