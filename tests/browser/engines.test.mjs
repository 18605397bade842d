/* The library, <mask-check> and the demo page in Firefox and WebKit. */
import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { createFileServer } from '../../web/serve.mjs'
import { EXPECTED_LABELS } from '../portrait/portraits.mjs'
import { ROOT } from './chromium.mjs'
import { ENGINES, missing, visit } from './engines.mjs'
import { makeLibraryFolder } from './library-folder.mjs'
import { POLICY, PORTRAITS } from './library-page.mjs'

const LIBRARY_PAGE = readFileSync(new URL('engine-page.js', import.meta.url), 'utf8').replaceAll('../../web/lib/', './lib/')
/** Tells why there is a worker, or none. */
const WORKER_PAGE = `
import { MaskDetector } from './lib/index.js'
const { info } = await MaskDetector.create()
await fetch('done?' + encodeURIComponent(JSON.stringify(info.workerReason)))`

for (const [name, engine] of Object.entries(ENGINES)) {
  describe(name, { skip: missing(engine) }, () => {
    test('labels every kind of source, in a worker and without, under the policy, and requests nothing', async () => {
      const folder = makeLibraryFolder(LIBRARY_PAGE, PORTRAITS)
      writeFileSync(join(folder, 'broken.png'), 'no picture')
      writeFileSync(join(folder, 'asks.js'), "fetch('by-worker').then(() => postMessage('asked'))")
      const server = createFileServer(folder, { 'content-security-policy': POLICY })
      try {
        const { said, requests } = await visit(engine, server, engine.camera ? '/#camera' : '/')
        const label = EXPECTED_LABELS.correct
        const forms = Object.fromEntries(['image', 'canvas', 'offscreen', 'bitmap', 'data', 'frame', 'file', 'bytes'].map((form) => [form, label]))
        const expected = {
          labels: PORTRAITS.map((portrait) => EXPECTED_LABELS[portrait]),
          forms,
          watched: { label, uncertain: false, tracked: true },
          broken: 'image_invalid',
          closed: 'closed',
        }
        assert.deepEqual(said, {
          detectors: [{ worker: true, ...expected }, { worker: false, ...expected }],
          inElement: ['without_mask', label, 'image_invalid', 'mask_worn_incorrectly', 'image_invalid', label],
          camera: engine.camera && { hasFrames: true, ended: 'undefined' },
        })
        assert.deepEqual(requests, ['/by-page?null', '/asks.js', '/by-worker'], 'those made on purpose')
      } finally {
        server.close()
        rmSync(folder, { recursive: true })
      }
    })

    test('starts a worker of many scripts, as npm start serves it where there is no bundler', async () => {
      const folder = makeLibraryFolder(WORKER_PAGE, [])
      cpSync(join(ROOT, 'web', 'lib'), join(folder, 'lib'), { recursive: true })
      const server = createFileServer(folder)
      try {
        assert.equal((await visit(engine, server, '/')).said, 'it could be started')
      } finally {
        server.close()
        rmSync(folder, { recursive: true })
      }
    })

    test('shows the demo page: a sample is labelled, no request is counted, and it is kept', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'maskcheck-demo-'))
      cpSync(join(ROOT, 'web', 'demo', 'dist'), join(folder, 'demo'), { recursive: true })
      cpSync(new URL('engine-demo.html', import.meta.url), join(folder, 'index.html'))
      const server = createFileServer(folder)
      try {
        const { said, requests } = await visit(engine, server, '/')
        assert.match(said.face, /^Mask worn correctly/)
        assert.equal(said.requests, '0')
        assert.match(said.offline, /^Kept on this device/)
        assert.deepEqual([said.later, requests], ['1', ['/demo/style.css']], 'the one made on purpose')
      } finally {
        server.close()
        rmSync(folder, { recursive: true })
      }
    })
  })
}
