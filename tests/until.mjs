import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Asks again and again, also what only a promise can answer; fails after half a minute.
 * @param {() => boolean | Promise<boolean>} isSo
 */
export async function until(isSo) {
  const late = Date.now() + 30000
  while (!(await isSo())) {
    if (Date.now() > late) throw new Error(`this never came true: ${isSo}`)
    await sleep(10)
  }
}
