/**
 * Gives a class of elements properties that read and write its attributes.
 * @param {typeof HTMLElement} type
 * @param {Readonly<Record<string, string>>} names of the properties, by attribute
 * @param {(text: string | null) => unknown} read what a property is, given the attribute's text, or null where it is missing
 */
export function reflect({ prototype }, names, read) {
  for (const [attribute, property] of Object.entries(names)) {
    Object.defineProperty(prototype, property, {
      configurable: true,
      enumerable: true,
      get() {
        return read(this.getAttribute(attribute))
      },
      // Frameworks set properties, to `true` and `undefined`, too.
      set(value) {
        if (value === undefined || value === null || value === false) this.removeAttribute(attribute)
        else this.setAttribute(attribute, value === true ? '' : String(value))
      },
    })
  }
}
