/* This library's engine on any ONNX file: tests/bench/network.c, compiled with the same flags as the product. */
/**
 * @param {{ wasm: string, model: string, dims: number[] }} config
 * @returns {Promise<import('../page.mjs').Model>}
 */
export async function create({ wasm, model, dims }) {
  const [code, file] = await Promise.all([wasm, model].map(async (url) => new Uint8Array(await (await fetch(url)).arrayBuffer())))
  if (!code || !file) throw new Error('nothing to measure')
  const module = await WebAssembly.compile(code)
  /** @type {Record<string, Record<string, () => number>>} */
  const imports = {}
  for (const { module: from, name } of WebAssembly.Module.imports(module)) (imports[from] ??= {})[name] = () => 0
  const wasmExports = /** @type {any} */ ((await WebAssembly.instantiate(module, imports)).exports)
  wasmExports._initialize()
  const copy = (/** @type {Uint8Array} */ bytes) => {
    const address = wasmExports.mc_bench_allocate(bytes.length)
    new Uint8Array(wasmExports.memory.buffer).set(bytes, address)
    return address
  }
  const sizes = copy(new Uint8Array(Uint32Array.from(dims).buffer))
  const network = wasmExports.mc_bench_create(copy(file), file.length, sizes, dims.length)
  if (network === 0) throw new Error(`the engine refuses ${model}`)
  return {
    run: async () => {
      if (wasmExports.mc_bench_run(network) !== 0) throw new Error('the network does not run')
      return 0
    },
  }
}
