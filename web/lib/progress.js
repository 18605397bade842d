/**
 * How much of the files is here: a share of their bytes, [0, 1]; undefined where their size is not known beforehand.
 * @typedef {(share: number | undefined) => void} OnProgress
 */

/** @typedef {(bytes: number) => void} Add so many more have come */

/**
 * Adds up what has come of several files.
 * @param {OnProgress | undefined} tell
 * @param {AbortController} stop when it is aborted, nothing more is told; it is when telling fails, with that error
 * @returns {(size: number | undefined) => Add} for each file, before any has come
 */
export function progressOf(tell = () => {}, stop) {
  let [size, loaded] = [0, 0]
  return (bytes = NaN) => {
    size += bytes
    return (more) => {
      loaded += more
      if (stop.signal.aborted) return
      try {
        tell(size > 0 ? Math.min(1, loaded / size) : undefined)
      } catch (error) {
        stop.abort(error)
      }
    }
  }
}
