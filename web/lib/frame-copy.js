/* Pixels straight out of a VideoFrame, where the browser converts them: a third of the time that drawing on a canvas and reading it
   back takes. */

/**
 * A frame to copy from, as the source is now. Undefined where this browser does not convert, or the source has to be drawn.
 * @param {Exclude<import('./sources.js').KnownSource, { kind: 'pixels' | 'file' }>} known
 * @returns {VideoFrame | undefined} to be closed
 */
export function snapshot({ kind, source }) {
  if (kind === 'image' || !canConvert()) return undefined
  let frame
  try {
    frame = new VideoFrame(source, { timestamp: 0 })
  } catch {
    return undefined // a source that must not be read: drawing it says so
  }
  if (frame.format !== null || kind === 'video' || kind === 'frame') return frame
  frame.close() // Of float16 pixels, and Chromium would draw nothing if it cannot copy them.
  return undefined
}

/**
 * False where the frame has to be turned, stretched or laid on white.
 * @param {VideoFrame} frame
 * @param {number} width px, as shown
 * @param {number} height px, as shown
 * @param {import('./frames.js').Room} room for RGBA
 */
export async function copyPixels(frame, width, height, room) {
  const { visibleRect, format } = frame
  const { rotation = 0, flip = false } = /** @type {{ rotation?: number, flip?: boolean }} */ (frame)
  if (visibleRect?.width !== width || visibleRect.height !== height || rotation !== 0 || flip) return false
  let pixels
  try {
    do await frame.copyTo((pixels = room.view()), RGBA)
    while (pixels.length === 0) // the room's memory grew meanwhile
  } catch {
    return false
  }
  const hasAlpha = format === null || format.includes('A')
  return !hasAlpha || isOpaque(pixels)
}

const RGBA = /** @type {VideoFrameCopyToOptions} */ ({ format: 'RGBA' })

/** @type {boolean | undefined} */
let converts

/** Browsers that do not know `format` leave it out of account; ones that do not know `rotation` may not say that a frame is turned. */
function canConvert() {
  if (converts === undefined) {
    try {
      const frame = new VideoFrame(new Uint8Array(24), { format: 'I420', codedWidth: 4, codedHeight: 4, timestamp: 0 })
      converts = 'rotation' in frame && frame.allocationSize(RGBA) === 64
      frame.close()
    } catch {
      converts = false
    }
  }
  return converts
}

/** @param {Uint8Array<ArrayBuffer>} pixels RGBA */
function isOpaque({ buffer, byteOffset, length }) {
  const words = new Int32Array(buffer, byteOffset, length / 4)
  let all = -1
  for (let i = 0; i < words.length; i++) all &= /** @type {number} */ (words[i])
  return all >>> 24 === 255
}
