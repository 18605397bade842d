// The accuracy command from the data folder to its tables and JSON, with a small program in the place of maskcheck that
// answers from a table: what is found is known, so the numbers are too.

import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'

import { PNG } from 'pngjs'

import { LIGHTS, TURNS, lightOf, turnOf } from '../accuracy/conditions.mjs'
import { DataError, loadData } from '../accuracy/dataset.mjs'

const COMMAND = join(dirname(fileURLToPath(import.meta.url)), '..', 'accuracy', 'accuracy.mjs')

/** @param {string} value @param {number} probability */
const label = (value, probability) => ({ mask: { value, probability }, probabilities: {}, uncertain: probability < 0.6 })
const FACE = { x: 10, y: 10, width: 40, height: 40 }
const OTHER = { x: 100, y: 10, width: 40, height: 40 }

/** @type {import('../accuracy/dataset.mjs').KeyPoints} */
const KEYPOINTS = { right_eye: [20, 25], left_eye: [40, 25], nose: [40, 35] }

/** What the program finds, by file name. */
const FOUND = {
  'one.jpg': [
    { box: FACE, score: 0.9, ...label('without_mask', 0.9) },
    { box: { x: 200, y: 200, width: 30, height: 30 }, score: 0.1, ...label('without_mask', 0.9) },
  ],
  'two.jpg': [
    { box: FACE, score: 0.8, ...label('mask_worn_correctly', 0.9) },
    { box: OTHER, score: 0.7, ...label('mask_worn_correctly', 0.5) },
  ],
  'web.jpg': [{ box: FACE, score: 0.9, ...label('without_mask', 1) }],
  'empty.jpg': [{ box: FACE, score: 0.6, ...label('without_mask', 0.7) }],
}

/** @param {number} luma @returns {Buffer} */
function grayPng(luma) {
  const png = new PNG({ width: 300, height: 300 })
  png.data.fill(luma)
  return PNG.sync.write(png)
}

/** @param {string} table */
const program = (table) => `#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { basename } from "node:path";
const found = JSON.parse(readFileSync(${JSON.stringify(table)}, "utf8"));
const values = {}, files = [];
for (let i = 2; i < process.argv.length; i++) {
  const a = process.argv[i];
  if (a === "--json") values.json = true;
  else if (a.startsWith("--")) values[a.slice(2)] = process.argv[++i];
  else files.push(a);
}
if (!values.json) process.exit(2);
const asked = values.boxes ? readFileSync(values.boxes, "utf8").trim().split("\\n").map((l) => JSON.parse(l)) : null;
for (const [n, file] of files.entries()) {
  const all = found[basename(file)];
  if (!all) { console.error("cannot read " + file); process.exitCode = 1; continue; }
  const least = Number(values["min-face-score"] ?? 0.5);
  const faces = asked
    ? asked[n].faces.map((b) => all.find((f) => f.box.x === b.x) ?? all[0])
    : all.filter((f) => f.score >= least);
  console.log(JSON.stringify({ file, width: 300, height: 300, faces, timings: {} }));
}
`

/**
 * @param {string[]} options
 * @returns {Promise<{ code: number, stdout: string, stderr: string }>}
 */
const run = (options) =>
  new Promise((resolve) => {
    execFile(process.execPath, [COMMAND, ...options], (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    )
  })

describe('npm run accuracy', () => {
  let root = ''
  let data = ''
  let cli = ''

  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'maskcheck-accuracy-'))
    data = join(root, 'data')
    for (const folder of ['scenes', 'faces', 'backgrounds']) await mkdir(join(data, folder), { recursive: true })
    await writeFile(
      join(data, 'scenes', 'labels.jsonl'),
      [
        { file: 'one.jpg', split: 'val', faces: [{ ...FACE, label: 'without_mask' }] },
        {
          file: 'two.jpg',
          split: 'val',
          faces: [
            { ...FACE, label: 'mask_worn_correctly' },
            { ...OTHER, label: 'mask_weared_incorrect' },
          ],
        },
        { file: 'unread.jpg', split: 'train', faces: [{ ...FACE, label: 'with_mask' }] },
      ]
        .map((line) => JSON.stringify(line))
        .join('\n'),
    )
    await writeFile(
      join(data, 'faces', 'labels.jsonl'),
      `${JSON.stringify({ file: 'images/web/web.jpg', split: 'val', label: 'without_mask', box: { ...FACE, score: 1 }, keypoints: KEYPOINTS })}\n`,
    )
    await writeFile(join(data, 'backgrounds', 'empty.jpg'), '')
    await mkdir(join(data, 'faces', 'images', 'web'), { recursive: true })
    await writeFile(join(data, 'scenes', 'one.jpg'), grayPng(20))
    await writeFile(join(data, 'scenes', 'two.jpg'), grayPng(250))
    await writeFile(join(data, 'faces', 'images', 'web', 'web.jpg'), grayPng(20))
    await writeFile(join(root, 'found.json'), JSON.stringify(FOUND))
    cli = join(root, 'program.mjs')
    await writeFile(cli, program(join(root, 'found.json')))
    await chmod(cli, 0o755)
  })

  after(() => rm(root, { recursive: true, force: true }))

  it('measures finding, labels and both together', async () => {
    const file = join(root, 'out.json')
    const { code, stdout, stderr } = await run(['--data', data, '--cli', cli, '--json', file])
    assert.equal(code, 0, stderr)
    const m = JSON.parse(await readFile(file, 'utf8'))
    assert.equal(m.pictures, 4)
    assert.deepEqual(
      m.finder.map((/** @type {any} */ f) => f.size),
      [640, 416, 320],
    )
    const [at640] = m.finder
    assert.deepEqual(
      at640.ap50.map((/** @type {any} */ a) => [a.minSize, a.ap, a.faces]),
      [
        [0, 1, 3],
        [16, 1, 3],
        [32, 1, 3],
        [64, null, 0],
      ],
    )
    assert.equal(at640.recall.mask_worn_incorrectly.share, 1)
    assert.equal(at640.singleFaces.web.share, 1)
    assert.deepEqual(at640.falseFaces, { pictures: 1, faces: 1, perPicture: 1 })
    // The incorrect mask is taken for a correct one: its label finds nothing, and the correct label keeps AP 1
    // because its right answer ranks first.
    assert.deepEqual(at640.endToEnd.labels, {
      without_mask: { ap: 1, faces: 1 },
      mask_worn_incorrectly: { ap: 0, faces: 1 },
      mask_worn_correctly: { ap: 1, faces: 1 },
    })
    assert.ok(Math.abs(at640.endToEnd.mean - 2 / 3) < 1e-12)
    const scenes = m.labels['scenes, faces >= 20 px']
    assert.equal(scenes.accuracy.share, 2 / 3)
    assert.equal(scenes.confusion.mask_worn_incorrectly.mask_worn_correctly, 1)
    assert.equal(scenes.errorsCaught.share, 1)
    assert.equal(m.labels['all of these'].count, 4)
    assert.match(stdout, /640 px +1\.000 +1\.000 +1\.000 +-/)
    assert.match(stdout, /mask_worn_incorrectly +0 +0 +1/)
  })

  it('splits the faces by light and turn', async () => {
    const file = join(root, 'conditions.json')
    const { code, stderr } = await run(['--data', data, '--cli', cli, '--json', file, '--conditions'])
    assert.equal(code, 0, stderr)
    const [light, turn] = JSON.parse(await readFile(file, 'utf8')).conditions
    assert.deepEqual(
      light.groups.map((/** @type {any} */ g) => [g.name, g.found?.count ?? 0, g.found?.hits ?? 0, g.right?.hits ?? 0]),
      [
        [LIGHTS[0], 2, 2, 2],
        [LIGHTS[1], 0, 0, 0],
        [LIGHTS[2], 2, 2, 1],
      ],
    )
    assert.equal(light.groups[2].recall.mask_worn_incorrectly.share, 0)
    assert.deepEqual(
      turn.groups.map((/** @type {any} */ g) => g.right?.count ?? 0),
      [0, 0, 1],
    )
  })

  it('knows light and turn', () => {
    const pixels = { width: 2, height: 1, data: Uint8Array.from([255, 0, 0, 255, 255, 255, 255, 255]) }
    assert.equal(lightOf(pixels, { x: 0, y: 0, width: 1, height: 1 }), LIGHTS[0]) // red: 76
    assert.equal(lightOf(pixels, { x: -3, y: -3, width: 9, height: 9 }), LIGHTS[1]) // of what is in the picture
    assert.equal(lightOf(pixels, { x: 1, y: 0, width: 1, height: 1 }), LIGHTS[2])
    assert.equal(turnOf({ right_eye: [0, 0], left_eye: [10, 10], nose: [0, 10] }), TURNS[0]) // rolled, not turned
    assert.equal(turnOf({ right_eye: [0, 0], left_eye: [10, 0], nose: [8, 6] }), TURNS[1])
    assert.equal(turnOf({ right_eye: [10, 0], left_eye: [0, 0], nose: [0, 6] }), TURNS[2])
  })

  it('puts its tables into a document', async () => {
    const document = join(root, 'card.md')
    const before = '# Card\n<!-- accuracy: finder -->\nformer\n<!-- /accuracy -->\nkept\n<!-- accuracy: labels -->\n<!-- /accuracy -->\nend\n'
    await writeFile(document, before)
    const options = ['--data', data, '--cli', cli, '--write', document]
    assert.equal((await run(options)).code, 0)
    const written = await readFile(document, 'utf8')
    assert.match(written, /^# Card\n<!-- accuracy: finder -->\nFace finding: AP50 on scenes, by face size:\n\n\| long side \| all \(3\) \|/)
    assert.match(written, /\n\|---\|---\|---\|---\|---\|\n\| 640 px \| 1\.000 \| 1\.000 \| 1\.000 \| - \|\n/)
    assert.match(written, /\n<!-- \/accuracy of face\.onnx [\da-f]{12} and mask\.onnx [\da-f]{12} -->\nkept\n<!-- accuracy: labels -->\nLabels on given boxes: /)
    assert.match(written, /\| mask_worn_incorrectly \| 0 \| 0 \| 1 \|/)
    assert.match(written, /\n<!-- \/accuracy of [^\n]* -->\nend\n$/)
    assert.doesNotMatch(written, /former/)
    assert.equal((await run(options)).code, 0)
    assert.equal(await readFile(document, 'utf8'), written)
    for (const broken of ['# Card\n', '<!-- accuracy: finder -->\n', '<!-- accuracy: hats -->\n<!-- /accuracy -->\n']) {
      await writeFile(document, broken)
      const { code, stderr } = await run(options)
      assert.equal(code, 1)
      assert.match(stderr, /card\.md: .*<!-- /)
      assert.equal(await readFile(document, 'utf8'), broken)
    }
  })

  it('measures single faces alone, by their folders', async () => {
    const folder = join(root, 'drawn')
    const records = ['pleated-chin', 'pleated-correct'].map((source, index) => {
      const file = `images/${source}/web.jpg`
      return JSON.stringify({ file, split: 'val', label: index ? 'with_mask' : 'without_mask', box: { ...FACE, score: 1 } })
    })
    for (const part of ['faces', 'backgrounds']) await mkdir(join(folder, part), { recursive: true })
    await writeFile(join(folder, 'faces', 'labels.jsonl'), records.join('\n'))
    await writeFile(join(folder, 'backgrounds', 'empty.jpg'), '')
    const document = join(root, 'drawn.md')
    await writeFile(document, '<!-- accuracy: sources -->\n<!-- /accuracy -->\n')
    const { code, stdout, stderr } = await run(['--data', folder, '--cli', cli, '--write', document])
    assert.equal(code, 0, stderr)
    assert.match(stdout, /^split val: 3 pictures, 2 labelled faces\n\nSingle faces by where they are from/)
    assert.match(stdout, /false faces on pictures without people\n.*\n.*\n640 px +1 +1 +1\.000\n/)
    const rows = (await readFile(document, 'utf8')).split('\n').filter((line) => line.startsWith('| pleated'))
    assert.deepEqual(rows, [
      '| pleated-chin | 1.000 [0.207, 1.000] (1/1) | 1 | 0 | 0 | 0.000 | 1.000 |',
      '| pleated-correct | 0.000 [0.000, 0.793] (0/1) | 1 | 0 | 0 | 0.000 | 1.000 |',
    ])
  })

  /** @param {string[]} folders @returns {any[]} of each [split, name, faces] as the trainers read it, or what they complain of */
  function readInPython(...folders) {
    const script = `import json, sys; sys.path.insert(0, sys.argv[1])
from data import DataError, load_data
for folder in sys.argv[2:]:
    try: print(json.dumps([(p.split, p.path.name, len(p.faces)) for p in load_data(folder)]))
    except DataError as error: print(json.dumps(str(error)))`
    const { status, stdout, stderr } = spawnSync('python3', ['-c', script, join(dirname(COMMAND), '..', '..', 'model'), ...folders], { encoding: 'utf8' })
    assert.equal(status, 0, stderr)
    return stdout.trim().split('\n').map((line) => JSON.parse(line))
  }
  /** @param {string} folder @returns {string[]} "split name" */
  const splitsInPython = (folder) => readInPython(folder)[0].map((/** @type {string[]} */ [split, name]) => `${split} ${name}`)
  /** @param {string} folder */
  const splits = (folder) => loadData(folder).map(({ split, file }) => `${split} ${basename(file)}`)
  const skip = spawnSync('python3', ['--version']).error && 'python3 is missing'

  it('reads the Kaggle layout', async () => {
    const kaggle = join(root, 'kaggle')
    for (const folder of ['images', 'annotations']) await mkdir(join(kaggle, folder), { recursive: true })
    await writeFile(join(kaggle, 'images', 'a.png'), '')
    await writeFile(
      join(kaggle, 'annotations', 'a.xml'),
      `<annotation><folder>images</folder><object>
      <name>mask_weared_incorrect</name><bndbox><xmin>10</xmin><ymin>20</ymin><xmax>40</xmax><ymax>60</ymax></bndbox></object>
      <object><name>with_mask</name><bndbox><xmin>1</xmin><ymin>2</ymin><xmax>3</xmax><ymax>4</ymax></bndbox></object></annotation>`,
    )
    assert.deepEqual(loadData(kaggle), [
      {
        file: join(kaggle, 'images', 'a.png'),
        source: 'scenes',
        split: 'val',
        faces: [
          { x: 10, y: 20, width: 30, height: 40, label: 'mask_worn_incorrectly' },
          { x: 1, y: 2, width: 2, height: 2, label: 'mask_worn_correctly' },
        ],
      },
    ])
    await writeFile(join(kaggle, 'annotations', 'a.xml'), '<annotation><object><name>hat</name></object></annotation>')
    assert.throws(() => loadData(kaggle), DataError)
  })

  it('reads odd annotations of the Kaggle layout as the trainers do, and takes none that is cut off for one without faces', { skip }, () => {
    const box = '<bndbox><xmin>1</xmin><ymin>2</ymin><xmax>9</xmax><ymax>9</ymax></bndbox>'
    const face = `<object id="1"><name> with_mask </name>${box}</object>`
    const cases = [
      { xml: `<annotation>${face}</annotation>\n`, faces: 1 },
      { xml: `<annotation><!-- ${face} -->${face}${face}</annotation>`, faces: 2 },
      { xml: '<annotation></annotation>', faces: 0 },
      { xml: '' },
      { xml: `<annotation>${face}<object><name>with_mask</name>` },
      { xml: `<annotation>${face}` },
      { xml: `<annotation>${face.replace('<xmin>1</xmin>', '<xmin/>')}</annotation>` },
    ]
    const folders = cases.map(({ xml }, index) => {
      const folder = join(root, 'odd', String(index))
      for (const part of ['images', 'annotations']) mkdirSync(join(folder, part), { recursive: true })
      writeFileSync(join(folder, 'images', 'a.png'), '')
      writeFileSync(join(folder, 'annotations', 'a.xml'), xml)
      return folder
    })
    readInPython(...folders).forEach((read, index) => {
      const { xml, faces } = /** @type {(typeof cases)[number]} */ (cases[index])
      const folder = folders[index] ?? ''
      if (faces === undefined) {
        assert.throws(() => loadData(folder), DataError, xml)
        assert.match(String(read), /^error: .*a\.xml: /)
      } else {
        assert.equal(loadData(folder)[0]?.faces.length, faces, xml)
        assert.deepEqual(read, [['val', 'a.png', faces]])
      }
    })
  })

  it('says which line of the labels is malformed, as the trainers do', { skip }, () => {
    const scene = { file: 'a.jpg', split: 'val', faces: [{ ...FACE, label: 'without_mask' }] }
    const single = { file: 'images/web/a.jpg', split: 'val', label: 'without_mask', box: FACE }
    const malformed = [
      null,
      { ...scene, file: undefined },
      { ...scene, split: 1 },
      scene,
      { ...scene, faces: undefined },
      { ...scene, faces: [FACE] },
      { ...scene, faces: [{ ...FACE, label: 'without_mask', height: undefined }] },
      { ...scene, faces: [{ ...FACE, label: 'without_mask', width: 0 }] },
      { ...scene, faces: [{ ...FACE, label: 'without_mask', x: '10' }] },
    ].map((record) => ({ part: 'scenes', record }))
    const malformedSingles = [
      { ...single, box: undefined },
      { ...single, keypoints: { nose: [1, 1] } },
    ].map((record) => ({ part: 'faces', record }))
    const cases = [{ part: '', record: null }, ...malformed, ...malformedSingles]
    const folders = cases.map(({ part, record }, index) => {
      const folder = join(root, 'malformed', String(index))
      for (const [name, sound] of Object.entries({ scenes: scene, faces: single })) {
        mkdirSync(join(folder, name), { recursive: true })
        const lines = name === part ? [sound, record] : [sound]
        writeFileSync(join(folder, name, 'labels.jsonl'), lines.map((line) => JSON.stringify(line)).join('\n'))
      }
      return folder
    })
    readInPython(...folders).forEach((read, index) => {
      const { part = '', record } = cases[index] ?? {}
      const folder = folders[index] ?? ''
      if (!part) {
        assert.deepEqual(loadData(folder).map(({ split, file, faces }) => [split, basename(file), faces.length]), read)
        return
      }
      const where = `${part}/labels.jsonl:2: `
      assert.throws(() => loadData(folder), (error) => error instanceof DataError && error.message.includes(where), JSON.stringify(record))
      assert.ok(String(read).startsWith('error: ') && String(read).includes(where), String(read))
    })
  })

  it('measures pictures of a split of their own, and those of none as validation, as the trainers read them', { skip }, () => {
    const folder = join(root, 'named')
    mkdirSync(join(folder, 'scenes'), { recursive: true })
    const lines = ['train', 'val', 'held out', undefined].map((split, index) => JSON.stringify({ file: `${index}.jpg`, split, faces: [] }))
    writeFileSync(join(folder, 'scenes', 'labels.jsonl'), lines.join('\n'))
    assert.deepEqual(splits(folder), ['train 0.jpg', 'val 1.jpg', 'held out 2.jpg', 'val 3.jpg'])
    assert.deepEqual(splitsInPython(folder), splits(folder))
  })

  it('leaves out validation faces that training has, too, as the trainers do', { skip }, async () => {
    const folder = join(root, 'twice')
    for (const part of ['scenes', 'faces/images/web', 'backgrounds']) await mkdir(join(folder, part), { recursive: true })
    await writeFile(join(folder, 'scenes', 'labels.jsonl'), '')
    const records = [
      ['0.jpg', 'train', 'same'],
      ['1.jpg', 'val', 'same'],
      ['2.jpg', 'val', 'like'],
      ['3.jpg', 'val', 'another'],
      ['00052.jpg', 'val', 'listed'],
      ['02541.jpg', 'train', 'of a listed one'],
    ].map(([name = '', split, contents = '']) => {
      writeFileSync(join(folder, 'faces', 'images', 'web', name), contents)
      return JSON.stringify({ file: `images/web/${name}`, split, label: 'without_mask', box: { ...FACE, score: 1 } })
    })
    await writeFile(join(folder, 'faces', 'labels.jsonl'), records.join('\n'))
    for (let i = 0; i < 6; i++) await writeFile(join(folder, 'backgrounds', `b${i}.jpg`), '')
    const backgrounds = ['val b0.jpg', 'train b1.jpg', 'train b2.jpg', 'train b3.jpg', 'val b4.jpg', 'train b5.jpg']
    assert.deepEqual(splits(folder), ['train 0.jpg', 'val 2.jpg', 'val 3.jpg', 'train 02541.jpg', ...backgrounds])
    assert.deepEqual(splitsInPython(folder), splits(folder))
  })

  it('keeps every sixth picture of others in the layout of Kaggle for validation, as the trainers do', { skip }, async () => {
    const folder = join(root, 'others')
    for (const part of ['images', 'annotations']) await mkdir(join(folder, part), { recursive: true })
    for (let i = 0; i < 8; i++) {
      await writeFile(join(folder, 'images', `p${i}.png`), '')
      const box = '<bndbox><xmin>1</xmin><ymin>1</ymin><xmax>9</xmax><ymax>9</ymax></bndbox>'
      await writeFile(join(folder, 'annotations', `p${i}.xml`), `<annotation><object><name>with_mask</name>${box}</object></annotation>`)
    }
    assert.deepEqual(splits(folder), [0, 1, 2, 3, 4, 5, 6, 7].map((i) => `${i % 6 === 0 ? 'val' : 'train'} p${i}.png`))
    assert.deepEqual(splitsInPython(folder), splits(folder))
  })

  it('says what is missing and exits with 1', async () => {
    const cases = [
      { options: ['--data', join(root, 'nowhere'), '--cli', cli], says: /data folder not found: .*nowhere/ },
      { options: ['--data', join(data, 'backgrounds'), '--cli', cli], says: /neither scenes\/labels\.jsonl, faces\/labels\.jsonl nor the Kaggle layout/ },
      { options: ['--data', data, '--cli', join(root, 'no-program')], says: /no-program not found; build it first/ },
      { options: ['--data', data, '--cli', cli, '--split', 'train'], says: /cannot read .*unread\.jpg/ },
      { options: ['--cli', cli], says: /--data is missing\nusage:/ },
      { options: ['--data', data, '--cli', cli, '--write', join(root, 'no.md')], says: /--write .*no\.md: not found/ },
      { options: ['--data', data, '--cli', cli, '--write', root], says: /accuracy: EISDIR/ },
      { options: ['--data', data, '--cli', cli, '--json', join(root, 'no', 'out.json')], says: /--json .*out\.json: its folder is not found/ },
      { options: ['--data', data, '--cli', cli, '--split', 'test'], says: /no pictures of the split test; there are: val, train\n/ },
    ]
    for (const { options, says } of cases) {
      const { code, stderr } = await run(options)
      assert.equal(code, 1, stderr)
      assert.match(stderr, says)
      assert.doesNotMatch(stderr, /\n {4}at /, 'no stack trace')
    }
  })
})
