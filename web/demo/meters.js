/** Shows how long frames take and how many come in a second, as averages that the eye can follow. */
export class Meters {
  #time
  #rate
  #size
  /** @type {{ at: number, took: number }[]} of the last second */
  #frames = []
  #shownAt = -Infinity

  /** @param {{ time: HTMLElement, rate: HTMLElement, size: HTMLElement }} elements */
  constructor({ time, rate, size }) {
    this.#time = time
    this.#rate = rate
    this.#size = size
  }

  /** @param {{ width: number, height: number, timings: { total: number } }} result */
  picture({ width, height, timings }) {
    this.clear()
    this.#time.textContent = milliseconds(timings.total)
    this.#size.textContent = `${width} × ${height}`
  }

  /** @param {{ width: number, height: number, timings: { total: number } }} result */
  frame({ width, height, timings }) {
    const now = performance.now()
    this.#frames = [...this.#frames.filter(({ at }) => now - at < 1000), { at: now, took: timings.total }]
    if (now - this.#shownAt < 500) return
    this.#shownAt = now
    this.#time.textContent = milliseconds(this.#frames.reduce((sum, { took }) => sum + took, 0) / this.#frames.length)
    this.#rate.textContent = String(this.#frames.length)
    this.#size.textContent = `${width} × ${height}`
  }

  clear() {
    this.#frames = []
    this.#shownAt = -Infinity
    for (const element of [this.#time, this.#rate, this.#size]) element.textContent = '–'
  }
}

/** @param {number} ms */
const milliseconds = (ms) => `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`
