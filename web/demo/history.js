import { sharpContext } from './dom.js'
import { LABELS, shortName } from './labels.js'
import { percent, text } from './texts.js'

/** @typedef {import('./lib/index.js').MaskLabel} MaskLabel */

const LENGTH_MS = 10000

/** Labels differ in height as well as in colour. @type {Record<MaskLabel, number>} */
const HEIGHTS = { mask_worn_correctly: 1, mask_worn_incorrectly: 0.6, without_mask: 0.25 }

/** What one person was labelled in the last seconds. */
export class History {
  /** @type {{ at: number, label: MaskLabel }[]} */
  #seen = []

  /** @param {MaskLabel} label @param {number} now ms */
  add(label, now) {
    this.#seen.push({ at: now, label })
    while (this.isOld(now, this.#seen[0])) this.#seen.shift()
  }

  /** Whether nothing of it is left to show. @param {number} now ms */
  isOver(now) {
    return this.isOld(now, this.#seen.at(-1))
  }

  /** @param {number} now @param {{ at: number } | undefined} entry */
  isOld(now, entry) {
    return entry !== undefined && now - entry.at > LENGTH_MS
  }

  /** @returns {string} for those who do not see the drawing */
  describe() {
    const parts = LABELS.map((label) => ({ label, part: this.#seen.filter((each) => each.label === label).length / this.#seen.length }))
    const list = parts.filter(({ part }) => part > 0).map(({ label, part }) => `${shortName(label)} ${part === 1 ? '' : percent(part)}`.trim())
    return text('history', { list: list.join(text('comma')) })
  }

  /** The present is on the right. @param {HTMLCanvasElement} canvas @param {number} now ms */
  draw(canvas, now) {
    const { context, width, height } = sharpContext(canvas)
    const style = getComputedStyle(canvas)
    const x = (/** @type {number} */ at) => width * (1 - (now - at) / LENGTH_MS)
    this.#seen.forEach(({ at, label }, index) => {
      // Up to the next sample, but not over a time in which the person was away.
      const until = Math.min(this.#seen[index + 1]?.at ?? now, at + 1000)
      const tall = height * HEIGHTS[label]
      context.fillStyle = style.getPropertyValue(`--${label}`)
      const [left, right] = [Math.floor(x(at)), Math.ceil(x(until))]
      context.fillRect(left, height - tall, right - left, tall)
    })
  }
}
