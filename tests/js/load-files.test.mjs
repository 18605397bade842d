/* What MaskDetector.create does about files that come slowly, or not at all. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { runInNewContext } from 'node:vm'
import { MaskDetector } from '../../dist/index.js'
import { listen } from '../../web/serve.mjs'
import { ROOT } from '../package/packed.mjs'
import { until } from '../until.mjs'

/** Answers what a test says; slow files come byte by byte for as long as somebody listens. */
const open = new Set()
/** What was asked for in a folder whose files the cache has from another release. @type {string[]} */
const asked = []
/** @type {Set<string | undefined>} */
const queries = new Set()
const server = createServer((request, response) => {
  const [, folder, name = ''] = request.url?.split(/[/?]/) ?? []
  queries.add(request.url?.split('?')[1])
  const isAgain = request.headers['cache-control'] === 'no-cache'
  if (name) asked.push(isAgain ? `${name} again` : name)
  if (folder === 'wrong' || (name && !isAgain)) return response.end('of another release')
  if (folder === 'stale' || (folder === 'stuck' && name !== 'mask.onnx')) return response.end(readFileSync(join(ROOT, 'dist', name)))
  if (folder !== 'slow' && folder !== 'stuck') return response.writeHead(404).end()
  open.add(response)
  const timer = setInterval(() => response.write('x'), 2)
  response.on('close', () => {
    clearInterval(timer)
    open.delete(response)
  })
})
let base = ''
before(async () => {
  base = `http://localhost:${await listen(server, 0)}`
})
after(() => {
  server.closeAllConnections()
  server.close()
})

const allClosed = () => until(() => open.size === 0)

test('when one file is missing, the others are no longer loaded and nothing more is told', async () => {
  let told = 0
  const models = { faceModel: `${base}/slow`, maskModel: `${base}/slow` }
  const wasm = new Response(
    new ReadableStream({
      async pull(controller) {
        await until(() => told > 0)
        controller.error(new Error('gone'))
      },
    }),
  )
  await assert.rejects(MaskDetector.create({ ...models, wasm, onProgress: () => void told++ }), { code: 'load_failed', message: /gone/ })
  const before = told
  await allClosed()
  assert.equal(told, before)
})

test('an error of onProgress is that of create', async () => {
  const onProgress = () => {
    throw new Error('no bar')
  }
  await assert.rejects(MaskDetector.create({ faceModel: `${base}/slow`, maskModel: `${base}/slow`, onProgress }), { message: 'no bar' })
  await allClosed()
})

test("create stops loading when the caller's signal says so", async () => {
  const controller = new AbortController()
  const creating = MaskDetector.create({ faceModel: `${base}/slow`, signal: controller.signal, onProgress: () => controller.abort(new Error('left the page')) })
  await assert.rejects(creating, { message: 'left the page' })
  await allClosed()
})

test('a file of another release is asked for once more, past the cache', async () => {
  /** @type {number[]} */
  const shares = []
  queries.clear()
  const detector = await MaskDetector.create({ assetsUrl: `${base}/stale/?key=1`, onProgress: (share = NaN) => void shares.push(share) })
  const { wasm, wasmFile, models } = detector.info
  detector.close()
  assert.deepEqual([...queries], ['key=1'], 'the query of a folder is that of its files')
  assert.deepEqual([wasmFile, models.face, models.mask].map(({ verified }) => verified), [true, true, true])
  const names = ['face.onnx', 'mask.onnx', wasm === 'simd' ? 'maskcheck-simd.wasm' : 'maskcheck-relaxed.wasm']
  const twice = names.flatMap((name) => [name, `${name} again`])
  assert.deepEqual(asked.splice(0).sort(), twice)
  assert.ok(shares.every((share, index) => share >= (shares[index - 1] ?? 0)), shares.join())
  assert.equal(shares.at(-1), 1)

  await assert.rejects(MaskDetector.create({ assetsUrl: `${base}/wrong` }), { code: 'hash_mismatch' })
  await assert.rejects(MaskDetector.create({ faceModel: `${base}/wrong/mine`, maskModel: `${base}/wrong/mine` }), { code: 'model_invalid' })
  assert.deepEqual(asked.filter((name) => name.startsWith('mine')), ['mine', 'mine'])
  assert.equal(new Set(asked).size, asked.length - 1, asked.join())
})

test('that can be stopped, too', async () => {
  const controller = new AbortController()
  const creating = MaskDetector.create({ assetsUrl: `${base}/stuck`, signal: controller.signal })
  const stopping = until(() => open.size === 1).then(() => controller.abort(new Error('left the page')))
  await Promise.all([assert.rejects(creating, { message: 'left the page' }), stopping])
  await allClosed()
})

test('so can the start of the library itself', async (t) => {
  const controller = new AbortController()
  const { instantiate } = WebAssembly
  t.after(() => Object.assign(WebAssembly, { instantiate }))
  Object.assign(WebAssembly, {
    instantiate(/** @type {[any]} */ ...given) {
      controller.abort(new Error('left the page'))
      return instantiate(...given)
    },
  })
  await assert.rejects(MaskDetector.create({ signal: controller.signal }), { message: 'left the page' })
})

test('bytes from elsewhere are bytes', async () => {
  const foreign = runInNewContext('new Uint8Array([1, 2, 3])')
  assert.ok(!(foreign instanceof Uint8Array))
  await assert.rejects(MaskDetector.create({ faceModel: foreign, maskModel: foreign.buffer }), { code: 'model_invalid' })
})

test('without WebAssembly create says so, also with a file of the caller', async (t) => {
  const { WebAssembly } = globalThis
  t.after(() => Object.assign(globalThis, { WebAssembly }))
  Reflect.deleteProperty(globalThis, 'WebAssembly')
  for (const options of [{}, { wasm: new Uint8Array(8) }]) await assert.rejects(MaskDetector.create(options), { code: 'unsupported', message: /WebAssembly/ })
})
