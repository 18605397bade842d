/** @typedef {{ name: string, url: URL }} OwnAsset a file of this package, and where it is */

/* The addresses are written out in full, because bundlers find files by this very pattern; what they put in its place
   may have another name. In a source tree the files are not there: `npm run build` puts them beside the library in
   dist/. */
/** @type {OwnAsset} */
export const FACE_MODEL = { name: 'face.onnx', url: new URL('./face.onnx', import.meta.url) }
/** @type {OwnAsset} */
export const MASK_MODEL = { name: 'mask.onnx', url: new URL('./mask.onnx', import.meta.url) }

/** @type {Readonly<Record<import('./wasm-choice.js').WasmVariant, OwnAsset>>} */
export const WASM_FILES = Object.freeze({
  simd: { name: 'maskcheck-simd.wasm', url: new URL('./maskcheck-simd.wasm', import.meta.url) },
  'relaxed-simd': { name: 'maskcheck-relaxed.wasm', url: new URL('./maskcheck-relaxed.wasm', import.meta.url) },
})

/**
 * @param {OwnAsset} asset
 * @param {string | URL} [folder] of the user's own, with or without a slash at its end
 * @returns {string | URL}
 */
export function addressOf({ name, url }, folder) {
  if (folder === undefined) return url
  const start = String(folder)
  return (start.endsWith('/') ? start : `${start}/`) + name
}
