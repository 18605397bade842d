/* onnxruntime without its telemetry, which is on unless this variable is set before it is loaded. Nobody else imports it. */
process.env['ORT_DISABLE_TELEMETRY'] = '1'
export const { InferenceSession, Tensor } = await import('onnxruntime-node')
