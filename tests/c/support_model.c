#include "support_model.h"

#include <stdio.h>
#include <stdlib.h>

#include "support_cmocka.h"

bytes model_file(const char *name) {
  char path[1024];
  (void)snprintf(path, sizeof path, "%s/%s", MC_MODEL_DIR, name);
  FILE *stream = fopen(path, "rb");
  if (stream == NULL) fail_msg("cannot open %s", path);
  bytes b = {.data = malloc(1 << 24)};
  assert_non_null(b.data);
  b.size = fread(b.data, 1, 1 << 24, stream);
  assert_int_equal(ferror(stream), 0);
  assert_true(b.size > 0);
  (void)fclose(stream);
  return b;
}

void small_model_init(small_model *m, const char *op_type, size_t rank, const int64_t *dims) {
  static char x[] = "x";
  static char y[] = "y";
  m->model = (Onnx__ModelProto)ONNX__MODEL_PROTO__INIT;
  m->graph = (Onnx__GraphProto)ONNX__GRAPH_PROTO__INIT;
  m->node = (Onnx__NodeProto)ONNX__NODE_PROTO__INIT;
  m->input = (Onnx__ValueInfoProto)ONNX__VALUE_INFO_PROTO__INIT;
  m->output = (Onnx__ValueInfoProto)ONNX__VALUE_INFO_PROTO__INIT;
  m->type = (Onnx__TypeProto)ONNX__TYPE_PROTO__INIT;
  m->tensor = (Onnx__TypeProto__Tensor)ONNX__TYPE_PROTO__TENSOR__INIT;
  m->shape = (Onnx__TensorShapeProto)ONNX__TENSOR_SHAPE_PROTO__INIT;
  m->opset = (Onnx__OperatorSetIdProto)ONNX__OPERATOR_SET_ID_PROTO__INIT;

  for (size_t i = 0; i < rank; i++) {
    m->dims[i] = (Onnx__TensorShapeProto__Dimension)ONNX__TENSOR_SHAPE_PROTO__DIMENSION__INIT;
    m->dims[i].has_dim_value = dims[i] != 0;
    m->dims[i].dim_value = dims[i];
    m->dim_list[i] = &m->dims[i];
  }
  m->shape.n_dim = rank;
  m->shape.dim = m->dim_list;
  m->tensor.has_elem_type = 1;
  m->tensor.elem_type = 1;
  m->tensor.shape = &m->shape;
  m->type.tensor_type = &m->tensor;
  m->input.name = x;
  m->input.type = &m->type;
  m->output.name = y;

  m->node_inputs[0] = x;
  m->node_outputs[0] = y;
  m->node.n_input = 1;
  m->node.input = m->node_inputs;
  m->node.n_output = 1;
  m->node.output = m->node_outputs;
  m->node.op_type = (char *)(uintptr_t)op_type;

  m->nodes[0] = &m->node;
  m->inputs[0] = &m->input;
  m->outputs[0] = &m->output;
  m->graph.n_node = 1;
  m->graph.node = m->nodes;
  m->graph.n_input = 1;
  m->graph.input = m->inputs;
  m->graph.n_output = 1;
  m->graph.output = m->outputs;

  m->opset.has_version = 1;
  m->opset.version = 13;
  m->opsets[0] = &m->opset;
  m->model.graph = &m->graph;
  m->model.n_opset_import = 1;
  m->model.opset_import = m->opsets;
}

bytes small_model_pack(const small_model *m) {
  bytes b = {.size = onnx__model_proto__get_packed_size(&m->model)};
  b.data = malloc(b.size);
  assert_non_null(b.data);
  assert_int_equal(onnx__model_proto__pack(&m->model, b.data), b.size);
  return b;
}
