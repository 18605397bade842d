#include "runtime_inside.h"

#include <string.h>

#include "xnnpack/subgraph.h"

const uint32_t mc_no_fusion = XNN_FLAG_NO_OPERATOR_FUSION;

void mc_inner_input_resize(xnn_runtime_t runtime, uint32_t id, size_t rank, const size_t *dims) {
  struct xnn_value *value = &runtime->values[id];
  value->shape.num_dims = rank;
  memcpy(value->shape.dim, dims, rank * sizeof *dims);
  const size_t bytes = xnn_tensor_get_size(value);
  if (bytes > value->size) value->size = bytes;
}

float *mc_inner_input_data(xnn_runtime_t runtime, uint32_t id) { return runtime->values[id].data; }

void mc_runtime_forget_plan(xnn_runtime_t runtime) { runtime->memory_planned = false; }
