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
 * @property {string} split  train, val or another name
 * @property {LabelledBox[]} faces
 */

export const LABELS = Object.freeze(['without_mask', 'mask_worn_incorrectly', 'mask_worn_correctly'])

/** @type {Record<string, string>} */
const SPELLINGS = {
  with_mask: 'mask_worn_correctly',
  mask_weared_incorrect: 'mask_worn_incorrectly',
  mask_weared_incorrectly: 'mask_worn_incorrectly',
}
const TURN_POINTS = ['right_eye', 'left_eye', 'nose'] // of the six
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
 * @param {any} box
 * @param {string} label
 * @param {string} where
 * @returns {LabelledBox}
 */
function readFace(box, label, where) {
  const { x, y, width, height } = box ?? {}
  if (![x, y, width, height].every(Number.isFinite) || width <= 0 || height <= 0) throw new DataError(`${where}: empty or missing box`)
  return { x, y, width, height, label: readLabel(label, where) }
}

/**
 * @param {string} file
 * @returns {{ where: string, record: any }[]} file and split of the records are sound
 */
function readLines(file) {
  const seen = new Set()
  return readFileSync(file, 'utf8')
    .split('\n')
    .map((line, index) => ({ line, where: `${file}:${index + 1}` }))
    .filter(({ line }) => line.trim() !== '')
    .map(({ line, where }) => {
      let record
      try {
        record = JSON.parse(line)
      } catch (error) {
        throw new DataError(`${where}: not JSON`, { cause: error })
      }
      if (typeof record?.file !== 'string') throw new DataError(`${where}: file is missing`)
      const { split = 'val' } = record
      if (typeof split !== 'string') throw new DataError(`${where}: split ${JSON.stringify(split)}: a name, like train or val`)
      // The program that labels given boxes knows one line of a picture.
      if (seen.has(record.file)) throw new DataError(`${where}: ${record.file} is listed twice`)
      seen.add(record.file)
      return { where, record: { ...record, split } }
    })
}

/**
 * @param {string} folder
 * @returns {Picture[]}
 */
function loadScenes(folder) {
  const file = join(folder, 'labels.jsonl')
  if (!existsSync(file)) return []
  return readLines(file).map(({ where, record }) => {
    if (!Array.isArray(record.faces)) throw new DataError(`${where}: faces are missing`)
    const faces = record.faces.map((/** @type {any} */ face) => readFace(face, face?.label, where))
    return { file: join(folder, record.file), source: 'scenes', split: record.split, faces }
  })
}

/**
 * @param {string} folder
 * @returns {Picture[]}
 */
function loadFaces(folder) {
  const file = join(folder, 'labels.jsonl')
  if (!existsSync(file)) return []
  const pictures = readLines(file).map(({ where, record }) => {
    const folders = record.file.split('/').slice(0, -1)
    const { keypoints } = record
    if (keypoints && !TURN_POINTS.every((point) => keypoints[point]?.every?.(Number.isFinite))) throw new DataError(`${where}: key points are missing`)
    const face = { ...readFace(record.box, record.label, where), ...(keypoints && { keypoints }) }
    return { file: join(folder, record.file), source: folders[1] ?? 'faces', split: record.split, faces: [face] }
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
 * @param {string} annotation
 * @param {string} where
 * @returns {LabelledBox[]}
 */
function readObjects(annotation, where) {
  const xml = annotation.replace(/<!--[\s\S]*?-->/g, '')
  const objects = [...xml.matchAll(/<object\b[^>]*>([\s\S]*?)<\/object>/g)]
  // What ends early or is none at all would pass for a picture with fewer faces.
  if (!/<\/annotation>\s*$/.test(xml) || objects.length !== xml.split(/<object\b/).length - 1) throw new DataError(`${where}: not a whole annotation`)
  return objects.map(([, body = '']) => {
    /** @param {string} tag */
    const text = (tag) => new RegExp(`<${tag}>\\s*([^<]*?)\\s*</${tag}>`).exec(body)?.[1] ?? ''
    const [x = NaN, y = NaN, x2 = NaN, y2 = NaN] = ['xmin', 'ymin', 'xmax', 'ymax'].map((tag) => Number.parseFloat(text(tag)))
    return readFace({ x, y, width: x2 - x, height: y2 - y }, text('name'), where)
  })
}
