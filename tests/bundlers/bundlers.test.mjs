import assert from 'node:assert/strict'
import { cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import * as esbuild from 'esbuild'
import { createServer } from 'vite'
import { createFileServer, listen } from '../../web/serve.mjs'
import { launch, noBrowser, openPage } from '../browser/chromium.mjs'
import { installPacked } from '../package/packed.mjs'
import { EXPECTED_LABELS, encodePng, makePortrait } from '../portrait/portraits.mjs'
import { BUILDERS } from './builders.mjs'

const PATH = '/some/path/'
const EXPECTED = `${EXPECTED_LABELS.correct}, in a worker, with <mask-check>`

describe('a page built with', { skip: noBrowser }, () => {
  /** @type {import('../package/packed.mjs').Packed} */
  let packed
  /** @type {Awaited<ReturnType<typeof launch>>} */
  let chromium
  const portrait = encodePng(makePortrait('correct'))
  before(async () => {
    packed = await installPacked()
    cpSync(new URL('page', import.meta.url), packed.project, { recursive: true })
    mkdirSync(join(packed.project, 'public'))
    writeFileSync(join(packed.project, 'public', 'portrait.png'), portrait)
    chromium = await launch()
  })
  after(async () => {
    await chromium?.close()
    packed?.remove()
  })

  /**
   * @param {string} address
   * @returns {Promise<string[]>} what was requested
   */
  async function check(address) {
    const { context, page, problems, requests } = await openPage(chromium.browser)
    try {
      await page.goto(address)
      await page.waitForFunction(() => document.querySelector('#label')?.textContent !== '', undefined, { timeout: 30000 })
      assert.equal(await page.textContent('#label'), EXPECTED)
      assert.deepEqual(problems, [])
      return requests
    } finally {
      await context.close()
    }
  }

  for (const [name, build] of Object.entries(BUILDERS)) {
    test(`${name} labels the portrait, from a sub-path`, async () => {
      const site = join(packed.project, `site-${name.replace(' ', '-')}`)
      const out = join(site, PATH)
      await build(packed.project, out, PATH)
      cpSync(join(packed.project, 'public'), out, { recursive: true })
      const own = join(out, 'copies')
      cpSync(join(packed.installed, 'dist'), own, { recursive: true, filter: (file) => !/\.(js|mjs|ts|txt|json)$/.test(file) })
      assert.equal(readdirSync(own).length, 4)
      const server = createFileServer(site)
      const base = `http://localhost:${await listen(server, 0)}`
      try {
        const requests = await check(`${base}${PATH}`)
        assert.equal(requests.filter((url) => /\.(wasm|onnx)$/.test(url)).length, 3, requests.join('\n'))
        const asked = await check(`${base}${PATH}?assets=copies`)
        assert.deepEqual(
          asked.filter((url) => /\.(wasm|onnx)$/.test(url)).map((url) => url.slice(base.length)).sort(),
          ['face.onnx', 'mask.onnx', 'maskcheck-relaxed.wasm'].map((file) => `${PATH}copies/${file}`),
        )
      } finally {
        server.close()
      }
    })
  }

  test('a bundle of esbuild that is no ES module works with assetsUrl, and asks for it', async () => {
    const outfile = join(packed.project, 'bundle.cjs')
    await esbuild.build({ stdin: { contents: "export { MaskDetector } from 'maskcheck'", resolveDir: packed.project }, bundle: true, format: 'cjs', outfile, logLevel: 'silent' })
    const { MaskDetector } = /** @type {typeof import('../../web/lib/index.js')} */ (createRequire(outfile)(outfile))
    await assert.rejects(MaskDetector.create(), { code: 'load_failed', message: /--format=esm.*assetsUrl/ })
    const detector = await MaskDetector.create({ assetsUrl: pathToFileURL(join(packed.installed, 'dist')) })
    assert.equal((await detector.detect(portrait)).faces[0]?.mask.value, EXPECTED_LABELS.correct)
    detector.close()
  })

  test("vite's development server labels it too", async () => {
    const server = await createServer({ root: packed.project, base: PATH, configFile: false, logLevel: 'error', cacheDir: join(packed.project, 'vite-cache'), server: { port: 0, host: 'localhost' } })
    try {
      await server.listen()
      await check(`${server.resolvedUrls?.local[0]}`)
    } finally {
      await server.close()
    }
  })
})
