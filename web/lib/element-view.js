/** @typedef {import('./result.js').MaskFace} MaskFace */

/**
 * The words of `<mask-check>`, to be replaced for other languages.
 * @typedef {object} ElementTexts
 * @property {string} name of the whole, for screen readers
 * @property {string} start on the button
 * @property {string} stop on the button
 * @property {string} loading
 * @property {string} muted of a camera that is on but gives no picture, as when its lid is closed
 * @property {string} noFace
 * @property {string} without_mask
 * @property {string} mask_worn_incorrectly
 * @property {string} mask_worn_correctly
 * @property {string} uncertain of a face whose label is not sure (yet)
 * @property {Partial<Record<import('./errors.js').ErrorCode, string>>} errors by code; where there is none, the error's own English message
 */

/** @type {Readonly<ElementTexts>} */
export const ENGLISH = Object.freeze({
  name: 'Mask check',
  start: 'Start camera',
  stop: 'Stop camera',
  loading: 'Loading…',
  muted: 'The camera gives no picture',
  noFace: 'No face found',
  without_mask: 'Without mask',
  mask_worn_incorrectly: 'Mask worn incorrectly',
  mask_worn_correctly: 'Mask worn correctly',
  uncertain: 'Not sure',
  errors: {},
})

// Colours dark enough for white text; a box always has a sign, too, and words if it is the only one or wide.
const STYLE = `
:host { display: block; font-family: system-ui, sans-serif; line-height: 1.4; }
:host([hidden]), [hidden] { display: none !important; }
#stage { position: relative; overflow: hidden; background: #101918; border-radius: 8px; }
video, img { display: block; width: 100%; height: auto; }
.mirrored { transform: scaleX(-1); }
.box { --colour: #4a5654; --sign: '?'; container-type: inline-size; position: absolute; box-sizing: border-box; border: 3px solid var(--colour); border-radius: 8px;
  box-shadow: 0 0 0 1.5px #fff, inset 0 0 0 1.5px #fff; }
.box > span { position: absolute; left: 50%; bottom: calc(100% + 5px); transform: translateX(-50%); padding: 0.1em 0.65em;
  border-radius: 99px; background: var(--colour); color: #fff; font-size: 0.875em; font-weight: 600; white-space: nowrap; print-color-adjust: exact; }
.box.inside > span { bottom: 4px; }
.box.left > span { left: -3px; transform: none; }
.box.right > span { left: auto; right: -3px; transform: none; }
.box > span::before { content: var(--sign); }
.box b { font-weight: inherit; margin-inline-start: 0.4em; }
@container (max-width: 10.6em) { .box:not(.alone) b { display: none; } }
.mask_worn_correctly { --colour: #16703f; --sign: '\\2713'; }
.mask_worn_incorrectly { --colour: #9a4f00; --sign: '!'; }
.without_mask { --colour: #b01e3c; --sign: '\\d7'; }
.uncertain { --colour: #4a5654; --sign: '?'; border-style: dashed; }
#bar { display: flex; flex-wrap: wrap; align-items: center; gap: 0.5em 1em; margin-block-start: 0.5em; }
button { min-height: 2.75em; padding: 0 1.1em; border: 1px solid transparent; border-radius: 8px; background: #0f766e; color: #fff; font: inherit; font-weight: 600; cursor: pointer; }
button:focus-visible { outline: 3px solid #0f766e; outline-offset: 2px; box-shadow: 0 0 0 2px #fff; }
p { margin: 0; }
`

/** A sentence about a video stays at least so long, so that a screen reader does not chatter; ms. */
const SENTENCE_MS = 1500

/**
 * What was found, and how it is shown.
 * @typedef {object} Scene
 * @property {import('./result.js').DetectionResult} result
 * @property {boolean} live of a video
 * @property {boolean} mirrored
 */

/** What `<mask-check>` shows, in its shadow root. */
export class ElementView {
  video = document.createElement('video')
  image = document.createElement('img')
  #root
  #stage = document.createElement('div')
  #button = document.createElement('button')
  #status = document.createElement('p')
  /** @type {HTMLElement[]} one for each face, kept from frame to frame */
  #boxes = []
  /** @type {Scene | undefined} */
  #scene
  /** When the last sentence about it was said. */
  #saidAt = 0
  #texts = ENGLISH
  /** Of the picture. @type {string | null} */
  #alt = null
  /** What the status says. @type {(texts: Readonly<ElementTexts>) => string} */
  #words = () => ''
  #running = false

  /**
   * @param {ShadowRoot} root
   * @param {() => void} toggle called when the button is used
   */
  constructor(root, toggle) {
    this.#root = root
    this.adoptStyle()
    const group = document.createElement('div')
    const bar = document.createElement('div')
    group.setAttribute('role', 'group')
    this.#stage.id = 'stage'
    bar.id = 'bar'
    this.video.muted = true
    this.video.playsInline = true
    // Pictures of other origins can be read only if their server allows it.
    this.image.crossOrigin = 'anonymous'
    this.#button.type = 'button'
    this.#button.addEventListener('click', toggle)
    this.#status.setAttribute('role', 'status')
    for (const [name, part] of Object.entries({ group, stage: this.#stage, video: this.video, image: this.image, button: this.#button, status: this.#status })) {
      part.setAttribute('part', name)
    }
    this.#stage.append(this.video, this.image)
    bar.append(this.#button, this.#status)
    group.append(this.#stage, bar)
    root.append(group)
    this.showCamera(false)
    this.show('none')
    this.texts = ENGLISH
  }

  /** A document that takes the element over drops what it had. */
  adoptStyle() {
    // Not a <style> element: a page's content security policy may forbid those. A document without a window shows nothing,
    // nor do those of unit tests, which may lack style sheets made so.
    const { defaultView } = this.#root.ownerDocument
    if (defaultView === null) return
    const sheet = new defaultView.CSSStyleSheet()
    sheet.replaceSync?.(STYLE)
    this.#root.adoptedStyleSheets = [sheet]
  }

  /** @param {Readonly<ElementTexts>} texts */
  set texts(texts) {
    this.#texts = texts
    for (const part of [this.#stage.parentElement, this.video]) part?.setAttribute('aria-label', texts.name)
    this.alt = this.#alt
    this.running = this.#running
    if (this.#scene) this.showScene({ ...this.#scene, live: false })
    else this.say(this.#words)
  }

  get texts() {
    return this.#texts
  }

  /** @param {string | null} alt */
  set alt(alt) {
    this.#alt = alt
    this.image.alt = alt ?? this.#texts.name
  }

  /** @param {boolean} running whether the camera does, or is about to */
  set running(running) {
    this.#running = running
    this.#button.textContent = running ? this.#texts.stop : this.#texts.start
  }

  get running() {
    return this.#running
  }

  /** @param {boolean} there whether there is a button for the camera */
  showCamera(there) {
    this.#button.hidden = !there
  }

  /** @param {'video' | 'image' | 'none'} what */
  show(what) {
    this.#stage.hidden = what === 'none'
    this.video.hidden = what !== 'video'
    this.image.hidden = what !== 'image'
  }

  /** @param {(texts: Readonly<ElementTexts>) => string} words for everybody, also for those who listen; said again in other texts */
  say(words) {
    this.#words = words
    const sentence = words(this.#texts)
    if (this.#status.textContent !== sentence) this.#status.textContent = sentence
  }

  clear() {
    this.#scene = undefined
    this.#drawBoxes([])
    this.say(() => '')
  }

  /** @param {Scene} scene */
  showScene(scene) {
    const { result: { width, height, faces }, live, mirrored } = scene
    this.#drawBoxes(faces.map((face) => {
      const part = { left: face.box.x / width, top: face.box.y / height, width: face.box.width / width, height: face.box.height / height }
      return { face, part: { ...part, left: mirrored ? 1 - part.left - part.width : part.left } }
    }))
    const now = performance.now()
    if (!live || this.#scene === undefined || now - this.#saidAt >= SENTENCE_MS) {
      this.#saidAt = now
      this.say(() => this.#sentence(faces))
    }
    this.#scene = scene
  }

  /** @param {readonly MaskFace[]} faces */
  #sentence(faces) {
    if (faces.length === 0) return this.#texts.noFace
    /** @type {Map<string, number>} */
    const counts = new Map()
    for (const face of faces) counts.set(this.#wordsOf(face), (counts.get(this.#wordsOf(face)) ?? 0) + 1)
    return [...counts].map(([words, count]) => (faces.length === 1 ? words : `${words}: ${count}`)).join(', ')
  }

  /** @param {MaskFace} face */
  #wordsOf({ uncertain, mask }) {
    return uncertain ? this.#texts.uncertain : this.#texts[mask.value]
  }

  /** @param {{ face: MaskFace, part: Record<'left' | 'top' | 'width' | 'height', number> }[]} faces parts of the picture, [0, 1] */
  #drawBoxes(faces) {
    while (this.#boxes.length < faces.length) this.#boxes.push(this.#stage.appendChild(makeBox()))
    for (const box of this.#boxes.splice(faces.length)) box.remove()
    faces.forEach(({ face, part }, index) => {
      const box = /** @type {HTMLElement} */ (this.#boxes[index])
      const centre = part.left + part.width / 2
      // Words at the edge of the picture would be cut off.
      const side = centre < 0.25 ? ' left' : centre > 0.75 ? ' right' : ''
      box.className = `box ${face.mask.value}${face.uncertain ? ' uncertain' : ''}${part.top < 0.1 ? ' inside' : ''}${side}${faces.length === 1 ? ' alone' : ''}`
      for (const [property, value] of Object.entries(part)) box.style.setProperty(property, `${(value * 100).toFixed(2)}%`)
      const words = /** @type {HTMLElement} */ (box.querySelector('b'))
      words.textContent = this.#wordsOf(face)
    })
  }
}

function makeBox() {
  const box = document.createElement('div')
  box.setAttribute('part', 'box')
  // The status says the same in words.
  box.setAttribute('aria-hidden', 'true')
  const label = document.createElement('span')
  label.append(document.createElement('b')) // on narrow boxes it would lie over its neighbour's
  box.append(label)
  return box
}
