/* Fills dist/ (what the npm package contains) and web/demo/dist/ (the page, for any static host), from the sources, the
   models and the compiled .wasm files; with --page the page alone, which needs no development dependencies. Changes
   nothing where nothing changed. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { listFiles, sampleFiles } from './demo-files.mjs'
import { loadBundler, slim } from './scripts.mjs'
import { billOfMaterials, linkedComponents, noticesText } from './third-party.mjs'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const DIST = join(ROOT, 'dist')
const LIB = join(ROOT, 'web', 'lib')
const DEMO = join(ROOT, 'web', 'demo')
/** Scripts of the page that nothing imports. */
const LONE = ['unsupported.js', 'service-worker.js']

/** The files that the library loads, by their name in the package. @returns {Map<string, Buffer>} */
function assetFiles() {
  const paths = new Map([
    ['maskcheck-simd.wasm', join(ROOT, 'build', 'wasm-simd', 'maskcheck.wasm')],
    ['maskcheck-relaxed.wasm', join(ROOT, 'build', 'wasm-relaxed', 'maskcheck.wasm')],
    ['face.onnx', join(ROOT, 'model', 'face.onnx')],
    ['mask.onnx', join(ROOT, 'model', 'mask.onnx')],
  ])
  const missing = [...paths.values()].filter((path) => !existsSync(path))
  if (missing.length > 0) throw new Error(`missing: ${missing.map((path) => relative(ROOT, path)).join(', ')}. Run npm run build, which compiles them first.`)
  return new Map([...paths].map(([name, path]) => [name, readFileSync(path)]))
}

/**
 * @param {Map<string, Buffer>} files
 * @returns {string} in place of web/lib/built-files.js
 */
function builtFilesModule(files) {
  const lines = [...files].map(([name, contents]) => `  '${name}': { sha256: '${createHash('sha256').update(contents).digest('hex')}', size: ${contents.length} },\n`)
  return `/** Files of this package by name: SHA-256, hexadecimal, and size in bytes. */\nexport const BUILT_FILES = Object.freeze({\n${lines.join('')}})\n`
}

/**
 * The library's scripts, each with all that it imports in it, because files that fetch one another keep the first answer
 * waiting; without comments, which are in the types. Names stay, so that people can still see what they do. `index.js` is left
 * out of the others: all share its classes.
 * @param {string[]} names in web/lib
 * @returns {Promise<Map<string, Buffer>>}
 */
async function scriptFiles(names) {
  const tools = await loadBundler()
  const builtFiles = Buffer.from(builtFilesModule(assets))
  if (tools === undefined) return new Map([...filesIn(LIB, /^(?!element).*\.js$/), ['built-files.js', builtFiles]])
  const plugins = [{ name: 'built-files', load: (/** @type {string} */ id) => (id.endsWith('built-files.js') ? builtFiles.toString() : null) }]
  return new Map(await Promise.all(names.map(async (name) => /** @type {const} */ ([name, await tools.bundle(join(LIB, name), './index.js', plugins)]))))
}

/** @param {string} folder @param {RegExp} names @returns {Map<string, Buffer>} */
const filesIn = (folder, names) => new Map(readdirSync(folder).filter((name) => names.test(name)).map((name) => [name, readFileSync(join(folder, name))]))

/**
 * @param {string} folder made to hold these files and no others
 * @param {Map<string, Uint8Array>} files
 * @param {(name: string) => boolean} [spare] other files that may stay
 */
function fill(folder, files, spare = () => false) {
  mkdirSync(folder, { recursive: true })
  for (const name of readdirSync(folder)) if (!files.has(name) && !spare(name)) rmSync(join(folder, name), { recursive: true })
  for (const [name, contents] of files) {
    const file = join(folder, name)
    if (!existsSync(file) || !readFileSync(file).equals(contents)) writeFileSync(file, contents)
  }
}

/** @returns {[string, Buffer]} */
const notices = () => ['THIRD-PARTY.txt', Buffer.from(noticesText(linkedComponents(ROOT)))]

function bill() {
  const product = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  const models = new Map([...assets].filter(([name]) => name.endsWith('.onnx')))
  return Buffer.from(billOfMaterials(linkedComponents(ROOT), product, models))
}

function writeTypes() {
  const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc')
  const options = ['--noEmit', 'false', '--declaration', '--emitDeclarationOnly', '--stripInternal', '--rootDir', join(ROOT, 'web', 'lib')]
  execFileSync(process.execPath, [tsc, '-p', join(ROOT, 'web', 'lib', 'tsconfig.json'), ...options, '--outDir', DIST], { stdio: 'inherit' })
  const read = (/** @type {string} */ name) => readFileSync(join(DIST, name), 'utf8')
  const wanted = new Set(['index.d.ts', 'element.d.ts'])
  for (const name of wanted) for (const [, used] of read(name).matchAll(/['"]\.\/([\w-]+)\.js['"]/g)) wanted.add(`${used}.d.ts`)
  for (const name of readdirSync(DIST)) {
    if (!name.endsWith('.d.ts')) continue
    if (wanted.has(name)) writeFileSync(join(DIST, name), tidyTypes(read(name)))
    else rmSync(join(DIST, name))
  }
  // tsc makes types of scripts alone.
  cpSync(join(LIB, 'element-globals.d.ts'), join(DIST, 'element-globals.d.ts'))
  writeFileSync(join(DIST, 'element.d.ts'), `/// <reference path="./element-globals.d.ts" />\n${read('element.d.ts')}`)
}

/**
 * Imported types as imports, where tsc makes another name for each of them: editors and the API reference then show what
 * they are. And arrays without their kind of buffer, which TypeScript before 5.7 does not know.
 * @param {string} types
 */
function tidyTypes(types) {
  return types
    .replaceAll(/^export type (\w+) = import\((['"].+['"])\)\.\1;$/gm, 'import type { $1 } from $2;\nexport type { $1 };')
    .replaceAll('Uint8Array<ArrayBuffer>', 'Uint8Array')
    .replaceAll(/^\/\*\* @typedef \{import\(.+\)\.(\w+)\} \1 \*\/\n/gm, '')
}

async function buildPackage() {
  const files = new Map([...assets, notices(), ...(await scriptFiles(['index.js', 'worker.js', 'element.js', 'cli.mjs'])), ['sbom.cdx.json', bill()]])
  fill(DIST, files, (name) => name.endsWith('.d.ts'))
  writeTypes()
}

async function buildPage() {
  const own = filesIn(DEMO, /\.(html|css|js|svg)$/)
  const tools = await loadBundler()
  if (tools !== undefined) {
    for (const name of own.keys()) if (name.endsWith('.js') && !LONE.includes(name)) own.delete(name)
    own.set('app.js', await tools.bundle(join(DEMO, 'app.js'), './lib/index.js'))
  }
  const page = await slim(own)
  const lib = await slim(new Map([...assets, notices(), ...(await scriptFiles(['index.js', 'worker.js']))]))
  const samples = await sampleFiles()
  const inFolder = (/** @type {string} */ folder, /** @type {Map<string, Buffer>} */ files) => [...files].map(([name, contents]) => /** @type {const} */ ([`${folder}/${name}`, contents]))
  const kept = new Map([...page, ...inFolder('lib', lib), ...inFolder('samples', samples)])
  kept.delete('service-worker.js') // the browser keeps that itself
  fill(join(DEMO, 'dist', 'lib'), lib)
  fill(join(DEMO, 'dist', 'samples'), samples)
  fill(join(DEMO, 'dist'), new Map([...page, ['files.js', listFiles(kept)]]), (name) => ['lib', 'samples', 'api'].includes(name)) // npm run docs makes api
}

const assets = assetFiles()
if (!process.argv.includes('--page')) await buildPackage()
await buildPage()
