/**
 * How much of the files is here: a share of their bytes, [0, 1]; undefined where their size is not known beforehand.
 * @typedef {(share: number | undefined) => void} OnProgress
 */

/** @typedef {(bytes: number) => void} Add so many more have come */

/**
 * Adds up what has come of several files.
 * @param {OnProgress} [tell]
 * @returns {(size: number | undefined) => Add} for each file, before any has come
 */
export function progressOf(tell = () => {}) {
  let [size, loaded] = [0, 0]
  return (bytes = NaN) => {
    size += bytes
    return (more) => {
      loaded += more
      tell(size > 0 ? Math.min(1, loaded / size) : undefined)
    }
  }
}
