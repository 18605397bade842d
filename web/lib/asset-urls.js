/* Written out in full, because bundlers find files by this very pattern. In a source tree the files are not there:
   `npm run build` puts them beside the library in dist/. */
export const FACE_MODEL_URL = new URL('./face.onnx', import.meta.url)
export const MASK_MODEL_URL = new URL('./mask.onnx', import.meta.url)

/** @type {Readonly<Record<import('./wasm-choice.js').WasmVariant, URL>>} */
export const WASM_URLS = Object.freeze({
  simd: new URL('./maskcheck-simd.wasm', import.meta.url),
  'relaxed-simd': new URL('./maskcheck-relaxed.wasm', import.meta.url),
})

/**
 * The same files in a folder of the user's own.
 * @param {string | URL} assetsUrl with or without a slash at its end
 * @param {URL} original
 * @returns {string}
 */
export function assetIn(assetsUrl, original) {
  const folder = String(assetsUrl)
  return (folder.endsWith('/') ? folder : `${folder}/`) + original.pathname.slice(original.pathname.lastIndexOf('/') + 1)
}
