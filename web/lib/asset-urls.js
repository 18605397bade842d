import { MaskDetectorError } from './errors.js'

/** @typedef {{ name: string, readonly url: URL }} OwnAsset a file of this package, and where it is */

/* The addresses are written out in full, because bundlers find files by this very pattern; what they put in its place
   may have another name. They are asked for late, because in a bundle that is no ES module they do not exist. In a source
   tree the files are not there: `npm run build` puts them beside the library in dist/. */
/** @type {OwnAsset} */
export const FACE_MODEL = { name: 'face.onnx', get url() { return new URL('./face.onnx', import.meta.url) } }
/** @type {OwnAsset} */
export const MASK_MODEL = { name: 'mask.onnx', get url() { return new URL('./mask.onnx', import.meta.url) } }

/** @type {Readonly<Record<import('./wasm-choice.js').WasmVariant, OwnAsset>>} */
export const WASM_FILES = Object.freeze({
  simd: { name: 'maskcheck-simd.wasm', get url() { return new URL('./maskcheck-simd.wasm', import.meta.url) } },
  'relaxed-simd': { name: 'maskcheck-relaxed.wasm', get url() { return new URL('./maskcheck-relaxed.wasm', import.meta.url) } },
})

/**
 * @param {OwnAsset} own
 * @param {string | URL} [folder] of the user's own, with or without a slash at its end; a query goes to every file
 * @returns {string | URL}
 * @throws {MaskDetectorError} `load_failed`
 */
export function addressOf(own, folder) {
  if (folder !== undefined) {
    const [, path = '', query = ''] = /^([^?#]*)(.*)$/s.exec(String(folder)) ?? []
    return `${path}${path.endsWith('/') ? '' : '/'}${own.name}${query}`
  }
  try {
    return own.url
  } catch (cause) {
    throw new MaskDetectorError('load_failed', `this bundle does not know where ${own.name} is: make it an ES module (esbuild: --format=esm), or give assetsUrl`, { cause })
  }
}
