/* Runs the code of README.md as it stands there, against the packed package. A block is run if its info string says so:
     ```js run=node        a module in a project that has maskcheck installed
     ```sh run=sh          commands in the same project
     ```html run=page      a page; `js run=page` is the script of a page with an img, a video and a canvas
     ```c run=c            compiled against include/maskcheck.h and the native library; args=a,b go to the program
   Pictures and models that a block names are there, by that name: every picture shows one person with a mask, and so does
   the camera. Each block has to show that person's label: printed, or in the page or its console. */
import assert from 'node:assert/strict'
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { transform } from 'esbuild'
import { createFileServer, listen } from '../../web/serve.mjs'
import { launch, noBrowser, openPage } from '../browser/chromium.mjs'
import { EXPECTED_LABELS, encodePng, makePortrait } from '../portrait/portraits.mjs'
import { ROOT, installPacked, run } from './packed.mjs'

/** @typedef {{ language: string, info: Record<string, string>, code: string, line: number }} Block */

const PERSON = 'correct'
const LABEL = EXPECTED_LABELS[PERSON]
const README = join(ROOT, 'README.md')
const blocks = existsSync(README) ? readBlocks(readFileSync(README, 'utf8')) : []

/**
 * @param {string} markdown
 * @returns {Block[]} fenced code blocks
 */
function readBlocks(markdown) {
  return [...markdown.matchAll(/^( *)```(\w+)(.*)\n([^]*?)^\1```$/gm)].map((match) => {
    const [, indent = '', language = '', info = '', code = ''] = match
    return {
      language,
      info: Object.fromEntries(info.trim().split(/\s+/).map((word) => word.split('='))),
      code: code.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
      line: markdown.slice(0, match.index).split('\n').length,
    }
  })
}

/** @param {string} kind */
const marked = (kind) => blocks.filter(({ info }) => info['run'] === kind)

describe('README.md', () => {
  /** @type {import('./packed.mjs').Packed} */
  let packed
  before(async () => {
    packed = await installPacked()
  })
  after(() => packed?.remove())

  /**
   * @param {Block} block
   * @param {string} folder to hold the files that the block names
   */
  function provide({ code, info }, folder) {
    for (const [name] of `${code} ${info['args'] ?? ''}`.matchAll(/[\w./-]+\.(png|jpe?g|onnx)\b/g)) {
      const file = join(folder, normalize(`/${name}`))
      mkdirSync(dirname(file), { recursive: true })
      if (name.endsWith('.onnx')) copyFileSync(join(packed.installed, 'dist', /mask[^/]*$/.test(name) ? 'mask.onnx' : 'face.onnx'), file)
      else writeFileSync(file, encodePng(makePortrait(PERSON)))
    }
  }

  test('has blocks of every kind to run', () => {
    for (const kind of ['node', 'sh', 'page', 'c']) assert.ok(marked(kind).length > 0, `no code block with run=${kind}`)
    for (const { info, line } of blocks) assert.ok(!('run' in info) || /^(node|sh|page|c)$/.test(info['run'] ?? ''), `line ${line}: run=${info['run']}`)
  })

  for (const { language, code, line } of blocks.filter((block) => /^(js|mjs|jsx|ts|tsx|javascript|typescript)$/.test(block.language))) {
    test(`line ${line}: is well-formed`, async () => {
      const loader = /** @type {import('esbuild').Loader} */ (/x$/.test(language) ? language : /^(ts|typescript)$/.test(language) ? 'ts' : 'js')
      await transform(code, { loader, format: 'esm' })
    })
  }

  for (const block of marked('node')) {
    test(`line ${block.line}: runs in Node`, async () => {
      provide(block, packed.project)
      const name = `readme-${block.line}.mjs`
      writeFileSync(join(packed.project, name), block.code)
      const { stdout } = await run(process.execPath, [name], { cwd: packed.project, timeout: 60000 })
      assert.ok(stdout.includes(LABEL), stdout)
    })
  }

  for (const block of marked('sh')) {
    test(`line ${block.line}: runs in a shell`, async () => {
      provide(block, packed.project)
      const { stdout } = await run('bash', ['-euc', block.code], { cwd: packed.project, timeout: 60000, env: { ...process.env, npm_config_offline: 'true' } })
      assert.ok(stdout.includes(LABEL), stdout)
    })
  }

  for (const block of marked('c')) {
    test(`line ${block.line}: compiles and runs as C`, async () => {
      const folder = join(packed.project, `c-${block.line}`)
      mkdirSync(folder)
      provide(block, folder)
      writeFileSync(join(folder, 'example.c'), block.code)
      const built = join(ROOT, 'build', 'native', 'src')
      const libraries = ['libmaskcheck.a', 'libonnx_proto.a', 'xnnpack/libxnnpack.a'].map((name) => join(built, name))
      await run('cc', ['-std=c11', '-Wall', '-Wextra', '-Werror', `-I${join(ROOT, 'include')}`, 'example.c', ...libraries, '-lm', '-pthread', '-o', 'example'], { cwd: folder })
      const { stdout } = await run('./example', block.info['args']?.split(',') ?? [], { cwd: folder, timeout: 60000 })
      assert.ok(stdout.includes(LABEL), stdout)
    })
  }

  describe('in a page', { skip: noBrowser }, () => {
    /** @type {Awaited<ReturnType<typeof launch>>} */
    let chromium
    before(async () => {
      chromium = await launch({ camera: PERSON })
    })
    after(() => chromium?.close())

    for (const block of marked('page')) {
      test(`line ${block.line}: runs in a page`, async () => {
        const folder = join(packed.project, `page-${block.line}`)
        mkdirSync(folder)
        provide(block, folder)
        provide({ ...block, code: 'portrait.png' }, folder)
        // The package both where npm puts it and copied beside the page.
        for (const place of ['node_modules/maskcheck/dist', 'maskcheck']) cpSync(join(packed.installed, 'dist'), join(folder, place), { recursive: true })
        writeFileSync(join(folder, 'index.html'), pageOf(block))
        const server = createFileServer(folder)
        const { context, page, problems } = await openPage(chromium.browser)
        /** @type {string[]} */
        const said = []
        page.on('console', (message) => said.push(message.text()))
        try {
          await page.goto(`http://localhost:${await listen(server, 0)}/`)
          const deadline = Date.now() + 30000
          const shown = async () => said.join('\n').includes(LABEL) || (await page.innerText('body')).includes(LABEL)
          while (!(await shown())) {
            assert.deepEqual(problems, [])
            assert.ok(Date.now() < deadline, `no ${LABEL} in the page or its console: ${said.join('\n')}`)
            await new Promise((resolve) => setTimeout(resolve, 100))
          }
          assert.deepEqual(problems, [])
        } finally {
          await context.close()
          server.close()
        }
      })
    }
  })
})

/**
 * What a bundler does for bare names an import map does here.
 * @param {Block} block
 * @returns {string} HTML
 */
function pageOf({ language, code }) {
  const map = '<script type="importmap">{ "imports": { "maskcheck": "./node_modules/maskcheck/dist/index.js", "maskcheck/element": "./node_modules/maskcheck/dist/element.js" } }</script>'
  const listener = "<script>addEventListener('mask-result', ({ detail }) => console.log(detail.faces[0]?.mask.value))</script>"
  const head = `<!doctype html><meta charset="utf-8"><title>README</title><link rel="icon" href="data:,">${map}${listener}`
  if (language === 'html') return code.includes('importmap') ? code : `${head}${code}`
  return `${head}<body><img src="portrait.png" alt=""><video muted playsinline></video><canvas></canvas><script type="module">${code}</script></body>`
}
