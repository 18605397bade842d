/* Fills dist/ (what the npm package contains) and web/demo/dist/ (the page, for any static host), from the sources, the
   models and the compiled .wasm files; with --page the page alone, which needs no development dependencies. Changes
   nothing where nothing changed. */
import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const DIST = join(ROOT, 'dist')
const DEMO = join(ROOT, 'web', 'demo')

/** The library's files, by their name in the package. @returns {Map<string, string>} */
function libraryFiles() {
  const files = new Map([
    ['maskcheck-simd.wasm', join(ROOT, 'build', 'wasm-simd', 'maskcheck.wasm')],
    ['maskcheck-relaxed.wasm', join(ROOT, 'build', 'wasm-relaxed', 'maskcheck.wasm')],
    ['face.onnx', join(ROOT, 'model', 'face.onnx')],
    ['mask.onnx', join(ROOT, 'model', 'mask.onnx')],
  ])
  const missing = [...files.values()].filter((file) => !existsSync(file))
  if (missing.length > 0) {
    console.error(`Not there yet: ${missing.map((file) => relative(ROOT, file)).join(', ')}. npm run build makes them first.`)
    process.exit(1)
  }
  const lib = join(ROOT, 'web', 'lib')
  for (const name of readdirSync(lib)) if (/\.m?js$/.test(name)) files.set(name, join(lib, name))
  return files
}

/**
 * @param {string} folder made to hold these files and no others
 * @param {Map<string, string>} files
 * @param {(name: string) => boolean} [spare] other files that may stay
 */
function fill(folder, files, spare = () => false) {
  mkdirSync(folder, { recursive: true })
  for (const name of readdirSync(folder)) if (!files.has(name) && !spare(name)) rmSync(join(folder, name), { recursive: true })
  for (const [name, from] of files) copyIfChanged(from, join(folder, name))
}

/** @param {string} from @param {string} to */
function copyIfChanged(from, to) {
  if (existsSync(to) && readFileSync(from).equals(readFileSync(to))) return
  copyFileSync(from, to)
}

function writeTypes() {
  const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc')
  const options = ['--noEmit', 'false', '--declaration', '--emitDeclarationOnly', '--stripInternal', '--rootDir', join(ROOT, 'web', 'lib')]
  execFileSync(process.execPath, [tsc, '-p', join(ROOT, 'web', 'lib', 'tsconfig.json'), ...options, '--outDir', DIST], { stdio: 'inherit' })
}

function buildPackage() {
  fill(DIST, library, (name) => name.endsWith('.d.ts'))
  writeTypes()
}

function buildPage() {
  const page = readdirSync(DEMO).filter((name) => /\.(html|css|js|svg)$/.test(name))
  fill(join(DEMO, 'dist'), new Map(page.map((name) => [name, join(DEMO, name)])), (name) => name === 'lib')
  fill(join(DEMO, 'dist', 'lib'), new Map([...library].filter(([name]) => !name.endsWith('.mjs'))))
}

const library = libraryFiles()
if (!process.argv.includes('--page')) buildPackage()
buildPage()
