/**
 * Keeps the page on this device, so that it works without a network.
 * @param {(use: () => void) => void} onUpdate a new version is there; `use` changes to it
 * @returns {Promise<boolean>} whether it is kept, when that is decided
 */
export async function keepOffline(onUpdate) {
  const workers = navigator.serviceWorker
  if (workers === undefined) return false // not from https, or a browser that keeps nothing
  try {
    const registration = await workers.register('service-worker.js', { updateViaCache: 'none' })
    const offer = () => registration.waiting && workers.controller && onUpdate(() => changeTo(registration.waiting))
    offer()
    registration.addEventListener('updatefound', () => registration.installing?.addEventListener('statechange', offer))
    return registration.active !== null || (await isKept(registration.installing ?? registration.waiting))
  } catch {
    return false
  }
}

/** @param {ServiceWorker | null} worker */
function changeTo(worker) {
  if (worker === null) return location.reload() // Another tab has changed to it.
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true })
  worker.postMessage('use')
}

/** @param {ServiceWorker | null} worker @returns {Promise<boolean>} */
function isKept(worker) {
  return new Promise((resolve) => {
    const look = () => {
      if (worker === null || worker.state === 'redundant') resolve(false)
      else if (worker.state === 'activated') resolve(true)
    }
    look()
    worker?.addEventListener('statechange', look)
  })
}
