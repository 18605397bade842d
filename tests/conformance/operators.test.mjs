import test from 'node:test'
import { builds, difference, randomSource, runBuild, runReference, sanitized, seed } from './harness.mjs'
import { graphCases } from './graph-cases.mjs'
import { operatorCases } from './operator-cases.mjs'


for (const [what, make] of /** @type {const} */ ([['operators', operatorCases], ['graphs', graphCases]])) {
  const cases = make(randomSource(seed))
  const references = Promise.all(cases.map(runReference))
  for (const build of [...builds, sanitized]) {
    test(`${cases.length} ${what} in ${build.name} give what onnxruntime gives`, async () => {
      const [results, expected] = await Promise.all([runBuild(build, cases), references])
      const problems = cases.flatMap(({ name }, i) => {
        const [result, reference] = [results[i], expected[i]]
        const problem = result && reference ? difference(build, result, reference) : 'no result'
        return problem === undefined ? [] : [`${name}: ${problem}`]
      })
      if (problems.length > 0) throw new Error(`seed ${seed}: ${problems.length} differ\n${problems.slice(0, 20).join('\n')}`)
    })
  }
}
