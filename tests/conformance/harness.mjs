/**
 * Runs the same networks through our engine, in its three builds, and through onnxruntime, and compares every output.
 * @module
 */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { InferenceSession, Tensor } from '../onnxruntime.mjs'

/** @typedef {{ dims: number[], data: Float32Array }} FloatTensor */
/** One tensor for each input of the network, in its order. @typedef {FloatTensor[]} Run */
/** @typedef {{ name: string, model: Uint8Array, runs: Run[] }} Case */
/** @typedef {{ status: number, message: string, outputs: FloatTensor[] }} RunResult */
/** @typedef {{ status: number, message: string, runs: RunResult[] }} Result */
/** @typedef {{ name: string, command: string[], relative: number, absolute: number }} Build */

/** mc_status in include/maskcheck.h. */
export const statusNames = ['ok', 'invalid_argument', 'out_of_memory', 'model_invalid', 'model_unsupported']

export const repository = fileURLToPath(new URL('../..', import.meta.url))

/** @param {string} build @param {string} file */
const built = (build, file) => path.join(repository, 'build', build, file)

const wanted = process.env['CONFORMANCE_BUILDS']?.split(',') // e.g. native,wasm-simd, while working on the engine

/** Relaxed SIMD may fuse or split multiplications and additions as the machine likes. @type {Build[]} */
export const builds = [
  { name: 'native', command: [built('native', 'conformance-runner')], relative: 1e-4, absolute: 1e-5 },
  { name: 'wasm-simd', command: [process.execPath, built('wasm-simd', 'conformance-runner.js')], relative: 1e-4, absolute: 1e-5 },
  {
    name: 'wasm-relaxed',
    command: [process.execPath, '--experimental-wasm-relaxed-simd', built('wasm-relaxed', 'conformance-runner.js')],
    relative: 1e-3,
    absolute: 1e-4,
  },
].filter((build) => wanted === undefined || wanted.includes(build.name))
if (wanted !== undefined && builds.length !== wanted.length) throw new Error(`CONFORMANCE_BUILDS names a build that there is not: ${wanted}`)

/** The build with sanitizers. @type {Build} */
export const sanitized = { name: 'native-debug', command: [built('native-debug', 'conformance-runner')], relative: 1e-4, absolute: 1e-5 }

/** Of all random numbers; another one makes other weights, inputs, graphs and damages. */
export const seed = Number(process.env['CONFORMANCE_SEED'] ?? 20_241_108)
console.log(`CONFORMANCE_SEED=${seed}`)

/** @param {number[]} dims */
export const countElements = (dims) => dims.reduce((product, size) => product * size, 1)

/** A generator of numbers in [0, 1) that a seed repeats (mulberry32). @param {number} seed */
export function randomSource(seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Uniform in [-2, 2). @param {() => number} random @param {number[]} dims @returns {FloatTensor} */
export function randomTensor(random, dims) {
  return { dims, data: Float32Array.from({ length: countElements(dims) }, () => random() * 4 - 2) }
}

/** @param {Case[]} cases @returns {Uint8Array} */
function packCases(cases) {
  /** @type {Buffer[]} */
  const parts = []
  /** @param {number[]} values */
  const words = (...values) => parts.push(Buffer.from(Uint32Array.from(values).buffer))
  for (const { model, runs } of cases) {
    words(model.length)
    parts.push(Buffer.from(model), Buffer.alloc((4 - (model.length % 4)) % 4))
    words(runs.length)
    for (const run of runs) {
      words(run.length)
      for (const { dims, data } of run) {
        words(dims.length, ...dims)
        parts.push(Buffer.from(data.buffer, data.byteOffset, data.byteLength))
      }
    }
  }
  return Buffer.concat(parts)
}

/** @param {Buffer} bytes @param {Case[]} cases @returns {Result[]} */
function unpackResults(bytes, cases) {
  let at = 0
  const word = () => {
    at += 4
    return bytes.readUInt32LE(at - 4)
  }
  const message = () => {
    const length = word()
    const text = bytes.toString('utf8', at, at + length)
    at += Math.ceil(length / 4) * 4
    return text
  }
  const tensor = () => {
    const dims = Array.from({ length: word() }, word)
    const data = new Float32Array(countElements(dims))
    bytes.copy(Buffer.from(data.buffer), 0, at, at + data.byteLength)
    at += data.byteLength
    return { dims, data }
  }
  return cases.map(({ runs }) => {
    /** @type {Result} */
    const result = { status: word(), message: message(), runs: [] }
    if (result.status !== 0) return result
    for (let i = 0; i < runs.length; i++) {
      /** @type {RunResult} */
      const run = { status: word(), message: message(), outputs: [] }
      if (run.status === 0) run.outputs = Array.from({ length: word() }, tensor)
      result.runs.push(run)
    }
    return result
  })
}

/** Runs all cases in one process of a build. @param {Build} build @param {Case[]} cases @returns {Promise<Result[]>} */
export async function runBuild(build, cases) {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'maskcheck-conformance-'))
  try {
    const [casesFile, resultsFile] = [path.join(folder, 'cases'), path.join(folder, 'results')]
    await writeFile(casesFile, packCases(cases))
    const [program = '', ...options] = build.command
    if (!existsSync(options.at(-1) ?? program)) throw new Error(`${options.at(-1) ?? program} is missing: build it first`)
    await promisify(execFile)(program, [...options, casesFile, resultsFile])
    return unpackResults(await readFile(resultsFile), cases)
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** What onnxruntime makes of a case: the outputs of each run, in the network's order.
 * @param {Case} testCase @returns {Promise<FloatTensor[][]>} */
export async function runReference({ model, runs }) {
  const session = await InferenceSession.create(model, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'disabled',
    logSeverityLevel: 3,
  })
  /** @type {FloatTensor[][]} */
  const all = []
  for (const run of runs) {
    const feeds = Object.fromEntries(
      session.inputNames.map((name, i) => {
        const { data, dims } = /** @type {FloatTensor} */ (run[i])
        return [name, new Tensor('float32', data, dims)]
      }),
    )
    const outputs = await session.run(feeds)
    all.push(
      session.outputNames.map((name) => {
        const tensor = /** @type {import('onnxruntime-node').Tensor} */ (outputs[name])
        return { dims: [...tensor.dims], data: /** @type {Float32Array} */ (tensor.data) }
      }),
    )
  }
  await session.release()
  return all
}

/** The first difference between a result and the reference, in words; undefined if they agree.
 * @param {Build} build @param {Result} result @param {FloatTensor[][]} reference @returns {string | undefined} */
export function difference(build, result, reference) {
  if (result.status !== 0) return `${statusNames[result.status]}: ${result.message}`
  for (const [i, expectedOutputs] of reference.entries()) {
    const run = /** @type {RunResult} */ (result.runs[i])
    if (run.status !== 0) return `run ${i}: ${statusNames[run.status] ?? run.status}: ${run.message}`
    if (run.outputs.length !== expectedOutputs.length) return `run ${i}: ${run.outputs.length} outputs`
    for (const [k, expected] of expectedOutputs.entries()) {
      const actual = /** @type {FloatTensor} */ (run.outputs[k])
      const where = `run ${i}, output ${k}`
      if (actual.dims.join() !== expected.dims.join()) return `${where}: shape [${actual.dims}] instead of [${expected.dims}]`
      for (let j = 0; j < expected.data.length; j++) {
        const a = /** @type {number} */ (actual.data[j])
        const b = /** @type {number} */ (expected.data[j])
        if (Object.is(a, b) || a === b) continue
        if (!(Math.abs(a - b) <= build.absolute + build.relative * Math.abs(b))) {
          return `${where}: ${a} instead of ${b} at ${j} of [${expected.dims}]`
        }
      }
    }
  }
  return undefined
}
