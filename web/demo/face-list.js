import { FaceRow } from './face-row.js'
import { History } from './history.js'
import { LABELS, countLabels, shortName, signOf, summarise } from './labels.js'
import { make } from './dom.js'
import { text } from './texts.js'

/** @typedef {import('./draw-faces.js').MaskFace} MaskFace */

const MEMORY_MS = 1500
const SHOWN_FACES = 12 // of a camera, whose list changes many times a second

/** The list of faces beside the picture, how many there are of each label, and one sentence that is also read out. */
export class FaceList {
  #list
  #summary
  #counts
  /** @type {FaceRow[]} */
  #rows = []
  /** @type {Map<number, History>} by trackId */
  #histories = new Map()
  /** @type {{ at: number, sentence: string }[]} what was true lately */
  #lately = []
  #saidAt = 0

  /** @param {{ list: HTMLElement, summary: HTMLElement, counts: HTMLElement }} elements summary: a live region */
  constructor({ list, summary, counts }) {
    this.#list = list
    this.#summary = summary
    this.#counts = counts
    new ResizeObserver(() => this.#letScroll()).observe(list)
  }

  /**
   * @param {readonly MaskFace[]} faces
   * @param {{ live: boolean, numbers: boolean }} options live: of a camera, where the sentence is what was true most of
   *   the time lately and does not change more often, so that a screen reader does not chatter
   */
  show(faces, { live, numbers }) {
    const now = performance.now()
    if (live) this.#remember(faces, now)
    // In a video everybody keeps a place in the list; a picture's faces come largest first.
    const shown = live ? faces.slice(0, SHOWN_FACES).sort((a, b) => (a.trackId ?? 0) - (b.trackId ?? 0)) : faces
    for (const row of this.#rows.splice(shown.length)) row.item.remove()
    shown.forEach((face, index) => {
      const row = (this.#rows[index] ??= this.#addRow())
      row.show(face, { number: numbers ? (face.trackId ?? index + 1) : undefined, now, history: this.#histories.get(face.trackId ?? 0) })
    })
    this.#letScroll()
    this.#showCounts(faces)
    const sentence = summarise(faces)
    if (!live) return this.#say(sentence)
    this.#lately = [...this.#lately.filter(({ at }) => now - at < MEMORY_MS), { at: now, sentence }]
    if (now - this.#saidAt < MEMORY_MS) return
    this.#saidAt = now
    this.#say(mostFrequent(this.#lately.map((each) => each.sentence)))
  }

  clear() {
    for (const row of this.#rows.splice(0)) row.item.remove()
    this.#letScroll()
    this.#histories.clear()
    this.#lately = []
    this.#saidAt = performance.now() - MEMORY_MS / 2
    this.#showCounts([])
    this.#say(text('nothing'))
  }

  /** By keyboard, where there is more than is seen. */
  #letScroll() {
    this.#list.tabIndex = this.#list.scrollHeight > this.#list.clientHeight ? 0 : -1
  }

  #addRow() {
    const row = new FaceRow()
    this.#list.append(row.item)
    return row
  }

  /** @param {readonly MaskFace[]} faces @param {number} now ms */
  #remember(faces, now) {
    for (const { trackId = 0, missedTime, mask } of faces) {
      const history = this.#histories.get(trackId) ?? new History()
      this.#histories.set(trackId, history)
      if (missedTime === 0) history.add(mask.value, now)
    }
    for (const [trackId, history] of this.#histories) if (history.isOver(now)) this.#histories.delete(trackId)
  }

  /** @param {readonly MaskFace[]} faces */
  #showCounts(faces) {
    const counts = countLabels(faces)
    if (this.#counts.children.length === 0) {
      this.#counts.append(...LABELS.map((label) => make('li', {}, signOf(label), make('b'), make('span'))))
    }
    LABELS.forEach((label, index) => {
      const [, number, name] = this.#counts.children[index]?.children ?? []
      if (number) number.textContent = String(counts[label])
      if (name) name.textContent = shortName(label)
    })
  }

  /** @param {string} sentence */
  #say(sentence) {
    if (this.#summary.textContent !== sentence) this.#summary.textContent = sentence
  }
}

/** @param {string[]} sentences @returns {string} */
function mostFrequent(sentences) {
  const count = (/** @type {string} */ sentence) => sentences.filter((each) => each === sentence).length
  return sentences.reduce((best, sentence) => (count(sentence) > count(best) ? sentence : best))
}
