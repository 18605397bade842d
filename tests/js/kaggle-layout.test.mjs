/* The Kaggle set's own layout (images/*.png, annotations/*.xml) is enough to measure and to train: here with a few drawn pictures. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { loadData } from '../accuracy/dataset.mjs'
import { EXPECTED_LABELS, FACE_BOX, encodePng, makePortrait } from '../portrait/portraits.mjs'

const path = (/** @type {string} */ relative) => fileURLToPath(new URL(`../../${relative}`, import.meta.url))
const PYTHON = '/usr/bin/python3'
const NAMES = /** @type {const} */ (['bare', 'correct', 'under-nose', 'chin'])
/** As Kaggle spells them. @type {Record<string, string>} */
const SPELLINGS = { without_mask: 'without_mask', mask_worn_correctly: 'with_mask', mask_worn_incorrectly: 'mask_weared_incorrect' }
const FIRST = 30
const PICTURES = 13 // of which 36, 37 and 38 are for validation

const root = mkdtempSync(join(tmpdir(), 'maskcheck-kaggle-'))
const data = join(root, 'data')
before(() => {
  for (const folder of ['images', 'annotations']) mkdirSync(join(data, folder), { recursive: true })
  for (let index = FIRST; index < FIRST + PICTURES; index++) {
    const name = NAMES[index % NAMES.length] ?? 'bare'
    const { x, y, width, height } = FACE_BOX
    writeFileSync(join(data, 'images', `maksssksksss${index}.png`), encodePng(makePortrait(name)))
    writeFileSync(join(data, 'annotations', `maksssksksss${index}.xml`), `<annotation>
    <folder>images</folder>
    <filename>maksssksksss${index}.png</filename>
    <size>
        <width>512</width>
        <height>384</height>
        <depth>4</depth>
    </size>
    <segmented>0</segmented>
    <object>
        <name>${SPELLINGS[EXPECTED_LABELS[name]]}</name>
        <pose>Unspecified</pose>
        <truncated>0</truncated>
        <occluded>0</occluded>
        <difficult>0</difficult>
        <bndbox>
            <xmin>${x}</xmin>
            <ymin>${y}</ymin>
            <xmax>${x + width}</xmax>
            <ymax>${y + height}</ymax>
        </bndbox>
    </object>
</annotation>
`)
  }
})
after(() => rmSync(root, { recursive: true }))

/** @param {string} command @param {string[]} args */
function run(command, args) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' })
  assert.equal(status, 0, stderr || stdout)
  return stdout
}
/** @param {string} script @param {string[]} args */
const python = (script, ...args) => run(PYTHON, ['-W', 'ignore', path(`model/${script}`), ...args])
const PICTURE = join(data, 'images', `maksssksksss${FIRST}.png`)
/** What the native program says of the first picture. @param {string[]} models options that name one */
const facesIn = (...models) => JSON.parse(run(path('build/native/maskcheck'), ['--json', ...models, PICTURE])).faces
/** Trained by the first that asks. */
function trainedFinder() {
  const folder = join(root, 'finder')
  const finder = join(folder, 'last.pt')
  if (!existsSync(finder)) python('finder_train.py', data, folder, '--steps', '2')
  return finder
}
const lines = (/** @type {string} */ file) => readFileSync(file, 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line))

const distance = (/** @type {number[]} */ a, /** @type {number[]} */ b) => Math.hypot(...a.map((value, index) => value - (b[index] ?? NaN)))

const hasPython = existsSync(PYTHON) && spawnSync(PYTHON, ['-c', 'import cv2, torch']).status === 0
const skip = !hasPython && 'PyTorch and OpenCV are missing: npm run train:setup'

test('npm run accuracy measures it', () => {
  const file = join(root, 'accuracy.json')
  const printed = run(process.execPath, [path('tests/accuracy/accuracy.mjs'), '--data', data, '--json', file])
  const measured = JSON.parse(readFileSync(file, 'utf8'))
  assert.equal(measured.pictures, 3)
  assert.equal(measured.finder[0].ap50[0].ap, 1)
  assert.equal(measured.labels['scenes, faces >= 20 px'].count, 3)
  assert.match(printed, /split val: 3 pictures, 3 labelled faces/)
})

test('Python reads the same pictures, labels and splits', { skip: !existsSync(PYTHON) && `${PYTHON} is missing` }, () => {
  const own = loadData(data)
  const counted = python('data.py', data)
  for (const split of ['train', 'val']) {
    const chosen = own.filter((picture) => picture.split === split)
    const count = (/** @type {string} */ label) => chosen.filter(({ faces }) => faces[0]?.label === label).length
    const labels = ['without_mask', 'mask_worn_incorrectly', 'mask_worn_correctly'].map((label) => `${count(label)} ${label}`)
    assert.match(counted, new RegExp(`scenes +${split} +${chosen.length} pictures, faces: ${labels.join(', ')}`))
  }
})

test('the face finder trains on it', { skip }, () => {
  const finder = trainedFinder()
  assert.equal(lines(join(finder, '..', 'log.jsonl')).at(-1).step, 2)
  python('finder_export.py', finder, join(root, 'face.onnx'))
  facesIn('--face-model', join(root, 'face.onnx'))
})

test('the face finder trains on from its exported file', { skip }, () => {
  const folder = join(root, 'finder-onward')
  const shipped = path('model/face.onnx')
  const trained = join(folder, 'trained.onnx')
  python('finder_train.py', data, folder, '--steps', '1', '--seed', '8', '--start', shipped, '--radius', '0.2')
  python('finder_export.py', join(folder, 'last.pt'), trained)
  const [[before], faces] = [shipped, trained].map((model) => facesIn('--face-model', model))
  assert.equal(faces.length, 1)
  for (const side of ['x', 'y', 'width', 'height']) {
    assert.ok(Math.abs(faces[0].box[side] - before.box[side]) < 0.1 * before.box.width, 'one small step leaves the box about as it was')
  }
})

test('key points of faces in scenes are learned from single faces, where there are some', { skip }, () => {
  const uniform = join(root, 'uniform')
  const points = { right_eye: [208, 108], left_eye: [243, 108], nose: [225, 128], mouth: [226, 150], right_ear: [182, 120], left_ear: [270, 120] }
  for (const folder of ['scenes', 'faces/images/web']) mkdirSync(join(uniform, folder), { recursive: true })
  writeFileSync(join(uniform, 'scenes', '0.png'), encodePng(makePortrait('correct')))
  const face = { ...FACE_BOX, label: EXPECTED_LABELS.correct }
  writeFileSync(join(uniform, 'scenes', 'labels.jsonl'), JSON.stringify({ file: '0.png', split: 'train', faces: [face, { ...face, width: 9, height: 9 }] }))
  const singles = ['train', 'val'].map((split, index) => {
    const file = `images/web/${index}.png`
    writeFileSync(join(uniform, 'faces', file), encodePng(makePortrait('bare')))
    return JSON.stringify({ file, split, label: EXPECTED_LABELS.bare, box: { ...FACE_BOX, score: 1 }, keypoints: points })
  })
  writeFileSync(join(uniform, 'faces', 'labels.jsonl'), singles.join('\n'))
  const folder = join(root, 'keypoints')
  const sheet = join(folder, 'sheet.png')
  assert.match(python('classifier_keypoints.py', '--data', uniform, '--cache', folder, '--steps', '60', '--sheet', sheet), /\n1 faces/)
  const [stored = ''] = readdirSync(folder).filter((name) => name.endsWith('.json'))
  const [learned, small] = JSON.parse(readFileSync(join(folder, stored), 'utf8'))['0.png']
  assert.equal(small, null)
  for (const [index, wanted] of Object.values(points).entries()) assert.ok(distance(learned[index], wanted) < 0.25 * FACE_BOX.height)
  assert.ok(existsSync(sheet))
})

test('without single faces, or key points of theirs, none are learned, and it says so', { skip }, () => {
  assert.match(python('classifier_keypoints.py', '--data', data, '--cache', join(root, 'none'), '--sheet', join(root, 'none.png')), /no single faces/)
  const pointless = join(root, 'pointless')
  for (const folder of ['scenes', 'faces']) mkdirSync(join(pointless, folder), { recursive: true })
  writeFileSync(join(pointless, 'scenes', 'labels.jsonl'), '')
  const single = { file: 'images/web/0.png', split: 'train', label: EXPECTED_LABELS.bare, box: FACE_BOX }
  writeFileSync(join(pointless, 'faces', 'labels.jsonl'), JSON.stringify(single))
  assert.match(python('classifier_keypoints.py', '--data', pointless, '--cache', join(root, 'none')), /no single faces with key points/)
})

test('what training cannot go on with is said in a line, before it begins', { skip }, () => {
  const folder = join(root, 'unusable')
  mkdirSync(join(folder, 'scenes'), { recursive: true })
  writeFileSync(join(folder, 'scenes', '0.png'), encodePng(makePortrait('bare')))
  const scene = (/** @type {string} */ file, /** @type {string} */ split, /** @type {object} */ box) =>
    JSON.stringify({ file, split, faces: [{ ...box, label: EXPECTED_LABELS.bare }] })
  const cases = [
    { lines: null, says: /^error: data folder not found: / },
    { lines: [scene('0.png', 'train', FACE_BOX), scene('1.png', 'val', FACE_BOX)], says: /^error: cannot read picture: .*1\.png$/m },
    { lines: [scene('0.png', 'train', { ...FACE_BOX, x: 5000 })], says: /^error: .*0\.png: a face lies out of the picture$/m },
  ]
  for (const { lines, says } of cases) {
    if (lines) writeFileSync(join(folder, 'scenes', 'labels.jsonl'), lines.join('\n'))
    const args = [path('model/finder_train.py'), lines ? folder : join(root, 'nowhere'), join(root, 'untrained'), '--steps', '1']
    const { status, stderr } = spawnSync(PYTHON, args, { encoding: 'utf8' })
    assert.equal(status, 1)
    assert.match(stderr, says)
    assert.doesNotMatch(stderr, /Traceback/)
  }
  writeFileSync(join(folder, 'scenes', 'labels.jsonl'), scene('0.png', 'train', FACE_BOX))
  const args = [path('model/classifier_export.py'), '--data', folder, '--network', path('model/mask.onnx'), '--output', join(root, 'none.onnx')]
  assert.match(spawnSync(PYTHON, args, { encoding: 'utf8' }).stderr, /^error: .*: no faces in validation scenes$/m)
})

test('the mask classifier trains on it', { skip }, () => {
  const folder = join(root, 'classifier')
  python('classifier_pool.py', '--data', data, '--cache', folder)
  python('classifier_train.py', '--data', data, '--cache', folder, '--steps', '2')
  assert.equal(lines(join(folder, 'log.jsonl')).at(-1).step, 2)
  for (const secondLook of [[], ['--finder', trainedFinder()]]) {
    python('classifier_export.py', '--data', data, '--cache', folder, ...secondLook, '--output', join(root, 'mask.onnx'))
    facesIn('--mask-model', join(root, 'mask.onnx'))
  }
})

test('training goes on from the exported files', { skip }, () => {
  const folder = join(root, 'onward')
  const shipped = (/** @type {string} */ name) => path(`model/${name}.onnx`)
  const given = ['--data', data, '--cache', folder]
  const training = [...given, '--steps', '1', '--start', shipped('mask'), '--teachers', shipped('mask'), '--radius', '0.7', '--seed', '8']
  python('classifier_train.py', ...training)
  assert.throws(() => python('classifier_train.py', ...training), /is at step 1 already/)
  python('classifier_export.py', ...given, '--finder', shipped('face'), '--output', join(folder, 'mask.onnx'))
  python('classifier_export.py', '--data', data, '--network', shipped('mask'), '--output', join(folder, 'again.onnx'))
  const [[before], [again], [after]] = [shipped('mask'), join(folder, 'again.onnx'), join(folder, 'mask.onnx')].map((model) => facesIn('--mask-model', model))
  assert.equal(again.mask.value, before.mask.value)
  assert.deepEqual(after.box, before.box)
  assert.equal(after.mask.value, before.mask.value)
  assert.ok(after.mask.probability > 0.5, 'one small step leaves the answer as it was')
})
