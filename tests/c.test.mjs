// Runs the C tests (tests/c) of every build through ctest: native with sanitizers, and both WebAssembly files in Node.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const root = fileURLToPath(new URL('..', import.meta.url))

for (const preset of ['native-debug', 'wasm-simd', 'wasm-relaxed']) {
  test(`C tests, ${preset}`, async () => {
    const { stdout } = await run('ctest', ['--test-dir', `${root}build/${preset}`, '--output-on-failure', '--no-tests=error'], { maxBuffer: 2 ** 26 })
    assert.match(stdout, /100% tests passed/)
  })
}
