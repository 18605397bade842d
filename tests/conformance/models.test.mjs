import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import test from 'node:test'
import { builds, difference, randomSource, randomTensor, repository, runBuild, runReference, seed } from './harness.mjs'
import { isRowsFirst, networkNames, writeNetwork } from './networks.mjs'

/** @typedef {import('./harness.mjs').Case} Case */

const random = randomSource(seed)

/** A file and the shapes of its input, one after another. @param {string} file @param {number[][]} shapes @returns {Promise<Case>} */
async function modelCase(file, shapes) {
  const model = new Uint8Array(await readFile(file))
  return { name: path.basename(file), model, runs: shapes.map((shape) => [randomTensor(random, shape)]) }
}

/** @param {Case} testCase @param {{ deep?: boolean }} [options] deep: errors add up over many layers, and are held against the
 *   largest output instead of each */
async function check(testCase, { deep = false } = {}) {
  const reference = await runReference(testCase)
  const largest = Math.max(...reference.flat().map(({ data }) => data.reduce((most, value) => Math.max(most, Math.abs(value)), 0)))
  assert.ok(largest > 0.001 && largest < 1000, `outputs up to ${largest} say little`)
  for (const build of builds) {
    const [result] = await runBuild(build, [testCase])
    const problem = result ? difference(deep ? { ...build, absolute: build.relative * largest } : build, result, reference) : 'no result'
    if (problem !== undefined) throw new Error(`${testCase.name} in ${build.name}, seed ${seed}: ${problem}`)
  }
}

const finderSizes = [[480, 640], [32, 32], [96, 160], [256, 320], [480, 640]].map(([h = 0, w = 0]) => [1, 3, h, w])

test('the face finder gives what onnxruntime gives, at several sizes', async () => {
  await check(await modelCase(path.join(repository, 'model/face.onnx'), finderSizes))
})

test('the mask classifier gives what onnxruntime gives, for several batches', async () => {
  const file = path.join(repository, 'model/mask.onnx')
  const [, size] = /input_size\x12.(\d+)/s.exec(await readFile(file, 'latin1')) ?? []
  const shapes = [1, 3, 8, 2, 1].map((count) => [count, 3, Number(size), Number(size)])
  await check(await modelCase(file, shapes))
})

for (const name of networkNames) {
  test(`${name} with random weights gives what onnxruntime gives`, async () => {
    const sizes = name === 'InceptionV3 up to mixed7' ? [[1, 100, 100], [2, 75, 84]] : [[1, 64, 64], [2, 96, 70]]
    const shapes = sizes.map(([n = 1, h = 1, w = 1]) => (isRowsFirst(name) ? [n, h, w, 3] : [n, 3, h, w]))
    await check({ name, model: writeNetwork(name, random), runs: shapes.map((shape) => [randomTensor(random, shape)]) }, { deep: true })
  })
}

const folder = process.env['MASKCHECK_REFERENCE_MODELS']
const references = [
  { file: 'yunet.onnx', shapes: finderSizes },
  { file: 'cls_nchw.onnx', shapes: [[1, 3, 128, 128]] },
  { file: 'cls_nhwc.onnx', shapes: [[1, 128, 128, 3]] },
]
for (const { file, shapes } of references) {
  const missing = folder === undefined ? 'MASKCHECK_REFERENCE_MODELS is not set' : !existsSync(path.join(folder, file)) && `${file} is not there`
  test(`${file}, made by others, gives what onnxruntime gives`, { skip: missing }, async () => {
    await check(await modelCase(path.join(folder ?? '', file), shapes))
  })
}
