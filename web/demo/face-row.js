import { make } from './dom.js'
import { LABELS, changeSign, shortName, signOf } from './labels.js'
import { percent, text } from './texts.js'

/** One face in the list: what it is, how probable each answer is, and in a video what it was lately. */
export class FaceRow {
  item = make('li')
  #sign = signOf('without_mask')
  #name = make('span')
  #note = make('span', { className: 'note' })
  #number = make('span', { className: 'number' })
  #canvas = make('canvas', { className: 'history' })
  #bars = LABELS.map((label) => ({ label, name: make('span'), bar: make('i', { className: label }), value: make('b') }))
  #drawnAt = -Infinity

  constructor() {
    this.#canvas.setAttribute('role', 'img')
    const bars = this.#bars.flatMap(({ name, bar, value }) => [name, bar, value])
    this.item.append(
      make('div', { className: 'name' }, this.#sign, this.#name, this.#note, this.#number),
      make('div', { className: 'bars' }, ...bars),
      this.#canvas,
    )
  }

  /**
   * @param {import('./draw-faces.js').MaskFace} face
   * @param {{ number: number | undefined, now: number, history?: import('./history.js').History | undefined }} view
   */
  show(face, { number, now, history }) {
    changeSign(this.#sign, face.mask.value)
    setText(this.#name, text(face.mask.value))
    setText(this.#note, face.uncertain ? text('uncertain') : '')
    setText(this.#number, number === undefined ? '' : text('number', { n: number }))
    this.item.classList.toggle('missed', (face.missedTime ?? 0) > 0)
    for (const { label, name, bar, value } of this.#bars) {
      setText(name, shortName(label))
      setText(value, percent(face.probabilities[label]))
      bar.style.setProperty('--part', face.probabilities[label].toFixed(3))
    }
    this.#canvas.hidden = history === undefined
    if (history === undefined || now - this.#drawnAt < 200) return
    this.#drawnAt = now
    history.draw(this.#canvas, now)
    this.#canvas.setAttribute('aria-label', history.describe())
  }
}

/** @param {HTMLElement} element @param {string} value */
function setText(element, value) {
  if (element.textContent !== value) element.textContent = value
}
