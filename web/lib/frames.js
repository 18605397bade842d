import { MaskDetectorError } from './errors.js'

/**
 * Draws sources on a canvas of its own, which is kept between frames, and reads their pixels.
 * Where there is neither a canvas nor a decoder (Node), picture files are left to WebAssembly.
 */
export class FrameReader {
  /** @type {CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D | undefined} */
  #context

  /**
   * Canvas, video and image sources are read before this function returns, only files take longer.
   * @param {import('./sources.js').KnownSource} known
   * @returns {Promise<import('./runtime.js').Picture>}
   * @throws {MaskDetectorError} `image_invalid`, `tainted_source`, `unsupported`
   */
  async read(known) {
    if (known.kind === 'pixels') return known.source
    if (known.kind !== 'file') return this.#draw(known.source, known.width, known.height)
    if (typeof createImageBitmap !== 'function') return { file: await bytesOf(known.source) }
    const bitmap = await decode(known.source)
    try {
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
    const canvas = context.canvas
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width
      canvas.height = height
    }
    try {
      // Under transparent pixels lies white, as for files that are decoded in C.
      context.fillStyle = '#fff'
      context.fillRect(0, 0, width, height)
      context.drawImage(source, 0, 0, width, height)
      return context.getImageData(0, 0, width, height)
    } catch (cause) {
      throw readError(cause)
    }
  }
}

/**
 * @param {unknown} cause of a failure to read pixels
 * @returns {MaskDetectorError}
 */
export function readError(cause) {
  const name = cause instanceof Error || cause instanceof DOMException ? cause.name : ''
  if (name === 'SecurityError' || name === 'DataCloneError') {
    return new MaskDetectorError('tainted_source', 'the page may not read these pixels, because they come from another origin: load them with crossorigin="anonymous" from a server that allows it (CORS)', { cause })
  }
  return new MaskDetectorError('image_invalid', 'the source could not be read', { cause })
}

/** @returns {CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D} */
function makeContext() {
  const canvas = typeof OffscreenCanvas === 'function' ? new OffscreenCanvas(1, 1) : typeof document === 'object' ? document.createElement('canvas') : undefined
  // Read back each frame: a canvas on the graphics card would be slower.
  const context = /** @type {HTMLCanvasElement | undefined} */ (canvas)?.getContext('2d', { willReadFrequently: true })
  if (!context) throw new MaskDetectorError('unsupported', 'there is no canvas here: pass { data, width, height } or the bytes of a picture file')
  return context
}

/** @param {Blob | Uint8Array | ArrayBuffer} file @returns {Promise<ImageBitmap>} */
async function decode(file) {
  const blob = file instanceof Blob ? file : new Blob([/** @type {ArrayBuffer} */ (file)])
  try {
    return await createImageBitmap(blob)
  } catch (cause) {
    throw new MaskDetectorError('image_invalid', 'the picture is empty, damaged, or not in a known format', { cause })
  }
}

/** @param {Blob | Uint8Array | ArrayBuffer} file @returns {Promise<Uint8Array>} */
async function bytesOf(file) {
  if (file instanceof Uint8Array) return file
  return new Uint8Array(file instanceof ArrayBuffer ? file : await file.arrayBuffer())
}
