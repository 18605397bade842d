/* Draws a surgical mask with pleats, hem, ear loops and soft shading over a face whose landmarks are known. */

/** @typedef {{ data: Uint8Array | Uint8ClampedArray, width: number, height: number }} Picture RGBA */
/** @typedef {[x: number, y: number]} Point px */

/**
 * The mask hangs between two curves, each a function of x: its upper and its lower edge.
 * @typedef {object} MaskShape
 * @property {Point[]} upper left to right
 * @property {Point[]} lower left to right, over the same x as upper
 * @property {[from: Point, to: Point][]} loops
 */

/** @typedef {[r: number, g: number, b: number]} Colour */

const SAMPLES = 4 // per pixel and axis

/**
 * @param {Picture} picture drawn into
 * @param {MaskShape} shape
 * @param {Colour} [cloth]
 */
export function drawMask(picture, shape, cloth = [170, 203, 221]) {
  for (const [from, to] of shape.loops) drawLoop(picture, from, to)
  const upper = curve(shape.upper)
  const lower = curve(shape.lower)
  const left = /** @type {Point} */ (shape.upper[0])[0]
  const right = /** @type {Point} */ (shape.upper.at(-1))[0]
  const top = Math.floor(Math.min(...shape.upper.map(([, y]) => y))) - 2
  const bottom = Math.ceil(Math.max(...shape.lower.map(([, y]) => y))) + 2
  for (let y = top; y <= bottom; y++) {
    for (let x = Math.floor(left); x <= Math.ceil(right); x++) {
      let covered = 0
      let light = 0
      for (let i = 0; i < SAMPLES * SAMPLES; i++) {
        const sx = x + ((i % SAMPLES) + 0.5) / SAMPLES
        const sy = y + (Math.floor(i / SAMPLES) + 0.5) / SAMPLES
        const v = (sy - upper(sx)) / (lower(sx) - upper(sx))
        if (sx < left || sx > right || !(v >= 0 && v <= 1)) continue
        covered++
        light += brightness((sx - left) / (right - left), v)
      }
      if (covered === 0) continue
      const weave = 1 + (noise(x, y) - 0.5) / 20
      const shade = (light / covered) * weave
      blend(picture, x, y, /** @type {Colour} */ (cloth.map((value) => value * shade)), covered / (SAMPLES * SAMPLES))
    }
  }
}

/**
 * The same for the same pixel every time.
 * @param {number} x
 * @param {number} y
 * @returns {number} [0, 1)
 */
function noise(x, y) {
  const mixed = Math.imul(Math.imul(x, 374761393) ^ Math.imul(y, 668265263), 1274126177)
  return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32
}

/**
 * @param {number} u [0, 1] across
 * @param {number} v [0, 1] down
 */
function brightness(u, v) {
  const round = 1 - 0.38 * (2 * u - 1) ** 2 - 0.1 * u // a cylinder, lit from the left
  const chin = 1 - 0.22 * Math.max(0, v - 0.65) ** 1.2
  const hem = v < 0.05 || v > 0.96 ? 1.07 : 1
  let pleats = 1
  for (const at of [0.28, 0.46, 0.64]) {
    const away = v - at
    pleats -= 0.2 * Math.exp(-((away / 0.018) ** 2)) - 0.05 * Math.exp(-(((away + 0.04) / 0.03) ** 2))
  }
  return round * chin * hem * pleats
}

/**
 * @param {Picture} picture
 * @param {Point} from
 * @param {Point} to
 */
function drawLoop(picture, [x0, y0], [x1, y1]) {
  const halfWidth = 0.9
  const length = Math.hypot(x1 - x0, y1 - y0)
  for (let y = Math.floor(Math.min(y0, y1)) - 2; y <= Math.max(y0, y1) + 2; y++) {
    for (let x = Math.floor(Math.min(x0, x1)) - 2; x <= Math.max(x0, x1) + 2; x++) {
      const along = Math.min(1, Math.max(0, ((x + 0.5 - x0) * (x1 - x0) + (y + 0.5 - y0) * (y1 - y0)) / length ** 2))
      const away = Math.hypot(x + 0.5 - x0 - along * (x1 - x0), y + 0.5 - y0 - along * (y1 - y0))
      const covered = Math.min(1, Math.max(0, halfWidth + 0.5 - away))
      if (covered > 0) blend(picture, x, y, [222, 226, 228], covered)
    }
  }
}

/**
 * @param {Picture} picture
 * @param {number} x
 * @param {number} y
 * @param {Colour} colour
 * @param {number} alpha [0, 1]
 */
function blend({ data, width, height }, x, y, colour, alpha) {
  if (x < 0 || y < 0 || x >= width || y >= height) return
  colour.forEach((value, channel) => {
    const at = (y * width + x) * 4 + channel
    data[at] = Math.min(255, Math.max(0, Math.round(value * alpha + (data[at] ?? 0) * (1 - alpha))))
  })
}

/**
 * A smooth curve through points (Catmull-Rom), as a function of x.
 * @param {Point[]} points of growing x
 * @returns {(x: number) => number}
 */
function curve(points) {
  const at = (/** @type {number} */ index) => /** @type {Point} */ (points[Math.min(points.length - 1, Math.max(0, index))])
  return (x) => {
    const next = points.findIndex(([px]) => px > x)
    const i = next < 0 ? points.length - 2 : Math.max(0, next - 1)
    const [[, a], [x0, b], [x1, c], [, d]] = [at(i - 1), at(i), at(i + 1), at(i + 2)]
    const t = Math.min(1, Math.max(0, (x - x0) / (x1 - x0)))
    return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
  }
}
