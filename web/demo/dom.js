/**
 * @template {Element} E
 * @param {string} id
 * @param {new () => E} type
 * @returns {E}
 */
export function element(id, type) {
  const found = document.getElementById(id)
  if (!(found instanceof type)) throw new Error(`#${id} is missing`)
  return found
}

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Partial<HTMLElementTagNameMap[Tag]>} [properties]
 * @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function make(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties)
  made.append(...children)
  return made
}

/**
 * A canvas that is as sharp as the screen.
 * @param {HTMLCanvasElement} canvas of a size that the style sheet gives it
 * @param {number} [unit] length of the drawing's measure, CSS px
 * @returns {{ context: CanvasRenderingContext2D, width: number, height: number }} empty; width and height in that measure
 */
export function sharpContext(canvas, unit = 1) {
  const { clientWidth, clientHeight } = canvas
  canvas.width = Math.round(clientWidth * devicePixelRatio)
  canvas.height = Math.round(clientHeight * devicePixelRatio)
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'))
  context.setTransform(devicePixelRatio * unit, 0, 0, devicePixelRatio * unit, 0, 0)
  return { context, width: clientWidth / unit, height: clientHeight / unit }
}
