#!/usr/bin/env node
/* maskcheck for the command line: the same flags and output as the native program, through WebAssembly. */
import { readFile } from 'node:fs/promises'
import { dirname, isAbsolute } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { getSystemErrorMap } from 'node:util'
import { findBoxes, readBoxes } from './cli-boxes.mjs'
import { USAGE, readArguments } from './cli-options.mjs'
import { printable, toJsonLine, toText } from './cli-output.mjs'
import { MaskDetector, VERSION } from './index.js'

/** @typedef {import('./cli-boxes.mjs').PictureBoxes} PictureBoxes */

/** @param {string} message */
function complain(message) {
  process.stderr.write(`maskcheck: ${message}\n`)
  return false
}

/** @param {unknown} error @returns {string} */
function reason(error) {
  const system = getSystemErrorMap().get(/** @type {{ errno?: number }} */ (error)?.errno ?? 0)?.[1]
  if (system !== undefined) return system.charAt(0).toUpperCase() + system.slice(1)
  return error instanceof Error ? error.message : String(error)
}

/** @param {string} path or - for standard input @returns {Promise<Buffer>} */
const contentOf = (path) => (path === '-' ? buffer(process.stdin) : readFile(path))

/** @param {string} path @returns {Promise<Buffer>} */
async function read(path) {
  try {
    return await contentOf(path)
  } catch (cause) {
    throw new Error(`${printable(path)}: ${reason(cause)}`, { cause })
  }
}

/**
 * @param {import('./cli-options.mjs').CliOptions} options
 * @returns {Promise<number>} exit code
 */
async function main({ json, crop, boxesFile, faceModel, maskModel, detection, pictures }) {
  const listed = boxesFile === undefined ? undefined : readBoxes(printable(boxesFile), (await read(boxesFile)).toString())
  const detector = await MaskDetector.create({
    ...detection,
    worker: false,
    ...(faceModel !== undefined && { faceModel: await read(faceModel) }),
    ...(maskModel !== undefined && { maskModel: await read(maskModel) }),
  })

  /** @param {string} path @param {string} name @param {PictureBoxes} [given] */
  const check = async (path, name, given) => {
    try {
      const file = await contentOf(path)
      const result = await (crop ? detector.classify(file) : given ? detector.label(file, given.boxes) : detector.detect(file))
      process.stdout.write(json ? toJsonLine(name, result) : toText(name, result))
      return true
    } catch (error) {
      return complain(`${printable(name)}: ${reason(error)}`)
    }
  }

  let good = true
  if (pictures.length === 0 && listed !== undefined && boxesFile !== undefined) {
    const folder = dirname(boxesFile)
    for (const given of listed) good = (await check(isAbsolute(given.file) ? given.file : `${folder}/${given.file}`, given.file, given)) && good
  }
  for (const path of pictures) {
    const given = listed && findBoxes(listed, path)
    const found = listed === undefined || given !== undefined
    good = (found ? await check(path, path, given) : complain(`${printable(path)}: no line for it in the boxes file`)) && good
  }
  detector.close()
  return good ? 0 : 1
}

/** @returns {Promise<number>} */
async function start() {
  let options
  try {
    options = readArguments(process.argv.slice(2))
  } catch (error) {
    complain(reason(error))
    process.stderr.write(USAGE)
    return 2
  }
  if (options.help) process.stdout.write(USAGE)
  if (options.version) process.stdout.write(`maskcheck ${VERSION}\n`)
  if (options.help || options.version) return 0
  try {
    return await main(options)
  } catch (error) {
    complain(reason(error))
    return 2
  }
}

process.stdout.on('error', (error) => {
  // Whoever closes the pipe (head) has what it wanted.
  if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EPIPE') complain('standard output: could not be written')
  process.exit(1)
})
process.exitCode = await start()
