/**
 * Operators that a classifier or a neck uses now and then, and what differs from one operator set to the next.
 * @module
 */

import { ints, scalar } from './onnx-writer.mjs'

/** @typedef {import('./onnx-writer.mjs').Model} Model */
/** @typedef {import('./onnx-writer.mjs').Tensor} Tensor */
/** @typedef {import('./onnx-writer.mjs').Attribute} Attribute */

/**
 * As in operator-cases.mjs: a network of any nodes; one node from x to out; random weights.
 * @typedef {object} Maker
 * @property {(name: string, model: Partial<Model> & { nodes: Model['nodes'] }, runs: number[][][], outputs?: string[]) => void} add
 * @property {(op: string, attributes: Record<string, Attribute>, runs: number[][][], more?: Partial<Model> & { inputs?: never, extra?: string[] }) => void} single
 * @property {(dims: number[]) => Tensor} weights
 */

/** @param {Maker} maker */
export function rareOperatorCases(maker) {
  transposedConvolutions(maker)
  pools(maker)
  reductions(maker)
  resizes(maker)
  elementwise(maker)
  products(maker)
  slices(maker)
  operatorSets(maker)
}

/** @param {Maker} maker */
function transposedConvolutions({ add, single, weights }) {
  /** @param {{ i: number, o: number, kernel: [number, number], group?: number, attributes?: Record<string, Attribute>, bias?: boolean }} c
   * @param {number[][]} sizes [N, H, W] */
  const transposed = ({ i, o, kernel, group = 1, attributes = {}, bias = true }, sizes) => {
    single('ConvTranspose', { ...attributes, ...(group === 1 ? {} : { group: { int: group } }) }, sizes.map(([n = 1, h = 1, w = 1]) => [[n, i, h, w]]), {
      extra: bias ? ['w', 'b'] : ['w'],
      initializers: { w: weights([i, o / group, ...kernel]), b: weights([o]) },
    })
  }
  for (const kernel of /** @type {[number, number][]} */ ([[1, 1], [2, 2], [3, 3], [4, 4], [3, 2]])) {
    for (const stride of [[1, 1], [2, 2], [3, 1]]) {
      for (const pads of [[0, 0, 0, 0], [1, 1, 1, 1], [0, 1, 1, 0]]) {
        if (pads.some(Boolean) && kernel[0] < 3) continue
        const attributes = { strides: { ints: stride }, pads: { ints: pads }, kernel_shape: { ints: kernel } }
        transposed({ i: 5, o: 7, kernel, attributes }, [[1, 6, 5], [2, 4, 7], [1, 6, 5]])
        transposed({ i: 6, o: 9, kernel, group: 3, attributes, bias: false }, [[1, 4, 5]])
        transposed({ i: 4, o: 4, kernel, group: 4, attributes }, [[2, 4, 5]])
      }
    }
    transposed({ i: 3, o: 4, kernel, attributes: { strides: { ints: [3, 2] }, output_padding: { ints: [2, 1] } } }, [[1, 5, 4]])
  }
  transposed({ i: 4, o: 5, kernel: [3, 3], attributes: { dilations: { ints: [2, 1] }, strides: { ints: [2, 2] } } }, [[1, 5, 6]])
  transposed({ i: 4, o: 5, kernel: [3, 3], attributes: { dilations: { ints: [2, 3] }, auto_pad: { string: 'VALID' } } }, [[1, 5, 6]])
  transposed({ i: 8, o: 16, kernel: [2, 2], attributes: { strides: { ints: [2, 2] } } }, [[1, 16, 20], [1, 1, 1]])
  add('ConvTranspose, BatchNormalization, Relu', {
    nodes: [
      { op: 'ConvTranspose', inputs: ['x', 'w'], outputs: ['a'], attributes: { strides: { ints: [2, 2] }, group: { int: 2 } } },
      { op: 'BatchNormalization', inputs: ['a', 's', 'b', 'm', 'v'], outputs: ['n'] },
      { op: 'Relu', inputs: ['n'], outputs: ['out'] },
    ],
    initializers: { w: weights([4, 3, 3, 3]), s: weights([6]), b: weights([6]), m: weights([6]), v: { dims: [6], data: [0.5, 1, 0.1, 2, 1, 3] } },
  }, [[[1, 4, 5, 6]], [[2, 4, 3, 3]]])
}

/** @param {Maker} maker */
function pools({ add, single, weights }) {
  for (const op of ['MaxPool', 'AveragePool']) {
    for (const [kernel, stride] of [[[1, 1], [2, 2]], [[2, 2], [3, 3]], [[3, 1], [2, 4]], [[2, 3], [5, 1]]]) {
      if (!kernel || !stride) continue
      for (const pads of [[0, 0, 0, 0], [0, 0, 1, 0], [1, 0, 1, 0]]) {
        if (pads.some(Boolean) && kernel[0] === 1) continue
        const attributes = { kernel_shape: { ints: kernel }, strides: { ints: stride }, pads: { ints: pads } }
        single(op, attributes, [[[1, 5, 11, 8]], [[2, 5, 7, 13]]])
        single(op, { ...attributes, ceil_mode: { int: 1 } }, [[[1, 5, 10, 9]]])
        if (op === 'AveragePool') single(op, { ...attributes, count_include_pad: { int: 1 } }, [[[2, 3, 11, 8]]])
      }
    }
    add(`${op} that skips, of a feature map`, {
      nodes: [
        { op: 'Conv', inputs: ['x', 'w'], outputs: ['a'] },
        { op, inputs: ['a'], outputs: ['b'], attributes: { kernel_shape: { ints: [1, 1] }, strides: { ints: [2, 2] } } },
        { op: 'Relu', inputs: ['b'], outputs: ['out'] },
      ],
      initializers: { w: weights([4, 3, 1, 1]) },
    }, [[[1, 3, 9, 8]], [[1, 3, 8, 6]]])
  }
  // Larger than what they slide over: one window, rounded up.
  for (const [kernel = 0, stride = 0, size = 0] of [[3, 2, 2], [3, 3, 2], [2, 2, 1], [5, 4, 2]]) {
    const attributes = { kernel_shape: { ints: [kernel, kernel] }, strides: { ints: [stride, stride] }, ceil_mode: { int: 1 } }
    for (const op of ['MaxPool', 'AveragePool']) single(op, attributes, [[[2, 3, size, size]]])
  }
  for (const kernel of [[2, 2], [3, 3], [3, 2]]) {
    for (const pads of [[0, 0, 0, 0], [1, 1, 1, 1], [1, 0, 0, 1]]) {
      for (const count of [0, 1]) {
        single('AveragePool', { kernel_shape: { ints: kernel }, strides: { ints: [2, 2] }, pads: { ints: pads }, ceil_mode: { int: 1 }, count_include_pad: { int: count } }, [[[1, 5, 10, 9]], [[1, 5, 11, 8]]])
      }
    }
  }
  for (const auto of ['SAME_UPPER', 'SAME_LOWER', 'VALID']) {
    for (const [kernel, stride] of [[[3, 3], [2, 2]], [[2, 3], [1, 1]], [[2, 2], [3, 3]]]) {
      if (!kernel || !stride || (stride[0] === 3 && auto !== 'VALID')) continue; // onnxruntime refuses gaps where it pads
      const attributes = { kernel_shape: { ints: kernel }, strides: { ints: stride }, auto_pad: { string: auto } }
      single('AveragePool', { ...attributes, count_include_pad: { int: 1 } }, [[[1, 5, 10, 9]], [[2, 5, 7, 8]]])
      single('MaxPool', attributes, [[[1, 5, 10, 9]], [[2, 5, 7, 8]]])
    }
  }
  for (const shape of [[2, 7, 5, 3], [1, 5, 1, 1], [3, 7, 4], [1, 2, 3, 4, 5]]) single('GlobalMaxPool', {}, [[shape]])
}

/** @param {Maker} maker */
function reductions({ add, single, weights }) {
  for (const op of ['ReduceMax', 'ReduceMin', 'ReduceSum', 'ReduceL1', 'ReduceL2', 'ReduceSumSquare']) {
    for (const keep of [0, 1]) {
      for (const axes of [[2, 3], [1], [-1], [0, 2], [0, 1, 2, 3]]) {
        if (op === 'ReduceSum') { // its axes became an input before those of the others
          single(op, { keepdims: { int: keep } }, [[[2, 5, 3, 4]]], { extra: ['a'], initializers: { a: ints(axes) }, opset: 13 })
        } else {
          single(op, { axes: { ints: axes }, keepdims: { int: keep } }, [[[2, 5, 3, 4]]])
        }
        single(op, { keepdims: { int: keep } }, [[[2, 5, 3, 4]]], { extra: ['a'], initializers: { a: ints(axes) }, opset: 18 })
      }
      single(op, { keepdims: { int: keep } }, [[[3, 7]]])
    }
    for (const [axis, what] of /** @type {const} */ ([[1, 'channels'], [2, 'rows']])) {
      for (const keep of [0, 1]) {
        const keepdims = { int: keep }
        add(`${op} over the ${what} of a feature map, keepdims=${keep}`, {
          nodes: [
            { op: 'Conv', inputs: ['x', 'w'], outputs: ['a'] },
            { op, inputs: op === 'ReduceSum' ? ['a', 'axes'] : ['a'], outputs: ['out'], attributes: op === 'ReduceSum' ? { keepdims } : { axes: { ints: [axis] }, keepdims } },
          ],
          initializers: { w: weights([6, 3, 1, 1]), ...(op === 'ReduceSum' ? { axes: ints([axis]) } : {}) },
        }, [[[1, 3, 5, 6]], [[2, 3, 2, 3]]])
      }
    }
  }
}

/** @param {Maker} maker */
function resizes({ add, single, weights }) {
  /** @param {Record<string, Attribute>} attributes @param {{ scales?: Tensor, sizes?: Tensor, opset?: number }} to @param {number[][][]} runs */
  const linear = (attributes, { scales, sizes, opset = 13 }, runs) => {
    single('Resize', { mode: { string: 'linear' }, ...attributes }, runs, {
      extra: ['', scales ? 's' : '', ...(sizes ? ['z'] : [])],
      initializers: { ...(scales ? { s: scales } : {}), ...(sizes ? { z: sizes } : {}) },
      opset,
    })
  }
  for (const transformation of ['half_pixel', 'pytorch_half_pixel', 'align_corners', 'asymmetric']) {
    const attributes = { coordinate_transformation_mode: { string: transformation } }
    for (const [h = 1, w = 1] of [[2, 2], [3, 1], [1.5, 4], [0.5, 0.5]]) {
      const scales = { dims: [4], data: [1, 1, h, w] }
      linear(attributes, { scales }, [[[1, 5, 4, 6]], [[2, 5, 6, 8]], [[1, 5, 4, 6]]])
    }
    for (const [h = 1, w = 1] of [[9, 7], [3, 11], [17, 2], [5, 6]]) {
      linear(attributes, { sizes: ints([2, 9, h, w]) }, [[[2, 9, 5, 6]]])
    }
  }
  linear({ coordinate_transformation_mode: { string: 'align_corners' } }, { sizes: ints([1, 3, 1, 4]) }, [[[1, 3, 5, 2]]])
  linear({ coordinate_transformation_mode: { string: 'half_pixel' } }, { sizes: ints([1, 3, 1, 1]) }, [[[1, 3, 5, 2]]])
  linear({ coordinate_transformation_mode: { string: 'half_pixel_symmetric' } }, { sizes: ints([1, 3, 9, 5]), opset: 19 }, [[[1, 3, 5, 2]]])
  linear({ axes: { ints: [2, 3] }, keep_aspect_ratio_policy: { string: 'stretch' }, antialias: { int: 0 } }, { sizes: ints([9, 5]), opset: 18 }, [[[1, 3, 5, 2]]])
  linear({ axes: { ints: [3, 2] } }, { scales: { dims: [2], data: [2, 3] }, opset: 18 }, [[[1, 3, 5, 2]]])
  add('Resize to the size of another feature map', {
    nodes: [
      { op: 'Conv', inputs: ['x', 'w'], outputs: ['a'], attributes: { strides: { ints: [2, 2] } } },
      { op: 'Shape', inputs: ['x'], outputs: ['size'] },
      { op: 'Slice', inputs: ['size', 'two', 'four'], outputs: ['hw'] },
      { op: 'Concat', inputs: ['nc', 'hw'], outputs: ['sizes'], attributes: { axis: { int: 0 } } },
      { op: 'Resize', inputs: ['a', '', '', 'sizes'], outputs: ['b'], attributes: { mode: { string: 'linear' }, coordinate_transformation_mode: { string: 'pytorch_half_pixel' } } },
      { op: 'Add', inputs: ['b', 'x'], outputs: ['out'] },
    ],
    initializers: { w: weights([3, 3, 3, 3]), two: ints([2]), four: ints([4]), nc: ints([1, 3]) },
  }, [[[1, 3, 16, 20]], [[1, 3, 9, 7]]])
}

/** @param {Maker} maker */
function elementwise({ add, single, weights }) {
  /** @param {number[]} dims @param {number} low @param {number} high */
  const slopes = (dims, low, high) => ({ dims, data: Array.from(weights(dims).data, (value) => low + ((value + 1) / 2) * (high - low)) })
  for (const [low = 0, high = 0] of [[0, 0.5], [-1, 1], [0, 3]]) {
    for (const dims of [[5, 1, 1], [1], [5, 3, 4], []]) {
      single('PRelu', {}, [[[2, 5, 3, 4]], [[1, 5, 3, 4]]], { extra: ['s'], initializers: { s: dims.length > 0 ? slopes(dims, low, high) : scalar(high) } })
    }
    add(`Conv, PRelu ${low} to ${high}`, {
      nodes: [
        { op: 'Conv', inputs: ['x', 'w'], outputs: ['a'] },
        { op: 'PRelu', inputs: ['a', 's'], outputs: ['out'] },
      ],
      initializers: { w: weights([4, 3, 1, 1]), s: slopes([4, 1, 1], low, high) },
    }, [[[1, 3, 5, 6]]])
  }
  single('PRelu', {}, [[[2, 5, 3, 4], [5, 1, 1]]]); // slopes that are computed
  for (const exponent of [2, 3, 1, -1, -2, -3]) {
    single('Pow', {}, [[[2, 3, 4, 5]]], { extra: ['e'], initializers: { e: scalar(exponent) } })
    single('Pow', {}, [[[7]]], { extra: ['e'], initializers: { e: ints([exponent]) } })
  }
  for (const exponent of [0.5, -0.5]) {
    add(`Abs, Pow ${exponent}`, {
      nodes: [
        { op: 'Abs', inputs: ['x'], outputs: ['a'] },
        { op: 'Pow', inputs: ['a', 'e'], outputs: ['out'] },
      ],
      initializers: { e: scalar(exponent) },
    }, [[[3, 5]]])
  }
  single('Reciprocal', {}, [[[2, 3, 4, 5]]])
  for (const op of ['Sum', 'Max', 'Min']) {
    single(op, {}, [[[2, 3, 4]]])
    single(op, {}, [[[2, 3, 5, 4], [3, 1, 1], [5, 4]]])
    single(op, {}, [[[2, 3], [2, 3]]], { extra: ['a', 'b'], initializers: { a: weights([3]), b: weights([2, 1]) } })
  }
  for (const to of [[2, 3, 5, 4], [1, 3, 1, 1], [5, 1], [4, 1, 3, 2, 2], [1]]) {
    single('Expand', {}, [[[1, 3, 1, 1]]], { extra: ['s'], initializers: { s: ints(to.length === 2 ? [5, 4] : to) } })
  }
  single('Expand', {}, [[[3]], [[1]]], { extra: ['s'], initializers: { s: ints([2, 2, 3]) } })
  add('rows of length 1', { // torch.nn.functional.normalize
    nodes: [
      { op: 'Conv', inputs: ['x', 'w'], outputs: ['a'] },
      { op: 'GlobalAveragePool', inputs: ['a'], outputs: ['g'] },
      { op: 'Flatten', inputs: ['g'], outputs: ['f'] },
      { op: 'ReduceL2', inputs: ['f'], outputs: ['l'], attributes: { axes: { ints: [1] }, keepdims: { int: 1 } } },
      { op: 'Clip', inputs: ['l', 'e'], outputs: ['c'] },
      { op: 'Shape', inputs: ['f'], outputs: ['s'] },
      { op: 'Expand', inputs: ['c', 's'], outputs: ['d'] },
      { op: 'Div', inputs: ['f', 'd'], outputs: ['out'] },
    ],
    initializers: { w: weights([6, 3, 1, 1]), e: scalar(1e-12) },
  }, [[[1, 3, 5, 6]], [[3, 3, 4, 4]]])
  add('a layer normalization, taken apart', {
    nodes: [
      { op: 'ReduceMean', inputs: ['x'], outputs: ['m'], attributes: { axes: { ints: [-1] } } },
      { op: 'Sub', inputs: ['x', 'm'], outputs: ['d'] },
      { op: 'Pow', inputs: ['d', 'two'], outputs: ['q'] },
      { op: 'ReduceMean', inputs: ['q'], outputs: ['v'], attributes: { axes: { ints: [-1] } } },
      { op: 'Add', inputs: ['v', 'e'], outputs: ['ve'] },
      { op: 'Sqrt', inputs: ['ve'], outputs: ['s'] },
      { op: 'Div', inputs: ['d', 's'], outputs: ['n'] },
      { op: 'Mul', inputs: ['n', 'w'], outputs: ['nw'] },
      { op: 'Add', inputs: ['nw', 'b'], outputs: ['out'] },
    ],
    initializers: { two: scalar(2), e: scalar(1e-5), w: weights([12]), b: weights([12]) },
  }, [[[2, 5, 12]]])
}

/** @param {Maker} maker */
function products({ add, single, weights }) {
  for (const transB of [0, 1]) {
    single('Gemm', { transA: { int: 1 }, transB: { int: transB }, alpha: { float: 0.5 } }, [[[7, 3]], [[7, 1]]], {
      extra: ['w', 'c'],
      initializers: { w: weights(transB ? [4, 7] : [7, 4]), c: weights([4]) },
    })
  }
  for (const shape of [[7, 3], [2, 7, 3], [2, 5, 7, 1], [1, 7, 4, 5].slice(0, 3)]) {
    add(`MatMul constant and ${shape}`, { nodes: [{ op: 'MatMul', inputs: ['w', 'x'], outputs: ['out'] }], initializers: { w: weights([5, shape.at(-2) ?? 1]) } }, [[shape]])
  }
  add('MatMul constant and what lies as a feature map, then Relu', {
    nodes: [
      { op: 'Conv', inputs: ['x', 'k'], outputs: ['a'] },
      { op: 'MatMul', inputs: ['w', 'a'], outputs: ['m'] },
      { op: 'Relu', inputs: ['m'], outputs: ['out'] },
    ],
    initializers: { k: weights([4, 3, 1, 1]), w: weights([6, 5]) },
  }, [[[1, 3, 5, 7]]])
}

/** @param {Maker} maker */
function slices({ add, single, weights }) {
  for (const [axis = 0, step = 1] of [[1, 2], [2, 3], [3, 2], [-1, 4], [2, 100]]) {
    for (const [begin = 0, end = 0] of [[0, 2 ** 40], [1, -1], [2, 6]]) {
      const initializers = { b: ints([begin]), e: ints([end]), a: ints([axis]), s: ints([step]) }
      single('Slice', {}, [[[2, 5, 9, 8]]], { extra: ['b', 'e', 'a', 's'], initializers })
      add(`Conv, Slice ${begin} to ${end} by ${step} on ${axis}`, {
        nodes: [
          { op: 'Conv', inputs: ['x', 'w'], outputs: ['c'] },
          { op: 'Slice', inputs: ['c', 'b', 'e', 'a', 's'], outputs: ['out'] },
        ],
        initializers: { w: weights([7, 3, 1, 1]), ...initializers },
      }, [[[1, 3, 9, 8]], [[2, 3, 11, 9]]])
    }
  }
  // Backwards through a constant: bounds beyond its ends are clamped.
  for (const [begin = 0, end = 0, step = 0] of [[3, -(2 ** 40), -1], [9, 0, -2], [-9, -(2 ** 40), -1], [2, -9, -2]]) {
    add(`Slice ${begin} to ${end} by ${step} of a constant, Mul`, {
      nodes: [
        { op: 'Slice', inputs: ['w', 'b', 'e', 'a', 's'], outputs: ['c'] },
        { op: 'Mul', inputs: ['x', 'c'], outputs: ['out'] },
      ],
      initializers: { w: weights([4]), b: ints([begin]), e: ints([end]), a: ints([0]), s: ints([step]) },
    }, [[[2, 3, 1]]])
  }
  add('every second pixel four times, side by side', { // the first layer of some finders
    nodes: [
      ...[0, 1, 2, 3].map((i) => ({ op: 'Slice', inputs: ['x', `b${i}`, 'e', 'a', 's'], outputs: [`p${i}`] })),
      { op: 'Concat', inputs: ['p0', 'p1', 'p2', 'p3'], outputs: ['c'], attributes: { axis: { int: 1 } } },
      { op: 'Conv', inputs: ['c', 'w'], outputs: ['out'] },
    ],
    initializers: {
      ...Object.fromEntries([[0, 0], [1, 0], [0, 1], [1, 1]].map((begin, i) => [`b${i}`, ints(begin)])),
      e: ints([2 ** 31, 2 ** 31]), a: ints([2, 3]), s: ints([2, 2]), w: weights([8, 12, 3, 3]),
    },
  }, [[[1, 3, 16, 12]], [[1, 3, 8, 8]]])
  single('Split', { axis: { int: 1 }, num_outputs: { int: 1 } }, [[[2, 7, 3, 4]]], { opset: 18 })
  add('Split into parts of which the last is smaller', {
    nodes: [{ op: 'Split', inputs: ['x'], outputs: ['p', 'q', 'r'], attributes: { axis: { int: 1 }, num_outputs: { int: 3 } } }],
    opset: 18,
  }, [[[2, 7, 3, 4]]], ['r', 'q', 'p'])
}

/** One classifier, spelled as each operator set has it. @param {Maker} maker */
function operatorSets({ add, weights }) {
  for (let opset = 11; opset <= 21; opset++) {
    /** @type {Record<string, Tensor>} */
    const initializers = {
      w: weights([8, 3, 3, 3]), s: weights([8]), b: weights([8]), m: weights([8]), v: { dims: [8], data: [1, 2, 0.5, 1, 3, 1, 1, 0.25] },
      low: scalar(0), high: scalar(6), ratio: scalar(0.5), eval: { dims: [], data: [0], type: 'bool' }, halves: ints([4, 4]), scales: { dims: [4], data: [1, 1, 2, 2] },
      pads: ints([0, 0, 1, 1, 0, 0, 1, 1]), space: ints([2, 3]), rows: ints([1]), g: weights([4, 3]), c: weights([3]),
    }
    const axesAsInput = opset >= 18
    const squeezeInput = opset >= 13
    add(`a classifier in operator set ${opset}`, {
      nodes: [
        { op: 'Pad', inputs: ['x', 'pads'], outputs: ['a0'] },
        { op: 'Conv', inputs: ['a0', 'w'], outputs: ['a1'], attributes: { strides: { ints: [2, 2] } } },
        { op: 'BatchNormalization', inputs: ['a1', 's', 'b', 'm', 'v'], outputs: ['a2'], attributes: opset >= 14 ? { training_mode: { int: 0 } } : {} },
        { op: 'Clip', inputs: ['a2', 'low', 'high'], outputs: ['a3'] },
        { op: 'Resize', inputs: opset < 13 ? ['a3', 'scales', 'scales'] : ['a3', '', 'scales'], outputs: ['a4'], attributes: { mode: { string: 'linear' } } },
        squeezeInput
          ? { op: 'Split', inputs: ['a4', 'halves'], outputs: ['a5', 'a6'], attributes: { axis: { int: 1 } } }
          : { op: 'Split', inputs: ['a4'], outputs: ['a5', 'a6'], attributes: { axis: { int: 1 }, split: { ints: [4, 4] } } },
        opset >= 14 ? { op: 'HardSwish', inputs: ['a6'], outputs: ['a7'] } : { op: 'HardSigmoid', inputs: ['a6'], outputs: ['a7'] },
        { op: 'Add', inputs: ['a5', 'a7'], outputs: ['a8'] },
        axesAsInput
          ? { op: 'ReduceMean', inputs: ['a8', 'space'], outputs: ['a9'] }
          : { op: 'ReduceMean', inputs: ['a8'], outputs: ['a9'], attributes: { axes: { ints: [2, 3] } } },
        opset >= 12
          ? { op: 'Dropout', inputs: ['a9', 'ratio', 'eval'], outputs: ['a10'] }
          : { op: 'Dropout', inputs: ['a9'], outputs: ['a10'], attributes: { ratio: { float: 0.5 } } },
        squeezeInput
          ? { op: 'Squeeze', inputs: ['a10', 'space'], outputs: ['a11'] }
          : { op: 'Squeeze', inputs: ['a10'], outputs: ['a11'], attributes: { axes: { ints: [2, 3] } } },
        { op: 'Gemm', inputs: ['a11', 'g', 'c'], outputs: ['a12'] },
        { op: 'Softmax', inputs: ['a12'], outputs: ['a13'], attributes: { axis: { int: 1 } } },
        squeezeInput
          ? { op: 'Unsqueeze', inputs: ['a13', 'rows'], outputs: ['out'] }
          : { op: 'Unsqueeze', inputs: ['a13'], outputs: ['out'], attributes: { axes: { ints: [1] } } },
      ],
      initializers,
      opset,
    }, [[[1, 3, 13, 10]], [[2, 3, 8, 8]]])
  }
}
