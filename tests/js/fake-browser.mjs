/* What browsers have and Node has not. */

/** @param {import('node:test').TestContext} t @param {Record<string, unknown>} names */
export function pretend(t, names) {
  Object.assign(globalThis, names)
  t.after(() => Object.keys(names).forEach((name) => Reflect.deleteProperty(globalThis, name)))
}

/** @param {number[]} pixel what is read back, whatever is drawn; of one pixel alone nearly white, by which a canvas is tried */
export const canvasOf = (pixel) =>
  class {
    width = 1
    height = 1
    getContext() {
      const getImageData = (/** @type {number} */ _x, /** @type {number} */ _y, /** @type {number} */ width, /** @type {number} */ height) => ({ data: Uint8ClampedArray.from({ length: width * height * 4 }, (_, index) => (width * height === 1 ? 254 : pixel[index % 4] ?? 0)), width, height })
      return { canvas: this, fillRect() {}, drawImage() {}, getImageData }
    }
  }
