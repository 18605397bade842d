const SLOW_MS = 120
const PATIENCE_MS = 3000
const SMALLEST_PX = 160

/** Notices, once, that frames take so long, for a while, that the picture limps behind the person. */
export class SlowDevice {
  #mean = 0
  /** @type {number | undefined} */
  #since
  #isTold = false

  /**
   * @param {number} tookMs
   * @param {number} nowMs
   * @returns {boolean} whether this device is slow, if that is new
   */
  frame(tookMs, nowMs) {
    this.#mean += (tookMs - this.#mean) / 5
    if (this.#mean < SLOW_MS) this.#since = undefined
    else this.#since ??= nowMs
    if (this.#isTold || this.#since === undefined || nowMs - this.#since < PATIENCE_MS) return false
    this.#isTold = true
    return true
  }

  /** Begins anew, after something has changed. */
  reset() {
    this.#mean = 0
    this.#since = undefined
    this.#isTold = false
  }
}

/**
 * @param {number} size px
 * @returns {number | undefined} px, for half of the work or so; undefined where it cannot sensibly be smaller
 */
export function smallerSize(size) {
  const smaller = Math.max(SMALLEST_PX, Math.floor((size * 0.72) / 32) * 32)
  return smaller < size ? smaller : undefined
}
