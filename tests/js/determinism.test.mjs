/* The same picture gives the same bytes in every process of a build, and nearly the same answer in all builds. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { encodePng, makePortrait } from '../portrait/portraits.mjs'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const NAMES = /** @type {const} */ (['bare', 'correct', 'under-nose', 'chin'])
const FLAGS = /** @type {Record<string, string[]>} */ ({ simd: [], relaxed: ['--experimental-wasm-relaxed-simd'] })

/** How far two builds may be apart: the tolerance that the README names. */
const MAX_PX = 0.1
const MAX_SHARE = 0.001

/** Looks at the pictures and prints all that is found, each number as it is. */
const SCRIPT = `
import { readFileSync } from 'node:fs'
import { MaskDetector } from './dist/index.js'
const [wasm, ...files] = process.argv.slice(1)
const detector = await MaskDetector.create({ wasm: readFileSync(wasm) })
for (const file of files) {
  const whole = await detector.classify(readFileSync(file))
  const found = await detector.detect(readFileSync(file))
  console.log(JSON.stringify([found.faces, whole.faces]))
}`

const folder = mkdtempSync(join(tmpdir(), 'maskcheck-determinism-'))
const files = NAMES.map((name) => join(folder, `${name}.png`))
before(() => NAMES.forEach((name, i) => writeFileSync(/** @type {string} */ (files[i]), encodePng(makePortrait(name)))))
after(() => rmSync(folder, { recursive: true }))

/** @param {string} command @param {string[]} args @returns {string} */
const print = (command, args) => execFileSync(command, args, { cwd: ROOT, encoding: 'utf8' })

/** @param {string} build @returns {string} one line a picture: [faces found, the whole picture as a face] */
function look(build) {
  const flags = FLAGS[build]
  if (flags !== undefined) return print(process.execPath, [...flags, '--input-type=module', '--eval', SCRIPT, `dist/maskcheck-${build}.wasm`, ...files])
  const [found = [], whole = []] = [[], ['--crop']].map((options) => {
    const lines = print('build/native/maskcheck', ['--json', ...options, ...files]).trimEnd().split('\n')
    return lines.map((line) => JSON.parse(line).faces)
  })
  return found.map((faces, i) => `${JSON.stringify([faces, whole[i]])}\n`).join('')
}

/** @param {any} a @param {any} b @param {(difference: number, isLength: boolean) => void} report @param {boolean} [isLength] */
function compare(a, b, report, isLength = false) {
  if (typeof a === 'number') report(Math.abs(a - b), isLength)
  else if (a === null || typeof a !== 'object') assert.equal(a, b)
  else {
    assert.deepEqual(Object.keys(a), Object.keys(b))
    for (const key of Object.keys(a)) compare(a[key], b[key], report, isLength || key === 'box')
  }
}

describe('determinism', () => {
  const builds = ['native', ...Object.keys(FLAGS)]
  const answers = /** @type {Record<string, string>} */ ({})
  for (const build of builds) {
    test(`${build}: two processes give the same bytes`, () => {
      answers[build] = look(build)
      assert.equal(look(build), answers[build])
      assert.equal(answers[build]?.split('\n').length, NAMES.length + 1)
    })
  }

  test('all builds find the same faces and give the same labels, with nearly the same numbers', (t) => {
    const [first, ...others] = builds.map((build) => (answers[build] ??= look(build)).trimEnd().split('\n').map((line) => JSON.parse(line)))
    let px = 0
    let share = 0
    for (const other of others) {
      compare(first, other, (difference, isLength) => {
        if (isLength) px = Math.max(px, difference)
        else share = Math.max(share, difference)
      })
    }
    t.diagnostic(`at most ${px.toFixed(4)} px and ${share.toFixed(6)} apart`)
    assert.ok(px <= MAX_PX && share <= MAX_SHARE, `${px} px and ${share} apart`)
  })
})
