/* Tells when a picture is too dark or a face too small for a sure answer. */

const DARK = 40 // of 255, mean of all pixels
const SMALL_PX = 32
const STEADY_MS = 1000

/** @typedef {'tooDark' | 'tooSmall'} Condition */

const probe = document.createElement('canvas')
probe.width = 24
probe.height = 18

/**
 * @param {CanvasImageSource} source
 * @returns {number} mean brightness, [0, 255]
 */
export function brightness(source) {
  const context = /** @type {CanvasRenderingContext2D} */ (probe.getContext('2d', { willReadFrequently: true }))
  // Under transparent pixels lies white, as for the detector, and not what was looked at before.
  context.fillStyle = '#fff'
  context.fillRect(0, 0, probe.width, probe.height)
  context.drawImage(source, 0, 0, probe.width, probe.height)
  const { data } = context.getImageData(0, 0, probe.width, probe.height)
  let sum = 0
  for (let i = 0; i < data.length; i += 4) sum += 0.299 * (data[i] ?? 0) + 0.587 * (data[i + 1] ?? 0) + 0.114 * (data[i + 2] ?? 0)
  return (sum * 4) / data.length
}

/**
 * @param {import('./draw-faces.js').Seen} seen
 * @param {number} light mean brightness, [0, 255]
 * @returns {Condition | undefined}
 */
export function conditionOf({ width, height, faces }, light) {
  const [largest] = faces
  if (light < DARK && (largest === undefined || largest.uncertain)) return 'tooDark'
  const long = largest === undefined ? Math.max(width, height) : Math.max(largest.box.width, largest.box.height)
  return long < SMALL_PX ? 'tooSmall' : undefined
}

/** Lets a condition of a video through when it has lasted for a while, so that the hint does not flicker. */
export class SteadyCondition {
  /** @type {Condition | undefined} */
  #shown
  /** @type {Condition | undefined} */
  #last
  #since = 0
  #light = 255
  #measuredAt = -Infinity

  /**
   * @param {import('./draw-faces.js').Seen} seen
   * @param {HTMLVideoElement} video
   * @param {number} now ms
   * @returns {Condition | undefined}
   */
  next(seen, video, now) {
    if (now - this.#measuredAt > 500) {
      this.#measuredAt = now
      this.#light = brightness(video)
    }
    const present = conditionOf(seen, this.#light)
    if (present !== this.#last) {
      this.#last = present
      this.#since = now
    }
    if (now - this.#since >= STEADY_MS) this.#shown = present
    return this.#shown
  }
}
