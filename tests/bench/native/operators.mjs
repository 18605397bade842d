/* npm run bench -- --operators: one operator at a time, of each kind that the engine knows, on feature maps as classifiers and
   finders have them: natively and as WebAssembly in Node, and in onnxruntime-node (native, with all its optimisations), one
   thread each. Medians, ms. onnxruntime's are taken from JavaScript and include handing the maps over and back. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { randomSource, randomTensor } from '../../conformance/harness.mjs'
import { writeOnnx } from '../../conformance/onnx-writer.mjs'
import { InferenceSession, Tensor } from '../../onnxruntime.mjs'

/** @typedef {import('../../conformance/onnx-writer.mjs').Attribute} Attribute */
/** @typedef {import('../../conformance/onnx-writer.mjs').Tensor} Tensor */
/** One node on a map of c channels and side x side pixels; extra inputs are constants, '' one left out.
 * @typedef {{ name: string, op: string, c: number, side: number, attributes?: Record<string, Attribute>, extra?: (Tensor | '')[] }} Case */

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '200' } } })
const rounds = Number(values.rounds)
if (!(Number.isInteger(rounds) && rounds > 0)) throw new Error('--rounds must be a whole number above 0')

const random = randomSource(1)
const weights = (/** @type {number[]} */ ...dims) => randomTensor(random, dims)
/** @param {number[]} data @returns {Tensor} */
const ints = (data) => ({ dims: [data.length], data, type: 'int64' })
/** @param {number[]} data @returns {Tensor} */
const floats = (data) => ({ dims: [data.length], data })
const number = (/** @type {number} */ value) => ({ dims: [], data: [value] })

/** @param {number} kernel @param {number} [stride] @param {number} [group] @returns {Record<string, Attribute>} */
const window = (kernel, stride = 1, group = 1) => {
  const pad = (kernel - 1) >> 1
  return { kernel_shape: { ints: [kernel, kernel] }, strides: { ints: [stride, stride] }, pads: { ints: [pad, pad, pad, pad] }, ...(group > 1 ? { group: { int: group } } : {}) }
}

/** @type {Case[]} */
const cases = [
  { name: 'Conv 1x1', op: 'Conv', c: 64, side: 40, attributes: window(1), extra: [weights(64, 64, 1, 1), weights(64)] },
  { name: 'Conv 3x3', op: 'Conv', c: 32, side: 40, attributes: window(3), extra: [weights(32, 32, 3, 3), weights(32)] },
  { name: 'Conv 3x3 of a picture, halving', op: 'Conv', c: 3, side: 320, attributes: window(3, 2), extra: [weights(16, 3, 3, 3), weights(16)] },
  { name: 'Conv 3x3, depthwise', op: 'Conv', c: 64, side: 40, attributes: window(3, 1, 64), extra: [weights(64, 1, 3, 3), weights(64)] },
  { name: 'Conv 5x5, depthwise', op: 'Conv', c: 64, side: 40, attributes: window(5, 1, 64), extra: [weights(64, 1, 5, 5), weights(64)] },
  { name: 'ConvTranspose 2x2, doubling', op: 'ConvTranspose', c: 32, side: 40, attributes: { strides: { ints: [2, 2] } }, extra: [weights(32, 16, 2, 2), weights(16)] },
  { name: 'ConvTranspose 4x4, doubling', op: 'ConvTranspose', c: 32, side: 40, attributes: window(4, 2), extra: [weights(32, 16, 4, 4), weights(16)] },
  { name: 'MatMul by 40x40', op: 'MatMul', c: 64, side: 40, extra: [weights(40, 40)] },
  { name: 'MaxPool 3x3, halving', op: 'MaxPool', c: 64, side: 80, attributes: window(3, 2) },
  { name: 'AveragePool 3x3', op: 'AveragePool', c: 64, side: 40, attributes: window(3) },
  { name: 'GlobalAveragePool', op: 'GlobalAveragePool', c: 64, side: 40 },
  { name: 'GlobalMaxPool', op: 'GlobalMaxPool', c: 64, side: 40 },
  { name: 'ReduceMax over channels', op: 'ReduceMax', c: 64, side: 40, attributes: { axes: { ints: [1] } } },
  { name: 'ReduceL2 over channels', op: 'ReduceL2', c: 64, side: 40, attributes: { axes: { ints: [1] } } },
  { name: 'Resize nearest, doubling', op: 'Resize', c: 64, side: 40, attributes: { mode: { string: 'nearest' }, coordinate_transformation_mode: { string: 'asymmetric' }, nearest_mode: { string: 'floor' } }, extra: ['', floats([1, 1, 2, 2])] },
  { name: 'Resize linear, doubling', op: 'Resize', c: 64, side: 40, attributes: { mode: { string: 'linear' } }, extra: ['', floats([1, 1, 2, 2])] },
  { name: 'Add a channel vector', op: 'Add', c: 64, side: 40, extra: [weights(64, 1, 1)] },
  { name: 'BatchNormalization', op: 'BatchNormalization', c: 64, side: 40, extra: [weights(64), weights(64), weights(64), floats(Array.from({ length: 64 }, (_, i) => 1 + i / 64))] },
  { name: 'Relu', op: 'Relu', c: 64, side: 40 },
  { name: 'Clip 0 to 6', op: 'Clip', c: 64, side: 40, extra: [number(0), number(6)] },
  { name: 'LeakyRelu', op: 'LeakyRelu', c: 64, side: 40, attributes: { alpha: { float: 0.1 } } },
  { name: 'PRelu', op: 'PRelu', c: 64, side: 40, extra: [{ dims: [64, 1, 1], data: Array.from({ length: 64 }, (_, i) => i / 100) }] },
  { name: 'Elu', op: 'Elu', c: 64, side: 40 },
  { name: 'Sigmoid', op: 'Sigmoid', c: 64, side: 40 },
  { name: 'HardSigmoid', op: 'HardSigmoid', c: 64, side: 40 },
  { name: 'HardSwish', op: 'HardSwish', c: 64, side: 40 },
  { name: 'Tanh', op: 'Tanh', c: 64, side: 40 },
  { name: 'Softmax over channels', op: 'Softmax', c: 64, side: 40, attributes: { axis: { int: 1 } } },
  { name: 'Pow 2', op: 'Pow', c: 64, side: 40, extra: [number(2)] },
  { name: 'Slice half of the channels', op: 'Slice', c: 64, side: 40, extra: [ints([0]), ints([32]), ints([1])] },
  { name: 'Slice every second row', op: 'Slice', c: 64, side: 40, extra: [ints([0]), ints([40]), ints([2]), ints([2])] },
  { name: 'Pad by 1', op: 'Pad', c: 64, side: 40, extra: [ints([0, 0, 1, 1, 0, 0, 1, 1])] },
  { name: 'Transpose to rows', op: 'Transpose', c: 64, side: 40, attributes: { perm: { ints: [0, 2, 3, 1] } } },
]

/** @param {Case} each @returns {Uint8Array} */
function write({ op, c, side, attributes = {}, extra = [] }) {
  /** @type {Record<string, Tensor>} */
  const initializers = {}
  const names = extra.map((tensor, i) => {
    if (tensor === '') return ''
    initializers[`c${i}`] = tensor
    return `c${i}`
  })
  return writeOnnx({
    nodes: [{ op, inputs: ['x', ...names], outputs: ['y'], attributes }],
    inputs: [{ name: 'x', dims: [1, c, side, side] }],
    outputs: [{ name: 'y' }],
    initializers,
    opset: 14,
  })
}

/** @param {number[]} numbers */
const median = (numbers) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? NaN

/** @param {Uint8Array} model @param {Case} each */
async function timeReference(model, { c, side }) {
  const session = await InferenceSession.create(model, { intraOpNumThreads: 1, interOpNumThreads: 1, graphOptimizationLevel: 'all', logSeverityLevel: 3 })
  const feeds = { x: new Tensor('float32', randomTensor(random, [1, c, side, side]).data, [1, c, side, side]) }
  const times = []
  for (let i = 0; i < rounds + 3; i++) {
    const start = performance.now()
    await session.run(feeds)
    if (i >= 3) times.push(performance.now() - start)
  }
  await session.release()
  return median(times)
}

const root = fileURLToPath(new URL('../../..', import.meta.url))
const node = [process.execPath, '--experimental-wasm-relaxed-simd']
/** @type {Record<string, string[]>} */
const builds = {
  native: [join(root, 'build/native/bench-native')],
  'wasm-relaxed': [...node, join(root, 'build/wasm-relaxed/bench-native.js')],
  'wasm-simd': [...node, join(root, 'build/wasm-simd/bench-native.js')],
}

const folder = mkdtempSync(join(tmpdir(), 'maskcheck-operators-'))
try {
  const table = []
  for (const each of cases) {
    const model = write(each)
    const file = join(folder, 'one.onnx')
    writeFileSync(file, model)
    /** @type {Record<string, string | number>} */
    const row = { operator: each.name, map: `${each.c} x ${each.side} x ${each.side}` }
    for (const [name, [program = '', ...args]] of Object.entries(builds)) {
      const text = execFileSync(program, [...args, file, String(each.side), String(each.side), String(rounds)], { encoding: 'utf8' })
      row[name] = Number(/^engine +([\d.]+) ms/m.exec(text)?.[1] ?? NaN)
    }
    row['onnxruntime'] = Number((await timeReference(model, each)).toFixed(4))
    table.push(row)
  }
  console.table(table)
} finally {
  rmSync(folder, { recursive: true })
}
