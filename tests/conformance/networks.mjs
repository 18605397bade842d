/**
 * Well-known classifiers with random weights, node by node as exporters write them: torchvision's MobileNetV2, MobileNetV3-small,
 * ResNet18 and SqueezeNet 1.1 as torch.onnx.export does (batch normalizations folded into convolutions), InceptionV3 up to
 * `mixed7` as tf2onnx does for Keras (rows first, batch normalizations apart). Their input's height and width are dynamic.
 * @module
 */
import { GraphBuilder } from './graph-builder.mjs'
import { countElements } from './harness.mjs'
import { writeOnnx } from './onnx-writer.mjs'

/** @typedef {import('./onnx-writer.mjs').Attribute} Attribute */
/** A value and its channels. @typedef {{ name: string, channels: number }} Value */
/** Pads are [top, left, bottom, right], or those that keep the size.
 * @typedef {{ kernel?: number | [number, number], stride?: number, group?: number, pads?: number[], bias?: boolean }} ConvOptions */

class Builder extends GraphBuilder {
  /** @override @param {string} op @param {number} count */
  names(op, count) {
    return { name: `/${op}_${count}`, output: `/${op}_${count}_output_0` }
  }

  /** Uniform in [low, high). @param {number[]} dims @param {number} low @param {number} high */
  weights(dims, low, high) {
    const data = new Float32Array(countElements(dims))
    for (let i = 0; i < data.length; i++) data[i] = low + (high - low) * this.random()
    return this.constant({ dims, data })
  }

  /** Keeps the spread of what goes through. @param {number[]} dims [O, ...] */
  filter(dims) {
    const limit = Math.sqrt(6 / countElements(dims.slice(1)))
    return this.weights(dims, -limit, limit)
  }

  /** @param {Value} x @param {number} channels @param {ConvOptions} [options] @returns {Value} */
  conv(x, channels, { kernel = 1, stride = 1, group = 1, pads, bias = true } = {}) {
    const [h, w] = typeof kernel === 'number' ? [kernel, kernel] : kernel
    const weights = [this.filter([channels, x.channels / group, h, w])]
    if (bias) weights.push(this.weights([channels], -0.1, 0.1))
    const [top, left] = [(h - 1) >> 1, (w - 1) >> 1]
    const attributes = {
      dilations: { ints: [1, 1] },
      group: { int: group },
      kernel_shape: { ints: [h, w] },
      pads: { ints: pads ?? [top, left, top, left] },
      strides: { ints: [stride, stride] },
    }
    return { name: this.node('Conv', [x.name, ...weights], attributes), channels }
  }

  /** @param {Value} x @param {string} op @param {Record<string, Attribute>} [attributes] @returns {Value} */
  then(x, op, attributes) {
    return { name: this.node(op, [x.name], attributes), channels: x.channels }
  }

  /** @param {Value} x */
  relu(x) {
    return this.then(x, 'Relu')
  }

  /** @param {Value} x @returns {Value} */
  relu6(x) {
    const bounds = [0, 6].map((value) => this.node('Constant', [], { value: { tensor: { dims: [], data: [value] } } }))
    return { name: this.node('Clip', [x.name, ...bounds]), channels: x.channels }
  }

  /** @param {'MaxPool' | 'AveragePool'} op @param {Value} x @param {number} stride @param {{ pads?: number, attributes?: Record<string, Attribute> }} [options] */
  pool(op, x, stride, { pads = 0, attributes = {} } = {}) {
    return this.then(x, op, { kernel_shape: { ints: [3, 3] }, pads: { ints: [pads, pads, pads, pads] }, strides: { ints: [stride, stride] }, ...attributes })
  }

  /** @param {Value[]} values @returns {Value} */
  concat(values) {
    const channels = values.reduce((sum, value) => sum + value.channels, 0)
    return { name: this.node('Concat', values.map(({ name }) => name), { axis: { int: 1 } }), channels }
  }

  /** @param {Value} a @param {Value} b @returns {Value} */
  add(a, b) {
    return { name: this.node('Add', [a.name, b.name]), channels: a.channels }
  }

  /** @param {Value} x @param {number} outputs @returns {Value} */
  linear(x, outputs) {
    const weights = [this.filter([outputs, x.channels]), this.weights([outputs], -0.1, 0.1)]
    return { name: this.node('Gemm', [x.name, ...weights], { alpha: { float: 1 }, beta: { float: 1 }, transB: { int: 1 } }), channels: outputs }
  }

  /** @param {Value} x [N, C, H, W] to [N, C] */
  pooled(x) {
    return this.then(this.then(x, 'GlobalAveragePool'), 'Flatten', { axis: { int: 1 } })
  }
}

/** @typedef {(b: Builder, x: Value, classes: number) => Value} Network */

/** @type {Network} */
function mobileNetV2(b, x, classes) {
  x = b.relu6(b.conv(x, 32, { kernel: 3, stride: 2 }))
  const settings = [[1, 16, 1, 1], [6, 24, 2, 2], [6, 32, 3, 2], [6, 64, 4, 2], [6, 96, 3, 1], [6, 160, 3, 2], [6, 320, 1, 1]]
  for (const [expansion = 1, channels = 1, repeats = 1, firstStride = 1] of settings) {
    for (let i = 0; i < repeats; i++) {
      const stride = i === 0 ? firstStride : 1
      const wide = x.channels * expansion
      const expanded = expansion === 1 ? x : b.relu6(b.conv(x, wide))
      const made = b.conv(b.relu6(b.conv(expanded, wide, { kernel: 3, stride, group: wide })), channels)
      x = stride === 1 && x.channels === channels ? b.add(x, made) : made
    }
  }
  return b.linear(b.pooled(b.relu6(b.conv(x, 1280))), classes)
}

/** @type {Network} */
function mobileNetV3Small(b, x, classes) {
  const hardSwish = (/** @type {Value} */ value) => b.then(value, 'HardSwish')
  x = hardSwish(b.conv(x, 16, { kernel: 3, stride: 2 }))
  /** Kernel, expanded channels, channels, squeezed channels (0: no squeeze), hard swish, stride. @type {[number, number, number, number, boolean, number][]} */
  const settings = [
    [3, 16, 16, 8, false, 2], [3, 72, 24, 0, false, 2], [3, 88, 24, 0, false, 1], [5, 96, 40, 24, true, 2], [5, 240, 40, 64, true, 1],
    [5, 240, 40, 64, true, 1], [5, 120, 48, 32, true, 1], [5, 144, 48, 40, true, 1], [5, 288, 96, 72, true, 2], [5, 576, 96, 144, true, 1],
    [5, 576, 96, 144, true, 1],
  ]
  for (const [kernel, wide, channels, squeezed, swish, stride] of settings) {
    const act = (/** @type {Value} */ value) => (swish ? hardSwish(value) : b.relu(value))
    const expanded = wide === x.channels ? x : act(b.conv(x, wide))
    let deep = act(b.conv(expanded, wide, { kernel, stride, group: wide }))
    if (squeezed > 0) {
      const gate = b.conv(b.relu(b.conv(b.then(deep, 'GlobalAveragePool'), squeezed)), wide)
      deep = { name: b.node('Mul', [b.then(gate, 'HardSigmoid', { alpha: { float: 1 / 6 } }).name, deep.name]), channels: wide }
    }
    const made = b.conv(deep, channels)
    x = stride === 1 && x.channels === channels ? b.add(x, made) : made
  }
  return b.linear(hardSwish(b.linear(b.pooled(hardSwish(b.conv(x, 576))), 1024)), classes)
}

/** @type {Network} */
function resNet18(b, x, classes) {
  x = b.pool('MaxPool', b.relu(b.conv(x, 64, { kernel: 7, stride: 2 })), 2, { pads: 1, attributes: { ceil_mode: { int: 0 }, dilations: { ints: [1, 1] } } })
  for (const channels of [64, 64, 128, 128, 256, 256, 512, 512]) {
    const stride = channels === x.channels ? 1 : 2
    const made = b.conv(b.relu(b.conv(x, channels, { kernel: 3, stride })), channels, { kernel: 3 })
    x = b.relu(b.add(made, stride === 1 ? x : b.conv(x, channels, { stride })))
  }
  return b.linear(b.pooled(x), classes)
}

/** @type {Network} */
function squeezeNet(b, x, classes) {
  const shrink = (/** @type {Value} */ value) => b.pool('MaxPool', value, 2, { attributes: { ceil_mode: { int: 1 } } })
  const fire = (/** @type {Value} */ value, /** @type {number} */ squeezed, /** @type {number} */ expanded) => {
    const s = b.relu(b.conv(value, squeezed))
    return b.concat([b.relu(b.conv(s, expanded)), b.relu(b.conv(s, expanded, { kernel: 3 }))])
  }
  x = shrink(b.relu(b.conv(x, 64, { kernel: 3, stride: 2, pads: [0, 0, 0, 0] })))
  x = shrink(fire(fire(x, 16, 64), 16, 64))
  x = shrink(fire(fire(x, 32, 128), 32, 128))
  x = fire(fire(fire(fire(x, 48, 192), 48, 192), 64, 256), 64, 256)
  return b.pooled(b.relu(b.conv(x, classes)))
}

/** @type {Network} */
function inceptionToMixed7(b, x, classes) {
  const valid = [0, 0, 0, 0]
  x = { name: b.node('Transpose', [x.name], { perm: { ints: [0, 3, 1, 2] } }), channels: 3 }
  /** @param {Value} value @param {number} channels @param {number | [number, number]} kernel @param {ConvOptions} [options] */
  const unit = (value, channels, kernel, options = {}) => {
    const made = b.conv(value, channels, { kernel, bias: false, ...options })
    const statistics = [b.weights([channels], 1, 1), b.weights([channels], -0.1, 0.1), b.weights([channels], -0.1, 0.1), b.weights([channels], 0.8, 1.2)]
    return b.relu({ name: b.node('BatchNormalization', [made.name, ...statistics], { epsilon: { float: 0.001 } }), channels })
  }
  const mean = (/** @type {Value} */ value) => b.then(value, 'AveragePool', { kernel_shape: { ints: [3, 3] }, strides: { ints: [1, 1] }, auto_pad: { string: 'SAME_UPPER' } })
  const shrink = (/** @type {Value} */ value) => b.pool('MaxPool', value, 2)
  x = unit(unit(unit(x, 32, 3, { stride: 2, pads: valid }), 32, 3, { pads: valid }), 64, 3)
  x = shrink(unit(unit(shrink(x), 80, 1), 192, 3, { pads: valid }))
  for (const pooled of [32, 64, 64]) {
    const fives = unit(unit(x, 48, 1), 64, 5)
    const threes = unit(unit(unit(x, 64, 1), 96, 3), 96, 3)
    x = b.concat([unit(x, 64, 1), fives, threes, unit(mean(x), pooled, 1)])
  }
  const halved = { stride: 2, pads: valid }
  x = b.concat([unit(x, 384, 3, halved), unit(unit(unit(x, 64, 1), 96, 3), 96, 3, halved), shrink(x)])
  for (const width of [128, 160, 160, 192]) {
    const sevens = unit(unit(unit(x, width, 1), width, [1, 7]), 192, [7, 1])
    const twice = unit(unit(unit(unit(unit(x, width, 1), width, [7, 1]), width, [1, 7]), width, [7, 1]), 192, [1, 7])
    x = b.concat([unit(x, 192, 1), sevens, twice, unit(mean(x), 192, 1)])
  }
  return b.then(b.linear(b.pooled(x), classes), 'Softmax', { axis: { int: -1 } })
}

/** @type {Record<string, { build: Network, rowsFirst?: boolean }>} */
const networks = {
  MobileNetV2: { build: mobileNetV2 },
  'MobileNetV3-small': { build: mobileNetV3Small },
  ResNet18: { build: resNet18 },
  'SqueezeNet 1.1': { build: squeezeNet },
  'InceptionV3 up to mixed7': { build: inceptionToMixed7, rowsFirst: true },
}

export const networkNames = Object.keys(networks)

/** Whether the input is [N, H, W, 3] rather than [N, 3, H, W]. @param {string} name */
export const isRowsFirst = (name) => networks[name]?.rowsFirst === true

/**
 * @param {string} name one of networkNames
 * @param {() => number} random
 * @param {{ classes?: number, side?: number, metadata?: Record<string, string>, softmax?: boolean }} [options] side of a static input for
 *   one picture, px; softmax: append one
 * @returns {Uint8Array}
 */
export function writeNetwork(name, random, { classes = 1000, side, metadata, softmax = false } = {}) {
  const network = networks[name]
  if (network === undefined) throw new Error(`no network ${name}`)
  const b = new Builder(random)
  let output = network.build(b, { name: 'input', channels: 3 }, classes)
  if (softmax) output = b.then(output, 'Softmax', { axis: { int: 1 } })
  const [n, h, w] = side === undefined ? ['batch', 'height', 'width'] : [1, side, side]
  return writeOnnx({
    nodes: b.nodes,
    initializers: b.initializers,
    inputs: [{ name: 'input', dims: network.rowsFirst ? [n, h, w, 3] : [n, 3, h, w] }],
    outputs: [{ name: output.name }],
    opset: 17,
    ...(metadata === undefined ? {} : { metadata }),
  })
}
