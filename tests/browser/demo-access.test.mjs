/* The page for everybody: axe-core's rules, sizes, languages, and the states in which not all is well. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { launch, noBrowser, openPage } from './chromium.mjs'
import { WAIT, openDemo, portraitFile, serveDemo, waitForStrip } from './demo.mjs'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** @param {import('playwright-core').Page} page @returns {Promise<string[]>} what axe-core finds fault with */
async function faults(page) {
  await page.evaluate(AXE)
  return page.evaluate(async () => {
    const { violations } = await /** @type {any} */ (globalThis).axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'] })
    return violations.flatMap((/** @type {any} */ { id, nodes }) => nodes.map((/** @type {any} */ { target, failureSummary }) => `${id} ${target}: ${failureSummary}`))
  })
}

describe('the demo page for everybody', { skip: noBrowser }, () => {
  /** @type {Awaited<ReturnType<typeof serveDemo>>} */
  let site
  /** @type {Awaited<ReturnType<typeof launch>>} */
  let chromium
  before(async () => {
    site = await serveDemo()
    chromium = await launch({ camera: 'under-nose' })
  })
  after(async () => {
    await chromium.close()
    site.close()
  })

  for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
    test(`axe-core finds nothing wrong (${colorScheme})`, async () => {
      const { page } = await openDemo(chromium.browser, site.address, { colorScheme })
      await page.click('summary')
      assert.deepEqual(await faults(page), [])
      await page.setInputFiles('#file', [portraitFile('bare'), portraitFile('correct')])
      await waitForStrip(page, 2)
      assert.deepEqual(await faults(page), [])
      await page.setInputFiles('#file', { name: 'a.png', mimeType: 'image/png', buffer: Buffer.from('no picture') })
      await page.waitForSelector('#message', WAIT)
      assert.deepEqual(await faults(page), [])
      await page.check('#numbers')
      await page.click('#camera')
      await page.waitForFunction(() => /Face \d/.test(document.querySelector('#faces .number')?.textContent ?? ''), null, WAIT)
      assert.deepEqual(await faults(page), [])
    })
  }

  for (const [width, height] of /** @type {const} */ ([[320, 568], [360, 740], [768, 1024], [3840, 2160]])) {
    test(`fits into ${width} px in every language, with room for fingers`, async () => {
      const { page } = await openDemo(chromium.browser, site.address, { viewport: { width, height } })
      await page.click('summary')
      await page.setInputFiles('#file', [portraitFile('bare'), portraitFile('correct')])
      await waitForStrip(page, 2)
      for (const language of ['en', 'de', 'es', 'zh']) {
        await page.selectOption('#language', language)
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${language} is wider than the page`)
        const small = await page.evaluate(() => {
          const all = [...document.querySelectorAll('button, select, summary, .check, input[type=range]')].filter((each) => each.checkVisibility())
          return all.filter((each) => each.getBoundingClientRect().height < (each.matches('summary, input') ? 28 : 44)).map(({ id, tagName }) => id || tagName)
        })
        assert.deepEqual(small, [])
      }
    })
  }

  test('speaks the language that the browser asks for, or the one that is chosen, also about faces', async () => {
    const { page } = await openDemo(chromium.browser, site.address, { locale: 'es-MX' })
    assert.equal(await page.textContent('#camera'), 'Iniciar cámara')
    assert.equal(await page.getAttribute('html', 'lang'), 'es')
    await page.setInputFiles('#file', portraitFile('bare'))
    await page.waitForSelector('#faces li', WAIT)
    assert.match((await page.textContent('#summary')) ?? '', /sin mascarilla/)
    await page.selectOption('#language', 'de')
    assert.match((await page.textContent('#summary')) ?? '', /Ein Gesicht: ohne Maske/)
    assert.equal(await page.title(), 'maskcheck: Masken prüfen, auf Ihrem Gerät')
    await page.reload()
    await page.waitForSelector('html[data-ready]', WAIT)
    assert.equal(await page.textContent('#camera'), 'Kamera starten')
    assert.equal(await page.textContent('#requests'), '0')
  })

  test('tells apart what only English says', async () => {
    const { page } = await openPage(chromium.browser, { locale: 'de-DE' })
    await page.route('**/face.onnx', (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html><p>start page' }))
    await page.goto(site.address)
    await page.waitForSelector('#message', WAIT)
    assert.match((await page.textContent('#message p')) ?? '', /^Nicht alle Dateien dieser Seite konnten geladen werden: a web page came/)
    assert.match((await page.textContent('#message [lang=en]')) ?? '', /^a web page came instead of the face model/)
  })

  test('has everything that is read out in the page before it says something', async () => {
    const { page } = await openDemo(chromium.browser, site.address)
    const regions = await page.evaluate(() => ['#update p', '#message p', '#slow p', '#hint', '#summary', '#empty-text'].filter((each) => !document.querySelector(each)?.matches('[role=status], [role=alert]') || !document.querySelector(each)?.checkVisibility()))
    assert.deepEqual(regions, [])
  })

  test('keeps the place of whoever goes by keyboard when a button or a message goes', async () => {
    const { page } = await openDemo(chromium.browser, site.address)
    await page.focus('#camera')
    await page.keyboard.press('Enter')
    await page.waitForSelector('#faces li', WAIT)
    await page.keyboard.press('Enter')
    await page.waitForSelector('#stage[data-show=none]', WAIT)
    await page.setInputFiles('#file', { name: 'a.png', mimeType: 'image/png', buffer: Buffer.from('no picture') })
    await page.waitForSelector('#message', WAIT)
    await page.focus('#message .close')
    await page.keyboard.press('Enter')
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'stage')
  })

  test('stops at the list of faces for whoever goes by keyboard only while there is something to scroll', async () => {
    const { page } = await openDemo(chromium.browser, site.address, { viewport: { width: 1280, height: 700 } })
    const isStop = (/** @type {boolean} */ expected) => {
      const list = /** @type {HTMLElement} */ (document.querySelector('#faces'))
      return list.scrollHeight > list.clientHeight === expected && list.tabIndex === (expected ? 0 : -1)
    }
    await page.click('[data-sample=group]')
    await page.waitForSelector('#faces li', WAIT)
    for (const [width, expected] of /** @type {const} */ ([[1280, true], [600, false], [1280, true]])) {
      await page.setViewportSize({ width, height: 700 })
      await page.waitForFunction(isStop, expected, WAIT)
    }
    const emptied = await page.evaluate(() => {
      const [remove, list] = ['#remove', '#faces'].map((id) => /** @type {HTMLElement} */ (document.querySelector(id)))
      remove?.click()
      return list?.tabIndex
    })
    assert.equal(emptied, -1)
  })

  test('does not move where less motion is wished for', async () => {
    const { page } = await openPage(chromium.browser, { reducedMotion: 'reduce' })
    await page.route('**/*.onnx', () => {}) // never answered: the page goes on loading
    await page.goto(site.address)
    assert.ok(await page.isVisible('#progress'))
    assert.equal(await page.evaluate(() => document.getAnimations().length), 0)
  })

  test('shows itself before the networks are there', async () => {
    const { page } = await openPage(chromium.browser)
    await page.route(/\.(onnx|wasm)$/, () => {})
    await page.goto(site.address)
    await page.waitForFunction(() => performance.getEntriesByName('first-contentful-paint').length === 1, null, WAIT)
    assert.equal(await page.textContent('#empty-text'), 'Loading the networks…')
    assert.ok(await page.isDisabled('#camera'))
  })

  test('says what is missing in an old browser', async () => {
    const { page } = await openPage(chromium.browser)
    await page.addInitScript(() => (WebAssembly.validate = () => false))
    await page.goto(site.address)
    await page.waitForSelector('#message', WAIT)
    assert.match((await page.textContent('#message')) ?? '', /too old.*SIMD/)
    const older = await openPage(chromium.browser)
    await older.page.route('**/app.js', (route) => route.fulfill({ contentType: 'text/javascript', body: 'syntax from the future' }))
    await older.page.goto(site.address)
    await older.page.waitForFunction(() => /too old/.test(document.querySelector('#empty-text')?.textContent ?? ''), null, WAIT)
  })

  test('offers a smaller search size on a slow device', async () => {
    const slow = await serveDemo()
    try {
      const file = join(slow.folder, 'lib', 'worker.js')
      const before = readFileSync(file, 'utf8')
      writeFileSync(file, before.replace(/(timings: *\{ *preprocess, *faces, *masks, *total)( *\})/, '$1: total + 400$2'))
      assert.notEqual(readFileSync(file, 'utf8'), before)
      const { page } = await openDemo(chromium.browser, slow.address)
      await page.click('#camera')
      await page.waitForSelector('#slow', WAIT)
      await page.click('#slow .action')
      await page.click('summary')
      assert.equal(await page.inputValue('#video-size'), '224')
      assert.ok(await page.isHidden('#slow'))
      await page.waitForFunction(() => document.querySelector('#faces li'), null, WAIT)
    } finally {
      slow.close()
    }
  })
})
