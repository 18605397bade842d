/* ONNX models for tests: read from the model folder, or put together in memory. */
#ifndef SUPPORT_MODEL_H
#define SUPPORT_MODEL_H

#include <stddef.h>
#include <stdint.h>

#include "onnx.pb-c.h"

typedef struct bytes {
  uint8_t *data; /* free() */
  size_t size;
} bytes;

/* A file of the model folder; ends the test if it cannot be read. */
bytes model_file(const char *name);

/* A model with one input x of `rank` dims (0 for a dynamic one), one node and one output y. All of it lives as long as the
 * struct, whose fields can be changed before it is packed. */
typedef struct small_model {
  Onnx__ModelProto model;
  Onnx__GraphProto graph;
  Onnx__NodeProto node;
  Onnx__ValueInfoProto input, output;
  Onnx__TypeProto type;
  Onnx__TypeProto__Tensor tensor;
  Onnx__TensorShapeProto shape;
  Onnx__TensorShapeProto__Dimension dims[6];
  Onnx__OperatorSetIdProto opset;
  Onnx__NodeProto *nodes[1];
  Onnx__ValueInfoProto *inputs[1], *outputs[1];
  Onnx__TensorShapeProto__Dimension *dim_list[6];
  Onnx__OperatorSetIdProto *opsets[1];
  char *node_inputs[3], *node_outputs[1];
} small_model;

void small_model_init(small_model *m, const char *op_type, size_t rank, const int64_t *dims);
bytes small_model_pack(const small_model *m);

#endif
