/* The properties and events of <mask-check>, and what importing maskcheck/element adds to a page's types. */
import type { MaskDetectorError } from './errors.js'
import type { ElementTexts } from './element-view.js'
import type { DetectionResult } from './result.js'

declare module './element.js' {
  /** The events of {@link MaskCheckElement}. */
  interface MaskCheckEventMap extends HTMLElementEventMap {
    'mask-result': CustomEvent<Readonly<DetectionResult>>
    'mask-error': CustomEvent<MaskDetectorError | TypeError>
  }

  /** What JSX takes, besides what all elements have. */
  interface MaskCheckProps {
    src?: string | undefined
    alt?: string | undefined
    camera?: boolean | '' | 'user' | 'environment' | undefined
    'assets-url'?: string | undefined
    'min-face-score'?: number | string | undefined
    'min-mask-probability'?: number | string | undefined
    'min-face-size'?: number | string | undefined
    'max-faces'?: number | string | undefined
    'detection-size'?: number | string | undefined
    'video-detection-size'?: number | string | undefined
    texts?: Partial<ElementTexts> | undefined
    'onmask-result'?: ((event: MaskCheckEventMap['mask-result']) => unknown) | undefined
    'onmask-error'?: ((event: MaskCheckEventMap['mask-error']) => unknown) | undefined
  }

  interface MaskCheckElement {
    /** The attribute; '' where it is missing. */
    get src(): string
    set src(value: string | null | undefined)
    /** The attribute; '' where it is missing. */
    get alt(): string
    set alt(value: string | null | undefined)
    /** The attribute; '' where it is missing. */
    get assetsUrl(): string
    set assetsUrl(value: string | null | undefined)
    /** Which camera there is a button for; `true` is the same as 'user', `false` the same as null. */
    get camera(): 'user' | 'environment' | null
    set camera(value: boolean | string | null | undefined)
    /** The attribute as a number; undefined, where it is missing or blank: the detector's default. So are the following. */
    get minFaceScore(): number | undefined
    set minFaceScore(value: number | null | undefined)
    get minMaskProbability(): number | undefined
    set minMaskProbability(value: number | null | undefined)
    get minFaceSize(): number | undefined
    set minFaceSize(value: number | null | undefined)
    get maxFaces(): number | undefined
    set maxFaces(value: number | null | undefined)
    get detectionSize(): number | undefined
    set detectionSize(value: number | null | undefined)
    get videoDetectionSize(): number | undefined
    set videoDetectionSize(value: number | null | undefined)
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
