/* A face that fills the picture and small ones in its corners: each of the two scales of the search finds what the other misses. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MaskDetector } from '../../dist/index.js'
import { overlap } from '../accuracy/metrics.mjs'
import { FACE_BOX, makePortrait } from '../portrait/portraits.mjs'

/** @typedef {import('../portrait/portraits.mjs').Picture} Picture */
/** @typedef {import('../accuracy/metrics.mjs').Box} Box */

const ZOOM = 4
const WIDTH = 640
const HEIGHT = 480

/** One channel between the pixels. @param {Picture} picture @param {number} x @param {number} y @param {number} channel */
function between({ data, width }, x, y, channel) {
  const [column, row] = [Math.floor(x), Math.floor(y)]
  const at = (/** @type {number} */ right, /** @type {number} */ down) => data[((row + down) * width + column + right) * 4 + channel] ?? 0
  const [across, below] = [x - column, y - row]
  return (at(0, 0) * (1 - across) + at(1, 0) * across) * (1 - below) + (at(0, 1) * (1 - across) + at(1, 1) * across) * below
}

/**
 * Every pixel of `target` in a rectangle from (left, top) on is taken from `picture`, from (x, y) on, in steps.
 * @param {Picture} target @param {Box} to @param {Picture} picture @param {{ x: number, y: number, step: number }} from
 */
function draw(target, to, picture, { x, y, step }) {
  for (let row = 0; row < to.height; row++) {
    for (let column = 0; column < to.width; column++) {
      const at = ((to.y + row) * target.width + to.x + column) * 4
      for (let channel = 0; channel < 4; channel++) {
        target.data[at + channel] = Math.round(between(picture, x + column * step, y + row * step, channel))
      }
    }
  }
}

/** @param {Picture} picture @returns {{ picture: Picture, huge: Box, small: Box[] }} */
function crowd(picture) {
  const made = { data: new Uint8Array(WIDTH * HEIGHT * 4), width: WIDTH, height: HEIGHT }
  const middle = { x: FACE_BOX.x + FACE_BOX.width / 2, y: FACE_BOX.y + FACE_BOX.height / 2 }
  const corner = { x: middle.x - WIDTH / ZOOM / 2, y: middle.y - HEIGHT / ZOOM / 2 }
  draw(made, { x: 0, y: 0, width: WIDTH, height: HEIGHT }, picture, { ...corner, step: 1 / ZOOM })
  const head = { x: FACE_BOX.x - 40, y: FACE_BOX.y - 30 }
  const [side, shrink] = [58, 3]
  const small = []
  for (const x of [0, WIDTH - side]) {
    for (const y of [0, HEIGHT - side]) {
      draw(made, { x, y, width: side, height: side }, picture, { ...head, step: shrink })
      small.push({ x: x + 40 / shrink, y: y + 30 / shrink, width: FACE_BOX.width / shrink, height: FACE_BOX.height / shrink })
    }
  }
  const huge = {
    x: (FACE_BOX.x - corner.x) * ZOOM,
    y: (FACE_BOX.y - corner.y) * ZOOM,
    width: FACE_BOX.width * ZOOM,
    height: FACE_BOX.height * ZOOM,
  }
  return { picture: made, huge, small }
}

test('finds a face that fills the picture and small ones beside it', async () => {
  const detector = await MaskDetector.create({ detectionSize: 1024 }) // there the face is 940 px high
  try {
    const { picture, huge, small } = crowd(makePortrait('correct'))
    const { faces } = await detector.detect(picture)
    const told = JSON.stringify(faces.map(({ box, score }) => ({ ...box, score })))
    assert.equal(faces.length, 1 + small.length, told) // not the parts of the huge one, too
    assert.ok(faces[0] && overlap(faces[0].box, huge) > 0.8, told) // one scale: 0.76
    for (const wanted of small) assert.equal(faces.filter(({ box }) => overlap(box, wanted) > 0.5).length, 1, told)
    await detector.setOptions({ maxFaces: 1 })
    assert.deepEqual((await detector.detect(picture)).faces, faces.slice(0, 1), 'looks at boxes in the largest one, too')
  } finally {
    detector.close()
  }
})
