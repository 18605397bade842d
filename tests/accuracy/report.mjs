// The measures as text tables.

import { LABELS } from './dataset.mjs'

/** @typedef {import("./measure.mjs").Measures} Measures */
/** @typedef {import("./metrics.mjs").Interval} Interval */

/** @param {number | null | undefined} value */
const decimal = (value) => (value === null || value === undefined ? '-' : value.toFixed(3))

/** @param {Interval | null | undefined} value */
const interval = (value) =>
  value ? `${decimal(value.share)} [${decimal(value.low)}, ${decimal(value.high)}] (${value.hits}/${value.count})` : '-'

/**
 * @param {string[]} head
 * @param {string[][]} rows
 */
function table(head, rows) {
  const all = [head, ...rows]
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)))
  /** @param {string[]} row */
  const line = (row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd()
  return [line(head), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(line)].join('\n')
}

/**
 * @param {Measures} measures
 * @returns {string}
 */
export function formatReport({ finder, labels }) {
  const parts = []
  const sizes = finder[0]?.ap50 ?? []
  parts.push(
    'Face finding: AP50 on scenes, by face size',
    table(
      ['long side', ...sizes.map(({ minSize, faces }) => `${minSize ? `>= ${minSize} px` : 'all'} (${faces})`)],
      finder.map(({ size, ap50 }) => [`${size} px`, ...ap50.map(({ ap }) => decimal(ap))]),
    ),
  )
  parts.push(
    'At the default score threshold: recall of faces >= 32 px in scenes, 95 % interval',
    table(
      ['long side', ...LABELS],
      finder.map(({ size, recall }) => [`${size} px`, ...LABELS.map((label) => interval(recall[label]))]),
    ),
  )
  const sources = Object.keys(finder[0]?.singleFaces ?? {})
  if (sources.length) {
    parts.push(
      'At the default score threshold: pictures of one face whose face is found',
      table(
        ['long side', ...sources],
        finder.map(({ size, singleFaces }) => [`${size} px`, ...sources.map((source) => interval(singleFaces[source]))]),
      ),
    )
  }
  if (finder.some(({ falseFaces }) => falseFaces)) {
    parts.push(
      'At the default score threshold: false faces on pictures without people',
      table(
        ['long side', 'pictures', 'false faces', 'per picture'],
        finder.map(({ size, falseFaces }) => [
          `${size} px`,
          String(falseFaces?.pictures ?? '-'),
          String(falseFaces?.faces ?? '-'),
          decimal(falseFaces?.perPicture),
        ]),
      ),
    )
  }
  parts.push(
    'End to end: AP50 per label on scenes, faces >= 16 px',
    table(
      ['long side', ...LABELS.map((label) => `${label} (${finder[0]?.endToEnd.labels[label]?.faces ?? 0})`), 'mean'],
      finder.map(({ size, endToEnd }) => [
        `${size} px`,
        ...LABELS.map((label) => decimal(endToEnd.labels[label]?.ap)),
        decimal(endToEnd.mean),
      ]),
    ),
  )
  for (const [name, m] of Object.entries(labels)) {
    parts.push(
      `Labels on given boxes: ${name}`,
      table(
        ['truth \\ given', ...LABELS, 'recall, 95 % interval', 'precision, 95 % interval'],
        LABELS.map((label) => [
          label,
          ...LABELS.map((given) => String(m.confusion[label]?.[given] ?? 0)),
          interval(m.labels[label]?.recall),
          interval(m.labels[label]?.precision),
        ]),
      ),
      [
        `accuracy ${interval(m.accuracy)}, balanced accuracy ${decimal(m.balancedAccuracy)}, calibration error ${decimal(m.calibrationError)}`,
        `uncertain ${interval(m.uncertain)}; of the errors ${interval(m.errorsCaught)} are marked uncertain`,
      ].join('\n'),
    )
  }
  return `${parts.map((part, index) => (index && !part.includes('\n') ? `\n${part}` : part)).join('\n')}\n`
}
