// Reads what the cost of a network depends on out of an ONNX file: its nodes and the shapes of its weights.

/** @typedef {{ op: string, inputs: string[], outputs: string[], ints: Record<string, number[]>, tensor: Tensor | null }} Node */
/** @typedef {{ dims: number[], bytes: Uint8Array }} Tensor */
/** @typedef {{ nodes: Node[], weights: Map<string, Tensor>, input: string, metadata: Record<string, string> }} Graph */
/** @typedef {{ number: number, value: number, bytes: Uint8Array }} Field  value of a varint, bytes of anything longer */

/** The file is no ONNX file. */
export class OnnxError extends Error {}

const TEXT = new TextDecoder()

/**
 * The fields of one protobuf message.
 * @param {Uint8Array} message
 * @returns {Field[]}
 */
function fields(message) {
  let at = 0
  const varint = () => {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = message[at++]
      if (byte === undefined || scale > 2 ** 63) throw new OnnxError('not an ONNX file')
      value += (byte & 127) * scale
      if (byte < 128) return value
    }
  }
  /** @type {Field[]} */
  const found = []
  while (at < message.length) {
    const tag = varint()
    const kind = tag & 7
    const value = kind === 0 || kind === 2 ? varint() : 0
    const length = kind === 2 ? value : kind === 5 ? 4 : kind === 1 ? 8 : 0
    if (![0, 1, 2, 5].includes(kind) || at + length > message.length) throw new OnnxError('not an ONNX file')
    found.push({ number: Math.floor(tag / 8), value, bytes: message.subarray(at, at + length) })
    at += length
  }
  return found
}

/** @param {Field[]} list @param {number} number */
const all = (list, number) => list.filter((field) => field.number === number)
/** @param {Field[]} list @param {number} number */
const texts = (list, number) => all(list, number).map(({ bytes }) => TEXT.decode(bytes))
/** Whole numbers, packed or one by one. @param {Field[]} list @param {number} number */
const integers = (list, number) =>
  all(list, number).flatMap(({ value, bytes }) => (bytes.length ? packed(bytes) : [value]))

/** @param {Uint8Array} bytes */
function packed(bytes) {
  const values = [0]
  let scale = 1
  for (const [index, byte] of bytes.entries()) {
    values.push((values.pop() ?? 0) + (byte & 127) * scale)
    scale *= 128
    if (byte < 128) {
      scale = 1
      if (index + 1 < bytes.length) values.push(0)
    }
  }
  return values
}

/** @param {Uint8Array} message @returns {Tensor} */
function readTensor(message) {
  const parts = fields(message)
  return { dims: integers(parts, 1), bytes: all(parts, 9)[0]?.bytes ?? new Uint8Array(0) }
}

/** @param {Uint8Array} message @returns {Node} */
function readNode(message) {
  const parts = fields(message)
  /** @type {Node} */
  const node = { op: texts(parts, 4)[0] ?? '', inputs: texts(parts, 1), outputs: texts(parts, 2), ints: {}, tensor: null }
  for (const { bytes } of all(parts, 5)) {
    const attribute = fields(bytes)
    node.ints[texts(attribute, 1)[0] ?? ''] = [...integers(attribute, 8), ...integers(attribute, 3)]
    const [tensor] = all(attribute, 5)
    if (tensor) node.tensor = readTensor(tensor.bytes)
  }
  return node
}

/**
 * @param {Uint8Array} file
 * @returns {Graph}
 * @throws {OnnxError}
 */
export function readGraph(file) {
  const model = fields(file)
  const [graphField] = all(model, 7)
  if (!graphField) throw new OnnxError('not an ONNX file: it has no graph')
  const graph = fields(graphField.bytes)
  /** @type {Graph["weights"]} */
  const weights = new Map()
  for (const { bytes } of all(graph, 5)) weights.set(texts(fields(bytes), 8)[0] ?? '', readTensor(bytes))
  const input = all(graph, 11).flatMap(({ bytes }) => texts(fields(bytes), 1)).find((name) => !weights.has(name))
  if (input === undefined) throw new OnnxError('the graph has no input')
  const metadata = Object.fromEntries(
    all(model, 14).map(({ bytes }) => [texts(fields(bytes), 1)[0] ?? '', texts(fields(bytes), 2)[0] ?? '']),
  )
  return { nodes: all(graph, 1).map(({ bytes }) => readNode(bytes)), weights, input, metadata }
}

/**
 * Multiply-adds of one run, and the weights and biases that it uses.
 * @param {Graph} graph
 * @param {number[]} inputShape  [N, C, H, W]
 * @returns {{ macs: number, parameters: number }}
 * @throws {OnnxError} for an operator whose output shape is not known here
 */
export function measureCost(graph, inputShape) {
  /** @type {Map<string, number[]>} */
  const shapes = new Map([[graph.input, inputShape]])
  /** @type {Map<string, Tensor>} */
  const constants = new Map(graph.weights)
  let macs = 0
  let parameters = 0
  /** @param {number[]} dims */
  const size = (dims) => dims.reduce((product, dim) => product * dim, 1)
  for (const node of graph.nodes) {
    const [from = '', second = '', third = ''] = node.inputs
    const [to = ''] = node.outputs
    const weights = constants.get(second)
    const bias = constants.get(third)
    if (node.op === 'Constant' || (['Cast', 'Identity'].includes(node.op) && constants.has(from))) {
      const constant = node.tensor ?? constants.get(from)
      if (constant) constants.set(to, constant)
      continue
    }
    const shape = shapes.get(from)
    if (!shape) throw new OnnxError(`${node.op}: the shape of ${from} is not known`)
    const [batch = 1, , ...spatial] = shape
    if (node.op === 'Conv' && weights) {
      const [outputs = 0, , ...kernel] = weights.dims
      const { pads = [], strides = [], dilations = [] } = node.ints
      const sides = spatial.map((side, axis) => {
        const reach = (dilations[axis] ?? 1) * ((kernel[axis] ?? 1) - 1) + 1
        return Math.floor((side + (pads[axis] ?? 0) + (pads[axis + spatial.length] ?? 0) - reach) / (strides[axis] ?? 1)) + 1
      })
      shapes.set(to, [batch, outputs, ...sides])
      macs += batch * size(sides) * size(weights.dims)
      parameters += size(weights.dims) + size(bias?.dims ?? [0])
    } else if (node.op === 'Gemm' && weights) {
      const [rows = 0, columns = 0] = weights.dims
      shapes.set(to, [batch, node.ints['transB']?.[0] ? rows : columns])
      macs += batch * size(weights.dims)
      parameters += size(weights.dims) + size(bias?.dims ?? [0])
    } else if (node.op === 'Resize') {
      const scales = constants.get(node.inputs[2] ?? '')?.bytes
      if (scales?.length !== 16) throw new OnnxError('Resize: only by four constant scales')
      const view = new DataView(scales.buffer, scales.byteOffset)
      shapes.set(to, shape.map((side, axis) => Math.floor(side * view.getFloat32(axis * 4, true))))
    } else if (node.op === 'GlobalAveragePool') {
      shapes.set(to, shape.map((side, axis) => (axis < 2 ? side : 1)))
    } else if (node.op === 'Flatten') {
      shapes.set(to, [batch, size(shape.slice(1))])
    } else if (['Relu', 'Clip', 'Add', 'Identity'].includes(node.op)) {
      shapes.set(to, shape)
    } else {
      throw new OnnxError(`${node.op}: its cost is not known here`)
    }
  }
  return { macs, parameters }
}
