// Reads a data folder: the uniform layout (scenes/, faces/, backgrounds/) or the Kaggle set
// andrewmvd/face-mask-detection as published (images/*.png, annotations/*.xml). Splits as in model/data.py.

import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { basename, join, parse } from 'node:path'

/** @typedef {import("./metrics.mjs").Box} Box */
/** @typedef {{ right_eye: [number, number], left_eye: [number, number], nose: [number, number] }} KeyPoints  px; the person's right */
/** @typedef {Box & { label: string, keypoints?: KeyPoints }} LabelledBox */
/**
 * @typedef {object} Picture
 * @property {string} file
 * @property {string} source  scenes, backgrounds, or of single faces the folder they are in: web, crops, celeb
 * @property {string} split  train or val
 * @property {LabelledBox[]} faces
 */

export const LABELS = Object.freeze(['without_mask', 'mask_worn_incorrectly', 'mask_worn_correctly'])

/** @type {Record<string, string>} */
const SPELLINGS = {
  with_mask: 'mask_worn_correctly',
  mask_weared_incorrect: 'mask_worn_incorrectly',
  mask_weared_incorrectly: 'mask_worn_incorrectly',
}
const OTHER_VAL_EVERY = 6
const KAGGLE_VALIDATION = new URL('../../model/kaggle-validation.json', import.meta.url)
const SEEN_VALIDATION = new URL('../../model/seen-validation.json', import.meta.url)
const BACKGROUND_VAL_EVERY = 4

/** The data folder is missing, empty or malformed; the message says where. */
export class DataError extends Error {}

/**
 * @param {string} folder
 * @returns {Picture[]} in a fixed order
 * @throws {DataError}
 */
export function loadData(folder) {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) throw new DataError(`data folder not found: ${folder}`)
  if (existsSync(join(folder, 'annotations')) && existsSync(join(folder, 'images'))) return loadKaggle(folder)
  if (!['scenes', 'faces'].some((part) => existsSync(join(folder, part, 'labels.jsonl')))) {
    throw new DataError(`${folder} holds neither scenes/labels.jsonl, faces/labels.jsonl nor the Kaggle layout (images/*.png and annotations/*.xml)`)
  }
  return [...loadScenes(join(folder, 'scenes')), ...loadFaces(join(folder, 'faces')), ...loadBackgrounds(join(folder, 'backgrounds'))]
}

/**
 * @param {string} text
 * @param {string} where
 */
function readLabel(text, where) {
  const label = SPELLINGS[text] ?? text
  if (!LABELS.includes(label)) throw new DataError(`${where}: unknown label ${JSON.stringify(text)}`)
  return label
}

/**
 * @param {string} file
 * @returns {{ where: string, record: any }[]}
 */
function readLines(file) {
  return readFileSync(file, 'utf8')
    .split('\n')
    .map((line, index) => ({ line, where: `${file}:${index + 1}` }))
    .filter(({ line }) => line.trim() !== '')
    .map(({ line, where }) => {
      try {
        return { where, record: JSON.parse(line) }
      } catch (error) {
        throw new DataError(`${where}: not JSON`, { cause: error })
      }
    })
}

/**
 * @param {string} folder
 * @returns {Picture[]}
 */
function loadScenes(folder) {
  const file = join(folder, 'labels.jsonl')
  if (!existsSync(file)) return []
  return readLines(file).map(({ where, record }) => ({
    file: join(folder, record.file),
    source: 'scenes',
    split: record.split,
    faces: record.faces.map((/** @type {LabelledBox} */ { x, y, width, height, label }) => ({
      x,
      y,
      width,
      height,
      label: readLabel(label, where),
    })),
  }))
}

/**
 * @param {string} folder
 * @returns {Picture[]}
 */
function loadFaces(folder) {
  const file = join(folder, 'labels.jsonl')
  if (!existsSync(file)) return []
  const pictures = readLines(file).map(({ where, record }) => {
    const { x, y, width, height } = record.box
    return {
      file: join(folder, record.file),
      source: record.file.split('/')[1],
      split: record.split,
      faces: [{ x, y, width, height, label: readLabel(record.label, where), ...(record.keypoints && { keypoints: record.keypoints }) }],
    }
  })
  return withoutSeen(pictures)
}

/**
 * Without those validation pictures that training has, too: they would show nothing.
 * @param {Picture[]} pictures
 */
function withoutSeen(pictures) {
  const sizeOf = (/** @type {Picture} */ { file }) => statSync(file, { throwIfNoEntry: false })?.size
  /** @type {Map<number, Picture[]>} */
  const bySize = new Map()
  for (const picture of pictures.filter(({ split }) => split === 'train')) {
    const size = sizeOf(picture)
    if (size !== undefined) bySize.set(size, [...(bySize.get(size) ?? []), picture])
  }
  const listed = new Set(JSON.parse(readFileSync(SEEN_VALIDATION, 'utf8')))
  const isSeen = (/** @type {Picture} */ picture) => {
    if (listed.has(`${picture.source}/${parse(picture.file).name}`)) return true
    const size = sizeOf(picture)
    const alike = size === undefined ? undefined : bySize.get(size)
    if (alike === undefined) return false
    const bytes = readFileSync(picture.file)
    return alike.some(({ file }) => readFileSync(file).equals(bytes))
  }
  return pictures.filter((picture) => picture.split !== 'val' || !isSeen(picture))
}

/**
 * @param {string} folder
 * @returns {Picture[]}
 */
function loadBackgrounds(folder) {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => name.endsWith('.jpg'))
    .sort()
    .map((name, index) => ({
      file: join(folder, name),
      source: 'backgrounds',
      split: index % BACKGROUND_VAL_EVERY === 0 ? 'val' : 'train',
      faces: [],
    }))
}

/**
 * @param {string} folder
 * @returns {Picture[]}
 */
function loadKaggle(folder) {
  const names = readdirSync(join(folder, 'annotations'))
    .filter((name) => name.endsWith('.xml'))
    .sort()
  if (names.length === 0) throw new DataError(`no annotations in ${join(folder, 'annotations')}`)
  const kaggle = JSON.parse(readFileSync(KAGGLE_VALIDATION, 'utf8')).map((/** @type {number} */ number) => `maksssksksss${number}.xml`)
  const isKaggle = kaggle.some((/** @type {string} */ name) => names.includes(name))
  const validation = new Set(isKaggle ? kaggle : names.filter((_, index) => index % OTHER_VAL_EVERY === 0))
  return names.map((name) => {
    const annotation = join(folder, 'annotations', name)
    const file = join(folder, 'images', `${basename(name, '.xml')}.png`)
    if (!existsSync(file)) throw new DataError(`${annotation}: picture ${file} is missing`)
    return {
      file,
      source: 'scenes',
      split: validation.has(name) ? 'val' : 'train',
      faces: readObjects(readFileSync(annotation, 'utf8'), annotation),
    }
  })
}

/**
 * The `object` elements of a Pascal VOC annotation. The format is flat and written by a tool, so tags are enough.
 * @param {string} xml
 * @param {string} where
 * @returns {LabelledBox[]}
 */
function readObjects(xml, where) {
  return [...xml.matchAll(/<object>([\s\S]*?)<\/object>/g)].map(([, body = '']) => {
    /** @param {string} tag */
    const text = (tag) => new RegExp(`<${tag}>\\s*([^<]*?)\\s*</${tag}>`).exec(body)?.[1] ?? ''
    const [x1, y1, x2, y2] = ['xmin', 'ymin', 'xmax', 'ymax'].map((tag) => Number.parseFloat(text(tag)))
    if (x1 === undefined || y1 === undefined || x2 === undefined || y2 === undefined || !(x2 > x1 && y2 > y1)) {
      throw new DataError(`${where}: empty or missing box`)
    }
    return { x: x1, y: y1, width: x2 - x1, height: y2 - y1, label: readLabel(text('name'), where) }
  })
}
