import { checkSignal, throwIfAborted, unlessAborted } from './abort.js'
import { MaskDetectorError } from './errors.js'
import { checkNumber, checkObject, describe, refuseOptions } from './options.js'

/**
 * @typedef {object} CameraOptions
 * @property {string | undefined} [deviceId] one of {@link list}; default, and if it is empty: the browser's choice
 * @property {'user' | 'environment' | undefined} [facingMode] default 'user', towards the person; where a device has no such
 *   camera, another one is taken
 * @property {number | undefined} [width] wished for; px, [1, 32768]; default 1280
 * @property {AbortSignal | undefined} [signal] ends the asking: `open` rejects with its reason, and a camera that is allowed later
 *   is let go of at once. One that is open already stays so
 */

/**
 * @typedef {object} Camera
 * @property {MediaStream} stream for `video.srcObject`
 * @property {boolean} mirrored whether people expect to see themselves as in a mirror: not for cameras at the back
 * @property {Promise<MaskDetectorError | undefined>} ended `undefined` after `stop`; an error with code `camera_lost` when
 *   the camera was unplugged, or its permission withdrawn. It never rejects
 * @property {() => void} stop lets go of the camera; twice is fine
 */

/**
 * Opens a camera after the browser has asked the person for permission.
 * @param {CameraOptions} [options]
 * @returns {Promise<Camera>}
 * @throws {TypeError} an option of a wrong type or an unknown one
 * @throws {MaskDetectorError} `camera_denied`, `camera_missing`, `camera_busy`, `camera_insecure`: the page is neither
 *   https nor localhost, `camera_failed`, `invalid_argument`
 */
export async function open(options = {}) {
  const { deviceId, facingMode = 'user', width = 1280, signal: given, ...others } = checkObject(options, 'options')
  refuseOptions(others, 'camera.open')
  if (deviceId !== undefined && typeof deviceId !== 'string') throw new TypeError(`options.deviceId must be a string, got ${describe(deviceId)}`)
  if (facingMode !== 'user' && facingMode !== 'environment') throw new TypeError(`options.facingMode must be 'user' or 'environment', got ${describe(facingMode)}`)
  checkNumber('options.width', width, { min: 1, max: 32768 })
  const signal = checkSignal(given)
  throwIfAborted(signal)
  const asked = request({ width: { ideal: width }, ...(deviceId ? { deviceId: { exact: deviceId } } : { facingMode: { ideal: facingMode } }) })
  try {
    const stream = await unlessAborted(asked, signal)
    throwIfAborted(signal)
    return cameraOf(stream)
  } catch (error) {
    // Browsers go on asking, and whoever allows it then would see the camera's light for nothing.
    asked.then(stopTracks, () => {})
    throw error
  }
}

/** @param {MediaStream} stream @returns {Camera} */
function cameraOf(stream) {
  const [track] = stream.getVideoTracks()
  if (track === undefined) throw new MaskDetectorError('camera_missing', 'the camera gives no picture')
  const { promise, resolve } = deferred()
  // Fired by the browser alone, not by track.stop().
  track.addEventListener('ended', () => resolve(new MaskDetectorError('camera_lost', 'the camera was disconnected, or may no longer be used')))
  return {
    stream,
    mirrored: track.getSettings().facingMode !== 'environment',
    ended: promise,
    stop() {
      stopTracks(stream)
      resolve(undefined)
    },
  }
}

/** @param {MediaStream} stream */
function stopTracks(stream) {
  for (const track of stream.getTracks()) track.stop()
}

/**
 * The cameras there are. Before the person has given permission, browsers tell neither their names nor their ids: they are empty.
 * @returns {Promise<{ deviceId: string, label: string }[]>}
 * @throws {MaskDetectorError} `camera_insecure`, `camera_missing`: the browser has none for pages
 */
export async function list() {
  const devices = await mediaDevices().enumerateDevices()
  return devices.filter(({ kind }) => kind === 'videoinput').map(({ deviceId, label }) => ({ deviceId, label }))
}

function mediaDevices() {
  const devices = globalThis.navigator?.mediaDevices
  if (devices !== undefined) return devices
  if (globalThis.isSecureContext !== false) throw new MaskDetectorError('camera_missing', 'there are no cameras for pages here (some apps with a built-in browser have none)')
  throw new MaskDetectorError('camera_insecure', 'browsers give a camera only to pages from https or localhost')
}

/** @param {MediaTrackConstraints} video */
async function request(video) {
  try {
    return await mediaDevices().getUserMedia({ video, audio: false })
  } catch (cause) {
    if (cause instanceof MaskDetectorError) throw cause
    const [code, message] = FAILURES[/** @type {{ name?: string }} */ (cause)?.name ?? ''] ?? ['camera_failed', 'the camera could not be opened']
    throw new MaskDetectorError(code, message, { cause })
  }
}

// Browsers do not say which of the two it was.
const NOT_ALLOWED = 'the use of the camera was not allowed, by the person or for this page (Permissions-Policy; in an iframe allow="camera")'

/** @type {Record<string, [import('./errors.js').ErrorCode, string]>} */
const FAILURES = {
  NotAllowedError: ['camera_denied', NOT_ALLOWED],
  SecurityError: ['camera_denied', NOT_ALLOWED],
  NotFoundError: ['camera_missing', 'there is no camera'],
  OverconstrainedError: ['camera_missing', 'there is no such camera'],
  NotReadableError: ['camera_busy', 'the camera is in use by something else, or does not work'],
  AbortError: ['camera_busy', 'the camera is in use by something else, or does not work'],
}

/** @returns {{ promise: Promise<MaskDetectorError | undefined>, resolve: (end: MaskDetectorError | undefined) => void }} */
function deferred() {
  let resolve = (/** @type {MaskDetectorError | undefined} */ _end) => {}
  const promise = new Promise((/** @type {typeof resolve} */ settle) => (resolve = settle))
  return { promise, resolve }
}
