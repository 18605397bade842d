/* Debian's other browsers. Nothing drives them: they open a page, which tells the server what it finds. */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { listen } from '../../web/serve.mjs'
import { until } from '../until.mjs'

/** For Firefox: a camera that plays colours, permission for it, and no errands of its own. */
const PREFERENCES = {
  'media.navigator.streams.fake': true,
  'media.navigator.permission.disabled': true,
  'datareporting.policy.dataSubmissionEnabled': false,
  'browser.aboutwelcome.enabled': false,
  'browser.shell.checkDefaultBrowser': false,
}

/**
 * @typedef {object} Engine
 * @property {string} executable
 * @property {boolean} camera whether it has one that needs nobody's permission
 * @property {(url: string, profile: string) => string[]} command
 */

/** @type {Record<string, Engine>} */
export const ENGINES = {
  Firefox: {
    executable: '/usr/bin/firefox-esr',
    camera: true,
    command(url, profile) {
      writeFileSync(join(profile, 'user.js'), Object.entries(PREFERENCES).map(([name, value]) => `user_pref("${name}", ${value});\n`).join(''))
      return [this.executable, '--headless', '--no-remote', '--profile', profile, url]
    },
  },
  WebKit: {
    executable: '/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser',
    camera: false,
    command(url) {
      return ['xvfb-run', '-a', this.executable, url]
    },
  },
}

/** For `skip`: false, or why it cannot be tested. On a build server it is never skipped. @param {Engine} engine */
export const missing = ({ executable }) => (existsSync(executable) || process.env['CI'] ? false : `${executable} is missing: npm test installs it`)

/**
 * Opens a page, and waits until it asks for `done`.
 * @param {Engine} engine
 * @param {import('node:http').Server} server
 * @param {string} path of the page
 * @returns {Promise<{ said: any, requests: string[] }>} what stood behind `done?`, and what was requested between `loaded` and that
 */
export async function visit(engine, server, path) {
  const profile = mkdtempSync(join(tmpdir(), 'maskcheck-engine-'))
  const address = `http://localhost:${await listen(server, 0)}${path}`
  const command = engine.command(address, profile)
  const [program] = command
  // It ends also if nobody is left to end it, and leaves its own temporary files where they are removed.
  const browser = spawn('timeout', ['-k', '5', '120', ...command], { stdio: 'ignore', detached: true, env: { ...process.env, HOME: profile, TMPDIR: profile } })
  try {
    return await new Promise((resolve, reject) => {
      /** @type {string[]} */
      let requests = []
      server.on('request', ({ url = '' }) => {
        const [name, said = ''] = url.slice(url.lastIndexOf('/') + 1).split('?')
        if (name === 'loaded') requests = []
        else if (name === 'done') resolve({ said: JSON.parse(decodeURIComponent(said)), requests })
        else requests.push(url)
      })
      browser.once('error', reject)
      browser.once('exit', (code) => reject(new Error(`${program} ended with ${code}`)))
      setTimeout(() => reject(new Error(`nothing came from ${program}`)), 90000).unref()
    })
  } finally {
    browser.removeAllListeners('exit')
    if (browser.pid !== undefined) await endGroup(browser.pid)
    server.closeAllConnections()
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** Waits until a process and all that it started are gone. @param {number} leader of their group */
async function endGroup(leader) {
  const reaches = (/** @type {NodeJS.Signals | 0} */ signal) => {
    try {
      return process.kill(-leader, signal)
    } catch {
      return false
    }
  }
  reaches('SIGTERM')
  await until(() => !reaches(0)).catch(() => reaches('SIGKILL'))
}
