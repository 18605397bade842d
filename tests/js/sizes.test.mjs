/* What the networks cost, counted from their files. */
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { OnnxError, measureCost, readGraph } from '../../model/onnx-graph.mjs'
import { writeOnnx } from '../conformance/onnx-writer.mjs'

const path = (/** @type {string} */ relative) => fileURLToPath(new URL(`../../${relative}`, import.meta.url))
const zeros = (/** @type {number[]} */ ...dims) => ({ dims, data: new Float32Array(dims.reduce((a, b) => a * b, 1)) })
const read = (/** @type {string} */ name) => readGraph(readFileSync(path(`model/${name}`)))

test('counts multiply-adds and parameters as by hand', () => {
  const graph = readGraph(writeOnnx({
    inputs: [{ name: 'x' }],
    outputs: [{ name: 'y' }],
    initializers: { a: { ...zeros(4, 3, 3, 3), type: 'float16' }, b: zeros(4), c: zeros(4, 1, 5, 5), twice: { dims: [4], data: [1, 1, 2, 2] }, d: zeros(2, 4), e: zeros(2) },
    nodes: [
      { op: 'Cast', inputs: ['a'], outputs: ['a32'], attributes: { to: { int: 1 } } },
      { op: 'Conv', inputs: ['x', 'a32', 'b'], outputs: ['1'], attributes: { strides: { ints: [2, 2] }, pads: { ints: [1, 1, 1, 1] } } },
      { op: 'Relu', inputs: ['1'], outputs: ['2'] },
      { op: 'Conv', inputs: ['2', 'c'], outputs: ['3'], attributes: { group: { int: 4 }, dilations: { ints: [2, 2] }, pads: { ints: [4, 4, 3, 3] } } },
      { op: 'Resize', inputs: ['3', '', 'twice'], outputs: ['4'] },
      { op: 'GlobalAveragePool', inputs: ['4'], outputs: ['5'] },
      { op: 'Flatten', inputs: ['5'], outputs: ['6'] },
      { op: 'Gemm', inputs: ['6', 'd', 'e'], outputs: ['y'], attributes: { transB: { int: 1 } } },
    ],
  }))
  // 9 x 7 px become 5 x 4, then 4 x 3.
  assert.deepEqual(measureCost(graph, [1, 3, 7, 9]), { macs: 5 * 4 * 108 + 4 * 3 * 100 + 8, parameters: 108 + 4 + 100 + 8 + 2 })
})

test('the networks of the package cost what they may', () => {
  const finder = measureCost(read('face.onnx'), [1, 3, 256, 320])
  assert.ok(finder.macs <= 45e6 && finder.macs > 1e6, `${finder.macs} multiply-adds`)
  assert.ok(finder.parameters <= 0.25e6 && finder.parameters > 1e4, `${finder.parameters} parameters`)
  const mask = measureCost(read('mask.onnx'), [1, 3, 64, 64])
  assert.ok(mask.macs <= 12e6 && mask.macs > 1e6, `${mask.macs} multiply-adds`)
  assert.ok(mask.parameters <= 0.4e6 && mask.parameters > 1e4, `${mask.parameters} parameters`)
})

test('npm run sizes prints them', () => {
  const printed = execFileSync(process.execPath, [path('model/sizes.mjs')], { encoding: 'utf8' })
  const { macs } = measureCost(read('face.onnx'), [1, 3, 480, 640])
  assert.ok(printed.includes(`multiply-adds at 640x480: ${macs.toLocaleString('en-US')}\n`), printed)
  assert.ok(printed.includes(`bytes: ${readFileSync(path('model/mask.onnx')).length.toLocaleString('en-US')}, gzip`), printed)
})

test('what is no network is said to be none', () => {
  for (const bytes of [new Uint8Array(0), Buffer.from('{"no": "network"}'), readFileSync(path('model/face.onnx')).subarray(0, 5000)]) {
    assert.throws(() => readGraph(bytes), OnnxError)
  }
  const { status, stderr } = spawnSync(process.execPath, [path('model/sizes.mjs'), path('package.json')], { encoding: 'utf8' })
  assert.equal(status, 1)
  assert.match(stderr, /package\.json: not an ONNX file/)
})
