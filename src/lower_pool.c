/* Pools, means over space, and enlarging. */
#include <math.h>
#include <string.h>

#include "lower.h"

static mc_status pool(mc_lowering *lowering, const mc_node *node, mc_plan_kind kind, bool pad_counts) {
  mc_shape shape;
  uint32_t tensor = MC_NONE;
  MC_TRY(mc_lower_feature_map(lowering, node, 0, &shape, &tensor));
  int64_t ceil_mode = 0;
  MC_TRY(mc_attribute_int(node, "ceil_mode", &ceil_mode, lowering->message));
  mc_plan_op op = mc_lower_op(kind, tensor);
  mc_window *window = &op.window;
  size_t out[2];
  const size_t any_kernel[2] = {0, 0};
  MC_TRY(mc_window_read(node, &shape, any_kernel, ceil_mode != 0, lowering->message, window, out));
  bool padded = false;
  uint64_t pointers = (uint64_t)out[0] * out[1];
  for (size_t i = 0; i < 2; i++) {
    const char *problem = NULL;
    if (window->stride[i] > window->kernel[i]) problem = "strides larger than the kernel";
    if (window->dilation[i] != 1 && kind == MC_PLAN_AVERAGE_POOL) problem = "dilations";
    if (window->pad_begin[i] >= window->kernel[i] || window->pad_end[i] >= window->kernel[i]) {
      problem = "pads as large as the kernel";
    }
    if (problem != NULL) return mc_node_report(lowering->message, node, MC_ERROR_MODEL_UNSUPPORTED, "%s", problem);
    padded = padded || window->pad_begin[i] != 0 || window->pad_end[i] != 0;
    pointers *= window->kernel[i];
  }
  if (pointers > MC_MAX_WINDOW_POINTERS) {
    return mc_node_report(lowering->message, node, MC_ERROR_MODEL_UNSUPPORTED, "the kernel is too large");
  }
  const mc_shape result = {.rank = 4, .dims = {shape.dims[0], shape.dims[1], out[0], out[1]}};
  const mc_shape memory = mc_memory_shape(&result, mc_order_nhwc);
  if (window->kernel[0] == 1 && window->kernel[1] == 1) { /* the input as it is */
    return mc_lower_result(lowering, node, &result, mc_order_nhwc, tensor);
  }
  if (padded && pad_counts) { /* zeros that are part of the picture, then, rather than padding */
    if (ceil_mode != 0) {
      return mc_node_report(lowering->message, node, MC_ERROR_MODEL_UNSUPPORTED, "ceil_mode with count_include_pad");
    }
    mc_plan_op pad = mc_lower_op(MC_PLAN_PAD, tensor);
    mc_shape larger = mc_memory_shape(&shape, mc_order_nhwc);
    pad.rank = 4;
    for (size_t i = 0; i < 2; i++) {
      pad.begin[1 + i] = window->pad_begin[i];
      pad.end[1 + i] = window->pad_end[i];
      larger.dims[1 + i] += (size_t)window->pad_begin[i] + window->pad_end[i];
      window->pad_begin[i] = window->pad_end[i] = 0;
    }
    MC_TRY(mc_lower_emit(lowering, node, &pad, &larger, &op.inputs[0]));
  }
  lowering->plan->reads += pointers * shape.dims[0] * shape.dims[1];
  MC_TRY(mc_lower_emit(lowering, node, &op, &memory, &tensor));
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

/* The mean over `axes` (ONNX's) of a value as it lies, with those axes kept. */
static mc_status mean(mc_lowering *lowering, const mc_node *node, const mc_lowered *in, const size_t *axes, size_t count,
                      mc_shape *kept, uint32_t *tensor) {
  MC_TRY(mc_lower_arrange(lowering, node, in, in->order, tensor));
  *kept = in->shape;
  for (size_t i = 0; i < count; i++) kept->dims[axes[i]] = 1;
  mc_plan_op op = mc_lower_op(MC_PLAN_MEAN, *tensor);
  for (size_t i = 0; i < in->shape.rank; i++) {
    if (in->shape.dims[in->order[i]] != kept->dims[in->order[i]]) op.axes[op.rank++] = i;
  }
  if (op.rank == 0) return MC_OK; /* all of size 1 already */
  lowering->plan->reads += mc_plan_tensor_count_elements(&lowering->plan->tensors[*tensor]);
  const mc_shape memory = mc_memory_shape(kept, in->order);
  return mc_lower_emit(lowering, node, &op, &memory, tensor);
}

mc_status mc_lower_global_average_pool(mc_lowering *lowering, const mc_node *node) {
  const mc_lowered *in = mc_lower_input(lowering, node, 0);
  if (in->shape.rank < 3) return mc_node_report(lowering->message, node, MC_ERROR_MODEL_INVALID, "input of rank < 3");
  const size_t axes[MC_MAX_RANK - 2] = {2, 3, 4, 5};
  mc_shape kept;
  uint32_t tensor = MC_NONE;
  MC_TRY(mean(lowering, node, in, axes, in->shape.rank - 2, &kept, &tensor));
  return mc_lower_result(lowering, node, &kept, in->order, tensor);
}

mc_status mc_lower_reduce_mean(mc_lowering *lowering, const mc_node *node) {
  const mc_lowered *in = mc_lower_input(lowering, node, 0);
  const mc_constant *argument = NULL;
  int64_t keep = 1;
  int64_t noop = 0;
  size_t axes[MC_MAX_RANK];
  size_t count = 0;
  MC_TRY(mc_lower_constant(lowering, node, 1, &argument));
  MC_TRY(mc_attribute_int(node, "keepdims", &keep, lowering->message));
  MC_TRY(mc_attribute_int(node, "noop_with_empty_axes", &noop, lowering->message));
  MC_TRY(mc_shape_axes(node, argument, in->shape.rank, lowering->message, axes, &count));
  if (count == 0 && noop == 0) {
    for (size_t i = 0; i < in->shape.rank; i++) axes[count++] = i;
  }
  mc_shape kept;
  uint32_t tensor = MC_NONE;
  MC_TRY(mean(lowering, node, in, axes, count, &kept, &tensor));
  if (keep != 0) return mc_lower_result(lowering, node, &kept, in->order, tensor);

  bool gone[MC_MAX_RANK] = {false};
  size_t place[MC_MAX_RANK] = {0}; /* of each axis among those that stay */
  mc_shape result = {0};
  size_t order[MC_MAX_RANK];
  for (size_t i = 0; i < count; i++) gone[axes[i]] = true;
  for (size_t i = 0; i < kept.rank; i++) {
    place[i] = result.rank;
    if (!gone[i]) result.dims[result.rank++] = kept.dims[i];
  }
  for (size_t i = 0, at = 0; i < kept.rank; i++) {
    if (!gone[in->order[i]]) order[at++] = place[in->order[i]];
  }
  return mc_lower_result(lowering, node, &result, order, tensor);
}

/* --- Resize --- */

/* Where Resize takes element `x` of `out` from, in an input of `in` elements, by the names in the attributes; -1 for a mode
 * that is not known. */
static int64_t source(const char *transformation, const char *nearest, size_t x, size_t in, size_t out, float scale) {
  float at = 0;
  if (strcmp(transformation, "asymmetric") == 0) {
    at = (float)x / scale;
  } else if (strcmp(transformation, "half_pixel") == 0 ||
             (strcmp(transformation, "pytorch_half_pixel") == 0 && out > 1)) {
    at = ((float)x + 0.5f) / scale - 0.5f;
  } else if (strcmp(transformation, "align_corners") == 0) {
    at = out == 1 ? 0 : (float)x * (float)(in - 1) / (float)(out - 1);
  } else if (strcmp(transformation, "pytorch_half_pixel") != 0) {
    return -1;
  }
  float whole = 0;
  if (strcmp(nearest, "floor") == 0) {
    whole = floorf(at);
  } else if (strcmp(nearest, "ceil") == 0) {
    whole = ceilf(at);
  } else if (strcmp(nearest, "round_prefer_floor") == 0) {
    whole = ceilf(at - 0.5f);
  } else if (strcmp(nearest, "round_prefer_ceil") == 0) {
    whole = floorf(at + 0.5f);
  } else {
    return -1;
  }
  return whole < 0 ? 0 : whole > (float)(in - 1) ? (int64_t)in - 1 : (int64_t)whole;
}

/* Every row and column is looked at, which the limits on elements alone would leave too much of. */
#define MAX_RESIZE_SIDE 32768u

/* The whole factors by which [H, W] grow, from the scales or the sizes. */
static mc_status resize_factors(mc_lowering *lowering, const mc_node *node, const mc_shape *in, const char *transformation,
                                size_t factors[2]) {
  const mc_constant *scales = NULL;
  const mc_constant *sizes = NULL;
  const char *nearest = "round_prefer_floor";
  MC_TRY(mc_attribute_string(node, "nearest_mode", &nearest, lowering->message));
  MC_TRY(mc_lower_constant(lowering, node, 2, &scales));
  MC_TRY(mc_lower_constant(lowering, node, 3, &sizes));
  const bool by_size = sizes != NULL && sizes->count != 0;
  if (by_size ? (!sizes->is_int || sizes->count != 4) : (scales == NULL || scales->is_int || scales->count != 4)) {
    return mc_node_report(lowering->message, node, MC_ERROR_MODEL_UNSUPPORTED, "needs four scales or four sizes");
  }
  for (size_t i = 0; i < 4; i++) {
    const float scale = by_size ? (float)sizes->ints[i] / (float)in->dims[i] : scales->floats[i];
    const size_t factor = scale >= 1 && scale <= 64 ? (size_t)scale : 0;
    bool repeats = factor != 0 && (float)factor == scale && (i >= 2 || factor == 1) && in->dims[i] <= MAX_RESIZE_SIDE;
    if (by_size) repeats = repeats && sizes->ints[i] == (int64_t)(factor * in->dims[i]);
    for (size_t x = 0; repeats && i >= 2 && x < factor * in->dims[i]; x++) {
      repeats = source(transformation, nearest, x, in->dims[i], factor * in->dims[i], scale) == (int64_t)(x / factor);
    }
    if (!repeats) {
      return mc_node_report(lowering->message, node, MC_ERROR_MODEL_UNSUPPORTED,
                            "only repeats pixels by whole factors; not axis %zu, %.20s, %.20s", i, transformation, nearest);
    }
    if (i >= 2) factors[i - 2] = factor;
  }
  return MC_OK;
}

mc_status mc_lower_resize(mc_lowering *lowering, const mc_node *node) {
  const char *mode = "nearest";
  const char *transformation = "half_pixel";
  MC_TRY(mc_attribute_string(node, "mode", &mode, lowering->message));
  MC_TRY(mc_attribute_string(node, "coordinate_transformation_mode", &transformation, lowering->message));
  if (strcmp(mode, "nearest") != 0) {
    return mc_node_report(lowering->message, node, MC_ERROR_MODEL_UNSUPPORTED, "attribute 'mode' is '%.40s'", mode);
  }
  static const char *const other[] = {"axes", "keep_aspect_ratio_policy", "antialias", "exclude_outside"};
  for (size_t i = 0; i < sizeof other / sizeof other[0]; i++) {
    const mc_attribute *attribute = mc_attribute_find(node, other[i]);
    if (attribute != NULL && (attribute->kind != MC_ATTRIBUTE_INT || attribute->i != 0)) {
      return mc_node_report(lowering->message, node, MC_ERROR_MODEL_UNSUPPORTED, "attribute '%s'", other[i]);
    }
  }
  mc_shape shape;
  uint32_t tensor = MC_NONE;
  MC_TRY(mc_lower_feature_map(lowering, node, 0, &shape, &tensor));
  size_t f[2] = {1, 1};
  MC_TRY(resize_factors(lowering, node, &shape, transformation, f));

  /* Repeating pixels is a product with ones that broadcasts: [N, H, 1, W, 1, C] * [1, 1, f, 1, f, 1]. The backend has no
   * operation that repeats, and this one reads and writes everything just once. */
  const size_t n = shape.dims[0];
  const size_t c = shape.dims[1];
  const size_t h = shape.dims[2];
  const size_t w = shape.dims[3];
  const mc_shape split = {.rank = 6, .dims = {n, h, 1, w, 1, c}};
  const mc_shape ones_shape = {.rank = 6, .dims = {1, 1, f[0], 1, f[1], 1}};
  const mc_shape result = {.rank = 4, .dims = {n, c, h * f[0], w * f[1]}};
  const mc_shape memory = mc_memory_shape(&result, mc_order_nhwc);
  uint32_t ones = MC_NONE;
  MC_TRY(mc_lower_view(lowering, node, tensor, &split, &tensor));
  MC_TRY(mc_lower_fill(lowering, node, &ones_shape, 1, &ones));
  MC_TRY(mc_lower_binary(lowering, node, MC_FUNCTION_MULTIPLY, tensor, ones, &tensor));
  MC_TRY(mc_lower_view(lowering, node, tensor, &memory, &tensor));
  return mc_lower_result(lowering, node, &result, mc_order_nhwc, tensor);
}
