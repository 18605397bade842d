// The set-up scripts, with commands in place of the real ones.
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { until } from './until.mjs'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
let folder = ''
let clone = ''
/** @type {NodeJS.ProcessEnv} */
let env

/** @param {string} name @param {string} script */
function command(name, script) {
  const file = join(folder, 'bin', name)
  writeFileSync(file, `#!/bin/bash\n${script}\n`)
  chmodSync(file, 0o755)
}

/** @param {string} script that has common.sh @param {object} [more] of its environment @returns {string} what it printed */
const bash = (script, more = {}) =>
  execFileSync('bash', ['-euo', 'pipefail', '-c', `. wasm/setup/common.sh; ${script}`], { cwd: clone, env: { ...env, ...more }, encoding: 'utf8' }).trim()

/** @param {string} place @param {string} preset */
const build = (place, preset) => execFileSync(join(place, 'wasm', 'setup', 'build.sh'), [preset], { env, stdio: ['ignore', 'ignore', 'pipe'] })

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'maskcheck set-up '))
  clone = join(folder, 'clone')
  for (const name of ['wasm', 'CMakePresets.json']) cpSync(join(ROOT, name), join(clone, name), { recursive: true })
  mkdirSync(join(folder, 'bin'))
  env = { ...process.env, PATH: `${join(folder, 'bin')}:${process.env['PATH']}`, MASKCHECK_CACHE: join(folder, 'cache') }
  // cmake notes where it ran, and ninja says it.
  command('cmake', 'mkdir -p "build/$2" && pwd >>"build/$2/build.ninja"')
  command('ninja', 'cat "$2/build.ninja" >"$2/built"')
})
after(() => rmSync(folder, { recursive: true, force: true }))

test('a build folder is made once, and anew in a copy of the clone, for other presets and by another compiler', () => {
  const built = (/** @type {string} */ place, preset = 'native') => (build(place, preset), readFileSync(join(place, 'build', preset, 'built'), 'utf8'))
  assert.equal(built(clone), `${clone}\n`)
  writeFileSync(join(clone, 'build', 'native', 'object'), '')
  assert.equal(built(clone), `${clone}\n`)
  assert.ok(existsSync(join(clone, 'build', 'native', 'object')))

  const copy = join(folder, 'copy')
  cpSync(clone, copy, { recursive: true })
  assert.equal(built(copy), `${copy}\n`)
  writeFileSync(join(copy, 'build', 'native', 'object'), '')
  writeFileSync(join(copy, 'CMakePresets.json'), '{}')
  assert.equal(built(copy), `${copy}\n`)
  assert.ok(!existsSync(join(copy, 'build', 'native', 'object')))

  for (const version of ['3.1.60', '4.0.0']) {
    for (const name of ['protoc-c', 'emcmake']) command(name, '"$@"')
    command('emcc', `echo ${version}`)
    built(copy, 'wasm-simd')
    const object = join(copy, 'build', 'wasm-simd', version)
    assert.ok(!existsSync(object))
    writeFileSync(object, '')
  }
  assert.ok(!existsSync(join(copy, 'build', 'wasm-simd', '3.1.60')))
})

test('nothing goes on after Ctrl+C', async () => {
  command('slow', `echo $$ >'${folder}/slow.pid'; exec sleep 60`)
  const script = spawn('bash', ['-c', '. wasm/setup/common.sh; logged slow slow'], { cwd: clone, env, detached: true, stdio: 'ignore' })
  await until(() => existsSync(join(folder, 'slow.pid')) && readFileSync(join(folder, 'slow.pid'), 'utf8').endsWith('\n'))
  const slow = Number(readFileSync(join(folder, 'slow.pid'), 'utf8'))
  process.kill(-Number(script.pid), 'SIGINT') // as a terminal does, to all of them
  await new Promise((resolve) => script.once('exit', resolve))
  await until(() => !existsSync(`/proc/${slow}`))
})

test('what a command says is shown where it fails, with its status', () => {
  command('failing', 'echo the reason; exit 7')
  const said = bash('logged failing failing 2>&1 || echo "status $?"')
  assert.match(said, /the reason\nstatus 7$/)
})

test('the cache has one place, whoever names it, and others can read what is in it', () => {
  assert.equal(bash('echo "$MASKCHECK_CACHE"', { MASKCHECK_CACHE: 'some/cache' }), join(clone, 'some', 'cache'))
  assert.equal(bash('echo "$repo"', { CDPATH: '.' }), clone)
  assert.equal(bash('umask', {}), '0022')
  const home = { ...env, MASKCHECK_CACHE: '', XDG_CACHE_HOME: join(folder, 'xdg') }
  const portrait = execFileSync(process.execPath, ['-e', "import('./tests/portrait/setup.mjs').then((set) => console.log(set.PORTRAIT_FILE))"], { cwd: ROOT, env: home, encoding: 'utf8' })
  assert.equal(portrait.trim(), join(bash('echo "$MASKCHECK_CACHE"', home), 'portrait', 'astronaut.png'))
})

test('the mirror that apt uses is found, also in a list of mirrors', () => {
  const mirrors = join(folder, 'mirrors.list')
  writeFileSync(mirrors, '# of the cloud\nhttps://mirror.example/debian priority:1\nhttps://other.example/debian\n')
  for (const [said, mirror] of [['http://deb.example/debian/', 'http://deb.example/debian/'], [`mirror+file:${mirrors}/`, 'https://mirror.example/debian']]) {
    command('apt-get', `echo 'http://deb.example/debian-security/|main|Packages'; echo '${said}|main|Packages'`)
    assert.equal(bash('debian_mirror'), mirror)
  }
})

test('a CMake project that adds this one gets the library, without our warnings, tests and command line', () => {
  const project = join(folder, 'project')
  mkdirSync(project)
  writeFileSync(join(project, 'CMakeLists.txt'), `cmake_minimum_required(VERSION 3.25)\nproject(app C)\nadd_subdirectory("${ROOT}" maskcheck)\nadd_executable(app main.c)\ntarget_link_libraries(app PRIVATE maskcheck)\n`)
  writeFileSync(join(project, 'main.c'), '')
  execFileSync('cmake', ['-G', 'Ninja', '-B', 'build'], { cwd: project, stdio: ['ignore', 'ignore', 'pipe'] })
  const commands = execFileSync('ninja', ['-C', 'build', '-t', 'commands', 'all'], { cwd: project, encoding: 'utf8', maxBuffer: 2 ** 26 }).split('\n')
  assert.match(commands.find((line) => line.includes('app.dir/main.c.o')) ?? '', /^(?!.* -W).*main/)
  assert.match(commands.find((line) => line.includes('maskcheck.dir/labels.c.o')) ?? '', /^(?!.* -Werror).* -fPIC .*labels/)
  assert.ok(!commands.some((line) => /cmocka|jansson|cli\.c/.test(line)))
})
