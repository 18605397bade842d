/* Fetches the portrait for the tests: astronaut.png (NASA, public domain) out of Debian's python3-skimage package,
   without installing that package. A second run finds it in the cache. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const SHA256 = '88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5'
const MEMBER = './usr/lib/python3/dist-packages/skimage/data/astronaut.png'
/** As in wasm/setup/common.sh. */
const CACHE = process.env['MASKCHECK_CACHE'] || join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'maskcheck')
const FOLDER = join(CACHE, 'portrait')

/** Where the portrait lies after set-up. */
export const PORTRAIT_FILE = join(FOLDER, 'astronaut.png')

/** @param {Uint8Array} bytes */
const isPortrait = (bytes) => createHash('sha256').update(bytes).digest('hex') === SHA256

/** @returns {string} path of the portrait */
export function setUpPortrait() {
  if (existsSync(PORTRAIT_FILE) && isPortrait(readFileSync(PORTRAIT_FILE))) return PORTRAIT_FILE
  const work = mkdtempSync(join(tmpdir(), 'maskcheck-portrait-'))
  try {
    execFileSync('apt-get', ['download', '-o', 'APT::Sandbox::User=root', 'python3-skimage'], { cwd: work, stdio: ['ignore', 'ignore', 'inherit'] })
    const deb = readdirSync(work).find((name) => name.endsWith('.deb'))
    if (deb === undefined) throw new Error('apt-get fetched nothing')
    const tar = execFileSync('dpkg-deb', ['--fsys-tarfile', deb], { cwd: work, maxBuffer: 512 * 2 ** 20 })
    const png = execFileSync('tar', ['-xO', MEMBER], { input: tar, maxBuffer: 16 * 2 ** 20 })
    if (!isPortrait(png)) throw new Error('the picture in the package is not the expected one (SHA-256 differs)')
    mkdirSync(FOLDER, { recursive: true })
    const part = `${PORTRAIT_FILE}.${process.pid}.part`
    writeFileSync(part, png)
    renameSync(part, PORTRAIT_FILE)
    return PORTRAIT_FILE
  } catch (cause) {
    throw new Error('the portrait for the tests could not be taken from the Debian package python3-skimage: apt-get and dpkg-deb are needed, and a package mirror (try apt-get update)', { cause })
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) console.log(setUpPortrait())
