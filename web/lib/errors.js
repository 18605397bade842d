/**
 * What can go wrong, as a stable word:
 *
 * | code | when |
 * |---|---|
 * | `invalid_argument` | an option or box is out of range |
 * | `out_of_memory` | the memory of the page or of WebAssembly is used up |
 * | `model_invalid` | a model file is damaged or not of the expected kind |
 * | `model_unsupported` | a model uses an operator or shape that is not supported |
 * | `image_invalid` | the picture is empty, damaged, or of an unknown format |
 * | `image_too_large` | the picture is larger than 32768 px a side or 128 Mpx, or than a canvas of this browser can be |
 * | `internal` | a bug in maskcheck, make a new detector |
 * | `unsupported` | the browser lacks something that is needed, such as WebAssembly SIMD |
 * | `load_failed` | a model or the .wasm file could not be fetched, or something else came in its place |
 * | `hash_mismatch` | a file of the package is not the one that the library was built with |
 * | `version_mismatch` | the .wasm file belongs to another version of the library |
 * | `worker_failed` | the worker could not be started, or died; make a new detector |
 * | `not_ready` | a video or image element has no picture yet; `<mask-check>` is in no page |
 * | `tainted_source` | the page may not read the pixels, because they come from another origin |
 * | `closed` | the detector was closed |
 * | `camera_denied` | the person does not allow the camera, or the page does not: its Permissions-Policy, or an iframe without `allow="camera"` |
 * | `camera_missing` | there is no (such) camera |
 * | `camera_busy` | another program has the camera, or it does not work |
 * | `camera_insecure` | the page is neither https nor localhost |
 * | `camera_failed` | the camera could not be opened or shown, for a reason that only the browser knows: see `cause` |
 * | `camera_lost` | the camera was unplugged, or its permission withdrawn: see `ended` of an open camera |
 *
 * @typedef {'invalid_argument' | 'out_of_memory' | 'model_invalid' | 'model_unsupported' | 'image_invalid'
 *   | 'image_too_large' | 'internal' | 'unsupported' | 'load_failed' | 'hash_mismatch' | 'version_mismatch' | 'worker_failed'
 *   | 'not_ready' | 'tainted_source' | 'closed' | 'camera_denied' | 'camera_missing' | 'camera_busy'
 *   | 'camera_insecure' | 'camera_failed' | 'camera_lost'} ErrorCode
 */

/** Every failure but wrong types (`TypeError`) and aborts (the signal's reason). */
export class MaskDetectorError extends Error {
  /**
   * @param {ErrorCode} code
   * @param {string} message for people
   * @param {{ cause?: unknown }} [options]
   */
  constructor(code, message, options) {
    super(message, options)
    this.name = 'MaskDetectorError'
    /** @readonly @type {ErrorCode} */
    this.code = code
  }

  /** Whether the detector that failed so is of no more use: make a new one. @returns {boolean} */
  get endsDetector() {
    return this.code === 'internal' || this.code === 'worker_failed'
  }
}

/**
 * An error in a form that survives the way between worker and page.
 * @typedef {{ type: 'TypeError' | 'MaskDetectorError', code: ErrorCode, message: string, cause?: string }} PlainError
 */

/**
 * @param {unknown} error
 * @returns {PlainError}
 */
export function packError(error) {
  if (error instanceof MaskDetectorError) {
    return {
      type: 'MaskDetectorError',
      code: error.code,
      message: error.message,
      ...(error.cause === undefined ? {} : { cause: String(error.cause) }),
    }
  }
  if (error instanceof TypeError) return { type: 'TypeError', code: 'invalid_argument', message: error.message }
  return { type: 'MaskDetectorError', code: 'internal', message: 'unexpected failure', cause: String(error) }
}

/**
 * @param {PlainError} plain
 * @returns {MaskDetectorError | TypeError}
 */
export function unpackError(plain) {
  if (plain.type === 'TypeError') return new TypeError(plain.message)
  return new MaskDetectorError(
    plain.code,
    plain.message,
    plain.cause === undefined ? undefined : { cause: new Error(plain.cause) },
  )
}
