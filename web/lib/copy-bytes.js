/**
 * @param {Uint8Array | ArrayBuffer} bytes shared ones, too
 * @returns {Uint8Array<ArrayBuffer>} the caller's own
 */
export const copyBytes = (bytes) => new Uint8Array(ArrayBuffer.isView(bytes) ? bytes : new Uint8Array(bytes))
