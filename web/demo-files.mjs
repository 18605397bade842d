/* The files of the demo page that are made and not written: its sample pictures and the list of all its files. */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { PORTRAIT_FILE } from '../tests/portrait/setup.mjs'

const QUALITY = 85

/** @typedef {import('../tests/portrait/portraits.mjs').PortraitName} PortraitName */

/** @type {{ name: PortraitName, text: import('./demo/texts.js').TextKey }[]} */
const SAMPLES = [
  { name: 'correct', text: 'sampleCorrect' },
  { name: 'under-nose', text: 'sampleUnderNose' },
  { name: 'chin', text: 'sampleChin' },
  { name: 'bare', text: 'sampleBare' },
]

/**
 * The portrait with a mask drawn on in several ways, and all of them together. Where the portrait has not been set up
 * (tests/portrait/setup.mjs) or the development dependencies are missing, the page goes without samples.
 * @returns {Promise<Map<string, Buffer>>} by name in the folder samples/
 */
export async function sampleFiles() {
  const tools = existsSync(PORTRAIT_FILE) ? await loadTools() : undefined
  if (tools === undefined) return new Map([['list.json', Buffer.from('[]\n')]])
  const portraits = SAMPLES.map(({ name }) => tools.makePortrait(name))
  const group = { name: 'group', text: 'sampleGroup', picture: together(portraits) }
  const all = [...SAMPLES.map((sample, index) => ({ ...sample, picture: portraits[index] })), group]
  const list = all.map(({ name, text }) => ({ name, file: `${name}.jpg`, text }))
  return new Map([
    ...all.map(({ name, picture }) => /** @type {const} */ ([`${name}.jpg`, tools.encode(/** @type {any} */ (picture), QUALITY).data])),
    ['list.json', Buffer.from(`${JSON.stringify(list, null, 2)}\n`)],
  ])
}

async function loadTools() {
  try {
    const [{ makePortrait }, { encode }] = await Promise.all([import('../tests/portrait/portraits.mjs'), import('jpeg-js')])
    return { makePortrait, encode }
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ERR_MODULE_NOT_FOUND') return undefined
    throw error
  }
}

/**
 * Four pictures in two rows.
 * @param {import('../tests/portrait/portraits.mjs').Picture[]} pictures of the same size
 */
function together(pictures) {
  const { width = 0, height = 0 } = pictures[0] ?? {}
  const data = new Uint8Array(width * 2 * height * 2 * 4)
  pictures.forEach((picture, index) => {
    const [left, top] = [(index % 2) * width, Math.floor(index / 2) * height]
    for (let y = 0; y < height; y++) {
      data.set(picture.data.subarray(y * width * 4, (y + 1) * width * 4), ((top + y) * width * 2 + left) * 4)
    }
  })
  return { data, width: width * 2, height: height * 2 }
}

/**
 * What the service worker keeps: each file with its SHA-256, and a version that is another one when any of them changes.
 * @param {Map<string, Uint8Array>} files by path in the page's folder
 * @returns {Buffer} a script
 */
export function listFiles(files) {
  const hash = (/** @type {Uint8Array | string} */ contents) => createHash('sha256').update(contents).digest('base64')
  // The start page goes by the folder's own address: some hosts redirect from the other one.
  const entries = [...files].map(([path, contents]) => [path === 'index.html' ? '' : path, hash(contents)]).sort()
  const list = Object.fromEntries(entries)
  return Buffer.from(`self.maskcheckFiles = ${JSON.stringify({ version: hash(JSON.stringify(list)).slice(0, 12), files: list }, null, 1)}\n`)
}
