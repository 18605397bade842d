import { MaskDetectorError } from './errors.js'

/* The smallest modules that use a vector instruction of each level: a function of type () -> v128 with the
   instructions in the middle. */
const HEAD = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0]
/** @param {number[]} instructions @returns {Uint8Array<ArrayBuffer>} */
const moduleWith = (instructions) =>
  new Uint8Array([...HEAD, 10, instructions.length + 4, 1, instructions.length + 2, 0, ...instructions, 11])
const CONST = [65, 0, 253, 15] // i32.const 0, i8x16.splat
const SIMD = moduleWith([...CONST, 253, 98]) // i8x16.popcnt
const RELAXED_SIMD = moduleWith([...CONST, ...CONST, 253, 128, 2]) // i8x16.relaxed_swizzle

/** @typedef {'simd' | 'relaxed-simd'} WasmVariant */

/**
 * Which of the two .wasm files this browser can run.
 * @param {boolean} given whether there is one of the caller's own
 * @param {{ validate: (bytes: Uint8Array<ArrayBuffer>) => boolean } | null} [webAssembly] null: there is none
 * @returns {{ variant: WasmVariant | 'custom', reason: string }}
 * @throws {MaskDetectorError} `unsupported`
 */
export function chooseWasm(given, webAssembly = globalThis.WebAssembly ?? null) {
  if (webAssembly === null) {
    throw new MaskDetectorError('unsupported', 'maskcheck needs WebAssembly, which is missing or switched off here')
  }
  if (given) return { variant: 'custom', reason: 'it was given as an option' }
  if (webAssembly.validate(RELAXED_SIMD)) {
    return { variant: 'relaxed-simd', reason: 'this engine has relaxed SIMD' }
  }
  if (webAssembly.validate(SIMD)) return { variant: 'simd', reason: 'this engine has SIMD but no relaxed SIMD' }
  throw new MaskDetectorError('unsupported', 'maskcheck needs WebAssembly SIMD (Chrome 100, Firefox 114, Safari 16.4, or newer)')
}
