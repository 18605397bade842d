import { MaskDetector } from './lib/index.js'

const MODELS = { faceModel: 'lib/face.onnx', maskModel: 'lib/mask.onnx' }

/**
 * Loads the networks, which are most of the page's weight, and the library around them.
 * @param {(part: number | undefined) => void} onProgress [0, 1]; undefined: where the server does not tell sizes
 * @param {import('./lib/index.js').DetectionOptions} [options]
 * @returns {Promise<MaskDetector>}
 */
export async function loadDetector(onProgress, options = {}) {
  let loaded = 0
  let total = 0
  const count = (/** @type {number} */ bytes) => onProgress(Number.isNaN(total) ? undefined : Math.min(1, (loaded += bytes) / total))
  const [faceModel, maskModel] = await Promise.all(
    Object.values(MODELS).map(async (path) => {
      const url = new URL(path, import.meta.url)
      try {
        const response = await fetch(url)
        if (!response.ok || response.body === null) return url
        // A compressed body is longer than it says.
        total += response.headers.has('content-encoding') ? Number.NaN : Number(response.headers.get('content-length') ?? Number.NaN)
        return new Response(response.body.pipeThrough(counter(count)))
      } catch {
        return url // The library tries once more, and tells what is wrong.
      }
    }),
  )
  return MaskDetector.create({ ...options, faceModel, maskModel })
}

/**
 * @param {(bytes: number) => void} count
 * @returns {TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>}
 */
const counter = (count) =>
  new TransformStream({
    transform(chunk, controller) {
      count(chunk.length)
      controller.enqueue(chunk)
    },
  })
