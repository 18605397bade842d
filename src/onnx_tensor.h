/* Tensors of an ONNX file. Internal to onnx.c. */
#ifndef MC_ONNX_TENSOR_H
#define MC_ONNX_TENSOR_H

#include "graph.h"
#include "onnx.pb-c.h"

/* Element types of the format that can be read. */
enum { MC_ONNX_FLOAT = 1, MC_ONNX_INT32 = 6, MC_ONNX_INT64 = 7, MC_ONNX_BOOL = 9, MC_ONNX_FLOAT16 = 10, MC_ONNX_DOUBLE = 11 };

/* Copies a tensor into `arena` as float32 or int64. `name` is for the message.
 * MC_ERROR_MODEL_INVALID: size and data do not agree. MC_ERROR_MODEL_UNSUPPORTED: element type, rank or external data.
 * MC_ERROR_OUT_OF_MEMORY. */
mc_status mc_onnx_tensor(mc_arena *arena, const Onnx__TensorProto *tensor, const char *name, mc_message *message,
                         mc_constant **constant);

#endif
