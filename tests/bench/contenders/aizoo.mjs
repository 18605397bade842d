/* AIZOO's face mask detector for TensorFlow.js: finds faces and tells two labels. 260 x 260 px, 5972 anchors. */
import { loadTensorflow } from './tensorflow.mjs'
import { suppress } from './yunet.mjs'

const SIDE = 260
const SCORE = 0.5
const LEVELS = /** @type {const} */ ([[33, 0.04, 0.056], [17, 0.08, 0.11], [9, 0.16, 0.22], [5, 0.32, 0.45], [3, 0.64, 0.72]])

/** Middle and size of every anchor, in shares of the frame. */
function makeAnchors() {
  const anchors = []
  for (const [cells, small, large] of LEVELS) {
    const shapes = [[small, small], [large, large], ...[0.62, 0.42].map((ratio) => [small * Math.sqrt(ratio), small / Math.sqrt(ratio)])]
    for (let row = 0; row < cells; row++) {
      for (let column = 0; column < cells; column++) {
        for (const [width = 0, height = 0] of shapes) anchors.push({ x: (column + 0.5) / cells, y: (row + 0.5) / cells, width, height })
      }
    }
  }
  return anchors
}

/**
 * @param {{ model: string }} config
 * @returns {Promise<import('../page.mjs').Frames>}
 */
export async function create({ model }) {
  const tf = await loadTensorflow()
  const network = await tf.loadLayersModel(model)
  const anchors = makeAnchors()
  return {
    async frame(canvas) {
      const outputs = tf.tidy(() => network.predict(tf.image.resizeBilinear(tf.browser.fromPixels(canvas), [SIDE, SIDE]).div(255).expandDims(0)))
      const [boxes, scores] = /** @type {[Float32Array, Float32Array]} */ (await Promise.all(outputs.map((/** @type {any} */ output) => output.data())))
      for (const output of outputs) output.dispose()
      /** @type {{ score: number, box: [number, number, number, number] }[]} */
      const found = []
      anchors.forEach((anchor, i) => {
        const score = Math.max(scores[2 * i] ?? 0, scores[2 * i + 1] ?? 0)
        if (score < SCORE) return
        const [dx = 0, dy = 0, w = 0, h = 0] = boxes.subarray(4 * i, 4 * i + 4)
        const [width, height] = [anchor.width * Math.exp(w * 0.2), anchor.height * Math.exp(h * 0.2)]
        found.push({ score, box: [anchor.x + dx * 0.1 * anchor.width - width / 2, anchor.y + dy * 0.1 * anchor.height - height / 2, width, height] })
      })
      return suppress(found, 0.4).length
    },
  }
}
