/* This library, as a page uses it. */
/** @typedef {import('../page.mjs').Frames} Frames */

/**
 * @param {{ worker?: boolean, wasm?: string, options?: import('../../../web/lib/options.js').DetectionOptions }} config
 * @returns {Promise<Frames>}
 */
export async function create({ worker = true, wasm, options = {} }) {
  /** @type {typeof import('../../../web/lib/index.js')} */
  // @ts-expect-error: an address in the served folder
  const { MaskDetector } = await import('/dist/index.js')
  const detector = await MaskDetector.create({ worker, ...(wasm && { wasm }), ...options })
  let time = 0
  return {
    frame: async (canvas) => (await detector.detectForVideo(canvas, (time += 33))).faces.length,
  }
}
