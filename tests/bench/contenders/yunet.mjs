/* YuNet, OpenCV's face finder, on onnxruntime-web: the frame stretched to 320 x 320, boxes from its twelve outputs. */
import { loadOnnxruntime } from './onnxruntime.mjs'

const SIDE = 320

/**
 * @param {{ model: string }} config
 * @returns {Promise<import('../page.mjs').Frames>}
 */
export async function create({ model }) {
  const ort = await loadOnnxruntime()
  const session = await ort.InferenceSession.create(model, { executionProviders: ['wasm'], graphOptimizationLevel: 'all' })
  const small = /** @type {OffscreenCanvasRenderingContext2D} */ (new OffscreenCanvas(SIDE, SIDE).getContext('2d', { willReadFrequently: true }))
  const input = new Float32Array(3 * SIDE * SIDE)
  return {
    async frame(canvas) {
      small.drawImage(canvas, 0, 0, SIDE, SIDE)
      const { data } = small.getImageData(0, 0, SIDE, SIDE)
      for (let i = 0; i < SIDE * SIDE; i++) for (let c = 0; c < 3; c++) input[c * SIDE * SIDE + i] = data[4 * i + 2 - c] ?? 0
      return decode(await session.run({ input: new ort.Tensor('float32', input, [1, 3, SIDE, SIDE]) }))
    },
  }
}

/** @param {Record<string, { data: Float32Array }>} outputs @returns {number} faces */
function decode(outputs) {
  /** @type {{ score: number, box: [number, number, number, number] }[]} */
  const found = []
  for (const stride of [8, 16, 32]) {
    const [classes, objects, boxes] = ['cls', 'obj', 'bbox'].map((name) => /** @type {{ data: Float32Array }} */ (outputs[`${name}_${stride}`]).data)
    if (!classes || !objects || !boxes) throw new Error('not YuNet')
    for (let i = 0; i < classes.length; i++) {
      const score = Math.sqrt(Math.max(0, classes[i] ?? 0) * Math.max(0, objects[i] ?? 0))
      if (score < 0.6) continue
      const [dx = 0, dy = 0, w = 0, h = 0] = boxes.subarray(4 * i, 4 * i + 4)
      const [width, height] = [Math.exp(w) * stride, Math.exp(h) * stride]
      const columns = SIDE / stride
      found.push({ score, box: [((i % columns) + dx) * stride - width / 2, (Math.floor(i / columns) + dy) * stride - height / 2, width, height] })
    }
  }
  return suppress(found, 0.3).length
}

/**
 * Keeps the best of boxes that overlap.
 * @template {{ score: number, box: [number, number, number, number] }} Found
 * @param {Found[]} found @param {number} limit intersection over union
 */
export function suppress(found, limit) {
  /** @type {Found[]} */
  const kept = []
  for (const one of found.sort((a, b) => b.score - a.score)) {
    const [x, y, w, h] = one.box
    const overlaps = kept.some(({ box: [a, b, c, d] }) => {
      const shared = Math.max(0, Math.min(x + w, a + c) - Math.max(x, a)) * Math.max(0, Math.min(y + h, b + d) - Math.max(y, b))
      return shared / (w * h + c * d - shared) > limit
    })
    if (!overlaps) kept.push(one)
  }
  return kept
}
