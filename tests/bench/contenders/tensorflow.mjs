/* TensorFlow.js with its WebAssembly backend, SIMD, one thread. */

/** @param {string} source of a script; the library is made for <script> */
function load(source) {
  return new Promise((resolve, reject) => {
    document.head.append(Object.assign(document.createElement('script'), { src: source, onload: resolve, onerror: () => reject(new Error(source)) }))
  })
}

/** @type {Promise<any> | undefined} */
let loaded

/** @returns {Promise<any>} `tf` */
export function loadTensorflow() {
  loaded ??= (async () => {
    await load('/peers/@tensorflow/tfjs/dist/tf.min.js')
    await load('/peers/@tensorflow/tfjs-backend-wasm/dist/tf-backend-wasm.min.js')
    const { tf } = /** @type {any} */ (globalThis)
    tf.wasm.setWasmPaths('/peers/@tensorflow/tfjs-backend-wasm/dist/')
    await tf.setBackend('wasm')
    await tf.ready()
    return tf
  })()
  return loaded
}

/**
 * The classifier that the data folder also has as ONNX, of fused operators: what a converted model boils down to.
 * @param {{ weights: string, index: string, dims: number[] }} config
 * @returns {Promise<import('../page.mjs').Model>}
 */
export async function create({ weights, index, dims }) {
  const tf = await loadTensorflow()
  const [{ layers, dense }, bytes] = await Promise.all([fetch(index).then((r) => r.json()), fetch(weights).then((r) => r.arrayBuffer())])
  const tensor = (/** @type {{ shape: number[], off: number }} */ { shape, off }) => tf.tensor(new Float32Array(bytes, off, shape.reduce((a, b) => a * b)), shape)
  const steps = layers.map((/** @type {any} */ layer) => ({ ...layer, filter: tensor(layer.w), bias: tensor(layer.b) }))
  const [matrix, bias] = [tensor(dense.w), tensor(dense.b)]
  const input = Float32Array.from({ length: dims.reduce((a, b) => a * b) }, (_, i) => ((i * 7919) % 255) / 127.5 - 1)
  const network = () => {
    let x = tf.tensor(input, dims)
    for (const { kind, filter, bias: b, stride } of steps) {
      const layer = { x, filter, bias: b, strides: stride, pad: 'same', activation: 'relu6' }
      x = kind === 'dw' ? tf.fused.depthwiseConv2d(layer) : tf.fused.conv2d(layer)
    }
    return tf.add(tf.matMul(tf.mean(x, [1, 2]), matrix), bias)
  }
  return {
    async run() {
      const output = tf.tidy(network)
      const [first] = output.dataSync()
      output.dispose()
      return first
    },
  }
}
