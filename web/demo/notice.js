import { make } from './dom.js'
import { text } from './texts.js'

/** @typedef {import('./texts.js').TextKey} TextKey */
/**
 * @typedef {object} Words
 * @property {TextKey} key
 * @property {Record<string, string | number>} [values]
 * @property {string} [detail] in English, comes last
 */

/** A box with a message, a button for what can be done about it, and a button that closes it. */
export class Notice {
  #box
  #words
  #action
  #elsewhere
  /** @type {Words | undefined} */
  #shown

  /**
   * @param {HTMLElement} box holds a p and two buttons, of the classes action and close
   * @param {HTMLElement} elsewhere gets the focus when the box goes
   */
  constructor(box, elsewhere) {
    this.#box = box
    this.#elsewhere = elsewhere
    this.#words = /** @type {HTMLElement} */ (box.querySelector('p'))
    this.#action = /** @type {HTMLButtonElement} */ (box.querySelector('.action'))
    box.querySelector('.close')?.addEventListener('click', () => this.hide())
  }

  /**
   * @param {Words} words
   * @param {() => void} [act] the message goes before it is called
   */
  show(words, act) {
    this.#shown = words
    this.#action.hidden = act === undefined
    this.#action.onclick = () => {
      this.hide()
      act?.()
    }
    this.translate()
    this.#box.classList.add('shown')
  }

  hide() {
    // Whoever goes by keyboard goes on at the picture, not at the top of the page.
    if (this.#box.contains(document.activeElement)) this.#elsewhere.focus()
    this.#box.classList.remove('shown')
    this.#words.replaceChildren()
    this.#shown = undefined
  }

  /** After the language has changed. */
  translate() {
    if (this.#shown === undefined) return
    const { key, values, detail } = this.#shown
    this.#words.replaceChildren(text(key, values), ...(detail ? [' ', make('span', { lang: 'en', textContent: detail })] : []))
  }
}
