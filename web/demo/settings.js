/* The settings: kept by the browser between visits, in force at once. */
import { keep, recall } from './storage.js'
import { decimal } from './texts.js'

/** @typedef {'minFaceScore' | 'minMaskProbability' | 'trackSmoothingTime' | 'videoDetectionSize' | 'detectionSize' | 'maxFaces'} SliderName options of the library */
/** @typedef {Partial<Record<SliderName, number>> & { numbers?: boolean }} Settings what differs from the defaults */

const KEY = 'maskcheck-settings'
const NUMBERS = 'numbers'

/** @type {Record<SliderName, { id: string, show: (value: number) => string }>} */
const SLIDERS = {
  minFaceScore: { id: 'min-face-score', show: (value) => decimal(value, 2) },
  minMaskProbability: { id: 'min-mask-probability', show: (value) => decimal(value, 2) },
  trackSmoothingTime: { id: 'smoothing', show: (value) => `${value} ms` },
  videoDetectionSize: { id: 'video-size', show: (value) => `${value} px` },
  detectionSize: { id: 'picture-size', show: (value) => `${value} px` },
  maxFaces: { id: 'max-faces', show: String },
}

const NAMES = /** @type {SliderName[]} */ (Object.keys(SLIDERS))

export class SettingsForm {
  #form
  #defaults
  #onChange
  /** @type {Settings} */
  #settings

  /**
   * @param {HTMLFormElement} form
   * @param {Record<SliderName, number>} defaults
   * @param {(settings: Settings) => void} onChange
   */
  constructor(form, defaults, onChange) {
    this.#form = form
    this.#defaults = defaults
    this.#onChange = onChange
    this.#settings = this.#recall()
    for (const name of NAMES) {
      const input = this.#input(SLIDERS[name].id)
      input.addEventListener('input', () => this.change({ [name]: input.valueAsNumber }))
    }
    const numbers = this.#input(NUMBERS)
    numbers.addEventListener('change', () => this.change({ numbers: numbers.checked }))
    form.addEventListener('submit', (event) => event.preventDefault())
    form.addEventListener('reset', (event) => {
      event.preventDefault()
      this.#set({})
    })
    this.show()
  }

  /** Does the person want to see the numbers of faces? */
  get numbers() {
    return this.#settings.numbers ?? false
  }

  /** For the library: all of them, `undefined` where the default holds. @returns {import('./lib/index.js').DetectionOptions} */
  get options() {
    return Object.fromEntries(NAMES.map((name) => [name, this.#settings[name]]))
  }

  /** @param {SliderName} name */
  value(name) {
    return this.#settings[name] ?? this.#defaults[name]
  }

  /** @param {Settings} changed the others stay */
  change(changed) {
    this.#set({ ...this.#settings, ...changed })
  }

  /** @param {Settings} settings */
  #set(settings) {
    this.#settings = settings
    keep(KEY, settings)
    this.show()
    this.#onChange(settings)
  }

  /** Also after the language has changed. */
  show() {
    for (const name of NAMES) {
      const { id, show } = SLIDERS[name]
      this.#input(id).value = String(this.value(name))
      const output = /** @type {HTMLOutputElement} */ (this.#form.elements.namedItem(`${id}-value`))
      output.value = show(this.value(name))
    }
    this.#input(NUMBERS).checked = this.numbers
  }

  /** @returns {Settings} what the sliders can be set to: another version of the page may have had others */
  #recall() {
    const kept = recall(KEY)
    if (typeof kept !== 'object' || kept === null) return {}
    const isSetting = (/** @type {[string, unknown]} */ [name, value]) => {
      if (name === NUMBERS) return typeof value === 'boolean'
      if (!Object.hasOwn(SLIDERS, name)) return false
      const input = this.#input(SLIDERS[/** @type {SliderName} */ (name)].id)
      input.value = String(value) // A slider corrects what it cannot show.
      return input.valueAsNumber === value
    }
    return Object.fromEntries(Object.entries(kept).filter(isSetting))
  }

  /** @param {string} id */
  #input(id) {
    return /** @type {HTMLInputElement} */ (this.#form.elements.namedItem(id))
  }
}
