/* What the page says of privacy and offline use is true. */
import assert from 'node:assert/strict'
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { listFiles } from '../../web/demo-files.mjs'
import { until } from '../until.mjs'
import { launch, noBrowser } from './chromium.mjs'
import { WAIT, openDemo, portraitFile, serveDemo } from './demo.mjs'

/** Writes the list of files anew, as the build does. @param {string} folder */
function listAgain(folder) {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !['files.js', 'service-worker.js'].includes(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
  writeFileSync(join(folder, 'files.js'), listFiles(new Map(paths.map((path) => [relative(folder, path).split(sep).join('/'), readFileSync(path)]))))
}

/** Puts another version in the place of the page. @param {string} folder */
function renew(folder) {
  const file = join(folder, 'app.js')
  writeFileSync(file, readFileSync(file, 'utf8').replace('No face found.', 'Nobody is here.'))
  listAgain(folder)
}

describe('the demo page and the network', { skip: noBrowser }, () => {
  /** @type {Awaited<ReturnType<typeof launch>>} */
  let chromium
  before(async () => {
    chromium = await launch({ camera: 'correct' })
  })
  after(() => chromium.close())

  test('works with the network cut after the first visit', async () => {
    const site = await serveDemo()
    try {
      const { page, context, problems } = await openDemo(chromium.browser, site.address)
      assert.match((await page.textContent('#offline')) ?? '', /works without a network/)
      site.cut()
      for (const address of [site.address, `${site.address}index.html`]) {
        await page.goto(address)
        await page.waitForSelector('html[data-ready]', WAIT)
        await page.setInputFiles('#file', portraitFile('under-nose'))
        await page.waitForSelector('#faces li', WAIT)
        assert.match((await page.textContent('#faces')) ?? '', /^Mask worn incorrectly/)
        assert.ok(await page.isVisible('[data-sample=group]'))
      }
      assert.deepEqual(await context.cookies(), [])
      assert.deepEqual(problems, [])
    } finally {
      site.close()
    }
  })

  test('makes no request in 300 frames', async () => {
    const site = await serveDemo()
    try {
      const { page, requests, problems } = await openDemo(chromium.browser, site.address)
      const loaded = requests.length
      await page.click('#camera')
      await page.waitForSelector('#faces li', WAIT)
      await page.evaluate(async () => {
        const video = /** @type {HTMLVideoElement} */ (document.querySelector('#video'))
        for (let frame = 0; frame < 300; frame++) await new Promise((resolve) => video.requestVideoFrameCallback(resolve))
      })
      assert.deepEqual(requests.slice(loaded), [])
      assert.equal(await page.textContent('#requests'), '0')
      assert.match((await page.getAttribute('#faces canvas', 'aria-label')) ?? '', /^The last ten seconds: .*Correct/)
      assert.deepEqual(problems, [])
    } finally {
      site.close()
    }
  })

  test('counts a request that is made, and its policy lets none go elsewhere', async () => {
    const site = await serveDemo()
    try {
      const { page, problems } = await openDemo(chromium.browser, site.address)
      await page.evaluate(() => fetch('style.css').then((response) => response.text()))
      await page.waitForFunction(() => document.querySelector('#requests')?.textContent === '1', null, WAIT)
      const elsewhere = site.address.replace('localhost', '127.0.0.1')
      assert.equal(await page.evaluate((url) => fetch(url).catch(() => 'refused'), elsewhere), 'refused')
      assert.ok(problems.some((problem) => /Content Security Policy.*connect-src 'self'/.test(problem)), String(problems))
    } finally {
      site.close()
    }
  })

  test('counts requests also while a new version is slow to come', async () => {
    const site = await serveDemo()
    try {
      const { context } = await openDemo(chromium.browser, site.address)
      renew(site.folder)
      const goOn = site.stall('/app.js')
      const [first, second] = [await context.newPage(), await context.newPage()]
      await first.goto(site.address)
      await until(() => first.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.installing !== null))
      await second.goto(site.address)
      await second.waitForSelector('[data-sample=group]', WAIT)
      await second.evaluate(() => fetch('style.css').then((response) => response.text()))
      await second.waitForFunction(() => document.querySelector('#requests')?.textContent === '1', null, WAIT)
      assert.equal(await second.getAttribute('html', 'data-ready'), null)
      goOn()
      for (const page of [first, second]) await page.waitForSelector('#update', WAIT)
    } finally {
      site.close()
    }
  })

  test('fetches again what another page of the host has deleted', async () => {
    const site = await serveDemo()
    try {
      const { page } = await openDemo(chromium.browser, site.address)
      await page.evaluate(async () => {
        for (const name of await caches.keys()) await caches.delete(name)
      })
      await page.reload()
      const kept = () => page.evaluate(async () => (await Promise.all((await caches.keys()).map(async (name) => (await (await caches.open(name)).keys()).length))).join())
      const all = Object.keys(JSON.parse(readFileSync(join(site.folder, 'files.js'), 'utf8').replace(/^.*?=/, '')).files).length
      await until(async () => (await kept()) === `${all}`)
      site.cut()
      await page.goto(site.address)
      await page.waitForSelector('html[data-ready]', WAIT)
    } finally {
      site.close()
    }
  })

  test('offers a new version and changes to it as a whole', async () => {
    const site = await serveDemo()
    try {
      const { page } = await openDemo(chromium.browser, site.address)
      await page.evaluate(() => caches.open('of another page'))
      renew(site.folder)
      await page.reload()
      await page.waitForSelector('#update', WAIT)
      assert.match(await page.evaluate(() => fetch('app.js').then((response) => response.text())), /No face found/) // still the old one
      await Promise.all([page.waitForEvent('load', WAIT), page.click('#update .action')])
      await page.waitForSelector('html[data-ready]', WAIT)
      assert.match(await page.evaluate(() => fetch('app.js').then((response) => response.text())), /Nobody is here/)
      const [other, ...own] = await page.evaluate(() => caches.keys())
      assert.deepEqual([other, own.length], ['of another page', 1])
      assert.ok(await page.isHidden('#update'))
    } finally {
      site.close()
    }
  })

  test('changes to a new version in a tab after another one has', async () => {
    const site = await serveDemo()
    try {
      const { page, context } = await openDemo(chromium.browser, site.address)
      const second = await context.newPage()
      await second.goto(site.address)
      await second.waitForSelector('html[data-ready]', WAIT)
      renew(site.folder)
      await page.reload()
      for (const tab of [page, second]) await tab.waitForSelector('#update', WAIT)
      for (const tab of [page, second]) {
        await Promise.all([tab.waitForEvent('load', WAIT), tab.click('#update .action')])
        await tab.waitForSelector('html[data-ready]', WAIT)
        assert.ok(await tab.isHidden('#update'))
      }
    } finally {
      site.close()
    }
  })

  test('keeps no copy of files that are not those it was built with', async () => {
    const site = await serveDemo()
    try {
      writeFileSync(join(site.folder, 'icon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>')
      const { page } = await openDemo(chromium.browser, site.address)
      assert.match((await page.textContent('#offline')) ?? '', /does not keep/)
    } finally {
      site.close()
    }
  })
})
