import { make } from './dom.js'
import { text } from './texts.js'

/** @typedef {{ name: string, file: string, text: import('./texts.js').TextKey }} Sample */

/**
 * Sample pictures to try, where the page was built with some. All are fetched at once, so that opening one is no request.
 * @param {HTMLElement} box
 * @param {HTMLElement} list in it
 * @param {(picture: File) => void} onOpen
 * @returns {Promise<() => void>} writes their names anew
 */
export async function showSamples(box, list, onOpen) {
  /** @type {Sample[]} */
  const samples = await (await load('list.json')).json()
  const shown = await Promise.all(
    samples.map(async (sample) => {
      const picture = new File([await (await load(sample.file)).blob()], sample.file, { type: 'image/jpeg' })
      const image = make('img', { src: URL.createObjectURL(picture), width: 96, height: 72 })
      const button = make('button', { type: 'button', onclick: () => onOpen(picture) }, image)
      button.dataset['sample'] = sample.name
      return { sample, image, item: make('li', {}, button) }
    }),
  )
  list.append(...shown.map(({ item }) => item))
  const translate = () => shown.forEach(({ sample, image }) => (image.alt = text(sample.text)))
  translate()
  box.hidden = samples.length === 0
  return translate
}

/** @param {string} name of a file */
async function load(name) {
  const response = await fetch(new URL(`samples/${name}`, import.meta.url))
  if (!response.ok) throw new Error(`samples/${name}: HTTP ${response.status}`)
  return response
}
