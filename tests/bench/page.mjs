/* What runs in the page: starting contenders and timing them. Served by bench.mjs, which calls these functions. */

/** @typedef {{ frame: (canvas: HTMLCanvasElement) => Promise<number> }} Frames `frame` gives the number of faces */
/** @typedef {{ run: () => Promise<number> }} Model */
/** @typedef {import('./contenders.mjs').Contender} Contender */
/** @typedef {{ width: number, height: number, faces: number }} FrameShape */

/** @param {Contender} contender @returns {Promise<any>} */
const start = async ({ module, config }) => (await import(`/bench/contenders/${module}`)).create(config)

const { port1, port2 } = new MessageChannel()

/** Lets the page do what it has to do. */
function breathe() {
  return new Promise((resolve) => {
    port1.onmessage = resolve
    port2.postMessage(0)
  })
}

/**
 * The portrait as often as there are to be faces, in the smallest square grid.
 * @param {string} portrait address
 * @param {FrameShape} shape
 */
async function makeFrame(portrait, { width, height, faces }) {
  const picture = await createImageBitmap(await (await fetch(portrait)).blob())
  const canvas = Object.assign(document.createElement('canvas'), { width, height })
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d', { willReadFrequently: true }))
  context.fillStyle = '#777'
  context.fillRect(0, 0, width, height)
  const columns = Math.ceil(Math.sqrt(faces))
  for (let i = 0; i < faces; i++) {
    const [w, h] = [width / columns, height / columns]
    context.drawImage(picture, (i % columns) * w, Math.floor(i / columns) * h, w, h)
  }
  picture.close()
  return canvas
}

/** A network alone can take less than the page's clock can tell. */
const REPEATS = 10

/** @param {() => Promise<number>} run */
async function repeat(run) {
  for (let i = 1; i < REPEATS; i++) await run()
  return run()
}

/**
 * All contenders in turn, round after round, so that a busy machine slows all of them alike. A turn is a few frames in a row, of
 * which the first does not count: it finds the caches full of the contender before.
 * @param {{ contenders: Contender[], portrait: string, shapes: FrameShape[], rounds: number, block: number }} input
 */
export async function race({ contenders, portrait, shapes, rounds, block }) {
  const canvases = await Promise.all(shapes.map((shape) => makeFrame(portrait, shape)))
  const turns = []
  for (const contender of contenders) {
    const made = await start(contender)
    const calls = 'frame' in made ? canvases.map((canvas, i) => ({ shape: shapes[i], call: () => made.frame(canvas) })) : [{ shape: undefined, call: () => repeat(made.run) }]
    for (const { shape, call } of calls) turns.push({ id: contender.id, shape, call, found: await call(), times: /** @type {number[]} */ ([]) })
  }
  for (let round = -2; round < rounds; round++) {
    for (const turn of turns) {
      await breathe()
      for (let i = -1; i < block; i++) {
        const before = performance.now()
        await turn.call()
        if (round >= 0 && i >= 0) turn.times.push((performance.now() - before) / (turn.shape === undefined ? REPEATS : 1))
      }
    }
  }
  return turns.map(({ call, ...result }) => result)
}

/**
 * From nothing to the first answer. The marks are for a trace.
 * @param {{ contender: Contender, portrait: string, shape: FrameShape }} input
 */
export async function firstAnswer({ contender, portrait, shape }) {
  const canvas = await makeFrame(portrait, shape)
  await new Promise((resolve) => setTimeout(resolve, 200))
  const before = performance.mark('bench-start').startTime
  const made = await start(contender)
  const ready = performance.now() - before
  await ('frame' in made ? made.frame(canvas) : made.run())
  return { ready, first: performance.mark('bench-end').startTime - before }
}

/** What the page keeps for the functions below. */
const kept = /** @type {{ canvas?: HTMLCanvasElement, made?: Frames }} */ ({})

/**
 * A frame to look at, many times.
 * @param {{ portrait: string, shape: FrameShape }} input
 */
export async function keepFrame({ portrait, shape }) {
  kept.canvas = await makeFrame(portrait, shape)
}

/**
 * Many times the kept frame, for what stays in memory.
 * @param {{ contender: Contender, frames: number }} input
 */
export async function manyFrames({ contender, frames }) {
  const canvas = /** @type {HTMLCanvasElement} */ (kept.canvas)
  kept.made = /** @type {Frames} */ (await start(contender))
  for (let i = 0; i < frames; i++) {
    await kept.made.frame(canvas)
    await breathe()
  }
}

/**
 * How the time of this library grows with the work.
 * @param {{ portrait: string, points: { shape: FrameShape, detectionSize: number }[], rounds: number }} input
 */
export async function sweep({ portrait, points, rounds }) {
  /** @type {typeof import('../../web/lib/index.js')} */
  // @ts-expect-error: an address in the served folder
  const { MaskDetector } = await import('/dist/index.js')
  const turns = []
  for (const { shape, detectionSize } of points) {
    const canvas = await makeFrame(portrait, shape)
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d', { willReadFrequently: true }))
    const pixels = context.getImageData(0, 0, shape.width, shape.height)
    const detector = await MaskDetector.create({ worker: false, videoDetectionSize: detectionSize })
    const { faces } = await detector.detectForVideo(pixels, 0)
    turns.push({ shape, detectionSize, found: faces.length, detector, pixels, times: /** @type {import('../../web/lib/result.js').Timings[]} */ ([]) })
  }
  for (let round = -5; round < rounds; round++) {
    for (const { detector, pixels, times } of turns) {
      await detector.detectForVideo(pixels, 66 * round)
      const { timings } = await detector.detectForVideo(pixels, 66 * round + 33)
      if (round >= 0) times.push(timings)
    }
  }
  return turns.map(({ detector, pixels, ...result }) => result)
}
