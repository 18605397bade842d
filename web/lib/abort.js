import { describe } from './options.js'

/**
 * @param {unknown} signal
 * @returns {AbortSignal | undefined}
 * @throws {TypeError} not a signal
 */
export function checkSignal(signal) {
  if (signal === undefined || isSignal(signal)) return signal
  throw new TypeError(`options.signal must be an AbortSignal, got ${describe(signal)}`)
}

/**
 * By what it can do and not by its class: a TaskSignal is one, too, and so is that of an iframe or of a library.
 * @param {unknown} value
 * @returns {value is AbortSignal}
 */
function isSignal(value) {
  return typeof value === 'object' && value !== null && 'aborted' in value && 'addEventListener' in value && typeof value.addEventListener === 'function'
}

/** @param {AbortSignal | undefined} signal @throws {unknown} its reason, once it is aborted */
export function throwIfAborted(signal) {
  if (signal?.aborted) throw reasonOf(signal)
}

/**
 * @template T
 * @param {Promise<T>} answer
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<T>} the answer; rejects with the signal's reason as soon as it is aborted, whatever the answer is then
 */
export async function unlessAborted(answer, signal) {
  let ignore = () => {}
  const aborted = new Promise((/** @type {(value: never) => void} */ _resolve, reject) => (ignore = whenAborted(signal, reject)))
  try {
    return await Promise.race([answer, aborted])
  } finally {
    ignore()
  }
}

/**
 * @param {AbortSignal | undefined} signal
 * @param {(reason: unknown) => void} act called once it is aborted, at once if it is already
 * @returns {() => void} what is aborted later is ignored
 */
export function whenAborted(signal, act) {
  if (signal === undefined) return () => {}
  const abort = () => act(reasonOf(signal))
  signal.addEventListener('abort', abort)
  if (signal.aborted) abort()
  return () => signal.removeEventListener('abort', abort)
}

/** Signals that are not the platform's own may have none. @param {AbortSignal} signal */
const reasonOf = ({ reason }) => reason ?? new DOMException('the call was aborted', 'AbortError')
