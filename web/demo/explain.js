import { MaskDetectorError } from './lib/index.js'

/** @type {Partial<Record<import('./lib/index.js').ErrorCode, import('./texts.js').TextKey>>} */
const KEYS = {
  camera_denied: 'cameraDenied',
  camera_missing: 'cameraMissing',
  camera_busy: 'cameraBusy',
  camera_insecure: 'cameraInsecure',
  image_invalid: 'notPicture',
  image_too_large: 'tooLarge',
  unsupported: 'unsupported',
  load_failed: 'filesMissing',
  hash_mismatch: 'filesMissing',
  version_mismatch: 'filesMissing',
  out_of_memory: 'memoryFull',
  worker_failed: 'broken',
  internal: 'broken',
}

/**
 * @param {unknown} error
 * @param {string} [name] of the picture that was looked at
 * @returns {import('./notice.js').Words}
 */
export function explain(error, name = '') {
  const key = error instanceof MaskDetectorError ? KEYS[error.code] : undefined
  const message = error instanceof Error ? error.message : String(error)
  return { key: key ?? 'wrong', values: { name, message } }
}
