import { element, make } from './dom.js'
import { SteadyCondition, brightness, conditionOf } from './conditions.js'
import { explain } from './explain.js'
import { FaceList } from './face-list.js'
import { LastingDetector } from './lasting-detector.js'
import { MaskDetector, VERSION } from './lib/index.js'
import { Live } from './live.js'
import { Meters } from './meters.js'
import { countRequests } from './network-count.js'
import { Notice } from './notice.js'
import { keepOffline } from './offline.js'
import { Overlay } from './overlay.js'
import { Pictures } from './pictures.js'
import { showSamples } from './samples.js'
import { SettingsForm } from './settings.js'
import { SlowDevice, smallerSize } from './slow-device.js'
import { Strip } from './strip.js'
import { annotate, download } from './take-away.js'
import { connectLanguages, listed, text } from './texts.js'

document.documentElement.dataset['started'] = 'true'

const cameraButton = element('camera', HTMLButtonElement)
const chooseButton = element('choose', HTMLButtonElement)
const copyButton = element('copy', HTMLButtonElement)
const saveButton = element('save', HTMLButtonElement)
const fileInput = element('file', HTMLInputElement)
const deviceSelect = element('device', HTMLSelectElement)
const stage = element('stage', HTMLElement)
const video = element('video', HTMLVideoElement)
const emptyText = element('empty-text', HTMLElement)
const progress = element('progress', HTMLProgressElement)
const hint = element('hint', HTMLElement)

const message = new Notice(element('message', HTMLElement), stage)
const slowNotice = new Notice(element('slow', HTMLElement), stage)
const updateNotice = new Notice(element('update', HTMLElement), stage)
const overlay = new Overlay(element('overlay', HTMLCanvasElement))
const faceList = new FaceList({ list: element('faces', HTMLElement), summary: element('summary', HTMLElement), counts: element('counts', HTMLElement) })
const meters = new Meters({
  time: element('frame-time', HTMLElement),
  rate: element('frame-rate', HTMLElement),
  size: element('size', HTMLElement),
  graph: element('graph', HTMLCanvasElement),
})
const slowDevice = new SlowDevice()
let steady = new SteadyCondition()
/** Of the stage; each picture comes in one of its own. */
let image = element('picture', HTMLImageElement)

/** @type {Readonly<import('./lib/index.js').DetectorInfo> | undefined} undefined: nothing is loaded yet */
let loaded
/** @type {SettingsForm | undefined} */
let settings
/** @type {import('./lib/index.js').DetectionResult | import('./lib/index.js').VideoResult | undefined} what is on the stage */
let seen
/** @type {import('./pictures.js').Picture | undefined} whose picture is on the stage */
let placed
/** Names of those opened last that could not be read. @type {string[]} */
let unreadable = []
/** Counts placements, of which only the last one matters. */
let placements = 0
/** @type {import('./texts.js').TextKey} */
let emptyKey = 'loading'
/** @type {import('./texts.js').TextKey | undefined} */
let hintKey
/** @type {boolean | undefined} */
let offline
let translateSamples = () => {}

/** @type {(share: number | undefined) => void} */
const onProgress = (share) => (share === undefined ? progress.removeAttribute('value') : (progress.value = share))
const detectors = new LastingDetector(() => MaskDetector.create({ ...settings?.options, onProgress }))

const view = () => ({ mirrored: live.mirrored, numbers: settings?.numbers ?? false })

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

/** @param {import('./texts.js').TextKey} [key] */
function showHint(key) {
  hintKey = key
  const words = key ? text(key) : ''
  if (hint.textContent !== words) hint.textContent = words
}

function clearFaces() {
  seen = undefined
  overlay.clear()
  faceList.clear()
  copyButton.disabled = saveButton.disabled = true
}

function clearStage() {
  placed = undefined
  show('none')
  showHint()
  clearFaces()
  meters.clear()
  slowNotice.hide()
}

/** @param {NonNullable<typeof seen>} result */
function showFaces(result) {
  seen = result
  stage.style.setProperty('--aspect', String(result.width / result.height))
  overlay.show(result, view())
  faceList.show(result.faces, { live: live.running, numbers: view().numbers })
  copyButton.disabled = saveButton.disabled = false
}

// --- Camera

const live = new Live(video, deviceSelect, detectors, {
  onResult(result) {
    const now = performance.now()
    showFaces(result)
    meters.frame(result)
    showHint(steady.next(result, video, now))
    if (slowDevice.frame(result.timings.total, now)) offerSmallerSize()
  },
  onChange(running) {
    showCameraButton()
    sayEmpty('invitation')
    if (running) show('video', { width: video.videoWidth, height: video.videoHeight })
    else clearStage()
  },
  onError: (error) => message.show(explain(error), startCamera),
  onUnplugged: () => message.show({ key: 'cameraEnded' }, startCamera),
  onMuted() {
    clearFaces()
    showHint('cameraMuted')
  },
})

async function startCamera() {
  if (!loaded) return
  message.hide()
  pictures.leave()
  clearStage()
  slowDevice.reset()
  steady = new SteadyCondition()
  const started = live.start()
  sayEmpty('askingForCamera')
  showCameraButton()
  await started
}

function showCameraButton() {
  cameraButton.textContent = text(live.wanted ? 'stopCamera' : 'startCamera')
  cameraButton.classList.toggle('running', live.running)
}

function offerSmallerSize() {
  const smaller = smallerSize(settings?.value('videoDetectionSize') ?? 0)
  if (smaller) slowNotice.show({ key: 'slow' }, () => settings?.change({ videoDetectionSize: smaller }))
}

// --- Pictures

const pictures = new Pictures((blob) => detectors.use((detector) => detector.detect(blob)), {
  onList: () => strip.show(pictures),
  onShow: showPicture,
  onFailed(error, picture) {
    const words = explain(error, picture.name)
    const isUnreadable = words.key === 'notPicture'
    if (isUnreadable && picture.result) words.key = 'gone' // It was a picture when it was looked at before.
    if (isUnreadable) unreadable.push(picture.name)
    const several = isUnreadable && unreadable.length > 1
    message.show(several ? { key: 'notOpened', values: { names: listed(unreadable) } } : words)
    if (!pictures.chosen && !live.running) clearStage()
  },
  onTooLarge: (name) => message.show({ key: 'fileTooLarge', values: { name } }),
  onTooMany: (most) => message.show({ key: 'tooMany', values: { n: most } }),
})
const strip = new Strip(element('strip', HTMLElement), element('strip-list', HTMLElement), choosePicture, stage)

function turnToPictures() {
  live.stop()
  message.hide()
  unreadable = []
}

/** @param {import('./pictures.js').Picture} picture */
function choosePicture(picture) {
  turnToPictures()
  pictures.choose(picture)
}

/** @param {readonly File[]} files */
function openPictures(files) {
  if (!loaded || files.length === 0) return
  turnToPictures()
  pictures.add(files)
}

/** @param {import('./pictures.js').Picture} picture with a result */
async function showPicture(picture) {
  const result = /** @type {import('./lib/index.js').DetectionResult} */ (picture.result)
  if (placed !== picture) {
    const own = ++placements
    const next = make('img', { src: URL.createObjectURL(picture.blob) })
    const decoded = await next.decode().then(() => true, () => false)
    const isLast = own === placements && pictures.chosen === picture
    URL.revokeObjectURL(isLast && decoded ? image.src : next.src)
    if (!isLast) return
    if (!decoded) {
      clearStage()
      return message.show({ key: 'gone', values: { name: picture.name } })
    }
    place(next)
    placed = picture
  }
  show('picture', result)
  showFaces(result)
  meters.picture(result)
  showHint(conditionOf(result, brightness(image)))
}

/** The faces on the stage are those of an earlier frame: they have moved since. */
async function annotateFrame() {
  const shown = view()
  const frame = await createImageBitmap(video)
  try {
    const result = await detectors.use((detector) => detector.detect(frame))
    return await annotate(frame, result, shown)
  } finally {
    frame.close()
  }
}

/** Only when it is decoded, so that boxes and list change together with it. @param {HTMLImageElement} next */
function place(next) {
  const { id, alt, dataset } = image
  Object.assign(next, { id, alt })
  Object.assign(next.dataset, dataset)
  image.replaceWith(next)
  image = next
}

/** @param {DataTransfer | null} data @returns {File[]} all pictures, or the one file that may be one */
function picturesIn(data) {
  const files = [...(data?.files ?? [])]
  const known = files.filter(({ type }) => type.startsWith('image/'))
  return known.length > 0 ? known : files.slice(0, 1)
}

// --- Start

async function load() {
  stage.classList.add('busy')
  progress.hidden = false
  sayEmpty('loading')
  try {
    const { info, options } = await detectors.get()
    loaded = info
    settings = new SettingsForm(element('settings', HTMLFormElement), options, applySettings)
  } catch (error) {
    sayEmpty('notLoaded')
    return message.show(explain(error), load)
  } finally {
    stage.classList.remove('busy')
    progress.hidden = true
  }
  await applySettings()
  translate()
  sayEmpty('invitation')
  cameraButton.disabled = chooseButton.disabled = false
  await settle()
  document.documentElement.dataset['ready'] = 'true'
}

/** Everything that still needs the network. */
async function settle() {
  const samples = showSamples(element('samples', HTMLElement), element('sample-list', HTMLElement), (picture) => openPictures([picture]))
  translateSamples = await samples.catch(() => translateSamples) // The page does without.
  countRequests(element('requests', HTMLElement)) // Keeping the page may take as long as the network likes, and is no request of the page.
  offline = await keepOffline((use) => updateNotice.show({ key: 'update' }, use))
  translate()
}

async function applySettings() {
  slowDevice.reset()
  unreadable = []
  try {
    await detectors.use((detector) => detector.setOptions(settings?.options ?? {}))
  } catch (error) {
    message.show(explain(error))
  }
  pictures.lookAgain(!live.running)
}

/** @param {import('./texts.js').TextKey} key */
function sayEmpty(key) {
  emptyKey = key
  emptyText.textContent = text(key)
}

/** Writes all that is not fixed in the page, after the language has changed. */
function translate() {
  sayEmpty(emptyKey)
  showHint(hintKey)
  showCameraButton()
  for (const notice of [message, slowNotice, updateNotice]) notice.translate()
  translateSamples()
  strip.show(pictures)
  settings?.show()
  if (offline !== undefined) element('offline', HTMLElement).textContent = text(offline ? 'offlineReady' : 'offlineNo')
  if (loaded) element('version', HTMLElement).textContent = text('version', { version: VERSION, wasm: loaded.wasm === 'relaxed-simd' ? 'relaxed SIMD' : 'SIMD' })
  if (!seen) return faceList.clear()
  showFaces(seen)
  if (!live.running) meters.picture(seen)
}

// --- What the person does

cameraButton.addEventListener('click', () => {
  message.hide()
  if (live.wanted) live.stop()
  else startCamera()
})
chooseButton.addEventListener('click', () => fileInput.click())
fileInput.addEventListener('change', () => {
  openPictures([...(fileInput.files ?? [])])
  fileInput.value = '' // so that the same file can be chosen again
})
deviceSelect.addEventListener('change', startCamera)
element('remove', HTMLButtonElement).addEventListener('click', () => {
  pictures.clear()
  if (!live.running) clearStage()
  chooseButton.focus()
})
copyButton.addEventListener('click', async () => {
  try {
    await navigator.clipboard.writeText(JSON.stringify(seen, null, 2))
  } catch {
    return message.show({ key: 'clipboardDenied' })
  }
  copyButton.textContent = text('copied')
  setTimeout(() => (copyButton.textContent = text('copy')), 2000)
})
saveButton.addEventListener('click', async () => {
  if (!seen) return
  const name = (placed?.name ?? 'camera').replace(/\.\w+$/, '') || 'picture'
  try {
    download(await (live.running ? annotateFrame() : annotate(image, seen, view())), `${name}-maskcheck.png`)
  } catch (error) {
    message.show(explain(error))
  }
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
  openPictures(picturesIn(event.dataTransfer))
})
addEventListener('paste', (event) => openPictures(picturesIn(event.clipboardData)))

connectLanguages(element('language', HTMLSelectElement), translate)
translate()
load()
