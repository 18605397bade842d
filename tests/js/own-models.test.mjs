/* Mask classifiers of one's own, as a user would bring them: what comes out is what onnxruntime makes of the same pixels. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { MASK_LABELS, MaskDetector } from '../../dist/index.js'
import { randomSource } from '../conformance/harness.mjs'
import { isRowsFirst, writeNetwork } from '../conformance/networks.mjs'
import { writeOnnx } from '../conformance/onnx-writer.mjs'
import { InferenceSession, Tensor } from '../onnxruntime.mjs'
import { FACE_BOX, makePortrait } from '../portrait/portraits.mjs'

const random = randomSource(7)
const names = ['without_mask', 'mask_worn_incorrectly', 'mask_worn_correctly']

/** What each model is, and what its file says of itself.
 * @type {{ network: string, side: number, dynamic?: boolean, softmax?: boolean, metadata?: Record<string, string> }[]} */
const models = [
  { network: 'MobileNetV2', side: 64 },
  { network: 'MobileNetV3-small', side: 70, metadata: { mean: '123.675,116.28,103.53', std: '58.395,57.12,57.375', temperature: '2' } },
  {
    network: 'SqueezeNet 1.1',
    side: 65,
    softmax: true,
    metadata: { activation: 'softmax', classes: 'mask_worn_correctly,without_mask,mask_worn_incorrectly' },
  },
  {
    network: 'InceptionV3 up to mixed7', // ends in Softmax by itself
    side: 75,
    dynamic: true,
    metadata: { input_size: '75', activation: 'softmax', color: 'BGR', mean: '0,0,0', std: '255,255,255' },
  },
]

/** @param {number} side */
function randomPicture(side) {
  const data = new Uint8ClampedArray(side * side * 4).fill(255)
  for (let i = 0; i < data.length; i++) if (i % 4 !== 3) data[i] = Math.floor(random() * 256)
  return { data, width: side, height: side }
}

/** @param {string | undefined} text @param {number} value */
const triple = (text, value) => (text === undefined ? [value, value, value] : text.split(',').map(Number))

/** onnxruntime's answer, as the documented meaning of the metadata has it.
 * @param {Uint8Array} file @param {{ data: Uint8ClampedArray, width: number }} picture @param {Record<string, string>} metadata @param {boolean} rowsFirst */
async function reference(file, picture, metadata, rowsFirst) {
  const [mean, std] = [triple(metadata['mean'], 127.5), triple(metadata['std'], 127.5)]
  const pixels = picture.width ** 2
  const input = new Float32Array(3 * pixels)
  for (let i = 0; i < pixels; i++) {
    for (let c = 0; c < 3; c++) {
      const value = Number(picture.data[4 * i + (metadata['color'] === 'BGR' ? 2 - c : c)])
      input[rowsFirst ? 3 * i + c : c * pixels + i] = (value - (mean[c] ?? NaN)) / (std[c] ?? NaN)
    }
  }
  const session = await InferenceSession.create(file)
  const side = picture.width
  const feeds = { input: new Tensor('float32', input, rowsFirst ? [1, side, side, 3] : [1, 3, side, side]) }
  const [output] = Object.values(await session.run(feeds))
  await session.release()
  const temperature = Number(metadata['temperature'] ?? 1)
  const logits = Array.from(/** @type {Float32Array} */ (output?.data), (value) => (metadata['activation'] === 'softmax' ? Math.log(value) : value) / temperature)
  const powers = logits.map(Math.exp)
  const sum = powers.reduce((total, value) => total + value)
  const order = metadata['classes']?.split(',') ?? names
  return Object.fromEntries(order.map((name, i) => [name, Number(powers[i]) / sum]))
}

describe('a classifier of one\'s own', () => {
  for (const { network, side, dynamic = false, softmax = false, metadata } of models) {
    test(`${network}, ${side} px${metadata ? `, ${JSON.stringify(metadata)}` : ''}`, async () => {
      const maskModel = writeNetwork(network, random, { classes: 3, softmax, ...(dynamic ? {} : { side }), ...(metadata ? { metadata } : {}) })
      const detector = await MaskDetector.create({ maskModel: maskModel.slice() })
      try {
        for (let i = 0; i < 3; i++) {
          const picture = randomPicture(side)
          const expected = await reference(maskModel, picture, metadata ?? {}, isRowsFirst(network))
          const [face] = (await detector.classify(picture)).faces
          assert.ok(face)
          for (const name of MASK_LABELS) {
            assert.ok(Math.abs(face.probabilities[name] - Number(expected[name])) < 1e-4, `${name}: ${face.probabilities[name]} instead of ${expected[name]}`)
          }
        }
        const portrait = makePortrait('correct')
        assert.equal((await detector.detect(portrait)).faces.length, 1)
        // Several faces, whether the model takes one at a time or any number.
        const elsewhere = { x: 300, y: 20, width: 40, height: 50 }
        const labelled = (await detector.label(portrait, [FACE_BOX, elsewhere, FACE_BOX])).faces.map(({ probabilities }) => probabilities)
        const [alone] = (await detector.label(portrait, [elsewhere])).faces
        for (const name of MASK_LABELS) {
          assert.ok(Math.abs(Number(labelled[0]?.[name]) - Number(labelled[2]?.[name])) < 1e-5)
          assert.ok(Math.abs(Number(labelled[1]?.[name]) - Number(alone?.probabilities[name])) < 1e-5)
        }
      } finally {
        detector.close()
      }
    })
  }

  /** Logits (red, green, 0) and face = 3 red - 2 green + 0.5, of the crop's mean colours.
   * @param {Record<string, string>} [metadata] @param {string} [name] */
  const twoLooks = (metadata, name = 'face') =>
    writeOnnx({
      nodes: [
        { op: 'GlobalAveragePool', inputs: ['x'], outputs: ['a'] },
        { op: 'Flatten', inputs: ['a'], outputs: ['b'] },
        { op: 'MatMul', inputs: ['b', 'w'], outputs: ['y'] },
        { op: 'Gemm', inputs: ['b', 'v', 'c'], outputs: [name] },
      ],
      inputs: [{ name: 'x', dims: ['n', 3, 32, 32] }],
      outputs: [{ name: 'y' }, { name }],
      initializers: {
        w: { dims: [3, 3], data: [1, 0, 0, 0, 1, 0, 0, 0, 0] },
        v: { dims: [3, 1], data: [3, -2, 0] },
        c: { dims: [1], data: [0.5] },
      },
      ...(metadata ? { metadata } : {}),
    })
  test('has a say in whether there is a face', async () => {
    const portrait = makePortrait('correct')
    const least = { min_candidate_score: '0.2' }
    const plain = await MaskDetector.create({ maskModel: twoLooks({ ...least, face_score: '1,0,0' }) })
    const { score: finderScore } = (await plain.detect(portrait)).faces[0] ?? { score: NaN }
    plain.close()
    const detector = await MaskDetector.create({ maskModel: twoLooks({ ...least, face_score: '0.7,1.2,-0.4' }) })
    const [face] = (await detector.detect(portrait)).faces
    assert.ok(face)
    const [red, green] = [face.probabilities.without_mask, face.probabilities.mask_worn_incorrectly].map((value) => Math.log(value / face.probabilities.mask_worn_correctly))
    const logit = 0.7 * Math.log(finderScore / (1 - finderScore)) + 1.2 * (3 * Number(red) - 2 * Number(green) + 0.5) - 0.4
    assert.ok(Math.abs(face.score - 1 / (1 + Math.exp(-logit))) < 1e-4, `${face.score}, logit ${logit}`)
    assert.ok(Math.abs(face.score - finderScore) > 0.01)
    assert.equal((await detector.label(portrait, [FACE_BOX])).faces[0]?.score, 1)
    detector.close()
    const strict = await MaskDetector.create({ maskModel: twoLooks({ ...least, face_score: '1,0,-20' }) })
    assert.deepEqual((await strict.detect(portrait)).faces, [])
    strict.close()
  })

  /** @param {(number | string)[]} dims @param {number} classes @param {string} [op] */
  const small = (dims, classes, op = 'GlobalAveragePool') =>
    writeOnnx({
      nodes: [
        { op, name: 'culprit', inputs: ['x'], outputs: ['a'] },
        { op: 'Flatten', inputs: ['a'], outputs: ['b'] },
        { op: 'Gemm', inputs: ['b', 'w'], outputs: ['y'] },
      ],
      inputs: [{ name: 'x', dims }],
      outputs: [{ name: 'y' }],
      initializers: { w: { dims: [Number(dims[1]), classes], data: new Float32Array(Number(dims[1]) * classes) } },
    })
  /** @type {[string, Uint8Array, string, RegExp][]} */
  const unfit = [
    ['four classes', small([1, 3, 32, 32], 4), 'model_invalid', /three numbers/],
    ['a size that nobody tells', small([1, 3, 'h', 'w'], 3), 'model_invalid', /'input_size'/],
    ['an oblong input', small([1, 3, 32, 48], 3), 'model_unsupported', /square/],
    ['one channel', small([1, 1, 32, 32], 3), 'model_invalid', /\[N, 3, S, S\]/],
    ['a fixed batch', small([2, 3, 32, 32], 3), 'model_invalid', /\[N, 3, S, S\]/],
    ['a second output that nobody explains', twoLooks(), 'model_invalid', /one output/],
    ['a second output of another name', twoLooks({ face_score: '1,1,0', min_candidate_score: '0.2' }, 'z'), 'model_invalid', /'face'/],
    ['a weight below 0', twoLooks({ face_score: '1,-1,0', min_candidate_score: '0.2' }), 'model_invalid', /'face_score'/],
    ['nothing said about which boxes to look at', twoLooks({ face_score: '1,1,0' }), 'model_invalid', /'min_candidate_score'/],
    ['an operator that is not known', small([1, 3, 32, 32], 3, 'LpPool'), 'model_unsupported', /node 'culprit' \(LpPool\)/],
  ]
  for (const [what, maskModel, code, message] of unfit) {
    test(`with ${what} is refused`, async () => {
      await assert.rejects(MaskDetector.create({ maskModel }), (/** @type {any} */ error) => {
        assert.equal(error.code, code, error.message)
        assert.match(error.message, message)
        return true
      })
    })
  }
})
