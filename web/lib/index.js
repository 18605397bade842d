/**
 * Finds faces in pictures and video frames and says how each one wears a face mask, on the device.
 * @module maskcheck
 */
export { MaskDetector } from './detector.js'
export { MaskDetectorError } from './errors.js'
export { MASK_LABELS } from './labels.js'
export * as camera from './camera.js'
export { fromCompreFaceLabel, toCompreFace } from './compreface.js'
export { VERSION } from './version.js'

/** @typedef {import('./detector.js').CreateOptions} CreateOptions */
/** @typedef {import('./detector.js').SetupOptions} SetupOptions */
/** @typedef {import('./detector.js').DetectorInfo} DetectorInfo */
/** @typedef {import('./detector.js').ModelInfo} ModelInfo */
/** @typedef {import('./integrity.js').FileInfo} FileInfo */
/** @typedef {import('./runtime.js').ModelFacts} ModelFacts */
/** @typedef {import('./wasm-choice.js').WasmVariant} WasmVariant */
/** @typedef {import('./options.js').DetectionOptions} DetectionOptions */
/** @typedef {import('./options.js').DetectionOptionsInForce} DetectionOptionsInForce */
/** @typedef {import('./options.js').Box} Box */
/** @typedef {import('./result.js').DetectionResult} DetectionResult */
/** @typedef {import('./result.js').MaskFace} MaskFace */
/** @typedef {import('./result.js').TrackedFace} TrackedFace */
/** @typedef {import('./result.js').VideoResult} VideoResult */
/** @typedef {import('./result.js').Timings} Timings */
/** @typedef {import('./sources.js').Source} Source */
/** @typedef {import('./runtime.js').Pixels} Pixels */
/** @typedef {import('./labels.js').MaskLabel} MaskLabel */
/** @typedef {import('./errors.js').ErrorCode} ErrorCode */
/** @typedef {import('./assets.js').Asset} Asset */
/** @typedef {import('./progress.js').OnProgress} OnProgress */
/** @typedef {import('./camera.js').Camera} Camera */
/** @typedef {import('./camera.js').CameraOptions} CameraOptions */
/** @typedef {import('./compreface.js').CompreFaceResult} CompreFaceResult */
