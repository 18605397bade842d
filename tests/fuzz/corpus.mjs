/**
 * Makes the inputs that fuzzing starts from: node tests/fuzz/corpus.mjs FOLDER. Pictures are made by seed_pictures.c.
 * With --models it also renews tests/fuzz/models, the smallest networks that a detector takes.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { graphCases } from '../conformance/graph-cases.mjs';
import { randomSource } from '../conformance/harness.mjs';
import { writeOnnx } from '../conformance/onnx-writer.mjs';
import { operatorCases } from '../conformance/operator-cases.mjs';

const random = randomSource(7);
const ports = (/** @type {string[]} */ ...names) => names.map((name) => ({ name }));
const weights = (/** @type {number[]} */ ...dims) => ({ dims, data: Float32Array.from({ length: dims.reduce((a, b) => a * b) }, () => random() * 2 - 1) });
const pool = { kernel_shape: { ints: [2, 2] }, strides: { ints: [2, 2] } };

/** [1, 3, H, W] to three heads of 5 channels at strides 8, 16 and 32. */
const face = writeOnnx({
  inputs: [{ name: 'x', dims: [1, 3, 'h', 'w'] }],
  outputs: ports('p8', 'p16', 'p32'),
  initializers: { w0: weights(4, 3, 3, 3), b0: weights(4), w1: weights(5, 4, 1, 1), w2: weights(5, 4, 1, 1), w3: weights(5, 4, 1, 1) },
  nodes: [
    { op: 'Conv', inputs: ['x', 'w0', 'b0'], outputs: ['a'], attributes: { strides: { ints: [4, 4] }, pads: { ints: [1, 1, 1, 1] } } },
    { op: 'Relu', inputs: ['a'], outputs: ['b'] },
    { op: 'MaxPool', inputs: ['b'], outputs: ['c'], attributes: pool },
    { op: 'AveragePool', inputs: ['c'], outputs: ['d'], attributes: pool },
    { op: 'MaxPool', inputs: ['d'], outputs: ['e'], attributes: pool },
    { op: 'Conv', inputs: ['c', 'w1'], outputs: ['p8'] },
    { op: 'Conv', inputs: ['d', 'w2'], outputs: ['p16'] },
    { op: 'Conv', inputs: ['e', 'w3'], outputs: ['p32'] },
  ],
  metadata: { 'maskcheck.kind': 'face', 'maskcheck.version': '1', mean: '127.5,127.5,127.5', std: '64,64,64', color: 'BGR', strides: '8,16,32', detection_size_picture: '64', detection_size_video: '32', picture_scales: '2', min_face_score: '0.3', nms_iou: '0.5' },
});

/** @type {import('../conformance/onnx-writer.mjs').Node[]} */
const classifying = [
  { op: 'Conv', inputs: ['x', 'w0'], outputs: ['a'], attributes: { strides: { ints: [2, 2] } } },
  { op: 'HardSwish', inputs: ['a'], outputs: ['b'] },
  { op: 'GlobalAveragePool', inputs: ['b'], outputs: ['c'] },
  { op: 'Flatten', inputs: ['c'], outputs: ['d'] },
  { op: 'Gemm', inputs: ['d', 'w1', 'b1'], outputs: ['y'], attributes: { transB: { int: 1 } } },
]
const classifier = {
  inputs: [{ name: 'x', dims: ['n', 3, 16, 16] }],
  outputs: ports('y'),
  initializers: { w0: weights(4, 3, 3, 3), w1: weights(3, 4), b1: weights(3) },
  nodes: classifying,
  metadata: { 'maskcheck.kind': 'mask', 'maskcheck.version': '1', input_size: '16', mean: '127.5,127.5,127.5', std: '127.5,127.5,127.5', color: 'RGB', crop_scale: '1.3', temperature: '1.5', min_mask_probability: '0.6', activation: 'none', classes: 'without_mask,mask_worn_incorrectly,mask_worn_correctly' },
}

/** [N, 3, 16, 16] to three logits. */
const mask = writeOnnx(classifier)

/** The same with a second look at what the finder takes for a face. */
const maskOfTwoLooks = writeOnnx({
  ...classifier,
  outputs: ports('y', 'face'),
  initializers: { ...classifier.initializers, w2: weights(4, 1) },
  nodes: [...classifying, { op: 'MatMul', inputs: ['d', 'w2'], outputs: ['face'] }],
  metadata: { ...classifier.metadata, face_score: '0.9,0.5,-0.2', min_candidate_score: '0.1' },
})

/** [1, 16, 16, 3] to three probabilities. */
const maskOfRows = writeOnnx({
  ...classifier,
  inputs: [{ name: 'rows', dims: [1, 16, 16, 3] }],
  outputs: ports('shares'),
  nodes: [
    { op: 'Transpose', inputs: ['rows'], outputs: ['x'], attributes: { perm: { ints: [0, 3, 1, 2] } } },
    ...classifying,
    { op: 'Softmax', inputs: ['y'], outputs: ['shares'] },
  ],
  metadata: { ...classifier.metadata, activation: 'softmax', color: 'BGR' },
})

/** Two models as fuzz_detector.c reads them. @param {Uint8Array} first @param {Uint8Array} second */
function pair(first, second) {
  const size = new Uint8Array(4);
  new DataView(size.buffer).setUint32(0, first.length, true);
  return Buffer.concat([size, first, second]);
}

/** An EXIF block with one entry. @param {boolean} big @param {number} orientation */
function exif(big, orientation) {
  const view = new DataView(new ArrayBuffer(26));
  view.setUint16(0, big ? 0x4d4d : 0x4949, !big);
  view.setUint16(2, 42, !big);
  view.setUint32(4, 8, !big);
  view.setUint16(8, 1, !big);
  view.setUint16(10, 0x112, !big);
  view.setUint16(12, 3, !big);
  view.setUint32(14, 1, !big);
  view.setUint16(18, orientation, !big);
  return new Uint8Array(view.buffer);
}

const noise = (/** @type {number} */ size) => Uint8Array.from({ length: size }, () => random() * 256);

const networks = [...operatorCases(random), ...graphCases(random)].map((each) => each.model).filter((model) => model.length < 16384);

/** @type {Record<string, Uint8Array[]>} */
const corpus = {
  network: [face, mask, maskOfRows, maskOfTwoLooks, ...networks],
  detector: [pair(face, mask), pair(face, maskOfRows), pair(face, maskOfTwoLooks)],
  exif: [exif(true, 6), exif(false, 8)],
  calls: Array.from({ length: 16 }, (_, i) => noise(32 << (i % 5))),
  tracks: Array.from({ length: 16 }, (_, i) => noise(64 << (i % 6))),
};

const [folder, option] = process.argv.slice(2);
if (folder === undefined) throw new Error('usage: node tests/fuzz/corpus.mjs FOLDER [--models]');
for (const [target, inputs] of Object.entries(corpus)) {
  mkdirSync(path.join(folder, target), { recursive: true });
  inputs.forEach((input, i) => writeFileSync(path.join(folder, target, `seed-${String(i).padStart(3, '0')}`), input));
}
if (option === '--models') {
  const models = fileURLToPath(new URL('models', import.meta.url));
  mkdirSync(models, { recursive: true });
  writeFileSync(path.join(models, 'face.onnx'), face);
  writeFileSync(path.join(models, 'mask.onnx'), mask);
}
