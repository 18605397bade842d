/* Fills dist/ (what the npm package contains) and web/demo/dist/ (the page, for any static host), from the sources, the
   models and the compiled .wasm files; with --page the page alone, which needs no development dependencies. Changes
   nothing where nothing changed. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { listFiles, sampleFiles, slim } from './demo-files.mjs'
import { billOfMaterials, linkedComponents, noticesText } from './third-party.mjs'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const DIST = join(ROOT, 'dist')
const DEMO = join(ROOT, 'web', 'demo')

/** The library's files, by their name in the package. @returns {Map<string, Buffer>} */
function libraryFiles() {
  const paths = new Map([
    ['maskcheck-simd.wasm', join(ROOT, 'build', 'wasm-simd', 'maskcheck.wasm')],
    ['maskcheck-relaxed.wasm', join(ROOT, 'build', 'wasm-relaxed', 'maskcheck.wasm')],
    ['face.onnx', join(ROOT, 'model', 'face.onnx')],
    ['mask.onnx', join(ROOT, 'model', 'mask.onnx')],
  ])
  const missing = [...paths.values()].filter((path) => !existsSync(path))
  if (missing.length > 0) throw new Error(`missing: ${missing.map((path) => relative(ROOT, path)).join(', ')}. Run npm run build, which compiles them first.`)
  const lib = join(ROOT, 'web', 'lib')
  for (const name of readdirSync(lib)) if (/\.m?js$/.test(name)) paths.set(name, join(lib, name))
  const files = new Map([...paths].map(([name, path]) => [name, readFileSync(path)]))
  files.set('asset-hashes.js', Buffer.from(hashesModule(files)))
  files.set('THIRD-PARTY.txt', Buffer.from(noticesText(linkedComponents(ROOT))))
  return files
}

/**
 * @param {Map<string, Buffer>} files
 * @returns {string} in place of web/lib/asset-hashes.js
 */
function hashesModule(files) {
  const lines = [...files]
    .filter(([name]) => /\.(onnx|wasm)$/.test(name))
    .map(([name, contents]) => `  '${name}': '${createHash('sha256').update(contents).digest('hex')}',\n`)
  return `/** SHA-256 of the files of this package, by name; hexadecimal. */\nexport const SHA256 = Object.freeze({\n${lines.join('')}})\n`
}

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

/**
 * The worker in one file: rollup and esbuild leave `new URL('./worker.js', import.meta.url)` as it is, and then one file
 * beside the bundle is easily put there, a dozen are not.
 * @returns {Promise<Uint8Array>}
 */
async function bundleWorker() {
  const { build } = await import('esbuild')
  const { outputFiles } = await build({ entryPoints: [join(ROOT, 'web', 'lib', 'worker.js')], bundle: true, format: 'esm', target: 'es2022', write: false })
  return /** @type {import('esbuild').OutputFile} */ (outputFiles[0]).contents
}

function bill() {
  const product = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  const models = new Map([...library].filter(([name]) => name.endsWith('.onnx')))
  return Buffer.from(billOfMaterials(linkedComponents(ROOT), product, models))
}

function writeTypes() {
  const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc')
  const options = ['--noEmit', 'false', '--declaration', '--emitDeclarationOnly', '--stripInternal', '--rootDir', join(ROOT, 'web', 'lib')]
  execFileSync(process.execPath, [tsc, '-p', join(ROOT, 'web', 'lib', 'tsconfig.json'), ...options, '--outDir', DIST], { stdio: 'inherit' })
  for (const name of readdirSync(DIST)) {
    if (!name.endsWith('.d.ts')) continue
    const file = join(DIST, name)
    writeFileSync(file, tidyTypes(readFileSync(file, 'utf8')))
  }
}

/**
 * Imported types as imports, where tsc makes another name for each of them: editors and the API reference then show what
 * they are.
 * @param {string} types
 */
function tidyTypes(types) {
  return types
    .replaceAll(/^export type (\w+) = import\((['"].+['"])\)\.\1;$/gm, 'import type { $1 } from $2;\nexport type { $1 };')
    .replaceAll(/^\/\*\* @typedef \{import\(.+\)\.(\w+)\} \1 \*\/\n/gm, '')
}

async function buildPackage() {
  const files = new Map([...library, ['worker.js', await bundleWorker()], ['sbom.cdx.json', bill()]])
  fill(DIST, files, (name) => files.has(name.replace(/\.d\.ts$/, '.js')))
  writeTypes()
}

async function buildPage() {
  const names = readdirSync(DEMO).filter((name) => /\.(html|css|js|svg)$/.test(name))
  const page = await slim(new Map(names.map((name) => [name, readFileSync(join(DEMO, name))])))
  const lib = await slim(new Map([...library].filter(([name]) => !/(\.mjs|^element.*)$/.test(name))))
  const samples = await sampleFiles()
  const inFolder = (/** @type {string} */ folder, /** @type {Map<string, Buffer>} */ files) => [...files].map(([name, contents]) => /** @type {const} */ ([`${folder}/${name}`, contents]))
  const kept = new Map([...page, ...inFolder('lib', lib), ...inFolder('samples', samples)])
  kept.delete('service-worker.js') // the browser keeps that itself
  fill(join(DEMO, 'dist', 'lib'), lib)
  fill(join(DEMO, 'dist', 'samples'), samples)
  fill(join(DEMO, 'dist'), new Map([...page, ['files.js', listFiles(kept)]]), (name) => ['lib', 'samples', 'api'].includes(name)) // npm run docs makes api
}

const library = libraryFiles()
if (!process.argv.includes('--page')) await buildPackage()
await buildPage()
