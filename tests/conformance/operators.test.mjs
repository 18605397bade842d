import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { readGraph } from '../../model/onnx-graph.mjs'
import { builds, difference, randomSource, repository, runBuild, runReference, sanitized, seed } from './harness.mjs'
import { graphCases } from './graph-cases.mjs'
import { operatorCases } from './operator-cases.mjs'

test('every operator that the engine knows has a case', () => {
  const table = readFileSync(join(repository, 'src', 'operators.c'), 'utf8')
  const known = [...table.matchAll(/^ +\{"(\w+)", /gm)].map(([, name = '']) => name)
  const tried = new Set(operatorCases(randomSource(seed)).flatMap(({ model }) => readGraph(model).nodes.map(({ op }) => op)))
  assert.ok(known.length > 50)
  assert.deepEqual(known.filter((name) => !tried.has(name)), [])
})

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
