/* Convolutions and matrix products. */
#include <string.h>

#include "lower.h"

static mc_status add_weights(mc_lowering *lowering, const mc_node *node, mc_plan_op *op) {
  const mc_constant *weights[2] = {node->filter, node->bias};
  for (size_t k = 0; k < 2 && weights[k] != NULL; k++) {
    mc_shape shape = {.rank = weights[k]->rank};
    for (size_t i = 0; i < shape.rank; i++) shape.dims[i] = weights[k]->dims[i];
    MC_TRY(mc_lower_tensor(lowering, node, &shape, weights[k]->floats, &op->inputs[op->input_count++]));
  }
  return MC_OK;
}

mc_status mc_lower_convolution(mc_lowering *lowering, const mc_node *node) {
  mc_shape shape;
  uint32_t tensor = MC_NONE;
  MC_TRY(mc_lower_feature_map(lowering, node, 0, &shape, &tensor));
  const mc_constant *filter = node->filter; /* [O, kH, kW, I / group] */
  if (filter == NULL) {
    return mc_node_report(lowering->message, node, MC_ERROR_MODEL_UNSUPPORTED, "the weights must be constant");
  }
  int64_t groups = 1;
  MC_TRY(mc_attribute_int(node, "group", &groups, lowering->message));
  if (groups < 1 || (uint64_t)groups > shape.dims[1] || filter->dims[3] * (size_t)groups != shape.dims[1] ||
      filter->dims[0] % (size_t)groups != 0) {
    return mc_node_report(lowering->message, node, MC_ERROR_MODEL_INVALID,
                          "%zu channels, %lld groups and weights for %zu to %zu channels do not agree", shape.dims[1],
                          (long long)groups, filter->dims[3], filter->dims[0]);
  }
  mc_plan_op op = mc_lower_op(MC_PLAN_CONVOLUTION, tensor);
  size_t out[2];
  MC_TRY(mc_window_read(node, &shape, &filter->dims[1], false, lowering->message, &op.window, out));
  op.groups = (uint32_t)groups;
  MC_TRY(add_weights(lowering, node, &op));
  const mc_shape result = {.rank = 4, .dims = {shape.dims[0], filter->dims[0], out[0], out[1]}};
  const mc_shape memory = mc_memory_shape(&result, mc_order_nhwc);
  size_t elements = 0;
  const uint64_t kernel = (uint64_t)op.window.kernel[0] * op.window.kernel[1];
  if (!mc_count_elements(4, result.dims, &elements) || kernel * (elements / filter->dims[0]) > MC_MAX_WINDOW_POINTERS) {
    return mc_node_report(lowering->message, node, MC_ERROR_MODEL_UNSUPPORTED, "the result is too large");
  }
  lowering->plan->macs += elements * kernel * filter->dims[3];
  MC_TRY(mc_lower_emit(lowering, node, &op, &memory, &tensor));
  return mc_lower_result(lowering, node, &result, mc_order_nhwc, tensor);
}

/* Gemm and MatMul: input [.., K] times filter [N, K], transposed. */
mc_status mc_lower_product(mc_lowering *lowering, const mc_node *node) {
  const mc_lowered *in = mc_lower_input(lowering, node, 0);
  const bool gemm = strcmp(node->op_type, "Gemm") == 0;
  if (node->filter == NULL) {
    return mc_node_report(lowering->message, node, MC_ERROR_MODEL_UNSUPPORTED, "input 1 must be a constant matrix");
  }
  if (gemm ? in->shape.rank != 2 : in->shape.rank < 2) {
    return mc_node_report(lowering->message, node, MC_ERROR_MODEL_UNSUPPORTED, "input of rank %zu", in->shape.rank);
  }
  int64_t trans_a = 0;
  MC_TRY(mc_attribute_int(node, "transA", &trans_a, lowering->message));
  if (trans_a != 0) {
    return mc_node_report(lowering->message, node, MC_ERROR_MODEL_UNSUPPORTED, "attribute 'transA'");
  }
  const size_t last = in->shape.rank - 1;
  if (in->shape.dims[last] != node->filter->dims[1]) {
    return mc_node_report(lowering->message, node, MC_ERROR_MODEL_INVALID, "rows of %zu times columns of %zu",
                          in->shape.dims[last], node->filter->dims[1]);
  }
  uint32_t tensor = MC_NONE;
  MC_TRY(mc_lower_arrange(lowering, node, in, mc_order_rows, &tensor));
  mc_plan_op op = mc_lower_op(MC_PLAN_PRODUCT, tensor);
  MC_TRY(add_weights(lowering, node, &op));
  mc_shape result = in->shape;
  result.dims[last] = node->filter->dims[0];
  size_t elements = 0;
  if (!mc_count_elements(result.rank, result.dims, &elements)) {
    return mc_node_report(lowering->message, node, MC_ERROR_MODEL_UNSUPPORTED, "the result is too large");
  }
  lowering->plan->macs += (uint64_t)elements * node->filter->dims[1];
  MC_TRY(mc_lower_emit(lowering, node, &op, &result, &tensor));
  return mc_lower_result(lowering, node, &result, mc_order_rows, tensor);
}

/* One that could not be merged into what comes before it: multiply and add. */
mc_status mc_lower_batch_normalization(mc_lowering *lowering, const mc_node *node) {
  const mc_lowered *in = mc_lower_input(lowering, node, 0);
  if (in->shape.rank < 2) return mc_node_report(lowering->message, node, MC_ERROR_MODEL_INVALID, "input of rank < 2");
  if (node->filter == NULL || node->bias == NULL) {
    return mc_node_report(lowering->message, node, MC_ERROR_MODEL_UNSUPPORTED, "the statistics must be constant");
  }
  const size_t channels = in->shape.dims[1];
  if (node->filter->count != channels) {
    return mc_node_report(lowering->message, node, MC_ERROR_MODEL_INVALID, "statistics for %zu of %zu channels",
                          node->filter->count, channels);
  }
  uint32_t tensor = MC_NONE;
  MC_TRY(mc_lower_arrange(lowering, node, in, in->order, &tensor));
  const mc_constant *terms[2] = {node->filter, node->bias}; /* factor and summand of each channel */
  for (size_t k = 0; k < 2; k++) {
    mc_constant copied = *terms[k]; /* [C] seen as [1, C, 1, ...] */
    copied.rank = in->shape.rank;
    for (size_t i = 0; i < copied.rank; i++) copied.dims[i] = i == 1 ? channels : 1;
    const mc_lowered value = {.constant = &copied};
    uint32_t term = MC_NONE;
    MC_TRY(mc_lower_arrange(lowering, node, &value, in->order, &term));
    MC_TRY(mc_lower_binary(lowering, node, k == 0 ? MC_FUNCTION_MULTIPLY : MC_FUNCTION_ADD, tensor, term, &tensor));
  }
  return mc_lower_result(lowering, node, &in->shape, in->order, tensor);
}
