/* Several folders under one address, and a list of what was fetched. */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { brotliCompressSync, constants } from 'node:zlib'
import { createFileServer, listen } from '../../web/serve.mjs'

const PAGE = '<!doctype html><title>bench</title><link rel="icon" href="data:,">'
/** @type {Record<string, string>} by address */
const PAGES = { '/': PAGE, '/memory': `${PAGE}<script type="module" src="/bench/memory-page.mjs"></script>` }

/** @param {Record<string, string>} roots folders by their first path segment */
export async function serveRoots(roots) {
  const servers = new Map(Object.entries(roots).map(([name, folder]) => [name, createFileServer(folder, { 'cache-control': 'max-age=3600' })]))
  /** @type {Set<string>} files, as paths on this machine */
  const fetched = new Set()
  /** @type {Map<string, () => Promise<unknown>>} what else is asked for, by address; answered as JSON */
  const answers = new Map()
  const server = createServer((request, response) => {
    const answer = answers.get(request.url ?? '')
    if (answer !== undefined) {
      void answer().then((value) => response.end(JSON.stringify(value ?? null)))
      return
    }
    const [, name = '', rest = ''] = /^\/([^/?]+)(\/.*)$/.exec(request.url ?? '') ?? []
    const root = servers.get(name)
    if (root === undefined) {
      const page = PAGES[request.url ?? '']
      response.writeHead(page === undefined ? 404 : 200, { 'content-type': 'text/html' }).end(page)
      return
    }
    if (name !== 'bench') fetched.add(join(/** @type {string} */ (roots[name]), decodeURIComponent(new URL(rest, 'http://localhost').pathname)))
    request.url = rest
    root.emit('request', request, response)
  })
  const port = await listen(server, 0)
  return { url: `http://localhost:${port}/`, fetched, answers, close: () => server.close() }
}

/** @type {Map<string, { raw: number, brotli: number }>} */
const known = new Map()

/** Bytes of a file as it is and as a server sends it at best. @param {string} path */
export function fileSizes(path) {
  let sizes = known.get(path)
  if (sizes === undefined) {
    const bytes = readFileSync(path)
    const brotli = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } })
    sizes = { raw: bytes.length, brotli: brotli.length }
    known.set(path, sizes)
  }
  return sizes
}
