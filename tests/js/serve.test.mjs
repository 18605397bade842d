/* The server of npm start. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { createFileServer, listen } from '../../web/serve.mjs'
import { until } from '../until.mjs'

const root = mkdtempSync(join(tmpdir(), 'maskcheck-serve-'))
const folder = join(root, 'page')
const server = createFileServer(folder)
let port = 0

before(async () => {
  mkdirSync(join(folder, 'lib'), { recursive: true })
  writeFileSync(join(root, 'secret.txt'), 'secret')
  writeFileSync(join(folder, 'index.html'), '<title>page</title>')
  writeFileSync(join(folder, 'lib', 'a.wasm'), Buffer.alloc(2 ** 24))
  symlinkSync('loop', join(folder, 'loop'))
  port = await listen(server, 0)
})
after(() => {
  server.closeAllConnections()
  server.close()
  rmSync(root, { recursive: true })
})

/**
 * Asks for a path as it is, where fetch would tidy it, and goes once the answer begins.
 * @param {string} path
 * @returns {Promise<string>} the answer's first line
 */
const statusOf = (path) =>
  new Promise((resolve, reject) => {
    const socket = connect(port, 'localhost', () => socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`))
    socket.once('error', reject)
    socket.once('data', (data) => {
      socket.destroy()
      resolve(data.toString('latin1').split('\r\n')[0] ?? '')
    })
  })

test('a file has its type, and a folder its start page', async () => {
  const page = await fetch(`http://localhost:${port}/`)
  assert.deepEqual([await page.text(), page.headers.get('content-type')], ['<title>page</title>', 'text/html; charset=utf-8'])
  assert.equal((await fetch(`http://localhost:${port}/lib/a.wasm`, { method: 'HEAD' })).headers.get('content-type'), 'application/wasm')
})

test('what is no file of the folder is not found, and the server goes on', async () => {
  for (const path of ['/../secret.txt', '/..%2fsecret.txt', '/%2e%2e/secret.txt', '/lib', '/index.html/', '/index.html/x', '/loop', `/${'a'.repeat(300)}`, '/%00', '/%zz', '//']) {
    assert.equal(await statusOf(path), 'HTTP/1.1 404 Not Found', path)
  }
  assert.equal(await statusOf('/'), 'HTTP/1.1 200 OK')
})

test('the file of an answer that nobody waits for is closed', async () => {
  assert.equal(await statusOf('/lib/a.wasm'), 'HTTP/1.1 200 OK')
  await until(() => !openFiles().some((name) => name.endsWith('a.wasm')))
})

test('a port that cannot be is said in a line', () => {
  const program = fileURLToPath(new URL('../../web/serve.mjs', import.meta.url))
  const { status, stderr } = spawnSync(process.execPath, [program], { env: { ...process.env, PORT: 'abc' }, encoding: 'utf8' })
  assert.deepEqual([status, stderr.trim().split('\n').length], [1, 1])
  assert.match(stderr, /^PORT=abc: .*port/)
})

function openFiles() {
  return readdirSync('/proc/self/fd').map((name) => {
    try {
      return readlinkSync(`/proc/self/fd/${name}`)
    } catch {
      return '' // of the listing itself
    }
  })
}
