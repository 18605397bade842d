/* What the page remembers between visits. Private windows may forbid it: then things last as long as the page. */

/** @param {string} key @returns {unknown} undefined where nothing is kept */
export function recall(key) {
  try {
    const text = localStorage.getItem(key)
    return text === null ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}

/** @param {string} key @param {unknown} value */
export function keep(key, value) {
  try {
    localStorage.setItem(key, JSON.stringify(value))
  } catch {
    // Not kept, see above.
  }
}
