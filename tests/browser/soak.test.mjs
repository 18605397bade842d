/* Many frames of changing size and face count in Chromium, and many detectors one after the other. How many frames:
 * MASKCHECK_SOAK_FRAMES (npm run soak takes 10000); a tenth as many detectors. */
import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { createFileServer, listen } from '../../web/serve.mjs'
import { until } from '../until.mjs'
import { launch, noBrowser, openPage } from './chromium.mjs'
import { makeLibraryFolder } from './library-folder.mjs'

const FRAMES = Number(process.env['MASKCHECK_SOAK_FRAMES'] ?? 60)
const TIMED_FRAMES = 5000 // Times of fewer say nothing on a busy machine.

const SETUP = `
import { MaskDetector } from './lib/index.js'
globalThis.soak = { MaskDetector }`

const soak = /** @type {{ MaskDetector: typeof import('../../web/lib/index.js').MaskDetector }} */ (/** @type {any} */ (undefined))

/** @type {import('node:http').Server} */
let server
let folder = ''
let address = ''

before(async () => {
  folder = makeLibraryFolder(SETUP, ['bare'])
  server = createFileServer(folder)
  address = `http://localhost:${await listen(server, 0)}/`
})
after(() => {
  server.close()
  rmSync(folder, { recursive: true })
})

/** The mean of the middle half: the browser's clock ticks too coarsely for a median. @param {number[]} values */
function typical(values) {
  const middle = [...values].sort((a, b) => a - b).slice(values.length >> 2, -values.length >> 2)
  return middle.reduce((sum, value) => sum + value, 0) / middle.length
}

describe('a long run in Chromium', { skip: noBrowser }, () => {
  test(`${FRAMES} frames take no more memory${FRAMES >= TIMED_FRAMES ? ' and no more time' : ''} at the end`, { timeout: 3600000 }, async (context) => {
    const chromium = await launch()
    try {
      const { page, problems } = await openPage(chromium.browser)
      page.setDefaultTimeout(0)
      await page.goto(address)
      await page.waitForFunction(() => 'soak' in globalThis)
      const { times, counts, memory } = await page.evaluate(async (frames) => {
        // In the page's own thread, so that its memory can be seen.
        const memories = /** @type {WebAssembly.Memory[]} */ ([])
        const instantiate = WebAssembly.instantiate
        WebAssembly.instantiate = /** @type {any} */ (async (/** @type {WebAssembly.Module} */ module, /** @type {WebAssembly.Imports} */ imports) => {
          const instance = await instantiate(module, imports)
          memories.push(/** @type {WebAssembly.Memory} */ (instance.exports['memory']))
          return instance
        })
        const detector = await soak.MaskDetector.create({ worker: false, detectionSize: 320 })
        const image = Object.assign(new Image(), { src: 'bare.png' })
        await image.decode()
        const canvas = document.createElement('canvas')
        const times = []
        const counts = new Set()
        const memory = []
        for (let frame = 0; frame < frames; frame++) {
          // Two or one or no faces, in one of five sizes.
          const faces = frame % 3
          const scale = 0.4 + 0.1 * (frame % 5)
          canvas.width = Math.round(image.width * scale * 2)
          canvas.height = Math.round(image.height * scale)
          const drawing = canvas.getContext('2d')
          for (let i = 0; i < faces; i++) drawing?.drawImage(image, (i * canvas.width) / 2, 0, canvas.width / 2, canvas.height)
          const result = await detector.detect(canvas)
          times.push(result.timings.total)
          counts.add(result.faces.length)
          memory.push(memories[0]?.buffer.byteLength ?? 0)
        }
        detector.close()
        return { times, counts: [...counts], memory }
      }, FRAMES)
      const tenth = Math.max(1, Math.floor(FRAMES / 10))
      const typicals = Array.from({ length: 10 }, (_, i) => typical(times.slice(i * tenth, (i + 1) * tenth)))
      // The best of three, so that other work on the machine is not taken for slowing.
      const first = Math.min(...typicals.slice(0, 3))
      const last = Math.min(...typicals.slice(-3))
      context.diagnostic(`faces ${counts.sort()}; WebAssembly memory ${(memory[tenth] ?? 0) / 2 ** 20} MiB after a tenth, ${(memory.at(-1) ?? 0) / 2 ** 20} MiB at the end; a frame takes ${first.toFixed(2)} ms in the best of the first three tenths, ${last.toFixed(2)} ms in the best of the last three`)
      assert.ok(counts.length > 1)
      // All sizes and counts have been seen after 15 frames.
      assert.equal(memory.at(-1), memory[Math.max(tenth, 20)])
      if (FRAMES >= TIMED_FRAMES) assert.ok(last <= 1.05 * first, `frames take longer and longer: ${typicals}`)
      assert.deepEqual(problems, [])
    } finally {
      await chromium.close()
    }
  })

  test('detectors made and closed leave no worker behind', { timeout: 3600000 }, async (context) => {
    const cycles = Math.max(5, Math.floor(FRAMES / 10))
    const chromium = await launch()
    try {
      const { page } = await openPage(chromium.browser)
      page.setDefaultTimeout(0)
      await page.goto(address)
      await page.waitForFunction(() => 'soak' in globalThis)
      await page.evaluate(async (count) => {
        const pixels = { data: new Uint8Array(64 * 64 * 4), width: 64, height: 64 }
        for (let i = 0; i < count; i++) {
          const detector = await soak.MaskDetector.create({ detectionSize: 64 })
          await detector.detect(pixels)
          detector.close()
        }
      }, cycles)
      context.diagnostic(`${cycles} cycles`)
      await until(() => page.workers().length === 0)
    } finally {
      await chromium.close()
    }
  })
})
