/* The built demo page for tests: a copy of it behind a server, under a path of its own as on a host of many pages. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFileServer, listen } from '../../web/serve.mjs'
import { encodePng, makePortrait } from '../portrait/portraits.mjs'
import { ROOT, openPage } from './chromium.mjs'

export const WAIT = { timeout: 60000 }

/**
 * @param {Record<string, string>} [headers] of every answer, in place of the server's own
 * @returns {Promise<{ address: string, folder: string, stall: (path: string) => () => void, cut: () => void, close: () => void }>}
 *   folder: of the copy; stall: from then on the file has no answer, until what it returns is called; cut: from then on
 *   nothing answers
 */
export async function serveDemo(headers = {}) {
  const root = mkdtempSync(join(tmpdir(), 'maskcheck-demo-'))
  const folder = join(root, 'some', 'path')
  cpSync(join(ROOT, 'web', 'demo', 'dist'), folder, { recursive: true, filter: (path) => !path.endsWith(join('dist', 'api')) })
  const files = createFileServer(root, headers)
  let stalled = ''
  let goesOn = Promise.resolve()
  const server = createServer(async (request, response) => {
    if (stalled !== '' && request.url?.endsWith(stalled)) await goesOn
    files.emit('request', request, response)
  })
  const address = `http://localhost:${await listen(server, 0)}/some/path/`
  const stall = (/** @type {string} */ path) => {
    stalled = path
    let go = () => {}
    goesOn = new Promise((resolve) => (go = resolve))
    return go
  }
  const cut = () => {
    server.close()
    server.closeAllConnections()
  }
  return { address, folder, stall, cut, close: () => (cut(), rmSync(root, { recursive: true })) }
}

/**
 * The page when it is ready. Violations of its security policy are among the problems, as the browser tells them.
 * @param {import('playwright-core').Browser} browser
 * @param {string} address
 * @param {import('playwright-core').BrowserContextOptions} [options]
 */
export async function openDemo(browser, address, options) {
  const opened = await openPage(browser, options)
  await opened.page.goto(address)
  await opened.page.waitForSelector('html[data-ready]', WAIT)
  return opened
}

/** @param {import('../portrait/portraits.mjs').PortraitName} name */
export const portraitFile = (name) => pngFile(name, makePortrait(name))

/** @param {string} name @param {import('../portrait/portraits.mjs').Picture} picture */
export const pngFile = (name, picture) => ({ name: `${name}.png`, mimeType: 'image/png', buffer: Buffer.from(encodePng(picture)) })

/**
 * Waits until all opened pictures have been looked at.
 * @param {import('playwright-core').Page} page
 * @param {number} count
 */
export async function waitForStrip(page, count) {
  const isDone = (/** @type {number} */ expected) => {
    const captions = [...document.querySelectorAll('#strip .caption')]
    return captions.length === expected && captions.every(({ textContent }) => textContent !== '…')
  }
  await page.waitForFunction(isDone, count, WAIT)
}
