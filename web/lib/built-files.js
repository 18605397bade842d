/* Written by web/build.mjs into the built library, which knows its own files; in a source tree there are none to know. */

/** SHA-256 of the files of this package, by name; hexadecimal. @type {Readonly<Record<string, string>>} */
export const SHA256 = Object.freeze({})
