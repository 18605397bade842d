import { make } from './dom.js'
import { LABELS, countLabels, signOf, summarise } from './labels.js'
import { text } from './texts.js'

/** @typedef {import('./pictures.js').Picture} Picture */

const THUMBNAIL = { width: 192, height: 144 } // px, for sharp screens

/** Small pictures to choose from, each with how many faces of each label are in it. */
export class Strip {
  #box
  #list
  #onChoose
  #elsewhere
  /** @type {Map<Picture, { item: HTMLLIElement, button: HTMLButtonElement, caption: HTMLElement }>} */
  #shown = new Map()

  /**
   * @param {HTMLElement} box
   * @param {HTMLElement} list in it
   * @param {(picture: Picture) => void} onChoose
   * @param {HTMLElement} elsewhere gets the focus when a picture with it goes
   */
  constructor(box, list, onChoose, elsewhere) {
    this.#box = box
    this.#list = list
    this.#onChoose = onChoose
    this.#elsewhere = elsewhere
  }

  /** @param {{ list: readonly Picture[], chosen?: Picture | undefined }} pictures */
  show({ list, chosen }) {
    this.#box.hidden = list.length === 0
    for (const [picture, { item }] of this.#shown) {
      if (list.includes(picture)) continue
      if (item.contains(document.activeElement)) this.#elsewhere.focus()
      item.remove()
      this.#shown.delete(picture)
    }
    list.forEach((picture, index) => {
      const { item, button, caption } = this.#shown.get(picture) ?? this.#add(picture)
      if (this.#list.children[index] !== item) this.#list.insertBefore(item, this.#list.children[index] ?? null)
      button.setAttribute('aria-pressed', String(picture === chosen))
      const words = picture.result ? summarise(picture.result.faces) : text('waiting')
      button.setAttribute('aria-label', `${picture.name} ${words}`.trim())
      button.title = picture.name
      fillCaption(caption, picture)
    })
  }

  /** @param {Picture} picture */
  #add(picture) {
    const canvas = make('canvas', THUMBNAIL)
    const caption = make('span', { className: 'caption' })
    const button = make('button', { type: 'button', onclick: () => this.#onChoose(picture) }, canvas, caption)
    const made = { item: make('li', {}, button), button, caption }
    this.#shown.set(picture, made)
    drawThumbnail(canvas, picture.blob)
    return made
  }
}

/** @param {HTMLElement} caption @param {Picture} picture */
function fillCaption(caption, { result }) {
  if (result === undefined) return caption.replaceChildren('…')
  const counts = countLabels(result.faces)
  const present = LABELS.filter((label) => counts[label] > 0)
  caption.replaceChildren(...(present.length === 0 ? ['–'] : present.flatMap((label) => [signOf(label), String(counts[label])])))
}

/** @param {HTMLCanvasElement} canvas @param {Blob} blob */
async function drawThumbnail(canvas, blob) {
  const bitmap = await createImageBitmap(blob).catch(() => undefined)
  if (bitmap === undefined) return // It will leave the strip as soon as it has been looked at.
  const scale = Math.max(canvas.width / bitmap.width, canvas.height / bitmap.height)
  const [width, height] = [bitmap.width * scale, bitmap.height * scale]
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'))
  context.imageSmoothingQuality = 'high'
  context.drawImage(bitmap, (canvas.width - width) / 2, (canvas.height - height) / 2, width, height)
  bitmap.close()
}
