import { drawFaces } from './draw-faces.js'

/**
 * The picture as it is seen, with boxes and labels, in its own pixels.
 * @param {HTMLImageElement | ImageBitmap} source
 * @param {import('./draw-faces.js').Seen} seen
 * @param {import('./draw-faces.js').View} view
 * @returns {Promise<Blob>} a PNG file
 */
export async function annotate(source, seen, view) {
  const { width, height } = seen
  const canvas = Object.assign(document.createElement('canvas'), { width, height })
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'))
  if (view.mirrored) context.setTransform(-1, 0, 0, 1, width, 0)
  context.drawImage(source, 0, 0, width, height)
  // Letters as large as they would be in a page of usual width.
  const unit = Math.max(0.5, Math.max(width, height) / 960)
  context.setTransform(unit, 0, 0, unit, 0, 0)
  drawFaces(context, { width: width / unit, height: height / unit }, seen, view)
  return new Promise((resolve, reject) => canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('the picture is too large to be saved'))), 'image/png'))
}

/** @param {Blob} blob @param {string} name of the file */
export function download(blob, name) {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60000)
}
