/* Debian's Chromium for tests, with a camera that plays one of the portraits. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { writePortraitVideo } from '../portrait/video.mjs'
import { until } from '../until.mjs'

export const EXECUTABLE = process.env['MASKCHECK_CHROMIUM'] ?? '/usr/bin/chromium'
export const CALM = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run']

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** For `skip`: false, or why there can be no browser tests. On a build server they are never skipped. */
export const noBrowser = existsSync(EXECUTABLE) || process.env['CI'] ? false : `${EXECUTABLE} is missing: npm test installs it, or set MASKCHECK_CHROMIUM`

/**
 * @param {{ camera?: import('../portrait/portraits.mjs').PortraitName | 'none', allow?: boolean }} [options] camera:
 *   'none' for a machine without one; allow: whether the person gives permission
 * @returns {Promise<{ browser: import('playwright-core').Browser, close: () => Promise<void> }>}
 */
export async function launch({ camera = 'none', allow = true } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'maskcheck-browser-'))
  const args = [...CALM]
  if (camera !== 'none') {
    const video = join(folder, `${camera}.y4m`)
    writePortraitVideo(camera, video)
    args.push('--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${video}`)
    if (allow) args.push('--use-fake-ui-for-media-stream')
  }
  const browser = await chromium.launch({ executablePath: EXECUTABLE, args })
  return {
    browser,
    async close() {
      await browser.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/**
 * A page that keeps what went wrong in it and which requests and WebSockets were made by it and its workers.
 * @param {import('playwright-core').Browser} browser
 * @param {import('playwright-core').BrowserContextOptions} [options]
 */
export async function openPage(browser, options) {
  const context = await browser.newContext(options)
  const page = await context.newPage()
  /** @type {string[]} */
  const problems = []
  /** @type {string[]} */
  const requests = []
  page.on('pageerror', (error) => problems.push(String(error)))
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()))
  context.on('request', (request) => /^https?:/.test(request.url()) && requests.push(request.url()))
  page.on('websocket', (socket) => requests.push(socket.url()))
  return { context, page, problems, requests }
}

/** Closes all pages, whatever goes on in them. @param {import('playwright-core').Browser} browser */
export async function closePages(browser) {
  for (const context of browser.contexts()) {
    await context.unrouteAll({ behavior: 'ignoreErrors' })
    await context.close()
  }
}

/**
 * Ends the page's only worker as the browser might, once it holds its lock, and waits until it is gone.
 * @param {import('playwright-core').Page} page
 */
export async function endWorker(page) {
  const held = () => page.evaluate(async () => (await navigator.locks.query()).held?.length)
  await until(async () => page.workers().length > 0 && (await held()) === 1)
  await page.workers()[0]?.evaluate(() => globalThis.close())
  await until(async () => (await held()) === 0)
}

/** For `addInitScript`: two seconds after a worker was sent a picture, it fails. */
export function failPictures() {
  const post = /** @type {(this: Worker, message: any, transfer: Transferable[]) => void} */ (Worker.prototype.postMessage)
  Worker.prototype.postMessage = function (/** @type {any} */ message, /** @type {any} */ transfer) {
    if (message.operation === 'detect') setTimeout(() => this.dispatchEvent(new ErrorEvent('error', { message: 'gone' })), 2000)
    else post.call(this, message, transfer)
  }
}
