// The measures as tables: for the terminal, and as Markdown for documents.

import { LABELS } from './dataset.mjs'

/** @typedef {import("./measure.mjs").Measures} Measures */
/** @typedef {import("./metrics.mjs").Interval} Interval */

/** @param {number | null | undefined} value */
const decimal = (value) => (value === null || value === undefined ? '-' : value.toFixed(3))

/** @param {Interval | null | undefined} value */
const interval = (value) =>
  value ? `${decimal(value.share)} [${decimal(value.low)}, ${decimal(value.high)}] (${value.hits}/${value.count})` : '-'

/** @type {Record<number, string>} */
const SIZE_USES = { 640: 'default for pictures', 320: 'default for video' }

/** @typedef {{ caption: string, head: string[], rows: string[][], notes: string[] }} Table */

/** @param {Table} table */
function asText({ caption, head, rows, notes }) {
  const all = [head, ...rows]
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)))
  /** @param {string[]} row */
  const line = (row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd()
  return [caption, line(head), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(line), ...notes].join('\n')
}

/** @param {Table} table */
function asMarkdown({ caption, head, rows, notes }) {
  /** @param {string[]} cells */
  const line = (cells) => `| ${cells.join(' | ')} |`
  const lines = [`${caption}:`, '', line(head), `|${head.map(() => '---|').join('')}`, ...rows.map(line)]
  return [...lines, ...(notes.length ? ['', ...notes.map((note) => `${note.charAt(0).toUpperCase()}${note.slice(1)}.`)] : [])].join('\n')
}

/** @param {Measures} measures @returns {Table[]} */
function finderTables({ finder }) {
  const [first] = finder
  const sources = Object.keys(first?.singleFaces ?? {})
  const tables = [
    {
      caption: 'Face finding: AP50 on scenes, by face size',
      head: ['long side', ...(first?.ap50 ?? []).map(({ minSize, faces }) => `${minSize ? `>= ${minSize} px` : 'all'} (${faces})`)],
      rows: finder.map(({ size, ap50 }) => [`${size} px`, ...ap50.map(({ ap }) => decimal(ap))]),
      notes: [],
    },
    {
      caption: 'At the default score threshold: recall of faces >= 32 px in scenes, 95 % interval',
      head: ['long side', ...LABELS],
      rows: finder.map(({ size, recall }) => [`${size} px`, ...LABELS.map((label) => interval(recall[label]))]),
      notes: [],
    },
  ]
  if (sources.length) {
    tables.push({
      caption: 'At the default score threshold: pictures of one face whose face is found',
      head: ['long side', ...sources],
      rows: finder.map(({ size, singleFaces }) => [`${size} px`, ...sources.map((source) => interval(singleFaces[source]))]),
      notes: [],
    })
  }
  return [...tables, ...falseFaceTables({ finder })]
}

/** @param {Pick<Measures, 'finder'>} measures @returns {Table[]} */
function falseFaceTables({ finder }) {
  if (!finder.some(({ falseFaces }) => falseFaces)) return []
  return [
    {
      caption: 'At the default score threshold: false faces on pictures without people',
      head: ['long side', 'pictures', 'false faces', 'per picture'],
      rows: finder.map(({ size, falseFaces }) => [
        `${size} px`,
        String(falseFaces?.pictures ?? '-'),
        String(falseFaces?.faces ?? '-'),
        decimal(falseFaces?.perPicture),
      ]),
      notes: [],
    },
  ]
}

/** @param {Measures} measures @returns {Table[]} */
function togetherTables({ finder }) {
  return [
    {
      caption: 'End to end: AP50 per label on scenes, faces >= 16 px',
      head: ['long side', ...LABELS.map((label) => `${label} (${finder[0]?.endToEnd.labels[label]?.faces ?? 0})`), 'mean'],
      rows: finder.map(({ size, endToEnd }) => [
        `${size} px`,
        ...LABELS.map((label) => decimal(endToEnd.labels[label]?.ap)),
        decimal(endToEnd.mean),
      ]),
      notes: [],
    },
  ]
}

/** @param {Measures} measures @returns {Table[]} */
function labelTables({ labels }) {
  return Object.entries(labels).map(([name, m]) => ({
    caption: `Labels on given boxes: ${name}`,
    head: ['truth \\ given', ...LABELS, 'recall, 95 % interval', 'precision, 95 % interval'],
    rows: LABELS.map((label) => [
      label,
      ...LABELS.map((given) => String(m.confusion[label]?.[given] ?? 0)),
      interval(m.labels[label]?.recall),
      interval(m.labels[label]?.precision),
    ]),
    notes: [
      `accuracy ${interval(m.accuracy)}, balanced accuracy ${decimal(m.balancedAccuracy)}, calibration error ${decimal(m.calibrationError)}`,
      `uncertain ${interval(m.uncertain)}; of the errors ${interval(m.errorsCaught)} are marked uncertain`,
    ],
  }))
}

/** Single faces, a row for each of their folders. @param {Measures} measures @returns {Table[]} */
function sourceTables({ finder, labels }) {
  const [first] = finder
  const sources = Object.keys(first?.singleFaces ?? {})
  return [
    {
      caption: `Single faces by where they are from, 95 % intervals; labels on given boxes`,
      head: ['source', 'labelled rightly', ...LABELS.map((label) => `as ${label}`), 'uncertain', `found at ${first?.size} px`],
      rows: sources.map((source) => [
        source,
        interval(labels[source]?.accuracy),
        ...LABELS.map((given) => String(LABELS.reduce((sum, label) => sum + (labels[source]?.confusion[label]?.[given] ?? 0), 0))),
        decimal(labels[source]?.uncertain?.share),
        decimal(first?.singleFaces[source]?.share),
      ]),
      notes: [],
    },
  ]
}

/** @param {Measures} measures @returns {Table[]} */
function conditionTables({ conditions }) {
  return conditions.map(({ name, measure, groups }) => ({
    caption: `Faces >= 20 px by ${name} (${measure}), 95 % intervals`,
    head: [name, 'found at 640 px', 'labelled rightly', ...LABELS.map((label) => `of ${label}`)],
    rows: groups.map(({ name: group, found, right, recall }) => [
      group,
      interval(found),
      interval(right),
      ...LABELS.map((label) => interval(recall[label])),
    ]),
    notes: [],
  }))
}

/** What matters most, at the sizes for pictures and for video. @param {Measures} measures @returns {Table[]} */
function summaryTables({ finder, labels }) {
  const [name = '', scenes] = Object.entries(labels)[0] ?? []
  const sizes = finder[0]?.ap50 ?? []
  return [
    {
      caption: `Labels on given boxes of ${name}`,
      head: ['truth', 'right', 'recall, 95 % interval'],
      rows: LABELS.map((label) => {
        const recall = scenes?.labels[label]?.recall
        return [label, recall ? `${recall.hits} of ${recall.count}` : '-', recall ? `${decimal(recall.share)} [${decimal(recall.low)}, ${decimal(recall.high)}]` : '-']
      }),
      notes: [
        `accuracy ${interval(scenes?.accuracy)}, balanced accuracy ${decimal(scenes?.balancedAccuracy)}, calibration error ${decimal(scenes?.calibrationError)}`,
        `uncertain ${interval(scenes?.uncertain)}; of the errors ${interval(scenes?.errorsCaught)} are marked uncertain`,
      ],
    },
    {
      caption: 'Finding faces in scenes (AP50 by face size), and with their labels (mean AP50 of the three, faces >= 16 px)',
      head: ['detection size', ...sizes.map(({ minSize, faces }) => `${minSize ? `>= ${minSize} px` : 'all'} (${faces})`), 'with labels'],
      rows: finder
        .filter(({ size }) => size in SIZE_USES)
        .map(({ size, ap50, endToEnd }) => [`${size} px, ${SIZE_USES[size]}`, ...ap50.map(({ ap }) => decimal(ap)), decimal(endToEnd.mean)]),
      notes: [],
    },
  ]
}

/**
 * @param {Measures} measures
 * @returns {string}
 */
export function formatReport(measures) {
  const [first] = measures.finder
  const singlesAlone = !first?.ap50[0]?.faces && Object.keys(first?.singleFaces ?? {}).length > 0
  const usual = [...finderTables(measures), ...togetherTables(measures), ...labelTables(measures)]
  const tables = [...(singlesAlone ? [...sourceTables(measures), ...falseFaceTables(measures)] : usual), ...conditionTables(measures)]
  return `${tables.map(asText).join('\n\n')}\n`
}

/** What is wrong with a document's markers. */
export class MarkerError extends Error {}

/** What a document can ask for; summary is printed nowhere else. @type {Record<string, (measures: Measures) => Table[]>} */
const SECTIONS = {
  summary: summaryTables,
  finder: finderTables,
  together: togetherTables,
  labels: labelTables,
  sources: sourceTables,
  conditions: conditionTables,
}

/**
 * Puts the tables of NAME between `<!-- accuracy: NAME -->` and the next `<!-- /accuracy -->`, in the place of what is there;
 * the latter then says what was measured.
 * @param {string} document  Markdown
 * @param {Measures} measures
 * @param {string} subject what was measured
 * @returns {string}
 * @throws {MarkerError} there is no section, or one without tables or end
 */
export function writeSections(document, measures, subject) {
  const [start = '', ...sections] = document.split(/^(?=<!-- accuracy: [a-z]+ -->$)/m)
  if (!sections.length && !start.startsWith('<!-- accuracy: ')) throw new MarkerError('no <!-- accuracy: NAME --> in it')
  return [start, ...sections]
    .map((part) => {
      const name = /^<!-- accuracy: ([a-z]+) -->\n/.exec(part)?.[1]
      if (name === undefined) return part
      const end = /^<!-- \/accuracy.* -->$/m.exec(part)
      if (end === null) throw new MarkerError(`<!-- accuracy: ${name} --> has no <!-- /accuracy -->`)
      const tables = SECTIONS[name]?.(measures)
      if (!tables?.length) throw new MarkerError(`no tables for <!-- accuracy: ${name} -->: unknown, or not asked for`)
      return `<!-- accuracy: ${name} -->\n${tables.map(asMarkdown).join('\n\n')}\n<!-- /accuracy of ${subject} -->${part.slice(end.index + end[0].length)}`
    })
    .join('')
}
