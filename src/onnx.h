/* Reads an ONNX file into a checked graph. Internal to the engine. */
#ifndef MC_ONNX_H
#define MC_ONNX_H

#include "graph.h"

#define MC_MAX_MODEL_BYTES ((size_t)1 << 28)
#define MC_MIN_OPSET 11
#define MC_MAX_OPSET 21

/* Parses `bytes` bytes at `model`, which stay the caller's and are not needed afterwards. The graph is complete: every name is
 * defined once and before its use, every tensor has as much data as its shape says, every size is bounded. What the operators
 * make of it is not checked here. Files may be hostile: memory is bounded by a few times the file's size.
 * MC_ERROR_MODEL_INVALID: not an ONNX file, truncated or contradictory. MC_ERROR_MODEL_UNSUPPORTED: external data, another
 * operator set, element types or ranks that no supported operator takes. MC_ERROR_OUT_OF_MEMORY. */
mc_status mc_onnx_read(const void *model, size_t bytes, mc_message *message, mc_graph **graph);

#endif
