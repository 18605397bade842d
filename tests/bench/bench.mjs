/* npm run bench: how long a frame takes in Chromium, one thread, from a canvas to labelled faces; and how that grows, what
   starting costs, and what stays in memory.
     --peers              also those of tests/bench/peers (npm install there first), in the same page, turn by turn
     --peers-data DIR     their networks: models/yunet.onnx, models/aizoo, models/cls, models/blazeface_standin.tflite
     --rounds N           turns of each contender (default 20, of 4 frames each)
     --starts N           fresh browser profiles for each start (default 5)
     --parts LIST         of race, start, memory, sweep, load (default all)
     --only LIST          ids of contenders
     --json FILE          all numbers */
import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { ROOT } from '../browser/chromium.mjs'
import { encodePng, makePortrait } from '../portrait/portraits.mjs'
import { PEERS, chooseContenders } from './contenders.mjs'
import { measureLoad, measureRace, measureStart, measureSweep } from './measure.mjs'
import { measureMemory } from './memory.mjs'
import { printTables } from './tables.mjs'
import { serveRoots } from './serve-roots.mjs'

const { values } = parseArgs({
  options: {
    peers: { type: 'boolean', default: false },
    'peers-data': { type: 'string' },
    rounds: { type: 'string', default: '20' },
    starts: { type: 'string', default: '5' },
    parts: { type: 'string', default: 'race,start,memory,sweep,load' },
    only: { type: 'string' },
    json: { type: 'string' },
  },
})

/** @param {'rounds' | 'starts'} name */
function count(name) {
  const number = Number(values[name])
  if (!(Number.isInteger(number) && number > 0)) throw new Error(`--${name} must be a whole number above 0`)
  return number
}

const parts = new Set(values.parts.split(','))
const only = values.only?.split(',')
const all = chooseContenders({ peers: values.peers, peersData: values['peers-data'] })
for (const line of all.missing) console.error(`left out: ${line}`)
const contenders = all.contenders.filter(({ id }) => only === undefined || only.includes(id))
const frames = contenders.filter(({ kind }) => kind === 'frame')

const server = await serveRoots({
  bench: join(ROOT, 'tests', 'bench'),
  dist: join(ROOT, 'dist'),
  wasm: join(ROOT, 'build', 'wasm-relaxed'),
  peers: PEERS,
  ...(values['peers-data'] && { data: values['peers-data'] }),
})
const portrait = `data:image/png;base64,${Buffer.from(encodePng(makePortrait('correct'))).toString('base64')}`
const scene = { server, portrait }
try {
  const results = {
    machine: { cpu: cpus()[0]?.model, cores: cpus().length },
    ...(parts.has('race') && { race: await measureRace(scene, contenders, count('rounds')) }),
    ...(parts.has('start') && { start: await measureStart(scene, frames, count('starts')) }),
    ...(parts.has('memory') && { memory: await measureMemory(scene, frames) }),
    ...(parts.has('load') && { load: await measureLoad(scene, frames.filter(({ peer }) => !peer), count('rounds')) }),
    ...(parts.has('sweep') && { sweep: await measureSweep(scene, count('rounds')) }),
  }
  printTables(results)
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, null, 1)}\n`)
} finally {
  server.close()
}
