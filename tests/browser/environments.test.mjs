/* The library where something is missing or forbidden: policies, isolation, features of the browser, files, the camera. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, afterEach, before, describe, test } from 'node:test'
import { EXPECTED_LABELS } from '../portrait/portraits.mjs'
import { ROOT, closePages, launch, noBrowser } from './chromium.mjs'
import { POLICY, inPage, openLibrary, serveLibrary } from './library-page.mjs'

/** @typedef {Awaited<ReturnType<typeof serveLibrary>>} Served */

const ISOLATION = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' }
const RELAXED = '[253, 128, 2]' // what the library asks about, see wasm-choice.js

/** Makes a detector, or says what refused. @param {import('playwright-core').Page} page @param {object} [options] */
const create = (page, options = {}) =>
  page.evaluate(async (given) => {
    try {
      inPage.detector = await inPage.library.MaskDetector.create(given)
      return { code: 'ok', message: '', info: inPage.detector.info }
    } catch (error) {
      const { code = '', message } = /** @type {import('../../web/lib/errors.js').MaskDetectorError} */ (error)
      return { code, message, info: undefined }
    }
  }, options)

/** @param {import('playwright-core').Page} page */
const labelOf = (page) =>
  page.evaluate(async () => (await inPage.detector.detect(await inPage.loadImage('correct.png'))).faces[0]?.mask.value)

/** The label of the fifth frame that is watched: tracks begin unsure. @param {import('playwright-core').Page} page */
const watchedLabel = (page) =>
  page.evaluate(async () => {
    const video = inPage.film(await inPage.loadImage('correct.png'))
    const label = await new Promise((resolve, reject) => {
      let frames = 0
      const stop = inPage.detector.watch(video, ({ faces }) => {
        if (++frames < 5) return
        stop()
        resolve(faces[0]?.mask.value)
      }, reject)
      video.play()
    })
    return label
  })

test('the policy tested here is the one that the README names', () => {
  assert.ok(readFileSync(join(ROOT, 'README.md'), 'utf8').includes(`\`${POLICY}\``))
})

describe('the library', { skip: noBrowser }, () => {
  /** @type {Awaited<ReturnType<typeof launch>>} */
  let chromium
  /** @type {Served} */
  let strict
  before(async () => {
    chromium = await launch()
    strict = await serveLibrary()
  })
  afterEach(() => closePages(chromium.browser))
  after(async () => {
    strict.close()
    await chromium.close()
  })

  for (const [isolation, headers] of /** @type {const} */ ([['without', {}], ['with', ISOLATION]])) {
    test(`works under the policy of the README ${isolation} COOP and COEP, in a worker and in place`, async (t) => {
      const served = await serveLibrary({ 'content-security-policy': POLICY, ...headers })
      t.after(() => served.close())
      for (const worker of [true, false]) {
        const { page, problems, context } = await openLibrary(chromium.browser, served.address, { worker })
        assert.equal(await page.evaluate(() => crossOriginIsolated), isolation === 'with')
        assert.equal(await page.evaluate(() => inPage.evaluates), false, 'the policy is in force')
        problems.length = 0 // that it was tried
        assert.equal(await labelOf(page), EXPECTED_LABELS.correct)
        assert.equal(await watchedLabel(page), EXPECTED_LABELS.correct)
        assert.deepEqual(problems, [])
        await context.close()
      }
    })
  }

  const noRelaxed = `{ const { validate } = WebAssembly; WebAssembly.validate = (bytes) => !String(bytes).includes(String(${RELAXED})) && validate(bytes) }`
  for (const [feature, prelude, variant] of /** @type {const} */ ([
    ['relaxed SIMD', noRelaxed, 'simd'],
    ['VideoFrame', 'delete globalThis.VideoFrame', 'relaxed-simd'],
    ['OffscreenCanvas', 'delete globalThis.OffscreenCanvas', 'relaxed-simd'],
    ['createImageBitmap', 'delete globalThis.createImageBitmap', 'relaxed-simd'],
    ['VideoFrame, OffscreenCanvas and createImageBitmap', 'delete globalThis.VideoFrame; delete globalThis.OffscreenCanvas; delete globalThis.createImageBitmap', 'relaxed-simd'],
    ['requestVideoFrameCallback', 'if (globalThis.HTMLVideoElement) delete HTMLVideoElement.prototype.requestVideoFrameCallback', 'relaxed-simd'],
    ['workers', 'delete globalThis.Worker', 'relaxed-simd'],
  ])) {
    test(`works without ${feature}`, async () => {
      const { page, problems, context } = await openLibrary(chromium.browser, strict.address, undefined, prelude)
      const { code, info } = await create(page)
      assert.deepEqual([code, info?.wasm, info?.worker], ['ok', variant, feature !== 'workers'])
      assert.equal(await labelOf(page), EXPECTED_LABELS.correct)
      assert.equal(await watchedLabel(page), EXPECTED_LABELS.correct)
      assert.deepEqual(problems, [])
      await context.close()
    })
  }

  for (const [feature, prelude] of /** @type {const} */ ([
    ['SIMD', 'WebAssembly.validate = () => false'],
    ['WebAssembly', 'delete globalThis.WebAssembly'],
  ])) {
    test(`says that it needs ${feature}`, async () => {
      const { page, requests } = await openLibrary(chromium.browser, strict.address, undefined, prelude)
      const { code, message } = await create(page)
      assert.equal(code, 'unsupported')
      assert.match(message, new RegExp(feature))
      assert.ok(!requests.some((url) => /\.(wasm|onnx)$/.test(url)), 'nothing is loaded in vain')
    })
  }

  test('knows its files', async () => {
    const { page } = await openLibrary(chromium.browser, strict.address)
    const own = await create(page, { assetsUrl: `${strict.address}lib` })
    const files = (/** @type {typeof own.info} */ info) => [info?.wasmFile, info?.models.face, info?.models.mask].map((file) => file?.verified)
    assert.deepEqual(files(own.info), [true, true, true])
    assert.equal(own.info?.models.mask.license, 'Apache-2.0')
    for (const facts of [own.info?.models.face, own.info?.models.mask]) assert.match(facts?.accuracy ?? '', /validation/)
    assert.equal(own.info?.threads, 1)
    const given = await create(page, { maskModel: 'lib/mask.onnx', wasm: 'lib/maskcheck-simd.wasm' })
    assert.deepEqual(files(given.info), [false, true, false])
    assert.equal(given.info?.models.mask.sha256, own.info?.models.mask.sha256)
  })

  test('tells how much of them has come', async () => {
    const { page } = await openLibrary(chromium.browser, strict.address)
    const shares = await page.evaluate(async () => {
      /** @type {number[]} */
      const told = []
      inPage.detector = await inPage.library.MaskDetector.create({ onProgress: (share = NaN) => void told.push(share) })
      return told
    })
    assert.ok(shares.length >= 3, 'each of three files comes in at least one piece')
    assert.ok(shares.every((share, index) => share > (shares[index - 1] ?? 0)), shares.join())
    assert.equal(shares.at(-1), 1)
  })

  for (const name of ['face.onnx', 'mask.onnx', 'maskcheck-relaxed.wasm']) {
    test(`refuses ${name} of another release, unless it is asked for`, async () => {
      const { page, context } = await openLibrary(chromium.browser, strict.address)
      // One byte more: an unknown field, or an empty custom section, that changes nothing but the hash.
      const more = name.endsWith('.wasm') ? [0, 1, 0] : [0xf8, 0x07, 0]
      await context.route(`**/${name}`, async (route) => {
        const response = await route.fetch()
        await route.fulfill({ response, body: Buffer.concat([await response.body(), Buffer.from(more)]) })
      })
      const { code, message } = await create(page)
      assert.equal(code, 'hash_mismatch', message)
      assert.ok(message.includes(name), message)
      assert.equal(message.match(/[0-9a-f]{64}/g)?.length, 2, 'expected and found')
      const option = /** @type {Record<string, string>} */ ({ 'face.onnx': 'faceModel', 'mask.onnx': 'maskModel' })[name] ?? 'wasm'
      assert.equal((await create(page, { [option]: `lib/${name}` })).code, 'ok')
      await context.unroute(`**/${name}`)
      assert.equal((await create(page)).code, 'ok')
    })
  }

  test('takes no file of another release from the cache of the browser', async (t) => {
    const served = await serveLibrary({ 'cache-control': 'max-age=86400' })
    t.after(() => served.close())
    const { page, problems, context } = await openLibrary(chromium.browser, served.address)
    const file = join(served.folder, 'lib', 'mask.onnx')
    const bytes = readFileSync(file)
    writeFileSync(file, bytes.subarray(1))
    const fetched = () => page.evaluate(async () => (await (await fetch('lib/mask.onnx')).arrayBuffer()).byteLength)
    assert.equal(await fetched(), bytes.length - 1)
    writeFileSync(file, bytes)
    assert.equal(await fetched(), bytes.length - 1, 'it was kept')
    const { code, info } = await create(page)
    assert.deepEqual([code, info?.models.mask.verified], ['ok', true])
    assert.deepEqual(problems, [])
    await context.close()
  })

  test('works without a worker if it is itself from another origin, unless one is asked for', async (t) => {
    const [served, other] = await Promise.all([serveLibrary({}), serveLibrary({ 'access-control-allow-origin': '*' })])
    t.after(() => [served, other].forEach((each) => each.close()))
    const { page, context } = await openLibrary(chromium.browser, served.address)
    await page.evaluate(async (address) => void (inPage.library = await import(address)), `${other.address}lib/index.js`)
    const { code, info } = await create(page)
    assert.deepEqual([code, info?.worker, info?.models.face.verified], ['ok', false, true])
    assert.equal(await labelOf(page), EXPECTED_LABELS.correct)
    assert.equal((await create(page, { worker: true })).code, 'worker_failed')
    await context.close()
  })

  test('works without a worker where the page allows none, unless one is asked for', async () => {
    const served = await serveLibrary({ 'content-security-policy': POLICY.replace("worker-src 'self'", "worker-src 'none'") })
    const { page, context } = await openLibrary(chromium.browser, served.address)
    try {
      const { code, info } = await create(page)
      assert.deepEqual([code, info?.worker], ['ok', false])
      assert.match(String(info?.workerReason), /worker-src/)
      assert.equal(await labelOf(page), EXPECTED_LABELS.correct)
      assert.equal((await create(page, { worker: true })).code, 'worker_failed')
    } finally {
      await context.close()
      served.close()
    }
  })

  for (const [what, answer] of /** @type {const} */ ([
    ['nothing', { status: 404, body: 'not found' }],
    ['a web page', { contentType: 'text/html', body: '<!doctype html><title>Hello</title>' }],
  ])) {
    test(`works without a worker where ${what} is in the place of worker.js, unless one is asked for`, async () => {
      const { page, context } = await openLibrary(chromium.browser, strict.address)
      await context.route('**/worker.js', (route) => route.fulfill(answer))
      const { code, info } = await create(page)
      assert.deepEqual([code, info?.worker], ['ok', false])
      assert.match(String(info?.workerReason), /worker\.js/)
      assert.equal(await labelOf(page), EXPECTED_LABELS.correct)
      assert.equal((await create(page, { worker: true })).code, 'worker_failed')
    })
  }

  for (const hasPolicy of [true, false]) {
    test(`works where scripts must be trusted types, ${hasPolicy ? 'in a worker with' : 'in place without'} a default policy`, async (t) => {
      const served = await serveLibrary({ 'content-security-policy': `${POLICY}; require-trusted-types-for 'script'` })
      t.after(() => served.close())
      const { page, problems } = await openLibrary(chromium.browser, served.address)
      if (hasPolicy) await page.evaluate("void trustedTypes.createPolicy('default', { createScriptURL: (url) => url })")
      problems.length = 0 // that inPage.evaluates was tried
      const { code, info } = await create(page)
      assert.deepEqual([code, info?.worker], ['ok', hasPolicy])
      assert.equal(await labelOf(page), EXPECTED_LABELS.correct)
      assert.equal(problems.length, hasPolicy ? 0 : 1, String(problems)) // the worker's address
    })
  }

  test('works where a page is neither https nor localhost, and says that files were not checked', async () => {
    const { page, context } = await openLibrary(chromium.browser, strict.address)
    await context.route('http://insecure.test/**', async (route) => route.fulfill({ response: await route.fetch({ url: route.request().url().replace('http://insecure.test/', strict.address) }) }))
    await page.goto('http://insecure.test/')
    await page.waitForFunction(() => 'inPage' in globalThis)
    const { code, info } = await create(page)
    assert.deepEqual([code, info?.models.face.verified, info?.models.face.sha256], ['ok', false, undefined])
    assert.match(String(info?.wasmFile.verifiedReason), /https/)
    assert.equal(await labelOf(page), EXPECTED_LABELS.correct)
    assert.equal(await page.evaluate(() => inPage.library.camera.open().catch((error) => error.code)), 'camera_insecure')
  })

  test('has a code for each way in which a camera fails', async () => {
    const { page } = await openLibrary(chromium.browser, strict.address)
    const codes = await page.evaluate(async () => {
      const { camera } = inPage.library
      const codeOf = (/** @type {Promise<unknown>} */ work) => work.then(() => 'ok', (error) => error.code)
      const found = [await codeOf(camera.open())] // there is none
      for (const name of ['NotAllowedError', 'SecurityError', 'NotFoundError', 'OverconstrainedError', 'NotReadableError', 'AbortError']) {
        navigator.mediaDevices.getUserMedia = async () => Promise.reject(new DOMException('', name))
        found.push(await codeOf(camera.open()))
      }
      const stream = document.createElement('canvas').captureStream()
      navigator.mediaDevices.getUserMedia = async () => stream
      const unplugged = await camera.open()
      stream.getVideoTracks()[0]?.dispatchEvent(new Event('ended'))
      found.push(String((await unplugged.ended)?.code))
      const stopped = await camera.open()
      stopped.stop()
      found.push(String(await stopped.ended), String(stream.getVideoTracks()[0]?.readyState))
      return found
    })
    assert.deepEqual(codes, ['camera_missing', 'camera_denied', 'camera_denied', 'camera_missing', 'camera_missing', 'camera_busy', 'camera_busy', 'camera_lost', 'undefined', 'ended'])
  })
})
