/* What can go wrong in a page: the network, the files, the worker, the WebAssembly code, the camera, a frozen tab, a full disk.
 * Each ends in an error with the documented code, and afterwards a new detector works. */
import assert from 'node:assert/strict'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { createFileServer, listen } from '../../web/serve.mjs'
import { ROOT, endWorker, launch, noBrowser, openPage } from './chromium.mjs'
import { WAIT, portraitFile, serveDemo } from './demo.mjs'
import { makeLibraryFolder } from './library-folder.mjs'
import { openTab } from './tabs.mjs'
import { withTrap } from './wasm-trap.mjs'

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {import('playwright-core').Route} Route */

const SETUP = `
import * as library from './lib/index.js'
globalThis.fault = {
  library,
  async codeOf(work) {
    try {
      await work()
      return 'ok'
    } catch (error) {
      return error.code ?? error.name
    }
  },
  async image() {
    const image = Object.assign(new Image(), { src: 'bare.png' })
    await image.decode()
    return image
  },
}`

/** SETUP's object, for functions that run in the page. */
const fault = /** @type {{ library: typeof import('../../web/lib/index.js'), codeOf: (work: () => Promise<unknown>) => Promise<string>, image: () => Promise<HTMLImageElement>, detector: import('../../web/lib/index.js').MaskDetector, answer: Promise<import('../../web/lib/index.js').DetectionResult>, freezes: number, ended: Promise<unknown>, results: number }} */ (/** @type {any} */ (undefined))

/** A worker of the page's own that uses the library. */
const CALLER = `
import { MaskDetector } from './lib/index.js'
addEventListener('message', async ({ data: { image, worker } }) => {
  const detector = await MaskDetector.create({ worker })
  const answers = []
  for (let round = 0; round < 4; round++) answers.push(JSON.stringify((await detector.detect(image)).faces))
  detector.close()
  postMessage(answers)
})`

/** @type {import('node:http').Server} */
let server
let folder = ''
/** Promises a whole model and breaks off in the middle. */
const broken = createServer((_, response) => {
  const model = readFileSync(join(ROOT, 'dist', 'face.onnx'))
  response.writeHead(200, { 'content-length': model.length, 'access-control-allow-origin': '*' })
  response.write(model.subarray(0, model.length / 2), () => response.destroy())
})
let address = ''
let brokenAddress = ''

before(async () => {
  folder = makeLibraryFolder(SETUP, ['bare'])
  writeFileSync(join(folder, 'caller.js'), CALLER)
  server = createFileServer(folder)
  address = `http://localhost:${await listen(server, 0)}/`
  brokenAddress = `http://localhost:${await listen(broken, 0)}/`
})
after(() => {
  server.close()
  broken.close()
  rmSync(folder, { recursive: true })
})

/** @param {import('playwright-core').Browser} browser */
async function open(browser) {
  const opened = await openPage(browser)
  await opened.page.goto(address)
  await opened.page.waitForFunction(() => 'fault' in globalThis)
  return opened
}

/** The error of MaskDetector.create, or 'ok' and a detector. @param {Page} page @param {object} [options] */
const create = (page, options = {}) =>
  page.evaluate((given) => fault.codeOf(async () => (fault.detector = await fault.library.MaskDetector.create(given))), options)

/** How many faces the page's detector finds, or the error. @param {Page} page */
const detect = (page) =>
  page.evaluate(async () => {
    let found = ''
    const code = await fault.codeOf(async () => (found = `${(await fault.detector.detect(await fault.image())).faces.length} face`))
    return code === 'ok' ? found : code
  })

/** The page's only worker. @param {Page} page */
function workerOf(page) {
  const [worker, ...others] = page.workers()
  assert.ok(worker && others.length === 0, `${page.workers().length} workers`)
  return worker
}

/** @param {Page} page */
async function worksAgain(page) {
  assert.equal(await create(page), 'ok')
  assert.equal(await detect(page), '1 face')
}

describe('faults in a page', { skip: noBrowser }, () => {
  /** @type {Awaited<ReturnType<typeof launch>>} */
  let chromium
  before(async () => {
    chromium = await launch()
  })
  after(() => chromium.close())

  /** What comes in place of a file, and the error that is due. @type {[string, string, (route: Route) => Promise<void>, string][]} */
  const files = [
    ['the network is gone before the wasm file', '**/*.wasm', (route) => route.abort('internetdisconnected'), 'load_failed'],
    ['the network goes between the wasm file and the models', '**/*.onnx', (route) => route.abort('connectionreset'), 'load_failed'],
    ['a web page comes in place of the wasm file', '**/*.wasm', (route) => route.fulfill({ body: '<!doctype html><title>Hello</title>', contentType: 'text/html' }), 'load_failed'],
    ['a web page comes in place of a model', '**/face.onnx', (route) => route.fulfill({ body: '<html><body>Log in</body></html>', contentType: 'text/html' }), 'load_failed'],
    ['the server is broken', '**/mask.onnx', (route) => route.fulfill({ status: 500, body: 'oops' }), 'load_failed'],
    ['an empty model comes', '**/mask.onnx', (route) => route.fulfill({ body: Buffer.alloc(0) }), 'hash_mismatch'],
    ['half a model comes', '**/face.onnx', (route) => route.fulfill({ body: halfOf('face.onnx') }), 'hash_mismatch'],
    ['half a wasm file comes', '**/*.wasm', (route) => route.fulfill({ body: halfOf('maskcheck-simd.wasm'), contentType: 'application/wasm' }), 'hash_mismatch'],
    ['the models are mixed up', '**/face.onnx', (route) => route.fulfill({ path: join(ROOT, 'dist', 'mask.onnx') }), 'hash_mismatch'],
  ]
  for (const [name, pattern, answer, code] of files) {
    test(`${name}: ${code}, and then it loads`, async () => {
      const { context, page } = await open(chromium.browser)
      await context.route(pattern, answer)
      assert.equal(await create(page), code)
      await context.unroute(pattern)
      await worksAgain(page)
      await context.close()
    })
  }

  test('a model breaks off in transit', async () => {
    const { context, page } = await open(chromium.browser)
    assert.equal(await create(page, { faceModel: `${brokenAddress}face.onnx` }), 'load_failed')
    await worksAgain(page)
    await context.close()
  })

  test('a wrong MIME type does not matter', async () => {
    const { context, page } = await open(chromium.browser)
    await context.route('**/*.wasm', async (route) => route.fulfill({ response: await route.fetch(), contentType: 'text/plain' }))
    await worksAgain(page)
    await context.close()
  })

  test('an error in the worker ends it: worker_failed', async () => {
    const { context, page } = await open(chromium.browser)
    await worksAgain(page)
    const worker = workerOf(page)
    const failed = page.evaluate(() => {
      const waiting = fault.codeOf(async () => {
        for (;;) await fault.detector.detect(await fault.image())
      })
      return waiting
    })
    await worker.evaluate(() => void setTimeout(() => { throw new Error('boom') }))
    assert.equal(await failed, 'worker_failed')
    assert.equal(await detect(page), 'worker_failed')
    await worksAgain(page)
    await context.close()
  })

  test('a worker that ends without a word: worker_failed, for calls that wait and for later ones', async () => {
    const { context, page } = await open(chromium.browser)
    await worksAgain(page)
    const worker = workerOf(page)
    const failed = page.evaluate(() => fault.codeOf(async () => {
      for (;;) await fault.detector.detect(await fault.image())
    }))
    await worker.evaluate(() => globalThis.close())
    assert.equal(await failed, 'worker_failed')
    assert.equal(await detect(page), 'worker_failed')
    await worksAgain(page)
    await context.close()
  })

  test('a worker that ends while the files are loaded: worker_failed', async () => {
    const { context, page } = await open(chromium.browser)
    let finish = () => {}
    const ended = new Promise((resolve) => (finish = () => resolve(undefined)))
    await context.route('**/mask.onnx', async (route) => (await ended, route.continue()))
    const creating = create(page)
    await endWorker(page)
    finish()
    assert.equal(await creating, 'worker_failed')
    await worksAgain(page)
    await context.close()
  })

  test('where the browser denies locks, as it does with storage, the worker does without', async () => {
    const { context, page } = await open(chromium.browser)
    const deny = `navigator.locks.request = () => Promise.reject(new DOMException('denied', 'SecurityError'))\n`
    await context.route('**/worker.js', async (route) => route.fulfill({ contentType: 'text/javascript', body: deny + readFileSync(join(ROOT, 'dist', 'worker.js')) }))
    await page.evaluate(deny)
    await worksAgain(page)
    await context.close()
  })

  for (const worker of [true, false]) {
    test(`${worker ? 'a worker' : 'the page'} takes a source at the call, and none after close`, async () => {
      const { context, page, problems } = await open(chromium.browser)
      assert.equal(await create(page, { worker }), 'ok')
      const faces = await page.evaluate(async () => {
        const image = await fault.image()
        const { width, height } = image
        const canvas = Object.assign(document.createElement('canvas'), { width, height })
        const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'))
        context.drawImage(image, 0, 0)
        const pixels = context.getImageData(0, 0, width, height)
        const bitmap = await createImageBitmap(image)
        const { detector } = fault
        const calls = [detector.detect(canvas), detector.detect(pixels), detector.detect(bitmap)]
        context.clearRect(0, 0, width, height)
        pixels.data.fill(0)
        bitmap.close()
        return (await Promise.all(calls)).map((result) => result.faces.length)
      })
      assert.deepEqual(faces, [1, 1, 1])
      const foreign = await page.evaluate(async () => {
        const frame = /** @type {any} */ (document.body.appendChild(document.createElement('iframe')).contentWindow)
        const file = await (await fetch('bare.png')).arrayBuffer()
        const buffer = new frame.ArrayBuffer(file.byteLength)
        new Uint8Array(buffer).set(new Uint8Array(file))
        const growing = new /** @type {any} */ (ArrayBuffer)(file.byteLength, { maxByteLength: 2 * file.byteLength })
        new Uint8Array(growing).set(new Uint8Array(file))
        const sources = [new frame.Blob([file]), buffer, new frame.Uint8Array(buffer), buffer, growing]
        const results = await Promise.all(sources.map((source) => fault.detector.detect(source)))
        return results.map(({ faces }) => faces.length)
      })
      assert.deepEqual(foreign, [1, 1, 1, 1, 1])
      const late = await page.evaluate(async () => {
        const image = await fault.image()
        return fault.codeOf(() => {
          const answer = fault.detector.detect(image)
          fault.detector.close()
          return answer
        })
      })
      assert.equal(late, 'closed')
      assert.deepEqual(problems, [])
      await context.close()
    })

    test(`the WebAssembly code traps ${worker ? 'in the worker' : 'in the page'}: internal, from then on`, async () => {
      const { context, page } = await open(chromium.browser)
      writeFileSync(join(folder, 'trap.wasm'), withTrap(readFileSync(join(ROOT, 'dist', 'maskcheck-simd.wasm')), 'mc_session_detect'))
      assert.equal(await create(page, { wasm: `${address}trap.wasm`, worker }), 'ok')
      assert.equal(await detect(page), 'internal')
      assert.equal(await detect(page), 'internal')
      await page.evaluate(() => fault.detector.close())
      assert.equal(await detect(page), 'closed')
      await worksAgain(page)
      await context.close()
    })
  }

  test('a tab that was hidden and frozen goes on, with the call that was under way', async () => {
    const tab = await openTab(chromium.browser, address)
    await tab.until(() => 'fault' in globalThis)
    await tab.evaluate(async () => {
      const image = await fault.image()
      const canvas = Object.assign(document.createElement('canvas'), { width: image.width, height: image.height })
      setInterval(() => canvas.getContext('2d')?.drawImage(image, Math.random(), 0), 30)
      const video = Object.assign(document.createElement('video'), { muted: true, srcObject: canvas.captureStream(30) })
      await video.play()
      fault.detector = await fault.library.MaskDetector.create()
      fault.results = fault.freezes = 0
      fault.detector.watch(video, () => fault.results++)
      document.addEventListener('freeze', () => fault.freezes++)
      document.addEventListener('resume', () => void video.play()) // freezing pauses it
    })
    await tab.until(() => fault.results > 2)
    await openTab(chromium.browser, 'about:blank', tab)
    await tab.until(() => document.hidden)
    await tab.evaluate(async () => {
      const image = await fault.image()
      fault.answer = fault.detector.detect(image)
    })
    const pause = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms))
    await tab.setState('frozen')
    await pause(1000)
    await tab.setState('active')
    assert.equal(await tab.evaluate(() => fault.freezes), 1)
    assert.equal(await tab.evaluate(async () => (await fault.answer).faces.length), 1)
    // The frame that was under way when the tab was hidden is done by now, and no other has come since.
    const results = await tab.evaluate(() => fault.results)
    await pause(500)
    assert.equal(await tab.evaluate(() => fault.results), results)
    await tab.evaluate(() => void (fault.results = 0))
    await tab.show()
    await tab.until(() => fault.results > 2)
  })

  test('several detectors work at the same time, and closing one leaves the others alone', async () => {
    const { context, page } = await open(chromium.browser)
    const answers = await page.evaluate(async () => {
      const image = await fault.image()
      const detectors = await Promise.all([true, true, false].map((worker) => fault.library.MaskDetector.create({ worker })))
      const rounds = []
      for (let round = 0; round < 4; round++) {
        const results = await Promise.all(detectors.map((detector) => detector.detect(image)))
        rounds.push(...results.map(({ faces }) => JSON.stringify(faces)))
        if (round === 1) detectors.shift()?.close()
      }
      for (const detector of detectors) detector.close()
      return rounds
    })
    assert.equal(answers.length, 3 + 3 + 2 + 2)
    assert.equal(new Set(answers).size, 1)
    await context.close()
  })

  test('several workers of the page call at the same time, each with a detector of its own', async () => {
    const { context, page, problems } = await open(chromium.browser)
    const answers = await page.evaluate(async () => {
      const image = await createImageBitmap(await fault.image())
      const ask = (/** @type {boolean} */ worker) =>
        new Promise((resolve, reject) => {
          const caller = new Worker('caller.js', { type: 'module' })
          caller.onmessage = ({ data }) => (caller.terminate(), resolve(data))
          caller.onerror = reject
          caller.postMessage({ image, worker })
        })
      return /** @type {string[][]} */ (await Promise.all([false, false, true].map(ask)))
    })
    assert.equal(answers.flat().length, 12)
    assert.equal(new Set(answers.flat()).size, 1)
    assert.equal(JSON.parse(answers[0]?.[0] ?? '[]').length, 1)
    assert.deepEqual(problems, [])
    await context.close()
  })
})

describe('a full disk', { skip: noBrowser }, () => {
  test('keeps the demo page from being kept, not from working, and is over when there is room again', async () => {
    const { browser, close } = await launch()
    const site = await serveDemo()
    try {
      const { context, page, problems } = await openPage(browser)
      const session = await context.newCDPSession(page)
      const setQuota = (/** @type {number | undefined} */ quotaSize) => session.send('Storage.overrideQuotaForOrigin', { origin: new URL(site.address).origin, quotaSize })
      await setQuota(100_000)
      await page.goto(site.address)
      await page.waitForSelector('html[data-ready]', WAIT)
      await page.evaluate(() => {
        for (let size = 2 ** 22; size >= 1; ) {
          try {
            localStorage.setItem('filling', (localStorage.getItem('filling') ?? '') + ' '.repeat(size))
          } catch {
            size /= 2
          }
        }
      })
      await page.waitForFunction(() => /does not keep the page/.test(document.querySelector('#offline')?.textContent ?? ''), null, WAIT)
      await page.click('summary')
      await page.locator('#min-mask-probability').fill('0.5')
      await page.setInputFiles('#file', portraitFile('correct'))
      await page.waitForSelector('#faces li', WAIT)
      assert.match((await page.textContent('#faces')) ?? '', /^Mask worn correctly/)

      await setQuota(undefined)
      await page.evaluate(() => localStorage.clear())
      await page.reload()
      await page.waitForFunction(() => /Kept on this device/.test(document.querySelector('#offline')?.textContent ?? ''), null, WAIT)
      assert.deepEqual(problems.filter((problem) => !/quota/i.test(problem)), [])
    } finally {
      site.close()
      await close()
    }
  })
})

describe('a camera that goes away', { skip: noBrowser }, () => {
  test('is told, and the watching just stops getting frames', async () => {
    const { browser, close } = await launch({ camera: 'bare', allow: false })
    try {
      const { context, page } = await open(browser)
      await context.grantPermissions(['camera'])
      await page.evaluate(async () => {
        const detector = await fault.library.MaskDetector.create()
        const camera = await fault.library.camera.open()
        const video = document.body.appendChild(document.createElement('video'))
        video.muted = true
        video.srcObject = camera.stream
        await video.play()
        fault.detector = detector
        fault.ended = camera.ended
        fault.results = 0
        detector.watch(video, () => fault.results++)
      })
      await page.waitForFunction(() => fault.results > 2)
      await context.clearPermissions()
      const reason = await page.evaluate(async () => /** @type {{ code?: string } | undefined} */ (await fault.ended)?.code)
      assert.equal(reason, 'camera_lost')
      assert.equal(await detect(page), '1 face')
    } finally {
      await close()
    }
  })
})

/** @param {string} name of a file of the package */
function halfOf(name) {
  const bytes = readFileSync(join(ROOT, 'dist', name))
  return bytes.subarray(0, bytes.length >> 1)
}
