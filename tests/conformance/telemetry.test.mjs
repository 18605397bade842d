import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { repository } from './harness.mjs'

test('onnxruntime keeps nothing for its telemetry', async (t) => {
  const home = mkdtempSync(join(tmpdir(), 'maskcheck-home-'))
  t.after(() => rmSync(home, { recursive: true }))
  const code = `
    const { InferenceSession } = await import('./tests/onnxruntime.mjs')
    await (await InferenceSession.create('model/mask.onnx')).release()`
  const { PATH } = process.env // and no ORT_DISABLE_TELEMETRY
  await promisify(execFile)(process.execPath, ['--input-type=module', '-e', code], { cwd: repository, env: { PATH, HOME: home } })
  assert.deepEqual(readdirSync(home), [])
})
