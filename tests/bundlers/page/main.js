import { MaskDetector } from 'maskcheck'
import 'maskcheck/element'

const image = /** @type {HTMLImageElement} */ (document.querySelector('#portrait'))
const output = /** @type {HTMLElement} */ (document.querySelector('#label'))
// With ?assets the files come from a folder of the page's own.
const assetsUrl = new URLSearchParams(location.search).get('assets') ?? undefined
try {
  const detector = await MaskDetector.create({ assetsUrl })
  await image.decode()
  const { faces } = await detector.detect(image)
  const element = customElements.get('mask-check') ? 'with' : 'without'
  output.textContent = `${faces[0]?.mask.value ?? 'no face'}, ${detector.info.worker ? 'in a worker' : 'in the page'}, ${element} <mask-check>`
  detector.close()
} catch (error) {
  output.textContent = String(error)
}
