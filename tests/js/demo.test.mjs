/* What can be told of the demo page without a browser. */
import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { SlowDevice, smallerSize } from '../../web/demo/slow-device.js'
import { LANGUAGES } from '../../web/demo/texts.js'

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

describe('a slow device', () => {
  test('is noticed when frames take long for three seconds, and not before', () => {
    const device = new SlowDevice()
    const seen = Array.from({ length: 40 }, (_, frame) => device.frame(200, frame * 200))
    const first = seen.indexOf(true)
    assert.ok(first * 200 >= 3000 && first * 200 <= 5000, `after ${first * 200} ms`)
    device.reset()
    assert.equal(device.frame(200, 9000), false)
  })

  test('is no device that now and then takes long for a frame', () => {
    const device = new SlowDevice()
    for (let frame = 0; frame < 500; frame++) assert.equal(device.frame(frame % 30 === 0 ? 400 : 20, frame * 33), false)
  })

  test('gets smaller sizes, which the library takes, down to an end', () => {
    const sizes = []
    for (let size = /** @type {number | undefined} */ (640); size; size = smallerSize(size)) sizes.push(size)
    assert.deepEqual(sizes, [640, 448, 320, 224, 160])
  })
})

test('the built page weighs at most 60 KB on the way, networks, WebAssembly and pictures aside', () => {
  const files = ['dist', 'dist/lib'].flatMap((folder) => readdirSync(join(DEMO, folder)).map((name) => join(DEMO, folder, name)))
  const weight = files.filter((name) => /\.(html|css|js|svg)$/.test(name)).reduce((sum, file) => sum + gzipSync(readFileSync(file)).length, 0)
  assert.ok(weight > 10000 && weight <= 60 * 1024, `${weight} bytes`)
})
