/**
 * Networks of several nodes, as backbones, necks, heads and classifier tails have them, and random ones.
 * @module
 */
import { GraphBuilder } from './graph-builder.mjs'
import { randomTensor } from './harness.mjs'
import { writeOnnx } from './onnx-writer.mjs'

/** @typedef {import('./harness.mjs').Case} Case */

/** With the blocks that such networks are made of. */
class Graph extends GraphBuilder {
  /** Small random numbers. @param {number[]} dims @param {number} [scale] */
  weights(dims, scale = 0.25) {
    const { data } = randomTensor(this.random, dims)
    return this.constant({ dims, data: data.map((value) => value * scale) })
  }

  /** @param {number[]} values */
  ints(values) {
    return this.constant({ dims: [values.length], data: values, type: 'int64' })
  }

  /** @param {string} x @param {number} i @param {number} o @param {{ kernel?: number, stride?: number, group?: number }} [options] */
  conv(x, i, o, { kernel = 1, stride = 1, group = 1 } = {}) {
    const pad = (kernel - 1) >> 1
    return this.node('Conv', [x, this.weights([o, i / group, kernel, kernel]), this.weights([o])], {
      kernel_shape: { ints: [kernel, kernel] },
      strides: { ints: [stride, stride] },
      pads: { ints: [pad, pad, pad, pad] },
      group: { int: group },
    })
  }

  /** @param {string} x @param {number} channels */
  batchNormalization(x, channels) {
    const variance = this.constant({ dims: [channels], data: Float32Array.from({ length: channels }, () => this.random() + 0.5) })
    return this.node('BatchNormalization', [x, this.weights([channels], 0.5), this.weights([channels]), this.weights([channels]), variance])
  }

  /** @param {string} x */
  relu(x) {
    return this.node('Relu', [x])
  }

  /** @param {string} x */
  double(x) {
    const scales = this.constant({ dims: [4], data: [1, 1, 2, 2] })
    return this.node('Resize', [x, '', scales], {
      mode: { string: 'nearest' },
      coordinate_transformation_mode: { string: 'asymmetric' },
      nearest_mode: { string: 'floor' },
    })
  }

  /** @param {(string | number)[]} input @param {string[]} outputs @param {number} [opset] */
  bytes(input, outputs, opset) {
    return writeOnnx({
      nodes: this.nodes,
      initializers: this.initializers,
      inputs: [{ name: 'x', dims: input }],
      outputs: outputs.map((name) => ({ name })),
      ...(opset === undefined ? {} : { opset }),
    })
  }
}

/** @param {() => number} random @returns {Case[]} */
export function graphCases(random) {
  /** @type {Case[]} */
  const cases = []

  /**
   * @param {string} name
   * @param {(graph: Graph) => string[]} build from 'x' to the outputs
   * @param {number[][]} sizes of x
   * @param {{ opset?: number }} [options]
   */
  const add = (name, build, sizes, { opset } = {}) => {
    const graph = new Graph(random)
    const outputs = build(graph)
    const [first = []] = sizes
    const dims = first.map((size, axis) => (sizes.every((other) => other[axis] === size) ? size : `d${axis}`))
    cases.push({ name, model: graph.bytes(dims, outputs, opset), runs: sizes.map((size) => [randomTensor(random, size)]) })
  }

  const pictures = [[1, 3, 32, 32], [1, 3, 64, 32], [1, 3, 32, 96], [1, 3, 32, 32]]

  add('residual blocks with batch normalization', (g) => {
    let x = g.relu(g.batchNormalization(g.conv('x', 3, 8, { kernel: 3, stride: 2 }), 8))
    for (let i = 0; i < 3; i++) {
      const a = g.relu(g.batchNormalization(g.conv(x, 8, 8, { kernel: 3 }), 8))
      const b = g.batchNormalization(g.conv(a, 8, 8, { kernel: 3 }), 8)
      x = g.relu(g.node('Add', [b, x]))
    }
    const pooled = g.node('GlobalAveragePool', [x])
    return [g.node('Gemm', [g.node('Flatten', [pooled]), g.weights([5, 8]), g.weights([5])], { transB: { int: 1 } })]
  }, [...pictures, [3, 3, 32, 32], [2, 3, 17, 21]])

  add('a batch normalization whose input goes on elsewhere', (g) => {
    const a = g.conv('x', 3, 8, { kernel: 3 })
    return [g.node('Add', [g.batchNormalization(a, 8), g.relu(a)])]
  }, pictures)

  add('inverted residuals with squeeze and excitation and hard swish', (g) => {
    const hardSwish = (/** @type {string} */ x) => {
      const shifted = g.node('Add', [x, g.constant({ dims: [], data: [3] })])
      const clipped = g.node('Clip', [shifted, g.constant({ dims: [], data: [0] }), g.constant({ dims: [], data: [6] })])
      return g.node('Div', [g.node('Mul', [x, clipped]), g.constant({ dims: [], data: [6] })])
    }
    let x = g.node('HardSwish', [g.conv('x', 3, 8, { kernel: 3, stride: 2 })])
    for (let i = 0; i < 2; i++) {
      const wide = hardSwish(g.conv(x, 8, 24))
      const deep = g.conv(wide, 24, 24, { kernel: 5, group: 24 })
      const squeezed = g.relu(g.conv(g.node('ReduceMean', [deep], { axes: { ints: [2, 3] } }), 24, 8))
      const excited = g.node('HardSigmoid', [g.conv(squeezed, 8, 24)], { alpha: { float: 1 / 6 } })
      x = g.node('Add', [x, g.conv(g.node('Mul', [excited, deep]), 24, 8)])
    }
    const mean = g.node('ReduceMean', [x], { axes: { ints: [-2, -1] }, keepdims: { int: 0 } })
    return [g.node('Softmax', [g.node('Gemm', [mean, g.weights([8, 3]), g.weights([3])])])]
  }, [...pictures, [2, 3, 33, 31]], { opset: 14 })

  add('a top-down neck with nearest doubling', (g) => {
    const p1 = g.relu(g.conv('x', 3, 8, { kernel: 3, stride: 2 }))
    const p2 = g.relu(g.conv(p1, 8, 8, { kernel: 3, stride: 2 }))
    const p3 = g.relu(g.conv(p2, 8, 8, { kernel: 3, stride: 2 }))
    const n2 = g.relu(g.conv(g.node('Add', [p2, g.double(p3)]), 8, 8, { kernel: 3, group: 8 }))
    const n1 = g.conv(g.node('Concat', [g.double(n2), p1], { axis: { int: 1 } }), 16, 5)
    return [n1, g.conv(n2, 8, 5), g.conv(p3, 8, 5), n2]
  }, pictures)

  add('clamps behind what is only a change of names', (g) => {
    const clip = (/** @type {string} */ x, /** @type {number} */ low, /** @type {number} */ high) =>
      g.node('Clip', [x, g.constant({ dims: [], data: [low] }), g.constant({ dims: [], data: [high] })])
    const a = g.conv('x', 3, 6, { kernel: 3, stride: 2 })
    const b = clip(g.node('Transpose', [a], { perm: { ints: [0, 2, 3, 1] } }), 0.25, 0.5)
    const c = clip(clip(g.conv('x', 3, 6, { kernel: 3 }), -0.25, 0.5), 0.75, 1)
    const d = clip(g.relu(g.node('Flatten', [g.node('MaxPool', ['x'], { kernel_shape: { ints: [3, 3] }, pads: { ints: [1, 0, 0, 1] } })])), -1, -0.5)
    return [b, c, d]
  }, pictures)

  add('doubling an input, and doubling twice', (g) => [g.double('x'), g.double(g.double('x'))], [[1, 3, 4, 6], [2, 3, 5, 3]])

  add('heads of several scales, in rows', (g) => {
    const outputs = []
    let x = 'x'
    let channels = 3
    for (const stride of [2, 2, 2]) {
      x = g.relu(g.conv(x, channels, 8, { kernel: 3, stride }))
      channels = 8
      for (const width of [1, 4, 10]) {
        const rows = g.node('Reshape', [g.node('Transpose', [g.conv(x, 8, width, { kernel: 3 })], { perm: { ints: [0, 2, 3, 1] } }), g.ints([1, -1, width])])
        outputs.push(width === 1 ? g.node('Sigmoid', [rows]) : rows)
      }
    }
    return outputs
  }, pictures)

  add('heads flattened, transposed and joined, with several anchors', (g) => {
    const rows = []
    let x = 'x'
    let channels = 3
    for (let i = 0; i < 3; i++) {
      x = g.node('LeakyRelu', [g.conv(x, channels, 8, { kernel: 3, stride: 2 })], { alpha: { float: 0.1 } })
      channels = 8
      const head = g.conv(x, 8, 12)
      rows.push(g.node('Transpose', [g.node('Reshape', [head, g.ints([0, 12, -1])])], { perm: { ints: [0, 2, 1] } }))
      rows.push(g.node('Reshape', [g.node('Transpose', [g.node('Reshape', [head, g.ints([0, 2, 6, -1])])], { perm: { ints: [0, 1, 3, 2] } }), g.ints([0, -1, 12])]))
    }
    const all = g.node('Concat', rows, { axis: { int: 1 } })
    const scores = g.node('Softmax', [g.node('Slice', [all, g.ints([0]), g.ints([3]), g.ints([2])])], { axis: { int: 2 } })
    return [all, scores]
  }, [...pictures, [2, 3, 32, 64]])

  add('channel shuffle', (g) => {
    const x = g.relu(g.conv('x', 3, 12, { kernel: 3, stride: 2 }))
    const grouped = g.conv(x, 12, 12, { group: 3 })
    const shape = g.node('Shape', [grouped])
    const [n, hw] = [g.node('Slice', [shape, g.ints([0]), g.ints([1])]), g.node('Slice', [shape, g.ints([2]), g.ints([4])])]
    const split = g.node('Reshape', [grouped, g.node('Concat', [n, g.ints([3, 4]), hw], { axis: { int: 0 } })])
    const swapped = g.node('Transpose', [split], { perm: { ints: [0, 2, 1, 3, 4] } })
    const joined = g.node('Reshape', [swapped, g.node('Concat', [n, g.ints([12]), hw], { axis: { int: 0 } })])
    return [g.conv(joined, 12, 6, { kernel: 3, group: 6 })]
  }, pictures)

  add('squeeze and expand', (g) => {
    let x = g.node('MaxPool', [g.relu(g.conv('x', 3, 8, { kernel: 3, stride: 2 }))], { kernel_shape: { ints: [3, 3] }, strides: { ints: [2, 2] }, ceil_mode: { int: 1 } })
    for (let i = 0; i < 2; i++) {
      const s = g.relu(g.conv(x, 8, 4))
      x = g.node('Concat', [g.relu(g.conv(s, 4, 4)), g.relu(g.conv(s, 4, 4, { kernel: 3 }))], { axis: { int: 1 } })
    }
    const classes = g.node('GlobalAveragePool', [g.relu(g.conv(g.node('Dropout', [x]), 8, 5))])
    return [g.node('Softmax', [g.node('Reshape', [classes, g.ints([0, 5])])], { axis: { int: 1 } })]
  }, [...pictures, [2, 3, 33, 39]])

  add('a classifier that reads rows first', (g) => {
    const x = g.node('Transpose', ['x'], { perm: { ints: [0, 3, 1, 2] } })
    const normalized = g.node('Div', [g.node('Sub', [x, g.weights([3, 1, 1])]), g.constant({ dims: [1, 3, 1, 1], data: [0.5, 0.25, 2] })])
    return [g.node('Transpose', [g.conv(normalized, 3, 8, { kernel: 3 })], { perm: { ints: [0, 2, 3, 1] } })]
  }, [[1, 16, 20, 3], [2, 7, 9, 3]])

  add('a classifier that normalizes first', (g) => {
    const normalized = g.node('Div', [g.node('Sub', ['x', g.weights([1, 3, 1, 1])]), g.constant({ dims: [1, 3, 1, 1], data: [0.5, 0.25, 2] })])
    const flat = g.node('Flatten', [g.relu(g.conv(normalized, 3, 4, { kernel: 3 }))])
    const hidden = g.relu(g.node('Gemm', [flat, g.weights([4 * 6 * 5, 16]), g.weights([16])]))
    return [g.node('MatMul', [hidden, g.weights([16, 3])])]
  }, [[1, 3, 6, 5], [3, 3, 6, 5]])

  add('a mean in rows', (g) => {
    const rows = g.node('Reshape', [g.conv('x', 3, 6), g.ints([0, 6, -1])])
    const mean = g.node('ReduceMean', [rows], { axes: { ints: [2] }, keepdims: { int: 0 } })
    return [g.node('Add', [g.node('MatMul', [mean, g.weights([6, 4])]), g.weights([4])])]
  }, pictures)

  // At one size a sum may lie where a summand was; at the next, where that is a single column, it is larger.
  add('a sum with a mean over the columns', (g) => {
    const window = (/** @type {number[]} */ size) =>
      g.node('Conv', ['x', g.weights([4, 3, ...size])], { kernel_shape: { ints: size }, strides: { ints: size } })
    const column = g.node('ReduceMean', [window([2, 1])], { axes: { ints: [3] } })
    return [g.conv(g.node('Add', [column, window([2, 2])]), 4, 3)]
  }, [[1, 3, 20, 400], [1, 3, 40, 2], [1, 3, 20, 400], [1, 3, 2, 4000]])

  // Random graphs: any value may be used any number of times, and several are outputs.
  for (let i = 0; i < 60; i++) {
    add(`random graph ${i}`, (g) => randomGraph(g, random), [[1, 6, 8, 6], [2, 6, 5, 7], [1, 6, 8, 6]])
  }
  return cases
}

/** All values keep the shape [N, 6, H, W], so that any two can be combined. @param {Graph} g @param {() => number} random */
function randomGraph(g, random) {
  const values = ['x']
  const pick = () => values[Math.floor(random() * values.length)] ?? 'x'
  /** @type {(() => string)[]} */
  const steps = [
    () => g.conv(pick(), 6, 6),
    () => g.conv(pick(), 6, 6, { kernel: 3, group: 6 }),
    () => g.conv(pick(), 6, 6, { kernel: 3, group: 2 }),
    () => g.relu(pick()),
    () => g.node('Sigmoid', [pick()]),
    () => g.node('Clip', [pick(), g.constant({ dims: [], data: [random() - 0.75] }), g.constant({ dims: [], data: [random() + 0.25] })]),
    () => g.node('Add', [pick(), pick()]),
    () => g.node('Mul', [pick(), g.weights([6, 1, 1])]),
    () => g.node('Mul', [pick(), g.node('GlobalAveragePool', [pick()])]),
    () => g.batchNormalization(pick(), 6),
    () => g.node('MaxPool', [pick()], { kernel_shape: { ints: [3, 3] }, pads: { ints: [1, 1, 1, 1] } }),
    () => g.node('Identity', [pick()]),
    () => g.node('Transpose', [g.relu(g.node('Transpose', [pick()], { perm: { ints: [0, 2, 3, 1] } }))], { perm: { ints: [0, 3, 1, 2] } }),
    () => g.node('Slice', [g.node('Concat', [pick(), pick(), pick()], { axis: { int: 1 } }), g.ints([4]), g.ints([10]), g.ints([1])]),
    () => g.node('Transpose', [g.node('MatMul', [g.node('Transpose', [pick()], { perm: { ints: [0, 2, 3, 1] } }), g.weights([6, 6])])], { perm: { ints: [0, 3, 1, 2] } }),
    () => g.node('MaxPool', [g.double(pick())], { kernel_shape: { ints: [2, 2] }, strides: { ints: [2, 2] } }),
    () => g.node('Softmax', [pick()], { axis: { int: 1 } }),
  ]
  const count = 4 + Math.floor(random() * 12)
  for (let i = 0; i < count; i++) values.push(/** @type {() => string} */ (steps[Math.floor(random() * steps.length)])())
  const outputs = new Set([/** @type {string} */ (values.at(-1))])
  for (const value of values.slice(1)) if (random() < 0.25) outputs.add(value)
  return [...outputs]
}
