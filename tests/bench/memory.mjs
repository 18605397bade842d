/* What stays in a page's memory. The page runs by itself, because the browser's inspector keeps every answer of the server; the
   inspector only collects the garbage, page's and worker's, before the kernel says what the process has. MB (10^6 bytes). */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, readdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { chromium } from 'playwright-core'
import { CALM, EXECUTABLE } from '../browser/chromium.mjs'
import { ONE } from './measure.mjs'

/** @typedef {import('./contenders.mjs').Contender} Contender */
/** @typedef {import('./measure.mjs').Scene} Scene */
/** @typedef {{ contender: Contender, frames: number, portrait: string, shape: import('./page.mjs').FrameShape }} MemoryTask */

/** Until the browser has started all its processes: what is shared with them counts in part. */
const SETTLE_MS = 10000

/**
 * Above the blank page, and above the same page with the frame to look at already in it.
 * @param {Scene} scene @param {Contender[]} contenders
 */
export async function measureMemory({ server, portrait }, contenders) {
  const rows = []
  for (const contender of contenders) {
    const frames = contender.peer ? 200 : 1000
    const { blank, ready, after } = await inOwnBrowser(server, { contender, frames, portrait, shape: ONE })
    rows.push({ id: contender.id, label: contender.label, frames, blank, ready, after, 'over blank': after - blank, growth: after - ready })
  }
  return rows
}

/** @param {Scene['server']} server @param {MemoryTask} task */
async function inOwnBrowser(server, task) {
  const profile = mkdtempSync(join(tmpdir(), 'maskcheck-memory-'))
  const browser = spawn(EXECUTABLE, ['--headless=new', ...CALM, '--remote-debugging-port=0', `--user-data-dir=${profile}`, `${server.url}memory`], { stdio: 'ignore' })
  const ended = once(browser, 'exit')
  try {
    return await Promise.race([follow(server, task, /** @type {number} */ (browser.pid), profile), ended.then(() => Promise.reject(new Error('the browser ended')))])
  } finally {
    browser.kill()
    await ended
    await rm(profile, { recursive: true, force: true, maxRetries: 9, retryDelay: 200 }) // its other processes end a little later
  }
}

/**
 * Answers the page's requests, which tell how far it is.
 * @param {Scene['server']} server @param {MemoryTask} task @param {number} browser its process @param {string} profile
 * @returns {Promise<{ blank: number, ready: number, after: number }>}
 */
function follow(server, task, browser, profile) {
  /** @type {Map<number, number>} */
  let before
  let page = 0
  const sizes = { blank: NaN, ready: NaN, after: NaN }
  return new Promise((resolve, reject) => {
    /** @param {string} step @param {() => Promise<unknown>} act */
    const on = (step, act) => server.answers.set(`/memory/${step}`, () => act().catch(reject))
    on('task', async () => {
      await setTimeout(SETTLE_MS)
      before = busyTimes(browser)
      return task
    })
    for (const step of /** @type {const} */ (['blank', 'ready', 'after'])) {
      on(step, async () => {
        page ||= busiest(before, busyTimes(browser))
        await collectGarbage(profile)
        await setTimeout(SETTLE_MS)
        sizes[step] = memoryOf(page)
        if (step === 'after') resolve(sizes)
      })
    }
    on('failed', async () => reject(new Error(`${task.contender.label} failed in the page`)))
  })
}

/** @param {string} profile of the browser, which keeps its address there */
async function collectGarbage(profile) {
  const [port] = readFileSync(join(profile, 'DevToolsActivePort'), 'utf8').split('\n')
  const inspector = await chromium.connectOverCDP(`http://localhost:${port}`)
  const session = await inspector.newBrowserCDPSession()
  const { targetInfos } = await session.send('Target.getTargets')
  for (const { targetId, type } of targetInfos) {
    if (type !== 'page' && type !== 'worker') continue
    const { sessionId } = await session.send('Target.attachToTarget', { targetId })
    const collected = new Promise((resolve) => session.once('Target.receivedMessageFromTarget', resolve))
    await session.send('Target.sendMessageToTarget', { sessionId, message: JSON.stringify({ id: 1, method: 'HeapProfiler.collectGarbage' }) })
    await collected
  }
  await inspector.close() // leaves the browser alone
}

/**
 * Processor time of all pages' processes of a browser, in ticks.
 * @param {number} browser
 */
function busyTimes(browser) {
  /** @type {Map<number, { parent: number, ticks: number }>} */
  const all = new Map()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      const fields = readFileSync(`/proc/${name}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ')
      all.set(Number(name), { parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) })
    } catch {
      // ended meanwhile
    }
  }
  /** @param {number} id @returns {boolean} */
  const isBelow = (id) => id === browser || (all.has(id) && isBelow(/** @type {{ parent: number }} */ (all.get(id)).parent))
  const pages = [...all].filter(([id]) => isBelow(id) && readFileSync(`/proc/${id}/cmdline`, 'utf8').includes('--type=renderer'))
  return new Map(pages.map(([id, { ticks }]) => [id, ticks]))
}

/** @param {Map<number, number>} before @param {Map<number, number>} after */
function busiest(before, after) {
  const worked = [...after].map(([id, ticks]) => ({ id, ticks: ticks - (before.get(id) ?? 0) }))
  return worked.reduce((a, b) => (a.ticks > b.ticks ? a : b)).id
}

/** What a process has for itself, with its share of what it shares. @param {number} process */
const memoryOf = (process) => (Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${process}/smaps_rollup`, 'utf8'))?.[1]) * 1024) / 1e6
