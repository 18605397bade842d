import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { averagePrecision, boxSize, calibrationBins, calibrationError, foundTruths, measureLabels, overlap, wilson } from '../accuracy/metrics.mjs'

/** @param {number} x @param {number} y @param {number} width @param {number} [height] */
const box = (x, y, width, height = width) => ({ x, y, width, height })
/** @param {number} score @param {ReturnType<typeof box>} at */
const found = (score, at) => ({ score, box: at })
/** @param {number | null | undefined} actual @param {number} expected */
const near = (actual, expected) => assert.ok(Math.abs(Number(actual) - expected) < 1e-6, `${actual} is not ${expected}`)

describe('overlap', () => {
  it('is intersection over union', () => {
    near(overlap(box(0, 0, 10), box(5, 0, 10)), 50 / 150)
    near(overlap(box(0, 0, 10), box(2, 2, 4, 5)), 20 / 100)
    assert.equal(overlap(box(3, 4, 5), box(3, 4, 5)), 1)
    assert.equal(overlap(box(0, 0, 10), box(10, 0, 10)), 0)
  })
})

describe('averagePrecision', () => {
  it('is 1 for all faces and nothing else', () => {
    const truth = [box(0, 0, 20), box(50, 0, 20)]
    assert.deepEqual(averagePrecision([{ truth, found: truth.map((at, i) => found(0.9 - i / 10, at)) }]), { ap: 1, truths: 2, curve: Array(101).fill(1) })
  })

  it('weighs a mistake by its rank, over all pictures', () => {
    // By score: right (.9), wrong (.8), right (.7), and one of three faces is never found.
    // Precision at the two right answers: 1 and 2/3; AP = (1 + 2/3) / 3.
    const pictures = [
      { truth: [box(0, 0, 20), box(100, 0, 20)], found: [found(0.9, box(0, 0, 20)), found(0.8, box(200, 0, 20))] },
      { truth: [box(0, 0, 20)], found: [found(0.7, box(1, 0, 20))] },
    ]
    const { ap, curve } = averagePrecision(pictures)
    near(ap, (1 + 2 / 3) / 3)
    // Recall reaches 1/3 with the first right answer and 2/3 with the second.
    assert.deepEqual([0, 33, 34, 66, 67, 100].map((step) => curve[step]), [1, 1, 2 / 3, 2 / 3, 0, 0])
  })

  it('interpolates: precision never rises with recall', () => {
    // wrong, right, right: raw precisions 1/2 and 2/3, interpolated both 2/3.
    const pictures = [
      {
        truth: [box(0, 0, 20), box(100, 0, 20)],
        found: [found(0.9, box(50, 50, 20)), found(0.8, box(0, 0, 20)), found(0.7, box(100, 0, 20))],
      },
    ]
    near(averagePrecision(pictures).ap, 2 / 3)
  })

  it('counts a second answer for the same face as wrong', () => {
    const pictures = [
      {
        truth: [box(0, 0, 20), box(100, 0, 20)],
        found: [found(0.9, box(0, 0, 20)), found(0.8, box(1, 0, 20)), found(0.7, box(100, 0, 20))],
      },
    ]
    near(averagePrecision(pictures).ap, (1 + 2 / 3) / 2)
  })

  it('needs an overlap of one half', () => {
    const truth = [box(0, 0, 30, 10)]
    assert.equal(averagePrecision([{ truth, found: [found(0.9, box(0, 0, 15, 10))] }]).ap, 1)
    assert.equal(averagePrecision([{ truth, found: [found(0.9, box(0, 0, 14.9, 10))] }]).ap, 0)
  })

  it('ignores small faces, their matches and small unmatched answers', () => {
    const pictures = [
      {
        truth: [box(0, 0, 10), box(100, 0, 40)],
        found: [found(0.9, box(0, 0, 10)), found(0.8, box(300, 0, 9)), found(0.7, box(100, 0, 40))],
      },
    ]
    const large = averagePrecision(pictures, (b) => boxSize(b) >= 16)
    assert.deepEqual([large.ap, large.truths], [1, 1])
    near(averagePrecision(pictures).ap, (1 + 2 / 3) / 2)
  })

  it('has no value where there is nothing to find', () => {
    assert.deepEqual(averagePrecision([{ truth: [], found: [found(0.5, box(0, 0, 20))] }]), { ap: null, truths: 0, curve: [] })
  })
})

describe('foundTruths', () => {
  it('lets each answer find one face', () => {
    const truth = [box(0, 0, 20), box(2, 0, 20), box(90, 90, 20)]
    assert.deepEqual(foundTruths([found(0.5, box(0, 0, 20))], truth), [true, false, false])
    assert.deepEqual(foundTruths([], truth), [false, false, false])
  })
})

describe('wilson', () => {
  it('gives the textbook interval', () => {
    // 8 of 10: centre (0.8 + 3.8415/20) / (1 + 0.38415) = 0.716738, half width 0.226577.
    const interval = wilson(8, 10)
    near(interval?.share, 0.8)
    assert.ok(
      Math.abs(Number(interval?.low) - 0.490162) < 1e-5 && Math.abs(Number(interval?.high) - 0.943318) < 1e-5,
      JSON.stringify(interval),
    )
  })

  it('stays within [0, 1] at the ends', () => {
    // 0 of n: [0, z^2 / (n + z^2)].
    near(wilson(0, 20)?.low, 0)
    assert.ok(Math.abs(Number(wilson(0, 20)?.high) - 3.841459 / 23.841459) < 1e-6)
    assert.ok(Math.abs(Number(wilson(20, 20)?.high) - 1) < 1e-12)
    assert.equal(wilson(0, 0), null)
  })
})

describe('calibrationError', () => {
  it('is the mean gap between probability and share right', () => {
    // Bin of .95: two answers, one right: |1.90 - 1| = 0.90; bin of .55: two answers, one right: |1.10 - 1| = 0.10.
    const answers = [0.95, 0.95, 0.55, 0.55].map((probability, index) => ({ probability, right: index % 2 === 0 }))
    near(calibrationError(answers, 10), (0.9 + 0.1) / 4)
    const [low, high] = calibrationBins(answers, 10)
    assert.deepEqual([low?.right, low?.count, high?.right, high?.count], [0.5, 2, 0.5, 2])
    near(low?.probability, 0.55)
    near(high?.probability, 0.95)
  })

  it('puts probability 1 in the last bin, refuses others and has no value without answers', () => {
    assert.equal(calibrationError([{ probability: 1, right: true }]), 0)
    assert.throws(
      () =>
        calibrationError([
          { probability: 1.5, right: true },
          { probability: -0.1, right: true },
        ]),
      RangeError,
    )
    assert.equal(calibrationError([]), null)
  })
})

describe('measureLabels', () => {
  it('counts by hand', () => {
    /** @param {string} truth @param {string} value @param {boolean} [uncertain] */
    const answer = (truth, value, uncertain = false) => ({ truth, value, probability: 1, uncertain })
    const m = measureLabels(
      [answer('a', 'a'), answer('a', 'a', true), answer('a', 'b', true), answer('b', 'b'), answer('b', 'a')],
      ['a', 'b', 'c'],
    )
    assert.deepEqual(m.confusion, { a: { a: 2, b: 1, c: 0 }, b: { a: 1, b: 1, c: 0 }, c: { a: 0, b: 0, c: 0 } })
    near(m.accuracy?.share, 3 / 5)
    near(m.balancedAccuracy, (2 / 3 + 1 / 2) / 2)
    near(m.labels.a?.precision?.share, 2 / 3)
    near(m.labels.b?.precision?.share, 1 / 2)
    assert.equal(m.labels.c?.recall, null)
    near(m.calibrationError, 2 / 5)
    near(m.uncertain?.share, 2 / 5)
    near(m.errorsCaught?.share, 1 / 2)
  })
})
