/* The parts of the benchmark, from outside of the page. Times are ms. */
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { chromium } from 'playwright-core'
import { CALM, EXECUTABLE } from '../browser/chromium.mjs'
import { fileSizes } from './serve-roots.mjs'

/** @typedef {import('./contenders.mjs').Contender} Contender */
/** @typedef {import('./page.mjs').FrameShape} FrameShape */
/** @typedef {{ server: Awaited<ReturnType<typeof import('./serve-roots.mjs').serveRoots>>, portrait: string }} Scene */
/** @typedef {{ median: number, p90: number, least: number }} Times */

export const ONE = { width: 640, height: 480, faces: 1 }
const THREE = { width: 640, height: 480, faces: 3 }

/** @param {number[]} numbers @param {number} share */
export function quantile(numbers, share) {
  const sorted = [...numbers].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN
}

/** @param {number[]} numbers @returns {Times} */
const times = (numbers) => ({ median: quantile(numbers, 0.5), p90: quantile(numbers, 0.9), least: quantile(numbers, 0) })

/**
 * A browser with a profile of its own, and pages in it.
 * @template T
 * @param {Scene} scene
 * @param {(open: () => Promise<import('playwright-core').Page>, context: import('playwright-core').BrowserContext) => Promise<T>} use
 * @returns {Promise<T>}
 */
async function inFreshBrowser({ server }, use) {
  const profile = mkdtempSync(join(tmpdir(), 'maskcheck-bench-'))
  const context = await chromium.launchPersistentContext(profile, { executablePath: EXECUTABLE, args: CALM })
  try {
    return await use(async () => {
      const page = await context.newPage()
      await page.goto(server.url)
      await page.evaluate(async () => {
        // @ts-expect-error: an address in the served folder
        Object.assign(globalThis, await import('/bench/page.mjs'))
      })
      return page
    }, context)
  } finally {
    await context.close()
    rmSync(profile, { recursive: true, force: true })
  }
}

/**
 * Calls a function of page.mjs in the page.
 * @template {keyof typeof import('./page.mjs')} Name
 * @param {import('playwright-core').Page} page
 * @param {Name} name
 * @param {Parameters<typeof import('./page.mjs')[Name]>[0]} input
 * @returns {Promise<Awaited<ReturnType<typeof import('./page.mjs')[Name]>>>}
 */
function call(page, name, input) {
  return page.evaluate(([f, i]) => /** @type {any} */ (globalThis)[f](i), /** @type {const} */ ([name, input]))
}

/** @param {Scene} scene @param {Contender[]} contenders @param {number} rounds */
export function measureRace(scene, contenders, rounds) {
  return inFreshBrowser(scene, async (open) => {
    const { portrait } = scene
    const turns = await call(await open(), 'race', { contenders, portrait, shapes: [ONE, THREE], rounds, block: 4 })
    return turns.map(({ id, shape, found, times: all }) => ({ id, label: label(contenders, id), faces: shape?.faces, found, ...times(all) }))
  })
}

/** @param {Contender[]} contenders @param {string} id */
const label = (contenders, id) => contenders.find((contender) => contender.id === id)?.label ?? id

/**
 * Cold: in a new profile; warm: in a second page of the same profile. Once more, cold, with a trace, for what the page's main thread
 * was busy with.
 * @param {Scene} scene @param {Contender[]} contenders @param {number} starts
 */
export async function measureStart(scene, contenders, starts) {
  const rows = contenders.map((contender) => ({ contender, cold: /** @type {Start[]} */ ([]), warm: /** @type {Start[]} */ ([]), files: /** @type {string[]} */ ([]), busy: { total: NaN, longest: NaN } }))
  for (let i = 0; i <= starts; i++) {
    for (const row of rows) {
      const input = { contender: row.contender, portrait: scene.portrait, shape: ONE }
      await inFreshBrowser(scene, async (open, context) => {
        scene.server.fetched.clear()
        const page = await open()
        if (i === starts) {
          const browser = /** @type {import('playwright-core').Browser} */ (context.browser())
          await browser.startTracing(page, { categories: ['toplevel', 'blink.user_timing'] })
          await call(page, 'firstAnswer', input)
          row.busy = mainThreadTasks((await browser.stopTracing()).toString())
          row.files.push(...scene.server.fetched)
          return
        }
        row.cold.push(await call(page, 'firstAnswer', input))
        await page.close()
        row.warm.push(await call(await open(), 'firstAnswer', input))
      })
    }
  }
  return rows.map(({ contender, cold, warm, files, busy }) => {
    const sizes = files.map(fileSizes)
    const sum = (/** @type {'raw' | 'brotli'} */ kind) => sizes.reduce((total, size) => total + size[kind], 0) / 1e6
    return { id: contender.id, label: contender.label, cold: startNumbers(cold), warm: startNumbers(warm), busy, raw: sum('raw'), brotli: sum('brotli') }
  })
}

/** @typedef {Awaited<ReturnType<typeof import('./page.mjs').firstAnswer>>} Start */

/** @param {Start[]} starts */
function startNumbers(starts) {
  const median = (/** @type {keyof Start} */ key) => quantile(starts.map((one) => one[key]), 0.5)
  return { first: median('first'), ready: median('ready') }
}

/**
 * Tasks of more than 5 ms between the marks, in processor time of the thread, so that other programs do not count.
 * @param {string} trace
 */
function mainThreadTasks(trace) {
  /** @type {{ name: string, tid: number, pid: number, ts: number, tdur?: number }[]} us */
  const events = JSON.parse(trace).traceEvents
  const from = events.find(({ name }) => name === 'bench-start')
  const to = events.find(({ name }) => name === 'bench-end')
  if (from === undefined || to === undefined) throw new Error('the trace lacks its marks')
  const long = events
    .filter(({ name, tid, pid, ts }) => /RunTask$/.test(name) && tid === from.tid && pid === from.pid && ts >= from.ts && ts <= to.ts)
    .map(({ tdur = 0 }) => tdur / 1000)
    .filter((ms) => ms > 5)
  return { total: long.reduce((a, b) => a + b, 0), longest: Math.max(0, ...long) }
}

/**
 * The same frames on a calm machine and with every core busy.
 * @param {Scene} scene @param {Contender[]} contenders @param {number} rounds
 */
export function measureLoad(scene, contenders, rounds) {
  return inFreshBrowser(scene, async (open) => {
    const page = await open()
    const input = { contenders, portrait: scene.portrait, shapes: [ONE], rounds, block: 4 }
    const calm = await call(page, 'race', input)
    const busy = cpus().map(() => new Worker('for (;;);', { eval: true }))
    try {
      const loaded = await call(page, 'race', input)
      return calm.map(({ id, times: quiet }, i) => {
        const [a, b] = [quantile(quiet, 0.5), quantile(loaded[i]?.times ?? [], 0.5)]
        return { id, label: label(contenders, id), calm: a, loaded: b, ratio: b / a }
      })
    } finally {
      await Promise.all(busy.map((worker) => worker.terminate()))
    }
  })
}

/** @param {Scene} scene @param {number} rounds */
export function measureSweep(scene, rounds) {
  const point = (/** @type {string} */ axis, /** @type {FrameShape} */ shape, detectionSize = 320) => ({ axis, shape, detectionSize })
  const points = [
    ...[320, 480, 640, 960, 1280, 1920].map((width) => point('frame size', { width, height: (width * 3) / 4, faces: 1 })),
    ...[0, 1, 2, 3, 4, 6, 9].map((faces) => point('faces', { ...ONE, faces })),
    ...[128, 192, 256, 320, 416, 512, 640].map((size) => point('detection size', ONE, size)),
  ]
  return inFreshBrowser(scene, async (open) => {
    const turns = await call(await open(), 'sweep', { portrait: scene.portrait, points, rounds })
    return turns.map(({ shape, detectionSize, found, times: all }, i) => {
      const middle = (/** @type {keyof (typeof all)[number]} */ key) => quantile(all.map((one) => one[key]), 0.5)
      return { axis: points[i]?.axis, ...shape, detectionSize, found, preprocess: middle('preprocess'), finding: middle('faces'), labels: middle('masks'), total: middle('total') }
    })
  })
}
