import { copyBytes } from './copy-bytes.js'
import { MaskDetectorError } from './errors.js'
import { copyPixels, snapshot } from './frame-copy.js'
import { recognise } from './sources.js'

/**
 * A place for pixels, of the size that was asked for.
 * @typedef {object} Room
 * @property {() => Uint8Array<ArrayBuffer>} view of the memory as it is now: empty once that has grown
 */

/**
 * Who lends rooms: the memory of WebAssembly, so that what is copied there need not be copied again, or the page's own.
 * @typedef {{ lend(bytes: number): Room, takeBack(room: Room): void }} Rooms
 */

/** @type {Rooms} */
const ownRooms = {
  lend(bytes) {
    const pixels = new Uint8Array(bytes)
    return { view: () => pixels }
  },
  takeBack() {},
}

/**
 * Reads the pixels of sources, by way of a canvas where they cannot be copied. The canvas is kept between frames.
 * Where there is no canvas, or no decoder (Node), picture files are left to WebAssembly.
 */
export class FrameReader {
  #rooms
  /** @type {CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D | string | undefined} or why there is none */
  #context

  /** @param {Rooms} [rooms] where pixels are copied to */
  constructor(rooms = ownRooms) {
    this.#rooms = rooms
  }

  /**
   * All sources are read before this function returns, but for files and frames that are copied, which nobody else can change.
   * @param {import('./sources.js').KnownSource} known
   * @returns {Promise<import('./runtime.js').Picture>}
   * @throws {MaskDetectorError} `image_invalid`, `image_too_large`, `tainted_source`, `out_of_memory`, `unsupported`
   */
  async read(known) {
    if (known.kind === 'pixels') return this.#copy(known.source)
    if (known.kind === 'file') return this.#decode(known.source)
    const { width, height } = known
    const frame = snapshot(known)
    if (frame === undefined) return this.#draw(known.source, width, height)
    try {
      const room = this.#rooms.lend(width * height * 4)
      if (await copyPixels(frame, width, height, room)) return { room, width, height }
      this.#rooms.takeBack(room)
      return this.#draw(frame, width, height)
    } finally {
      frame.close()
    }
  }

  /** @param {import('./runtime.js').Pixels} pixels @returns {import('./runtime.js').Picture} */
  #copy({ data, width, height }) {
    const room = this.#rooms.lend(data.length)
    room.view().set(data)
    return { room, width, height }
  }

  /** To be called when a picture that `read` gave is no longer needed. @param {import('./runtime.js').Picture} picture */
  release(picture) {
    if ('room' in picture) this.#rooms.takeBack(picture.room)
  }

  /** @param {Blob | Uint8Array | ArrayBuffer} file @returns {Promise<import('./runtime.js').Picture>} */
  async #decode(file) {
    if (typeof createImageBitmap !== 'function' || typeof (this.#context ??= makeContext()) === 'string') return { file: await bytesOf(file) }
    const bitmap = await decode(file)
    try {
      recognise(bitmap) // Only now its size is known.
      return this.#draw(bitmap, bitmap.width, bitmap.height)
    } finally {
      bitmap.close()
    }
  }

  /**
   * @param {CanvasImageSource} source
   * @param {number} width px
   * @param {number} height px
   * @returns {import('./runtime.js').Pixels}
   */
  #draw(source, width, height) {
    const context = (this.#context ??= makeContext())
    if (typeof context === 'string') throw new MaskDetectorError('unsupported', context)
    const canvas = context.canvas
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width
      canvas.height = height
    }
    try {
      // Under transparent pixels lies white, as for files that are decoded in C; not from the beginning, since WebKit draws videos
      // with their alpha over everything.
      context.globalCompositeOperation = 'copy'
      context.drawImage(source, 0, 0, width, height)
      context.globalCompositeOperation = 'destination-over'
      context.fillStyle = '#fff'
      context.fillRect(0, 0, width, height)
      const pixels = context.getImageData(0, 0, width, height)
      if (pixels.data[3] === 0) throw new MaskDetectorError('image_too_large', `the source is larger than this browser's canvas can be: ${width} x ${height} px`)
      return pixels
    } catch (cause) {
      this.#context = undefined // Pixels of another origin taint a canvas for good.
      throw readError(cause)
    }
  }
}

/**
 * @param {unknown} cause of a failure to read pixels
 * @returns {MaskDetectorError} the cause itself, if it is one
 */
export function readError(cause) {
  if (cause instanceof MaskDetectorError) return cause
  const name = cause instanceof Error || cause instanceof DOMException ? cause.name : ''
  if (name === 'SecurityError' || name === 'DataCloneError') {
    return new MaskDetectorError('tainted_source', 'the page may not read these pixels, because they come from another origin: load them with crossorigin="anonymous" from a server that allows it (CORS)', { cause })
  }
  if (name === 'RangeError') return new MaskDetectorError('out_of_memory', 'there is not enough memory for the source', { cause })
  return new MaskDetectorError('image_invalid', 'the source could not be read', { cause })
}

/** @returns {CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D | string} or why there is none */
function makeContext() {
  const canvas = typeof OffscreenCanvas === 'function' ? new OffscreenCanvas(1, 1) : typeof document === 'object' ? document.createElement('canvas') : undefined
  // Read back each frame: a canvas on the graphics card would be slower.
  const context = /** @type {HTMLCanvasElement | undefined} */ (canvas)?.getContext('2d', { willReadFrequently: true })
  if (!context) return 'there is no canvas here: pass { data, width, height } or the bytes of a picture file'
  // Against recognition of the device some browsers give noise in place of pixels. A little of it does no harm.
  context.fillStyle = '#fff'
  context.fillRect(0, 0, 1, 1)
  const isTrue = context.getImageData(0, 0, 1, 1).data.every((value) => value >= 240)
  return isTrue ? context : 'this browser hides pixels from pages (in Firefox privacy.resistFingerprinting does): pass { data, width, height } or a picture file'
}

/** @param {Blob | Uint8Array | ArrayBuffer} file @returns {Promise<ImageBitmap>} */
async function decode(file) {
  try {
    return await createImageBitmap(isBlob(file) ? file : new Blob([copyBytes(file)])) // A Blob takes no shared memory.
  } catch (cause) {
    throw new MaskDetectorError('image_invalid', 'the picture is empty, damaged, or not in a known format', { cause })
  }
}

/** @param {Blob | Uint8Array | ArrayBuffer} file @returns {Promise<Uint8Array>} */
async function bytesOf(file) {
  return isBlob(file) ? new Uint8Array(await file.arrayBuffer()) : copyBytes(file)
}

/** Not by instanceof: those of an iframe have other classes. @param {Blob | Uint8Array | ArrayBuffer} file @returns {file is Blob} */
export const isBlob = (file) => 'arrayBuffer' in file
