// Compiled, not run, against the types of the packed package.
import { MASK_LABELS, MaskDetector, MaskDetectorError, VERSION, camera, fromCompreFaceLabel, toCompreFace } from 'maskcheck'
import { MaskCheckElement } from 'maskcheck/element'
import type { ElementTexts } from 'maskcheck/element'
import type { Camera, CompreFaceResult, CreateOptions, DetectionOptions, DetectionResult, DetectorInfo, ErrorCode, MaskFace, MaskLabel, Source, TrackedFace, VideoResult } from 'maskcheck'

const options: CreateOptions = { assetsUrl: new URL('https://example.org/'), worker: false, wasm: undefined, minFaceScore: 0.5, signal: AbortSignal.timeout(1000) }
const detector: MaskDetector = await MaskDetector.create(options)
const info: Readonly<DetectorInfo> = detector.info
const inForce: Readonly<Record<keyof DetectionOptions, number>> = await detector.setOptions({ detectionSize: 320, maxFaces: undefined })

const sources: Source[] = [document.createElement('canvas'), new Image(), new ImageData(1, 1), new Blob([]), new Uint8Array(4), { data: new Uint8ClampedArray(4), width: 1, height: 1 }]
for (const source of sources) {
  const result: DetectionResult = await detector.detect(source, { signal: AbortSignal.timeout(1000) })
  const face: MaskFace | undefined = result.faces[0]
  const label: MaskLabel | undefined = face?.mask.value
  const share: number | undefined = face?.probabilities.mask_worn_incorrectly
  const rest: { result: CompreFaceResult[] } = toCompreFace(result)
  console.log(label, share, rest, result.timings.total, result.faces.map(({ box: { x, y, width, height } }) => x + y + width + height))
}

const opened: Camera = await camera.open({ facingMode: 'environment' })
const video = document.createElement('video')
video.srcObject = opened.stream
const stop: () => void = detector.watch(video, ({ faces }) => console.log(faces.length), (error) => console.error(error))
stop()
const lost: MaskDetectorError | undefined = await opened.ended
console.log(lost?.code === 'camera_lost')

try {
  await detector.classify(video)
  const frame: VideoResult = await detector.detectForVideo(video, 40, { restart: true })
  const tracked: TrackedFace | undefined = frame.faces[0]
  console.log(tracked?.trackId, tracked?.missedTime, toCompreFace(frame))
  await detector.label(video, [{ x: 0, y: 0, width: 10, height: 10 }])
} catch (error) {
  if (error instanceof MaskDetectorError) {
    const code: ErrorCode = error.code
    console.log(code, error.cause)
  }
}
const labels: readonly [MaskLabel, MaskLabel, MaskLabel] = MASK_LABELS
console.log(VERSION, info.wasm, inForce.maxFaces, labels, fromCompreFaceLabel('with_mask'), await camera.list())
detector.close()

const element = document.querySelector<MaskCheckElement>('mask-check')
const texts: Partial<ElementTexts> = { start: 'Kamera starten' }
if (element) element.texts = texts
await element?.start()
const made: MaskCheckElement = document.createElement('mask-check')
made.addEventListener('mask-result', ({ detail }) => console.log(detail.faces[0]?.mask.value))
made.addEventListener('mask-error', (event) => console.log(event.detail.message))
made.addEventListener('click', (event) => console.log(event.clientX))

// @ts-expect-error a string is no number
await MaskDetector.create({ minFaceScore: '0.5' })
// @ts-expect-error made by create alone
new MaskDetector()
// @ts-expect-error not an option
await MaskDetector.create({ minimumFaceScore: 0.5 })
// @ts-expect-error not a source
await detector.detect('picture.jpg')
// @ts-expect-error not one of the codes
const wrong: ErrorCode = 'broken'
console.log(wrong)
