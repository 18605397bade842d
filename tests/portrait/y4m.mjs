/* Video for Chromium's fake camera: raw frames in YUV 4:2:0 behind a line of text. */

/** @typedef {import('./draw-mask.mjs').Picture} Picture */

/**
 * A few frames in which the picture sways gently from side to side, as a person in front of a camera does.
 * @param {Picture} picture of even width and height
 * @param {{ frames?: number, fps?: number, swayPx?: number }} [options]
 * @returns {Uint8Array} a .y4m file
 */
export function encodeY4m(picture, { frames = 12, fps = 15, swayPx = 3 } = {}) {
  const { width, height } = picture
  const parts = [Buffer.from(`YUV4MPEG2 W${width} H${height} F${fps}:1 Ip A1:1 C420jpeg\n`)]
  for (let frame = 0; frame < frames; frame++) {
    const shift = Math.round(swayPx * Math.sin((2 * Math.PI * frame) / frames))
    parts.push(Buffer.from('FRAME\n'), encodeFrame(picture, shift))
  }
  return Buffer.concat(parts)
}

/**
 * @param {Picture} picture
 * @param {number} shift px to the left
 */
function encodeFrame(picture, shift) {
  const { width, height } = picture
  const luma = new Uint8Array(width * height)
  const chroma = [new Float64Array((width * height) / 4), new Float64Array((width * height) / 4)]
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [r, g, b] = pixel(picture, x + shift, y)
      // BT.601, limited range, as Chromium reads it.
      luma[y * width + x] = 16 + (65.481 * r + 128.553 * g + 24.966 * b) / 255
      const at = (y >> 1) * (width / 2) + (x >> 1)
      const [u, v] = /** @type {[Float64Array, Float64Array]} */ (chroma)
      u[at] = (u[at] ?? 0) + (128 + (-37.797 * r - 74.203 * g + 112 * b) / 255) / 4
      v[at] = (v[at] ?? 0) + (128 + (112 * r - 93.786 * g - 18.214 * b) / 255) / 4
    }
  }
  return Buffer.concat([luma, ...chroma.map((plane) => Uint8Array.from(plane, Math.round))])
}

/**
 * @param {Picture} picture
 * @param {number} x clamped to the picture
 * @param {number} y
 * @returns {[number, number, number]}
 */
function pixel({ data, width }, x, y) {
  const at = (y * width + Math.min(width - 1, Math.max(0, x))) * 4
  return [data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0]
}
