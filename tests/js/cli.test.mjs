/* The two command line programs, native and in Node: the same flags, the same answers. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { EXPECTED_LABELS, FACE_BOX, encodePng, makePortrait } from '../portrait/portraits.mjs'

const path = (/** @type {string} */ relative) => fileURLToPath(new URL(`../../${relative}`, import.meta.url))
/** @type {Record<string, string[]>} */
const PROGRAMS = { native: [path('build/native/maskcheck')], node: [process.execPath, path('dist/cli.mjs')] }
const NAMES = /** @type {const} */ (['bare', 'correct', 'under-nose', 'chin'])

const folder = mkdtempSync(join(tmpdir(), 'maskcheck-cli-'))
const file = (/** @type {string} */ name) => join(folder, name)
before(() => {
  for (const name of NAMES) writeFileSync(file(`${name}.png`), encodePng(makePortrait(name)))
  mkdirSync(file('in "quotes" ü'))
  writeFileSync(file('in "quotes" ü/bare.png'), encodePng(makePortrait('bare')))
  writeFileSync(file('broken.jpg'), 'no picture')
  const line = (/** @type {string} */ name, /** @type {object[]} */ faces) => `${JSON.stringify({ file: name, faces })}\n`
  writeFileSync(file('boxes.jsonl'), line('bare.png', [FACE_BOX, { ...FACE_BOX, x: 5.0625, y: 4.5 }]) + '\n' + line('correct.png', [{ box: FACE_BOX, score: 1 }]))
  writeFileSync(file('deep.jsonl'), line('bare.png', []) + line('in "quotes" ü/bare.png', [FACE_BOX]))
  mkdirSync(file('there/deep'), { recursive: true })
  symlinkSync(file('there/deep'), file('link'))
  writeFileSync(file('there/own.png'), encodePng(makePortrait('correct')))
  writeFileSync(file('there/deep/far.jsonl'), line('../own.png', [FACE_BOX, { x: -1e30, y: 0, width: 1e21, height: 10 }]) + line(file('bare.png'), [FACE_BOX]))
  writeFileSync(file('tiny.jsonl'), line('bare.png', [{ ...FACE_BOX, width: 1e-50 }]))
  writeFileSync(file('short.jsonl'), line('n.png', [FACE_BOX]))
  writeFileSync(file('many.jsonl'), line('bare.png', new Array(1001).fill(FACE_BOX)))
  writeFileSync(file('gone.jsonl'), line('missing.png', [FACE_BOX]) + line('bare.png', [FACE_BOX]))
  writeFileSync(file('red\x1b[31m.png'), encodePng(makePortrait('bare')))
  writeFileSync(file('bad\x1b[31m.jsonl'), '\x1b[31mred')
  writeFileSync(file('bad.jsonl'), line('bare.png', []) + '{"file": 3}\n')
})
after(() => rmSync(folder, { recursive: true }))

/** @param {string} program @param {string[]} args @param {number | 'pipe'} [output] where standard output goes */
function run(program, args, output = 'pipe') {
  const [command = '', ...first] = PROGRAMS[program] ?? []
  const { stdout, stderr, status } = spawnSync(command, [...first, ...args], { encoding: 'utf8', cwd: folder, stdio: ['ignore', output, 'pipe'] })
  return { stdout, stderr, status }
}

/** @param {string} program @param {string[]} args @returns {any[]} */
const runJson = (program, args) => {
  const { stdout, stderr, status } = run(program, ['--json', ...args])
  assert.equal(status, 0, stderr)
  return stdout.trimEnd().split('\n').map((line) => JSON.parse(line))
}

/** Boxes within 1 px, probabilities within 0.01. @param {any} actual @param {any} expected @param {string} name */
function assertClose(actual, expected, name = '') {
  if (typeof expected === 'number') {
    const limit = /box/.test(name) ? 1 : /timings/.test(name) ? Infinity : 0.01
    assert.ok(Math.abs(actual - expected) <= limit, `${name}: ${actual} and ${expected}`)
  } else if (typeof expected === 'object') {
    assert.deepEqual(Object.keys(actual), Object.keys(expected), name)
    for (const key of Object.keys(expected)) assertClose(actual[key], expected[key], `${name}.${key}`)
  } else assert.equal(actual, expected, name)
}

describe('the command line', () => {
  /** @type {[string, string[]][]} */
  const calls = [
    ['pictures', NAMES.map((name) => `${name}.png`)],
    ['another size', ['--size', '320', 'bare.png', 'correct.png']],
    ['a score and a limit', ['--min-face-score=0.6', '--max-faces', '1', 'under-nose.png']],
    ['boxes for one picture', ['--boxes', 'boxes.jsonl', './correct.png']],
    ['boxes alone', ['--boxes', file('boxes.jsonl')]],
    ['boxes in a linked folder, one of them absurd, and an absolute path', ['--boxes', 'link/far.jsonl']],
    ['boxes of the longest path that fits', ['--boxes', 'deep.jsonl', './in "quotes" ü/bare.png']],
    ['crops', ['--crop', 'correct.png', 'chin.png']],
    ['flags behind pictures, and a name with signs', ['in "quotes" ü/bare.png', '--max-faces', '2']],
    ['nothing found', ['--min-face-score', '1', 'bare.png']],
  ]
  for (const [what, args] of calls) {
    test(`${what}: the same JSON from both`, () => {
      const [native, node] = [runJson('native', args), runJson('node', args)]
      assert.ok(native.length > 0)
      assertClose(node, native)
      if (args.includes('deep.jsonl')) assert.equal(native[0].faces.length, 1)
    })
  }

  for (const name of NAMES) {
    test(`the label is right (${name})`, () => {
      assert.equal(runJson('node', [`${name}.png`])[0].faces[0].mask.value, EXPECTED_LABELS[name])
    })
  }

  test('the same lines for people', () => {
    const args = ['--max-faces', '1', ...NAMES.map((name) => `${name}.png`)]
    const [native, node] = [run('native', args), run('node', args)]
    const shape = (/** @type {string} */ text) => text.replace(/[\d.]+/g, '#')
    assert.equal(shape(node.stdout), shape(native.stdout))
    assert.match(native.stdout, /^bare\.png: without_mask 0\.\d{3} at \d+,\d+ \d+x\d+, face 0\.\d{3}$/m)
  })

  test('native, installed: it finds its models there', () => {
    const { stderr, status } = spawnSync('cmake', ['--install', path('build/native'), '--prefix', file('installed')], { encoding: 'utf8' })
    assert.equal(status, 0, stderr)
    const { stdout } = spawnSync(file('installed/bin/maskcheck'), [file('correct.png')], { encoding: 'utf8' })
    assert.match(stdout, /: mask_worn_correctly /)
  })

  test('the same help and version', () => {
    for (const flag of ['--help', '-h', '--version']) assert.deepEqual(run('node', [flag]), run('native', [flag]))
  })

  for (const program of Object.keys(PROGRAMS)) {
    test(`${program}: a picture that cannot be read is named, the others are still done`, () => {
      const { stdout, stderr, status } = run(program, ['--json', 'missing.png', 'broken.jpg', 'bare.png'])
      assert.equal(status, 1)
      assert.equal(JSON.parse(stdout).file, 'bare.png')
      assert.match(stderr, /^maskcheck: missing\.png: No such file or directory\nmaskcheck: broken\.jpg: .*not in a known format\n$/)
    })

    test(`${program}: halves are rounded away from zero`, () => {
      assert.equal(runJson(program, ['--boxes', 'boxes.jsonl', 'bare.png'])[0].faces[1].box.x, 5.063)
      assert.match(run(program, ['--boxes', 'boxes.jsonl', 'bare.png']).stdout, / at 5,5 /)
    })

    test(`${program}: a picture comes from standard input`, () => {
      const [command = '', ...first] = PROGRAMS[program] ?? []
      const { stdout, stderr } = spawnSync(command, [...first, '--json', '-', 'correct.png'], { encoding: 'utf8', cwd: folder, input: readFileSync(file('bare.png')) })
      const results = stdout.trimEnd().split('\n').map((line) => JSON.parse(line))
      assert.deepEqual(results.map(({ file: name, faces }) => [name, faces[0].mask.value]), [['-', 'without_mask'], ['correct.png', 'mask_worn_correctly']], stderr)
    })

    test(`${program}: a picture without boxes is named, also where another name ends alike`, () => {
      for (const boxes of ['boxes.jsonl', 'short.jsonl']) {
        const { stderr, status } = run(program, ['--boxes', boxes, 'chin.png'])
        assert.equal(status, 1)
        assert.match(stderr, /chin\.png: no line for it/)
      }
    })

    test(`${program}: a picture of the boxes file that is missing is named, the others are still done`, () => {
      const { stdout, stderr, status } = run(program, ['--boxes', 'gone.jsonl'])
      assert.equal(status, 1)
      assert.match(stdout, /^bare\.png: without_mask [^\n]*\n$/)
      assert.equal(stderr, 'maskcheck: missing.png: No such file or directory\n')
    })

    test(`${program}: neither a file name nor a boxes file can steer the terminal`, () => {
      const { stdout, stderr } = run(program, ['--crop', 'red\x1b[31m.png', 'gone\x1b[31m.png'])
      assert.match(stdout, /^red\?\[31m\.png: \w+ 0\.\d{3} at 0,0 /)
      assert.match(stderr, /^maskcheck: gone\?\[31m\.png: No such file/)
      assert.match(run(program, ['gone\x9b31m.png']).stderr, /^maskcheck: gone\?31m\.png: No such file/)
      const alone = spawnSync('bash', ['-c', `"$@" $'gone\\x9b31m.png'`, 'bash', ...(PROGRAMS[program] ?? [])], { encoding: 'latin1', cwd: folder })
      assert.ok(!alone.stderr.includes('\x9b'), alone.stderr)
      assert.match(Buffer.from(alone.stderr, 'latin1').toString(), /^maskcheck: gone\ufffd31m\.png: No such file/)
      for (const name of ['bad\x1b[31m.jsonl', 'gone\x1b[31m.jsonl']) {
        const { stderr: said } = run(program, ['--boxes', name])
        assert.match(said, /^maskcheck: \w+\?\[31m\.jsonl:/)
        assert.ok(!said.includes('\x1b'), said)
      }
    })

    test(`${program}: output that cannot be written is a failure`, () => {
      const full = openSync('/dev/full', 'w')
      const { stderr, status } = run(program, ['--crop', 'bare.png'], full)
      closeSync(full)
      assert.equal(status, 1)
      assert.match(stderr, /^maskcheck: standard output: could not be written\n/)
    })

    test(`${program}: says nothing when its reader has seen enough`, () => {
      const { stderr } = spawnSync('bash', ['-c', '"$@" | true', 'bash', ...(PROGRAMS[program] ?? []), '--crop', 'bare.png'], { encoding: 'utf8', cwd: folder })
      assert.equal(stderr, '')
    })

    test(`${program}: mistakes are said, with exit code 2`, () => {
      /** @type {[string[], RegExp][]} */
      const mistakes = [
        [[], /no picture given[^]*usage:/],
        [['--unknown', 'bare.png'], /unknown[^]*usage:/],
        [['--min-face-score', '2', 'bare.png'], /--min-face-score: a number from 0 to 1/],
        [['--min-face-score', '', 'bare.png'], /--min-face-score: a number from 0 to 1/],
        [['--min-face-score', '0.5x', 'bare.png'], /--min-face-score: a number from 0 to 1/],
        [['--max-faces', '0', 'bare.png'], /--max-faces: a whole number/],
        [['--max-faces', '+5', 'bare.png'], /--max-faces: a whole number/],
        [['--size', '100', 'bare.png'], /--size: a multiple of 32/],
        [['--crop', '--boxes', 'boxes.jsonl'], /--crop and --boxes exclude each other/],
        [['--boxes', 'bad.jsonl'], /bad\.jsonl:2: "file" is missing/],
        [['--boxes', 'tiny.jsonl'], /tiny\.jsonl:1: a face needs the numbers/],
        [['--boxes', 'many.jsonl'], /many\.jsonl:1: more than 1000 faces/],
        [['--boxes', 'missing.jsonl'], /missing\.jsonl: No such file/],
        [['--face-model', 'missing.onnx', 'bare.png'], /missing\.onnx: No such file/],
        [['--mask-model', 'bare.png', 'bare.png'], /maskcheck: ./],
      ]
      for (const [args, message] of mistakes) {
        const { stdout, stderr, status } = run(program, args)
        assert.equal(status, 2, `${args}: ${stderr}`)
        assert.equal(stdout, '')
        assert.match(stderr, message)
      }
    })
  }
})
