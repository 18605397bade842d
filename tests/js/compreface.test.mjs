import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromCompreFaceLabel, toCompreFace } from '../../web/lib/compreface.js'

test("a result in the shape of CompreFace's REST API", () => {
  const face = {
    box: { x: 10.4, y: 20.6, width: 30.2, height: 40.8 },
    score: 0.99,
    mask: { value: /** @type {const} */ ('mask_worn_incorrectly'), probability: 0.8 },
    probabilities: { without_mask: 0.1, mask_worn_incorrectly: 0.8, mask_worn_correctly: 0.1 },
    uncertain: false,
  }
  const timings = { preprocess: 0, faces: 0, masks: 0, total: 0 }
  assert.deepEqual(toCompreFace({ width: 100, height: 100, timestamp: 0, faces: [face], timings }), {
    result: [
      {
        box: { probability: 0.99, x_min: 10, y_min: 21, x_max: 41, y_max: 61 },
        mask: { value: 'mask_worn_incorrectly', probability: 0.8 },
      },
    ],
  })
  assert.deepEqual(toCompreFace({ width: 100, height: 100, timestamp: 0, faces: [], timings }), { result: [] })
})

test('both spellings of its labels are understood', () => {
  assert.equal(fromCompreFaceLabel('with_mask'), 'mask_worn_correctly')
  assert.equal(fromCompreFaceLabel('mask_weared_incorrect'), 'mask_worn_incorrectly')
  for (const label of /** @type {const} */ (['without_mask', 'mask_worn_incorrectly', 'mask_worn_correctly'])) {
    assert.equal(fromCompreFaceLabel(label), label)
  }
  for (const label of ['', 'mask', 'toString', '__proto__']) assert.throws(() => fromCompreFaceLabel(label), { code: 'invalid_argument' })
  assert.throws(() => fromCompreFaceLabel(/** @type {any} */ (3)), TypeError)
})
