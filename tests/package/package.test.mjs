import assert from 'node:assert/strict'
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { brotliCompressSync } from 'node:zlib'
import { publint } from 'publint'
import { launch, noBrowser, openPage } from '../browser/chromium.mjs'
import { EXPECTED_LABELS, encodePng, makePortrait } from '../portrait/portraits.mjs'
import { ROOT, installPacked, run } from './packed.mjs'

/** @typedef {import('../portrait/portraits.mjs').PortraitName} PortraitName */

const KB = 1000
/** @type {import('./packed.mjs').Packed} */
let packed
before(async () => {
  packed = await installPacked()
})
after(() => packed?.remove())

/** @param {string} name in the installed package */
const read = (name) => readFileSync(join(packed.installed, name))
const manifest = () => JSON.parse(read('package.json').toString())

/**
 * Runs a module in the project.
 * @param {string} name
 * @param {string} code
 * @param {string[]} [values] for process.argv
 * @returns {Promise<any>} what it printed, as JSON
 */
async function runModule(name, code, values = []) {
  writeFileSync(join(packed.project, name), code)
  const { stdout } = await run(process.execPath, [name, ...values], { cwd: packed.project })
  return JSON.parse(stdout)
}

describe('what is in the package', () => {
  test('no file but the library, its assets, types and notices', () => {
    const own = ['LICENSE', 'README.md', 'package.json', 'dist/THIRD-PARTY.txt', 'dist/sbom.cdx.json', 'dist/face.onnx', 'dist/mask.onnx', 'dist/maskcheck-simd.wasm', 'dist/maskcheck-relaxed.wasm']
    const scripts = ['dist/index.js', 'dist/worker.js', 'dist/element.js', 'dist/cli.mjs']
    const types = packed.files.filter((name) => name.endsWith('.d.ts'))
    assert.deepEqual(packed.files, [...own, ...scripts, ...types].sort())
    // Types that neither entry needs would be clutter.
    const needed = new Set(['index', 'element'])
    for (const name of needed) for (const [, other = ''] of read(`dist/${name}.d.ts`).toString().matchAll(/['"]\.\/([\w-]+)(?:\.js|\.d\.ts)['"]/g)) needed.add(other)
    assert.deepEqual(types, [...needed].map((name) => `dist/${name}.d.ts`).sort())
  })

  test('a page fetches one script, and the worker another; the element shares the first', () => {
    const imports = (/** @type {string} */ name) => [...read(`dist/${name}`).toString().matchAll(/^(?:import|export)\b.*?\bfrom "(.*)";$/gm)].map(([, from]) => from)
    assert.deepEqual([imports('index.js'), imports('worker.js'), imports('element.js')], [[], [], ['./index.js']])
    assert.deepEqual(new Set(imports('cli.mjs').filter((from) => !from?.startsWith('node:'))), new Set(['./index.js']))
  })

  test('it needs nothing else and runs nothing when it is installed', () => {
    const { dependencies, peerDependencies, optionalDependencies, scripts, type } = manifest()
    assert.deepEqual([dependencies, peerDependencies, optionalDependencies, type], [undefined, undefined, undefined, 'module'])
    assert.deepEqual(Object.keys(scripts).filter((name) => /install|prepare/.test(name)), [])
    assert.deepEqual(readdirSync(join(packed.project, 'node_modules')).filter((name) => !name.startsWith('.')), ['maskcheck'])
  })

  test('every file that package.json names is there', () => {
    /** @type {(value: any) => string[]} */
    const names = (value) => (typeof value === 'string' ? [value] : Object.values(value).flatMap(names))
    const { exports, bin, types } = manifest()
    for (const name of [...names(exports), ...names(bin), types]) assert.ok(existsSync(join(packed.installed, name)), name)
    for (const entry of Object.values(exports)) if (typeof entry === 'object') assert.equal(Object.keys(entry)[0], 'types')
  })

  test('a clone that is not built cannot be packed', async () => {
    const clone = join(packed.project, 'clone')
    mkdirSync(join(clone, 'web'), { recursive: true })
    for (const name of ['package.json', '.npmrc', 'web/check-package.mjs']) copyFileSync(join(ROOT, name), join(clone, name))
    await assert.rejects(run('npm', ['pack', '--dry-run'], { cwd: clone }), /Not built: .*\.\/dist\/index\.js.* missing\. Run `npm run build` first\./)
    cpSync(join(packed.installed, 'dist'), join(clone, 'dist'), { recursive: true })
    await run('npm', ['pack', '--dry-run'], { cwd: clone })
  })

  test('the networks are those of the repository', () => {
    for (const name of ['face.onnx', 'mask.onnx']) assert.ok(read(`dist/${name}`).equals(readFileSync(join(ROOT, 'model', name))), name)
  })

  test('versions belong together', () => {
    const { version } = manifest()
    assert.ok(read('dist/index.js').toString().includes(`"${version}"`))
    for (const name of ['maskcheck-simd.wasm', 'maskcheck-relaxed.wasm']) assert.ok(read(`dist/${name}`).includes(version), name)
  })

  test('no path of the machine that built it is left in a file', () => {
    for (const name of packed.files.filter((file) => file.startsWith('dist/'))) {
      const contents = read(name)
      for (const place of [ROOT, homedir(), '/usr/share/emscripten', '/.cache/']) assert.ok(!contents.includes(place), `${name} has ${place} in it`)
    }
  })
})

describe('notices and bill of materials', () => {
  /** @type {Record<string, { title: string, licence: string, sha256: string, for?: string }>} */
  const sources = JSON.parse(readFileSync(join(ROOT, 'src', 'sources.json'), 'utf8'))
  const linked = Object.values(sources).filter((source) => source.for !== 'tests')

  test('the licence text of everything that is linked in', () => {
    const text = read('dist/THIRD-PARTY.txt').toString()
    for (const phrase of [...linked.map(({ title }) => title), 'musl', 'Emscripten', 'compiler-rt']) assert.match(text, new RegExp(`^${phrase}.*\\nLicence: `, 'm'))
    for (const holder of ['Facebook', 'Georgia Institute of Technology', 'Marat Dukhan', 'Sean Barrett', 'Dave Benson', 'Rich Felker', 'The Emscripten Authors']) assert.ok(text.includes(holder), holder)
    assert.ok(!text.includes('cmocka'))
    assert.match(read('LICENSE').toString(), /Apache License\s+Version 2.0/)
  })

  test('the bill of materials has the versions, licences and hashes of what was built', () => {
    const bill = JSON.parse(read('dist/sbom.cdx.json').toString())
    assert.deepEqual([bill.bomFormat, bill.specVersion, bill.metadata.component.version], ['CycloneDX', '1.6', manifest().version])
    const entry = (/** @type {string} */ name) => bill.components.find((/** @type {{ name: string }} */ component) => component.name === name)
    for (const { title, licence, sha256 } of linked) {
      assert.equal(entry(title)?.licenses[0].license.id, licence)
      assert.equal(entry(title)?.hashes[0].content, sha256)
    }
    for (const name of ['face.onnx', 'mask.onnx']) {
      assert.equal(entry(name)?.hashes[0].content, createHash('sha256').update(read(`dist/${name}`)).digest('hex'))
    }
    const references = bill.components.map((/** @type {{ 'bom-ref': string }} */ component) => component['bom-ref'])
    assert.equal(new Set(references).size, references.length)
    assert.deepEqual(bill.dependencies[0].dependsOn, references)
  })
})

describe('in Node', () => {
  for (const name of /** @type {PortraitName[]} */ (['bare', 'correct'])) {
    test(`labels raw pixels, PNG and JPEG (${name})`, { skip: noBrowser }, async () => {
      const portrait = makePortrait(name)
      const png = encodePng(portrait)
      writeFileSync(join(packed.project, 'face.rgba'), portrait.data)
      writeFileSync(join(packed.project, 'face.png'), png)
      writeFileSync(join(packed.project, 'face.jpg'), await toJpeg(png))
      const code = `
        import { readFile } from 'node:fs/promises'
        import { MaskDetector } from 'maskcheck'
        const detector = await MaskDetector.create()
        const data = new Uint8Array(await readFile('face.rgba'))
        const results = [
          await detector.detect({ data, width: ${portrait.width}, height: ${portrait.height} }),
          await detector.detect(await readFile('face.png')),
          await detector.detect(new Uint8Array(await readFile('face.jpg')).buffer),
        ]
        detector.close()
        console.log(JSON.stringify(results))`
      const results = await runModule('detect.mjs', code)
      for (const { width, faces } of results) {
        assert.equal(width, portrait.width)
        assert.equal(faces[0]?.mask.value, EXPECTED_LABELS[name])
      }
      assert.deepEqual(results[0].faces, results[1].faces, 'PNG has the same pixels')
    })
  }

  test('npx maskcheck --json', async () => {
    writeFileSync(join(packed.project, 'cli.png'), encodePng(makePortrait('correct')))
    const { stdout } = await run('npx', ['--offline', 'maskcheck', '--json', 'cli.png'], { cwd: packed.project })
    const { file, faces } = JSON.parse(stdout)
    assert.deepEqual([file, faces[0]?.mask.value], ['cli.png', EXPECTED_LABELS.correct])
  })

  test('the files are found by name, and the command line is not importable', async () => {
    const code = `
      const resolve = (name) => { try { return import.meta.resolve(name) } catch ({ code }) { return code } }
      console.log(JSON.stringify(process.argv.slice(2).map(resolve)))`
    const names = ['maskcheck/face.onnx', 'maskcheck/mask.onnx', 'maskcheck/maskcheck-simd.wasm', 'maskcheck/maskcheck-relaxed.wasm', 'maskcheck/package.json', 'maskcheck/dist/runtime.js']
    const found = await runModule('resolve.mjs', code, names)
    for (const address of found.slice(0, -1)) assert.match(address, /^file:.*node_modules\/maskcheck\//)
    assert.equal(found.at(-1), 'ERR_PACKAGE_PATH_NOT_EXPORTED')
  })
})

describe('types', () => {
  for (const [module, moduleResolution] of /** @type {const} */ ([['esnext', 'bundler'], ['node16', 'node16']])) {
    test(`a strict consumer compiles with moduleResolution ${moduleResolution}`, async () => {
      const consumer = readFileSync(new URL('consumer.ts', import.meta.url))
      writeFileSync(join(packed.project, 'consumer.mts'), consumer)
      const options = { module, moduleResolution, target: 'es2022', lib: ['es2022', 'dom', 'dom.iterable'], types: [], strict: true, skipLibCheck: false, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, noEmit: true }
      writeFileSync(join(packed.project, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files: ['consumer.mts'] }))
      const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc')
      const { code = 0, stdout, stderr } = await run(process.execPath, [tsc, '-p', 'tsconfig.json'], { cwd: packed.project }).catch((error) => error)
      assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: '', stderr: '' })
    })
  }

  test('publint finds nothing', async () => {
    assert.deepEqual((await publint({ pkgDir: packed.installed, strict: true })).messages, [])
  })

  test('the types are not wrong, says attw', async () => {
    // The assets have no types; ES modules alone are offered, by intention.
    const assets = Object.keys(manifest().exports).filter((name) => /\.(onnx|wasm)$/.test(name))
    const attw = join(ROOT, 'node_modules', '.bin', 'attw')
    // It fails with what it found.
    const { stdout } = await run(attw, [packed.tarball, '--format', 'json', '--profile', 'esm-only', '--exclude-entrypoints', ...assets])
    const { analysis } = JSON.parse(stdout)
    assert.equal(analysis.types?.kind, 'included')
    for (const entry of ['.', './element']) assert.ok(entry in analysis.entrypoints, entry)
  })
})

describe('size, compressed by brotli', () => {
  /** @param {string} name */
  const size = (name) => brotliCompressSync(read(name)).length

  test('each file and a whole page', (context) => {
    const page = packed.files.filter((name) => /^dist\/.*\.js$/.test(name))
    const sizes = {
      js: page.reduce((sum, name) => sum + size(name), 0),
      simd: size('dist/maskcheck-simd.wasm'),
      relaxed: size('dist/maskcheck-relaxed.wasm'),
      face: size('dist/face.onnx'),
      mask: size('dist/mask.onnx'),
    }
    const whole = sizes.js + Math.max(sizes.simd, sizes.relaxed) + sizes.face + sizes.mask
    context.diagnostic(`bytes: ${JSON.stringify({ ...sizes, whole })}`)
    for (const name of /** @type {const} */ (['simd', 'relaxed'])) assert.ok(sizes[name] <= 110 * KB, `${name}: ${sizes[name]} bytes`)
    for (const name of /** @type {const} */ (['face', 'mask'])) assert.ok(sizes[name] <= 1500 * KB, `${name}: ${sizes[name]} bytes`)
    assert.ok(whole <= 800 * KB, `whole page: ${whole} bytes`)
  })
})

/**
 * Encoded by the browser.
 * @param {Uint8Array} png
 * @returns {Promise<Buffer>}
 */
async function toJpeg(png) {
  const { browser, close } = await launch()
  try {
    const { page } = await openPage(browser)
    const address = await page.evaluate(async (source) => {
      const image = new Image()
      image.src = source
      await image.decode()
      const canvas = document.createElement('canvas')
      canvas.width = image.width
      canvas.height = image.height
      canvas.getContext('2d')?.drawImage(image, 0, 0)
      return canvas.toDataURL('image/jpeg', 0.95)
    }, `data:image/png;base64,${Buffer.from(png).toString('base64')}`)
    return Buffer.from(/** @type {string} */ (address.split(',')[1]), 'base64')
  } finally {
    await close()
  }
}
