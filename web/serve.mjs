/* Serves the built page on http://localhost:8080/, or on a free port if that one is taken. For this machine only. */
import { createReadStream, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { basename, extname, join, normalize, sep } from 'node:path'
import { pipeline } from 'node:stream'
import { fileURLToPath, pathToFileURL } from 'node:url'

const TYPES = /** @type {Record<string, string>} */ ({
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.jpg': 'image/jpeg',
  '.json': 'application/json',
  '.txt': 'text/plain; charset=utf-8',
  '.onnx': 'application/octet-stream',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
})

/** A page's policy in a `<meta>` does not bind its worker, which has all but its scripts from the page and fetches nothing. */
const WORKER_POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'"

/**
 * The file that a request path names, with its size, or undefined outside of the folder or where there is none.
 * @param {string} folder @param {string} url
 */
function fileFor(folder, url) {
  let path
  try {
    path = decodeURIComponent(new URL(url, 'http://localhost').pathname)
  } catch {
    return undefined
  }
  const file = normalize(join(folder, path.endsWith('/') ? `${path}index.html` : path))
  if (path.includes('\0') || !file.startsWith(normalize(folder + sep))) return undefined
  try {
    const about = statSync(file)
    return about.isFile() ? { file, size: about.size } : undefined
  } catch {
    return undefined // also a name that is too long, or one below a file
  }
}

/**
 * A static file server for a folder.
 * @param {string} folder
 * @param {Record<string, string>} [headers] sent with every answer
 */
export function createFileServer(folder, headers = {}) {
  return createServer((request, response) => {
    const found = fileFor(folder, request.url ?? '/')
    if (found === undefined) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('not found\n')
      return
    }
    const type = TYPES[extname(found.file)] ?? 'application/octet-stream'
    const policy = basename(found.file) === 'worker.js' && { 'content-security-policy': WORKER_POLICY }
    response.writeHead(200, { 'content-type': type, 'content-length': found.size, 'cache-control': 'no-cache', ...policy, ...headers })
    if (request.method === 'HEAD') response.end()
    // A file that goes or cannot be read breaks this answer off, and a reader that goes closes the file.
    else pipeline(createReadStream(found.file), response, () => {})
  })
}

/**
 * @param {import('node:http').Server} server
 * @param {number} port a free one is taken if it is in use
 * @returns {Promise<number>} the port in use
 */
export function listen(server, port) {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EADDRINUSE' && port !== 0) resolve(listen(server, 0))
      else reject(error)
    })
    server.listen(port, 'localhost', () => resolve(/** @type {import('node:net').AddressInfo} */ (server.address()).port))
  })
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const server = createFileServer(fileURLToPath(new URL('demo/dist', import.meta.url)))
  try {
    const port = await listen(server, Number(process.env['PORT'] ?? 8080))
    console.log(`maskcheck is at http://localhost:${port}/ (stop with Ctrl+C)`)
  } catch (error) {
    console.error(`PORT=${process.env['PORT']}: ${error instanceof Error ? error.message : error}`)
    process.exitCode = 1
  }
}
