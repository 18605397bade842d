/* Runs by itself in the page that memory.mjs watches from outside. */
import { keepFrame, manyFrames } from './page.mjs'

/** @param {string} step how far the page is; answered when it may go on @returns {Promise<any>} */
const tell = async (step) => (await fetch(`/memory/${step}`)).json()

try {
  const { contender, frames, portrait, shape } = await tell('task')
  for (const end = performance.now() + 400; performance.now() < end; ); // shows which process is this page's
  await tell('blank')
  await keepFrame({ portrait, shape })
  await tell('ready')
  await manyFrames({ contender, frames })
  await tell('after')
} catch {
  await tell('failed')
}
