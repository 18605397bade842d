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
}

/**
 * @param {unknown} error
 * @param {string} [name] of the picture that was looked at
 * @returns {import('./notice.js').Words}
 */
export function explain(error, name = '') {
  const key = error instanceof MaskDetectorError ? KEYS[error.code] : undefined
  return key ? { key, values: { name } } : { key: 'wrong', values: { message: error instanceof Error ? error.message : String(error) } }
}
