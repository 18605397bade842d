/* Pools whose window slides. */
#include "lower.h"

#include <math.h>

static bool is_dilated(const mc_window *window) { return window->dilation[0] != 1 || window->dilation[1] != 1; }

/* What the backend cannot do; NULL if it can. */
static const char *problem_of(const mc_window *window, mc_plan_kind kind) {
  if (is_dilated(window)) return kind == MC_PLAN_AVERAGE_POOL ? "attribute 'dilations'" : NULL;
  for (size_t i = 0; i < 2; i++) {
    if (window->pad_begin[i] >= window->kernel[i] || window->pad_end[i] >= window->kernel[i]) {
      return "pads as large as the kernel";
    }
  }
  return NULL;
}

static bool has_pads(const mc_window *window) {
  return (window->pad_begin[0] | window->pad_begin[1] | window->pad_end[0] | window->pad_end[1]) != 0;
}

/* Puts `value` around a map, as often as the pads say: part of the picture from now on. */
static mc_status surround(mc_lowering *lowering, const mc_node *node, const mc_window *pads, float value,
                          uint32_t *tensor) {
  mc_shape larger = lowering->plan->tensors[*tensor].shape;
  mc_plan_op pad = mc_lower_op(MC_PLAN_PAD, *tensor);
  pad.rank = 4;
  pad.clamp_min = value;
  for (size_t i = 0; i < 2; i++) {
    pad.begin[1 + i] = pads->pad_begin[i];
    pad.end[1 + i] = pads->pad_end[i];
    larger.dims[1 + i] += pad.begin[1 + i] + pad.end[1 + i];
  }
  return mc_lower_emit(lowering, node, &pad, &larger, tensor);
}

static mc_status pool(mc_lowering *lowering, const mc_node *node, mc_plan_kind kind, bool pad_counts) {
  static const size_t any_kernel[2] = {0, 0};
  mc_shape shape;
  uint32_t tensor = MC_NONE;
  int64_t ceil_mode = 0;
  size_t out[2];
  MC_TRY(mc_lower_feature_map(lowering, node, 0, &shape, &tensor));
  MC_TRY(mc_attribute_int(node, "ceil_mode", &ceil_mode, lowering->message));
  mc_plan_op op = mc_lower_op(kind, tensor);
  mc_window *window = &op.window;
  uint32_t added[2] = {0, 0};
  MC_TRY(mc_window_read(node, &shape, any_kernel, ceil_mode != 0 ? added : NULL, lowering->message, window, out));
  mc_window asked = *window; /* without what rounding up adds at the end, which never counts */
  for (size_t i = 0; i < 2; i++) asked.pad_end[i] -= added[i];
  const char *problem = problem_of(window, kind);
  if (problem != NULL) return mc_node_report(lowering->message, node, MC_ERROR_MODEL_UNSUPPORTED, "%s", problem);

  const mc_shape result = {.rank = 4, .dims = {shape.dims[0], shape.dims[1], out[0], out[1]}};
  /* XNNPACK's dilated pools read outside of the map for some pads. */
  const mc_window pads = pad_counts ? asked : *window;
  if ((pad_counts || is_dilated(window)) && has_pads(&pads)) {
    MC_TRY(surround(lowering, node, &pads, pad_counts ? 0.0f : -INFINITY, &op.inputs[0]));
    for (size_t i = 0; i < 2; i++) {
      shape.dims[2 + i] += (size_t)pads.pad_begin[i] + pads.pad_end[i];
      window->pad_begin[i] = 0;
      window->pad_end[i] -= pads.pad_end[i];
    }
  }
  /* Steps longer than the window, which would leave gaps, are taken through the result of steps by one. */
  uint32_t steps[2] = {1, 1};
  uint64_t pointers = 1;
  mc_shape dense = result;
  for (size_t i = 0; i < 2; i++) {
    if (window->stride[i] > window->kernel[i]) {
      const size_t reach = (size_t)(window->kernel[i] - 1) * window->dilation[i];
      steps[i] = window->stride[i];
      window->stride[i] = 1;
      dense.dims[2 + i] = shape.dims[2 + i] + window->pad_begin[i] + window->pad_end[i] - reach;
    }
    pointers *= (uint64_t)dense.dims[2 + i] * window->kernel[i];
    if (pointers > MC_MAX_WINDOW_POINTERS) {
      return mc_node_report(lowering->message, node, MC_ERROR_MODEL_UNSUPPORTED, "the kernel is too large");
    }
  }
  tensor = op.inputs[0];
  if (window->kernel[0] != 1 || window->kernel[1] != 1) {
    const mc_shape memory = mc_memory_shape(&dense, mc_order_nhwc);
    mc_lower_count_window(lowering, pointers, shape.dims[0], shape.dims[1]);
    MC_TRY(mc_lower_emit(lowering, node, &op, &memory, &tensor));
  }
  for (size_t i = 0; i < 2; i++) MC_TRY(mc_lower_steps(lowering, node, 1 + i, 0, steps[i], out[i], &tensor));
  return mc_lower_result(lowering, node, &result, mc_order_nhwc, tensor);
}

mc_status mc_lower_max_pool(mc_lowering *lowering, const mc_node *node) {
  int64_t storage_order = 0;
  MC_TRY(mc_attribute_int(node, "storage_order", &storage_order, lowering->message));
  if (storage_order != 0) {
    return mc_node_report(lowering->message, node, MC_ERROR_MODEL_UNSUPPORTED, "attribute 'storage_order'");
  }
  return pool(lowering, node, MC_PLAN_MAX_POOL, false);
}

mc_status mc_lower_average_pool(mc_lowering *lowering, const mc_node *node) {
  int64_t count_include_pad = 0;
  MC_TRY(mc_attribute_int(node, "count_include_pad", &count_include_pad, lowering->message));
  return pool(lowering, node, MC_PLAN_AVERAGE_POOL, count_include_pad != 0);
}
