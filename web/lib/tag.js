/**
 * The class of an object, by name and not by instanceof: those of an iframe have other classes, and in a worker most are missing.
 * @param {unknown} value
 * @returns {string} "Uint8Array"
 */
export const tagOf = (value) => Object.prototype.toString.call(value).slice(8, -1)
