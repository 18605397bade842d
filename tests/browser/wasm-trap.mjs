/**
 * A copy of a WebAssembly file in which one exported function begins with `unreachable`.
 * @param {Uint8Array} wasm
 * @param {string} name of the export
 * @returns {Uint8Array}
 */
export function withTrap(wasm, name) {
  const bytes = Uint8Array.from(wasm)
  let at = 8
  const number = () => {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++] ?? 0
      value |= (byte & 127) << shift
      if (byte < 128) return value
    }
  }
  let imports = 0
  let wanted = -1
  while (at < bytes.length) {
    const section = bytes[at++]
    const size = number()
    const end = at + size
    if (section === 2) {
      for (let left = number(); left > 0; left--) {
        for (let part = 0; part < 2; part++) {
          const length = number()
          at += length
        }
        if (bytes[at++] !== 0) throw new Error('only functions are expected to be imported')
        number()
        imports++
      }
    } else if (section === 7) {
      for (let left = number(); left > 0; left--) {
        const length = number()
        const exported = new TextDecoder().decode(bytes.subarray(at, at + length))
        at += length
        const kind = bytes[at++]
        const index = number()
        if (kind === 0 && exported === name) wanted = index - imports
      }
    } else if (section === 10) {
      const count = number()
      if (wanted < 0 || wanted >= count) throw new Error(`no function ${name}`)
      for (let index = 0; index <= wanted; index++) {
        const body = number()
        const next = at + body
        if (index === wanted) {
          for (let locals = number(); locals > 0; locals--) {
            number()
            at++
          }
          // Two bytes: the first instruction of a function that reads an argument or the stack pointer.
          bytes.fill(0, at, at + 2)
          return bytes
        }
        at = next
      }
    }
    at = end
  }
  throw new Error('no code')
}
