import { MaskDetector, MaskDetectorError, VERSION, camera as cameras } from './lib/index.js'
import { FaceList } from './face-list.js'
import { Meters } from './meters.js'
import { countRequests } from './network-count.js'
import { Overlay } from './overlay.js'
import { connectSettings } from './settings.js'

const VIDEO_SIZE = 320
const MB = 2 ** 20

/**
 * @template {Element} E
 * @param {string} id
 * @param {new () => E} type
 * @returns {E}
 */
function element(id, type) {
  const found = document.getElementById(id)
  if (!(found instanceof type)) throw new Error(`#${id} is missing`)
  return found
}

const cameraButton = element('camera', HTMLButtonElement)
const chooseButton = element('choose', HTMLButtonElement)
const fileInput = element('file', HTMLInputElement)
const deviceSelect = element('device', HTMLSelectElement)
const stage = element('stage', HTMLElement)
const video = element('video', HTMLVideoElement)
const picture = element('picture', HTMLImageElement)
const emptyBox = element('empty', HTMLElement)
const messageBox = element('message', HTMLElement)
const retryButton = element('retry', HTMLButtonElement)

const overlay = new Overlay(element('overlay', HTMLCanvasElement))
const faceList = new FaceList(element('faces', HTMLElement), element('summary', HTMLElement))
const meters = new Meters({ time: element('frame-time', HTMLElement), rate: element('frame-rate', HTMLElement), size: element('size', HTMLElement) })

/** @type {MaskDetector | undefined} */
let detector
/** @type {import('./lib/index.js').Camera | undefined} */
let camera
let stopWatching = () => {}
/** @type {import('./settings.js').Settings} */
let settings = {}
/** @type {Blob | undefined} what is shown, to look again after a setting has changed */
let shownPicture
/** Counts what the person asked for, so that an answer that comes too late is not shown. */
let wish = 0

// --- Messages

/**
 * @param {string} text
 * @param {() => void} [retry]
 */
function complain(text, retry) {
  element('message-text', HTMLElement).textContent = text
  retryButton.hidden = retry === undefined
  retryButton.onclick = () => {
    messageBox.hidden = true
    retry?.()
  }
  messageBox.hidden = false
}

/** @type {Partial<Record<import('./lib/index.js').ErrorCode, string>>} */
const EXPLANATIONS = {
  camera_denied: 'The camera is not allowed for this page. Allow it with the camera sign in the address bar, or choose a picture instead.',
  camera_missing: 'No camera was found. You can choose a picture instead.',
  camera_busy: 'The camera is in use by another program, or does not work. Close the other program and try again.',
  camera_insecure: 'Browsers give a camera only to pages from https or localhost. You can choose a picture instead.',
  image_invalid: 'This is not a picture that your browser can open.',
  image_too_large: 'This picture is too large: at most 32768 pixels a side and 128 megapixels.',
  unsupported: 'Your browser is too old for this page: it lacks WebAssembly SIMD. Chrome 91, Firefox 89 and Safari 16.4 have it.',
}

/** @param {unknown} error @returns {string} */
function explain(error) {
  if (!(error instanceof MaskDetectorError)) return `Something went wrong: ${error instanceof Error ? error.message : error}`
  return EXPLANATIONS[error.code] ?? `Something went wrong: ${error.message}`
}

// --- The stage

/**
 * @param {'none' | 'video' | 'picture'} what
 * @param {{ width: number, height: number }} [size]
 */
function show(what, size) {
  stage.dataset['show'] = what
  if (size) stage.style.setProperty('--aspect', String(size.width / size.height))
  else stage.style.removeProperty('--aspect')
}

function clear() {
  wish++
  shownPicture = undefined
  messageBox.hidden = true
  overlay.clear()
  meters.clear()
}

// --- Start

async function load() {
  emptyBox.classList.add('busy')
  element('empty-text', HTMLElement).textContent = 'Loading the networks…'
  try {
    detector = await MaskDetector.create()
  } catch (error) {
    element('empty-text', HTMLElement).textContent = 'Not loaded.'
    complain(explain(error), load)
    return
  } finally {
    emptyBox.classList.remove('busy')
  }
  const { minFaceScore, minMaskProbability } = detector.options
  settings = connectSettings(element('settings', HTMLFormElement), { minFaceScore, minMaskProbability, videoSize: VIDEO_SIZE }, (changed) => {
    settings = changed
    applySettings()
    if (shownPicture) lookAtPicture(shownPicture)
  })
  applySettings()
  element('empty-text', HTMLElement).textContent = 'Start the camera, or choose, drop or paste a picture.'
  element('version', HTMLElement).textContent = `Version ${VERSION}, ${detector.info.wasm === 'relaxed-simd' ? 'relaxed SIMD' : 'SIMD'}.`
  cameraButton.disabled = chooseButton.disabled = false
  document.documentElement.dataset['ready'] = 'true'
  countRequests(element('requests', HTMLElement))
}

function applySettings() {
  const { minFaceScore, minMaskProbability, videoSize = VIDEO_SIZE } = settings
  detector?.setOptions({ minFaceScore, minMaskProbability, videoDetectionSize: videoSize }).catch((error) => complain(explain(error)))
}

// --- Camera

async function startCamera() {
  clear()
  const own = wish
  cameraButton.disabled = true
  try {
    const opened = await cameras.open(deviceSelect.value ? { deviceId: deviceSelect.value } : {})
    if (own !== wish) return opened.stop()
    camera = opened
    opened.ended.then(() => {
      if (camera !== opened) return
      stopCamera()
      complain('The camera was disconnected.', startCamera)
    })
    await play(opened)
    await fillDevices(opened)
  } catch (error) {
    if (own !== wish) return
    stopCamera()
    complain(explain(error), startCamera)
  } finally {
    cameraButton.disabled = false
  }
}

/** @param {import('./lib/index.js').Camera} opened */
async function play(opened) {
  cameraButton.textContent = 'Stop camera'
  cameraButton.setAttribute('aria-pressed', 'true')
  video.classList.toggle('mirrored', opened.mirrored)
  video.srcObject = opened.stream
  await video.play()
  if (camera !== opened || !detector) return
  show('video', { width: video.videoWidth, height: video.videoHeight })
  stopWatching = detector.watch(
    video,
    (result) => {
      overlay.show(result, { mirrored: opened.mirrored })
      faceList.show(result.faces, { live: true })
      meters.frame(result)
      stage.style.setProperty('--aspect', String(result.width / result.height))
    },
    (error) => {
      stopCamera()
      complain(explain(error), startCamera)
    },
  )
}

function stopCamera() {
  stopWatching()
  stopWatching = () => {}
  const stopped = camera
  camera = undefined
  stopped?.stop()
  video.srcObject = null
  cameraButton.textContent = 'Start camera'
  cameraButton.setAttribute('aria-pressed', 'false')
  clear()
  show('none')
  faceList.clear('Nothing to look at yet.')
}

/** @param {import('./lib/index.js').Camera} opened */
async function fillDevices(opened) {
  const listed = await cameras.list()
  const present = opened.stream.getVideoTracks()[0]?.getSettings().deviceId
  deviceSelect.replaceChildren(...listed.map(({ deviceId, label }, index) => new Option(label || `Camera ${index + 1}`, deviceId, false, deviceId === present)))
  deviceSelect.hidden = listed.length < 2
}

// --- Pictures

/** @param {Blob} file */
async function openPicture(file) {
  if (!detector) return
  if (camera) stopCamera()
  clear()
  if (file.size > 256 * MB) return complain('This file is too large: at most 256 MB.')
  await lookAtPicture(file)
}

/** @param {Blob} file */
async function lookAtPicture(file) {
  const own = ++wish
  try {
    const result = await /** @type {MaskDetector} */ (detector).detect(file)
    if (own !== wish) return
    if (shownPicture !== file) await place(file)
    if (own !== wish) return
    show('picture', result)
    overlay.show(result, { mirrored: false })
    faceList.show(result.faces, { live: false })
    meters.picture(result)
  } catch (error) {
    if (own !== wish) return
    show('none')
    faceList.clear('Nothing to look at yet.')
    complain(explain(error))
  }
}

/** @param {Blob} file */
async function place(file) {
  URL.revokeObjectURL(picture.src)
  picture.src = URL.createObjectURL(file)
  await picture.decode()
  shownPicture = file
}

/** @param {DataTransfer | null} data @returns {File | undefined} */
const pictureIn = (data) => [...(data?.files ?? [])].find(({ type }) => type.startsWith('image/')) ?? data?.files[0]

cameraButton.addEventListener('click', () => (camera ? stopCamera() : startCamera()))
chooseButton.addEventListener('click', () => fileInput.click())
fileInput.addEventListener('change', () => {
  const [file] = fileInput.files ?? []
  if (file) openPicture(file)
  fileInput.value = '' // so that the same file can be chosen again
})
deviceSelect.addEventListener('change', () => {
  stopCamera()
  startCamera()
})
addEventListener('dragover', (event) => {
  event.preventDefault()
  stage.classList.add('dropping')
})
addEventListener('dragleave', (event) => {
  if (event.relatedTarget === null) stage.classList.remove('dropping')
})
addEventListener('drop', (event) => {
  event.preventDefault()
  stage.classList.remove('dropping')
  const file = pictureIn(event.dataTransfer)
  if (file) openPicture(file)
})
addEventListener('paste', (event) => {
  const file = pictureIn(event.clipboardData)
  if (file) openPicture(file)
})

load()
