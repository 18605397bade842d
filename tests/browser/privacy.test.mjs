/* No picture leaves the device: what the page and its worker may ask for, and what the library stores. */
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { after, afterEach, before, describe, test } from 'node:test'
import { listen } from '../../web/serve.mjs'
import { closePages, launch, noBrowser } from './chromium.mjs'
import { WAIT, openDemo, serveDemo } from './demo.mjs'
import { POLICY, inPage, openLibrary, serveLibrary } from './library-page.mjs'

/** @typedef {import('playwright-core').Page} Page */

/** What another server is asked for. @type {string[]} */
const asked = []
const other = createServer(({ url = '' }, response) => {
  asked.push(url)
  response.writeHead(200, { 'access-control-allow-origin': '*' }).end()
})
other.on('upgrade', ({ url = '' }, socket) => {
  asked.push(url)
  socket.destroy()
})
let elsewhere = ''
before(async () => {
  elsewhere = `localhost:${await listen(other, 0)}`
})
after(() => other.close())

/** Runs in a page or a worker. @param {string} host */
async function ask(host) {
  const fetched = await fetch(`http://${host}/fetch`).then(() => 'fetched', () => 'refused')
  // No server here takes it: what counts is whether one is asked.
  await new Promise((resolve) => Object.assign(new WebSocket(`ws://${host}/socket`), { onerror: resolve }))
  return fetched
}

/** What `ask` says in the page and in its worker, and what the other server was asked for. @param {Page} page */
async function askEverywhere(page) {
  const [worker] = page.workers()
  assert.ok(worker, 'there is a worker')
  asked.length = 0
  const told = [await page.evaluate(ask, elsewhere), await worker.evaluate(ask, elsewhere)]
  return { told, asked: [...asked] }
}

const REFUSED = { told: ['refused', 'refused'], asked: [] }

/** Names of all that is stored in the page's origin. */
async function stored() {
  const names = [...Object.keys(localStorage), ...Object.keys(sessionStorage), ...document.cookie.split('; ').filter((cookie) => cookie !== '')]
  for (const { name } of await indexedDB.databases()) names.push(String(name))
  names.push(...(await caches.keys()))
  const files = /** @type {any} */ (await navigator.storage.getDirectory())
  for await (const name of files.keys()) names.push(name)
  for (const { scope } of await navigator.serviceWorker.getRegistrations()) names.push(scope)
  return names
}

describe('privacy', { skip: noBrowser }, () => {
  /** @type {Awaited<ReturnType<typeof launch>>} */
  let chromium
  before(async () => {
    chromium = await launch()
  })
  afterEach(() => closePages(chromium.browser))
  after(() => chromium.close())

  test('requests and WebSockets of the page and its worker are seen where the policy allows them', async (t) => {
    const served = await serveLibrary({ 'content-security-policy': POLICY.replace("connect-src 'self'", 'connect-src *') })
    t.after(() => served.close())
    const { page, requests } = await openLibrary(chromium.browser, served.address, {})
    const before = requests.length
    assert.deepEqual(await askEverywhere(page), { told: ['fetched', 'fetched'], asked: ['/fetch', '/socket', '/fetch', '/socket'] })
    const both = [`http://${elsewhere}/fetch`, `ws://${elsewhere}/socket`]
    assert.deepEqual(requests.slice(before), [...both, ...both])
  })

  test('the policy of the README lets neither the page nor its worker ask another server', async (t) => {
    const served = await serveLibrary()
    t.after(() => served.close())
    const { page } = await openLibrary(chromium.browser, served.address, {})
    assert.deepEqual(await askEverywhere(page), REFUSED)
  })

  test('nor does the demo page, as npm start serves it, also when it is kept', async (t) => {
    const site = await serveDemo()
    t.after(() => site.close())
    const { page } = await openDemo(chromium.browser, site.address)
    assert.deepEqual(await askEverywhere(page), REFUSED)
    await page.evaluate(async () => void (await navigator.serviceWorker.ready))
    await page.reload()
    await page.waitForSelector('html[data-ready]', WAIT)
    assert.ok(await page.evaluate(() => navigator.serviceWorker.controller !== null))
    assert.deepEqual(await askEverywhere(page), REFUSED)
  })

  test('nor does a kept demo page of a host that sends no policy', async (t) => {
    const site = await serveDemo({ 'content-security-policy': '' })
    t.after(() => site.close())
    const { page } = await openDemo(chromium.browser, site.address)
    assert.deepEqual((await askEverywhere(page)).told, ['refused', 'fetched'], 'before it is kept the worker could')
    await page.evaluate(async () => void (await navigator.serviceWorker.ready))
    await page.reload()
    await page.waitForSelector('html[data-ready]', WAIT)
    assert.deepEqual(await askEverywhere(page), REFUSED)
  })

  for (const worker of [true, false]) {
    test(`the library stores nothing ${worker ? 'with a worker' : 'in place'}`, async (t) => {
      const served = await serveLibrary()
      t.after(() => served.close())
      const { page } = await openLibrary(chromium.browser, served.address, { worker })
      await page.evaluate(async () => {
        const image = await inPage.loadImage('correct.png')
        await inPage.detector.detect(image)
        const video = inPage.film(image)
        await video.play()
        await new Promise((resolve) => inPage.detector.watch(video, resolve))
        inPage.detector.close()
      })
      assert.deepEqual(await page.evaluate(stored), [])
      await page.evaluate(async () => {
        localStorage['local'] = sessionStorage['session'] = 'x'
        document.cookie = 'cookie=x'
        await new Promise((resolve) => (indexedDB.open('database').onsuccess = resolve))
        await caches.open('cache')
        await (await navigator.storage.getDirectory()).getFileHandle('file', { create: true })
      })
      assert.deepEqual(await page.evaluate(stored), ['local', 'session', 'cookie=x', 'database', 'cache', 'file'], 'what is stored is seen')
    })
  }
})
