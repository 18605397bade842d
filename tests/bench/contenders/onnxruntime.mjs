/* onnxruntime-web's WebAssembly, one thread. */

/** @returns {Promise<any>} the library; it has no types here, because it is installed for measuring only */
export async function loadOnnxruntime() {
  // @ts-expect-error: an address in the served folder
  const ort = await import('/peers/onnxruntime-web/dist/ort.wasm.min.mjs')
  ort.env.wasm.wasmPaths = '/peers/onnxruntime-web/dist/'
  ort.env.wasm.numThreads = 1
  return ort
}

/**
 * @param {{ model: string, dims: number[] }} config
 * @returns {Promise<import('../page.mjs').Model>}
 */
export async function create({ model, dims }) {
  const ort = await loadOnnxruntime()
  const session = await ort.InferenceSession.create(model, { executionProviders: ['wasm'], graphOptimizationLevel: 'all' })
  const input = Float32Array.from({ length: dims.reduce((a, b) => a * b) }, (_, i) => ((i * 7919) % 255) / 127.5 - 1)
  return {
    async run() {
      const outputs = await session.run({ [session.inputNames[0]]: new ort.Tensor('float32', input, dims) })
      return outputs[session.outputNames[0]].data[0]
    },
  }
}
