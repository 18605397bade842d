import { MaskDetectorError } from './errors.js'
import { describe } from './options.js'
import { tagOf } from './tag.js'

/**
 * What can be looked at:
 * - in a page or worker, anything that can be drawn: `<canvas>`, OffscreenCanvas, ImageBitmap, `<img>`, `<video>`,
 *   VideoFrame; and a Blob or File with a picture in any format of the browser;
 * - everywhere: ImageData or `{ data, width, height }` with RGBA pixels ([height, width, 4], 0 to 255, alpha ignored),
 *   and the bytes of a picture file (Uint8Array or ArrayBuffer);
 * - in Node a picture file, also as a Blob, is a JPEG, PNG, BMP or GIF.
 *
 * An `<img>` has the size that it says, `naturalWidth` times `naturalHeight`. The orientation noted in a photo's EXIF data is
 * honoured; transparent parts become white, but of RGBA pixels.
 * @typedef {HTMLCanvasElement | OffscreenCanvas | ImageBitmap | HTMLImageElement | HTMLVideoElement | VideoFrame | Blob
 *   | ImageData | import('./runtime.js').Pixels | Uint8Array | ArrayBuffer} Source
 */

/**
 * @typedef {{ kind: 'video', source: HTMLVideoElement, width: number, height: number }
 *   | { kind: 'image', source: HTMLImageElement, width: number, height: number }
 *   | { kind: 'canvas', source: HTMLCanvasElement | OffscreenCanvas, width: number, height: number }
 *   | { kind: 'bitmap', source: ImageBitmap, width: number, height: number }
 *   | { kind: 'frame', source: VideoFrame, width: number, height: number }
 *   | { kind: 'pixels', source: import('./runtime.js').Pixels, width: number, height: number }
 *   | { kind: 'file', source: Blob | Uint8Array | ArrayBuffer }} KnownSource
 */

/**
 * Says what a source is and whether it can be read now.
 * @param {unknown} source
 * @returns {KnownSource}
 * @throws {TypeError} not a source
 * @throws {MaskDetectorError} `not_ready`, `image_invalid`, `image_too_large`
 */
export function recognise(source) {
  const known = identify(source)
  if (known.kind === 'file') return known
  const { width, height } = known
  if (known.kind === 'video' && (known.source.readyState < 2 || width === 0)) {
    throw new MaskDetectorError('not_ready', 'the video has no frame yet: wait for its loadeddata event')
  }
  if (known.kind === 'image' && !known.source.complete) {
    throw new MaskDetectorError('not_ready', 'the image is still loading: wait for its load event or for decode()')
  }
  if (width === 0 || height === 0) {
    const why = { image: ' (it could not be loaded)', bitmap: ' (closed?)', frame: ' (closed?)' }
    throw new MaskDetectorError('image_invalid', `the source is empty, ${width} x ${height} px${why[/** @type {'image'} */ (known.kind)] ?? ''}`)
  }
  if (width > 32768 || height > 32768 || width * height > 134217728) {
    throw new MaskDetectorError('image_too_large', `the source is larger than 32768 px a side or 128 Mpx: ${width} x ${height} px`)
  }
  return known
}

/**
 * @param {unknown} value
 * @returns {KnownSource}
 */
function identify(value) {
  const source = /** @type {any} */ (value)
  switch (tagOf(value)) {
    case 'HTMLVideoElement':
      return { kind: 'video', source, width: source.videoWidth, height: source.videoHeight }
    case 'HTMLImageElement':
      return { kind: 'image', source, width: source.naturalWidth, height: source.naturalHeight }
    case 'HTMLCanvasElement':
    case 'OffscreenCanvas':
      return { kind: 'canvas', source, width: source.width, height: source.height }
    case 'ImageBitmap':
      return { kind: 'bitmap', source, width: source.width, height: source.height }
    case 'VideoFrame':
      return { kind: 'frame', source, width: source.displayWidth, height: source.displayHeight }
    case 'Blob':
    case 'File':
    case 'Uint8Array':
    case 'ArrayBuffer':
      return { kind: 'file', source }
  }
  // jQuery's have methods of these names.
  if (typeof value === 'object' && value !== null && 'data' in value && typeof value.data !== 'function' && 'width' in value && 'height' in value) {
    return pixels(/** @type {{ data: unknown, width: unknown, height: unknown }} */ (value))
  }
  if (typeof value === 'string' || tagOf(value) === 'URL') {
    throw new TypeError(`the source must be a picture and not its address, got ${describe(value)}: pass await (await fetch(url)).blob() or an <img>, in Node await readFile(path)`)
  }
  if (tagOf(value) === 'Response') throw new TypeError('the source must be a picture, got a Response: pass await response.blob()')
  throw new TypeError(`the source must be a canvas, image, video, VideoFrame, ImageBitmap, ImageData, Blob, picture file or { data, width, height }, got ${describe(value)}`)
}

/**
 * @param {{ data: unknown, width: unknown, height: unknown }} source
 * @returns {KnownSource}
 */
function pixels({ data, width, height }) {
  for (const [name, value] of Object.entries({ width, height })) {
    if (typeof value !== 'number') throw new TypeError(`source.${name} must be a number, got ${describe(value)}`)
    if (!Number.isInteger(value) || value < 0) throw new MaskDetectorError('image_invalid', `source.${name} must be a whole number of px, got ${value}`)
  }
  if (!isBytes(data)) throw new TypeError(`source.data must be a Uint8Array or Uint8ClampedArray, got ${describe(data)}`)
  const size = { width: Number(width), height: Number(height) }
  const expected = size.width * size.height * 4
  if (data.length !== expected) {
    throw new MaskDetectorError('image_invalid', `source.data must have width * height * 4 = ${expected} bytes (RGBA), got ${data.length}`)
  }
  return { kind: 'pixels', source: { data, ...size }, ...size }
}

/** @param {unknown} data @returns {data is Uint8Array | Uint8ClampedArray} */
const isBytes = (data) => ['Uint8Array', 'Uint8ClampedArray'].includes(tagOf(data))

/**
 * The frame's time, ms: media time where there is one.
 * @param {KnownSource} known
 * @returns {number}
 */
export function timestampOf(known) {
  if (known.kind === 'frame') return known.source.timestamp / 1000
  if (known.kind === 'video') return known.source.currentTime * 1000
  return performance.now()
}
