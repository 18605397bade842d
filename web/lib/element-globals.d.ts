/* What importing maskcheck/element adds to a page's types. */
import type { DetectionResult } from './result.js'

declare module './element.js' {
  /** The events of {@link MaskCheckElement}. */
  interface MaskCheckEventMap extends HTMLElementEventMap {
    'mask-result': CustomEvent<Readonly<DetectionResult>>
    /** A `MaskDetectorError` or `TypeError`. */
    'mask-error': CustomEvent<Error>
  }

  interface MaskCheckElement {
    addEventListener<K extends keyof MaskCheckEventMap>(type: K, listener: (this: MaskCheckElement, event: MaskCheckEventMap[K]) => unknown, options?: boolean | AddEventListenerOptions): void
    addEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | AddEventListenerOptions): void
    removeEventListener<K extends keyof MaskCheckEventMap>(type: K, listener: (this: MaskCheckElement, event: MaskCheckEventMap[K]) => unknown, options?: boolean | EventListenerOptions): void
    removeEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | EventListenerOptions): void
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'mask-check': import('./element.js').MaskCheckElement
  }
}
