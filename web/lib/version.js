/** Version of this library; its WebAssembly file has to be of the same one. */
export const VERSION = '0.1.0'
