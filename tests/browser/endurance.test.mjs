/* Nothing piles up: many frames, many detectors, a page that is hidden. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { until } from '../until.mjs'
import { launch, noBrowser } from './chromium.mjs'
import { inPage, openLibrary, serveLibrary } from './library-page.mjs'

const FRAMES = 1000
const CYCLES = 50
const MIB = 2 ** 20

/** Keeps an eye on each WebAssembly instance of the page and its workers. */
const COUNT_INSTANCES = `{
  const { instantiate } = WebAssembly
  globalThis.instances = []
  WebAssembly.instantiate = async (...values) => {
    const instance = await instantiate(...values)
    globalThis.instances.push(new WeakRef(instance))
    return instance
  }
}`

/** Size of the first instance's memory, bytes; for page.evaluate and worker.evaluate. */
const memoryBytes = () => {
  const [first] = /** @type {{ instances: WeakRef<WebAssembly.Instance>[] }} */ (/** @type {any} */ (globalThis)).instances
  return /** @type {WebAssembly.Memory} */ (first?.deref()?.exports['memory']).buffer.byteLength
}

/** @param {import('playwright-core').CDPSession} session @returns {Promise<number>} bytes in use after garbage collection */
async function heapBytes(session) {
  for (let i = 0; i < 3; i++) await session.send('HeapProfiler.collectGarbage')
  return (await session.send('Runtime.getHeapUsage')).usedSize
}

describe('the library over time', { skip: noBrowser }, () => {
  /** @type {Awaited<ReturnType<typeof launch>>} */
  let chromium
  /** @type {Awaited<ReturnType<typeof serveLibrary>>} */
  let served
  before(async () => {
    chromium = await launch()
    served = await serveLibrary()
  })
  after(async () => {
    served.close()
    await chromium.close()
  })

  for (const worker of [true, false]) {
    test(`${FRAMES} frames ${worker ? 'in a worker' : 'in place'} take no more memory than the first ones`, { timeout: 180000 }, async (t) => {
      const { page, context, problems, requests } = await openLibrary(chromium.browser, served.address, { worker, videoDetectionSize: 96 }, COUNT_INSTANCES)
      t.after(() => context.close())
      const session = await context.newCDPSession(page)
      const look = (/** @type {number} */ frames) =>
        page.evaluate(async (count) => {
          const image = await inPage.loadImage('correct.png')
          const canvas = Object.assign(document.createElement('canvas'), { width: 192, height: 144 })
          const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d', { willReadFrequently: true }))
          let faces = 0
          for (let i = 0; i < count; i++) {
            context.drawImage(image, i % 7, 0, 192, 144)
            const source = i % 2 === 0 ? canvas : new VideoFrame(canvas, { timestamp: i * 1000 })
            faces += (await inPage.detector.detectForVideo(source, i * 33)).faces.length
            if ('close' in source) source.close()
          }
          return faces
        }, frames)
      const sizes = async () => ({ wasm: Number(await (worker ? page.workers()[0]?.evaluate(memoryBytes) : page.evaluate(memoryBytes))), heap: await heapBytes(session) })
      await look(50)
      const early = await sizes()
      const before = requests.length
      const faces = await look(FRAMES - 50)
      const late = await sizes()
      t.diagnostic(`WebAssembly ${early.wasm / MIB} -> ${late.wasm / MIB} MiB, JavaScript ${(early.heap / MIB).toFixed(2)} -> ${(late.heap / MIB).toFixed(2)} MiB, ${faces} faces`)
      assert.ok(faces > FRAMES / 2, 'there was work to do')
      assert.ok(early.wasm > 0)
      assert.equal(late.wasm, early.wasm)
      assert.ok(late.heap - early.heap < 0.3 * MIB, `the heap grew by ${late.heap - early.heap} bytes`)
      assert.deepEqual(requests.slice(before).filter((url) => !url.endsWith('/correct.png')), [])
      assert.deepEqual(problems, [])
    })

    test(`${CYCLES} detectors made and closed ${worker ? 'in workers' : 'in place'} leave nothing behind`, { timeout: 180000 }, async (t) => {
      const { page, context } = await openLibrary(chromium.browser, served.address, undefined, COUNT_INSTANCES)
      t.after(() => context.close())
      const session = await context.newCDPSession(page)
      const cycle = (/** @type {number} */ cycles) =>
        page.evaluate(async ({ count, worker }) => {
          const image = await inPage.loadImage('bare.png')
          for (let i = 0; i < count; i++) {
            const detector = await inPage.library.MaskDetector.create({ worker, detectionSize: 96 })
            await detector.detect(image)
            detector.close()
          }
        }, { count: cycles, worker })
      await cycle(5)
      const early = await heapBytes(session)
      await cycle(CYCLES - 5)
      const late = await heapBytes(session)
      const [made, alive] = await page.evaluate(() => {
        const { instances } = /** @type {{ instances: WeakRef<object>[] }} */ (/** @type {any} */ (globalThis))
        return [instances.length, instances.filter((instance) => instance.deref() !== undefined).length]
      })
      t.diagnostic(`JavaScript ${(early / MIB).toFixed(2)} -> ${(late / MIB).toFixed(2)} MiB, ${alive} of the page's instances and ${page.workers().length} workers alive`)
      await until(() => page.workers().length === 0)
      assert.equal(made, worker ? 0 : CYCLES) // of the page's own thread
      assert.ok(alive <= 2, `${alive} of ${made} instances are still alive`)
      assert.ok(late - early < 0.3 * MIB, `the heap grew by ${late - early} bytes`)
    })
  }

  test('a hidden page looks at nothing, and goes on when it is shown', { timeout: 60000 }, async (t) => {
    const { page, context } = await openLibrary(chromium.browser, served.address, { videoDetectionSize: 96 })
    t.after(() => context.close())
    await page.evaluate(async () => {
      const video = inPage.film(await inPage.loadImage('bare.png'))
      inPage.detector.watch(video, () => void inPage.results++)
      inPage.results = 0
      await video.play()
    })
    // A browser without a window cannot hide one, so the page is told so.
    const hide = (/** @type {boolean} */ hidden) =>
      page.evaluate((value) => {
        Object.defineProperty(document, 'hidden', { value, configurable: true })
        document.dispatchEvent(new Event('visibilitychange'))
      }, hidden)
    const results = () => page.evaluate(() => inPage.results)
    const more = async () => {
      const before = await results()
      await page.waitForFunction((count) => inPage.results > count + 3, before, { polling: 50, timeout: 20000 })
    }
    await more()
    await hide(true)
    await page.evaluate(async () => void (await inPage.detector.detect(await inPage.loadImage('bare.png')))) // after the frame that was under way
    const before = await results()
    await new Promise((resolve) => setTimeout(resolve, 1000))
    assert.equal(await results(), before)
    await hide(false)
    await more()
  })
})
