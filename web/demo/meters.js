import { sharpContext } from './dom.js'
import { decimal } from './texts.js'

const SHOWN_FRAMES = 90
const SCALE_MS = 50

/** Shows how long frames take and how many come in a second: as averages that the eye can follow, and as a small graph. */
export class Meters {
  #time
  #rate
  #size
  #graph
  /** @type {{ at: number, took: number }[]} of the last second */
  #frames = []
  /** @type {number[]} ms */
  #times = []
  #shownAt = -Infinity

  /** @param {{ time: HTMLElement, rate: HTMLElement, size: HTMLElement, graph: HTMLCanvasElement }} elements */
  constructor({ time, rate, size, graph }) {
    this.#time = time
    this.#rate = rate
    this.#size = size
    this.#graph = graph
    new ResizeObserver(() => this.#draw()).observe(graph)
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
    this.#times = [...this.#times.slice(1 - SHOWN_FRAMES), timings.total]
    this.#graph.hidden = false
    this.#draw()
    if (now - this.#shownAt < 500) return
    this.#shownAt = now
    this.#time.textContent = milliseconds(this.#frames.reduce((sum, { took }) => sum + took, 0) / this.#frames.length)
    this.#rate.textContent = String(this.#frames.length)
    this.#size.textContent = `${width} × ${height}`
  }

  clear() {
    this.#frames = []
    this.#times = []
    this.#shownAt = -Infinity
    for (const element of [this.#time, this.#rate, this.#size]) element.textContent = '–'
    this.#graph.hidden = true
  }

  /** The present is on the right. */
  #draw() {
    const { context, width, height } = sharpContext(this.#graph)
    const { color } = getComputedStyle(this.#graph)
    const step = width / SHOWN_FRAMES
    const most = Math.max(SCALE_MS, ...this.#times)
    context.fillStyle = color
    this.#times.forEach((ms, index) => {
      const tall = (height - 1) * (ms / most)
      context.fillRect(width - (this.#times.length - index) * step, height - tall, Math.max(1, step - 1), tall)
    })
    context.globalAlpha = 0.35
    context.fillRect(0, height - 1, width, 1)
    if (this.#times.length === 0) return
    context.setLineDash([3, 4])
    context.strokeStyle = color
    context.strokeRect(-1, 0.5, width + 2, height + 2)
    context.globalAlpha = 1
    context.font = `${Math.round(height / 5)}px system-ui, sans-serif`
    context.textBaseline = 'top'
    context.fillText(`${Math.round(most)} ms`, 0, 4)
  }
}

/** @param {number} ms */
const milliseconds = (ms) => `${decimal(ms, ms < 10 ? 1 : 0)} ms`
