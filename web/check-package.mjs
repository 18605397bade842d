/* Runs before `npm pack` and `npm publish`, which would take a package without its library silently. */
import { existsSync, readFileSync } from 'node:fs'

const ROOT = new URL('../', import.meta.url)
const { exports, bin } = JSON.parse(readFileSync(new URL('package.json', ROOT), 'utf8'))
/** @type {(value: string | object) => string[]} */
const files = (value) => (typeof value === 'string' ? [value] : Object.values(value).flatMap(files))
const missing = [...files(exports), ...files(bin)].filter((name) => !existsSync(new URL(name, ROOT)))
if (missing.length > 0) {
  console.error(`Not built: ${missing.join(', ')} missing. Run \`npm run build\` first.`)
  process.exit(1)
}
