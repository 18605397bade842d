/* The sliders: kept by the browser between visits, in force at once. */

/** @typedef {{ minFaceScore?: number, minMaskProbability?: number, videoSize?: number }} Settings */

const KEY = 'maskcheck-settings'

/** @type {[id: string, name: keyof Settings, show: (value: number) => string][]} */
const SLIDERS = [
  ['min-face-score', 'minFaceScore', (value) => value.toFixed(2)],
  ['min-mask-probability', 'minMaskProbability', (value) => value.toFixed(2)],
  ['video-size', 'videoSize', (value) => `${value} px`],
]

/**
 * @param {HTMLFormElement} form
 * @param {Required<Settings>} defaults
 * @param {(settings: Settings) => void} onChange only what differs from the defaults is in it
 * @returns {Settings} as kept from the last visit
 */
export function connectSettings(form, defaults, onChange) {
  let settings = load()
  const input = (/** @type {string} */ id) => /** @type {HTMLInputElement} */ (form.elements.namedItem(id))
  const show = () => {
    for (const [id, name, text] of SLIDERS) {
      const value = settings[name] ?? defaults[name]
      input(id).value = String(value)
      const output = /** @type {HTMLOutputElement} */ (form.elements.namedItem(`${id}-value`))
      output.value = text(value)
    }
  }
  const change = (/** @type {Settings} */ changed) => {
    settings = changed
    save(settings)
    show()
    onChange(settings)
  }
  for (const [id, name] of SLIDERS) input(id).addEventListener('input', () => change({ ...settings, [name]: input(id).valueAsNumber }))
  form.addEventListener('reset', (event) => {
    event.preventDefault()
    change({})
  })
  form.addEventListener('submit', (event) => event.preventDefault())
  show()
  return settings
}

/** @returns {Settings} */
function load() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? '{}')
    return Object.fromEntries(SLIDERS.flatMap(([, name]) => (typeof kept[name] === 'number' ? [[name, kept[name]]] : [])))
  } catch {
    return {} // private windows may forbid it
  }
}

/** @param {Settings} settings */
function save(settings) {
  try {
    localStorage.setItem(KEY, JSON.stringify(settings))
  } catch {
    // As above: then they last as long as the page.
  }
}
