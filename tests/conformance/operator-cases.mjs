/**
 * One small network per operator and combination of attributes, over odd shapes.
 * @module
 */
import { randomTensor } from './harness.mjs'
import { layoutOperatorCases } from './layout-operator-cases.mjs'
import { ints, scalar, writeOnnx } from './onnx-writer.mjs'
import { rareOperatorCases } from './rare-operator-cases.mjs'

/** @typedef {import('./harness.mjs').Case} Case */
/** @typedef {import('./onnx-writer.mjs').Model} Model */
/** @typedef {import('./onnx-writer.mjs').Tensor} Tensor */
/** @typedef {import('./onnx-writer.mjs').Attribute} Attribute */

/**
 * All cases, made from one source of random numbers.
 * @param {() => number} random
 * @returns {Case[]}
 */
export function operatorCases(random) {
  /** @type {Case[]} */
  const cases = []

  /** @param {number[]} dims @returns {Tensor} */
  const weights = (dims) => {
    const tensor = randomTensor(random, dims)
    return { dims, data: tensor.data.map((value) => value / 2) }
  }

  /**
   * A network of any number of nodes with input x (and y, ...), whose dims are those of the first run.
   * @param {string} name
   * @param {Partial<Model> & { nodes: Model['nodes'] }} model
   * @param {number[][][]} runs sizes of each input, for each run
   * @param {string[]} [outputs]
   */
  const add = (name, model, runs, outputs = ['out']) => {
    const [first = []] = runs
    const inputs = first.map((dims, i) => ({
      name: ['x', 'y', 'z'][i] ?? '',
      /* an axis that changes between the runs is dynamic */
      dims: dims.map((size, axis) => (runs.every((run) => run[i]?.[axis] === size) ? size : `d${i}_${axis}`)),
    }))
    const ports = outputs.map((output) => ({ name: output }))
    const bytes = writeOnnx({ inputs, outputs: ports, ...model })
    cases.push({ name, model: bytes, runs: runs.map((run) => run.map((dims) => randomTensor(random, dims))) })
  }

  /** One node from x to out. @param {string} op @param {Record<string, Attribute>} attributes @param {number[][][]} runs
   * @param {Partial<Model> & { inputs?: never, extra?: string[] }} [more] */
  const single = (op, attributes, runs, more = {}) => {
    const { extra = [], ...model } = more
    const text = Object.entries(attributes).map(([key, value]) => `${key}=${Object.values(value).join(';')}`)
    const name = [op, ...text, runs.map((run) => run.map((dims) => dims.join('x')).join('+')).join(' then '), model.opset ?? '']
    const first = runs[0]?.map((_, i) => ['x', 'y', 'z'][i] ?? '') ?? []
    add(name.join(' ').trim(), { nodes: [{ op, inputs: [...first, ...extra], outputs: ['out'], attributes }], ...model }, runs)
  }

  // --- Conv ---
  /** @param {{ i: number, o: number, kernel: [number, number], group?: number, attributes?: Record<string, Attribute>, bias?: boolean }} c
   * @param {number[][]} sizes [N, H, W] */
  const conv = ({ i, o, kernel, group = 1, attributes = {}, bias = true }, sizes) => {
    const all = { ...attributes, ...(group === 1 ? {} : { group: { int: group } }) }
    single('Conv', all, sizes.map(([n = 1, h = 1, w = 1]) => [[n, i, h, w]]), {
      extra: bias ? ['w', 'b'] : ['w'],
      initializers: { w: weights([o, i / group, ...kernel]), b: weights([o]) },
    })
  }
  const pads = [[0, 0, 0, 0], [1, 1, 1, 1], [0, 0, 1, 1], [2, 0, 1, 3]]
  for (const kernel of /** @type {[number, number][]} */ ([[1, 1], [3, 3], [5, 5], [2, 3], [7, 1]])) {
    for (const pad of pads) {
      for (const stride of [[1, 1], [2, 2], [1, 3]]) {
        const attributes = { pads: { ints: pad }, strides: { ints: stride }, kernel_shape: { ints: kernel } }
        conv({ i: 5, o: 7, kernel, attributes }, [[1, 11, 9]])
        conv({ i: 6, o: 6, kernel, group: 6, attributes, bias: false }, [[2, 9, 10]]); // depthwise
        conv({ i: 6, o: 9, kernel, group: 3, attributes }, [[1, 9, 8], [3, 8, 11], [1, 9, 8]])
      }
    }
    for (const auto of ['SAME_UPPER', 'SAME_LOWER', 'VALID', 'NOTSET']) {
      for (const stride of [[1, 1], [2, 2], [3, 2]]) {
        conv({ i: 3, o: 8, kernel, attributes: { auto_pad: { string: auto }, strides: { ints: stride } } }, [[1, 10, 13], [1, 13, 10]])
        conv({ i: 4, o: 4, kernel, group: 4, attributes: { auto_pad: { string: auto }, strides: { ints: stride } } }, [[1, 10, 13]])
      }
    }
  }
  for (const dilation of [[2, 2], [1, 3]]) {
    conv({ i: 4, o: 5, kernel: [3, 3], attributes: { dilations: { ints: dilation }, pads: { ints: [2, 3, 2, 3] } } }, [[1, 12, 11]])
    conv({ i: 4, o: 4, kernel: [3, 3], group: 4, attributes: { dilations: { ints: dilation } } }, [[1, 12, 11]])
  }
  for (const channels of [3, 13, 24]) { // depthwise, rows of more pixels than a kernel takes at once
    for (const stride of [1, 2]) {
      const attributes = { strides: { ints: [stride, stride] }, pads: { ints: [1, 1, 1, 1] } }
      conv({ i: channels, o: channels, kernel: [3, 3], group: channels, attributes }, [[1, 5, 37], [2, 6, 16], [1, 3, 17], [1, 4, 70]])
    }
  }
  conv({ i: 4, o: 12, kernel: [3, 3], group: 4 }, [[1, 7, 9]]); // depthwise, three outputs for each channel
  conv({ i: 1, o: 1, kernel: [3, 3] }, [[1, 7, 9]])
  conv({ i: 1, o: 6, kernel: [1, 1] }, [[1, 1, 1]])
  conv({ i: 3, o: 16, kernel: [3, 3], attributes: { strides: { ints: [2, 2] }, pads: { ints: [1, 1, 1, 1] } } }, [[1, 33, 47], [1, 64, 64], [2, 20, 31]])
  for (const type of /** @type {const} */ (['float16', 'double'])) {
    for (const typed of [false, true]) {
      const w = { ...weights([5, 3, 3, 3]), type, typed }
      if (type === 'float16') { // onnxruntime wants one type in all of Conv: converted by Cast there, at load here
        add(`Conv with ${type} weights${typed ? ', typed' : ''}`, {
          nodes: [
            { op: 'Cast', inputs: ['w'], outputs: ['wf'], attributes: { to: { int: 1 } } },
            { op: 'Conv', inputs: ['x', 'wf'], outputs: ['out'] },
          ],
          initializers: { w },
        }, [[[1, 3, 8, 9]]])
      } else {
        add(`Mul by ${type} cast to float${typed ? ', typed' : ''}`, {
          nodes: [
            { op: 'Cast', inputs: ['w'], outputs: ['wf'], attributes: { to: { int: 1 } } },
            { op: 'Mul', inputs: ['x', 'wf'], outputs: ['out'] },
          ],
          initializers: { w },
        }, [[[5, 3, 3, 3]]])
      }
    }
  }
  add('the smallest of half-precision numbers, made larger', {
    nodes: [
      { op: 'Cast', inputs: ['w'], outputs: ['wf'], attributes: { to: { int: 1 } } },
      { op: 'Mul', inputs: ['wf', 'large'], outputs: ['m'] },
      { op: 'Mul', inputs: ['x', 'm'], outputs: ['out'] },
    ],
    initializers: { w: { dims: [5], data: [2 ** -24, -3 * 2 ** -24, 2 ** -15, -(2 ** -14), 0], type: 'float16' }, large: { dims: [1], data: [2 ** 20] } },
  }, [[[2, 5]]])
  add('a part of the shape, from its end', {
    nodes: [
      { op: 'Shape', inputs: ['x'], outputs: ['s'], attributes: { start: { int: -3 }, end: { int: -1 } } },
      { op: 'Concat', inputs: ['rest', 's'], outputs: ['t'], attributes: { axis: { int: 0 } } },
      { op: 'Reshape', inputs: ['x', 't'], outputs: ['out'] },
    ],
    initializers: { rest: { dims: [1], data: [-1], type: 'int64' } },
    opset: 15,
  }, [[[2, 3, 4, 5]]])
  add('two Conv whose weights are casts of the same', {
    nodes: [
      { op: 'Cast', inputs: ['w'], outputs: ['wf'], attributes: { to: { int: 1 } } },
      { op: 'Cast', inputs: ['w'], outputs: ['wg'], attributes: { to: { int: 1 } } },
      { op: 'Conv', inputs: ['x', 'wf'], outputs: ['t'] },
      { op: 'Conv', inputs: ['x', 'wg'], outputs: ['u'] },
      { op: 'Sub', inputs: ['t', 'v'], outputs: ['tv'] },
      { op: 'Add', inputs: ['tv', 'u'], outputs: ['out'] },
    ],
    initializers: { w: { ...weights([5, 3, 3, 3]), type: 'float16' }, v: weights([5, 1, 1]) },
  }, [[[1, 3, 8, 9]]])
  add('Conv with typed float weights', {
    nodes: [{ op: 'Conv', inputs: ['x', 'w'], outputs: ['out'] }],
    initializers: { w: { ...weights([5, 3, 3, 3]), typed: true } },
  }, [[[1, 3, 8, 9]]])
  add('Conv twice with the same weights', {
    nodes: [
      { op: 'Conv', inputs: ['x', 'w'], outputs: ['a'] },
      { op: 'Conv', inputs: ['a', 'w'], outputs: ['out'] },
    ],
    initializers: { w: weights([3, 3, 3, 3]) },
  }, [[[1, 3, 8, 9]]])
  add('Conv with weights that are transposed constants', {
    nodes: [
      { op: 'Transpose', inputs: ['w'], outputs: ['wt'], attributes: { perm: { ints: [3, 2, 0, 1] } } },
      { op: 'Conv', inputs: ['x', 'wt'], outputs: ['out'] },
    ],
    initializers: { w: weights([3, 2, 4, 5]) },
  }, [[[1, 4, 8, 9]]])

  // --- Pools ---
  for (const op of ['MaxPool', 'AveragePool']) {
    for (const kernel of [[2, 2], [3, 3], [3, 2], [5, 5]]) {
      for (const pad of [[0, 0, 0, 0], [1, 1, 1, 1], [0, 0, 1, 1], [1, 0, 0, 1]]) {
        for (const stride of [[1, 1], [2, 2], [2, 1]]) {
          const attributes = { kernel_shape: { ints: kernel }, pads: { ints: pad }, strides: { ints: stride } }
          single(op, attributes, [[[1, 5, 11, 8]], ...(pad[0] ? [] : [[[2, 5, 7, 9]]])])
          if (op === 'AveragePool') single(op, { ...attributes, count_include_pad: { int: 1 } }, [[[1, 5, 11, 8]]])
          if (op === 'MaxPool') single(op, { ...attributes, ceil_mode: { int: 1 } }, [[[1, 5, 11, 8]]])
        }
      }
      for (const auto of ['SAME_UPPER', 'SAME_LOWER', 'VALID']) {
        single(op, { kernel_shape: { ints: kernel }, auto_pad: { string: auto }, strides: { ints: [2, 2] } }, [[[1, 3, 10, 11]]])
      }
    }
    single(op, { kernel_shape: { ints: [1, 1] } }, [[[1, 3, 5, 4]]])
  }
  for (const dilations of [[2, 1], [1, 2], [2, 2]]) {
    for (const pads of [[0, 0, 0, 0], [1, 1, 1, 1], [2, 0, 1, 2]]) {
      const attributes = { kernel_shape: { ints: [3, 3] }, dilations: { ints: dilations }, pads: { ints: pads } }
      single('MaxPool', attributes, [[[1, 3, 9, 8]]])
      single('MaxPool', { ...attributes, strides: { ints: [2, 2] }, ceil_mode: { int: 1 } }, [[[2, 3, 9, 8]]])
    }
  }
  for (const op of ['MaxPool', 'AveragePool']) single(op, { kernel_shape: { ints: [2, 2] } }, [[[1, 8, 5, 5]], [[1, 3, 5, 5]], [[1, 16, 5, 5]]])
  single('GlobalAveragePool', {}, [[[1, 7, 5, 3]], [[3, 7, 1, 1]], [[2, 7, 4, 9]]])
  single('GlobalAveragePool', {}, [[[2, 7, 5]]])
  for (const keep of [0, 1]) {
    for (const axes of [[2, 3], [-1, -2], [1], [3], [0, 1, 2, 3]]) {
      single('ReduceMean', { axes: { ints: axes }, keepdims: { int: keep } }, [[[2, 5, 3, 4]]])
      single('ReduceMean', { keepdims: { int: keep } }, [[[2, 5, 3, 4]]], { extra: ['a'], initializers: { a: ints(axes) }, opset: 18 })
    }
    single('ReduceMean', { keepdims: { int: keep } }, [[[2, 5, 3]]])
  }
  single('ReduceMean', { noop_with_empty_axes: { int: 1 } }, [[[2, 5, 3]]], { opset: 18 })

  // --- Elementwise ---
  for (const op of ['Relu', 'LeakyRelu', 'Elu', 'Sigmoid', 'HardSigmoid', 'Tanh', 'Abs', 'Neg', 'Exp']) {
    single(op, {}, [[[1, 5, 7, 3]], [[2, 5, 3, 4]]])
    single(op, {}, [[[13]]])
  }
  single('HardSwish', {}, [[[1, 5, 7, 3]]], { opset: 14 })
  single('HardSigmoid', { alpha: { float: 1 / 6 }, beta: { float: 0.5 } }, [[[2, 9]]])
  single('LeakyRelu', { alpha: { float: 0.3 } }, [[[2, 9]]])
  single('Elu', { alpha: { float: 0.7 } }, [[[2, 9]]])
  add('Sqrt of Abs', { nodes: [{ op: 'Abs', inputs: ['x'], outputs: ['a'] }, { op: 'Sqrt', inputs: ['a'], outputs: ['out'] }] }, [[[3, 4]]])
  const tiny = { dims: [9], data: [0, 1e-45, 1e-42, 1e-40, 1e-39, 1.17e-38, 1.18e-38, 1e-30, 3e38] } // denormals among them
  for (const [op, largest] of /** @type {const} */ ([['Sqrt', 3e38], ['ReduceL2', 1e-18]])) {
    const nodes = [
      { op: 'Mul', inputs: ['x', 'zero'], outputs: ['zeros'] },
      { op: 'Add', inputs: ['zeros', 'c'], outputs: ['tiny'] },
      { op, inputs: ['tiny'], outputs: ['out'] },
    ]
    const c = { ...tiny, data: tiny.data.map((value) => Math.min(value, largest)) }
    add(`${op} of the smallest and largest numbers`, { nodes, initializers: { zero: scalar(0), c } }, [[[9]]])
  }
  for (const [low, high] of [[-0.5, 0.5], [0, 6], [0.25, null], [null, 0.3], [null, null], [0.5, -0.5], [0.2, 0.2]]) {
    /** @type {Record<string, Tensor>} */
    const initializers = {}
    if (low !== null && low !== undefined) initializers['lo'] = scalar(low)
    if (high !== null && high !== undefined) initializers['hi'] = scalar(high)
    const extra = [initializers['lo'] ? 'lo' : '', initializers['hi'] ? 'hi' : '']
    add(`Clip ${low} ${high}`, { nodes: [{ op: 'Clip', inputs: ['x', ...extra], outputs: ['out'] }], initializers }, [[[2, 3, 5, 4]]])
    for (const op of ['Conv', 'MaxPool', 'GlobalAveragePool', 'Add']) { // merged into what comes before, or not
      const pad = { kernel_shape: { ints: [3, 3] }, pads: { ints: [0, 1, 1, 0] } }
      add(`${op}, Clip ${low} ${high}, Relu`, {
        nodes: [
          { op, inputs: op === 'Conv' ? ['x', 'w'] : op === 'Add' ? ['x', 'x'] : ['x'], outputs: ['a'], attributes: op === 'Conv' || op === 'MaxPool' ? pad : {} },
          { op: 'Clip', inputs: ['a', ...extra], outputs: ['b'] },
          { op: 'Relu', inputs: ['b'], outputs: ['out'] },
        ],
        initializers: { ...initializers, w: weights([4, 3, 3, 3]) },
      }, [[[1, 3, 6, 7]]])
    }
  }
  for (const op of ['Add', 'Sub', 'Mul', 'Div', 'Max', 'Min']) {
    for (const [a, b] of [
      [[2, 3, 5, 4], [2, 3, 5, 4]],
      [[2, 3, 5, 4], [1, 3, 1, 1]],
      [[2, 3, 5, 4], [2, 1, 5, 4]],
      [[1, 3, 1, 1], [2, 3, 5, 4]],
      [[2, 3, 5, 4], [4]],
      [[5, 1], [2, 3, 1, 4]],
      [[2, 3, 5, 4], [3, 5, 1]],
      [[2, 3, 4], [1]],
      [[6], [6]],
    ]) {
      if (!a || !b) continue
      single(op, {}, [[a, b]])
      const bytes = { c: { dims: b, data: weights(b).data } }
      single(op, {}, [[a]], { extra: ['c'], initializers: bytes })
      add(`${op} constant ${b} and ${a}`, { nodes: [{ op, inputs: ['c', 'x'], outputs: ['out'] }], initializers: bytes }, [[a]])
    }
    single(op, {}, [[[2, 3]]], { extra: ['c'], initializers: { c: scalar(1.5) } })
    add(`${op} of a feature map and a constant per channel`, {
      nodes: [
        { op: 'Conv', inputs: ['x', 'w'], outputs: ['a'] },
        { op, inputs: ['a', 'c'], outputs: ['out'] },
      ],
      initializers: { w: weights([4, 3, 1, 1]), c: weights([4, 1, 1]) },
    }, [[[1, 3, 5, 6]], [[2, 3, 2, 3]]])
    add(`${op} of a feature map and rows`, {
      nodes: [
        { op: 'Conv', inputs: ['x', 'w'], outputs: ['a'] },
        { op, inputs: ['a', 'y'], outputs: ['out'] },
      ],
      initializers: { w: weights([4, 3, 1, 1]) },
    }, [[[1, 3, 5, 6], [5, 6]]])
  }
  for (const opset of [11, 13]) {
    for (const axis of [undefined, 0, 1, 2, 3, -1, -2]) {
      single('Softmax', axis === undefined ? {} : { axis: { int: axis } }, [[[2, 5, 3, 4]]], { opset })
    }
    add(`Softmax of a feature map, ${opset}`, {
      nodes: [
        { op: 'Conv', inputs: ['x', 'w'], outputs: ['a'] },
        { op: 'Softmax', inputs: ['a'], outputs: ['out'], attributes: { axis: { int: 1 } } },
      ],
      initializers: { w: weights([4, 3, 1, 1]) },
      opset,
    }, [[[1, 3, 5, 6]]])
    single('Softmax', {}, [[[3, 10]]], { opset })
  }
  for (const shape of [[2, 5, 3, 4], [3, 5], [2, 5, 7]]) {
    single('BatchNormalization', { epsilon: { float: 0.01 } }, [[shape]], {
      extra: ['s', 'b', 'm', 'v'],
      initializers: { s: weights([5]), b: weights([5]), m: weights([5]), v: { dims: [5], data: [0.5, 1, 0.1, 2, 0] } },
    })
  }

  // --- Products ---
  for (const transB of [0, 1]) {
    for (const c of [undefined, [4], [1, 4], [1], []]) {
      single('Gemm', { transB: { int: transB }, alpha: { float: 0.5 }, beta: { float: 2 } }, [[[3, 7]], [[1, 7]]], {
        extra: c ? ['w', 'c'] : ['w'],
        initializers: { w: weights(transB ? [4, 7] : [7, 4]), ...(c ? { c: weights(c) } : {}) },
      })
    }
    single('Gemm', { transB: { int: transB } }, [[[1, 33]]], { extra: ['w'], initializers: { w: weights(transB ? [1, 33] : [33, 1]) } })
  }
  for (const shape of [[3, 7], [2, 3, 7], [2, 1, 5, 7]]) {
    single('MatMul', {}, [[shape]], { extra: ['w'], initializers: { w: weights([7, 5]) } })
  }
  add('Gemm, BatchNormalization, Relu', {
    nodes: [
      { op: 'Gemm', inputs: ['x', 'w', 'c'], outputs: ['g'] },
      { op: 'BatchNormalization', inputs: ['g', 's', 'b', 'm', 'v'], outputs: ['n'] },
      { op: 'Relu', inputs: ['n'], outputs: ['out'] },
    ],
    initializers: { w: weights([6, 4]), c: weights([4]), s: weights([4]), b: weights([4]), m: weights([4]), v: { dims: [4], data: [0.5, 1, 0.1, 2] } },
  }, [[[3, 6]]])

  layoutOperatorCases({ add, single, weights })

  // --- Resize: nearest, by whole factors ---
  /** @param {Record<string, Attribute>} attributes @param {Tensor | undefined} scales @param {Tensor | undefined} sizes @param {number[][][]} runs */
  const resize = (attributes, scales, sizes, runs) => {
    single('Resize', { mode: { string: 'nearest' }, ...attributes }, runs, {
      extra: ['', scales ? 's' : '', ...(sizes ? ['z'] : [])],
      initializers: { ...(scales ? { s: scales } : {}), ...(sizes ? { z: sizes } : {}) },
    })
  }
  const asymmetric = { coordinate_transformation_mode: { string: 'asymmetric' }, nearest_mode: { string: 'floor' } }
  for (const [fh = 1, fw = 1] of [[2, 2], [3, 1], [1, 4], [5, 3], [1, 1]]) {
    const scales = { dims: [4], data: [1, 1, fh, fw] }
    resize(asymmetric, scales, undefined, [[[1, 5, 3, 4]], [[2, 5, 6, 7]], [[1, 5, 1, 1]]])
    resize({}, scales, undefined, [[[1, 5, 3, 4]]]); // half_pixel, round_prefer_floor
    resize({ coordinate_transformation_mode: { string: 'pytorch_half_pixel' } }, scales, undefined, [[[1, 5, 3, 4]]])
    resize({ nearest_mode: { string: 'round_prefer_ceil' } }, scales, undefined, [[[1, 5, 3, 4]]])
    resize(asymmetric, undefined, ints([1, 5, 3 * fh, 4 * fw]), [[[1, 5, 3, 4]]])
  }

  // --- Constants and shapes ---
  /** @type {[string, Attribute][]} */
  const values = [
    ['value', { tensor: { dims: [3], data: [1, -2, 0.5] } }],
    ['value_float', { float: 0.75 }],
    ['value_floats', { floats: [1, 2, 3] }],
  ]
  for (const [key, value] of values) {
    add(`Constant ${key}`, {
      nodes: [
        { op: 'Constant', inputs: [], outputs: ['c'], attributes: { [key]: value } },
        { op: 'Add', inputs: ['x', 'c'], outputs: ['out'] },
      ],
    }, [[[2, 3]]])
  }
  add('Identity and Dropout', {
    nodes: [
      { op: 'Identity', inputs: ['x'], outputs: ['a'] },
      { op: 'Dropout', inputs: ['a'], outputs: ['b'] },
      { op: 'Relu', inputs: ['b'], outputs: ['out'] },
    ],
  }, [[[2, 3]]])
  add('an input that is an output, twice, and a constant', {
    nodes: [
      { op: 'Identity', inputs: ['x'], outputs: ['a'] },
      { op: 'Identity', inputs: ['x'], outputs: ['b'] },
      { op: 'Identity', inputs: ['c'], outputs: ['d'] },
    ],
    initializers: { c: weights([2, 2]) },
  }, [[[1, 3, 2, 2]]], ['a', 'b', 'd'])
  add('a value that is an output and goes on', {
    nodes: [
      { op: 'Conv', inputs: ['x', 'w'], outputs: ['a'] },
      { op: 'Relu', inputs: ['a'], outputs: ['b'] },
      { op: 'Transpose', inputs: ['b'], outputs: ['c'], attributes: { perm: { ints: [0, 2, 3, 1] } } },
    ],
    initializers: { w: weights([4, 3, 3, 3]) },
  }, [[[1, 3, 6, 5]], [[2, 3, 4, 7]]], ['b', 'a', 'c'])
  add('an unused input', { nodes: [{ op: 'Relu', inputs: ['x'], outputs: ['out'] }] }, [[[2, 3], [4]]])
  add('a node nobody needs', {
    nodes: [
      { op: 'Conv', inputs: ['x', 'w'], outputs: ['a'] },
      { op: 'Relu', inputs: ['a'], outputs: ['out'] },
      { op: 'Sigmoid', inputs: ['a'], outputs: ['b'] },
      { op: 'Exp', inputs: ['b'], outputs: ['c'] },
    ],
    initializers: { w: weights([4, 3, 3, 3]) },
  }, [[[1, 3, 6, 5]]])
  add('arithmetic on constants', {
    nodes: [
      { op: 'Add', inputs: ['c', 'd'], outputs: ['a'] },
      { op: 'Sqrt', inputs: ['e'], outputs: ['s'] },
      { op: 'Div', inputs: ['a', 's'], outputs: ['b'] },
      { op: 'Neg', inputs: ['b'], outputs: ['n'] },
      { op: 'Gather', inputs: ['n', 'i'], outputs: ['g'], attributes: { axis: { int: 1 } } },
      { op: 'Mul', inputs: ['x', 'g'], outputs: ['out'] },
    ],
    initializers: { c: weights([2, 3]), d: weights([3]), e: { dims: [2, 1], data: [2, 3] }, i: ints([-1, 0, 1, 1]) },
  }, [[[2, 4]]])
  for (const op of ['Floor', 'Ceil']) {
    add(`${op} of constants`, {
      nodes: [
        { op, inputs: ['c'], outputs: ['r'] },
        { op: 'Add', inputs: ['x', 'r'], outputs: ['out'] },
      ],
      initializers: { c: { dims: [6], data: [-2.5, -1, -0.2, 0.2, 1, 2.5] } },
    }, [[[6]]])
  }
  add('a view as PyTorch writes it for any batch', {
    nodes: [
      { op: 'Conv', inputs: ['x', 'w'], outputs: ['a'] },
      { op: 'Shape', inputs: ['a'], outputs: ['s'] },
      { op: 'Gather', inputs: ['s', 'zero'], outputs: ['n'], attributes: { axis: { int: 0 } } },
      { op: 'Unsqueeze', inputs: ['n', 'axes'], outputs: ['n1'] },
      { op: 'Concat', inputs: ['n1', 'minus'], outputs: ['shape'], attributes: { axis: { int: 0 } } },
      { op: 'Reshape', inputs: ['a', 'shape'], outputs: ['out'] },
    ],
    initializers: { w: weights([4, 3, 3, 3]), zero: { dims: [], data: [0], type: 'int64' }, axes: ints([0]), minus: ints([-1]) },
  }, [[[1, 3, 6, 5]], [[2, 3, 4, 7]], [[1, 3, 6, 5]]])
  add('an upsampling to twice its size, as PyTorch writes it', {
    nodes: [
      { op: 'Shape', inputs: ['x'], outputs: ['s'] },
      { op: 'Slice', inputs: ['s', 'two', 'four'], outputs: ['hw'] },
      { op: 'Cast', inputs: ['hw'], outputs: ['hwf'], attributes: { to: { int: 1 } } },
      { op: 'Mul', inputs: ['hwf', 'factor'], outputs: ['big'] },
      { op: 'Floor', inputs: ['big'], outputs: ['floor'] },
      { op: 'Cast', inputs: ['floor'], outputs: ['to'], attributes: { to: { int: 7 } } },
      { op: 'Slice', inputs: ['s', 'zero', 'two'], outputs: ['nc'] },
      { op: 'Concat', inputs: ['nc', 'to'], outputs: ['size'], attributes: { axis: { int: 0 } } },
      { op: 'Resize', inputs: ['x', '', '', 'size'], outputs: ['out'], attributes: { mode: { string: 'nearest' }, ...asymmetric } },
    ],
    initializers: { two: ints([2]), four: ints([4]), zero: ints([0]), factor: scalar(2) },
  }, [[[1, 3, 6, 5]], [[2, 3, 4, 7]], [[1, 3, 6, 5]]])
  add('ConstantOfShape and Shape with bounds', {
    nodes: [
      { op: 'Shape', inputs: ['x'], outputs: ['s'], attributes: { start: { int: 1 }, end: { int: -1 } } },
      { op: 'ConstantOfShape', inputs: ['s'], outputs: ['c'], attributes: { value: { tensor: { dims: [1], data: [0.5] } } } },
      { op: 'Add', inputs: ['y', 'c'], outputs: ['out'] },
    ],
    opset: 15,
  }, [[[1, 3, 6, 5], [3, 6]], [[1, 2, 1, 5], [2, 1]]])
  for (const opset of [11, 12, 13, 14, 16, 18, 20, 21]) {
    add(`Conv, Relu, operator set ${opset}`, {
      nodes: [
        { op: 'Conv', inputs: ['x', 'w'], outputs: ['a'] },
        { op: 'Relu', inputs: ['a'], outputs: ['out'] },
      ],
      initializers: { w: weights([4, 3, 3, 3]) },
      opset,
    }, [[[1, 3, 6, 5]]])
  }
  rareOperatorCases({ add, single, weights })
  return cases
}
