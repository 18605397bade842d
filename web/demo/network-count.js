/**
 * Counts the requests of this page from now on, as the browser's own record has them. Pictures from the person's disk
 * are blob: addresses and no requests; the script that keeps the page is fetched by the browser, which in WebKit stands in
 * the record.
 * @param {HTMLElement} element shows the number
 */
export function countRequests(element) {
  let count = 0
  const started = performance.now()
  const keeper = new URL('service-worker.js', document.baseURI).href
  const observer = new PerformanceObserver((list) => {
    count += list.getEntries().filter(({ name, startTime }) => /^https?:/.test(name) && name !== keeper && startTime >= started).length
    element.textContent = String(count)
    element.classList.toggle('some', count > 0)
  })
  observer.observe({ type: 'resource' })
}
