import { whenAborted } from './abort.js'
import { FACE_MODEL, MASK_MODEL, WASM_FILES, addressOf } from './asset-urls.js'
import { compileModule, isModule, loadBytes } from './assets.js'
import { BUILT_FILES } from './built-files.js'
import { MaskDetectorError } from './errors.js'
import { identifyFile } from './integrity.js'
import { progressOf } from './progress.js'
import { chooseWasm } from './wasm-choice.js'

/** @typedef {import('./integrity.js').FileInfo} FileInfo */

/**
 * @typedef {object} LoadedFiles
 * @property {WebAssembly.Module} module
 * @property {Uint8Array<ArrayBuffer>} faceModel
 * @property {Uint8Array<ArrayBuffer>} maskModel
 * @property {ReturnType<typeof chooseWasm>} choice of the .wasm file
 * @property {{ wasm: FileInfo, face: FileInfo, mask: FileInfo }} about
 */

/**
 * Loads, or takes from the options, the three files that a detector needs.
 * @param {Pick<import('./detector.js').SetupOptions, 'faceModel' | 'maskModel' | 'wasm' | 'assetsUrl' | 'signal' | 'onProgress'>} setup
 * @returns {Promise<LoadedFiles>}
 * @throws {MaskDetectorError} `unsupported`, `load_failed`, `hash_mismatch`
 */
export async function loadFiles(setup) {
  const stop = new AbortController()
  const ignore = whenAborted(setup.signal, (reason) => stop.abort(reason))
  try {
    return await loadAll(setup, stop)
  } catch (error) {
    stop.abort() // What is still on its way is of no use.
    throw error
  } finally {
    ignore()
  }
}

/**
 * @param {Parameters<typeof loadFiles>[0]} setup
 * @param {AbortController} stop
 * @returns {Promise<LoadedFiles>}
 */
async function loadAll({ faceModel, maskModel, wasm, assetsUrl, onProgress }, stop) {
  const { signal } = stop
  const progress = progressOf(onProgress, stop)
  const choice = chooseWasm(wasm !== undefined)
  /**
   * @param {import('./asset-urls.js').OwnAsset} own
   * @param {import('./assets.js').Asset | undefined} given
   * @param {string} what
   */
  const load = async (own, given, what) => {
    const add = progress(given === undefined ? BUILT_FILES[own.name]?.size : /** @type {{ byteLength?: number }} */ (given).byteLength)
    const asset = given ?? addressOf(own, assetsUrl)
    const identify = async (/** @type {Uint8Array<ArrayBuffer>} */ bytes) => ({ bytes, about: await identifyFile(bytes, given === undefined ? own.name : undefined) })
    const first = await loadBytes(asset, what, add, signal)
    return identify(first).catch(async (error) => {
      if (!(error instanceof MaskDetectorError && error.code === 'hash_mismatch')) throw error
      // The browser may have kept the file of another release. What comes again does not count again.
      const bytes = await loadBytes(asset, what, () => {}, signal, 'reload')
      add(Math.max(0, bytes.length - first.length))
      return identify(bytes)
    })
  }
  const loadModule = async () => {
    if (isModule(wasm)) {
      return { module: wasm, about: { sha256: undefined, verified: false, verifiedReason: 'it was given as an option' } }
    }
    const { bytes, about } = await load(WASM_FILES[choice.variant === 'custom' ? 'simd' : choice.variant], wasm, 'wasm file')
    return { module: await compileModule(bytes), about }
  }
  const [code, face, mask] = await Promise.all([loadModule(), load(FACE_MODEL, faceModel, 'face model'), load(MASK_MODEL, maskModel, 'mask model')])
  signal.throwIfAborted()
  return {
    module: code.module,
    faceModel: face.bytes,
    maskModel: mask.bytes,
    choice,
    about: { wasm: code.about, face: face.about, mask: mask.about },
  }
}
