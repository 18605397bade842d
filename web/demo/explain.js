import { MaskDetectorError } from './lib/index.js'

/** @type {Partial<Record<import('./lib/index.js').ErrorCode, import('./texts.js').TextKey>>} */
const KEYS = {
  camera_denied: 'cameraDenied',
  camera_missing: 'cameraMissing',
  camera_busy: 'cameraBusy',
  camera_insecure: 'cameraInsecure',
  camera_failed: 'cameraFailed',
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

/** What is wrong there, only the error says. @type {readonly import('./texts.js').TextKey[]} */
const DETAILED = ['filesMissing', 'wrong']

/**
 * @param {unknown} error
 * @param {string} [name] of the picture that was looked at
 * @returns {import('./notice.js').Words}
 */
export function explain(error, name = '') {
  const key = (error instanceof MaskDetectorError && KEYS[error.code]) || 'wrong'
  const detail = error instanceof Error ? error.message : String(error)
  return { key, values: { name }, ...(DETAILED.includes(key) && { detail }) }
}
