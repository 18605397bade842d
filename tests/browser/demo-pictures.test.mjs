/* Several pictures at once, the samples, and what can be taken away. */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { PNG } from 'pngjs'
import { EXPECTED_LABELS, FACE_BOX, encodePng, makePortrait } from '../portrait/portraits.mjs'
import { endWorker, launch, noBrowser, openPage } from './chromium.mjs'
import { WAIT, openDemo, pngFile, portraitFile, serveDemo, waitForStrip } from './demo.mjs'
import { until } from '../until.mjs'

const NAMES = /** @type {const} */ (['bare', 'correct', 'under-nose'])
const MOUTH = { x: FACE_BOX.x + FACE_BOX.width / 2, y: FACE_BOX.y + FACE_BOX.height * 0.8 }

/** Which colour is at the mouth. @param {import('../portrait/portraits.mjs').Picture | PNG} picture @returns {number[]} */
const mouthOf = ({ data, width }) => [...data.subarray((Math.floor(MOUTH.y) * width + Math.floor(MOUTH.x)) * 4).subarray(0, 4)]

/** @param {import('playwright-core').Page} page */
async function save(page) {
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('#save')])
  return { name: download.suggestedFilename(), picture: PNG.sync.read(readFileSync(await download.path())) }
}

describe('the demo page with pictures', { skip: noBrowser }, () => {
  /** @type {Awaited<ReturnType<typeof serveDemo>>} */
  let site
  /** @type {Awaited<ReturnType<typeof launch>>} */
  let chromium
  before(async () => {
    site = await serveDemo()
    chromium = await launch()
  })
  after(async () => {
    await chromium.close()
    site.close()
  })

  test('looks at several at once and shows the one that is chosen', async () => {
    const { page, problems } = await openDemo(chromium.browser, site.address)
    await page.setInputFiles('#file', NAMES.map(portraitFile))
    await waitForStrip(page, 3)
    const buttons = page.locator('#strip-list button')
    const signs = await buttons.evaluateAll((all) => all.map((each) => each.querySelector('.caption svg')?.getAttribute('class')))
    assert.deepEqual(signs, NAMES.map((name) => `sign ${EXPECTED_LABELS[name]}`))
    assert.equal(await buttons.nth(0).getAttribute('aria-pressed'), 'true')
    await buttons.nth(1).click()
    await page.waitForFunction(() => /^Mask worn correctly/.test(document.querySelector('#faces')?.textContent ?? ''), null, WAIT)
    assert.equal(await buttons.nth(1).getAttribute('aria-pressed'), 'true')
    assert.match((await buttons.nth(1).getAttribute('aria-label')) ?? '', /correct\.png One face: mask worn correctly/)
    await page.click('#remove')
    assert.ok(await page.isHidden('#strip'))
    assert.equal(await page.getAttribute('#stage', 'data-show'), 'none')
    assert.deepEqual(problems, [])
  })

  test('shows the last of several that are chosen in quick succession', async () => {
    const { page, problems } = await openDemo(chromium.browser, site.address)
    await page.setInputFiles('#file', NAMES.map(portraitFile))
    await waitForStrip(page, 3)
    await page.evaluate(() => {
      const [a, b, c] = /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll('#strip-list button'))
      for (const button of [b, c, a, b]) button?.click()
    })
    await page.waitForFunction(() => /^Mask worn correctly/.test(document.querySelector('#faces')?.textContent ?? ''), null, WAIT)
    const shown = await page.evaluate(({ x, y }) => {
      const context = /** @type {CanvasRenderingContext2D} */ (Object.assign(document.createElement('canvas'), { width: 512, height: 384 }).getContext('2d'))
      context.drawImage(/** @type {HTMLImageElement} */ (document.querySelector('#picture')), 0, 0)
      return [...context.getImageData(x, y, 1, 1).data]
    }, MOUTH)
    const [bare, correct] = [makePortrait('bare'), makePortrait('correct')].map(mouthOf)
    assert.notDeepEqual(bare, correct)
    assert.deepEqual(shown, correct)
    assert.ok(await page.isHidden('#message'))
    assert.deepEqual(problems, [])
  })

  test('changes a picture and all that goes with it together', async () => {
    const { page, problems } = await openDemo(chromium.browser, site.address)
    await page.setInputFiles('#file', [portraitFile('bare'), portraitFile('correct')])
    await waitForStrip(page, 2)
    await page.waitForSelector('#faces li', WAIT)
    await page.evaluate(() => {
      const { decode } = HTMLImageElement.prototype
      HTMLImageElement.prototype.decode = async function () {
        await new Promise((resolve) => addEventListener('go-on', resolve))
        return decode.call(this)
      }
    })
    await page.locator('#strip-list button').nth(1).click()
    const before = await save(page)
    assert.equal(before.name, 'bare-maskcheck.png')
    assert.deepEqual(mouthOf(before.picture), mouthOf(makePortrait('bare')))
    assert.match((await page.textContent('#faces')) ?? '', /^Without mask/)
    await page.selectOption('#language', 'de')
    await page.evaluate(() => dispatchEvent(new Event('go-on')))
    await page.waitForFunction(() => /^Maske richtig getragen/.test(document.querySelector('#faces')?.textContent ?? ''), null, WAIT)
    assert.equal(await page.getAttribute('#picture', 'alt'), 'Ihr Bild')
    await page.selectOption('#language', 'en')
    assert.equal(await page.getAttribute('#picture', 'alt'), 'Your picture')
    const after = await save(page)
    assert.equal(after.name, 'correct-maskcheck.png')
    assert.deepEqual(mouthOf(after.picture), mouthOf(makePortrait('correct')))
    assert.deepEqual(problems, [])
  })

  test('keeps the focus near when a picture that has it turns out to be none', async () => {
    const { context, page } = await openPage(chromium.browser)
    await context.addInitScript(() => {
      const { postMessage } = Worker.prototype
      Worker.prototype.postMessage = function (/** @type {any[]} */ ...given) {
        const isPicture = given[0].operation === 'detect'
        setTimeout(() => postMessage.apply(this, /** @type {any} */ (given)), isPicture ? 500 : 0)
      }
    })
    await page.goto(site.address)
    await page.waitForSelector('html[data-ready]', WAIT)
    await page.setInputFiles('#file', [portraitFile('bare'), { name: 'none.png', mimeType: 'image/png', buffer: Buffer.from('none') }])
    await page.locator('#strip-list button').nth(1).focus()
    await page.waitForSelector('#message', WAIT)
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'stage')
  })

  test('says that a file has gone since it was opened, and shows nothing in its place', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'maskcheck-gone-'))
    try {
      const files = NAMES.map((name) => join(folder, `${name}.png`))
      NAMES.forEach((name, index) => writeFileSync(/** @type {string} */ (files[index]), encodePng(makePortrait(name))))
      const { page, problems } = await openDemo(chromium.browser, site.address, { locale: 'de' })
      await page.setInputFiles('#file', files)
      await waitForStrip(page, 3)
      await page.waitForSelector('#faces li', WAIT)
      rmSync(join(folder, 'correct.png'))
      await page.locator('#strip-list button').nth(1).click()
      await page.waitForSelector('#message', WAIT)
      assert.match((await page.textContent('#message')) ?? '', /correct\.png lässt sich nicht mehr lesen/)
      assert.equal(await page.getAttribute('#stage', 'data-show'), 'none')
      assert.equal(await page.locator('#faces li').count(), 0)
      assert.ok(await page.isDisabled('#save'))
      await page.selectOption('#language', 'en')
      assert.match((await page.textContent('#message')) ?? '', /correct\.png can no longer be read/)
      await page.locator('#strip-list button').nth(2).click()
      await page.waitForSelector('#faces li', WAIT)
      assert.ok(await page.isHidden('#message'))
      // With other settings all files are read again, that of the picture on the stage first.
      rmSync(join(folder, 'under-nose.png'))
      await page.click('summary')
      await page.locator('#max-faces').fill('50')
      await waitForStrip(page, 1)
      assert.match((await page.textContent('#message')) ?? '', /Could not be opened: under-nose\.png and correct\.png/)
      rmSync(join(folder, 'bare.png'))
      await page.locator('#max-faces').fill('40')
      await waitForStrip(page, 0)
      assert.match((await page.textContent('#message')) ?? '', /bare\.png can no longer be read/)
      assert.equal(await page.getAttribute('#stage', 'data-show'), 'none')
      assert.deepEqual(problems.filter((problem) => !problem.includes('ERR_FILE_NOT_FOUND')), []) // which the browser itself writes
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  test('goes on with a new worker when the browser has ended the one it had', async () => {
    const { page } = await openDemo(chromium.browser, site.address)
    await endWorker(page)
    await page.setInputFiles('#file', [portraitFile('bare'), portraitFile('correct')])
    await waitForStrip(page, 1)
    assert.match((await page.textContent('#message')) ?? '', /stopped working/)
    await page.waitForFunction(() => /^Mask worn correctly/.test(document.querySelector('#faces')?.textContent ?? ''), null, WAIT)
  })

  test('names the file among many that is no picture, and shows the others', async () => {
    const { page } = await openDemo(chromium.browser, site.address)
    const broken = { name: 'broken.png', mimeType: 'image/png', buffer: Buffer.from('no picture') }
    await page.setInputFiles('#file', [broken, portraitFile('bare'), portraitFile('correct')])
    await waitForStrip(page, 2)
    assert.match((await page.textContent('#message')) ?? '', /broken\.png is not a picture/)
    assert.match((await page.textContent('#faces')) ?? '', /^Without mask/)
    await page.setInputFiles('#file', [{ ...broken, name: 'notes.pdf' }, broken])
    await page.waitForFunction(() => document.querySelector('#message')?.textContent?.includes('Could not be opened: notes.pdf and broken.png.'), null, WAIT)
  })

  test('a single picture can be removed', async () => {
    const { page } = await openDemo(chromium.browser, site.address)
    await page.setInputFiles('#file', portraitFile('bare'))
    await waitForStrip(page, 1)
    await page.click('#remove')
    assert.equal(await page.getAttribute('#stage', 'data-show'), 'none')
  })

  test('a setting changes the answers for all of them', async () => {
    const { page } = await openDemo(chromium.browser, site.address)
    await page.setInputFiles('#file', NAMES.map(portraitFile))
    await waitForStrip(page, 3)
    await page.click('summary')
    await page.locator('#min-face-score').fill('1')
    await page.waitForFunction(() => [...document.querySelectorAll('#strip .caption')].every(({ textContent }) => textContent === '–'), null, WAIT)
    await page.click('#settings [type=reset]')
    await page.waitForFunction(() => [...document.querySelectorAll('#strip .caption')].every(({ textContent }) => textContent === '1'), null, WAIT)
  })

  test('a setting that was changed before the camera applies to pictures chosen after it', async () => {
    const { browser, close } = await launch({ camera: 'bare' })
    try {
      const { page } = await openDemo(browser, site.address)
      await page.setInputFiles('#file', NAMES.map(portraitFile))
      await waitForStrip(page, 3)
      await page.click('#camera')
      await page.waitForSelector('#faces li', WAIT)
      await page.click('summary')
      await page.locator('#min-face-score').fill('1')
      await page.locator('#strip-list button').nth(1).click()
      await page.waitForFunction(() => document.querySelector('#summary')?.textContent === 'No face found.', null, WAIT)
    } finally {
      await close()
    }
  })

  test('lets go of the camera when a picture is opened, also of one that opens later', async () => {
    const { browser, close } = await launch({ camera: 'bare' })
    try {
      const { page } = await openDemo(browser, site.address)
      await page.evaluate(() => {
        const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices)
        /** @type {MediaStreamTrack[]} */
        const tracks = []
        navigator.mediaDevices.getUserMedia = async (constraints) => {
          const stream = await open(constraints)
          tracks.push(...stream.getTracks())
          if (tracks.length > 1) await new Promise((resolve) => addEventListener('go-on', resolve))
          return stream
        }
        Object.assign(globalThis, { tracks })
      })
      const states = () => page.evaluate(() => /** @type {{ tracks: MediaStreamTrack[] }} */ (/** @type {any} */ (globalThis)).tracks.map(({ readyState }) => readyState).join())
      await page.click('#camera')
      await page.waitForSelector('#faces li', WAIT)
      await page.setInputFiles('#file', portraitFile('correct'))
      await waitForStrip(page, 1)
      assert.deepEqual([await states(), await page.textContent('#camera')], ['ended', 'Start camera'])
      await page.click('#camera')
      await until(async () => (await states()) === 'ended,live')
      await page.setInputFiles('#file', portraitFile('under-nose'))
      await page.evaluate(() => dispatchEvent(new Event('go-on')))
      await until(async () => (await states()) === 'ended,ended')
      await page.waitForFunction(() => /^Mask worn incorrectly/.test(document.querySelector('#faces')?.textContent ?? ''), null, WAIT)
      assert.equal(await page.getAttribute('#stage', 'data-show'), 'picture')
    } finally {
      await close()
    }
  })

  test('keeps sixty, and says so when there are more', async () => {
    const { page } = await openDemo(chromium.browser, site.address)
    const tiny = { data: new Uint8Array(8 * 8 * 4).fill(200), width: 8, height: 8 }
    await page.setInputFiles('#file', Array.from({ length: 61 }, (_, index) => pngFile(`tiny-${index}`, tiny)))
    await waitForStrip(page, 60)
    assert.equal(await page.locator('#strip-list button').count(), 60)
    assert.match((await page.textContent('#message')) ?? '', /At most 60 pictures/)
  })

  test('opens its samples without a request, and finds everybody in the group', async () => {
    const { page, requests, problems } = await openDemo(chromium.browser, site.address)
    const loaded = requests.length
    await page.click('[data-sample=group]')
    await page.waitForSelector('#faces li', WAIT)
    assert.equal(await page.locator('#faces li').count(), 4)
    assert.equal(await page.locator('#counts b').evaluateAll((all) => all.reduce((sum, { textContent }) => sum + Number(textContent), 0)), 4)
    assert.match((await page.textContent('#samples')) ?? '', /NASA, public domain/)
    await page.click('[data-sample=group]')
    assert.equal(await page.locator('#strip-list button').count(), 1, 'it is there already')
    await page.selectOption('#language', 'zh')
    assert.match((await page.textContent('#summary')) ?? '', /^4 张人脸：正确佩戴口罩 \(\d\)、.*、未戴口罩 \(\d\)。$/)
    await page.selectOption('#language', 'en')
    await page.click('summary')
    await page.check('#numbers')
    await page.waitForFunction(() => [...document.querySelectorAll('#faces .number')].map(({ textContent }) => textContent).join() === 'Face 1,Face 2,Face 3,Face 4', null, WAIT)
    assert.deepEqual(requests.slice(loaded), [])
    assert.equal(await page.textContent('#requests'), '0')
    assert.deepEqual(problems, [])
  })

  test('gives the result as JSON and the picture with its boxes', async () => {
    const { page, context } = await openDemo(chromium.browser, site.address)
    await context.grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.setInputFiles('#file', portraitFile('correct'))
    await page.waitForSelector('#faces li', WAIT)
    await page.click('#copy')
    await page.waitForFunction(() => document.querySelector('#copy')?.textContent === 'Copied')
    const result = JSON.parse(await page.evaluate(() => navigator.clipboard.readText()))
    assert.equal(result.faces[0].mask.value, EXPECTED_LABELS.correct)
    const { name, picture } = await save(page)
    assert.equal(name, 'correct-maskcheck.png')
    const { data, width, height } = picture
    assert.deepEqual([width, height], [512, 384])
    const isGreen = (/** @type {number} */ at) => data[at] === 0x16 && data[at + 1] === 0x70 && data[at + 2] === 0x3f
    const green = Array.from({ length: width * height }, (_, pixel) => pixel).filter((pixel) => isGreen(pixel * 4))
    const rows = green.map((pixel) => Math.floor(pixel / width))
    assert.ok(green.length > 300 && Math.abs(Math.max(...rows) - FACE_BOX.y - FACE_BOX.height) < 15, `${green.length} green pixels down to ${Math.max(...rows)}`)
  })

  test('says when a picture is too dark, or a face too small', async () => {
    const { page } = await openDemo(chromium.browser, site.address)
    const dark = { data: new Uint8Array(320 * 240 * 4).map((_, index) => (index % 4 === 3 ? 255 : (index * 7) % 20)), width: 320, height: 240 }
    await page.setInputFiles('#file', pngFile('dark', dark))
    await page.waitForSelector('#hint', WAIT)
    assert.match((await page.textContent('#hint')) ?? '', /too dark/)
    await page.setInputFiles('#file', pngFile('tiny', { data: new Uint8Array(20 * 20 * 4).fill(200), width: 20, height: 20 }))
    await page.waitForFunction(() => /too small/.test(document.querySelector('#hint')?.textContent ?? ''), null, WAIT)
    await page.setInputFiles('#file', portraitFile('bare'))
    await page.waitForSelector('#faces li', WAIT)
    assert.ok(await page.isHidden('#hint'))
  })

  test('takes what is transparent for white, whatever it showed before', async () => {
    const { page } = await openDemo(chromium.browser, site.address)
    const clear = pngFile('clear', { data: new Uint8Array(320 * 240 * 4), width: 320, height: 240 })
    const dark = { data: new Uint8Array(320 * 240 * 4).map((_, index) => (index % 4 === 3 ? 255 : 5)), width: 320, height: 240 }
    await page.setInputFiles('#file', clear)
    await page.waitForSelector('#stage[data-show=picture]', WAIT)
    assert.ok(await page.isHidden('#hint'))
    await page.setInputFiles('#file', pngFile('dark', dark))
    await page.waitForSelector('#hint', WAIT)
    await page.setInputFiles('#file', clear)
    await page.waitForSelector('#hint', { ...WAIT, state: 'hidden' })
  })
})
