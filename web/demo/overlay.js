import { sharpContext } from './dom.js'
import { drawFaces } from './draw-faces.js'

/** Shows boxes and labels over a picture, sharp at any size and pixel ratio. */
export class Overlay {
  #canvas
  /** @type {[seen: import('./draw-faces.js').Seen, view: import('./draw-faces.js').View] | undefined} */
  #shown

  /** @param {HTMLCanvasElement} canvas lies over the picture and has its size */
  constructor(canvas) {
    this.#canvas = canvas
    new ResizeObserver(() => this.#draw()).observe(canvas)
  }

  /**
   * @param {import('./draw-faces.js').Seen} seen
   * @param {import('./draw-faces.js').View} view
   */
  show(seen, view) {
    this.#shown = [seen, view]
    this.#draw()
  }

  clear() {
    this.#shown = undefined
    this.#draw()
  }

  #draw() {
    // In the page's own measure, whose letters are larger on very large screens.
    const unit = Number.parseFloat(getComputedStyle(this.#canvas).fontSize) / 16
    const { context, width, height } = sharpContext(this.#canvas, unit)
    if (this.#shown && width > 0) drawFaces(context, { width, height }, ...this.#shown)
  }
}
