/* Builds the page with each bundler as it comes: no options but where the files are. */
import { cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { nodeResolve } from '@rollup/plugin-node-resolve'
import * as esbuild from 'esbuild'
import { rollup } from 'rollup'
import * as vite from 'vite'
import webpack from 'webpack'

/**
 * @callback Builder
 * @param {string} project folder with index.html, main.js and the installed package
 * @param {string} out folder for the page
 * @param {string} path under which the page will be served, with slashes at both ends
 * @returns {Promise<unknown>}
 */

/** @type {Record<string, Builder>} */
export const BUILDERS = {
  vite: (root, outDir, base) => vite.build({ root, base, configFile: false, logLevel: 'error', build: { outDir, emptyOutDir: true } }),

  webpack: (context, path) =>
    new Promise((resolve, reject) => {
      copyPage(context, path)
      webpack({ context, mode: 'production', entry: './main.js', output: { path } }, (error, stats) => {
        const { errors = [], warnings = [] } = stats?.toJson({ all: false, errors: true, warnings: true }) ?? {}
        // What webpack says about the size of every page with a model in it.
        const problems = [...errors, ...warnings].filter(({ message }) => !/performance recommendations|size limit|code splitting/.test(message))
        if (error ?? problems.length > 0) reject(error ?? new Error(problems.map(({ message }) => message).join('\n')))
        else resolve(stats)
      })
    }),

  async rollup(project, dir) {
    copyPage(project, dir)
    const bundle = await rollup({ input: join(project, 'main.js'), plugins: [nodeResolve()], onwarn: (warning) => { throw new Error(warning.message) } })
    await bundle.write({ dir })
    await bundle.close()
    copyAssets(project, dir)
  },

  async esbuild(project, outdir) {
    copyPage(project, outdir)
    const { warnings } = await esbuild.build({ entryPoints: [join(project, 'main.js')], bundle: true, format: 'esm', outdir, logLevel: 'silent' })
    if (warnings.length > 0) throw new Error(warnings.map(({ text }) => text).join('\n'))
    copyAssets(project, outdir)
  },

  async 'no bundler'(project, out) {
    copyPage(project, out)
    cpSync(join(project, 'main.js'), join(out, 'main.js'))
    cpSync(join(project, 'node_modules', 'maskcheck', 'dist'), join(out, 'maskcheck'), { recursive: true })
    const html = readFileSync(join(out, 'index.html'), 'utf8')
    const map = '<script type="importmap">{ "imports": { "maskcheck": "./maskcheck/index.js", "maskcheck/element": "./maskcheck/element.js" } }</script>'
    writeFileSync(join(out, 'index.html'), html.replace('<script', `${map}\n    <script`))
  },
}

/** @param {string} project @param {string} out */
function copyPage(project, out) {
  mkdirSync(out, { recursive: true })
  cpSync(join(project, 'index.html'), join(out, 'index.html'))
}

/**
 * What rollup and esbuild leave to the user: the files beside the bundle.
 * @param {string} project
 * @param {string} out
 */
function copyAssets(project, out) {
  const dist = join(project, 'node_modules', 'maskcheck', 'dist')
  for (const name of readdirSync(dist)) if (name === 'worker.js' || /\.(wasm|onnx)$/.test(name)) cpSync(join(dist, name), join(out, name))
}
