/* The built library in a folder of its own, with a page that runs one script. */
import { cpSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodePng, makePortrait } from '../portrait/portraits.mjs'
import { ROOT } from './chromium.mjs'

/**
 * @param {string} setup the page's module; the library is at ./lib/index.js
 * @param {readonly import('../portrait/portraits.mjs').PortraitName[]} portraits put beside the page as NAME.png
 * @returns {string} the folder, the caller's to remove
 */
export function makeLibraryFolder(setup, portraits) {
  const folder = mkdtempSync(join(tmpdir(), 'maskcheck-library-'))
  for (const name of portraits) writeFileSync(join(folder, `${name}.png`), encodePng(makePortrait(name)))
  cpSync(join(ROOT, 'dist'), join(folder, 'lib'), { recursive: true })
  writeFileSync(join(folder, 'setup.js'), setup)
  writeFileSync(join(folder, 'favicon.ico'), '') // browsers ask for it
  writeFileSync(join(folder, 'index.html'), '<!doctype html><meta charset="utf-8"><script type="module" src="setup.js"></script>')
  return folder
}
