import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createServer } from 'node:http'
import { after, before, test } from 'node:test'
import { addressOf } from '../../web/lib/asset-urls.js'
import { compileModule, loadBytes } from '../../web/lib/assets.js'
import { identifyFile } from '../../web/lib/integrity.js'
import { progressOf } from '../../web/lib/progress.js'
import { chooseWasm } from '../../web/lib/wasm-choice.js'
import { listen } from '../../web/serve.mjs'

/** @param {import('../../web/lib/assets.js').Asset} asset @param {string} what @param {AbortSignal} [signal] */
const load = (asset, what, signal) => loadBytes(asset, what, () => {}, signal)

let failures = 0
const server = createServer((request, response) => {
  if (request.url === '/model') response.end(Buffer.from([1, 2, 3]))
  else if (request.url?.endsWith('/page')) response.end('\n <!DOCTYPE html><title>start page</title>')
  else if (request.url === '/flaky' && failures++ === 0) response.writeHead(503).end()
  else if (request.url === '/flaky') response.end(Buffer.from([7]))
  else if (request.url === '/broken') response.writeHead(200, { 'content-length': '100' }).write('x', () => response.destroy())
  else if (request.url === '/slow') response.writeHead(200, { 'content-length': '100' }).write('x')
  else if (request.url !== '/never') response.writeHead(404).end('no')
})
let base = ''
before(async () => {
  base = `http://localhost:${await listen(server, 0)}`
})
after(() => {
  server.closeAllConnections()
  server.close()
})

test('an asset may be bytes, an address, a response or a file', async () => {
  const bytes = new Uint8Array([1, 2, 3])
  for (const asset of [bytes, bytes.buffer, `${base}/model`, new URL(`${base}/model`), new Response(bytes)]) {
    assert.deepEqual(await load(asset, 'face model'), bytes)
  }
  assert.notEqual((await load(bytes, 'face model')).buffer, bytes.buffer, 'a copy, because it is handed over to the worker')
  assert.ok((await load(new URL(import.meta.url), 'face model')).length > 100)
})

test('what is not there is said, with its address', async () => {
  await assert.rejects(load(`${base}/missing`, 'mask model'), { code: 'load_failed', message: /mask model.*\/missing.*404/ })
  await assert.rejects(load(new URL('./missing', import.meta.url), 'mask model'), { code: 'load_failed', message: /mask model/ })
  await assert.rejects(load('http://127.0.0.1:1/', 'mask model'), { code: 'load_failed' })
  await assert.rejects(load('/no/page', 'mask model'), { code: 'load_failed', message: /not a URL.*"\/no\/page".*pathToFileURL.*serverExternalPackages/ })
})

test('a page in place of a file is recognised', async () => {
  await assert.rejects(load(`${base}/page`, 'face model'), { code: 'load_failed', message: /web page.*\/page/ })
  for (const start of ['<!doctype html>', '\ufeff\n<HTML lang="en">', '<head>', '<!-- start page -->']) {
    await assert.rejects(load(new Response(start), 'face model'), { code: 'load_failed', message: /web page/ }, start)
  }
})

test('an address is relative to the page, whose <base> counts', async (t) => {
  t.after(() => Reflect.deleteProperty(globalThis, 'document'))
  Object.assign(globalThis, { document: { baseURI: `${base}/deep/in/` } })
  assert.deepEqual(await load('../../model', 'face model'), new Uint8Array([1, 2, 3]))
})

test('what a bundler left out is said', async () => {
  const prebundled = ['/node_modules/.vite/deps/', '/node_modules/.cache/vite/client/deps/', '/.angular/cache/21.2.27/app/vite/deps/']
  for (const name of ['missing', 'page']) {
    for (const folder of prebundled) {
      await assert.rejects(load(base + folder + name, 'face model'), { code: 'load_failed', message: /Vite .* exclude: \['maskcheck'\].*Angular/ })
    }
    await assert.rejects(load(`${base}/${name}`, 'face model'), ({ message }) => !/Vite|copy/.test(message))
  }
  for (const name of ['face.onnx', 'mask.onnx', 'maskcheck-relaxed.wasm', 'maskcheck-simd.wasm']) {
    await assert.rejects(load(`${base}/${name}`, 'face model'), { code: 'load_failed', message: /404 \(copy worker\.js.* assetsUrl\)$/ })
  }
})

test('a load that broke off or failed can be repeated', async () => {
  await assert.rejects(load(`${base}/broken`, 'face model'), { code: 'load_failed', message: /broke off/ })
  await assert.rejects(load(`${base}/flaky`, 'face model'), { code: 'load_failed', message: /503/ })
  assert.deepEqual(await load(`${base}/flaky`, 'face model'), new Uint8Array([7]))
})

test('loading can be aborted, with the reason given', async () => {
  for (const asset of [`${base}/never`, `${base}/slow`, await fetch(`${base}/slow`)]) {
    const controller = new AbortController()
    const loading = load(asset, 'face model', controller.signal)
    setTimeout(() => controller.abort(new Error('left the page')), 20)
    await assert.rejects(loading, { message: 'left the page' })
  }
})

test('what has come is told, as a share of all files', async () => {
  /** @type {unknown[]} */
  const told = []
  const progress = progressOf((share) => void told.push(share), new AbortController())
  const [first, second] = [progress(6), progress(2)]
  await loadBytes(`${base}/model`, 'mask model', first)
  await loadBytes(new Uint8Array(2), 'face model', second)
  assert.deepEqual(told, [3 / 8, 5 / 8])
  await loadBytes(new Response(new Uint8Array(9)), 'face model', second)
  assert.equal(told.pop(), 1, 'what is larger than was known does not count for more than all')
  const unknown = progress(undefined)
  await loadBytes(`${base}/model`, 'wasm file', unknown)
  assert.equal(told.pop(), undefined)
  const stop = new AbortController()
  let late = 0
  const add = progressOf(() => void late++, stop)(6)
  stop.abort()
  add(3)
  assert.equal(late, 0, 'nothing is told after the end')
})

test('only WebAssembly becomes a module', async () => {
  await assert.rejects(compileModule(new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8])), { code: 'load_failed', message: /not WebAssembly/ })
  await assert.rejects(compileModule(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 99])), { code: 'load_failed', message: /compiled/ })
  assert.ok((await compileModule(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]))) instanceof WebAssembly.Module)
})

test('a file of the package is compared with what it was when built, one of the user is not', async () => {
  const bytes = new TextEncoder().encode('abc')
  const sha256 = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad' // FIPS 180-4's own example
  const known = { 'face.onnx': { sha256 }, 'mask.onnx': { sha256: sha256.replace('b', 'c') } }
  const verified = async (/** @type {[string | undefined, object?]} */ [name, options]) => {
    const about = await identifyFile(bytes, name, { known, ...options })
    return [about.verified, about.sha256]
  }
  assert.deepEqual(await verified(['face.onnx']), [true, sha256])
  assert.deepEqual(await verified([undefined]), [false, sha256])
  assert.deepEqual(await verified(['face.onnx', { known: {} }]), [false, sha256])
  await assert.rejects(identifyFile(bytes, 'mask.onnx', { known }), { code: 'hash_mismatch', message: new RegExp(`mask\\.onnx.*${sha256}.*${known['mask.onnx'].sha256}`) })
  const insecure = await identifyFile(bytes, 'mask.onnx', { known, subtle: null })
  assert.deepEqual([insecure.verified, insecure.verifiedReason], [false, 'there is no SHA-256 here: the page is neither https nor localhost'])
})

test('a folder of the user takes the place of the own one, whatever a bundler called the file', () => {
  const own = { name: 'face.onnx', url: new URL('https://example.org/assets/face-Bx81.onnx') }
  assert.equal(addressOf(own), own.url)
  assert.equal(addressOf(own, '/static'), '/static/face.onnx')
  assert.equal(addressOf(own, new URL('https://cdn.example/x/')), 'https://cdn.example/x/face.onnx')
})

test('the wasm file is chosen by what the engine knows', () => {
  const engine = (/** @type {boolean[]} */ ...answers) => ({ validate: () => answers.shift() ?? false })
  assert.equal(chooseWasm(false, engine(true)).variant, 'relaxed-simd')
  assert.equal(chooseWasm(false, engine(false, true)).variant, 'simd')
  assert.throws(() => chooseWasm(false, engine(false, false)), { code: 'unsupported' })
  assert.throws(() => chooseWasm(false, null), { code: 'unsupported' })
})

test('the questions to the engine are well-formed modules', () => {
  if (chooseWasm(false).variant === 'relaxed-simd') return
  const code = `import { chooseWasm } from ${JSON.stringify(new URL('../../web/lib/wasm-choice.js', import.meta.url).href)}; process.stdout.write(chooseWasm(false).variant)`
  const answer = execFileSync(process.execPath, ['--experimental-wasm-relaxed-simd', '--input-type=module', '-e', code], { encoding: 'utf8' })
  assert.equal(answer, 'relaxed-simd')
})
