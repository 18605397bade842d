import { packError } from './errors.js'
import { LocalBackend } from './local-backend.js'

/* The worker's side of worker-backend.js. The page sends one request at a time, but for the lock at the beginning. */

/** @typedef {import('./worker-backend.js').Request} Request */

const scope = /** @type {{ onmessage: ((event: MessageEvent<Request>) => void) | null, postMessage(reply: import('./worker-backend.js').Reply): void }} */ (/** @type {unknown} */ (globalThis))

/** @type {LocalBackend | undefined} */
let local

/** How long the page may take to send its first picture before the time is used otherwise. */
const PAUSE_MS = 50
/** @type {ReturnType<typeof setTimeout> | undefined} */
let pause
/** @type {Promise<void> | undefined} undefined: neither warmed up nor without need of it */
let warm

scope.onmessage = async ({ data }) => {
  clearTimeout(pause)
  if (data.task === 'run') warm ??= Promise.resolve()
  await warm // Between two frames of a video it would make them two videos.
  try {
    scope.postMessage({ id: data.id, value: await handle(data) })
  } catch (error) {
    scope.postMessage({ id: data.id, error: packError(error) })
  }
  if (warm === undefined && data.task !== 'hold') pause = setTimeout(() => (warm = warmUp()), PAUSE_MS)
}

/** While the page gets a picture ready, a camera for instance. One that is there already would only have to wait. */
async function warmUp() {
  try {
    await local?.warmUp()
  } catch {
    // What fails here fails again in the first call, which can say so.
  }
}

/**
 * Holds a lock as long as this worker lives.
 * @param {string} name
 * @returns {Promise<boolean>} whether it is held: there are no locks in pages from http, nor where the browser may store nothing
 */
function hold(name) {
  return new Promise((resolve) => {
    const locks = globalThis.navigator?.locks
    if (locks === undefined) resolve(false)
    else locks.request(name, () => (resolve(true), new Promise(() => {}))).catch(() => resolve(false))
  })
}

/** @param {Request} request */
async function handle(request) {
  if (request.task === 'hold') return hold(request.lock)
  if (request.task === 'start') {
    const { backend, ...started } = await LocalBackend.start(request.config)
    local = backend
    return started
  }
  if (local === undefined) throw new Error('not started')
  if (request.task === 'setOptions') return local.setOptions(request.options)
  try {
    const { payload, release } = await local.capture(request.source)
    try {
      return await local.run(request.operation, payload, request.details)
    } finally {
      release()
    }
  } finally {
    if ('close' in request.source) request.source.close()
  }
}
