/**
 * Operators that move numbers and compute none.
 * @module
 */
import { ints, scalar } from './onnx-writer.mjs'

/** @typedef {import('./onnx-writer.mjs').Attribute} Attribute */

/** @param {import('./rare-operator-cases.mjs').Maker} maker */
export function layoutOperatorCases({ add, single, weights }) {
  for (const perm of [undefined, [0, 2, 3, 1], [0, 3, 1, 2], [3, 2, 1, 0], [0, 1, 3, 2], [1, 0, 2, 3]]) {
    single('Transpose', perm ? { perm: { ints: perm } } : {}, [[[2, 3, 5, 4]]])
    add(`Conv, Transpose ${perm}, Relu`, {
      nodes: [
        { op: 'Conv', inputs: ['x', 'w'], outputs: ['a'] },
        { op: 'Transpose', inputs: ['a'], outputs: ['t'], attributes: perm ? { perm: { ints: perm } } : {} },
        { op: 'Relu', inputs: ['t'], outputs: ['out'] },
      ],
      initializers: { w: weights([4, 3, 1, 1]) },
    }, [[[1, 3, 5, 6]]])
  }
  /** @param {string} op @param {number[]} shape @param {number[]} argument @param {Record<string, Attribute>} [attributes] */
  const reshape = (op, shape, argument, attributes = {}) => {
    single(op, attributes, [[shape]], { extra: ['a'], initializers: { a: ints(argument) } })
    if (shape.length !== 4) return
    add(`Conv, ${op} ${argument} of ${shape}`, { // from a feature map, which lies in another order
      nodes: [
        { op: 'Conv', inputs: ['x', 'w'], outputs: ['c'] },
        { op, inputs: ['c', 'a'], outputs: ['out'], attributes },
      ],
      initializers: { w: weights([shape[1] ?? 1, 3, 1, 1]), a: ints(argument) },
    }, [[[shape[0] ?? 1, 3, shape[2] ?? 1, shape[3] ?? 1]]])
  }
  for (const to of [[-1], [0, -1], [2, 6, 20], [0, 0, -1], [0, 2, 3, 5, 4], [0, 6, 20], [6, 2, 4, 5], [1, 2, 1, 6, 1, 20], [0, 6, 4, 5], [2, -1, 5]]) {
    reshape('Reshape', [2, 6, 5, 4], to)
  }
  reshape('Reshape', [1, 6, 1, 1], [6])
  reshape('Reshape', [1, 6, 5, 1], [0, 2, -1])
  reshape('Reshape', [3, 1, 4, 2], [3, 8])
  reshape('Reshape', [4, 6], [2, 2, 6])
  reshape('Squeeze', [2, 6, 1, 1], [2, 3])
  reshape('Squeeze', [2, 1, 5, 4], [1])
  reshape('Squeeze', [1, 6, 5, 1], [0, -1])
  reshape('Unsqueeze', [2, 6, 5, 4], [0])
  reshape('Unsqueeze', [2, 6, 5, 4], [2, -1])
  reshape('Unsqueeze', [6], [0, 2])
  single('Squeeze', { axes: { ints: [1] } }, [[[3, 1, 4]]], { opset: 11 })
  single('Unsqueeze', { axes: { ints: [1, 3] } }, [[[3, 4]]], { opset: 11 })
  single('Squeeze', {}, [[[1, 3, 1, 4]]])
  for (const axis of [0, 1, 2, 3, 4, -1]) {
    single('Flatten', { axis: { int: axis } }, [[[2, 3, 5, 4]]])
    add(`Conv, Flatten ${axis}`, {
      nodes: [
        { op: 'Conv', inputs: ['x', 'w'], outputs: ['a'] },
        { op: 'Flatten', inputs: ['a'], outputs: ['out'], attributes: { axis: { int: axis } } },
      ],
      initializers: { w: weights([4, 3, 1, 1]) },
    }, [[[2, 3, 5, 6]]])
  }
  for (const axis of [0, 1, 2, 3, -1]) {
    for (const count of [1, 2, 3, 5, 6, 7, 10]) {
      add(`Concat of ${count}, axis ${axis}`, {
        nodes: [
          { op: 'Conv', inputs: ['x', 'w'], outputs: ['a'] },
          { op: 'Concat', inputs: Array.from({ length: count }, (_, i) => (i % 3 === 1 ? 'a' : i % 3 === 2 ? 'c' : 'x')), outputs: ['out'], attributes: { axis: { int: axis } } },
        ],
        initializers: { w: weights([3, 3, 1, 1]), c: weights([2, 3, 4, 5]) },
      }, [[[2, 3, 4, 5]]])
    }
    const slices = { b: ints([1]), e: ints([3]), ax: ints([axis]) }
    single('Slice', {}, [[[3, 4, 5, 6]]], { extra: ['b', 'e', 'ax'], initializers: slices })
    single('Slice', {}, [[[3, 4, 5, 6]]], { extra: ['b', 'e', 'ax'], initializers: { ...slices, b: ints([-2]), e: ints([2 ** 50]) } })
    single('Split', { axis: { int: axis } }, [[[4, 4, 6, 6]]])
    add(`Conv, Split ${axis}`, {
      nodes: [
        { op: 'Conv', inputs: ['x', 'w'], outputs: ['a'] },
        { op: 'Split', inputs: ['a', 's'], outputs: ['p', 'unused', 'q'], attributes: { axis: { int: axis } } },
      ],
      initializers: { w: weights([4, 3, 1, 1]), s: ints([1, 1, 2]) },
    }, [[[4, 3, 4, 4]]], ['q', 'p'])
  }
  add('Split by attribute', {
    nodes: [{ op: 'Split', inputs: ['x'], outputs: ['p', 'q'], attributes: { axis: { int: 1 }, split: { ints: [1, 4] } } }],
    opset: 11,
  }, [[[2, 5]]], ['p', 'q'])
  for (const pad of [[0, 0, 1, 2, 0, 0, 3, 0], [1, 0, 0, 0, 0, 2, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0]]) {
    for (const value of [undefined, 0.5]) {
      single('Pad', {}, [[[2, 3, 5, 4]]], {
        extra: ['p', ...(value === undefined ? [] : ['v'])],
        initializers: { p: ints(pad), ...(value === undefined ? {} : { v: scalar(value) }) },
      })
      add(`Pad ${pad} with ${value}, Conv`, {
        nodes: [
          { op: 'Pad', inputs: ['x', 'p', ...(value === undefined ? [] : ['v'])], outputs: ['a'] },
          { op: 'Conv', inputs: ['a', 'w'], outputs: ['out'], attributes: { pads: { ints: [1, 0, 0, 1] } } },
        ],
        initializers: { p: ints([0, 0, ...pad.slice(2, 4), 0, 0, ...pad.slice(6)]), w: weights([4, 3, 2, 2]), ...(value === undefined ? {} : { v: scalar(value) }) },
      }, [[[1, 3, 5, 4]]])
    }
  }
  for (const kernel of [1, 3]) {
    add(`Pad by one to an even height, Conv ${kernel}x${kernel}`, {
      nodes: [
        { op: 'Shape', inputs: ['x'], outputs: ['shape'] },
        { op: 'Gather', inputs: ['shape', 'two'], outputs: ['h'] },
        { op: 'Div', inputs: ['h', 'two'], outputs: ['half'] },
        { op: 'Mul', inputs: ['half', 'two'], outputs: ['even'] },
        { op: 'Sub', inputs: ['h', 'even'], outputs: ['odd'] },
        { op: 'Concat', inputs: ['front', 'odd', 'none'], outputs: ['pads'], attributes: { axis: { int: 0 } } },
        { op: 'Pad', inputs: ['x', 'pads'], outputs: ['padded'] },
        { op: 'Conv', inputs: ['padded', 'w'], outputs: ['out'] },
      ],
      initializers: { two: ints([2]), front: ints([0, 0, 0, 0, 0, 0]), none: ints([0]), w: weights([5, 4, kernel, kernel]) },
    }, [[[1, 4, 4, 6]], [[1, 4, 5, 6]], [[1, 4, 4, 6]]])
  }
  single('Pad', {}, [[[2, 3, 5, 4]]], { extra: ['p', '', 'a'], initializers: { p: ints([1, 2, 3, 0]), a: ints([3, 1]) }, opset: 18 })
}
