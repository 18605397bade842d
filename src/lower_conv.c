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

/* Reads the number of groups, and checks that the input [N, C, H, W] and the weights agree with it. */
static mc_status read_groups(mc_lowering *lowering, const mc_node *node, const mc_shape *shape, uint32_t *groups) {
  const mc_constant *filter = node->filter; /* [O, kH, kW, I / group] */
  if (filter == NULL) {
    return mc_node_report(lowering->message, node, MC_ERROR_MODEL_UNSUPPORTED, "the weights must be constant");
  }
  int64_t count = 1;
  MC_TRY(mc_attribute_int(node, "group", &count, lowering->message));
  if (count < 1 || (uint64_t)count > shape->dims[1] || filter->dims[3] * (size_t)count != shape->dims[1] ||
      filter->dims[0] % (size_t)count != 0) {
    return mc_node_report(lowering->message, node, MC_ERROR_MODEL_INVALID,
                          "%zu channels, %lld groups and weights for %zu to %zu channels do not agree", shape->dims[1],
                          (long long)count, filter->dims[3], filter->dims[0]);
  }
  *groups = (uint32_t)count;
  return MC_OK;
}

/* Counts `rows` times `results` sums of `terms` products, the results in groups that are computed one by one. */
static void count_products(mc_plan *plan, uint64_t rows, uint64_t terms, size_t results, uint32_t groups) {
  plan->macs += rows * terms * results;
  plan->steps += rows * terms * groups * mc_whole_lanes(results / groups);
}

/* Emits the convolution, whose result has `out` pixels. */
static mc_status emit_convolution(mc_lowering *lowering, const mc_node *node, mc_plan_op *op, const mc_shape *in,
                                  const size_t out[2], uint32_t *tensor) {
  const mc_constant *filter = node->filter;
  const mc_shape memory = {.rank = 4, .dims = {in->dims[0], out[0], out[1], filter->dims[0]}};
  size_t elements = 0;
  const uint64_t kernel = (uint64_t)op->window.kernel[0] * op->window.kernel[1];
  const bool is_counted = mc_count_elements(4, memory.dims, &elements);
  const uint64_t pixels = elements / filter->dims[0];
  if (!is_counted || kernel * pixels > MC_MAX_WINDOW_POINTERS) {
    return mc_node_report(lowering->message, node, MC_ERROR_MODEL_UNSUPPORTED, "the result is too large");
  }
  MC_TRY(add_weights(lowering, node, op));
  count_products(lowering->plan, pixels, kernel * filter->dims[3], filter->dims[0], op->groups);
  /* A window of one pixel is read without pointers. */
  if (kernel != 1) lowering->plan->pointers += kernel * pixels;
  return mc_lower_emit(lowering, node, op, &memory, tensor);
}

mc_status mc_lower_convolution(mc_lowering *lowering, const mc_node *node) {
  mc_shape shape;
  size_t out[2];
  uint32_t tensor = MC_NONE;
  mc_plan_op op = mc_lower_op(MC_PLAN_CONVOLUTION, MC_NONE);
  MC_TRY(mc_lower_feature_map(lowering, node, 0, &shape, &op.inputs[0]));
  MC_TRY(read_groups(lowering, node, &shape, &op.groups));
  MC_TRY(mc_window_read(node, &shape, &node->filter->dims[1], NULL, lowering->message, &op.window, out));
  MC_TRY(emit_convolution(lowering, node, &op, &shape, out, &tensor));
  const mc_shape result = {.rank = 4, .dims = {shape.dims[0], node->filter->dims[0], out[0], out[1]}};
  return mc_lower_result(lowering, node, &result, mc_order_nhwc, tensor);
}

/* [N, H, W, C * sH * sW] to [N, H * sH, W * sW, C]: the channels of a pixel become sH x sW pixels. */
static mc_status spread(mc_lowering *lowering, const mc_node *node, const uint32_t step[2], uint32_t *tensor) {
  static const size_t axes[6] = {0, 1, 4, 2, 5, 3};
  const size_t *d = lowering->plan->tensors[*tensor].shape.dims;
  const mc_shape split = {.rank = 6, .dims = {d[0], d[1], d[2], d[3] / step[0] / step[1], step[0], step[1]}};
  const mc_shape moved = mc_memory_shape(&split, axes);
  const mc_shape joined = {.rank = 4, .dims = {split.dims[0], split.dims[1] * step[0], split.dims[2] * step[1], split.dims[3]}};
  MC_TRY(mc_lower_view(lowering, node, *tensor, &split, tensor));
  mc_plan_op op = mc_lower_op(MC_PLAN_TRANSPOSE, *tensor);
  op.rank = 6;
  for (size_t i = 0; i < 6; i++) op.axes[i] = axes[i];
  MC_TRY(mc_lower_emit(lowering, node, &op, &moved, tensor));
  return mc_lower_view(lowering, node, *tensor, &joined, tensor);
}

/* ConvTranspose, as a convolution that computes sH x sW pixels, its strides, for each pixel (mc_pack_deconvolution says how):
 * XNNPACK's own operator would add 3 KB to each .wasm file. On each axis, group q of the pixels before cropping is made from
 * pixels q - reach to q of the input. */
mc_status mc_lower_deconvolution(mc_lowering *lowering, const mc_node *node) {
  mc_shape shape;
  mc_window window = {0};
  size_t out[2];
  size_t groups[2];
  size_t crop[2];
  uint32_t tensor = MC_NONE;
  mc_plan_op op = mc_lower_op(MC_PLAN_CONVOLUTION, MC_NONE);
  MC_TRY(mc_lower_feature_map(lowering, node, 0, &shape, &op.inputs[0]));
  MC_TRY(read_groups(lowering, node, &shape, &op.groups));
  const mc_constant *weights = lowering->graph->values[node->inputs[1]].constant;
  MC_TRY(mc_window_read_transposed(node, &shape, &weights->dims[2], lowering->message, &window, out));
  for (size_t i = 0; i < 2; i++) {
    const size_t step = window.stride[i];
    const size_t in = shape.dims[2 + i];
    const size_t reach = node->filter->dims[1 + i] - 1;
    const size_t skipped = window.pad_begin[i] / step < reach ? window.pad_begin[i] / step : reach;
    crop[i] = window.pad_begin[i] - skipped * step;
    groups[i] = (crop[i] + out[i] + step - 1) / step;
    if (groups[i] + skipped < in) groups[i] = in - skipped;
    op.window.kernel[i] = (uint32_t)reach + 1;
    op.window.stride[i] = op.window.dilation[i] = 1;
    op.window.pad_begin[i] = (uint32_t)(reach - skipped);
    op.window.pad_end[i] = (uint32_t)(groups[i] + skipped - in);
  }
  MC_TRY(emit_convolution(lowering, node, &op, &shape, groups, &tensor));
  if (window.stride[0] != 1 || window.stride[1] != 1) MC_TRY(spread(lowering, node, window.stride, &tensor));
  for (size_t i = 0; i < 2; i++) MC_TRY(mc_lower_steps(lowering, node, 1 + i, crop[i], 1, out[i], &tensor));
  const size_t channels = node->filter->dims[0] / window.stride[0] / window.stride[1];
  const mc_shape result = {.rank = 4, .dims = {shape.dims[0], channels, out[0], out[1]}};
  return mc_lower_result(lowering, node, &result, mc_order_nhwc, tensor);
}

/* Gemm and MatMul: rows of K times filter [N, K], transposed. The rows are those of the input [.., M, K]; of Gemm's if transA
 * its columns. Where the constant comes first, the result's columns are its products with the columns of the input. */
mc_status mc_lower_product(mc_lowering *lowering, const mc_node *node) {
  int64_t trans_a = 0;
  const bool gemm = strcmp(node->op_type, "Gemm") == 0;
  if (node->filter == NULL) {
    return mc_node_report(lowering->message, node, MC_ERROR_MODEL_UNSUPPORTED, "%s must be a constant matrix",
                          gemm ? "input 1" : "one input");
  }
  const bool constant_first = lowering->graph->values[node->inputs[1]].constant == NULL; /* as when it was packed */
  const mc_lowered *in = mc_lower_input(lowering, node, constant_first ? 1 : 0);
  const size_t rank = in->shape.rank;
  if (gemm) MC_TRY(mc_attribute_int(node, "transA", &trans_a, lowering->message));
  if (gemm ? rank != 2 : rank < 2) {
    return mc_node_report(lowering->message, node, MC_ERROR_MODEL_UNSUPPORTED, "input of rank %zu", rank);
  }
  const bool columns = trans_a != 0 || constant_first;
  size_t order[MC_MAX_RANK];
  memcpy(order, mc_order_rows, sizeof order);
  if (columns) {
    order[rank - 2] = rank - 1;
    order[rank - 1] = rank - 2;
  }
  mc_shape memory = mc_memory_shape(&in->shape, order);
  if (memory.dims[rank - 1] != node->filter->dims[1]) {
    return mc_node_report(lowering->message, node, MC_ERROR_MODEL_INVALID, "rows of %zu times columns of %zu",
                          memory.dims[rank - 1], node->filter->dims[1]);
  }
  mc_plan_op op = mc_lower_op(MC_PLAN_PRODUCT, MC_NONE);
  MC_TRY(mc_lower_arrange(lowering, node, in, order, &op.inputs[0]));
  MC_TRY(add_weights(lowering, node, &op));
  memory.dims[rank - 1] = node->filter->dims[0];
  size_t elements = 0;
  if (!mc_count_elements(rank, memory.dims, &elements)) {
    return mc_node_report(lowering->message, node, MC_ERROR_MODEL_UNSUPPORTED, "the result is too large");
  }
  count_products(lowering->plan, elements / node->filter->dims[0], node->filter->dims[1], node->filter->dims[0], 1);
  uint32_t tensor = MC_NONE;
  MC_TRY(mc_lower_emit(lowering, node, &op, &memory, &tensor));
  if (!constant_first) return mc_lower_result(lowering, node, &memory, mc_order_rows, tensor);
  const mc_shape result = mc_memory_shape(&memory, order); /* the last two axes swapped again */
  return mc_lower_result(lowering, node, &result, order, tensor);
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
