/* Written by web/build.mjs into the built library, which knows its own files; in a source tree there are none to know. */

/** Files of this package by name: SHA-256, hexadecimal, and size in bytes. @type {Readonly<Record<string, { sha256: string, size: number }>>} */
export const BUILT_FILES = Object.freeze({})
