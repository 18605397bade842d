/* Scripts in one file and slimmer ones, by tools that are development dependencies. */

/** @typedef {(entry: string, apart: string, plugins?: import('rollup').Plugin[]) => Promise<Buffer>} Bundle */

/**
 * Puts a module and what it imports into one file, without comments; `apart` is the import that is left as it is. Undefined
 * where the development dependencies are missing.
 * @returns {Promise<{ bundle: Bundle } | undefined>}
 */
export async function loadBundler() {
  const [rollup, esbuild] = await Promise.all([ifInstalled(import('rollup')), ifInstalled(import('esbuild'))])
  if (rollup === undefined || esbuild === undefined) return undefined
  return {
    async bundle(input, apart, plugins = []) {
      const bundle = await rollup.rollup({
        input,
        plugins,
        external: (id) => id === apart || id.startsWith('node:'),
        onwarn: (warning) => {
          throw new Error(warning.message)
        },
      })
      const { output } = await bundle.generate({ format: 'es', generatedCode: 'es2015' })
      await bundle.close()
      return Buffer.from(esbuild.transformSync(output[0].code, { charset: 'utf8' }).code)
    },
  }
}

/**
 * Scripts and style sheets without comments and indentation, which are half of their weight; names stay, so that people
 * can still see what the page does. Where the development dependencies are missing, as they are.
 * @param {Map<string, Buffer>} files
 * @returns {Promise<Map<string, Buffer>>}
 */
export async function slim(files) {
  const esbuild = await ifInstalled(import('esbuild'))
  if (esbuild === undefined) return files
  return new Map(
    [...files].map(([name, contents]) => {
      const loader = /** @type {'js' | 'css' | undefined} */ (/\.(js|css)$/.exec(name)?.[1])
      return [name, loader ? Buffer.from(esbuild.transformSync(contents.toString(), { loader, minifyWhitespace: true, charset: 'utf8' }).code) : contents]
    }),
  )
}

/**
 * @template T
 * @param {Promise<T>} tool
 * @returns {Promise<T | undefined>}
 */
function ifInstalled(tool) {
  return tool.catch((error) => {
    // The cause is rollup's, where its part for this machine is missing.
    if (error.code === 'ERR_MODULE_NOT_FOUND' || error.cause?.code === 'MODULE_NOT_FOUND') return undefined
    throw error
  })
}
