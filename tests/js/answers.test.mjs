/* The shipped networks answer as they did when their answers were pinned: a swapped or damaged file shows. */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { MaskDetector } from '../../dist/index.js'
import { readGraph } from '../../model/onnx-graph.mjs'
import { askNative, differences, hashModels, makeQuestions, modelFile, readPinned } from '../portrait/answers.mjs'

/** @typedef {import('../portrait/answers.mjs').Face} Face */

const program = fileURLToPath(new URL('../../build/native/maskcheck', import.meta.url))
const pinned = readPinned()

/** @param {Record<string, Face[]>} answers */
function assertPinned(answers) {
  const found = differences(answers, pinned.answers)
  const swapped = Object.entries(hashModels()).filter(([name, hash]) => pinned.models[name] !== hash).map(([name]) => name)
  const cause = swapped.length ? `model/${swapped.join(' and model/')} changed since then` : 'the files are the same, so the engine changed'
  assert.equal(found.length, 0, `${found.join('\n')}\n${cause}; if that is wanted: npm run pin`)
}

test('the native command line gives the pinned answers', () => assertPinned(askNative(program)))

test('the package in Node gives the pinned answers', async () => {
  const [faceModel, maskModel] = ['face.onnx', 'mask.onnx'].map((name) => readFileSync(modelFile(name)))
  const detector = await MaskDetector.create({ faceModel, maskModel })
  try {
    /** @type {Record<string, Face[]>} */
    const answers = {}
    for (const [name, { picture, question }] of makeQuestions()) {
      await detector.setOptions({ detectionSize: question.detectionSize })
      answers[name] = (question.boxes ? await detector.label(picture, question.boxes) : await detector.detect(picture)).faces
    }
    assertPinned(answers)
  } finally {
    detector.close()
  }
})

test('the pinned answers are those of these files, and there is one for every face', () => {
  assert.deepEqual(hashModels(), pinned.models, 'after a training: npm run pin')
  assert.deepEqual(Object.keys(pinned.answers), [...makeQuestions().keys()])
  for (const [name, faces] of Object.entries(pinned.answers)) assert.equal(faces.length, 1, name)
})

for (const damaged of ['face.onnx', 'mask.onnx']) {
  test(`a damaged ${damaged} does not pass for the pinned one`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'maskcheck-damaged-'))
    try {
      const file = readFileSync(modelFile(damaged))
      // The values of large tensors in reverse: a valid file of the same size.
      const large = [...readGraph(file).weights.values()].filter(({ bytes }) => bytes.length > 10_000)
      assert.ok(large.length > 0)
      for (const { bytes } of large) bytes.set(new Uint8Array(new Uint16Array(Uint8Array.from(bytes).buffer).reverse().buffer))
      writeFileSync(join(folder, damaged), file)
      const models = ['face.onnx', 'mask.onnx'].map((name) => (name === damaged ? join(folder, name) : modelFile(name)))
      assert.notDeepEqual(differences(askNative(program, models), pinned.answers), [])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
}

test('the tables of accuracy are of the shipped files', () => {
  const hashes = hashModels()
  const subject = Object.entries(hashes).map(([name, hash]) => `${name} ${hash.slice(0, 12)}`).join(' and ')
  for (const document of ['README.md', 'model/MODEL.md', 'model/DRAWN.md']) {
    const ends = readFileSync(fileURLToPath(new URL(`../../${document}`, import.meta.url)), 'utf8').match(/^<!-- \/accuracy.*$/gm) ?? []
    assert.ok(ends.length > 0, document)
    for (const end of ends) assert.equal(end, `<!-- /accuracy of ${subject} -->`, `${document} was measured with other networks: see model/README.md`)
  }
})
