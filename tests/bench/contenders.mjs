/* Who takes part, and what each needs: the packages of tests/bench/peers, and files of a data folder. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * @typedef {object} Contender
 * @property {string} id
 * @property {string} label
 * @property {'frame' | 'model'} kind frame: a canvas in, faces out; model: one network alone
 * @property {string} module in tests/bench/contenders
 * @property {Record<string, unknown>} config
 * @property {boolean} [peer] needs the packages
 * @property {string[]} [data] files of the data folder
 */

export const PEERS = fileURLToPath(new URL('peers/node_modules', import.meta.url))

/** @type {Contender[]} whole frames */
const FRAMES = [
  { id: 'maskcheck', label: 'maskcheck', kind: 'frame', module: 'maskcheck.mjs', config: {} },
  { id: 'maskcheck-page', label: 'maskcheck, worker: false', kind: 'frame', module: 'maskcheck.mjs', config: { worker: false } },
  { id: 'maskcheck-simd', label: 'maskcheck, worker: false, plain SIMD', kind: 'frame', module: 'maskcheck.mjs', config: { worker: false, wasm: '/dist/maskcheck-simd.wasm' } },
  { id: 'mediapipe', label: 'MediaPipe tasks-vision FaceDetector', kind: 'frame', module: 'mediapipe.mjs', config: { model: '/data/models/blazeface_standin.tflite' }, peer: true, data: ['models/blazeface_standin.tflite'] },
  { id: 'yunet', label: 'YuNet on onnxruntime-web', kind: 'frame', module: 'yunet.mjs', config: { model: '/data/models/yunet.onnx' }, peer: true, data: ['models/yunet.onnx'] },
  { id: 'aizoo', label: 'AIZOO on TensorFlow.js wasm', kind: 'frame', module: 'aizoo.mjs', config: { model: '/data/models/aizoo/tfjs-models/model.json' }, peer: true, data: ['models/aizoo/tfjs-models/model.json'] },
]

/** Networks that several engines run. */
const NETWORKS = [
  { id: 'face', label: 'face.onnx, 320x256', model: '/dist/face.onnx', dims: [1, 3, 256, 320] },
  { id: 'mask', label: 'mask.onnx', model: '/dist/mask.onnx', dims: [1, 3, 64, 64] },
  { id: 'yunet-model', label: 'YuNet, 320x320', model: '/data/models/yunet.onnx', dims: [1, 3, 320, 320], data: ['models/yunet.onnx'] },
  { id: 'classifier', label: 'classifier of 8.2 M MACs', model: '/data/models/cls/cls_nhwc.onnx', dims: [1, 128, 128, 3], data: ['models/cls/cls_nhwc.onnx'] },
]

/** @type {Contender[]} one network alone */
const MODELS = NETWORKS.flatMap(({ id, label, data, ...config }) => [
  { id: `${id}-maskcheck`, label: `${label}: maskcheck's engine`, kind: /** @type {const} */ ('model'), module: 'network.mjs', config: { ...config, wasm: '/wasm/network-bench.wasm' }, ...(data && { data }) },
  { id: `${id}-onnxruntime`, label: `${label}: onnxruntime-web`, kind: /** @type {const} */ ('model'), module: 'onnxruntime.mjs', config, peer: true, ...(data && { data }) },
])
MODELS.push({
  id: 'classifier-tensorflow', label: 'classifier of 8.2 M MACs: TensorFlow.js wasm', kind: 'model', module: 'tensorflow.mjs', peer: true,
  config: { weights: '/data/models/cls/weights.bin', index: '/data/models/cls/weights.json', dims: [1, 128, 128, 3] },
  data: ['models/cls/weights.bin', 'models/cls/weights.json'],
})

/**
 * Those that can take part here.
 * @param {{ peers: boolean, peersData: string | undefined }} options
 * @returns {{ contenders: Contender[], missing: string[] }} missing: who cannot and why
 */
export function chooseContenders({ peers, peersData }) {
  const missing = /** @type {string[]} */ ([])
  const contenders = [...FRAMES, ...MODELS].filter(({ label, peer, data = [] }) => {
    if (peer && !peers) return false
    if (peer && !existsSync(PEERS)) missing.push(`${label}: run npm install in tests/bench/peers`)
    else if (data.some((file) => peersData === undefined || !existsSync(join(peersData, file)))) {
      if (!peers) return false
      missing.push(`${label}: --peers-data has no ${data.join(', ')}`)
    } else return true
    return false
  })
  return { contenders, missing }
}
