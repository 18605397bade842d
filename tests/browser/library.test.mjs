/* The library in a page of its own, under the content security policy that the README recommends. */
import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { EXPECTED_LABELS, FACE_BOX } from '../portrait/portraits.mjs'
import { until } from '../until.mjs'
import { closePages, launch, noBrowser } from './chromium.mjs'
import { POLICY, inPage, openLibrary as openAt, serveLibrary } from './library-page.mjs'

/**
 * A photo as phones save it: lying on its side, with a note on how to turn it. Made here in the page's own encoder's
 * terms: an APP1 segment with the orientation, put behind the first two bytes of a JPEG.
 */
const EXIF_TURN_RIGHT = [0xff, 0xe1, 0, 34, ...Buffer.from('Exif\0\0MM\0*'), 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0]

let address = ''
let strangeAddress = ''
let close = () => {}

before(async () => {
  const strange = await serveLibrary({}) // another origin that allows nothing
  const own = await serveLibrary({ 'content-security-policy': POLICY.replace('blob:', `blob: ${strange.address}`) })
  address = own.address
  strangeAddress = strange.address
  close = () => [own, strange].forEach((served) => served.close())
})
after(() => close())

/**
 * @param {import('playwright-core').Browser} browser
 * @param {object} [options] of MaskDetector.create; undefined: no detector yet
 * @param {string[]} [missing] features taken away
 */
const openLibrary = (browser, options, missing = []) =>
  openAt(browser, address, options, missing.map((name) => `delete globalThis.${name}`).join(';'))

describe('the library in a page', { skip: noBrowser }, () => {
  /** @type {Awaited<ReturnType<typeof launch>>} */
  let chromium
  before(async () => {
    chromium = await launch()
  })
  afterEach(() => closePages(chromium.browser))
  after(() => chromium.close())

  for (const worker of [true, false]) {
    for (const missing of [[], ['VideoFrame'], ['OffscreenCanvas'], ['createImageBitmap']]) {
      test(`looks at every kind of source ${worker ? 'in a worker' : 'in place'}${missing.length > 0 ? ` without ${missing}` : ''}`, { timeout: 60000 }, async () => {
        const { page, problems, requests } = await openLibrary(chromium.browser, { worker }, missing)
        const before = requests.length
        const results = await page.evaluate(async () => {
          const { detector, loadImage } = inPage
          const image = await loadImage('correct.png')
          const [width, height] = [image.naturalWidth, image.naturalHeight]
          const canvas = Object.assign(document.createElement('canvas'), { width, height })
          const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'))
          context.drawImage(image, 0, 0)
          const pixels = context.getImageData(0, 0, width, height)
          const blob = await inPage.encode(canvas, 'image/png')
          const video = Object.assign(document.createElement('video'), { muted: true, srcObject: canvas.captureStream(30) })
          const timer = setInterval(() => context.drawImage(image, 0, 0), 30)
          await video.play()
          /** @type {Record<string, any>} */
          const sources = { image, canvas, pixels, blob, video }
          if (typeof createImageBitmap === 'function') sources['bitmap'] = await createImageBitmap(canvas)
          sources['raw pixels'] = { data: new Uint8Array(pixels.data), width, height }
          sources['bytes of a file'] = await blob.arrayBuffer()
          if (typeof VideoFrame === 'function') sources['frame'] = new VideoFrame(canvas, { timestamp: 5000 })
          if (typeof OffscreenCanvas === 'function') {
            const offscreen = new OffscreenCanvas(width, height)
            offscreen.getContext('2d')?.drawImage(image, 0, 0)
            sources['offscreen canvas'] = offscreen
          }
          /** @type {Record<string, any>} */
          const found = {}
          for (const [name, source] of Object.entries(sources)) {
            // Twice: the first look must leave the source usable.
            await detector.detect(source)
            const result = await detector.detect(source)
            found[name] = { count: result.faces.length, size: [result.width, result.height], face: result.faces[0], timestamp: result.timestamp }
          }
          sources['frame']?.close()
          clearInterval(timer)
          return found
        })
        assert.equal(Object.keys(results).length, 10 - missing.length)
        for (const [name, { count, size, face, timestamp }] of Object.entries(results)) {
          assert.deepEqual(size, [512, 384], name)
          assert.ok(count >= 1, `${name}: no face`)
          assert.equal(face.mask.value, EXPECTED_LABELS.correct, name)
          for (const key of /** @type {const} */ (['x', 'y', 'width', 'height'])) {
            const away = Math.abs(face.box[key] - FACE_BOX[key])
            assert.ok(away < 25, `${name}: box.${key} is ${face.box[key]}, ${away} px off`)
            // Video is compressed, all others have the very same pixels.
            if (name !== 'video') assert.ok(Math.abs(face.box[key] - results['pixels'].face.box[key]) < 0.01, name)
          }
          if (name === 'frame') assert.equal(timestamp, 5)
        }
        assert.deepEqual(requests.slice(before).map((url) => new URL(url).pathname), ['/correct.png'])
        assert.deepEqual(problems, [])
      })
    }

    test(`honours the orientation of a photo ${worker ? 'in a worker' : 'in place'}`, async () => {
      const { page } = await openLibrary(chromium.browser, { worker })
      const result = await page.evaluate(async (exif) => {
        const image = await inPage.loadImage('correct.png')
        const canvas = Object.assign(document.createElement('canvas'), { width: image.naturalHeight, height: image.naturalWidth })
        const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'))
        context.rotate(-Math.PI / 2)
        context.drawImage(image, -image.naturalWidth, 0)
        const jpeg = await inPage.encode(canvas, 'image/jpeg')
        const photo = new Blob([jpeg.slice(0, 2), new Uint8Array(exif), jpeg.slice(2)])
        return inPage.detector.detect(photo)
      }, EXIF_TURN_RIGHT)
      assert.deepEqual([result.width, result.height], [512, 384])
      assert.equal(result.faces[0]?.mask.value, EXPECTED_LABELS.correct)
    })

    test(`looks at a drawing that does not say how large it is, and lays it on white ${worker ? 'in a worker' : 'in place'}`, async () => {
      const { page } = await openLibrary(chromium.browser, { worker })
      const [drawing, onWhite, clear, wide] = await page.evaluate(async () => {
        const face = await inPage.loadImage('correct.png')
        const canvas = Object.assign(document.createElement('canvas'), { width: face.naturalWidth, height: face.naturalHeight })
        const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'))
        context.drawImage(face, 0, 0)
        const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 512 384"><image href="${canvas.toDataURL()}" width="512" height="384"/></svg>`
        const image = await inPage.loadImage(URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' })))
        const drawing = await inPage.detector.detect(image)
        context.globalCompositeOperation = 'destination-in'
        context.fillRect(150, 60, 150, 140)
        const clear = await inPage.detector.detect(canvas)
        context.globalCompositeOperation = 'destination-over'
        context.fillStyle = '#fff'
        context.fillRect(0, 0, 512, 384)
        const wide = Object.assign(document.createElement('canvas'), { width: 512, height: 384 })
        const settings = /** @type {CanvasRenderingContext2DSettings} */ ({ colorSpace: 'display-p3', colorType: 'float16' })
        const inWide = /** @type {CanvasRenderingContext2D} */ (wide.getContext('2d', settings))
        inWide.drawImage(face, 0, 0)
        inWide.clearRect(0, 0, 9, 9)
        return [drawing, await inPage.detector.detect(canvas), clear, await inPage.detector.detect(wide)]
      })
      assert.equal(wide?.faces[0]?.mask.value, EXPECTED_LABELS.correct, 'of many colours')
      assert.deepEqual([drawing?.faces[0]?.mask.value, (drawing?.width ?? 0) / (drawing?.height ?? 0)], [EXPECTED_LABELS.correct, 4 / 3])
      assert.ok(onWhite && onWhite.faces.length > 0)
      assert.deepEqual(clear?.faces, onWhite.faces)
    })

    test(`has the size of an image of a srcset from itself ${worker ? 'in a worker' : 'in place'}`, async () => {
      const { page } = await openLibrary(chromium.browser, { worker })
      const result = await page.evaluate(async () => {
        const image = Object.assign(new Image(), { srcset: 'correct.png 2x' })
        await image.decode()
        return inPage.detector.detect(image)
      })
      assert.deepEqual([result.width, result.height], [256, 192])
      assert.ok(Math.abs((result.faces[0]?.box.x ?? 0) - FACE_BOX.x / 2) < 15)
    })

    test(`tells failures apart ${worker ? 'in a worker' : 'in place'}`, async () => {
      const { page } = await openLibrary(chromium.browser, { worker })
      const codes = await page.evaluate(async (foreign) => {
        const { detector, library, loadImage } = inPage
        const image = await loadImage(`${foreign}bare.png`)
        const tainted = Object.assign(document.createElement('canvas'), { width: 64, height: 64 })
        tainted.getContext('2d')?.drawImage(image, 0, 0)
        const bitmap = await createImageBitmap(new ImageData(4, 4))
        bitmap.close()
        /** @type {Record<string, any>} */
        const sources = {
          tainted_image: image,
          tainted_canvas: tainted,
          loading_image: Object.assign(new Image(), { src: 'bare.png?slow' }),
          empty_video: document.createElement('video'),
          empty_canvas: Object.assign(document.createElement('canvas'), { width: 0 }),
          closed_bitmap: bitmap,
          no_picture: new Blob(['hello']),
          element: document.createElement('div'),
        }
        /** @type {Record<string, string>} */
        const found = {}
        for (const [name, source] of Object.entries(sources)) {
          found[name] = await detector.detect(source).then(
            () => 'no error',
            (error) => (error instanceof library.MaskDetectorError ? error.code : error.name),
          )
        }
        // In place, what follows is drawn where the foreign picture was.
        await detector.detect(image).catch(() => {})
        found['afterwards'] = await detector.detect(await loadImage('bare.png')).then(({ faces }) => faces[0]?.mask.value ?? 'no face')
        detector.close()
        found['closed'] = await detector.detect(tainted).catch((error) => error.code)
        return found
      }, strangeAddress)
      assert.deepEqual(codes, {
        tainted_image: 'tainted_source',
        tainted_canvas: 'tainted_source',
        loading_image: 'not_ready',
        empty_video: 'not_ready',
        empty_canvas: 'image_invalid',
        closed_bitmap: 'image_invalid',
        no_picture: 'image_invalid',
        element: 'TypeError',
        afterwards: 'without_mask',
        closed: 'closed',
      })
    })
  }

  test('tells a picture that is too large for the browser\'s canvas from a black one', async () => {
    const { page } = await openLibrary(chromium.browser, { worker: false })
    const code = await page.evaluate(async () => {
      const image = await inPage.loadImage('correct.png')
      // What Safari gives then.
      const read = OffscreenCanvasRenderingContext2D.prototype.getImageData
      OffscreenCanvasRenderingContext2D.prototype.getImageData = function (x, y, width, height) {
        return width * height === 1 ? read.call(this, x, y, width, height) : new ImageData(width, height)
      }
      return inPage.detector.detect(image).then(() => 'ok', (error) => error.code)
    })
    assert.equal(code, 'image_too_large')
  })

  test('takes a canvas as it is at the call, whatever is drawn on it afterwards', async () => {
    for (const worker of [true, false]) {
      const { page } = await openLibrary(chromium.browser, { worker })
      const labels = await page.evaluate(async () => {
        const images = await Promise.all(['bare.png', 'correct.png', 'under-nose.png'].map(inPage.loadImage))
        const canvas = Object.assign(document.createElement('canvas'), { width: 512, height: 384 })
        const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'))
        const answers = images.map((image) => {
          context.drawImage(image, 0, 0)
          return inPage.detector.detect(canvas)
        })
        context.clearRect(0, 0, 512, 384)
        return (await Promise.all(answers)).map(({ faces }) => faces[0]?.mask.value)
      })
      assert.deepEqual(labels, [EXPECTED_LABELS.bare, EXPECTED_LABELS.correct, EXPECTED_LABELS['under-nose']])
    }
  })

  test('the same answer in a worker and in place, from either wasm file', async () => {
    const { page } = await openLibrary(chromium.browser)
    const answers = await page.evaluate(async () => {
      const image = await inPage.loadImage('under-nose.png')
      const all = []
      for (const options of [{}, { worker: false }, { wasm: 'lib/maskcheck-simd.wasm' }, { assetsUrl: new URL('lib', location.href) }]) {
        const detector = await inPage.library.MaskDetector.create(options)
        const { faces } = await detector.detect(image)
        all.push({ info: detector.info, face: faces[0] })
        detector.close()
      }
      return all
    })
    assert.deepEqual(answers.map(({ info }) => [info.wasm, info.worker]), [['relaxed-simd', true], ['relaxed-simd', false], ['custom', true], ['relaxed-simd', true]])
    for (const { face } of answers) {
      assert.equal(face?.mask.value, EXPECTED_LABELS['under-nose'])
      assert.ok(Math.abs((face?.mask.probability ?? 0) - (answers[0]?.face?.mask.probability ?? 1)) < 0.01)
    }
  })

  test('a create that is aborted or fails leaves nothing behind and can be repeated', async () => {
    const { page } = await openLibrary(chromium.browser)
    const { codes } = await page.evaluate(async () => {
      const { MaskDetector } = inPage.library
      const codes = []
      codes.push(await MaskDetector.create({ signal: AbortSignal.timeout(1) }).catch((error) => error.name))
      codes.push(await MaskDetector.create({ faceModel: 'nowhere.onnx' }).catch((error) => error.code))
      codes.push(await MaskDetector.create({ faceModel: 'lib/mask.onnx' }).catch((error) => error.code))
      codes.push(await MaskDetector.create({ wasm: 'lib/face.onnx' }).catch((error) => error.code))
      const detector = await MaskDetector.create()
      return { codes, ready: detector.info.version }
    })
    assert.deepEqual(codes, ['TimeoutError', 'load_failed', 'model_invalid', 'load_failed'])
    await until(() => page.workers().length === 1)
  })

  test('watches a video until it is stopped', async () => {
    const { page, requests } = await openLibrary(chromium.browser, { detectionSize: 320 })
    const before = requests.length
    const seen = await page.evaluate(async () => {
      const video = inPage.film(await inPage.loadImage('correct.png'))
      /** @type {(string | undefined)[]} */
      const labels = []
      const stop = await new Promise((resolve) => {
        const cancel = inPage.detector.watch(video, ({ faces }) => {
          labels.push(faces[0]?.mask.value)
          if (labels.length === 20) resolve(cancel)
        })
        video.play()
      })
      stop()
      const count = labels.length
      for (let frame = 0; frame < 5; frame++) await new Promise((resolve) => video.requestVideoFrameCallback(resolve))
      return { labels, late: labels.length - count }
    })
    assert.equal(seen.late, 0)
    assert.ok(seen.labels.slice(5).every((label) => label === EXPECTED_LABELS.correct), String(seen.labels))
    assert.deepEqual(requests.slice(before).map((url) => new URL(url).pathname), ['/correct.png'])
  })

  for (const end of /** @type {const} */ (['an error', 'close', 'close without another frame'])) {
    test(`leaves nothing on a video that it watched: ${end}`, async () => {
      const { page } = await openLibrary(chromium.browser, { worker: false })
      await page.evaluate(async (end) => {
        const video = inPage.film(await inPage.loadImage('correct.png'))
        await video.play()
        const listeners = new Set()
        const { addEventListener, removeEventListener } = EventTarget.prototype
        Object.assign(video, {
          addEventListener: (/** @type {[string, any]} */ ...values) => (listeners.add(values[1]), addEventListener.apply(video, values)),
          removeEventListener: (/** @type {[string, any]} */ ...values) => (listeners.delete(values[1]), removeEventListener.apply(video, values)),
        })
        await new Promise((resolve) => {
          const take = () => {
            if (end === 'an error') throw new Error('x')
            resolve(undefined)
          }
          inPage.detector.watch(video, take, resolve)
        })
        if (end === 'close without another frame') video.pause()
        if (end !== 'an error') inPage.detector.close()
        for (const limit = Date.now() + 5000; listeners.size > 0; await new Promise((resolve) => setTimeout(resolve, 10))) {
          if (Date.now() > limit) throw new Error(`${listeners.size} listeners are left`)
        }
      }, end)
    })
  }
})
