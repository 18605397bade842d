/* The command line of the Node program: the flags of the native one (src/cli_options.c). */
import { parseArgs } from 'node:util'

/**
 * @typedef {object} CliOptions
 * @property {boolean} json
 * @property {boolean} crop
 * @property {boolean} help
 * @property {boolean} version
 * @property {string} [boxesFile]
 * @property {string} [faceModel]
 * @property {string} [maskModel]
 * @property {import('./index.js').DetectionOptions} detection
 * @property {string[]} pictures
 */

export const USAGE = `usage: maskcheck [options] PICTURE...

Finds the faces in JPEG, PNG, BMP and GIF pictures and says of each one whether a mask
is not worn (without_mask), worn incorrectly or worn correctly. - is standard input.

  --json                 print one JSON object per picture, one per line
  --min-face-score F     leave out faces with a score below F, 0 to 1
  --max-faces N          keep the N largest faces, 1 to 1000 (default 100)
  --size PX              search in the picture resized to PX on its long side,
                         a multiple of 32 up to 4096
  --boxes FILE.jsonl     do not search: label the boxes in FILE.jsonl, one line a picture:
                         {"file": "a.jpg", "faces": [{"x": 1, "y": 2, "width": 30, "height": 40}]}
                         Without a PICTURE, all files in it are done; relative names start from
                         the folder of FILE.jsonl.
  --crop                 do not search: each picture shows one face and little else
  --face-model FILE      ONNX file of the face finder
  --mask-model FILE      ONNX file of the mask classifier
  -h, --help
  --version

Exit code: 0; 1 if a picture could not be read or checked; 2 if nothing could be done.
`

/**
 * @param {string[]} args
 * @returns {CliOptions}
 * @throws {Error} with a message for people
 */
export function readArguments(args) {
  const text = /** @type {const} */ ({ type: 'string' })
  const flag = /** @type {const} */ ({ type: 'boolean', default: false })
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      json: flag,
      crop: flag,
      help: { ...flag, short: 'h' },
      version: flag,
      boxes: text,
      size: text,
      'face-model': text,
      'mask-model': text,
      'min-face-score': text,
      'max-faces': text,
    },
  })
  const { json, crop, help, version } = values
  if (crop && values.boxes !== undefined) throw new Error('--crop and --boxes exclude each other')
  if (positionals.length === 0 && values.boxes === undefined && !help && !version) throw new Error('no picture given')
  return {
    json,
    crop,
    help,
    version,
    boxesFile: values.boxes,
    faceModel: values['face-model'],
    maskModel: values['mask-model'],
    detection: {
      minFaceScore: share('min-face-score', values['min-face-score']),
      maxFaces: whole('max-faces', values['max-faces'], 1, 1000, 1, 'a whole number from 1 to 1000'),
      detectionSize: whole('size', values.size, 32, 4096, 32, 'a multiple of 32 from 32 to 4096'),
    },
    pictures: positionals,
  }
}

/** @param {string} flag @param {string | undefined} text */
function share(flag, text) {
  if (text === undefined) return undefined
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : NaN
  if (!(value >= 0 && value <= 1)) throw new Error(`--${flag}: a number from 0 to 1 is expected`)
  return value
}

/**
 * @param {string} flag
 * @param {string | undefined} text
 * @param {number} low
 * @param {number} high
 * @param {number} step
 * @param {string} expected
 */
function whole(flag, text, low, high, step, expected) {
  if (text === undefined) return undefined
  const value = /^\d+$/.test(text) ? Number(text) : NaN
  if (!(value >= low && value <= high && value % step === 0)) throw new Error(`--${flag}: ${expected} is expected`)
  return value
}
