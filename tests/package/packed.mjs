/* The package as others get it: packed, and installed into an empty project that is far from this repository. */
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))
export const run = promisify(execFile)

/**
 * @typedef {object} Packed
 * @property {string} tarball path
 * @property {string} project folder with node_modules/maskcheck
 * @property {string} installed folder of the installed package
 * @property {string[]} files in the package, sorted
 * @property {() => void} remove
 */

/** @returns {Promise<Packed>} */
export async function installPacked() {
  const folder = mkdtempSync(join(tmpdir(), 'maskcheck-packed-'))
  const { stdout } = await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], { cwd: ROOT })
  const [{ filename, files }] = JSON.parse(stdout)
  const tarball = join(folder, filename)
  const project = join(folder, 'project')
  mkdirSync(project)
  writeFileSync(join(project, 'package.json'), '{ "name": "project", "version": "1.0.0", "private": true, "type": "module" }\n')
  // Offline and with an empty cache: nothing may be needed but the tarball.
  await run('npm', ['install', '--offline', '--cache', join(folder, 'cache'), '--no-audit', '--no-fund', tarball], { cwd: project })
  return {
    tarball,
    project,
    installed: join(project, 'node_modules', 'maskcheck'),
    files: files.map((/** @type {{ path: string }} */ { path }) => path).sort(),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
