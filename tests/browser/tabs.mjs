/* Tabs that can be hidden and frozen. Playwright keeps its own pages visible for ever, so these are driven past it, through the
 * browser's debugging protocol. */

/**
 * A tab in front of all others of its window; the one that was in front is hidden from then on.
 * @param {import('playwright-core').Browser} browser
 * @param {string} url
 * @param {{ session: import('playwright-core').CDPSession, browserContextId: string }} [beside] a tab of the window to use; default: a new window
 */
export async function openTab(browser, url, beside) {
  const session = beside?.session ?? (await browser.newBrowserCDPSession())
  const browserContextId = beside?.browserContextId ?? (await session.send('Target.createBrowserContext')).browserContextId
  const { targetId } = await session.send('Target.createTarget', { url, browserContextId })
  const { sessionId } = await session.send('Target.attachToTarget', { targetId, flatten: false })
  let last = 0

  /** @param {string} method @param {object} [params] @returns {Promise<any>} */
  async function send(method, params) {
    const id = ++last
    const answer = new Promise((resolve, reject) => {
      const take = (/** @type {{ sessionId: string, message: string }} */ event) => {
        const message = event.sessionId === sessionId ? JSON.parse(event.message) : {}
        if (message.id !== id) return
        session.off('Target.receivedMessageFromTarget', take)
        if (message.error) reject(new Error(`${method}: ${message.error.message}`))
        else resolve(message.result)
      }
      session.on('Target.receivedMessageFromTarget', take)
    })
    await session.send('Target.sendMessageToTarget', { sessionId, message: JSON.stringify({ id, method, params }) })
    return answer
  }

  return {
    session,
    browserContextId,
    show: () => session.send('Target.activateTarget', { targetId }),
    /** Only a hidden tab can be frozen. @param {'frozen' | 'active'} state */
    setState: (state) => send('Page.setWebLifecycleState', { state }),
    /**
     * What a function returns in the tab.
     * @template T
     * @param {() => T} work
     * @returns {Promise<Awaited<T>>}
     */
    async evaluate(work) {
      const { result, exceptionDetails } = await send('Runtime.evaluate', { expression: `(${work})()`, awaitPromise: true, returnByValue: true })
      if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text)
      return result.value
    },
    /** Waits until a function returns something true in the tab. @param {() => unknown} work */
    async until(work) {
      for (const end = Date.now() + 60000; !(await this.evaluate(work)); ) {
        if (Date.now() > end) throw new Error(`did not happen within a minute: ${work}`)
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    },
  }
}
