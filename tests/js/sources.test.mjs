import assert from 'node:assert/strict'
import { test } from 'node:test'
import { recognise, timestampOf } from '../../web/lib/sources.js'

/**
 * An element as a page has it, told by its name as the library does.
 * @param {string} name
 * @param {object} fields
 */
const element = (name, fields) => Object.assign(Object.create({ [Symbol.toStringTag]: name }), fields)

test('everything that can be looked at is recognised, with its size', () => {
  const size = { width: 4, height: 3 }
  /** @type {[unknown, string][]} */
  const cases = [
    [element('HTMLVideoElement', { videoWidth: 4, videoHeight: 3, readyState: 2, width: 9 }), 'video'],
    [element('HTMLImageElement', { naturalWidth: 4, naturalHeight: 3, complete: true, width: 9 }), 'image'],
    [element('HTMLCanvasElement', size), 'canvas'],
    [element('OffscreenCanvas', size), 'canvas'],
    [element('ImageBitmap', size), 'bitmap'],
    [element('VideoFrame', { displayWidth: 4, displayHeight: 3, timestamp: 0 }), 'frame'],
    [element('ImageData', { data: new Uint8ClampedArray(48), ...size }), 'pixels'],
    [{ data: new Uint8Array(48), ...size }, 'pixels'],
  ]
  for (const [source, kind] of cases) {
    const known = recognise(source)
    assert.equal(known.kind, kind)
    assert.deepEqual(known.kind !== 'file' && [known.width, known.height], [4, 3])
  }
  assert.equal(recognise(element('ImageBitmap', { width: 16384, height: 8192 })).kind, 'bitmap', '128 Mpx')
  for (const file of [new Blob([]), new Uint8Array(3), Buffer.alloc(3), new ArrayBuffer(3)]) assert.equal(recognise(file).kind, 'file')
})

test('what is not ready or empty is told apart', () => {
  /** @type {[unknown, string][]} */
  const cases = [
    [element('HTMLVideoElement', { videoWidth: 4, videoHeight: 3, readyState: 1 }), 'not_ready'],
    [element('HTMLVideoElement', { videoWidth: 0, videoHeight: 0, readyState: 4 }), 'not_ready'],
    [element('HTMLImageElement', { naturalWidth: 0, naturalHeight: 0, complete: false }), 'not_ready'],
    [element('HTMLImageElement', { naturalWidth: 0, naturalHeight: 0, complete: true }), 'image_invalid'],
    [element('HTMLCanvasElement', { width: 0, height: 3 }), 'image_invalid'],
    [element('ImageBitmap', { width: 0, height: 0 }), 'image_invalid'],
    [element('HTMLCanvasElement', { width: 32769, height: 3 }), 'image_too_large'],
    [element('HTMLCanvasElement', { width: 20000, height: 20000 }), 'image_too_large'],
    [element('HTMLCanvasElement', { width: 16384, height: 8193 }), 'image_too_large'],
    [{ data: new Uint8Array(0), width: 0, height: 0 }, 'image_invalid'],
    [{ data: new Uint8Array(47), width: 4, height: 3 }, 'image_invalid'],
    [{ data: new Uint8Array(48), width: 4.5, height: 3 }, 'image_invalid'],
    [{ data: new Uint8Array(48), width: -4, height: -3 }, 'image_invalid'],
  ]
  for (const [source, code] of cases) assert.throws(() => recognise(source), { name: 'MaskDetectorError', code })
})

test('other things are TypeErrors', () => {
  for (const source of [undefined, null, 5, 'picture.jpg', {}, [], () => {}, { data: [1, 2, 3, 4], width: 1, height: 1 }, { data: new Uint8Array(4), width: '1', height: 1 }]) {
    assert.throws(() => recognise(source), TypeError)
  }
})

test('an address and a Response are told what to pass in their place', () => {
  for (const address of ['portrait.png', new URL('https://example.org/portrait.png')]) assert.throws(() => recognise(address), { name: 'TypeError', message: /not its address.*await \(await fetch\(url\)\)\.blob\(\).*await readFile\(path\)/ })
  assert.throws(() => recognise(new Response('')), { name: 'TypeError', message: /await response\.blob\(\)/ })
})

test('media time is told in milliseconds', () => {
  const frame = element('VideoFrame', { displayWidth: 4, displayHeight: 3, timestamp: 2500 })
  const video = element('HTMLVideoElement', { videoWidth: 4, videoHeight: 3, readyState: 4, currentTime: 1.5 })
  assert.equal(timestampOf(recognise(frame)), 2.5)
  assert.equal(timestampOf(recognise(video)), 1500)
})
