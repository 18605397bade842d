import { LOOKS, shortName } from './labels.js'
import { percent, text } from './texts.js'

/** @typedef {import('./lib/index.js').MaskFace & { trackId?: number, missedTime?: number }} MaskFace of a picture or a video */
/** @typedef {{ width: number, height: number, faces: readonly MaskFace[] }} Seen a result */
/** @typedef {{ mirrored: boolean, numbers: boolean }} View numbers: with the number of each face */

const FONT = 'system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif'
const LIGHT = 'rgb(255 255 255 / 90%)'

/**
 * Draws boxes and labels.
 * @param {CanvasRenderingContext2D} context
 * @param {{ width: number, height: number }} size of the drawing, in its own measure, in which letters have a fixed size
 * @param {Seen} seen
 * @param {View} view
 */
export function drawFaces(context, size, { width, height, faces }, view) {
  const [scaleX, scaleY] = [size.width / width, size.height / height]
  // The largest face is drawn last, over all others.
  for (const [index, face] of [...faces.entries()].reverse()) {
    const boxWidth = face.box.width * scaleX
    const left = face.box.x * scaleX
    // Fainter while a person is out of sight for a moment and only expected here.
    context.globalAlpha = (face.missedTime ?? 0) > 0 ? 0.5 : 1
    const x = view.mirrored ? size.width - left - boxWidth : left
    const box = { x, y: face.box.y * scaleY, width: boxWidth, height: face.box.height * scaleY }
    drawBox(context, face, box)
    drawLabel(context, face, box, size, view.numbers ? `${face.trackId ?? index + 1} · ` : '')
  }
  context.globalAlpha = 1
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {MaskFace} face
 * @param {import('./lib/index.js').Box} box
 */
function drawBox(context, face, { x, y, width, height }) {
  context.setLineDash(face.uncertain ? [10, 7] : [])
  for (const [line, colour] of /** @type {const} */ ([[6, LIGHT], [3.5, LOOKS[face.mask.value].colour]])) {
    context.lineWidth = line
    context.strokeStyle = colour
    context.beginPath()
    context.roundRect(x, y, width, height, Math.min(10, width / 6))
    context.stroke()
  }
  context.setLineDash([])
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {MaskFace} face
 * @param {import('./lib/index.js').Box} box
 * @param {{ width: number, height: number }} size
 * @param {string} number comes before the words
 */
function drawLabel(context, face, { x, y, width, height }, size, number) {
  const { colour, sign } = LOOKS[face.mask.value]
  const letters = width < 70 ? 12 : 15
  context.font = `600 ${letters}px ${FONT}`
  const words = (/** @type {string} */ label) => `${number}${label}${face.uncertain ? '?' : ''} ${percent(face.mask.probability)}`
  const long = words(text(face.mask.value))
  const line = width < 120 && context.measureText(long).width > width * 1.8 ? words(shortName(face.mask.value)) : long
  const icon = letters + 5
  const plate = { width: icon + context.measureText(line).width + 18, height: letters + 12 }
  const left = Math.max(0, Math.min(size.width - plate.width, x + width / 2 - plate.width / 2))
  const above = y - plate.height - 5
  const top = above >= 0 ? above : Math.min(y + height + 5, size.height - plate.height)
  context.fillStyle = colour
  context.strokeStyle = LIGHT
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
