import { copyBytes } from './copy-bytes.js'
import { MaskDetectorError } from './errors.js'
import { describe } from './options.js'
import { tagOf } from './tag.js'

/**
 * Where a file comes from: an address (relative ones to the page), its bytes, or a response on its way.
 * @typedef {string | URL | ArrayBuffer | Uint8Array | Response} Asset
 */

/**
 * @param {unknown} asset
 * @param {string} name of the option, for messages
 * @returns {asserts asset is Asset}
 */
export function checkAsset(asset, name) {
  const known = typeof asset === 'string' || ['URL', 'ArrayBuffer', 'Uint8Array', 'Response'].includes(tagOf(asset))
  if (!known) throw new TypeError(`options.${name} must be a URL, bytes or a Response, got ${describe(asset)}`)
}

/** @param {unknown} value @returns {value is URL} */
export const isUrl = (value) => tagOf(value) === 'URL'

/** @param {unknown} value @returns {value is WebAssembly.Module} */
export const isModule = (value) => tagOf(value) === 'WebAssembly.Module'

/** @param {unknown} value @returns {value is Response} */
const isResponse = (value) => tagOf(value) === 'Response'

/**
 * Nothing is remembered: after a failure the same call can be made again.
 * @param {Asset} asset
 * @param {string} what "face model", for messages
 * @param {import('./progress.js').Add} add
 * @param {AbortSignal} [signal]
 * @param {RequestCache} [cache]
 * @returns {Promise<Uint8Array<ArrayBuffer>>} bytes that are the caller's own
 * @throws {MaskDetectorError} `load_failed`
 */
export async function loadBytes(asset, what, add, signal, cache) {
  let bytes
  if (isResponse(asset)) return readResponse(asset, what, asset.url || 'the given response', add, signal)
  if (typeof asset === 'string' || isUrl(asset)) {
    const url = resolve(asset, what)
    if (url.protocol !== 'file:') return readResponse(await request(url, what, signal, cache), what, url.href, add, signal)
    bytes = await readFileUrl(url, what)
  } else bytes = copyBytes(asset)
  add(bytes.length)
  return bytes
}

/**
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @returns {Promise<WebAssembly.Module>}
 * @throws {MaskDetectorError} `load_failed`
 */
export async function compileModule(bytes) {
  if (bytes.length < 8 || String.fromCharCode(...bytes.subarray(0, 4)) !== '\0asm') {
    throw new MaskDetectorError('load_failed', 'the wasm file is not WebAssembly')
  }
  try {
    return await WebAssembly.compile(bytes)
  } catch (cause) {
    const reason = messageOf(cause)
    const advice = /unsafe-eval|CSP|Content Security|: $/.test(reason) ? " (does the Content Security Policy of the page or extension lack script-src 'wasm-unsafe-eval'?)" : ''
    throw new MaskDetectorError('load_failed', `the wasm file could not be compiled: ${reason}${advice}`, { cause })
  }
}

/** @param {unknown} cause @returns {string} */
const messageOf = (cause) => (cause instanceof Error ? cause.message : String(cause))

/**
 * @param {string | URL} address
 * @param {string} what
 * @returns {URL}
 */
function resolve(address, what) {
  const base = typeof document === 'undefined' ? globalThis.location?.href : document.baseURI
  try {
    return new URL(address, base)
  } catch (cause) {
    const advice = base === undefined ? ', and outside a page there is nothing it could be relative to: give file: or https: addresses (of a folder pathToFileURL(folder)); if a bundler made it, leave maskcheck out of the bundle of the server (Next: serverExternalPackages)' : ''
    throw new MaskDetectorError('load_failed', `the address of the ${what} is not a URL: ${JSON.stringify(String(address).slice(0, 200))}${advice}`, { cause })
  }
}

/**
 * @param {URL} url
 * @param {string} what
 * @param {AbortSignal} [signal]
 * @param {RequestCache} [cache]
 */
async function request(url, what, signal, cache = 'default') {
  try {
    return await fetch(url, { ...(signal && { signal }), credentials: 'same-origin', cache })
  } catch (cause) {
    signal?.throwIfAborted()
    throw new MaskDetectorError('load_failed', `the ${what} could not be fetched from ${url.href}: ${messageOf(cause)}`, { cause })
  }
}

/**
 * @param {Response} response
 * @param {string} what
 * @param {string} from
 * @param {import('./progress.js').Add} add
 * @param {AbortSignal} [signal]
 */
async function readResponse(response, what, from, add, signal) {
  if (!response.ok) throw new MaskDetectorError('load_failed', `the ${what} is not there: ${from} answered ${response.status}${adviceFor(from)}`)
  let bytes
  try {
    const body = response.body?.pipeThrough(counter(add), { signal }) ?? null
    bytes = new Uint8Array(await new Response(body).arrayBuffer())
  } catch (cause) {
    signal?.throwIfAborted()
    throw new MaskDetectorError('load_failed', `the ${what} broke off while loading from ${from}: ${messageOf(cause)}`, { cause })
  }
  checkNotHtml(bytes, what, from)
  return bytes
}

/**
 * @param {import('./progress.js').Add} add
 * @returns {TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>}
 */
const counter = (add) =>
  new TransformStream({
    transform(chunk, controller) {
      controller.enqueue(chunk)
      add(chunk.length)
    },
  })

/**
 * Development servers on Vite below 8 take the scripts elsewhere, without the files beside them; other bundlers do not copy these.
 * @param {string} from
 */
function adviceFor(from) {
  if (/[/.]vite\/([^/]+\/)?deps\//.test(from)) return " (Vite below 8 needs optimizeDeps: { exclude: ['maskcheck'] }, Angular prebundle: { exclude: ['maskcheck'] })"
  if (/\/(face\.onnx|mask\.onnx|maskcheck-\w+\.wasm)([?#]|$)/.test(from)) return " (copy worker.js, *.wasm and *.onnx of maskcheck's dist there, or give assetsUrl)"
  return ''
}

/**
 * Servers of single-page apps like to answer a missing file with their start page and status 200.
 * @param {Uint8Array} bytes
 * @param {string} what
 * @param {string} from
 */
function checkNotHtml(bytes, what, from) {
  const start = new TextDecoder().decode(bytes.subarray(0, 64)).trimStart().toLowerCase()
  if (/^<(!doctype|html|head|!--)/.test(start)) {
    throw new MaskDetectorError('load_failed', `a web page came instead of the ${what} from ${from}: is the file there?${adviceFor(from)}`)
  }
}

/**
 * Node has no fetch for file: addresses. Asked for through `process`, so that no bundler for the web stumbles over a
 * `node:` import.
 * @param {URL} url
 * @param {string} what
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
async function readFileUrl(url, what) {
  /** @type {{ promises: { readFile(path: URL): Promise<Uint8Array> } } | undefined} */
  const fs = /** @type {any} */ (globalThis).process?.getBuiltinModule?.('node:fs')
  if (fs === undefined) {
    throw new MaskDetectorError('load_failed', `the ${what} cannot be read from ${url.href}: serve the page over http, or use Node 20.16, or 22.3 or newer`)
  }
  try {
    return new Uint8Array(await fs.promises.readFile(url))
  } catch (cause) {
    throw new MaskDetectorError('load_failed', `the ${what} could not be read from ${url.href}: ${messageOf(cause)}`, { cause })
  }
}
