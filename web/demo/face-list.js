import { LOOKS, percent, summarise } from './labels.js'

/** @typedef {import('./lib/index.js').MaskFace & { trackId?: number }} MaskFace of a picture or a video */
/** @typedef {import('./lib/index.js').MaskLabel} MaskLabel */

const LABELS = /** @type {MaskLabel[]} */ (Object.keys(LOOKS))
const MEMORY_MS = 1500
const SHOWN_FACES = 12

/** The list of faces beside the picture, and one sentence about them that is also read out. */
export class FaceList {
  #list
  #summary
  /** @type {{ at: number, sentence: string }[]} what was true lately */
  #lately = []
  #saidAt = 0

  /**
   * @param {HTMLElement} list
   * @param {HTMLElement} summary a live region
   */
  constructor(list, summary) {
    this.#list = list
    this.#summary = summary
  }

  /**
   * @param {readonly MaskFace[]} faces
   * @param {{ live: boolean }} options live: of a camera, where the sentence is what was true most of the time
   *   lately and does not change more often, so that a screen reader does not chatter
   */
  show(faces, { live }) {
    // In a video everybody keeps a place in the list; a picture's faces come largest first.
    const shown = faces.slice(0, SHOWN_FACES).sort((a, b) => (a.trackId ?? 0) - (b.trackId ?? 0))
    while (this.#list.children.length > shown.length) this.#list.lastElementChild?.remove()
    shown.forEach((face, index) => fillItem(this.#list.children[index] ?? this.#list.appendChild(makeItem()), face))
    const sentence = summarise(faces)
    if (!live) return this.say(sentence)
    const now = performance.now()
    this.#lately = [...this.#lately.filter(({ at }) => now - at < MEMORY_MS), { at: now, sentence }]
    if (now - this.#saidAt < MEMORY_MS) return
    this.#saidAt = now
    this.say(mostFrequent(this.#lately.map((each) => each.sentence)))
  }

  /** @param {string} sentence */
  clear(sentence) {
    this.#list.replaceChildren()
    this.#lately = []
    this.#saidAt = performance.now()
    this.say(sentence)
  }

  /** @param {string} sentence */
  say(sentence) {
    if (this.#summary.textContent !== sentence) this.#summary.textContent = sentence
  }
}

/** @param {string[]} sentences @returns {string} */
function mostFrequent(sentences) {
  const count = (/** @type {string} */ sentence) => sentences.filter((each) => each === sentence).length
  return sentences.reduce((best, sentence) => (count(sentence) > count(best) ? sentence : best))
}

function makeItem() {
  const item = document.createElement('li')
  const name = item.appendChild(document.createElement('div'))
  name.className = 'name'
  const svg = name.appendChild(document.createElementNS('http://www.w3.org/2000/svg', 'svg'))
  svg.setAttribute('viewBox', '0 0 24 24')
  svg.setAttribute('aria-hidden', 'true')
  const path = svg.appendChild(document.createElementNS('http://www.w3.org/2000/svg', 'path'))
  for (const [key, value] of Object.entries({ fill: 'none', stroke: 'currentColor', 'stroke-width': '3', 'stroke-linecap': 'round', 'stroke-linejoin': 'round' })) {
    path.setAttribute(key, value)
  }
  name.append(document.createElement('span'), Object.assign(document.createElement('span'), { className: 'note' }))
  const bars = item.appendChild(document.createElement('div'))
  bars.className = 'bars'
  for (const label of LABELS) {
    const bar = Object.assign(document.createElement('i'), { className: label })
    bars.append(Object.assign(document.createElement('span'), { textContent: LOOKS[label].short }), bar, document.createElement('b'))
  }
  return item
}

/** @param {Element} item @param {MaskFace} face */
function fillItem(item, face) {
  const [svg, text, note] = /** @type {[Element, Element, Element]} */ ([.../** @type {Element} */ (item.firstElementChild).children])
  const look = LOOKS[face.mask.value]
  svg.setAttribute('class', face.mask.value)
  svg.firstElementChild?.setAttribute('d', look.sign)
  text.textContent = look.text
  note.textContent = face.uncertain ? '(uncertain)' : ''
  item.setAttribute('aria-label', face.trackId === undefined ? look.text : `Person ${face.trackId}: ${look.text}`)
  LABELS.forEach((label, index) => {
    const probability = face.probabilities[label]
    item.querySelectorAll('i')[index]?.style.setProperty('--part', String(probability))
    const value = item.querySelectorAll('b')[index]
    if (value) value.textContent = percent(probability)
  })
}
