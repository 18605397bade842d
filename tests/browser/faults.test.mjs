/* What can go wrong in a page: the network, the files, the worker, the WebAssembly code, the camera, a frozen tab. Each ends in
 * an error with the documented code, and afterwards a new detector works. */
import assert from 'node:assert/strict'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { createFileServer, listen } from '../../web/serve.mjs'
import { ROOT, launch, noBrowser, openPage } from './chromium.mjs'
import { makeLibraryFolder } from './library-folder.mjs'
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
const fault = /** @type {{ library: typeof import('../../web/lib/index.js'), codeOf: (work: () => Promise<unknown>) => Promise<string>, image: () => Promise<HTMLImageElement>, detector: import('../../web/lib/index.js').MaskDetector, ended: Promise<unknown>, results: number }} */ (/** @type {any} */ (undefined))

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
    const [worker] = page.workers()
    const failed = page.evaluate(() => {
      const waiting = fault.codeOf(async () => {
        for (;;) await fault.detector.detect(await fault.image())
      })
      return waiting
    })
    await worker?.evaluate(() => void setTimeout(() => { throw new Error('boom') }))
    assert.equal(await failed, 'worker_failed')
    assert.equal(await detect(page), 'worker_failed')
    await worksAgain(page)
    await context.close()
  })

  test('a worker that ends without a word: worker_failed, for calls that wait and for later ones', async () => {
    const { context, page } = await open(chromium.browser)
    await worksAgain(page)
    const [worker] = page.workers()
    const failed = page.evaluate(() => fault.codeOf(async () => {
      for (;;) await fault.detector.detect(await fault.image())
    }))
    await worker?.evaluate(() => globalThis.close())
    assert.equal(await failed, 'worker_failed')
    assert.equal(await detect(page), 'worker_failed')
    await worksAgain(page)
    await context.close()
  })

  for (const worker of [true, false]) {
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

  test('a page that was frozen goes on', async () => {
    const { context, page } = await open(chromium.browser)
    await worksAgain(page)
    const session = await context.newCDPSession(page)
    await session.send('Page.setWebLifecycleState', { state: 'frozen' })
    await new Promise((resolve) => setTimeout(resolve, 500))
    await session.send('Page.setWebLifecycleState', { state: 'active' })
    assert.equal(await detect(page), '1 face')
    await context.close()
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
