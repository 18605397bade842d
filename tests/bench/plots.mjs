/* node tests/bench/plots.mjs FILE.json: draws tests/bench/time-*.svg from what `npm run bench -- --json FILE.json` measured. */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** @typedef {{ axis: string, width: number, height: number, faces: number, detectionSize: number, found: number, preprocess: number, finding: number, labels: number, total: number }} Point */
/** @typedef {'preprocess' | 'finding' | 'labels'} Part */

const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [640, 360, 56, 16, 40, 48]
const PARTS = /** @type {const} */ ([['preprocess', '#8a8a8a'], ['finding', '#2f6fb0'], ['labels', '#d08a2e']])

/** A round step so that there are four to eight of them. @param {number} range */
function stepFor(range) {
  const unit = 10 ** Math.floor(Math.log10(range))
  return [0.1, 0.2, 0.5, 1, 2].map((factor) => factor * unit).find((step) => range / step <= 8) ?? unit
}

/**
 * Three areas on top of each other over x.
 * @param {{ title: string, xLabel: string, points: Point[], x: (point: Point) => number, mark?: (x: number) => string }} chart
 */
function draw({ title, xLabel, points, x, mark = String }) {
  const xs = points.map(x)
  const last = Math.max(...xs)
  const highest = Math.max(...points.map(({ preprocess, finding, labels }) => preprocess + finding + labels)) * 1.08
  const across = (/** @type {number} */ value) => (LEFT + (value / last) * (WIDTH - LEFT - RIGHT)).toFixed(1)
  const up = (/** @type {number} */ value) => (HEIGHT - BOTTOM - (value / highest) * (HEIGHT - TOP - BOTTOM)).toFixed(1)
  const lines = []
  for (let ms = 0; ms <= highest; ms += stepFor(highest)) {
    lines.push(`<path d="M${LEFT} ${up(ms)}H${WIDTH - RIGHT}" stroke="#ddd"/><text x="${LEFT - 8}" y="${up(ms)}" dy=".35em" text-anchor="end">${Number(ms.toFixed(2))}</text>`)
  }
  const below = points.map(() => 0)
  for (const [part, colour] of PARTS) {
    const floor = points.map((_, i) => `${across(xs[i] ?? 0)} ${up(below[i] ?? 0)}`)
    points.forEach((point, i) => (below[i] = (below[i] ?? 0) + point[part]))
    const roof = points.map((_, i) => `${across(xs[i] ?? 0)} ${up(below[i] ?? 0)}`)
    lines.push(`<path d="M${roof.join('L')}L${floor.reverse().join('L')}Z" fill="${colour}"/>`)
  }
  for (const value of xs) lines.push(`<text x="${across(value)}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">${mark(value)}</text>`)
  PARTS.forEach(([part, colour], i) => lines.push(`<rect x="${LEFT + 12 + 110 * i}" y="${TOP}" width="12" height="12" fill="${colour}"/><text x="${LEFT + 30 + 110 * i}" y="${TOP + 6}" dy=".35em">${part}</text>`))
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12" fill="#333">
<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>
<text x="${WIDTH / 2}" y="20" text-anchor="middle" font-size="14">${title}</text>
${lines.join('\n')}
<text x="${WIDTH / 2}" y="${HEIGHT - 10}" text-anchor="middle">${xLabel}</text>
<text transform="translate(14 ${HEIGHT / 2}) rotate(-90)" text-anchor="middle">ms</text>
</svg>
`
}

/** @type {{ sweep?: Point[] }} */
const { sweep } = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'))
if (sweep === undefined) throw new Error('the file has no sweep: run the benchmark with that part')
const along = (/** @type {string} */ axis) => sweep.filter((point) => point.axis === axis)
const charts = {
  'frame-size': draw({ title: 'Time against the size of the frame (one face, detection size 320)', xLabel: 'width of the frame, px (height: three quarters)', points: along('frame size'), x: ({ width }) => width }),
  faces: draw({ title: 'Time against the number of faces (640x480, detection size 320)', xLabel: 'faces found', points: along('faces').sort((a, b) => a.found - b.found), x: ({ found }) => found }),
  'detection-size': draw({ title: 'Time against the detection size (640x480, one face)', xLabel: 'detection size, px', points: along('detection size'), x: ({ detectionSize }) => detectionSize }),
}
for (const [name, svg] of Object.entries(charts)) writeFileSync(fileURLToPath(new URL(`time-${name}.svg`, import.meta.url)), svg)
