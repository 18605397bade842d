/* <mask-check>, under a content security policy that allows no inline styles. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { createFileServer, listen } from '../../web/serve.mjs'
import { FACE_BOX, encodePng, makePortrait } from '../portrait/portraits.mjs'
import { ROOT, endWorker, failPictures, launch, noBrowser, openPage } from './chromium.mjs'
import { until } from '../until.mjs'

/** @typedef {import('../../web/lib/element.js').MaskCheckElement} MaskCheckElement */

const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; img-src 'self' blob:; media-src 'self' blob:"
const WAIT = { timeout: 30000 }

/** Keeps what the events tell. */
const SCRIPT = `
import './lib/element.js'
globalThis.told = []
for (const name of ['mask-result', 'mask-error']) addEventListener(name, ({ detail }) => told.push(detail.code ?? detail.faces[0]?.mask.value ?? 'no face'))
`

const folder = mkdtempSync(join(tmpdir(), 'maskcheck-element-'))
const server = createFileServer(folder, { 'content-security-policy': POLICY })
let address = ''
before(async () => {
  cpSync(join(ROOT, 'dist'), join(folder, 'lib'), { recursive: true })
  writeFileSync(join(folder, 'script.js'), SCRIPT)
  writeFileSync(join(folder, 'favicon.ico'), '') // browsers ask for it
  for (const name of /** @type {const} */ (['bare', 'correct'])) writeFileSync(join(folder, `${name}.png`), encodePng(makePortrait(name)))
  const [left, right] = [makePortrait('bare'), makePortrait('correct')]
  const both = Array.from({ length: left.height }, (_, row) => [left, right].flatMap(({ data, width }) => [...data.subarray(row * width * 4, (row + 1) * width * 4)]))
  writeFileSync(join(folder, 'two.png'), encodePng({ data: new Uint8Array(both.flat()), width: 2 * left.width, height: left.height }))
  for (const [name, from, to, top] of /** @type {const} */ ([['left', 150, 512, 0], ['right', 0, 290, 0], ['top', 0, 512, 75]])) {
    const { data, width, height } = makePortrait('correct')
    const rows = Array.from({ length: height - top }, (_, row) => [...data.subarray(((top + row) * width + from) * 4, ((top + row) * width + to) * 4)])
    writeFileSync(join(folder, `${name}.png`), encodePng({ data: new Uint8Array(rows.flat()), width: to - from, height: height - top }))
  }
  address = `http://localhost:${await listen(server, 0)}/`
})
after(() => {
  server.close()
  rmSync(folder, { recursive: true })
})

/**
 * @param {import('playwright-core').Browser} browser
 * @param {string} html
 * @param {(page: import('playwright-core').Page) => Promise<unknown>} [prepare] called before the page is loaded
 */
async function openWith(browser, html, prepare) {
  writeFileSync(join(folder, 'index.html'), `<!doctype html><meta charset="utf-8"><title>Element</title><script type="module" src="script.js"></script>${html}`)
  const opened = await openPage(browser)
  await prepare?.(opened.page)
  await opened.page.goto(address)
  const element = await opened.page.waitForSelector('mask-check', { state: 'attached' })
  return { ...opened, element: /** @type {import('playwright-core').ElementHandle<MaskCheckElement>} */ (element) }
}

describe('<mask-check>', { skip: noBrowser }, () => {
  /** @type {Awaited<ReturnType<typeof launch>>} */
  let chromium
  before(async () => {
    chromium = await launch({ camera: 'correct' })
  })
  after(() => chromium?.close())

  test('checks the picture in src, and the next one', async () => {
    const { page, element, problems, context } = await openWith(chromium.browser, '<mask-check src="bare.png" min-face-score="0.5"></mask-check>')
    const status = page.getByRole('status')
    await status.getByText('Without mask').waitFor(WAIT)
    assert.equal(await page.getByRole('button').count(), 0, 'no button without the camera attribute')
    const box = await page.locator('mask-check [part=box]').first().evaluate((node) => {
      const { x, y, width, height } = node.getBoundingClientRect()
      const stage = /** @type {Element} */ (node.parentElement).getBoundingClientRect()
      const scale = stage.width / 512
      return { x: (x - stage.x) / scale, y: (y - stage.y) / scale, width: width / scale, height: height / scale }
    })
    const centre = (/** @type {typeof box} */ { x, y, width, height }) => [x + width / 2, y + height / 2]
    for (const axis of [0, 1]) assert.ok(Math.abs(Number(centre(box)[axis]) - Number(centre(FACE_BOX)[axis])) < 30, JSON.stringify(box))
    await page.getByRole('img', { name: 'Mask check' }).waitFor(WAIT)
    await element.evaluate((node) => node.setAttribute('src', 'correct.png'))
    await status.getByText('Mask worn correctly').waitFor(WAIT)
    assert.equal(await element.evaluate((node) => node.result?.faces[0]?.mask.value), 'mask_worn_correctly')
    await element.evaluate((node) => node.setAttribute('src', 'missing.png'))
    await status.getByText('could not be loaded from missing.png').waitFor(WAIT)
    assert.equal(await page.locator('mask-check [part=box]').count(), 0)
    assert.deepEqual(await page.evaluate('told'), ['without_mask', 'mask_worn_correctly', 'image_invalid'])
    assert.deepEqual(problems.filter((problem) => !problem.includes('404')), [])
    await context.close()
  })

  test('shows its picture before the networks are there, and again after the camera', async () => {
    let load = () => {}
    const loading = new Promise((resolve) => (load = () => resolve(undefined)))
    const { page, element, problems, context } = await openWith(chromium.browser, '<mask-check src="bare.png" camera></mask-check>', (page) =>
      page.route('**/face.onnx', (route) => loading.then(() => route.continue())),
    )
    const [picture, status, boxes] = [page.locator('mask-check img'), page.getByRole('status'), page.locator('mask-check [part=box]')]
    await picture.waitFor(WAIT)
    assert.equal(await status.textContent(), 'Loading…')
    load()
    await status.getByText('Without mask').waitFor(WAIT)
    await page.getByRole('button', { name: 'Start camera' }).click()
    await status.getByText('Mask worn correctly').waitFor(WAIT)
    assert.equal(await picture.isVisible(), false)
    await page.getByRole('button', { name: 'Stop camera' }).click()
    await status.getByText('Without mask').waitFor(WAIT)
    assert.deepEqual([await picture.isVisible(), await page.locator('mask-check video').isVisible(), await boxes.count()], [true, false, 1])
    await page.waitForFunction(() => /** @type {any} */ (globalThis).told.at(-1) === 'without_mask', undefined, WAIT)
    // A camera that fails leaves the picture as it was.
    await page.evaluate(() => (navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError'))))
    assert.equal(await element.evaluate((node) => node.start().catch((error) => error.code)), 'camera_denied')
    assert.deepEqual([await picture.isVisible(), await boxes.count(), await element.evaluate((node) => node.result?.faces[0]?.mask.value)], [true, 1, 'without_mask'])
    assert.match(String(await status.textContent()), /not allowed/)
    assert.deepEqual(problems, [])
    await context.close()
  })

  test('has a property for each attribute, also if it was set before the element was defined', async () => {
    const { page, element, context } = await openWith(chromium.browser, '<mask-check></mask-check>', (page) =>
      page.addInitScript(() => {
        const observer = new MutationObserver(() => {
          const early = document.querySelector('mask-check')
          if (early === null) return
          Object.assign(early, { alt: 'A person', maxFaces: 3 })
          observer.disconnect()
        })
        observer.observe(document, { childList: true, subtree: true })
      }),
    )
    await page.waitForFunction(() => customElements.get('mask-check') !== undefined, undefined, WAIT)
    const html = (/** @type {object} */ properties) => element.evaluate((node, given) => (Object.assign(node, given), node.outerHTML), properties)
    const values = () => element.evaluate(({ src, alt, assetsUrl, camera, minFaceSize, maxFaces }) => [src, alt, assetsUrl, camera, minFaceSize, maxFaces])
    assert.equal(await html({}), '<mask-check alt="A person" max-faces="3"></mask-check>')
    assert.deepEqual(await values(), ['', 'A person', '', null, undefined, 3])
    assert.equal(await html({ alt: null, maxFaces: undefined, camera: true, minFaceSize: 20, assetsUrl: 'copies' }), '<mask-check camera="" min-face-size="20" assets-url="copies"></mask-check>')
    assert.deepEqual(await values(), ['', '', 'copies', 'user', 20, undefined])
    assert.equal(await html({ camera: false, minFaceSize: null, assetsUrl: null, src: 'bare.png', alt: 'Somebody' }), '<mask-check src="bare.png" alt="Somebody"></mask-check>')
    await page.getByRole('img', { name: 'Somebody' }).waitFor(WAIT)
    await element.evaluate((node) => node.removeAttribute('alt'))
    await page.getByRole('img', { name: 'Mask check' }).waitFor(WAIT)
    await context.close()
  })

  test('checks a picture of the caller, says nothing of it, and outlives its worker', async () => {
    const { page, element, problems, context } = await openWith(chromium.browser, '<mask-check></mask-check>')
    /** The answers of one after the other, in each of `lines` at the same time. */
    const check = (/** @type {{ lines: number, times: number }} */ how) =>
      element.evaluate(async (node, { lines, times }) => {
        const picture = await (await fetch('bare.png')).blob()
        const line = async () => {
          const answers = []
          while (answers.length < times) answers.push(await node.check(picture).then(({ faces }) => faces[0]?.mask.value, (error) => error.code))
          return answers
        }
        return Promise.all(Array.from({ length: lines }, line))
      }, how)
    assert.deepEqual(await check({ lines: 1, times: 1 }), [['without_mask']])
    assert.equal(await page.getByRole('status').textContent(), '')
    await endWorker(page)
    // Both find the worker dead, and the later one leaves alone what the earlier one has got.
    assert.deepEqual(await check({ lines: 2, times: 2 }), Array(2).fill(['worker_failed', 'without_mask']))
    await element.evaluate((node) => node.remove())
    assert.deepEqual(await check({ lines: 1, times: 1 }), [['not_ready']])
    assert.deepEqual(problems, [])
    await context.close()
  })

  test('starts and stops the camera by keyboard, and says what it sees', async () => {
    const { page, element, problems, context } = await openWith(chromium.browser, '<mask-check camera></mask-check>')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.getByRole('status').getByText('Mask worn correctly').waitFor(WAIT)
    assert.equal(await element.evaluate((node) => node.running), true)
    await page.getByRole('group', { name: 'Mask check' }).getByRole('button', { name: 'Stop camera' }).waitFor(WAIT)
    assert.ok(await page.locator('mask-check video').evaluate((video) => video.classList.contains('mirrored')))
    const middle = await page.locator('mask-check [part=box]').first().evaluate((box) => {
      const [{ x, width }, stage] = [box.getBoundingClientRect(), /** @type {Element} */ (box.parentElement).getBoundingClientRect()]
      return (x + width / 2 - stage.x) / stage.width
    })
    assert.ok(Math.abs(middle - (1 - (FACE_BOX.x + FACE_BOX.width / 2) / 512)) < 0.06, `${middle} of the width, as in a mirror`)
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Start camera' }).waitFor(WAIT)
    assert.deepEqual(await element.evaluate((node) => [node.running, node.result]), [false, undefined])
    assert.equal(await page.getByRole('status').textContent(), '')
    assert.deepEqual(problems, [])
    await context.close()
  })

  test('opens the camera that its attribute asks for, and works again after its worker was ended', async () => {
    const { page, element, context } = await openWith(chromium.browser, '<mask-check camera="environment"></mask-check>')
    await page.evaluate(() => {
      const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices)
      navigator.mediaDevices.getUserMedia = (constraints) => (Object.assign(globalThis, { asked: constraints }), open(constraints))
    })
    for (const times of [0, 1]) {
      await page.getByRole('button', { name: 'Start camera' }).click()
      await page.getByRole('status').getByText('Mask worn correctly').waitFor(WAIT)
      if (times > 0) break
      assert.deepEqual(await page.evaluate('asked.video.facingMode'), { ideal: 'environment' })
      await endWorker(page)
      await page.waitForFunction(() => /** @type {any} */ (globalThis).told.includes('worker_failed'), undefined, WAIT)
      assert.equal(await element.evaluate((node) => node.running), false)
    }
    await context.close()
  })

  test('opens the other camera when its attribute asks for it', async () => {
    const { element, problems, context } = await openWith(chromium.browser, '<mask-check camera></mask-check>')
    const seen = await element.evaluate(async (node) => {
      const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices)
      const asked = /** @type {unknown[]} */ ([])
      navigator.mediaDevices.getUserMedia = (constraints) => (asked.push(/** @type {any} */ (constraints).video.facingMode.ideal), open(constraints))
      await node.start()
      const stream = /** @type {MediaStream} */ (/** @type {HTMLVideoElement} */ (node.shadowRoot?.querySelector('video')).srcObject)
      for (const camera of /** @type {const} */ (['user', 'environment'])) node.camera = camera
      await new Promise((resolve) => node.addEventListener('mask-result', resolve, { once: true }))
      return { asked, before: stream.getTracks().map(({ readyState }) => readyState), running: node.running }
    })
    assert.deepEqual(seen, { asked: ['user', 'environment'], before: ['ended'], running: true })
    assert.deepEqual(problems, [])
    await context.close()
  })

  test('takes its boxes away while the camera gives no picture', async () => {
    const { page, element, context } = await openWith(chromium.browser, '<mask-check camera></mask-check>')
    await element.evaluate((node) => node.start())
    const status = page.getByRole('status')
    await status.getByText('Mask worn correctly').waitFor(WAIT)
    const mute = (/** @type {boolean} */ muted) => element.evaluate((node, muted) => {
      const [track] = /** @type {MediaStream} */ (/** @type {HTMLVideoElement} */ (node.shadowRoot?.querySelector('video')).srcObject).getTracks()
      Object.defineProperty(track, 'muted', { value: muted, configurable: true })
      track?.dispatchEvent(new Event(muted ? 'mute' : 'unmute'))
    }, muted)
    await mute(true)
    const told = await page.evaluate('told.length')
    await new Promise((resolve) => setTimeout(resolve, 500))
    assert.deepEqual([await status.textContent(), await page.locator('mask-check [part=box]').count()], ['The camera gives no picture', 0])
    assert.deepEqual([await page.evaluate('told.length'), await element.evaluate(({ running, result }) => [running, result])], [told, [true, undefined]])
    await mute(false)
    await status.getByText('Mask worn correctly').waitFor(WAIT)
    await context.close()
  })

  test('says so if the camera gives no picture from the start', async () => {
    const { page, element, context } = await openWith(chromium.browser, '<mask-check camera></mask-check>')
    const canvas = await page.evaluateHandle(() => {
      const canvas = document.createElement('canvas')
      const stream = canvas.captureStream()
      for (const track of stream.getTracks()) Object.defineProperty(track, 'muted', { value: true, configurable: true })
      navigator.mediaDevices.getUserMedia = async () => stream
      return { canvas, stream }
    })
    await page.getByRole('button', { name: 'Start camera' }).click()
    const status = page.getByRole('status')
    await status.getByText('The camera gives no picture').waitFor(WAIT)
    assert.equal(await element.evaluate((node) => node.running), true)
    await canvas.evaluate(({ canvas, stream }) => {
      for (const track of stream.getTracks()) Object.defineProperty(track, 'muted', { value: false })
      setInterval(() => canvas.getContext('2d')?.fillRect(0, 0, 300, 150), 50)
    })
    await status.getByText('No face found').waitFor(WAIT)
    await context.close()
  })

  test('answers for its picture though a camera is asked for, or was refused, before the networks are there', async () => {
    let load = () => {}
    const loading = new Promise((resolve) => (load = () => resolve(undefined)))
    const { page, element, context } = await openWith(chromium.browser, '<mask-check src="bare.png" camera></mask-check><mask-check src="correct.png" camera></mask-check>', async (page) => {
      await page.route('**/face.onnx', (route) => loading.then(() => route.continue()))
      await page.addInitScript(() => {
        const answers = [Promise.reject(new DOMException('no', 'NotAllowedError')), new Promise(() => {})]
        navigator.mediaDevices.getUserMedia = () => /** @type {Promise<any>} */ (answers.shift())
      })
    })
    assert.equal(await element.evaluate((node) => node.start().catch((error) => error.code)), 'camera_denied')
    await page.locator('mask-check').nth(1).getByRole('button', { name: 'Start camera' }).click()
    load()
    for (const words of ['Without mask', 'Mask worn correctly']) await page.getByRole('status').getByText(words).waitFor(WAIT)
    assert.equal(await page.locator('mask-check [part=box]').count(), 2)
    assert.deepEqual(/** @type {string[]} */ (await page.evaluate('told')).sort(), ['camera_denied', 'mask_worn_correctly', 'without_mask'])
    await context.close()
  })

  test('says so if the video of the camera cannot be played', async () => {
    const { page, element, context } = await openWith(chromium.browser, '<mask-check camera></mask-check>')
    const seen = await element.evaluate(async (node) => {
      HTMLMediaElement.prototype.play = () => Promise.reject(new DOMException('no', 'NotSupportedError'))
      return [await node.start().catch(({ code, cause }) => [code, cause.name]), node.running]
    })
    assert.deepEqual(seen, [['camera_failed', 'NotSupportedError'], false])
    assert.deepEqual(await page.evaluate('told'), ['camera_failed'])
    await context.close()
  })

  test('follows the page: its direction and the size of its letters', async () => {
    const { page, context } = await openWith(chromium.browser, '<div dir="rtl"><mask-check camera src="bare.png"></mask-check></div>')
    await page.locator('div').first().evaluate((node) => (node.style.fontSize = '20px'))
    await page.getByRole('status').getByText('Without mask').waitFor(WAIT)
    const words = await page.locator('mask-check [part=box] b').evaluate((each) => {
      const { marginLeft, marginRight, fontSize } = getComputedStyle(each)
      return { marginLeft, marginRight, fontSize }
    })
    assert.deepEqual(words, { marginLeft: '0px', marginRight: '7px', fontSize: '17.5px' })
    const sides = await page.locator('mask-check').evaluate((each) => ['button', '#bar'].map((part) => each.shadowRoot?.querySelector(part)?.getBoundingClientRect().right))
    assert.equal(sides[0], sides[1])
    await context.close()
  })

  test('ends the camera, and says so, when another check finds the worker failed', async () => {
    const { page, element, context } = await openWith(chromium.browser, '<mask-check camera></mask-check>', (page) => page.addInitScript(failPictures))
    await page.getByRole('button', { name: 'Start camera' }).click()
    await page.getByRole('status').getByText('Mask worn correctly').waitFor(WAIT)
    const code = await element.evaluate((node) => node.check(new ImageData(64, 64)).then(() => undefined, (error) => error.code))
    assert.equal(code, 'worker_failed')
    assert.deepEqual(await element.evaluate((node) => [node.running, node.shadowRoot?.querySelector('video')?.srcObject]), [false, null])
    assert.deepEqual(await page.evaluate('told.filter((each) => each === "worker_failed")'), ['worker_failed'])
    assert.match((await page.getByRole('status').textContent()) ?? '', /worker failed/)
    await context.close()
  })

  test('says that it loads as long as it does, and what failed, in the words that it is given meanwhile', async () => {
    let load = () => {}
    const loading = new Promise((resolve) => (load = () => resolve(undefined)))
    const { page, element, context } = await openWith(chromium.browser, '<mask-check src="bare.png"></mask-check>', (page) =>
      page.route('**/face.onnx', (route) => loading.then(() => route.continue())),
    )
    const status = page.getByRole('status')
    await status.getByText('Loading…').waitFor(WAIT)
    await element.evaluate((node) => node.setAttribute('src', 'correct.png'))
    assert.equal(await status.textContent(), 'Loading…')
    await element.evaluate((node) => (node.texts = { loading: 'Lädt …' }))
    assert.equal(await status.textContent(), 'Lädt …')
    load()
    await status.getByText('Mask worn correctly').waitFor(WAIT)
    await element.evaluate((node) => node.setAttribute('src', 'gone.png'))
    await status.getByText('could not be loaded').waitFor(WAIT)
    await element.evaluate((node) => (node.texts = { errors: { image_invalid: 'Kein Bild' } }))
    assert.equal(await status.textContent(), 'Kein Bild')
    await context.close()
  })

  test('says so where it is not sure, and takes its files from the folder that it is given', async () => {
    const { page, requests, context } = await openWith(chromium.browser, '<mask-check src="correct.png" min-mask-probability="1" assets-url="copies"></mask-check>', (page) =>
      page.route('**/copies/*', (route) => route.fulfill({ path: join(ROOT, 'dist', route.request().url().split('/').at(-1) ?? '') })),
    )
    await page.getByRole('status').getByText('Not sure', { exact: true }).waitFor(WAIT)
    const box = page.locator('mask-check [part=box]')
    assert.deepEqual([await box.textContent(), await box.evaluate((each) => getComputedStyle(each).borderTopStyle)], ['Not sure', 'dashed'])
    assert.deepEqual(requests.filter((url) => /\.(onnx|wasm)$/.test(url) && !url.includes('/copies/')), [])
    await context.close()
  })

  test('shows the words for a face at the edge of the picture in full', async () => {
    const { page, context } = await openWith(chromium.browser, '<div style="width: 300px"><mask-check src="left.png"></mask-check><mask-check src="right.png"></mask-check><mask-check src="top.png"></mask-check></div>')
    await page.waitForFunction(() => /** @type {any} */ (globalThis).told.length === 3, undefined, WAIT)
    const cut = await page.locator('mask-check').evaluateAll((all) => all.map((each) => {
      const stage = /** @type {HTMLElement} */ (each.shadowRoot?.querySelector('#stage')).getBoundingClientRect()
      const words = /** @type {HTMLElement} */ (each.shadowRoot?.querySelector('.box > span')).getBoundingClientRect()
      return words.left < stage.left || words.right > stage.right || words.top < stage.top
    }))
    assert.deepEqual(cut, [false, false, false])
    await context.close()
  })

  test('lets go of the camera when it is taken out of the page, and works again when put back', async () => {
    const { page, element, problems, context } = await openWith(chromium.browser, '<mask-check camera></mask-check>')
    const readyStates = await element.evaluate(async (node) => {
      await node.start()
      const stream = /** @type {MediaStream} */ (/** @type {HTMLVideoElement} */ (node.shadowRoot?.querySelector('video')).srcObject)
      node.remove()
      return stream.getTracks().map(({ readyState }) => readyState)
    })
    assert.deepEqual(readyStates, ['ended'])
    await until(() => page.workers().length === 0)
    await element.evaluate(async (node) => {
      document.body.append(node)
      // Stopped while it starts: it stays off.
      const starting = node.start()
      node.stop()
      await starting
      if (node.running) throw new Error('still running')
      await node.start()
    })
    await page.getByRole('status').getByText('Mask worn correctly').waitFor(WAIT)
    assert.deepEqual(problems, [])
    await context.close()
  })

  test('lets go of the camera when its attribute goes', async () => {
    const { page, element, context } = await openWith(chromium.browser, '<mask-check camera></mask-check>')
    const after = await element.evaluate(async (node) => {
      await node.start()
      const stream = /** @type {MediaStream} */ (/** @type {HTMLVideoElement} */ (node.shadowRoot?.querySelector('video')).srcObject)
      node.removeAttribute('camera')
      return [node.running, ...stream.getTracks().map(({ readyState }) => readyState)]
    })
    assert.deepEqual(after, [false, 'ended'])
    assert.equal(await page.getByRole('button').count(), 0)
    await context.close()
  })

  test('loads nothing more when it is taken out of the page', async () => {
    /** @type {import('playwright-core').Route[]} */
    const held = []
    const { page, element, problems, context } = await openWith(chromium.browser, '<mask-check src="bare.png"></mask-check>', (page) => page.route('**/*.onnx', (route) => void held.push(route)))
    await until(() => held.length === 2)
    const failed = Promise.all([page.waitForEvent('requestfailed', WAIT), page.waitForEvent('requestfailed', WAIT)])
    const checked = await element.evaluate(async (node) => {
      const check = node.check(/** @type {HTMLImageElement} */ (node.shadowRoot?.querySelector('img'))).catch((error) => error.code)
      node.remove()
      return check
    })
    assert.equal(checked, 'not_ready')
    await failed
    await until(() => page.workers().length === 0)
    assert.deepEqual(await page.evaluate('told'), [])
    await page.unroute('**/*.onnx')
    await element.evaluate((node) => document.body.append(node))
    await page.getByRole('status').getByText('Without mask').waitFor(WAIT)
    assert.deepEqual(problems, [])
    await context.close()
  })

  test('keeps its words and its style: set before it is defined, moved into another document', async () => {
    const { page, context } = await openWith(chromium.browser, '<mask-check></mask-check>')
    const seen = await page.evaluate(async () => {
      const { MaskCheckElement } = /** @type {typeof import('../../web/lib/element.js')} */ (await import(/** @type {string} */ ('./lib/element.js')))
      const late = /** @type {MaskCheckElement} */ (document.createElement('late-check'))
      late.texts = { start: 'Kamera starten' }
      document.body.append(late)
      customElements.define('late-check', class extends MaskCheckElement {})
      late.setAttribute('camera', '')
      const button = /** @type {HTMLElement} */ (late.shadowRoot?.querySelector('button'))
      const words = [button.textContent]
      late.texts = { start: 'Abrir' }
      words.push(button.textContent)
      const frame = document.body.appendChild(document.createElement('iframe'))
      frame.contentDocument?.body.append(late)
      return [...words, frame.contentWindow?.getComputedStyle(button).minHeight]
    })
    assert.deepEqual(seen, ['Kamera starten', 'Abrir', '44px'])
    await context.close()
  })

  test('takes a blank option for none, and names one that is no number', async () => {
    const { page, element, context } = await openWith(chromium.browser, '<mask-check src="correct.png" detection-size="" max-faces=" " assets-url=""></mask-check>')
    const status = page.getByRole('status')
    await status.getByText('Mask worn correctly').waitFor(WAIT)
    await element.evaluate((node) => node.setAttribute('min-face-size', 'small'))
    await status.getByText('min-face-size must be a number in [0, 32768], got NaN').waitFor(WAIT)
    await element.evaluate((node) => node.setAttribute('min-face-size', ''))
    await status.getByText('Mask worn correctly').waitFor(WAIT)
    await context.close()
  })

  test('checks with the options as they are in the end, though the first were wrong', async () => {
    const { page, context } = await openWith(chromium.browser, '<mask-check src="correct.png" detection-size="100"></mask-check>', (page) =>
      page.addInitScript(() => {
        customElements.whenDefined('mask-check').then(() => document.querySelector('mask-check')?.setAttribute('detection-size', '320'))
      }),
    )
    await page.getByRole('status').getByText('Mask worn correctly').waitFor(WAIT)
    assert.deepEqual(await page.evaluate('told'), ['invalid_argument', 'mask_worn_correctly'])
    await context.close()
  })

  test('keeps its picture in view while an option changes, though its address is of no use any more', async () => {
    const { page, element, problems, context } = await openWith(chromium.browser, '<mask-check></mask-check>')
    await element.evaluate(async (node) => {
      const address = URL.createObjectURL(await (await fetch('correct.png')).blob())
      node.setAttribute('src', address)
      await new Promise((resolve) => node.addEventListener('mask-result', resolve, { once: true }))
      URL.revokeObjectURL(address)
    })
    const changed = await element.evaluate(async (node) => {
      const [stage, image] = ['#stage', 'img'].map((part) => /** @type {Element} */ (node.shadowRoot?.querySelector(part)))
      const observer = new MutationObserver((records) => void mutations.push(...records))
      /** @type {MutationRecord[]} */
      const mutations = []
      for (const part of [stage, image]) if (part) observer.observe(part, { attributes: true, childList: true })
      const before = node.result
      node.setAttribute('max-faces', '3')
      await new Promise((resolve) => ['mask-result', 'mask-error'].forEach((name) => node.addEventListener(name, resolve, { once: true })))
      mutations.push(...observer.takeRecords())
      return { isNew: node.result !== before, mutations: mutations.map(({ type, attributeName }) => attributeName ?? type) }
    })
    assert.deepEqual(await page.evaluate('told'), ['mask_worn_correctly', 'mask_worn_correctly'])
    assert.deepEqual(changed, { isNew: true, mutations: [] })
    assert.deepEqual(problems, [])
    // What was there goes with the last face.
    await element.evaluate((node) => node.setAttribute('min-face-score', '1'))
    await page.getByRole('status').getByText('No face found').waitFor(WAIT)
    assert.equal(await page.locator('mask-check [part=box]').count(), 0)
    await context.close()
  })

  test('says nothing of options that were changed just before it was moved', async () => {
    const { page, element, context } = await openWith(chromium.browser, '<mask-check src="bare.png"></mask-check><div></div>')
    await page.getByRole('status').getByText('Without mask').waitFor(WAIT)
    await element.evaluate((node) => {
      node.setAttribute('max-faces', '5')
      document.querySelector('div')?.append(node)
    })
    await page.waitForFunction(() => /** @type {any} */ (globalThis).told.length === 2, undefined, WAIT)
    assert.deepEqual(await page.evaluate('told'), ['without_mask', 'without_mask'])
    await context.close()
  })

  test('tells of a camera that was lost while the networks are loaded', async () => {
    // Never answered: the networks go on loading.
    const { page, context } = await openWith(chromium.browser, '<mask-check camera></mask-check>', (page) => page.route('**/*.onnx', () => {}))
    await page.evaluate(() => {
      const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices)
      navigator.mediaDevices.getUserMedia = async (constraints) => {
        const stream = await open(constraints)
        setTimeout(() => stream.getTracks().forEach((track) => track.dispatchEvent(new Event('ended'))), 100)
        return stream
      }
    })
    await page.getByRole('button', { name: 'Start camera' }).click()
    await page.waitForFunction(() => /** @type {any} */ (globalThis).told.length === 1, undefined, WAIT)
    assert.deepEqual(await page.evaluate('told'), ['camera_lost'])
    assert.ok(await page.getByRole('button', { name: 'Start camera' }).isVisible())
    await context.close()
  })

  test('speaks another language', async () => {
    const { page, element, context } = await openWith(chromium.browser, '<mask-check camera src="correct.png"></mask-check>')
    await page.getByRole('status').getByText('Mask worn correctly').waitFor(WAIT)
    await element.evaluate((node) => (node.texts = { start: 'Kamera starten', mask_worn_correctly: 'Maske sitzt' }))
    await page.getByRole('button', { name: 'Kamera starten' }).waitFor(WAIT)
    await page.getByRole('status').getByText('Maske sitzt').waitFor(WAIT)
    await element.evaluate((node) => node.setAttribute('src', 'bare.png'))
    await page.getByRole('status').getByText('Without mask').waitFor(WAIT)
    await element.evaluate((node) => {
      node.texts = { errors: { image_invalid: 'Kein Bild' } }
      node.setAttribute('src', 'missing.png')
    })
    await page.getByRole('status').getByText('Kein Bild').waitFor(WAIT)
    await context.close()
  })

  test('shows a sign alone where a box has no room for words', async () => {
    const { page, element, context } = await openWith(chromium.browser, '<div style="width: 300px"><mask-check src="two.png"></mask-check></div>')
    const status = page.getByRole('status')
    await status.getByText(/Without mask: 1/).waitFor(WAIT)
    const words = page.locator('mask-check [part=box] b')
    const areVisible = () => words.evaluateAll((all) => all.map((each) => each.checkVisibility()))
    assert.deepEqual(await areVisible(), [false, false])
    const signs = await page.locator('mask-check [part=box] > span').evaluateAll((all) => all.map((each) => getComputedStyle(each, '::before').content))
    assert.deepEqual(signs.sort(), ['"×"', '"✓"'])
    await page.locator('div').first().evaluate((node) => (node.style.width = '2400px'))
    assert.deepEqual(await areVisible(), [true, true])
    await page.locator('div').first().evaluate((node) => (node.style.width = '300px'))
    await element.evaluate((node) => node.setAttribute('src', 'bare.png'))
    await status.getByText('Without mask', { exact: true }).waitFor(WAIT)
    assert.deepEqual(await areVisible(), [true], 'the only one has room')
    await context.close()
  })

  test('works without its style where there are no style sheets for it', async () => {
    const withoutSheets = (/** @type {import('playwright-core').Page} */ page) => page.addInitScript(() => Reflect.deleteProperty(CSSStyleSheet.prototype, 'replaceSync'))
    const { page, context } = await openWith(chromium.browser, '<mask-check src="correct.png"></mask-check>', withoutSheets)
    await page.getByRole('status').getByText('Mask worn correctly').waitFor(WAIT)
    await context.close()
  })

  test('follows its options, and says what is wrong: one of them, and a camera that is not there', async () => {
    const { browser, close } = await launch()
    try {
      const { page, element } = await openWith(browser, '<mask-check camera max-faces="0" src="correct.png"></mask-check>')
      await page.getByRole('status').getByText('max-faces must be a whole number in [1, 1000], got 0').waitFor(WAIT)
      await element.evaluate((node) => node.removeAttribute('max-faces'))
      await page.getByRole('status').getByText('Mask worn correctly').waitFor(WAIT)
      await element.evaluate((node) => node.setAttribute('min-face-score', '1'))
      await page.getByRole('status').getByText('No face found').waitFor(WAIT)
      await page.getByRole('button', { name: 'Start camera' }).click()
      await page.waitForFunction(() => /** @type {any} */ (globalThis).told.length === 4, undefined, WAIT)
      assert.deepEqual(await page.evaluate('told'), ['invalid_argument', 'mask_worn_correctly', 'no face', 'camera_missing'])
      assert.equal(await page.getByRole('button', { name: 'Start camera' }).isEnabled(), true)
      assert.match(String(await page.getByRole('status').textContent()), /no .*camera/)
    } finally {
      await close()
    }
  })
})

test('the element can be imported where there are no elements', () => {
  const code = `import ${JSON.stringify(new URL('../../web/lib/element.js', import.meta.url).href)}`
  execFileSync(process.execPath, ['--input-type=module', '-e', code])
})
