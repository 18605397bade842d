/* Answers from a copy of the page that is kept on the device. One copy is one version: all its files or none. A new
   version is fetched in the background and used when the person says so, or at the next visit. */

/** @typedef {{ waitUntil(work: Promise<unknown>): void, respondWith(answer: Promise<Response>): void, request: Request, data: unknown }} WorkerEvent */

const scope = /** @type {{ registration: ServiceWorkerRegistration, clients: any, skipWaiting(): Promise<void>, importScripts(path: string): void, maskcheckFiles: { version: string, files: Record<string, string> } }} */ (
  /** @type {unknown} */ (self)
)
scope.importScripts('files.js')
const { version, files } = scope.maskcheckFiles

const HOME = scope.registration.scope
const PREFIX = `maskcheck ${HOME} `
const CACHE = PREFIX + version

/** The page's policy in its `<meta>` does not bind the library's worker, and many hosts send none. */
const WORKER = new URL('lib/worker.js', HOME).href
const WORKER_POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'"

/** @param {string} type @param {(event: WorkerEvent) => void} handle */
const on = (type, handle) => addEventListener(type, (event) => handle(/** @type {WorkerEvent} */ (/** @type {unknown} */ (event))))

on('install', (event) => event.waitUntil(install()))
on('activate', (event) => event.waitUntil(forgetOthers()))
on('message', (event) => event.data === 'use' && scope.skipWaiting())
on('fetch', (event) => {
  const { method, mode, url } = event.request
  if (method !== 'GET' || !url.startsWith(HOME)) return
  event.respondWith(answer(event.request))
  if (mode === 'navigate') event.waitUntil(mend().catch(() => {})) // at the next visit, then
})

async function install() {
  const cache = await caches.open(CACHE)
  await Promise.all(
    Object.entries(files).map(async ([path, hash]) => {
      const url = new URL(path, HOME).href
      await cache.put(url, (await unchanged(url, hash)) ?? (await get(url, hash)))
    }),
  )
}

/**
 * What the version before has of a file, so that it need not be fetched again.
 * @param {string} url
 * @param {string} hash
 */
async function unchanged(url, hash) {
  const kept = await caches.match(url)
  if (kept === undefined) return undefined
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', await kept.clone().arrayBuffer()))
  return btoa(String.fromCharCode(...digest)) === hash ? kept : undefined
}

/**
 * @param {string} url
 * @param {string} hash base64 of its SHA-256; any other content is refused
 */
async function get(url, hash) {
  const response = await fetch(url, { cache: 'no-cache', integrity: `sha256-${hash}` })
  if (!response.ok) throw new Error(`${url} answered ${response.status}`)
  return response
}

/** Fetches what is missing: other pages of the host can empty this cache, and some empty all but their own. */
async function mend() {
  const cache = await caches.open(CACHE)
  if ((await cache.keys()).length < Object.keys(files).length) await install()
}

/** A host may hold other copies of this page under other paths: they are not touched. */
async function forgetOthers() {
  const names = await caches.keys()
  await Promise.all(names.filter((name) => name.startsWith(PREFIX) && name !== CACHE).map((name) => caches.delete(name)))
}

/** @param {Request} request */
async function answer(request) {
  const url = new URL(request.url)
  url.search = url.hash = ''
  if (url.href === `${HOME}index.html`) url.href = HOME
  const cache = await caches.open(CACHE)
  const kept = await cache.match(url.href, { ignoreVary: true })
  if (kept === undefined) return fetch(request)
  return url.href === WORKER ? new Response(kept.body, { headers: { ...Object.fromEntries(kept.headers), 'content-security-policy': WORKER_POLICY } }) : kept
}
