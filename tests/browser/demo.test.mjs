import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { PNG } from 'pngjs'
import { EXPECTED_LABELS, encodePng, makePortrait } from '../portrait/portraits.mjs'
import { until } from '../until.mjs'
import { failPictures, launch, noBrowser, openPage } from './chromium.mjs'
import { WAIT, openDemo, portraitFile, serveDemo } from './demo.mjs'

/** What the page writes for each label. */
const TEXTS = { without_mask: 'Without mask', mask_worn_incorrectly: 'Mask worn incorrectly', mask_worn_correctly: 'Mask worn correctly' }

/** @type {Awaited<ReturnType<typeof serveDemo>>} */
let site
before(async () => {
  site = await serveDemo()
})
after(() => site.close())

describe('the demo page', { skip: noBrowser }, () => {
  for (const name of /** @type {const} */ (['bare', 'correct', 'under-nose'])) {
    test(`labels the person in front of the camera (${name}), frame after frame, without any request`, async () => {
      const { browser, close } = await launch({ camera: name })
      try {
        const { page, problems, requests } = await openDemo(browser, site.address)
        const loaded = requests.length
        await page.click('#camera')
        const text = TEXTS[EXPECTED_LABELS[name]]
        await page.waitForFunction((expected) => document.querySelector('#faces .name')?.textContent?.includes(expected), text, WAIT)
        const { labels, frameRate } = await page.evaluate(async () => {
          const seen = []
          const video = /** @type {HTMLVideoElement} */ (document.querySelector('#video'))
          const [track] = /** @type {MediaStream} */ (video.srcObject).getVideoTracks()
          for (let frame = 0; frame < 100; frame++) {
            await new Promise((resolve) => video.requestVideoFrameCallback(resolve))
            seen.push(document.querySelector('#faces .name')?.textContent ?? 'no face')
          }
          return { labels: seen, frameRate: track?.getSettings().frameRate ?? 0 }
        })
        const right = labels.filter((label) => label.includes(text)).length
        assert.ok(right >= 95, `${right} of 100 frames are right: ${[...new Set(labels)]}`)
        assert.match((await page.textContent('#summary')) ?? '', new RegExp(text, 'i'))
        assert.match((await page.textContent('#frame-time')) ?? '', /\d ms/)
        const shownRate = Number(await page.textContent('#frame-rate'))
        // How near it comes to the camera's is for the benchmarks to say.
        assert.ok(shownRate >= 1 && shownRate <= 1.2 * frameRate, `${shownRate} frames per second of a camera with ${frameRate}`)
        assert.equal(await page.textContent('#requests'), '0')
        assert.deepEqual(requests.slice(loaded), [])
        assert.deepEqual(problems, [])
      } finally {
        await close()
      }
    })
  }

  describe('without a camera', () => {
    /** @type {Awaited<ReturnType<typeof launch>>} */
    let chromium
    before(async () => {
      chromium = await launch()
    })
    after(() => chromium.close())

    test('says that there is none, and takes pictures', async () => {
      const { page, problems } = await openDemo(chromium.browser, site.address)
      await page.click('#camera')
      await page.waitForSelector('#message', WAIT)
      assert.match((await page.textContent('#message')) ?? '', /No camera was found/)
      await page.setInputFiles('#file', portraitFile('under-nose'))
      await page.waitForSelector('#faces li', WAIT)
      assert.match((await page.textContent('#faces')) ?? '', /^Mask worn incorrectly/)
      assert.ok(await page.isHidden('#message'))
      assert.deepEqual(problems, [])
    })

    test('draws its box over the face', async () => {
      const { page } = await openDemo(chromium.browser, site.address, { deviceScaleFactor: 2, viewport: { width: 900, height: 900 } })
      await page.setInputFiles('#file', portraitFile('correct'))
      await page.waitForSelector('#faces li', WAIT)
      const bounds = await page.evaluate(() => {
        const canvas = /** @type {HTMLCanvasElement} */ (document.querySelector('#overlay'))
        const { data, width, height } = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d')).getImageData(0, 0, canvas.width, canvas.height)
        const green = []
        for (let i = 0; i < data.length; i += 4) {
          if (data[i] === 0x16 && data[i + 1] === 0x70 && data[i + 2] === 0x3f && data[i + 3] === 255) green.push(i / 4)
        }
        const xs = green.map((at) => (at % width) / width)
        return { sharp: width === Math.round(canvas.clientWidth * 2), left: Math.min(...xs), right: Math.max(...xs), bottom: Math.max(...green) / width / height }
      })
      assert.ok(bounds.sharp)
      assert.ok(bounds.left > 0.25 && bounds.right < 0.65, `box and label from ${bounds.left} to ${bounds.right} of the width`)
      assert.ok(bounds.bottom > 0.43 && bounds.bottom < 0.56, `box down to ${bounds.bottom} of the height`)
    })

    test('takes a picture that is dropped or pasted', async () => {
      const { page } = await openDemo(chromium.browser, site.address)
      for (const [event, field, name] of /** @type {const} */ ([['drop', 'dataTransfer', 'bare'], ['paste', 'clipboardData', 'correct']])) {
        const base64 = Buffer.from(encodePng(makePortrait(name))).toString('base64')
        await page.evaluate(
          ([type, key, text]) => {
            const transfer = new DataTransfer()
            transfer.items.add(new File([Uint8Array.from(atob(text), (char) => char.charCodeAt(0))], 'a.png', { type: 'image/png' }))
            const Event = type === 'drop' ? DragEvent : ClipboardEvent
            dispatchEvent(new Event(type, { [key]: transfer, bubbles: true }))
          },
          /** @type {const} */ ([event, field, base64]),
        )
        await page.waitForFunction((text) => document.querySelector('#faces .name')?.textContent?.includes(text), TEXTS[EXPECTED_LABELS[name]], WAIT)
      }
    })

    test('says what is no picture', async () => {
      const { page } = await openDemo(chromium.browser, site.address)
      await page.setInputFiles('#file', { name: 'a.png', mimeType: 'image/png', buffer: Buffer.from('no picture') })
      await page.waitForSelector('#message', WAIT)
      assert.match((await page.textContent('#message')) ?? '', /not a picture/)
    })

    test('can be started again after a network that failed to load', async () => {
      const { page } = await openPage(chromium.browser)
      await page.route('**/face.onnx', (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html><p>start page' }))
      await page.goto(site.address)
      await page.waitForSelector('#retry', WAIT)
      assert.match((await page.textContent('#message')) ?? '', /web page came instead of the face model/)
      await page.unroute('**/face.onnx')
      await page.click('#retry')
      await page.waitForSelector('html[data-ready]', WAIT)
      assert.ok(await page.isHidden('#message'))
    })

    test('applies a setting at once and keeps it for the next visit', async () => {
      const { page } = await openDemo(chromium.browser, site.address)
      await page.setInputFiles('#file', portraitFile('bare'))
      await page.waitForSelector('#faces li', WAIT)
      await page.click('summary')
      await page.locator('#min-face-score').fill('1')
      await page.waitForFunction(() => document.querySelector('#summary')?.textContent === 'No face found.', null, WAIT)
      await page.reload()
      await page.waitForSelector('html[data-ready]', WAIT)
      assert.equal(await page.inputValue('#min-face-score'), '1')
    })

    test('takes no setting over that its sliders cannot show', async () => {
      const { page } = await openDemo(chromium.browser, site.address)
      await page.evaluate(() => localStorage.setItem('maskcheck-settings', '{"minFaceScore":7,"maxFaces":3,"detectionSize":161,"videoDetectionSize":"320","numbers":1,"other":1}'))
      await page.reload()
      await page.waitForSelector('html[data-ready]', WAIT)
      const shown = await Promise.all(['min-face-score', 'max-faces', 'picture-size', 'video-size'].map((id) => page.inputValue(`#${id}`)))
      assert.deepEqual(shown, ['0.5', '3', '640', '320'])
      assert.ok(!(await page.isChecked('#numbers')))
      assert.ok(await page.isHidden('#message'))
    })

    test('goes without samples where one is missing', async () => {
      const { page } = await openPage(chromium.browser)
      await page.route('**/samples/chin.jpg', (route) => route.fulfill({ status: 404, body: 'not here' }))
      await page.goto(site.address)
      await page.waitForSelector('html[data-ready]', WAIT)
      assert.ok(await page.isHidden('#samples'))
    })

    test('fits into 320 px, and can be used by keyboard alone', async () => {
      const { page } = await openDemo(chromium.browser, site.address, { viewport: { width: 320, height: 640 } })
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= 320))
      const reached = []
      for (let i = 0; i < 10; i++) {
        await page.keyboard.press('Tab')
        reached.push(await page.evaluate(() => document.activeElement?.id || document.activeElement?.getAttribute('data-sample') || document.activeElement?.tagName))
      }
      assert.deepEqual(reached, ['A', 'language', 'camera', 'choose', 'correct', 'under-nose', 'chin', 'bare', 'group', 'SUMMARY'])
    })
  })

  test('says how to allow a camera that was denied', async () => {
    const { browser, close } = await launch({ camera: 'bare', allow: false })
    try {
      const { page } = await openDemo(browser, site.address)
      await page.click('#camera')
      await page.waitForSelector('#message', WAIT)
      assert.match((await page.textContent('#message')) ?? '', /not allowed.*site settings/)
      assert.equal(await page.textContent('#camera'), 'Start camera')
      assert.ok(await page.isVisible('#retry'))
    } finally {
      await close()
    }
  })

  test('ends the camera, and says so, when a picture opened before finds the worker failed', async () => {
    const { browser, close } = await launch({ camera: 'correct' })
    try {
      const { context, page } = await openPage(browser)
      await context.addInitScript(failPictures)
      await page.goto(site.address)
      await page.waitForSelector('html[data-ready]', WAIT)
      await page.setInputFiles('#file', portraitFile('bare'))
      await page.click('#camera')
      await page.waitForSelector('#camera.running', WAIT)
      await page.waitForSelector('#message', WAIT)
      assert.match((await page.textContent('#message')) ?? '', /stopped working/)
      assert.equal(await page.textContent('#camera'), 'Start camera')
      await page.click('#camera')
      await page.waitForFunction(() => /^One face: mask worn correctly/.test(document.querySelector('#summary')?.textContent ?? ''), null, WAIT)
    } finally {
      await close()
    }
  })

  test('says what it waits for while the browser asks for the camera, and lets go of one that comes too late', async () => {
    const { browser, close } = await launch({ camera: 'bare' })
    try {
      const { page } = await openDemo(browser, site.address)
      const camera = await page.evaluateHandle(() => {
        const later = { allow: () => {}, track: /** @type {MediaStreamTrack | undefined} */ (undefined) }
        const { mediaDevices } = navigator
        const open = mediaDevices.getUserMedia.bind(mediaDevices)
        mediaDevices.getUserMedia = async (wanted) => {
          await new Promise((resolve) => (later.allow = () => resolve(undefined)))
          const stream = await open(wanted)
          later.track = stream.getTracks()[0]
          return stream
        }
        return later
      })
      await page.click('#camera')
      assert.match((await page.textContent('#empty-text')) ?? '', /^Waiting for the camera/)
      assert.equal(await page.textContent('#camera'), 'Stop camera')
      await page.click('#camera')
      assert.match((await page.textContent('#empty-text')) ?? '', /^Start the camera/)
      await camera.evaluate((each) => each.allow())
      await until(() => camera.evaluate(({ track }) => track?.readyState === 'ended'))
      assert.equal(await page.textContent('#camera'), 'Start camera')
      assert.equal(await page.getAttribute('#stage', 'data-show'), 'none')
    } finally {
      await close()
    }
  })

  test('shows no faces of a camera that gives no picture for a while, and goes on without a list of cameras', async () => {
    const { browser, close } = await launch({ camera: 'bare' })
    try {
      const { page, problems } = await openDemo(browser, site.address)
      await page.evaluate(() => (navigator.mediaDevices.enumerateDevices = () => Promise.reject(new Error('not now'))))
      await page.click('#camera')
      await page.waitForSelector('#faces li', WAIT)
      /** @param {boolean} muted */
      const mute = (muted) =>
        page.evaluate((now) => {
          const { srcObject } = /** @type {HTMLVideoElement} */ (document.querySelector('#video'))
          const [track] = /** @type {MediaStream} */ (srcObject).getVideoTracks()
          Object.defineProperty(track, 'muted', { value: now, configurable: true })
          track?.dispatchEvent(new Event(now ? 'mute' : 'unmute'))
        }, muted)
      await mute(true)
      assert.equal(await page.locator('#faces li').count(), 0)
      await page.waitForTimeout(300) // Frames go on coming here.
      assert.equal(await page.locator('#faces li').count(), 0)
      assert.match((await page.textContent('#hint')) ?? '', /no picture for now/)
      await page.selectOption('#language', 'de')
      assert.match((await page.textContent('#hint')) ?? '', /gerade kein Bild/)
      assert.ok(await page.isDisabled('#save'))
      await mute(false)
      await page.waitForSelector('#faces li', WAIT)
      assert.equal(await page.textContent('#hint'), '')
      assert.deepEqual(problems, [])
    } finally {
      await close()
    }
  })

  test('saves the frame that the boxes are of', async () => {
    const { browser, close } = await launch()
    try {
      const { page } = await openDemo(browser, site.address)
      // The camera's person goes from the left to the right, while the boxes on the stage stay behind.
      const move = await page.evaluateHandle(() => {
        const portrait = /** @type {HTMLImageElement} */ (document.querySelector('[data-sample=correct] img'))
        const canvas = Object.assign(document.createElement('canvas'), { width: 1024, height: 384 })
        const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'))
        let left = 0
        setInterval(() => {
          context.clearRect(0, 0, canvas.width, canvas.height)
          context.drawImage(portrait, left, 0, 512, 384)
        }, 50)
        navigator.mediaDevices.getUserMedia = async () => canvas.captureStream()
        return () => {
          HTMLVideoElement.prototype.requestVideoFrameCallback = () => 0
          left = 512
        }
      })
      await page.click('#camera')
      await page.waitForSelector('#faces li', WAIT)
      await move.evaluate((go) => go())
      await page.waitForTimeout(500)
      const [download] = await Promise.all([page.waitForEvent('download', WAIT), page.click('#save')])
      assert.equal(download.suggestedFilename(), 'camera-maskcheck.png')
      const { data, width } = PNG.sync.read(readFileSync(await download.path()))
      let [left, right] = [0, 0]
      for (let i = 0; i < data.length; i += 4) {
        // A mirror shows what is on the right on the left.
        if (data[i] === 0x16 && data[i + 1] === 0x70 && data[i + 2] === 0x3f) (i / 4) % width < width / 2 ? left++ : right++
      }
      assert.ok(left > 500 && right === 0, `${left} and ${right} px of box and label on the left and right`)
    } finally {
      await close()
    }
  })

  test('stops the camera, and lets go of it', async () => {
    const { browser, close } = await launch({ camera: 'bare' })
    try {
      const { page } = await openDemo(browser, site.address)
      await page.click('#camera')
      await page.waitForSelector('#faces li', WAIT)
      const track = await page.evaluateHandle(() => {
        const { srcObject } = /** @type {HTMLVideoElement} */ (document.querySelector('#video'))
        return /** @type {MediaStream} */ (srcObject).getTracks()[0]
      })
      await page.click('#camera')
      assert.equal(await track.evaluate((each) => each?.readyState), 'ended')
      assert.equal(await page.getAttribute('#stage', 'data-show'), 'none')
      assert.equal(await page.locator('#faces li').count(), 0)
    } finally {
      await close()
    }
  })
})
