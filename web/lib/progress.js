/**
 * How much of the files is here: a share of their bytes, [0, 1]; undefined where nobody says how large they are.
 * @typedef {(share: number | undefined) => void} OnProgress
 */

/**
 * @typedef {object} FileProgress
 * @property {(size: number) => void} expect how many bytes will come, if that was not known
 * @property {(bytes: number) => void} add so many more have come
 */

/** Adds up what has come of several files. */
export class Progress {
  /** @type {{ size: number | undefined, loaded: number }[]} */
  #files = []
  #tell

  /** @param {OnProgress} [tell] */
  constructor(tell = () => {}) {
    this.#tell = tell
  }

  /** @param {number} [size] bytes, where it is known beforehand @returns {FileProgress} */
  file(size) {
    const file = { size, loaded: 0 }
    this.#files.push(file)
    return {
      expect: (bytes) => void (file.size ??= bytes),
      add: (bytes) => {
        file.loaded += bytes
        this.#tell(this.#share())
      },
    }
  }

  /** @returns {number | undefined} */
  #share() {
    let [size, loaded] = [0, 0]
    for (const file of this.#files) {
      if (file.size === undefined) return undefined
      size += file.size
      loaded += file.loaded
    }
    return Math.min(1, loaded / size)
  }
}
