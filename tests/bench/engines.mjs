/* npm run bench -- --engines [--rounds N]: how long a frame takes in Debian's three browsers, turn by turn. */
import { readFileSync, rmSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { createFileServer } from '../../web/serve.mjs'
import { CALM, EXECUTABLE } from '../browser/chromium.mjs'
import { ENGINES, visit } from '../browser/engines.mjs'
import { makeLibraryFolder } from '../browser/library-folder.mjs'
import { quantile } from './measure.mjs'

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '7' } } })

/** @type {typeof ENGINES} */
const engines = {
  Chromium: { executable: EXECUTABLE, camera: false, command: (url, profile) => [EXECUTABLE, ...CALM, '--headless', `--user-data-dir=${profile}`, url] },
  ...ENGINES,
}

/** @type {Record<string, Record<string, number[]>>} browser, what is measured, ms of every round */
const times = {}
const folder = makeLibraryFolder(readFileSync(new URL('engine-page.js', import.meta.url), 'utf8').replace('../../web/lib/', './lib/'), ['correct'])
for (let round = 0; round < Number(values.rounds); round++) {
  for (const [name, engine] of Object.entries(engines)) {
    const server = createFileServer(folder)
    const { said } = await visit(engine, server, '/')
    server.close()
    if (typeof said === 'string') throw new Error(`${name}: ${said}`)
    const own = (times[name] ??= {})
    for (const [what, ms] of Object.entries(said)) (own[what] ??= []).push(ms)
  }
}
rmSync(folder, { recursive: true })
console.log('ms, medians of the rounds')
console.table(Object.fromEntries(Object.entries(times).map(([name, own]) => [name, Object.fromEntries(Object.entries(own).map(([what, ms]) => [what, Number(quantile(ms, 0.5).toFixed(1))]))])))
