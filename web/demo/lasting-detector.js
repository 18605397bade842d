import { MaskDetectorError } from './lib/index.js'

/** @typedef {import('./lib/index.js').MaskDetector} MaskDetector */

/** A detector that is made anew when one has failed for good: its worker ended, or its memory may be half-written. */
export class LastingDetector {
  #make
  /** @type {Promise<MaskDetector> | undefined} */
  #making
  /** @type {MaskDetector | undefined} */
  #made
  /** Told what one failed with for good: who still uses it hears nothing else. @type {(error: unknown) => void} */
  onFailed = () => {}

  /** @param {() => Promise<MaskDetector>} make */
  constructor(make) {
    this.#make = make
  }

  /** The one in use, or a new one. After a failure to make one, the next call tries again. @returns {Promise<MaskDetector>} */
  get() {
    if (this.#making === undefined) {
      this.#making = this.#make().then((made) => (this.#made = made))
      this.#making.catch(() => (this.#making = undefined))
    }
    return this.#making
  }

  /**
   * A call that waited while another one found the detector failed is made again, to the new one.
   * @template T
   * @param {(detector: MaskDetector) => Promise<T>} call
   * @returns {Promise<T>}
   */
  async use(call) {
    const detector = await this.get()
    try {
      return await call(detector)
    } catch (error) {
      if (detector !== this.#made && error instanceof MaskDetectorError && error.code === 'closed') return this.use(call)
      this.notice(detector, error)
      throw error
    }
  }

  /** To be told what a detector failed with. @param {MaskDetector} failed @param {unknown} error */
  notice(failed, error) {
    if (failed !== this.#made || !(error instanceof MaskDetectorError && error.endsDetector)) return
    failed.close()
    this.#making = this.#made = undefined
    this.onFailed(error)
  }
}
