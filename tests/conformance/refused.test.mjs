import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import test from 'node:test'
import { builds, randomSource, randomTensor, repository, runBuild, sanitized, seed, statusNames } from './harness.mjs'
import { concatenate, ints, writeOnnx } from './onnx-writer.mjs'

/** @typedef {import('./harness.mjs').Case} Case */
/** @typedef {import('./onnx-writer.mjs').Model} Model */
/** @typedef {import('./onnx-writer.mjs').Node} Node */


/** @param {Partial<Model>} model */
const write = (model) =>
  writeOnnx({
    nodes: [{ op: 'Relu', name: 'relu', inputs: ['x'], outputs: ['y'] }],
    inputs: [{ name: 'x', dims: [1, 3, 8, 8] }],
    outputs: [{ name: 'y' }],
    ...model,
  })

/** @param {Omit<Node, 'outputs' | 'name'> & { name?: string }} node @param {Partial<Model>} [model] */
const one = (node, model = {}) => write({ nodes: [{ name: 'culprit', outputs: ['y'], ...node }], ...model })

const filter = { dims: [4, 3, 3, 3], data: new Float32Array(108) }
const transposed = { dims: [3, 4, 3, 3], data: new Float32Array(108) }
const long = 'n'.repeat(500)

/** What is refused, as what, and what the message must say. @type {[string, Uint8Array, string, RegExp][]} */
const refused = [
  ['an unknown operator', one({ op: 'LSTM', inputs: ['x'] }), 'model_unsupported', /^node 'culprit' \(LSTM\): operator not supported$/],
  ['a node without a name', write({ nodes: [{ op: 'Einsum', inputs: ['x'], outputs: ['y'] }] }), 'model_unsupported', /^node 'y' \(Einsum\)/],
  ['a long name', one({ op: 'LSTM', inputs: ['x'], name: long }), 'model_unsupported', /^node 'n{72}' \(LSTM\): operator not supported$/],
  ['a name that plays tricks', one({ op: 'LSTM', inputs: ['x'], name: 'a\u001b[31m\n\u00e9' }), 'model_unsupported', /^node 'a\?\[31m\?\?\?' /],
  ['another domain', one({ op: 'Relu', inputs: ['x'], domain: 'com.example' }), 'model_unsupported', /'culprit'.*com\.example/],
  ['an old operator set', write({ opset: 10 }), 'model_unsupported', /operator set 10/],
  ['a future operator set', write({ opset: 99 }), 'model_unsupported', /operator set 99/],
  ['weights computed at run time', one({ op: 'Conv', inputs: ['x', 'x'] }), 'model_unsupported', /'culprit' \(Conv\).*constant/],
  ['weights of another rank', one({ op: 'Conv', inputs: ['x', 'w'] }, { initializers: { w: { dims: [4, 3, 3], data: new Float32Array(36) } } }), 'model_unsupported', /'culprit' \(Conv\).*rank 3/],
  ['weights for other channels', one({ op: 'Conv', inputs: ['x', 'w'] }, { initializers: { w: { dims: [4, 2, 3, 3], data: new Float32Array(72) } } }), 'model_invalid', /'culprit' \(Conv\).*channels/],
  ['a group too many', one({ op: 'Conv', inputs: ['x', 'w'], attributes: { group: { int: 2 } } }, { initializers: { w: filter } }), 'model_invalid', /'culprit' \(Conv\)/],
  ['a huge group', one({ op: 'Conv', inputs: ['x', 'w'], attributes: { group: { int: 2 ** 40 } } }, { initializers: { w: filter } }), 'model_invalid', /'culprit' \(Conv\)/],
  ['a kernel larger than the picture', one({ op: 'Conv', inputs: ['x', 'w'], attributes: { dilations: { ints: [9, 9] } } }, { initializers: { w: filter } }), 'model_unsupported', /kernel of 19/],
  ['an attribute of another type', one({ op: 'Conv', inputs: ['x', 'w'], attributes: { strides: { string: '2' } } }, { initializers: { w: filter } }), 'model_invalid', /'strides'/],
  ['a stride of 0', one({ op: 'Conv', inputs: ['x', 'w'], attributes: { strides: { ints: [0, 1] } } }, { initializers: { w: filter } }), 'model_invalid', /'strides'/],
  ['a huge stride', one({ op: 'Conv', inputs: ['x', 'w'], attributes: { strides: { ints: [2 ** 40, 1] } } }, { initializers: { w: filter } }), 'model_invalid', /'strides'/],
  ['negative pads', one({ op: 'Conv', inputs: ['x', 'w'], attributes: { pads: { ints: [0, -1, 0, 0] } } }, { initializers: { w: filter } }), 'model_unsupported', /'pads'/],
  ['a strange auto_pad', one({ op: 'MaxPool', inputs: ['x'], attributes: { kernel_shape: { ints: [2, 2] }, auto_pad: { string: 'MOST' } } }), 'model_unsupported', /'auto_pad' is 'MOST'/],
  ['a pool without a kernel', one({ op: 'MaxPool', inputs: ['x'] }), 'model_invalid', /kernel_shape/],
  ['a mean with gaps', one({ op: 'AveragePool', inputs: ['x'], attributes: { kernel_shape: { ints: [2, 2] }, dilations: { ints: [2, 2] } } }, { opset: 19 }), 'model_unsupported', /'dilations'/],
  ['a pool with much padding', one({ op: 'MaxPool', inputs: ['x'], attributes: { kernel_shape: { ints: [2, 2] }, pads: { ints: [2, 0, 0, 0] } } }), 'model_unsupported', /pads/],
  ['cubic interpolation', one({ op: 'Resize', inputs: ['x', '', 's'], attributes: { mode: { string: 'cubic' } } }, { initializers: { s: { dims: [4], data: [1, 1, 2, 2] } } }), 'model_unsupported', /'culprit' \(Resize\): cubic, half_pixel/],
  ['linear interpolation between other points', one({ op: 'Resize', inputs: ['x', '', 's'], attributes: { mode: { string: 'linear' }, coordinate_transformation_mode: { string: 'tf_crop_and_resize' } } }, { initializers: { s: { dims: [4], data: [1, 1, 2, 2] } } }), 'model_unsupported', /'culprit' \(Resize\): linear, tf_crop_and_resize from/],
  ['linear interpolation by a scale that the sizes do not show', one({ op: 'Resize', inputs: ['x', '', 's'], attributes: { mode: { string: 'linear' } } }, { initializers: { s: { dims: [4], data: [1, 1, 1.3, 2] } } }), 'model_unsupported', /'culprit' \(Resize\).*from 8 x 8 to 10 x 16/],
  ['linear interpolation of a side that is too long', write({
    nodes: [
      { op: 'Pad', inputs: ['x', 'p'], outputs: ['long'] },
      { op: 'Resize', name: 'culprit', inputs: ['long', '', '', 's'], outputs: ['y'], attributes: { mode: { string: 'linear' } } },
    ],
    inputs: [{ name: 'x', dims: [1, 3, 1, 1] }],
    initializers: { p: ints([0, 0, 0, 0, 0, 0, 0, 2 ** 24]), s: ints([1, 3, 1, 4]) },
  }), 'model_unsupported', /'culprit' \(Resize\): linear/],
  ['a resize that smooths first', one({ op: 'Resize', inputs: ['x', '', 's'], attributes: { mode: { string: 'linear' }, antialias: { int: 1 } } }, { initializers: { s: { dims: [4], data: [1, 1, 2, 2] } }, opset: 18 }), 'model_unsupported', /'antialias'/],
  ['a resize of the channels', one({ op: 'Resize', inputs: ['x', '', 's'] }, { initializers: { s: { dims: [4], data: [1, 2, 2, 2] } } }), 'model_unsupported', /'culprit' \(Resize\): axis 1/],
  ['a resize to negative sizes', one({ op: 'Resize', inputs: ['x', '', '', 's'] }, { initializers: { s: ints([1, 3, -(2 ** 40), 0]) } }), 'model_unsupported', /'culprit' \(Resize\): axis 2/],
  ['enlarging by half', one({ op: 'Resize', inputs: ['x', '', 's'] }, { initializers: { s: { dims: [4], data: [1, 1, 1.5, 1.5] } } }), 'model_unsupported', /'culprit' \(Resize\): nearest, half_pixel, .*from 8 x 8 to 12 x 12/],
  ['enlarging to infinity', one({ op: 'Resize', inputs: ['x', '', 's'] }, { initializers: { s: { dims: [4], data: [1, 1, Infinity, NaN] } } }), 'model_unsupported', /'culprit' \(Resize\)/],
  ['a transposed convolution that fits an output', one({ op: 'ConvTranspose', inputs: ['x', 'w'], attributes: { output_shape: { ints: [16, 16] } } }, { initializers: { w: transposed } }), 'model_unsupported', /'culprit' \(ConvTranspose\): attribute 'output_shape'/],
  ['a transposed convolution that pads by itself', one({ op: 'ConvTranspose', inputs: ['x', 'w'], attributes: { auto_pad: { string: 'SAME_UPPER' } } }, { initializers: { w: transposed } }), 'model_unsupported', /'auto_pad' is 'SAME_UPPER'/],
  ['a transposed convolution that leaves nothing', one({ op: 'ConvTranspose', inputs: ['x', 'w'], attributes: { pads: { ints: [9, 9, 9, 9] } } }, { initializers: { w: transposed } }), 'model_unsupported', /no rows or columns/],
  ['a transposed convolution with huge strides', one({ op: 'ConvTranspose', inputs: ['x', 'w'], attributes: { strides: { ints: [32768, 32768] } } }, { initializers: { w: transposed } }), 'model_invalid', /no room for its weights/],
  ['a transposed convolution with huge dilations', one({ op: 'ConvTranspose', inputs: ['x', 'w'], attributes: { dilations: { ints: [32768, 32768] } } }, { initializers: { w: transposed } }), 'model_invalid', /no room for its weights/],
  ['a transposed convolution with odd groups', one({ op: 'ConvTranspose', inputs: ['x', 'w'], attributes: { group: { int: 2 } } }, { initializers: { w: transposed } }), 'model_invalid', /3 channels in 2 groups/],
  ['output padding as large as the stride', one({ op: 'ConvTranspose', inputs: ['x', 'w'], attributes: { output_padding: { ints: [1, 0] } } }, { initializers: { w: transposed } }), 'model_unsupported', /'output_padding'/],
  ['a strange exponent', one({ op: 'Pow', inputs: ['x', 'e'] }, { initializers: { e: { dims: [], data: [1.7] } } }), 'model_unsupported', /'culprit' \(Pow\).*exponent/],
  ['an exponent of more axes', one({ op: 'Pow', inputs: ['x', 'e'] }, { initializers: { e: { dims: [1, 1, 1, 1, 1], data: [2] } } }), 'model_unsupported', /'culprit' \(Pow\).*one number/],
  ['an exponent for each element', one({ op: 'Pow', inputs: ['x', 'x'] }), 'model_unsupported', /'culprit' \(Pow\).*constant/],
  ['an expansion that does not fit', one({ op: 'Expand', inputs: ['x', 's'] }, { initializers: { s: ints([1, 2, 8, 8]) } }), 'model_invalid', /sizes 3 and 2/],
  ['a few bytes that stand for 40,000 operations', write({ nodes: Array.from({ length: 40 }, (_, i) => ({ op: 'Max', inputs: Array.from({ length: 1024 }, () => (i === 0 ? 'x' : `${i - 1}`)), outputs: [i === 39 ? 'y' : `${i}`] })) }), 'model_unsupported', /too large/],
  ['tensors that together need as much as 32 bits can count', write({
    nodes: [
      ...Array.from({ length: 1000 }, (_, i) => ({ op: 'Pad', inputs: ['x', 'p'], outputs: [`wide${i}`] })),
      ...Array.from({ length: 1000 }, (_, i) => ({ op: 'ReduceSum', inputs: [`wide${i}`, 'axes'], outputs: [`sum${i}`] })),
      { op: 'Sum', inputs: Array.from({ length: 1000 }, (_, i) => `sum${i}`), outputs: ['y'] },
    ],
    inputs: [{ name: 'x', dims: [1, 3, 1, 1] }],
    initializers: { p: ints([0, 0, 0, 0, 0, 0, 0, 357912]), axes: ints([1, 2, 3]) },
    opset: 13,
  }), 'model_unsupported', /too large/],
  ['windows that together need too many pointers', write({
    nodes: [
      { op: 'ConstantOfShape', inputs: ['s'], outputs: ['w'] },
      ...Array.from({ length: 3 }, (_, i) => ({ op: 'Conv', inputs: [i === 0 ? 'x' : `${i - 1}`, 'w'], outputs: [i === 2 ? 'y' : `${i}`], attributes: { pads: { ints: [31, 31, 32, 32] } } })),
    ],
    inputs: [{ name: 'x', dims: [1, 1, 180, 180] }],
    initializers: { s: ints([1, 1, 64, 64]) },
  }), 'model_unsupported', /too large/],
  ['maxima that together need too many pointers', write({
    nodes: [
      { op: 'Expand', inputs: ['x', 's'], outputs: ['wide'] },
      ...Array.from({ length: 9 }, (_, i) => ({ op: 'ReduceMax', inputs: ['wide'], outputs: [`max${i}`], attributes: { axes: { ints: [2, 3] } } })),
      { op: 'Sum', inputs: Array.from({ length: 9 }, (_, i) => `max${i}`), outputs: ['y'] },
    ],
    inputs: [{ name: 'x', dims: [1, 1, 1, 1] }],
    initializers: { s: ints([1, 1, 2 ** 12, 2 ** 13]) },
    opset: 13,
  }), 'model_unsupported', /too large/],
  ['a grouped convolution that would take minutes', write({
    nodes: [
      { op: 'ConstantOfShape', inputs: ['s'], outputs: ['w'] },
      { op: 'Conv', inputs: ['x', 'w'], outputs: ['y'], attributes: { group: { int: 256 } } },
    ],
    inputs: [{ name: 'x', dims: [1, 512, 300, 300] }],
    initializers: { s: ints([256, 2, 45, 45]) },
  }), 'model_unsupported', /too large/],
  ['a huge expansion', one({ op: 'Expand', inputs: ['x', 's'] }, { initializers: { s: ints([2 ** 26, 3, 8, 8]) } }), 'model_unsupported', /too large/],
  ['an expansion to nothing', one({ op: 'Expand', inputs: ['x', 's'] }, { initializers: { s: ints([0]) } }), 'model_invalid', /'culprit' \(Expand\): size 0/],
  ['a product of two inputs', one({ op: 'MatMul', inputs: ['x', 'x'] }), 'model_unsupported', /'culprit' \(MatMul\).*constant/],
  ['a new shape known too late', one({ op: 'Reshape', inputs: ['x', 'x'] }), 'model_unsupported', /'culprit' \(Reshape\).*constant/],
  ['a new shape that does not fit', one({ op: 'Reshape', inputs: ['x', 's'] }, { initializers: { s: ints([7, -1]) } }), 'model_invalid', /192 elements/],
  ['a new shape with two unknowns', one({ op: 'Reshape', inputs: ['x', 's'] }, { initializers: { s: ints([-1, -1]) } }), 'model_invalid', /-1/],
  ['a new shape that is empty', one({ op: 'Reshape', inputs: ['x', 's'], attributes: { allowzero: { int: 1 } } }, { initializers: { s: ints([0, 3, 8, 8]) } }), 'model_invalid', /size 0 in the new shape/],
  ['a new shape that overflows', one({ op: 'Reshape', inputs: ['x', 's'] }, { initializers: { s: ints([2 ** 26, 2 ** 26, 2 ** 26, 2 ** 26]) } }), 'model_invalid', /elements/],
  ['an axis that is not there', one({ op: 'Softmax', inputs: ['x'], attributes: { axis: { int: 4 } } }), 'model_invalid', /axis 4/],
  ['an axis far away', one({ op: 'Flatten', inputs: ['x'], attributes: { axis: { int: -(2 ** 62) } } }), 'model_invalid', /axis/],
  ['an axis that is listed twice', one({ op: 'ReduceSum', inputs: ['x', 'a'] }, { initializers: { a: ints([1, -3]) } }), 'model_invalid', /'culprit' \(ReduceSum\): axis 1 is listed twice/],
  ['no permutation', one({ op: 'Transpose', inputs: ['x'], attributes: { perm: { ints: [0, 1, 1, 2] } } }), 'model_invalid', /perm/],
  ['padding with reflections', one({ op: 'Pad', inputs: ['x', 'p'], attributes: { mode: { string: 'reflect' } } }, { initializers: { p: ints([0, 0, 1, 1, 0, 0, 1, 1]) } }), 'model_unsupported', /'mode' is 'reflect'/],
  ['padding that takes away', one({ op: 'Pad', inputs: ['x', 'p'] }, { initializers: { p: ints([0, 0, 0, 0, 0, 0, -1, 0]) } }), 'model_unsupported', /'culprit' \(Pad\): padding by 0 and -1/],
  ['huge padding', one({ op: 'Pad', inputs: ['x', 'p'] }, { initializers: { p: ints([0, 0, 2 ** 26, 2 ** 26, 0, 0, 2 ** 26, 2 ** 26]) } }), 'model_unsupported', /too large/],
  ['parts that do not add up', one({ op: 'Split', inputs: ['x', 's'], attributes: { axis: { int: 1 } } }, { initializers: { s: ints([1, 1]) } }), 'model_invalid', /parts/],
  ['parts that leave something over', write({ nodes: [{ op: 'Split', name: 'culprit', inputs: ['x', 's'], outputs: ['y', 'z'], attributes: { axis: { int: 1 } } }], initializers: { s: ints([1, 1]) } }), 'model_invalid', /parts do not fill axis 1/],
  ['parts of two sizes that nobody asked for', write({ nodes: [{ op: 'Split', name: 'culprit', inputs: ['x'], outputs: ['y', 'z'], attributes: { axis: { int: 1 } } }], opset: 17 }), 'model_invalid', /2 outputs do not fit axis 1 of 3/],
  ['another number of parts than outputs', write({ nodes: [{ op: 'Split', name: 'culprit', inputs: ['x'], outputs: ['y', 'z'], attributes: { axis: { int: 2 }, num_outputs: { int: 4 } } }], opset: 18 }), 'model_invalid', /2 outputs do not fit axis 2 of 8/],
  ['parts that are no integers', write({ nodes: [{ op: 'Split', name: 'culprit', inputs: ['x'], outputs: ['y', 'z'], attributes: { axis: { int: 2 }, split: { floats: [4, 4] } } }], opset: 11 }), 'model_invalid', /'split'.*type/],
  ['a slice with more ends than starts', one({ op: 'Slice', inputs: ['x', 'b', 'e'] }, { initializers: { b: ints([0]), e: ints([1, 2]) } }), 'model_invalid', /'culprit' \(Slice\).*as many of each/],
  ['a join without an axis', one({ op: 'Concat', inputs: ['x', 'x'] }), 'model_invalid', /'culprit' \(Concat\): attribute 'axis' is missing/],
  ['a join of other shapes', one({ op: 'Concat', inputs: ['x', 'x', 'w'], attributes: { axis: { int: 1 } } }, { initializers: { w: filter } }), 'model_invalid', /'culprit' \(Concat\): input 2 has another shape/],
  ['a bias of one number for several channels', one({ op: 'Conv', inputs: ['x', 'w', 'b'] }, { initializers: { w: filter, b: { dims: [1], data: [1] } } }), 'model_unsupported', /'culprit' \(Conv\): a bias of 1 for 4 outputs/],
  ['statistics that are asked for', write({ nodes: [{ op: 'BatchNormalization', name: 'culprit', inputs: ['x', 'w', 'w', 'w', 'w'], outputs: ['y', 'mean', 'variance'] }], initializers: { w: { dims: [3], data: [1, 1, 1] } }, opset: 12 }), 'model_unsupported', /'culprit' \(BatchNormalization\): training/],
  ['a slope larger than the input', one({ op: 'PRelu', inputs: ['x', 's'] }, { initializers: { s: { dims: [2, 3, 8, 8], data: new Float32Array(384).fill(0.5) } } }), 'model_invalid', /'culprit' \(PRelu\): the slope/],
  ['a Gemm whose first input is the constant', one({ op: 'Gemm', inputs: ['w', 'x'] }, { inputs: [{ name: 'x', dims: [3, 8] }], initializers: { w: { dims: [2, 3], data: [1, 2, 3, 4, 5, 6] } } }), 'model_unsupported', /'culprit' \(Gemm\): input 1/],
  ['a slice backwards', one({ op: 'Slice', inputs: ['x', 'b', 'e', '', 's'] }, { initializers: { b: ints([7]), e: ints([0]), s: ints([-1]) } }), 'model_unsupported', /'culprit' \(Slice\): steps backwards/],
  ['shapes that do not match', one({ op: 'Add', inputs: ['x', 'w'] }, { initializers: { w: { dims: [5], data: new Float32Array(5) } } }), 'model_invalid', /sizes 8 and 5/],
  ['integers in arithmetic', one({ op: 'Add', inputs: ['x', 'w'] }, { initializers: { w: ints([1]) } }), 'model_unsupported', /integers/],
  ['a missing input', one({ op: 'Add', inputs: ['x', ''] }), 'model_invalid', /'culprit' \(Add\): input 1 is missing/],
  ['too few inputs', one({ op: 'Concat', inputs: [] }), 'model_invalid', /input 0 is missing/],
  ['a bound that is not a number', one({ op: 'Clip', inputs: ['x', 'lo'] }, { initializers: { lo: { dims: [], data: [NaN] } } }), 'model_invalid', /'min'/],
  ['dropout that trains', one({ op: 'Dropout', inputs: ['x', '', 't'] }, { initializers: { t: { dims: [], data: [1], type: 'bool' } } }), 'model_unsupported', /training/],
  ['the mask of a dropout', write({ nodes: [{ op: 'Dropout', name: 'culprit', inputs: ['x'], outputs: ['a', 'y'] }] }), 'model_unsupported', /'y'/],
  ['an index out of range', one({ op: 'Gather', inputs: ['w', 'i'] }, { initializers: { w: filter, i: ints([9]) } }), 'model_invalid', /'culprit' \(Gather\).*range/],
  ['a product of other sizes', one({ op: 'MatMul', inputs: ['x', 'w'] }, { initializers: { w: { dims: [5, 3], data: new Float32Array(15) } } }), 'model_invalid', /'culprit' \(MatMul\): rows of 8 times columns of 5/],
  ['a slope that is no number', one({ op: 'LeakyRelu', inputs: ['x'], attributes: { alpha: { float: NaN } } }), 'model_invalid', /'culprit' \(LeakyRelu\): attribute 'alpha' is not finite/],
  ['a number that no integer holds', one({ op: 'Cast', inputs: ['f'], attributes: { to: { int: 7 } } }, { initializers: { f: { dims: [1], data: [1e20] } } }), 'model_invalid', /'culprit' \(Cast\): a number does not fit/],
  ['integers that overflow', one({ op: 'Mul', inputs: ['i', 'i'] }, { initializers: { i: ints([2 ** 40]) } }), 'model_invalid', /'culprit' \(Mul\).*overflow/],
  ['a division by zero', one({ op: 'Div', inputs: ['i', 'j'] }, { initializers: { i: ints([1]), j: ints([0]) } }), 'model_invalid', /'culprit' \(Div\)/],
  ['a huge constant', one({ op: 'ConstantOfShape', inputs: ['s'] }, { initializers: { s: ints([2 ** 26, 4]) } }), 'model_invalid', /'culprit' \(ConstantOfShape\)/],

  ['nothing', new Uint8Array(0), 'model_invalid', /not an ONNX file/],
  ['text', new TextEncoder().encode('<!doctype html><title>404</title>'), 'model_invalid', /not an ONNX file/],
  ['a cycle', write({ nodes: [{ op: 'Relu', name: 'culprit', inputs: ['b'], outputs: ['a'] }, { op: 'Relu', inputs: ['a'], outputs: ['b'] }], outputs: [{ name: 'b' }] }), 'model_invalid', /'culprit' \(Relu\).*before it is computed/],
  ['nodes out of order', write({ nodes: [{ op: 'Relu', name: 'culprit', inputs: ['a'], outputs: ['y'] }, { op: 'Relu', inputs: ['x'], outputs: ['a'] }] }), 'model_invalid', /before it is computed/],
  ['a node that feeds itself', one({ op: 'Relu', inputs: ['y'] }), 'model_invalid', /before it is computed/],
  ['a name defined twice', write({ nodes: [{ op: 'Relu', inputs: ['x'], outputs: ['y'] }, { op: 'Relu', inputs: ['x'], outputs: ['y'] }] }), 'model_invalid', /'y' is defined twice/],
  ['an input from nowhere', one({ op: 'Relu', inputs: ['nowhere'] }), 'model_invalid', /'nowhere' is not defined/],
  ['an output from nowhere', write({ outputs: [{ name: 'nowhere' }] }), 'model_invalid', /'nowhere' is not defined/],
  ['no output', write({ outputs: [] }), 'model_invalid', /no output/],
  ['no input', write({ inputs: [], nodes: [], outputs: [{ name: 'w' }], initializers: { w: filter } }), 'model_invalid', /no input/],
  ['an input of integers', write({ inputs: [{ name: 'x', dims: [1], type: 'int64' }] }), 'model_unsupported', /input 'x': element type 7/],
  ['an input of any rank', write({ inputs: [{ name: 'x' }] }), 'model_unsupported', /input 'x'/],
  ['an input of rank 7', write({ inputs: [{ name: 'x', dims: [1, 1, 1, 1, 1, 1, 1] }] }), 'model_unsupported', /rank 7/],
  ['an input of negative size', write({ inputs: [{ name: 'x', dims: [1, -5] }] }), 'model_invalid', /input 'x'/],
  ['an input of huge size', write({ inputs: [{ name: 'x', dims: [2 ** 50] }] }), 'model_invalid', /input 'x'/],
  ['an input of huge sizes', write({ inputs: [{ name: 'x', dims: [2 ** 20, 2 ** 20] }] }), 'model_unsupported', /too large/],
  ['weights of negative size', write({ initializers: { w: { dims: [-1], data: [] } } }), 'model_invalid', /tensor 'w'/],
  ['weights whose size overflows', write({ initializers: { w: { dims: [2 ** 26, 2 ** 26, 2 ** 26], data: [] } } }), 'model_invalid', /tensor 'w'.*too large/],
  ['weights that end early', write({ initializers: { w: { dims: [4], data: [], raw: new Uint8Array(15) } } }), 'model_invalid', /tensor 'w': 15 bytes .* 16/],
  ['weights that go on', write({ initializers: { w: { dims: [4], data: [], raw: new Uint8Array(17) } } }), 'model_invalid', /tensor 'w': 17 bytes .* 16/],
  ['typed weights that end early', write({ initializers: { w: { dims: [4], data: [1, 2, 3], typed: true } } }), 'model_invalid', /tensor 'w': 3 elements .* 4/],
  ['weights in another file', write({ initializers: { w: { dims: [4], data: [1, 2, 3, 4], external: true } } }), 'model_unsupported', /tensor 'w'.*another file/],
  ['weights of rank 7', write({ initializers: { w: { dims: [1, 1, 1, 1, 1, 1, 1], data: [1] } } }), 'model_unsupported', /tensor 'w'.*rank 7/],
]

/** @type {Case[]} */
const refusedCases = refused.map(([name, model]) => ({ name, model, runs: [] }))

for (const build of [...builds, sanitized]) {
  test(`${refused.length} models are refused in ${build.name}, and the message says why`, async () => {
    const results = await runBuild(build, refusedCases)
    for (const [i, [name, , status, message]] of refused.entries()) {
      const result = results[i]
      assert.ok(result)
      assert.equal(statusNames[result.status], status, `${name}: ${result.message}`)
      assert.match(result.message, message, name)
    }
  })
}

test('sizes that a network cannot have are refused, and it goes on with others', async () => {
  const random = randomSource(seed)
  const model = one({ op: 'Conv', inputs: ['x', 'w'] }, { inputs: [{ name: 'x', dims: [1, 3, 'h', 'w'] }], initializers: { w: filter } })
  const shapes = [[1, 3, 5, 5], [1, 3, 2, 5], [1, 4, 5, 5], [2, 3, 5, 5], [3, 5, 5], [1, 3, 5, 5]]
  const testCase = { name: 'sizes', model, runs: shapes.map((shape) => [randomTensor(random, shape)]) }
  for (const build of builds) {
    const [result] = await runBuild(build, [testCase])
    const statuses = result?.runs.map(({ status }) => statusNames[status])
    assert.deepEqual(statuses, ['ok', 'model_unsupported', 'invalid_argument', 'invalid_argument', 'invalid_argument', 'ok'])
    assert.match(result?.runs[1]?.message ?? '', /^node 'culprit' \(Conv\): a kernel of 3 does not fit an input of 2$/)
  }
})

test('damaged files are refused or run, and never crash', { skip: !existsSync(sanitized.command[0] ?? '') && 'needs the build with sanitizers' }, async () => {
  const random = randomSource(seed)
  const shipped = new Uint8Array(await readFile(path.join(repository, 'model/face.onnx')))
  const small = write({
    nodes: [
      { op: 'Conv', inputs: ['x', 'w'], outputs: ['a'], attributes: { pads: { ints: [1, 1, 1, 1] }, group: { int: 1 } } },
      { op: 'Reshape', inputs: ['a', 's'], outputs: ['b'] },
      { op: 'Transpose', inputs: ['b'], outputs: ['c'], attributes: { perm: { ints: [0, 2, 1] } } },
      { op: 'Clip', inputs: ['c', 'lo'], outputs: ['y'] },
    ],
    inputs: [{ name: 'x', dims: ['n', 3, 8, 8] }],
    initializers: { w: filter, s: ints([0, 4, -1]), lo: { dims: [], data: [0] } },
  })
  /** @type {Case[]} */
  const cases = []
  const below = (/** @type {number} */ limit) => Math.floor(random() * limit)
  for (let i = 0; i < 3000; i++) {
    /** @type {Uint8Array} */
    let model = Uint8Array.from(small)
    for (let k = below(4); k >= 0; k--) model[below(model.length)] = below(256)
    if (i % 5 === 0) model = model.subarray(0, below(model.length))
    if (i % 7 === 0) model = concatenate([model.subarray(0, below(model.length)), small.subarray(below(small.length))])
    cases.push({ name: `damaged ${i}`, model, runs: [[randomTensor(random, [1, 3, 8, 8])], [randomTensor(random, [2, 3, 8, 8])]] })
  }
  for (let i = 0; i < 40; i++) cases.push({ name: `cut ${i}`, model: shipped.subarray(0, below(shipped.length)), runs: [] })
  const results = await runBuild(sanitized, cases)
  const refusedCount = results.filter(({ status }) => status !== 0).length
  assert.ok(refusedCount > 500 && refusedCount < results.length, `seed ${seed}: ${refusedCount} of ${results.length} refused`)
  for (const [i, { status, message }] of results.entries()) {
    assert.ok(['ok', 'model_invalid', 'model_unsupported'].includes(statusNames[status] ?? ''), `${cases[i]?.name}, seed ${seed}: ${status} ${message}`)
    assert.equal(message === '', status === 0)
  }
})
