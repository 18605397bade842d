import { LOOKS, percent } from './labels.js'

/** Draws boxes and labels over a picture, sharp at any size and pixel ratio. */
export class Overlay {
  #canvas
  #context
  /** @type {import('./lib/index.js').DetectionResult | import('./lib/index.js').VideoResult | undefined} */
  #result
  #mirrored = false
  /** Of the canvas, in the measure of the drawing. */
  #size = { width: 0, height: 0 }

  /** @param {HTMLCanvasElement} canvas lies over the picture and has its size */
  constructor(canvas) {
    this.#canvas = canvas
    this.#context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'))
    new ResizeObserver(() => this.#draw()).observe(canvas)
  }

  /**
   * @param {import('./lib/index.js').DetectionResult | import('./lib/index.js').VideoResult} result
   * @param {{ mirrored: boolean }} view
   */
  show(result, { mirrored }) {
    this.#result = result
    this.#mirrored = mirrored
    this.#draw()
  }

  clear() {
    this.#result = undefined
    this.#draw()
  }

  #draw() {
    const { clientWidth, clientHeight } = this.#canvas
    const ratio = devicePixelRatio
    this.#canvas.width = Math.round(clientWidth * ratio)
    this.#canvas.height = Math.round(clientHeight * ratio)
    if (this.#result === undefined || clientWidth === 0) return
    const { width, height, faces } = this.#result
    // In the page's own measure, whose letters are larger on very large screens.
    const unit = Number.parseFloat(getComputedStyle(this.#canvas).fontSize) / 16
    this.#context.setTransform(ratio * unit, 0, 0, ratio * unit, 0, 0)
    this.#size = { width: clientWidth / unit, height: clientHeight / unit }
    const [scaleX, scaleY] = [this.#size.width / width, this.#size.height / height]
    // The largest face is drawn last, over all others.
    for (const face of [...faces].reverse()) {
      const boxWidth = face.box.width * scaleX
      const left = face.box.x * scaleX
      // Fainter while a person is out of sight for a moment and only expected here.
      this.#context.globalAlpha = 'missedTime' in face && face.missedTime > 0 ? 0.5 : 1
      const x = this.#mirrored ? this.#size.width - left - boxWidth : left
      this.#drawFace(face, { x, y: face.box.y * scaleY, width: boxWidth, height: face.box.height * scaleY })
    }
  }

  /**
   * @param {import('./lib/index.js').MaskFace} face
   * @param {import('./lib/index.js').Box} box in the measure of the drawing
   */
  #drawFace(face, { x, y, width, height }) {
    const context = this.#context
    const { colour } = LOOKS[face.mask.value]
    const outline = () => {
      context.beginPath()
      context.roundRect(x, y, width, height, Math.min(10, width / 6))
      context.stroke()
    }
    context.setLineDash(face.uncertain ? [10, 7] : [])
    context.lineWidth = 6
    context.strokeStyle = 'rgb(255 255 255 / 90%)'
    outline()
    context.lineWidth = 3.5
    context.strokeStyle = colour
    outline()
    context.setLineDash([])
    this.#drawLabel(face, { x, y, width, height })
  }

  /**
   * @param {import('./lib/index.js').MaskFace} face
   * @param {import('./lib/index.js').Box} box in the measure of the drawing
   */
  #drawLabel(face, { x, y, width, height }) {
    const context = this.#context
    const { text, short, colour, sign } = LOOKS[face.mask.value]
    const size = width < 70 ? 12 : 15
    context.font = `600 ${size}px system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif`
    const words = (/** @type {string} */ label) => `${label}${face.uncertain ? '?' : ''} ${percent(face.mask.probability)}`
    const line = width < 120 && context.measureText(words(text)).width > width * 1.8 ? words(short) : words(text)
    const icon = size + 5
    const plate = { width: icon + context.measureText(line).width + 18, height: size + 12 }
    const room = this.#size.width - plate.width
    const left = Math.max(0, Math.min(room, x + width / 2 - plate.width / 2))
    const above = y - plate.height - 5
    const top = above >= 0 ? above : Math.min(y + height + 5, this.#size.height - plate.height)
    context.fillStyle = colour
    context.strokeStyle = 'rgb(255 255 255 / 90%)'
    context.lineWidth = 1.5
    context.beginPath()
    context.roundRect(left, top, plate.width, plate.height, plate.height / 2)
    context.fill()
    context.stroke()
    context.save()
    context.translate(left + 7, top + (plate.height - icon) / 2)
    context.scale(icon / 24, icon / 24)
    context.strokeStyle = '#fff'
    context.lineWidth = 3
    context.lineCap = context.lineJoin = 'round'
    context.stroke(new Path2D(sign))
    context.restore()
    context.fillStyle = '#fff'
    context.textBaseline = 'middle'
    context.fillText(line, left + icon + 10, top + plate.height / 2 + 0.5)
  }
}
