import { keep, recall } from './storage.js'
import { de } from './texts-de.js'
import { en } from './texts-en.js'
import { es } from './texts-es.js'
import { zh } from './texts-zh.js'

/** @typedef {keyof typeof en} TextKey */
/** @typedef {'en' | 'de' | 'es' | 'zh'} Language */

/** @type {Record<Language, { name: string, table: Record<TextKey, string> }>} */
export const LANGUAGES = {
  en: { name: 'English', table: en },
  de: { name: 'Deutsch', table: de },
  es: { name: 'Español', table: es },
  zh: { name: '中文', table: zh },
}

const KEY = 'maskcheck-language'

/** @type {Language} */
let language = 'en'

/** @param {unknown} tag @returns {tag is Language} */
const isKnown = (tag) => typeof tag === 'string' && Object.hasOwn(LANGUAGES, tag)

/**
 * @param {TextKey} key
 * @param {Record<string, string | number>} [values] for the words in braces
 */
export const text = (key, values = {}) => LANGUAGES[language].table[key].replaceAll(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ''))

/** @param {number} probability [0, 1] @returns {string} never 100 %, which no network can promise */
export const percent = (probability) => new Intl.NumberFormat(language, { style: 'percent' }).format(Math.min(0.99, probability))

/** @param {number} value @param {number} digits behind the decimal sign @returns {string} */
export const decimal = (value, digits) => new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value)

/** @param {readonly string[]} names @returns {string} */
export const listed = (names) => new Intl.ListFormat(language).format(names)

/** Writes the fixed texts of the page anew. */
function translatePage() {
  document.documentElement.lang = language === 'zh' ? 'zh-Hans' : language
  document.title = text('title')
  for (const element of document.querySelectorAll('[data-text]')) element.textContent = text(keyIn(element, 'data-text'))
  for (const element of document.querySelectorAll('[data-label]')) element.setAttribute('aria-label', text(keyIn(element, 'data-label')))
  for (const element of document.querySelectorAll('[data-alt]')) element.setAttribute('alt', text(keyIn(element, 'data-alt')))
}

/** @param {Element} element @param {string} attribute */
const keyIn = (element, attribute) => /** @type {TextKey} */ (element.getAttribute(attribute))

/**
 * The language kept from the last visit, or else the first that the browser asks for and the page speaks.
 * @param {HTMLSelectElement} select
 * @param {() => void} onChange the fixed texts are already changed
 */
export function connectLanguages(select, onChange) {
  const kept = recall(KEY)
  language = isKnown(kept) ? kept : (navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase()).find(isKnown) ?? 'en')
  select.replaceChildren(...Object.entries(LANGUAGES).map(([tag, { name }]) => new Option(name, tag, false, tag === language)))
  for (const option of select.options) option.lang = option.value
  select.addEventListener('change', () => {
    if (!isKnown(select.value)) return
    language = select.value
    keep(KEY, language)
    translatePage()
    onChange()
  })
  translatePage()
}
