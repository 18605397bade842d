/* The benchmark's numbers for people: tables, and the ratios that are the goals. */

/** @param {number} number */
const short = (number) => Number(number.toFixed(number < 10 ? 2 : number < 100 ? 1 : 0))

/** @param {Record<string, unknown>} row */
const rounded = (row) => Object.fromEntries(Object.entries(row).map(([key, value]) => [key, typeof value === 'number' ? short(value) : value]))

/** @param {any} results of bench.mjs; a part that was not measured is missing */
export function printTables({ race, start, memory, load, sweep }) {
  if (race) {
    console.log('Whole frames, 640x480, and networks alone: ms')
    console.table(race.map((/** @type {any} */ { id, faces, found, median, p90, least }) => rounded({ id, ...(faces !== undefined && { faces, found }), median, p90, least })))
    console.log('Ratios')
    console.table(ratios(race))
  }
  if (start) {
    console.log('Start to first answer, ms; everything that was fetched, MB')
    console.table(start.map((/** @type {any} */ { id, cold, warm, busy, raw, brotli }) => rounded({ id, cold: cold.first, warm: warm.first, 'main thread': busy.total, 'longest task': busy.longest, raw, brotli })))
  }
  if (memory) {
    console.log('Memory of the page, MB')
    console.table(memory.map((/** @type {any} */ { label, ...row }) => rounded(row)))
  }
  if (load) {
    console.log('All cores busy, ms')
    console.table(load.map((/** @type {any} */ { label, ...row }) => rounded(row)))
  }
  if (sweep) {
    console.log('How time grows, ms')
    console.table(sweep.map(rounded))
  }
}

/**
 * Medians of one run over each other.
 * @param {{ id: string, faces?: number, median: number }[]} race
 */
export function ratios(race) {
  const time = (/** @type {string} */ id, /** @type {number | undefined} */ faces) => race.find((row) => row.id === id && row.faces === faces)?.median
  const rows = []
  for (const ours of ['maskcheck', 'maskcheck-page']) {
    for (const theirs of ['mediapipe', 'yunet', 'aizoo']) {
      for (const faces of [1, 3]) rows.push({ what: `${ours} over ${theirs}, ${faces === 1 ? 'one face' : 'three faces'}`, ratio: over(time(ours, faces), time(theirs, faces)) })
    }
  }
  for (const network of ['face', 'mask', 'yunet-model', 'classifier']) {
    for (const engine of ['onnxruntime', 'tensorflow']) {
      rows.push({ what: `${network}: ${engine} over maskcheck`, ratio: over(time(`${network}-${engine}`, undefined), time(`${network}-maskcheck`, undefined)) })
    }
  }
  return rows.filter(({ ratio }) => ratio !== undefined)
}

/** @param {number | undefined} a @param {number | undefined} b */
const over = (a, b) => (a === undefined || b === undefined ? undefined : Number((a / b).toFixed(3)))
