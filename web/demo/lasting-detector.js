import { MaskDetectorError } from './lib/index.js'

/** @typedef {import('./lib/index.js').MaskDetector} MaskDetector */

/** A detector that is made anew when one has failed for good: its worker ended, or its memory may be half-written. */
export class LastingDetector {
  #make
  /** @type {Promise<MaskDetector> | undefined} */
  #detector

  /** @param {() => Promise<MaskDetector>} make */
  constructor(make) {
    this.#make = make
  }

  /** The one in use, or a new one. After a failure to make one, the next call tries again. @returns {Promise<MaskDetector>} */
  get() {
    if (this.#detector !== undefined) return this.#detector
    const made = this.#make()
    this.#detector = made
    made.catch(() => {
      if (this.#detector === made) this.#detector = undefined
    })
    return made
  }

  /** To be told what calls of it failed with. @param {unknown} error */
  notice(error) {
    if (!(error instanceof MaskDetectorError && ['internal', 'worker_failed'].includes(error.code))) return
    this.#detector?.then((failed) => failed.close(), () => {})
    this.#detector = undefined
  }
}
