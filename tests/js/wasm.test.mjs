/* The built package in Node, with the real WebAssembly files and networks. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { MaskDetector, VERSION } from '../../dist/index.js'
import { overlap } from '../accuracy/metrics.mjs'
import { EXPECTED_LABELS, FACE_BOX, encodePng, makePortrait } from '../portrait/portraits.mjs'

const NAMES = /** @type {const} */ (['bare', 'correct', 'under-nose', 'chin'])
const product = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))

describe('the package in Node', () => {
  /** @type {MaskDetector} */
  let detector
  before(async () => {
    detector = await MaskDetector.create()
  })
  after(() => detector.close())

  test('has one version everywhere', () => {
    assert.equal(VERSION, product.version)
    assert.equal(detector.info.version, product.version)
    assert.equal(detector.info.worker, false)
  })

  for (const name of NAMES) {
    test(`finds and labels the face (${name}), as pixels and as a file`, async () => {
      const picture = makePortrait(name)
      const file = encodePng(picture)
      const results = await Promise.all([picture, file, new Blob([new Uint8Array(file)]), new Uint8Array(file).buffer].map((source) => detector.detect(source)))
      for (const result of results) {
        const [face] = result.faces
        assert.deepEqual([result.width, result.height], [512, 384])
        assert.ok(face && overlap(face.box, FACE_BOX) > 0.5, JSON.stringify(face))
        assert.equal(face.mask.value === 'mask_worn_correctly', name === 'correct')
        assert.equal(face.mask.probability, face.probabilities[face.mask.value])
        const sum = Object.values(face.probabilities).reduce((total, value) => total + value)
        assert.ok(Math.abs(sum - 1) < 1e-5, `the probabilities sum up to ${sum}`)
        assert.deepEqual({ ...result, timestamp: 0, timings: 0 }, { ...results[0], timestamp: 0, timings: 0 })
      }
    })
  }

  for (const name of NAMES) {
    test(`gives the right label (${name})`, async () => {
      const { faces } = await detector.detect(makePortrait(name))
      assert.equal(faces[0]?.mask.value, EXPECTED_LABELS[name])
    })
  }

  test('labels boxes that are given, in their order, and whole pictures', async () => {
    const picture = makePortrait('correct')
    const sky = { x: 300, y: 20, width: 40, height: 40 }
    const { faces } = await detector.label(picture, [sky, FACE_BOX])
    assert.deepEqual(faces.map(({ box }) => box), [sky, FACE_BOX])
    assert.equal(faces[1]?.mask.value, EXPECTED_LABELS.correct)
    const whole = await detector.classify(picture)
    assert.deepEqual(whole.faces.map(({ box }) => box), [{ x: 0, y: 0, width: 512, height: 384 }])
    assert.deepEqual((await detector.label(picture, [])).faces, [])
  })

  test('keeps the number of a face in a video, also when the mask comes off', async () => {
    const ids = new Set()
    /** @type {(string | undefined)[]} */
    const labels = []
    for (let frame = 0; frame < 30; frame++) {
      const { faces } = await detector.detectForVideo(makePortrait(frame < 15 ? 'correct' : 'bare'), frame * 66)
      const face = faces.find(({ box }) => overlap(box, FACE_BOX) > 0.4)
      ids.add(face?.trackId)
      labels.push(face?.mask.value)
    }
    assert.equal(ids.size, 1, `numbers ${[...ids]}`)
    assert.equal(labels[14], 'mask_worn_correctly')
    assert.equal(labels.at(-1), 'without_mask')
    const changes = labels.filter((label, index) => index > 0 && label !== labels[index - 1]).length
    assert.equal(changes, 1, labels.join(' '))
  })

  test('applies options from the next call on', async () => {
    const picture = makePortrait('bare')
    await detector.setOptions({ minFaceScore: 1 })
    assert.deepEqual((await detector.detect(picture)).faces, [])
    await detector.setOptions({ minFaceScore: undefined, minMaskProbability: 1 })
    assert.equal((await detector.detect(picture)).faces[0]?.uncertain, true)
    await detector.setOptions({ minMaskProbability: undefined, maxFaces: 1 })
    assert.equal((await detector.detect(picture)).faces.length, 1)
    await detector.setOptions({ maxFaces: undefined })
  })

  test('goes on after a picture that cannot be read', async () => {
    const file = encodePng(makePortrait('bare'))
    for (const broken of [new Uint8Array(0), new Uint8Array(100), file.subarray(0, 2000), Buffer.from('GIF89a')]) {
      await assert.rejects(detector.detect(broken), { name: 'MaskDetectorError', code: 'image_invalid' })
    }
    const gone = new ArrayBuffer(8)
    structuredClone(gone, { transfer: [gone] })
    const unreadable = Object.assign(new Blob([]), { arrayBuffer: async () => Promise.reject(new DOMException('it has changed', 'NotReadableError')) })
    for (const broken of [gone, unreadable]) await assert.rejects(detector.detect(broken), { code: 'image_invalid' })
    const huge = Buffer.from(file)
    huge.writeUInt32BE(1 << 20, 16) // the width in the header
    await assert.rejects(detector.detect(huge), (/** @type {any} */ error) => /^image_(invalid|too_large)$/.test(error.code))
    assert.equal((await detector.detect(file)).faces[0]?.mask.value, EXPECTED_LABELS.bare)
  })

  test('refuses a .wasm file of another version', async () => {
    const own = readFileSync(new URL('../../dist/maskcheck-simd.wasm', import.meta.url), 'latin1')
    const other = Buffer.from(own.replaceAll(VERSION, VERSION.replace(/\d/, '9')), 'latin1')
    await assert.rejects(MaskDetector.create({ wasm: other }), { code: 'version_mismatch' })
  })

  test('refuses models that are damaged or of the other kind', async () => {
    const face = readFileSync(new URL('../../dist/face.onnx', import.meta.url))
    const mask = readFileSync(new URL('../../dist/mask.onnx', import.meta.url))
    for (const models of [{ faceModel: mask }, { maskModel: face }, { faceModel: face.subarray(0, 5000) }, { maskModel: new Uint8Array(0) }]) {
      await assert.rejects(MaskDetector.create(models), (/** @type {any} */ error) => /^model_(invalid|unsupported)$/.test(error.code) && error.message.length > 10)
    }
  })

  test('sizes from 1 px to wide and tall ones are fine', async () => {
    for (const [width, height] of /** @type {const} */ ([[1, 1], [1, 700], [3000, 2], [33, 31], [1500, 1000]])) {
      const result = await detector.detect({ data: new Uint8Array(width * height * 4).fill(127), width, height })
      assert.deepEqual([result.width, result.height], [width, height])
    }
  })
})
