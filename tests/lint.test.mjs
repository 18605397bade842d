// clang-tidy over our C code and tsc over our JavaScript find nothing.
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

test('lint is clean', () => {
  execFileSync('bash', [fileURLToPath(new URL('lint.sh', import.meta.url))], { stdio: ['ignore', 'pipe', 'inherit'] })
})
