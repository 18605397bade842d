/* MediaPipe's face detector (BlazeFace, 128 x 128) as its documentation shows it: it finds faces and labels nothing. */
/**
 * @param {{ model: string }} config
 * @returns {Promise<import('../page.mjs').Frames>}
 */
export async function create({ model }) {
  // @ts-expect-error: an address in the served folder
  const { FaceDetector, FilesetResolver } = await import('/peers/@mediapipe/tasks-vision/vision_bundle.mjs')
  const files = await FilesetResolver.forVisionTasks('/peers/@mediapipe/tasks-vision/wasm')
  const detector = await FaceDetector.createFromOptions(files, {
    baseOptions: { modelAssetPath: model, delegate: 'CPU' },
    runningMode: 'VIDEO',
  })
  let time = 0
  return {
    frame: async (canvas) => detector.detectForVideo(canvas, (time += 33)).detections.length,
  }
}
