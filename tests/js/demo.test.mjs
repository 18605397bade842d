/* What can be told of the demo page without a browser. */
import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { drawFaces } from '../../web/demo/draw-faces.js'
import { History } from '../../web/demo/history.js'
import { summarise } from '../../web/demo/labels.js'
import { Pictures } from '../../web/demo/pictures.js'
import { SlowDevice, smallerSize } from '../../web/demo/slow-device.js'
import { keep, recall } from '../../web/demo/storage.js'
import { LANGUAGES, percent } from '../../web/demo/texts.js'

const DEMO = fileURLToPath(new URL('../../web/demo/', import.meta.url))
const { en } = LANGUAGES
const html = readFileSync(join(DEMO, 'index.html'), 'utf8')

describe('texts of the demo page', () => {
  for (const [language, { table }] of Object.entries(LANGUAGES)) {
    test(`are complete in ${language}, with the same words to fill in`, () => {
      assert.deepEqual(Object.keys(table), Object.keys(en.table))
      const gaps = (/** @type {string} */ text) => (text.match(/\{\w+\}/g) ?? []).sort()
      for (const [key, text] of Object.entries(en.table)) {
        const translated = table[/** @type {import('../../web/demo/texts.js').TextKey} */ (key)]
        assert.deepEqual(gaps(translated), gaps(text), key)
        assert.notEqual(translated.trim(), '', key)
      }
    })
  }

  test('stand in the page in English, as it is painted first', () => {
    const table = /** @type {Record<string, string>} */ (en.table)
    const texts = [...html.matchAll(/data-text="(\w+)">([^<]*)</g)]
    const labels = [...html.matchAll(/(?:aria-label|alt)="([^"]*)" data-(?:label|alt)="(\w+)"/g)]
    assert.equal(texts.length, html.split('data-text=').length - 1)
    assert.equal(labels.length, html.split(/data-(?:label|alt)=/).length - 1)
    for (const [, key = '', text] of texts) assert.equal(text, table[key], key)
    for (const [, text, key = ''] of labels) assert.equal(text, table[key], key)
  })
})

test('the sentence that is read out claims nothing that is uncertain', () => {
  const face = (/** @type {import('../../web/lib/index.js').MaskLabel} */ value, uncertain = false) => ({ mask: { value }, uncertain })
  assert.equal(summarise([face('without_mask')]), 'One face: without mask.')
  assert.equal(summarise([face('without_mask', true)]), 'One face: without mask (uncertain).')
  assert.equal(summarise([face('without_mask', true), face('mask_worn_correctly')]), '2 faces: mask worn correctly (1), without mask (1), 1 of them uncertain.')
})

describe('a slow device', () => {
  test('is noticed when frames take long for three seconds, and not before', () => {
    const device = new SlowDevice()
    const seen = Array.from({ length: 40 }, (_, frame) => device.frame(200, frame * 200))
    const first = seen.indexOf(true)
    assert.ok(first * 200 >= 3000 && first * 200 <= 5000, `after ${first * 200} ms`)
    assert.equal(seen.indexOf(true, first + 1), -1, 'once')
    device.reset()
    assert.equal(device.frame(200, 9000), false)
    assert.ok(Array.from({ length: 40 }, (_, frame) => device.frame(200, 9000 + frame * 200)).includes(true))
  })

  test('is no device that now and then takes long for a frame', () => {
    const device = new SlowDevice()
    for (let frame = 0; frame < 500; frame++) assert.equal(device.frame(frame % 30 === 0 ? 400 : 20, frame * 33), false)
  })

  test('is no device that is slow for a moment, again and again', () => {
    const device = new SlowDevice()
    for (let frame = 0; frame < 500; frame++) assert.equal(device.frame(frame % 40 < 10 ? 250 : 20, frame * 100), false)
  })

  test('gets smaller sizes, which the library takes, down to an end', () => {
    const sizes = []
    for (let size = /** @type {number | undefined} */ (640); size; size = smallerSize(size)) sizes.push(size)
    assert.deepEqual(sizes, [640, 448, 320, 224, 160])
  })
})

describe('boxes that are drawn', () => {
  /** What is drawn of one face in a picture of 100 x 100 px, on 200 x 200. @param {object} face @param {boolean} mirrored */
  function draw(face, mirrored) {
    /** @type {{ box: number[], dashes: number[], alpha: number }[]} */
    const drawn = []
    let dashes = /** @type {number[]} */ ([])
    const calls = {
      globalAlpha: 1,
      setLineDash: (/** @type {number[]} */ given) => (dashes = given),
      roundRect: (/** @type {number[]} */ ...box) => drawn.push({ box: box.slice(0, 4), dashes, alpha: calls.globalAlpha }),
      measureText: () => ({ width: 50 }),
    }
    const context = new Proxy(calls, { get: (target, name) => Reflect.get(target, name) ?? (() => {}) })
    const seen = { mask: { value: 'without_mask', probability: 1 }, box: { x: 10, y: 20, width: 30, height: 40 }, ...face }
    Object.assign(globalThis, { Path2D: class {} })
    drawFaces(/** @type {any} */ (context), { width: 200, height: 200 }, { width: 100, height: 100, faces: /** @type {any} */ ([seen]) }, { mirrored, numbers: false })
    Reflect.deleteProperty(globalThis, 'Path2D')
    return drawn[0]
  }

  test('lie over the face, in a mirror too', () => {
    assert.deepEqual(draw({}, false)?.box, [20, 40, 60, 80])
    assert.deepEqual(draw({}, true)?.box, [120, 40, 60, 80])
  })

  test('are broken where the answer is unsure, and faint where the face is only expected', () => {
    assert.deepEqual([draw({}, false)?.dashes, draw({}, false)?.alpha], [[], 1])
    assert.notDeepEqual(draw({ uncertain: true }, false)?.dashes, [])
    assert.ok(Number(draw({ missedTime: 50 }, false)?.alpha) < 1)
  })
})

test('no answer is given for certain', () => {
  assert.equal(percent(1), '99%')
  assert.equal(percent(0.5), '50%')
})

test('what was seen is told for ten seconds', () => {
  const history = new History()
  history.add('without_mask', 0)
  history.add('mask_worn_correctly', 6000)
  assert.match(history.describe(), /Correct 50%, No mask 50%/)
  history.add('mask_worn_correctly', 11000)
  assert.match(history.describe(), /: Correct$/)
  assert.deepEqual([history.isOver(20000), history.isOver(22000)], [false, true])
})

test('a browser that keeps nothing does no harm', () => {
  keep('key', 1)
  assert.equal(recall('key'), undefined)
})

describe('pictures that were opened', () => {
  /** Pictures whose answers are given by hand. */
  function open() {
    /** @type {{ name: string, resolve: (result?: any) => void, reject: (error: Error) => void }[]} */
    const asked = []
    /** @type {string[]} */
    const told = []
    const detect = (/** @type {any} */ { name }) => new Promise((resolve, reject) => asked.push({ name, resolve, reject }))
    const pictures = new Pictures(/** @type {any} */ (detect), {
      onList() {},
      onShow: ({ name, result }) => told.push(`${name} ${result}`),
      onFailed: (_error, { name }) => told.push(`${name} failed`),
      onTooLarge: (name) => told.push(`${name} too large`),
      onTooMany() {},
    })
    const add = (/** @type {string[]} */ ...names) => pictures.add(/** @type {any} */ (names.map((name) => ({ name, size: name === 'huge' ? 2 ** 28 + 1 : 2 ** 28 }))))
    const answer = async (/** @type {any} */ result) => {
      const { resolve, reject } = asked.at(-1) ?? assert.fail('nothing is asked')
      if (result instanceof Error) reject(result)
      else resolve(result)
      await sleep(1)
    }
    return { pictures, asked, told, add, answer, names: () => asked.map(({ name }) => name) }
  }

  test('are looked at one after the other, the chosen one first, and those of more than 256 MB not at all', async () => {
    const { pictures, told, add, answer, names } = open()
    add('a', 'huge', 'b', 'c')
    const c = pictures.list[2] ?? assert.fail()
    pictures.choose(c)
    await answer('first')
    await answer('second')
    assert.deepEqual(names(), ['a', 'c', 'b'])
    assert.deepEqual(told, ['huge too large', 'c second'])
  })

  test('are shown with an answer for the settings in force alone', async () => {
    const { pictures, told, add, answer, names } = open()
    add('a')
    pictures.lookAgain(true)
    await answer('old')
    await answer('new')
    assert.deepEqual([names(), told], [['a', 'a'], ['a new']])
  })

  test('are nobody\'s concern when they were removed', async () => {
    const { pictures, told, add, answer } = open()
    add('a')
    pictures.clear()
    await answer(new Error('gone'))
    assert.deepEqual(told, [])
  })
})

test('the built page weighs at most 60 KB on the way, networks, WebAssembly and pictures aside', () => {
  const files = ['dist', 'dist/lib'].flatMap((folder) => readdirSync(join(DEMO, folder)).map((name) => join(DEMO, folder, name)))
  const weight = files.filter((name) => /\.(html|css|js|svg)$/.test(name)).reduce((sum, file) => sum + gzipSync(readFileSync(file)).length, 0)
  assert.ok(weight > 10000 && weight <= 60 * 1024, `${weight} bytes`)
})
