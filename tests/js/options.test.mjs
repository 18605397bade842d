import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkBoxes, checkDetectionOptions } from '../../web/lib/options.js'

const TIMES = ['trackMotionTime', 'trackSmoothingTime', 'trackBoxSmoothingTime', 'trackSureTime', 'trackKeepTime', 'trackMemoryTime', 'trackGapTime']
const SHARES = ['minFaceScore', 'nmsIou', 'minMaskProbability', 'trackMinIou', 'trackLabelLead']
/** @param {string[]} names @param {number} value @returns {Record<string, number>} */
const all = (names, value) => Object.fromEntries(names.map((name) => [name, value]))
const LOWEST = { ...all([...SHARES, ...TIMES, 'minFaceSize'], 0), maxFaces: 1, detectionSize: 32, videoDetectionSize: 32 }
const HIGHEST = { ...all(SHARES, 1), ...all(TIMES, 60000), minFaceSize: 32768, maxFaces: 1000, detectionSize: 4096, videoDetectionSize: 4096 }

test('values within range pass, at both ends', () => {
  for (const options of [LOWEST, HIGHEST, { minFaceSize: 0.5 }, { videoDetectionSize: 64 }, { nmsIou: undefined }]) {
    assert.deepEqual(checkDetectionOptions(options), options)
  }
})

test('each option has its own ends', () => {
  for (const [name, value] of Object.entries(LOWEST)) assert.throws(() => checkDetectionOptions({ [name]: value - 1 }), { code: 'invalid_argument' }, name)
  for (const [name, value] of Object.entries(HIGHEST)) assert.throws(() => checkDetectionOptions({ [name]: value + 1 }), { code: 'invalid_argument' }, name)
})

test('values out of range are refused with their name and value', () => {
  /** @type {[object, string][]} */
  const cases = [
    [{ minFaceScore: -0.01 }, '-0.01'],
    [{ minMaskProbability: 1.01 }, '1.01'],
    [{ nmsIou: NaN }, 'NaN'],
    [{ minFaceSize: Infinity }, 'Infinity'],
    [{ maxFaces: 0 }, '0'],
    [{ maxFaces: 1001 }, '1001'],
    [{ maxFaces: 2.5 }, '2.5'],
    [{ detectionSize: 330 }, '330'],
    [{ detectionSize: 0 }, '0'],
    [{ videoDetectionSize: 31 }, '31'],
    [{ trackGapTime: 60001 }, '60001'],
    [{ trackLabelLead: -0.5 }, '-0.5'],
  ]
  for (const [options, value] of cases) {
    const name = Object.keys(options)[0]
    assert.throws(() => checkDetectionOptions(options), (/** @type {any} */ error) => error.code === 'invalid_argument' && error.message.includes(`options.${name}`) && error.message.endsWith(value))
  }
})

test('wrong types are TypeErrors, inherited names are no options', () => {
  for (const value of ['1', null, true, [], {}, 1n]) assert.throws(() => checkDetectionOptions({ maxFaces: value }), TypeError)
  assert.throws(() => checkDetectionOptions({ toString: 1 }), TypeError)
})

test('boxes are checked one by one', () => {
  const box = { x: -5, y: 0, width: 1, height: 2 }
  assert.deepEqual(checkBoxes([{ ...box, more: 1 }]), [box])
  assert.throws(() => checkBoxes([box, { ...box, width: 0 }]), { code: 'invalid_argument', message: /boxes\[1\]\.width/ })
  assert.throws(() => checkBoxes([{ ...box, x: NaN }]), { code: 'invalid_argument' })
  assert.throws(() => checkBoxes([{ ...box, y: '1' }]), TypeError)
  assert.throws(() => checkBoxes([null]), TypeError)
  assert.throws(() => checkBoxes(new Array(1001).fill(box)), { code: 'invalid_argument' })
})
