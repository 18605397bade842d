/* A page with the built library and nothing else, under the content security policy that the README recommends. */
import { rmSync } from 'node:fs'
import { createFileServer, listen } from '../../web/serve.mjs'
import { openPage } from './chromium.mjs'
import { makeLibraryFolder } from './library-folder.mjs'

/** @typedef {import('../../web/lib/index.js').MaskDetector} MaskDetector */
/** @typedef {typeof import('../../web/lib/index.js')} Library */

export const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; img-src 'self' blob:; media-src 'self' blob:"
export const PORTRAITS = /** @type {const} */ (['bare', 'correct', 'under-nose'])

/** Leaves in the page what the tests use there. */
const SETUP = `
import * as library from './lib/index.js'
const evaluates = () => {
  try {
    return new Function('return true')()
  } catch {
    return false
  }
}
globalThis.inPage = {
  library,
  evaluates: evaluates(), // asked now: what a test runs in the page may always evaluate
  async loadImage(url) {
    const image = Object.assign(new Image(), { src: url })
    await image.decode()
    return image
  },
  encode: (canvas, type) => new Promise((resolve) => canvas.toBlob(resolve, type, 0.95)),
  // Frames come only as something is drawn.
  film(image) {
    const canvas = Object.assign(document.createElement('canvas'), { width: image.naturalWidth, height: image.naturalHeight })
    const context = canvas.getContext('2d')
    const draw = () => context.drawImage(image, Math.random() * 2, 0)
    draw()
    setInterval(draw, 30)
    return Object.assign(document.createElement('video'), { muted: true, srcObject: canvas.captureStream(30) })
  },
}`

/**
 * SETUP's object, for functions that run in the page.
 * @type {{
 *   library: Library,
 *   evaluates: boolean,
 *   loadImage: (url: string) => Promise<HTMLImageElement>,
 *   encode: (canvas: HTMLCanvasElement, type: string) => Promise<Blob>,
 *   film: (image: HTMLImageElement) => HTMLVideoElement,
 *   detector: MaskDetector,
 *   results: number,
 * }}
 */
export const inPage = /** @type {any} */ (undefined)

/**
 * Serves such a page, with portraits beside it.
 * @param {Record<string, string>} [headers] sent with every file; default: the policy
 */
export async function serveLibrary(headers = { 'content-security-policy': POLICY }) {
  const folder = makeLibraryFolder(SETUP, PORTRAITS)
  const server = createFileServer(folder, headers)
  const address = `http://localhost:${await listen(server, 0)}/`
  return {
    folder,
    address,
    close() {
      server.close()
      rmSync(folder, { recursive: true })
    },
  }
}

/**
 * Opens the page of serveLibrary.
 * @param {import('playwright-core').Browser} browser
 * @param {string} address
 * @param {object} [options] of MaskDetector.create; undefined: no detector yet
 * @param {string} [prelude] code that runs first, in the page and in its workers: what it takes away is gone in both
 */
export async function openLibrary(browser, address, options, prelude = '') {
  const opened = await openPage(browser)
  if (prelude !== '') {
    await opened.page.addInitScript(prelude)
    await opened.context.route('**/worker.js', async (route) => {
      const response = await route.fetch()
      await route.fulfill({ response, body: `${prelude};${await response.text()}` })
    })
  }
  await opened.page.goto(address)
  await opened.page.waitForFunction(() => 'inPage' in globalThis)
  if (options !== undefined) {
    await opened.page.evaluate(async (given) => {
      inPage.detector = await inPage.library.MaskDetector.create(given)
    }, options)
  }
  return opened
}
