import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createServer } from 'node:http'
import { after, before, test } from 'node:test'
import { addressOf } from '../../web/lib/asset-urls.js'
import { loadBytes, loadModule } from '../../web/lib/assets.js'
import { chooseWasm } from '../../web/lib/wasm-choice.js'

let failures = 0
const server = createServer((request, response) => {
  if (request.url === '/model') response.end(Buffer.from([1, 2, 3]))
  else if (request.url === '/page') response.end('\n <!DOCTYPE html><title>start page</title>')
  else if (request.url === '/flaky' && failures++ === 0) response.writeHead(503).end()
  else if (request.url === '/flaky') response.end(Buffer.from([7]))
  else if (request.url === '/broken') response.writeHead(200, { 'content-length': '100' }).write('x', () => response.destroy())
  else if (request.url !== '/never') response.writeHead(404).end('no')
})
let base = ''
before(async () => {
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  base = `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`
})
after(() => {
  server.closeAllConnections()
  server.close()
})

test('an asset may be bytes, an address, a response or a file', async () => {
  const bytes = new Uint8Array([1, 2, 3])
  for (const asset of [bytes, bytes.buffer, `${base}/model`, new URL(`${base}/model`), new Response(bytes)]) {
    assert.deepEqual(await loadBytes(asset, 'face model'), bytes)
  }
  assert.notEqual((await loadBytes(bytes, 'face model')).buffer, bytes.buffer, 'a copy, because it is handed over to the worker')
  assert.ok((await loadBytes(new URL(import.meta.url), 'face model')).length > 100)
})

test('what is not there is said, with its address', async () => {
  await assert.rejects(loadBytes(`${base}/missing`, 'mask model'), { code: 'load_failed', message: /mask model.*\/missing.*404/ })
  await assert.rejects(loadBytes(new URL('./missing', import.meta.url), 'mask model'), { code: 'load_failed', message: /mask model/ })
  await assert.rejects(loadBytes('http://127.0.0.1:1/', 'mask model'), { code: 'load_failed' })
  await assert.rejects(loadBytes('no address', 'mask model'), { code: 'load_failed', message: /not a URL/ })
})

test('a page in place of a file is recognised', async () => {
  await assert.rejects(loadBytes(`${base}/page`, 'face model'), { code: 'load_failed', message: /web page.*\/page/ })
  await assert.rejects(loadModule(`${base}/page`), { code: 'load_failed', message: /web page/ })
})

test('a load that broke off or failed can be repeated', async () => {
  await assert.rejects(loadBytes(`${base}/broken`, 'face model'), { code: 'load_failed', message: /broke off/ })
  await assert.rejects(loadBytes(`${base}/flaky`, 'face model'), { code: 'load_failed', message: /503/ })
  assert.deepEqual(await loadBytes(`${base}/flaky`, 'face model'), new Uint8Array([7]))
})

test('loading can be aborted, with the reason given', async () => {
  const controller = new AbortController()
  const load = loadBytes(`${base}/never`, 'face model', controller.signal)
  setTimeout(() => controller.abort(new Error('left the page')), 20)
  await assert.rejects(load, { message: 'left the page' })
})

test('only WebAssembly becomes a module', async () => {
  await assert.rejects(loadModule(new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8])), { code: 'load_failed', message: /not WebAssembly/ })
  await assert.rejects(loadModule(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 99])), { code: 'load_failed', message: /compiled/ })
  const module = await loadModule(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]))
  assert.ok(module instanceof WebAssembly.Module)
  assert.equal(await loadModule(module), module)
})

test('a folder of the user takes the place of the own one, whatever a bundler called the file', () => {
  const own = { name: 'face.onnx', url: new URL('https://example.org/assets/face-Bx81.onnx') }
  assert.equal(addressOf(own), own.url)
  assert.equal(addressOf(own, '/static'), '/static/face.onnx')
  assert.equal(addressOf(own, new URL('https://cdn.example/x/')), 'https://cdn.example/x/face.onnx')
})

test('the wasm file is chosen by what the engine knows', () => {
  const engine = (/** @type {boolean[]} */ ...answers) => ({ validate: () => answers.shift() ?? false })
  assert.equal(chooseWasm(engine(true)).variant, 'relaxed-simd')
  assert.equal(chooseWasm(engine(false, true)).variant, 'simd')
  assert.throws(() => chooseWasm(engine(false, false)), { code: 'unsupported' })
  assert.throws(() => chooseWasm(/** @type {any} */ (null)), { code: 'unsupported' })
})

test('the questions to the engine are well-formed modules', () => {
  if (chooseWasm().variant === 'relaxed-simd') return
  const code = `import { chooseWasm } from ${JSON.stringify(new URL('../../web/lib/wasm-choice.js', import.meta.url).href)}; process.stdout.write(chooseWasm().variant)`
  const answer = execFileSync(process.execPath, ['--experimental-wasm-relaxed-simd', '--input-type=module', '-e', code], { encoding: 'utf8' })
  assert.equal(answer, 'relaxed-simd')
})
