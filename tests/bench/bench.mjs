/* npm run bench: how long a frame takes in Chromium, one thread, both .wasm files and several sizes interleaved in one page, so
   that a busy machine slows all of them alike. Prints medians and the 90th percentile, ms.
   Frames are 640x480: the test portrait once, or three times side by side. */
import { parseArgs } from 'node:util'
import { createFileServer, listen } from '../../web/serve.mjs'
import { ROOT, launch, openPage } from '../browser/chromium.mjs'
import { encodePng, makePortrait } from '../portrait/portraits.mjs'

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '60' }, json: { type: 'boolean', default: false } } })
const rounds = Number(values.rounds)
if (!(Number.isInteger(rounds) && rounds > 0)) throw new Error('--rounds must be a whole number above 0')

/**
 * Runs in the page.
 * @param {{ portrait: string, rounds: number }} input
 */
async function measure({ portrait, rounds }) {
  // @ts-expect-error: an address in the served folder
  const { MaskDetector } = await import('/index.js')
  const picture = new Image()
  picture.src = portrait
  await picture.decode()

  /** @param {number} count faces in the frame */
  const frame = (count) => {
    const canvas = new OffscreenCanvas(640, 480)
    const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d', { willReadFrequently: true }))
    const width = count === 1 ? 640 : 213
    for (let i = 0; i < count; i++) context.drawImage(picture, i * width, 0, width, (width * picture.height) / picture.width)
    return context.getImageData(0, 0, 640, 480)
  }

  const cases = []
  for (const [variant, file] of [
    ['simd', 'maskcheck-simd.wasm'],
    ['relaxed', 'maskcheck-relaxed.wasm'],
  ]) {
    for (const detectionSize of [320, 640]) {
      const started = performance.now()
      const detector = await MaskDetector.create({
        wasm: new URL(/** @type {string} */ (file), location.href),
        worker: false,
        detectionSize,
      })
      const create = performance.now() - started
      for (const count of [1, 3]) {
        const first = performance.now()
        const { faces } = await detector.detect(frame(count))
        cases.push({
          variant,
          detectionSize,
          asked: count,
          found: faces.length,
          create,
          first: performance.now() - first,
          detector,
          source: frame(count),
          totals: /** @type {number[]} */ ([]),
          inside: /** @type {{ preprocess: number, faces: number, masks: number }[]} */ ([]),
        })
      }
    }
  }
  for (let round = 0; round < rounds; round++) {
    for (const each of cases) {
      const started = performance.now()
      const { timings } = await each.detector.detect(each.source)
      each.totals.push(performance.now() - started)
      each.inside.push(timings)
    }
  }
  return cases.map(({ detector, source, ...numbers }) => numbers)
}

/** @param {number[]} numbers @param {number} share */
const quantile = (numbers, share) =>
  [...numbers].sort((a, b) => a - b)[Math.min(numbers.length - 1, Math.floor(numbers.length * share))] ?? NaN

const server = createFileServer(`${ROOT}dist`)
const port = await listen(server, 0)
const { browser, close } = await launch()
try {
  const { page } = await openPage(browser)
  await page.route('**/bench', (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>bench</title>' }))
  await page.goto(`http://localhost:${port}/bench`)
  const portrait = `data:image/png;base64,${Buffer.from(encodePng(makePortrait('correct'))).toString('base64')}`
  const cases = await page.evaluate(measure, { portrait, rounds })
  const table = cases.map(({ variant, detectionSize, asked, found, create, first, totals, inside }) => {
    const row = {
      wasm: variant,
      size: detectionSize,
      faces: `${found} of ${asked}`,
      median: quantile(totals, 0.5),
      p90: quantile(totals, 0.9),
    }
    const parts = Object.fromEntries(
      /** @type {const} */ (['preprocess', 'faces', 'masks']).map((part) => [
        part === 'faces' ? 'finding' : part,
        quantile(
          inside.map((timings) => timings[part]),
          0.5,
        ),
      ]),
    )
    return { ...row, ...parts, create, first }
  })
  const rounded = table.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [name, typeof value === 'number' && name !== 'size' ? Number(value.toFixed(2)) : value]),
    ),
  )
  if (values.json) console.log(JSON.stringify(rounded))
  else console.table(rounded)
} finally {
  await close()
  server.close()
}
