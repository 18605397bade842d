/**
 * Builds a graph node by node; values are names.
 * @module
 */

/** @typedef {import('./onnx-writer.mjs').Attribute} Attribute */
/** @typedef {import('./onnx-writer.mjs').Node} Node */
/** @typedef {import('./onnx-writer.mjs').Tensor} Tensor */

export class GraphBuilder {
  /** @type {Node[]} */
  nodes = []
  /** @type {Record<string, Tensor>} */
  initializers = {}
  #count = 0

  /** @param {() => number} random in [0, 1) */
  constructor(random) {
    this.random = random
  }

  /** Of the next node's output and, if nodes have names, of the node. @param {string} _op @param {number} count @returns {{ output: string, name?: string }} */
  names(_op, count) {
    return { output: `v${count}` }
  }

  /** @param {string} op @param {string[]} inputs @param {Record<string, Attribute>} [attributes] */
  node(op, inputs, attributes = {}) {
    const { output, ...named } = this.names(op, this.#count++)
    this.nodes.push({ op, ...named, inputs, outputs: [output], attributes })
    return output
  }

  /** @param {Tensor} tensor */
  constant(tensor) {
    const name = `c${this.#count++}`
    this.initializers[name] = tensor
    return name
  }
}
