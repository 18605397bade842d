const MB = 2 ** 20
const MOST_PICTURES = 60

/**
 * @typedef {object} Picture
 * @property {Blob} blob
 * @property {string} name
 * @property {import('./lib/index.js').DetectionResult} [result]
 * @property {number} seenWith which settings the result is of
 */

/**
 * @typedef {object} PictureEvents
 * @property {() => void} onList the list, the choice or a result has changed
 * @property {(picture: Picture) => void} onShow the chosen picture has a new result
 * @property {(error: unknown, picture: Picture) => void} onFailed the picture is no longer in the list
 * @property {(name: string) => void} onTooLarge the file was not taken
 * @property {(most: number) => void} onTooMany the oldest pictures, or the last of those opened at once, were left out
 */

/** Pictures that were opened, looked at one after the other; one of them is chosen. */
export class Pictures {
  /** @type {Picture[]} newest first */
  list = []
  /** @type {Picture | undefined} */
  chosen
  #detect
  #events
  #settings = 0
  #working = false

  /**
   * @param {(blob: Blob) => Promise<import('./lib/index.js').DetectionResult>} detect
   * @param {PictureEvents} events
   */
  constructor(detect, events) {
    this.#detect = detect
    this.#events = events
  }

  /** The first of them becomes the chosen one; the very same one, opened alone again, is only chosen. @param {readonly (Blob & { name?: string })[]} files */
  add(files) {
    for (const { size, name = '' } of files) if (size > 256 * MB) this.#events.onTooLarge(name)
    const there = this.list.find(({ blob }) => files.length === 1 && blob === files[0])
    if (there) return this.choose(there)
    const added = files.filter(({ size }) => size <= 256 * MB).map((blob) => ({ blob, name: blob.name ?? '', seenWith: -1 }))
    if (added[0] === undefined) return
    const all = [...added, ...this.list]
    if (all.length > MOST_PICTURES) this.#events.onTooMany(MOST_PICTURES)
    this.list = all.slice(0, MOST_PICTURES)
    this.choose(added[0])
  }

  /** @param {Picture} picture */
  choose(picture) {
    this.chosen = picture
    this.#events.onList()
    if (picture.result && picture.seenWith === this.#settings) this.#events.onShow(picture)
    this.#work()
  }

  /** Nothing is chosen then. */
  leave() {
    this.chosen = undefined
    this.#events.onList()
  }

  clear() {
    this.list = []
    this.leave()
  }

  /** After settings have changed. @param {boolean} now or else when a picture is chosen */
  lookAgain(now) {
    this.#settings++
    if (now) this.#work()
  }

  async #work() {
    if (this.#working) return
    this.#working = true
    for (let next = this.#next(); next; next = this.#next()) await this.#lookAt(next)
    this.#working = false
  }

  /** The chosen one goes first. */
  #next() {
    const isDue = (/** @type {Picture | undefined} */ picture) => picture !== undefined && picture.seenWith !== this.#settings
    return isDue(this.chosen) ? this.chosen : this.list.find(isDue)
  }

  /**
   * The first of the others is chosen in its place.
   * @param {Picture} picture
   * @param {unknown} error
   */
  #drop(picture, error) {
    this.list = this.list.filter((each) => each !== picture)
    if (picture === this.chosen) this.chosen = this.list[0]
    this.#events.onFailed(error, picture)
    if (this.chosen?.result) this.#events.onShow(this.chosen)
  }

  /** @param {Picture} picture */
  async #lookAt(picture) {
    const settings = this.#settings
    picture.seenWith = settings
    try {
      picture.result = await this.#detect(picture.blob)
      if (settings !== this.#settings) return
      if (picture === this.chosen) this.#events.onShow(picture)
    } catch (error) {
      if (this.list.includes(picture)) this.#drop(picture, error)
    }
    this.#events.onList()
  }
}
