// Measures for found faces and given labels. Pure functions: no files, no processes.

/** @typedef {{ x: number, y: number, width: number, height: number }} Box  px, top left corner */
/** @typedef {{ box: Box, score: number }} Found */
/** @typedef {{ share: number, low: number, high: number, hits: number, count: number }} Interval  a share with its Wilson 95 % interval */

const MATCH_IOU = 0.5
const Z_95 = 1.959963984540054
const CURVE_STEPS = 100
const CALIBRATION_BINS = 15

/**
 * @param {Box} box
 * @returns {number} the longer side, px
 */
export function boxSize(box) {
  return Math.max(box.width, box.height)
}

/**
 * Intersection over union in [0, 1].
 * @param {Box} a
 * @param {Box} b
 */
export function overlap(a, b) {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x)
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y)
  if (width <= 0 || height <= 0) return 0
  const both = width * height
  return both / (a.width * a.height + b.width * b.height - both)
}

/**
 * The best free truth for a box, or -1 where none overlaps by at least 0.5.
 * @param {Box} box
 * @param {Box[]} truth
 * @param {boolean[]} used
 */
function bestMatch(box, truth, used) {
  let best = -1
  let bestOverlap = MATCH_IOU
  truth.forEach((candidate, index) => {
    const value = used[index] ? 0 : overlap(box, candidate)
    if (value >= bestOverlap && (best < 0 || value > bestOverlap)) {
      best = index
      bestOverlap = value
    }
  })
  return best
}

/**
 * Area under the interpolated precision-recall curve at IoU 0.5 over all pictures.
 *
 * Answers are taken by falling score; each takes the free truth it overlaps most. Truths that `counts` refuses are
 * ignored: an answer that matches one is neither right nor wrong, and so is an unmatched answer that `counts` refuses.
 * @template {Found} F
 * @template {Box} T
 * @param {{ found: F[], truth: T[] }[]} pictures
 * @param {(box: Box) => boolean} counts
 * @returns {{ ap: number | null, truths: number, curve: number[] }} ap is null where nothing counts; curve: precision at the
 *   recalls 0, 0.01, ... 1, 0 from where no threshold reaches
 */
export function averagePrecision(pictures, counts = () => true) {
  const truths = pictures.reduce((sum, { truth }) => sum + truth.filter(counts).length, 0)
  if (truths === 0) return { ap: null, truths, curve: [] }
  const used = pictures.map(({ truth }) => truth.map(() => false))
  const answers = pictures
    .flatMap(({ found }, picture) => found.map(({ box, score }) => ({ box, score, picture })))
    .sort((a, b) => b.score - a.score)
  /** @type {boolean[]} */
  const hits = []
  for (const { box, picture } of answers) {
    const truth = /** @type {{ truth: T[] }} */ (pictures[picture]).truth
    const taken = /** @type {boolean[]} */ (used[picture])
    const match = bestMatch(box, truth, taken)
    if (match >= 0) {
      taken[match] = true
      if (counts(/** @type {T} */ (truth[match]))) hits.push(true)
    } else if (counts(box)) {
      hits.push(false)
    }
  }
  let right = 0
  const precision = hits.map((hit, index) => (right += Number(hit)) / (index + 1))
  for (let i = precision.length - 2; i >= 0; i--) {
    precision[i] = Math.max(/** @type {number} */ (precision[i]), /** @type {number} */ (precision[i + 1]))
  }
  const atHits = precision.filter((_, index) => hits[index])
  const curve = Array.from({ length: CURVE_STEPS + 1 }, (_, step) => atHits[Math.max(0, Math.ceil((step * truths) / CURVE_STEPS) - 1)] ?? 0)
  return { ap: atHits.reduce((sum, value) => sum + value, 0) / truths, truths, curve }
}

/**
 * For each truth whether some answer overlaps it by at least 0.5 (each answer counts once, best score first).
 * @param {Found[]} found
 * @param {Box[]} truth
 * @returns {boolean[]}
 */
export function foundTruths(found, truth) {
  const used = truth.map(() => false)
  for (const { box } of [...found].sort((a, b) => b.score - a.score)) {
    const match = bestMatch(box, truth, used)
    if (match >= 0) used[match] = true
  }
  return used
}

/**
 * @param {number} hits
 * @param {number} count
 * @returns {Interval | null} null where there is nothing to count
 */
export function wilson(hits, count) {
  if (count === 0) return null
  const share = hits / count
  const z2 = (Z_95 * Z_95) / count
  const middle = (share + z2 / 2) / (1 + z2)
  const half = (Z_95 * Math.sqrt((share * (1 - share)) / count + z2 / (4 * count))) / (1 + z2)
  return { share, low: Math.max(0, middle - half), high: Math.min(1, middle + half), hits, count }
}

/** @typedef {{ probability: number, right: number, count: number }} CalibrationBin  mean top probability, share right, answers */

/**
 * Answers by their top probability in equal-width bins; empty bins are left out.
 * @param {{ probability: number, right: boolean }[]} answers
 * @returns {CalibrationBin[]}
 */
export function calibrationBins(answers, bins = CALIBRATION_BINS) {
  const totals = Array.from({ length: bins }, () => ({ probability: 0, right: 0, count: 0 }))
  for (const { probability, right } of answers) {
    const bin = totals[Math.min(bins - 1, Math.floor(probability * bins))]
    if (!bin) throw new RangeError(`probability ${probability} is outside of [0, 1]`)
    bin.probability += probability
    bin.right += Number(right)
    bin.count++
  }
  return totals
    .filter(({ count }) => count > 0)
    .map(({ probability, right, count }) => ({ probability: probability / count, right: right / count, count }))
}

/**
 * Expected calibration error: the mean gap between top probability and share right.
 * @param {{ probability: number, right: boolean }[]} answers
 */
export function calibrationError(answers, bins = CALIBRATION_BINS) {
  if (answers.length === 0) return null
  return calibrationBins(answers, bins).reduce((sum, bin) => sum + bin.count * Math.abs(bin.probability - bin.right), 0) / answers.length
}

/**
 * @typedef {object} LabelAnswer
 * @property {string} truth
 * @property {string} value  the label given
 * @property {number} probability  of the label given, [0, 1]
 * @property {boolean} uncertain
 */

/**
 * @typedef {object} LabelMeasures
 * @property {number} count
 * @property {Record<string, Record<string, number>>} confusion  [truth][given]
 * @property {Interval | null} accuracy
 * @property {number | null} balancedAccuracy  mean recall of the labels that occur
 * @property {Record<string, { precision: Interval | null, recall: Interval | null }>} labels
 * @property {number | null} calibrationError
 * @property {CalibrationBin[]} calibration
 * @property {Interval | null} uncertain  share of the answers marked uncertain
 * @property {Interval | null} errorsCaught  share of the wrong answers marked uncertain
 */

/**
 * @param {LabelAnswer[]} answers
 * @param {readonly string[]} labels
 * @returns {LabelMeasures}
 */
export function measureLabels(answers, labels) {
  /** @param {(answer: LabelAnswer) => boolean} test */
  const count = (test) => answers.filter(test).length
  const right = count((a) => a.value === a.truth)
  const judged = answers.map((a) => ({ probability: a.probability, right: a.value === a.truth }))
  const wrong = answers.length - right
  /** @type {LabelMeasures["confusion"]} */
  const confusion = {}
  /** @type {LabelMeasures["labels"]} */
  const perLabel = {}
  const recalls = []
  for (const label of labels) {
    confusion[label] = Object.fromEntries(labels.map((given) => [given, count((a) => a.truth === label && a.value === given)]))
    const hits = count((a) => a.truth === label && a.value === label)
    const recall = wilson(
      hits,
      count((a) => a.truth === label),
    )
    perLabel[label] = {
      precision: wilson(
        hits,
        count((a) => a.value === label),
      ),
      recall,
    }
    if (recall) recalls.push(recall.share)
  }
  return {
    count: answers.length,
    confusion,
    accuracy: wilson(right, answers.length),
    balancedAccuracy: recalls.length ? recalls.reduce((a, b) => a + b, 0) / recalls.length : null,
    labels: perLabel,
    calibrationError: calibrationError(judged),
    calibration: calibrationBins(judged),
    uncertain: wilson(
      count((a) => a.uncertain),
      answers.length,
    ),
    errorsCaught: wilson(
      count((a) => a.uncertain && a.value !== a.truth),
      wrong,
    ),
  }
}
