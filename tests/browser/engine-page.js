/* Runs in a page of any browser, and tells the server how the library and <mask-check> fare there. */
import '../../web/lib/element.js'
import { MaskDetector, camera } from '../../web/lib/index.js'

/** @typedef {import('../../web/lib/sources.js').Source} Source */

/** @param {string} path @param {unknown} [said] */
const tell = (path, said) => fetch(`${path}?${encodeURIComponent(JSON.stringify(said ?? null))}`)

/** @param {string} name */
async function loadImage(name) {
  const image = Object.assign(new Image(), { src: `${name}.png` })
  await image.decode()
  return image
}

/** @param {HTMLImageElement} image */
function canvasOf(image) {
  const canvas = Object.assign(document.createElement('canvas'), { width: image.naturalWidth, height: image.naturalHeight })
  canvas.getContext('2d')?.drawImage(image, 0, 0)
  return canvas
}

/** The same picture in every form. @param {HTMLImageElement} image @returns {Promise<Record<string, Source>>} */
async function formsOf(image) {
  const canvas = canvasOf(image)
  const { width, height } = canvas
  const offscreen = new OffscreenCanvas(width, height)
  offscreen.getContext('2d')?.drawImage(image, 0, 0)
  const file = /** @type {Blob} */ (await new Promise((/** @type {BlobCallback} */ resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.95)))
  return {
    image,
    canvas,
    offscreen,
    bitmap: await createImageBitmap(image),
    data: /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d')).getImageData(0, 0, width, height),
    frame: new VideoFrame(canvas, { timestamp: 0 }),
    file,
    bytes: await file.arrayBuffer(),
  }
}

/** The last of eight frames. @param {MaskDetector} detector @param {HTMLImageElement} image */
async function watch(detector, image) {
  const canvas = canvasOf(image)
  const drawing = setInterval(() => canvas.getContext('2d')?.drawImage(image, Math.random() * 2, 0), 30) // frames come as something is drawn
  const video = Object.assign(document.createElement('video'), { muted: true, playsInline: true, srcObject: canvas.captureStream(30) })
  let frames = 0
  const [face] = await new Promise((resolve, reject) => {
    const stop = detector.watch(video, ({ faces }) => {
      if (++frames < 8) return
      stop()
      resolve(faces)
    }, reject)
    video.play().catch(reject)
  })
  clearInterval(drawing)
  return { label: face.mask.value, uncertain: face.uncertain, tracked: face.trackId > 0 }
}

/** @param {Promise<unknown>} promise */
const codeOf = (promise) => promise.then(() => 'no error', ({ code }) => code)

async function openCamera() {
  const { stream, stop, ended } = await camera.open()
  const video = Object.assign(document.createElement('video'), { muted: true, playsInline: true, srcObject: stream })
  await video.play()
  const hasFrames = video.videoWidth > 0
  stop()
  return { hasFrames, ended: String(await ended) }
}

/** One picture after the other in `src`, each with an address of its own: none is in the browser's memory. */
async function checkByElement() {
  const element = document.createElement('mask-check')
  const told = []
  for (const [index, name] of ['bare', 'correct', 'missing', 'under-nose', 'broken', 'correct'].entries()) {
    const answer = new Promise((resolve) => {
      element.addEventListener('mask-result', ({ detail }) => resolve(detail.faces[0]?.mask.value), { once: true })
      element.addEventListener('mask-error', ({ detail }) => resolve(/** @type {{ code?: string }} */ (detail).code), { once: true })
    })
    element.setAttribute('src', `${name}.png?${index}`)
    if (index === 0) document.body.append(element)
    told.push(await answer)
  }
  return told
}

/** What the server must see, or it could see nothing else either. */
async function askOnPurpose() {
  await tell('by-page')
  await new Promise((resolve) => (new Worker('asks.js').onmessage = resolve))
}

try {
  const images = await Promise.all(['bare', 'correct', 'under-nose'].map(loadImage))
  const person = /** @type {HTMLImageElement} */ (images[1])
  const detectors = [await MaskDetector.create(), await MaskDetector.create({ worker: false })]
  const inElement = await checkByElement()
  await tell('loaded')
  const said = []
  for (const detector of detectors) {
    const labelOf = async (/** @type {Source} */ source) => (await detector.detect(source)).faces[0]?.mask.value
    const labels = []
    for (const image of images) labels.push(await labelOf(image))
    /** @type {Record<string, string | undefined>} */
    const forms = {}
    for (const [name, source] of Object.entries(await formsOf(person))) forms[name] = await labelOf(source)
    const watched = await watch(detector, person)
    const broken = await codeOf(detector.detect(new Uint8Array(100)))
    detector.close()
    said.push({ worker: detector.info.worker, labels, forms, watched, broken, closed: await codeOf(detector.detect(person)) })
  }
  const opened = location.hash === '#camera' && (await openCamera())
  await askOnPurpose()
  await tell('done', { detectors: said, inElement, camera: opened })
} catch (error) {
  await tell('done', `${/** @type {{ code?: string }} */ (error).code}: ${error}`)
}
