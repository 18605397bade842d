import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkBoxes, checkDetectionOptions } from '../../web/lib/options.js'

test('values within range pass, at both ends', () => {
  for (const options of [{ minFaceScore: 0 }, { minFaceScore: 1 }, { maxFaces: 1 }, { maxFaces: 1000 }, { detectionSize: 32 }, { detectionSize: 4096 }, { minFaceSize: 0.5 }, { trackKeepTime: 0 }, { trackKeepTime: 60000 }, { videoDetectionSize: 64 }, { nmsIou: undefined }]) {
    assert.deepEqual(checkDetectionOptions(options), options)
  }
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
