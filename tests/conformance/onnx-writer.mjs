/**
 * Writes ONNX files, for tests: plain objects in, bytes out. Only the fields the tests need.
 * @module
 */

/** @typedef {'float' | 'float16' | 'int32' | 'int64' | 'bool' | 'double'} ElementType */
/** Typed: data in the field for its type; otherwise raw bytes. `raw` replaces the data for damaged files.
 * @typedef {{ dims: number[], data: ArrayLike<number>, type?: ElementType, typed?: boolean, raw?: Uint8Array, external?: boolean }} Tensor */
/** Whole numbers in `ints` and `int`, others in `floats` and `float`.
 * @typedef {{ int?: number, float?: number, string?: string, ints?: number[], floats?: number[], tensor?: Tensor }} Attribute */
/** @typedef {{ op: string, inputs: string[], outputs: string[], attributes?: Record<string, Attribute>, name?: string, domain?: string }} Node */
/** A dimension is a number, or a name for a dynamic one; without dims, nothing is said about the shape.
 * @typedef {{ name: string, dims?: (number | string)[], type?: ElementType }} Port */
/** @typedef {{ nodes: Node[], inputs: Port[], outputs: Port[], initializers?: Record<string, Tensor>, opset?: number, metadata?: Record<string, string> }} Model */

/** A constant list. @param {number[]} values @returns {Tensor} */
export const ints = (values) => ({ dims: [values.length], data: values, type: 'int64' })

/** A constant without axes. @param {number} value @returns {Tensor} */
export const scalar = (value) => ({ dims: [], data: [value] })

/** @type {Record<ElementType, number>} */
const typeNumbers = { float: 1, int32: 6, int64: 7, bool: 9, float16: 10, double: 11 }

/** @param {number | bigint} value @returns {number[]} */
function varint(value) {
  let rest = BigInt.asUintN(64, BigInt(value))
  const bytes = []
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128)
    rest >>= 7n
  }
  bytes.push(Number(rest))
  return bytes
}

/** @param {Uint8Array[]} parts @returns {Uint8Array} */
export function concatenate(parts) {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

/** @param {number} field @param {number | bigint} value */
const int = (field, value) => Uint8Array.from([...varint(field << 3), ...varint(value)])

/** @param {number} field @param {number} value */
const float32 = (field, value) => concatenate([Uint8Array.from(varint((field << 3) | 5)), new Uint8Array(Float32Array.of(value).buffer)])

/** @param {number} field @param {Uint8Array | string} content */
function block(field, content) {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
  return concatenate([Uint8Array.from([...varint((field << 3) | 2), ...varint(bytes.length)]), bytes])
}

/** The nearest half-precision number, as its 16 bits. @param {number} value */
export function toHalf(value) {
  const [bits = 0] = new Uint32Array(Float32Array.of(value).buffer)
  const sign = (bits >>> 16) & 0x8000
  const magnitude = Math.abs(value)
  if (Number.isNaN(value)) return sign | 0x7e00
  if (magnitude >= 65520) return sign | 0x7c00
  if (magnitude < 2 ** -14) return sign | Math.round(magnitude * 2 ** 24)
  const exponent = Math.floor(Math.log2(magnitude))
  return sign | (((exponent + 15) << 10) + Math.round((magnitude / 2 ** exponent - 1) * 1024))
}

/** @param {Tensor} tensor @param {ElementType} type @returns {Uint8Array} */
function rawBytes(tensor, type) {
  if (type === 'float' && tensor.data instanceof Float32Array) return new Uint8Array(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength)
  const values = Array.from(tensor.data)
  switch (type) {
    case 'float': return new Uint8Array(Float32Array.from(values).buffer)
    case 'double': return new Uint8Array(Float64Array.from(values).buffer)
    case 'float16': return new Uint8Array(Uint16Array.from(values, toHalf).buffer)
    case 'int32': return new Uint8Array(Int32Array.from(values).buffer)
    case 'int64': return new Uint8Array(BigInt64Array.from(values, (v) => BigInt(v)).buffer)
    case 'bool': return Uint8Array.from(values)
  }
}

/** @param {Tensor} tensor @param {ElementType} type @returns {Uint8Array} */
function typedField(tensor, type) {
  const values = Array.from(tensor.data)
  switch (type) {
    case 'float': return block(4, rawBytes(tensor, type))
    case 'double': return block(10, rawBytes(tensor, type))
    case 'int64': return block(7, Uint8Array.from(values.flatMap(varint)))
    case 'float16': return block(5, Uint8Array.from(values.map(toHalf).flatMap(varint)))
    default: return block(5, Uint8Array.from(values.flatMap(varint)))
  }
}

/** @param {Tensor} tensor @param {string} name @returns {Uint8Array} */
function writeTensor(tensor, name) {
  const type = tensor.type ?? 'float'
  /** @type {Uint8Array[]} */
  const parts = tensor.dims.map((size) => int(1, size))
  parts.push(int(2, typeNumbers[type]), block(8, name))
  parts.push(tensor.typed ? typedField(tensor, type) : block(9, tensor.raw ?? rawBytes(tensor, type)))
  if (tensor.external) parts.push(int(14, 1))
  return concatenate(parts)
}

/** @param {string} name @param {Attribute} attribute @returns {Uint8Array} */
function writeAttribute(name, attribute) {
  const parts = [block(1, name)]
  if (attribute.float !== undefined) parts.push(float32(2, attribute.float), int(20, 1))
  if (attribute.int !== undefined) parts.push(int(3, attribute.int), int(20, 2))
  if (attribute.string !== undefined) parts.push(block(4, attribute.string), int(20, 3))
  if (attribute.tensor !== undefined) parts.push(block(5, writeTensor(attribute.tensor, '')), int(20, 4))
  if (attribute.floats !== undefined) parts.push(...attribute.floats.map((v) => float32(7, v)), int(20, 6))
  if (attribute.ints !== undefined) parts.push(...attribute.ints.map((v) => int(8, v)), int(20, 7))
  return concatenate(parts)
}

/** @param {Node} node @returns {Uint8Array} */
function writeNode(node) {
  return concatenate([
    ...node.inputs.map((name) => block(1, name)),
    ...node.outputs.map((name) => block(2, name)),
    block(3, node.name ?? ''),
    block(4, node.op),
    ...Object.entries(node.attributes ?? {}).map(([name, attribute]) => block(5, writeAttribute(name, attribute))),
    ...(node.domain !== undefined ? [block(7, node.domain)] : []),
  ])
}

/** @param {Port} port @returns {Uint8Array} */
function writePort(port) {
  const dims = port.dims?.map((size) => block(1, typeof size === 'number' ? int(1, size) : block(2, size)))
  const shape = dims === undefined ? [] : [block(2, concatenate(dims))]
  const tensor = concatenate([int(1, typeNumbers[port.type ?? 'float']), ...shape])
  return concatenate([block(1, port.name), block(2, block(1, tensor))])
}

/** @param {Model} model @returns {Uint8Array} */
export function writeOnnx(model) {
  const graph = concatenate([
    ...model.nodes.map((node) => block(1, writeNode(node))),
    block(2, 'test'),
    ...Object.entries(model.initializers ?? {}).map(([name, tensor]) => block(5, writeTensor(tensor, name))),
    ...model.inputs.map((port) => block(11, writePort(port))),
    ...model.outputs.map((port) => block(12, writePort(port))),
  ])
  return concatenate([
    int(1, 8),
    block(7, graph),
    block(8, concatenate([block(1, ''), int(2, model.opset ?? 13)])),
    ...Object.entries(model.metadata ?? {}).map(([key, value]) => block(14, concatenate([block(1, key), block(2, value)]))),
  ])
}
