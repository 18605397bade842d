import { BUILT_FILES } from './built-files.js'
import { MaskDetectorError } from './errors.js'
import { VERSION } from './version.js'

/**
 * Which file was loaded.
 * @typedef {object} FileInfo
 * @property {string | undefined} sha256 hexadecimal; undefined where the browser has none to offer (the page is neither
 *   https nor localhost) or where there were no bytes, but a compiled module
 * @property {boolean} verified whether it is, byte for byte, the file that this version of the library was built with
 * @property {string} verifiedReason why, or why not, for people
 */

/**
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {string | undefined} ownName of a file of this package; undefined: a file of the user's
 * @param {{ known?: Readonly<Record<string, { sha256: string }>>, subtle?: Pick<SubtleCrypto, 'digest'> | null }} [options] for tests
 * @returns {Promise<FileInfo>}
 * @throws {MaskDetectorError} `hash_mismatch`: a file of this package is not the one it was built with
 */
export async function identifyFile(bytes, ownName, { known = BUILT_FILES, subtle = globalThis.crypto?.subtle ?? null } = {}) {
  const sha256 = subtle ? hexadecimal(await subtle.digest('SHA-256', bytes)) : undefined
  const about = (/** @type {boolean} */ verified, /** @type {string} */ verifiedReason) => ({ sha256, verified, verifiedReason })
  if (ownName === undefined) return about(false, 'it was given as an option')
  const expected = known[ownName]?.sha256
  if (expected === undefined) return about(false, 'the library was not built, so it does not know its files')
  if (sha256 === undefined) return about(false, 'there is no SHA-256 here: the page is neither https nor localhost')
  if (sha256 === expected) return about(true, 'its SHA-256 is the one it was built with')
  throw new MaskDetectorError('hash_mismatch', `${ownName} is not the file that maskcheck ${VERSION} was built with: its SHA-256 is ${sha256}, expected ${expected}; serve all files from one release, unchanged`)
}

/** @param {ArrayBuffer} buffer */
const hexadecimal = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, '0')).join('')
