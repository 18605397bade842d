/* What the package says about the code of others inside of it: THIRD-PARTY.txt with the licence texts, and a bill of
   materials (CycloneDX). Both are made from src/sources.json and from what the WebAssembly build left behind, and say the
   same for the same inputs. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * @typedef {object} Component
 * @property {string} title
 * @property {string} version
 * @property {string} licence SPDX
 * @property {string} [text] licence text; without one, the licence asks for none in compiled form
 * @property {string} [repository] on GitHub
 * @property {string} [commit]
 * @property {string} [sha256] of the source archive
 */

/** @typedef {Component & { for?: string }} Source */

/**
 * @param {string} root of the repository
 * @returns {Component[]} what is linked into the .wasm files
 */
export function linkedComponents(root) {
  const built = (/** @type {string} */ name) => readFileSync(join(root, 'build', 'wasm-simd', 'third-party', name), 'utf8').trim()
  /** @type {Record<string, Source>} */
  const sources = JSON.parse(readFileSync(join(root, 'src', 'sources.json'), 'utf8'))
  const linked = Object.entries(sources).filter(([, source]) => source.for !== 'tests')
  const emscripten = built('emscripten-version').replaceAll('"', '')
  return [
    ...linked.map(([name, source]) => ({ ...source, text: built(`${name}.txt`) })),
    { title: 'Emscripten system libraries', version: emscripten, licence: 'MIT', text: built('emscripten.txt'), repository: 'emscripten-core/emscripten' },
    { title: 'musl', version: built('musl-version'), licence: 'MIT', text: built('musl.txt') },
    { title: "compiler-rt (LLVM, Emscripten's copy)", version: emscripten, licence: 'Apache-2.0 WITH LLVM-exception' },
  ]
}

/** @param {Component[]} components @returns {string} */
export function noticesText(components) {
  const intro = 'The WebAssembly files of this package contain compiled code of these projects:\n'
  return intro + components.map(({ title, version, licence, repository, text }) => {
    const head = `${title} ${version}${repository === undefined ? '' : ` (https://github.com/${repository})`}\nLicence: ${licence}`
    return `\n${'='.repeat(80)}\n${head}\n${'='.repeat(80)}\n\n${text ?? 'This licence asks for no notice in compiled code.'}\n`
  }).join('')
}

/**
 * @param {Component[]} components
 * @param {{ name: string, version: string, license: string, description: string }} product from package.json
 * @param {Map<string, Uint8Array>} models contents by file name
 * @returns {string} CycloneDX 1.6, JSON
 */
export function billOfMaterials(components, product, models) {
  const productReference = `pkg:npm/${product.name}@${product.version}`
  const parts = [...components.map(libraryEntry), ...[...models].map(([name, bytes]) => modelEntry(name, bytes, product))]
  const bill = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      component: {
        type: 'library',
        'bom-ref': productReference,
        name: product.name,
        version: product.version,
        description: product.description,
        licenses: [{ license: { id: product.license } }],
        purl: productReference,
      },
    },
    components: parts,
    dependencies: [{ ref: productReference, dependsOn: parts.map((part) => part['bom-ref']) }],
  }
  return `${JSON.stringify(bill, null, 2)}\n`
}

/** @param {Component} component */
function libraryEntry({ title, version, licence, repository, commit, sha256 }) {
  const purl = repository === undefined ? undefined : `pkg:github/${repository.toLowerCase()}@${commit ?? version}`
  return {
    type: 'library',
    'bom-ref': purl ?? `${title}@${version}`,
    name: title,
    version: commit === undefined ? version : `${version} (${commit})`,
    licenses: [/ /.test(licence) ? { expression: licence } : { license: { id: licence } }],
    ...(purl && { purl }),
    ...(repository && { externalReferences: [{ type: 'vcs', url: `https://github.com/${repository}` }] }),
    // Of the source archive that was compiled.
    ...(sha256 && { hashes: [{ alg: 'SHA-256', content: sha256 }] }),
  }
}

/**
 * @param {string} name
 * @param {Uint8Array} bytes
 * @param {{ version: string, license: string }} product
 */
function modelEntry(name, bytes, { version, license }) {
  return {
    type: 'machine-learning-model',
    'bom-ref': name,
    name,
    version,
    licenses: [{ license: { id: license } }],
    hashes: [{ alg: 'SHA-256', content: createHash('sha256').update(bytes).digest('hex') }],
  }
}
