/* Resize: nearest by whole factors, and linear. */
#include <math.h>
#include <string.h>

#include "lower.h"

/* Every row and column is looked at, which the limits on elements alone would leave too much of. */
#define MAX_RESIZE_SIDE 32768u

typedef struct resizing {
  const char *mode, *transformation, *nearest;
  mc_shape in;     /* [N, C, H, W] */
  size_t out[2];   /* H, W */
  float scales[2]; /* out / in, as the file or the sizes have it */
} resizing;

static mc_status unsupported(mc_lowering *lowering, const mc_node *node, const resizing *r) {
  const bool nearest = strcmp(r->mode, "nearest") == 0;
  return mc_node_report(lowering->message, node, MC_ERROR_MODEL_UNSUPPORTED,
                        "%.20s, %.24s%s%.20s from %zu x %zu to %zu x %zu is not supported: only nearest by whole factors, "
                        "linear with half_pixel, align_corners or asymmetric",
                        r->mode, r->transformation, nearest ? ", " : "", nearest ? r->nearest : "", r->in.dims[2],
                        r->in.dims[3], r->out[0], r->out[1]);
}

static mc_status read_attributes(mc_lowering *lowering, const mc_node *node, resizing *r) {
  const char *policy = "stretch";
  r->mode = "nearest";
  r->transformation = "half_pixel";
  r->nearest = "round_prefer_floor";
  MC_TRY(mc_attribute_string(node, "mode", &r->mode, lowering->message));
  MC_TRY(mc_attribute_string(node, "coordinate_transformation_mode", &r->transformation, lowering->message));
  MC_TRY(mc_attribute_string(node, "nearest_mode", &r->nearest, lowering->message));
  MC_TRY(mc_attribute_string(node, "keep_aspect_ratio_policy", &policy, lowering->message));
  if (strcmp(policy, "stretch") != 0) {
    return mc_node_report(lowering->message, node, MC_ERROR_MODEL_UNSUPPORTED,
                          "attribute 'keep_aspect_ratio_policy' is '%.40s'", policy);
  }
  static const char *const flags[] = {"antialias", "exclude_outside"};
  for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
    int64_t flag = 0;
    MC_TRY(mc_attribute_int(node, flags[i], &flag, lowering->message));
    if (flag != 0) return mc_node_report(lowering->message, node, MC_ERROR_MODEL_UNSUPPORTED, "attribute '%s'", flags[i]);
  }
  return MC_OK;
}

/* The new size, from the scales or the sizes for all axes or for those listed; only H and W may change. */
static mc_status read_sizes(mc_lowering *lowering, const mc_node *node, resizing *r) {
  const mc_constant *scales = NULL;
  const mc_constant *sizes = NULL;
  size_t axes[MC_MAX_RANK] = {0, 1, 2, 3};
  size_t count = 0;
  MC_TRY(mc_lower_constant(lowering, node, 2, &scales));
  MC_TRY(mc_lower_constant(lowering, node, 3, &sizes));
  MC_TRY(mc_shape_axes(node, NULL, 4, lowering->message, axes, &count));
  if (count == 0) count = 4;
  const bool by_size = sizes != NULL && sizes->count != 0;
  if (by_size ? (!sizes->is_int || sizes->count != count) : (scales == NULL || scales->is_int || scales->count != count)) {
    return mc_node_report(lowering->message, node, MC_ERROR_MODEL_UNSUPPORTED, "needs a scale or a size for each of %zu axes",
                          count);
  }
  for (size_t i = 0; i < 2; i++) {
    r->scales[i] = 1;
    r->out[i] = r->in.dims[2 + i];
  }
  for (size_t i = 0; i < count; i++) {
    const float in = (float)r->in.dims[axes[i]];
    const float scale = by_size ? (float)sizes->ints[i] / in : scales->floats[i];
    const float out = by_size ? (float)sizes->ints[i] : floorf(in * scale);
    if (!(out >= 1 && out <= (float)MAX_RESIZE_SIDE) || (axes[i] < 2 && scale != 1)) {
      return mc_node_report(lowering->message, node, MC_ERROR_MODEL_UNSUPPORTED, "axis %zu cannot be resized so", axes[i]);
    }
    if (axes[i] < 2) continue;
    r->scales[axes[i] - 2] = scale;
    r->out[axes[i] - 2] = (size_t)out;
  }
  return MC_OK;
}

/* --- Nearest --- */

/* Where element `x` of `out` is taken from, in an input of `in` elements, by the names in the attributes; -1 for a mode that
 * is not known. */
static int64_t source(const resizing *r, size_t x, size_t in, size_t out, float scale) {
  float at = 0;
  if (strcmp(r->transformation, "asymmetric") == 0) {
    at = (float)x / scale;
  } else if (strcmp(r->transformation, "half_pixel") == 0 ||
             (strcmp(r->transformation, "pytorch_half_pixel") == 0 && out > 1)) {
    at = ((float)x + 0.5f) / scale - 0.5f;
  } else if (strcmp(r->transformation, "align_corners") == 0) {
    at = out == 1 ? 0 : (float)x * (float)(in - 1) / (float)(out - 1);
  } else if (strcmp(r->transformation, "pytorch_half_pixel") != 0) {
    return -1;
  }
  float whole = 0;
  if (strcmp(r->nearest, "floor") == 0) {
    whole = floorf(at);
  } else if (strcmp(r->nearest, "ceil") == 0) {
    whole = ceilf(at);
  } else if (strcmp(r->nearest, "round_prefer_floor") == 0) {
    whole = ceilf(at - 0.5f);
  } else if (strcmp(r->nearest, "round_prefer_ceil") == 0) {
    whole = floorf(at + 0.5f);
  } else {
    return -1;
  }
  return whole < 0 ? 0 : whole > (float)(in - 1) ? (int64_t)in - 1 : (int64_t)whole;
}

/* Repeating pixels is a product with ones that broadcasts: [N, H, 1, W, 1, C] * [1, 1, f, 1, f, 1]. The backend has no
 * operation that repeats, and this one reads and writes everything just once. */
static mc_status repeat(mc_lowering *lowering, const mc_node *node, const resizing *r, const mc_shape *memory,
                        uint32_t *tensor) {
  const size_t *dims = r->in.dims; /* [N, C, H, W] */
  size_t f[2];
  for (size_t i = 0; i < 2; i++) {
    f[i] = r->out[i] / dims[2 + i];
    bool repeats = f[i] != 0 && r->scales[i] == (float)f[i] && r->out[i] == f[i] * dims[2 + i];
    for (size_t x = 0; repeats && x < r->out[i]; x++) {
      repeats = source(r, x, dims[2 + i], r->out[i], r->scales[i]) == (int64_t)(x / f[i]);
    }
    if (!repeats) return unsupported(lowering, node, r);
  }
  const mc_shape split = {.rank = 6, .dims = {dims[0], dims[2], 1, dims[3], 1, dims[1]}};
  const mc_shape ones_shape = {.rank = 6, .dims = {1, 1, f[0], 1, f[1], 1}};
  uint32_t ones = MC_NONE;
  MC_TRY(mc_lower_view(lowering, node, *tensor, &split, tensor));
  MC_TRY(mc_lower_fill(lowering, node, &ones_shape, 1, &ones));
  MC_TRY(mc_lower_binary(lowering, node, MC_FUNCTION_MULTIPLY, *tensor, ones, tensor));
  return mc_lower_view(lowering, node, *tensor, memory, tensor);
}

/* --- Linear --- */

static mc_plan_function transformation_of(const resizing *r) {
  const bool to_one = r->out[0] == 1 || r->out[1] == 1;
  /* The backend goes by the sizes alone: a scale that says something else moves the points apart. */
  for (size_t i = 0; i < 2; i++) {
    const float in = (float)r->in.dims[2 + i];
    const float rounding = 1e-4f + (float)r->out[i] * 2.4e-7f; /* two units in the last place */
    if (fabsf(in * r->scales[i] - (float)r->out[i]) > rounding) return MC_FUNCTION_NONE;
  }
  if (strcmp(r->transformation, "half_pixel") == 0 || strcmp(r->transformation, "half_pixel_symmetric") == 0 ||
      (strcmp(r->transformation, "pytorch_half_pixel") == 0 && !to_one)) {
    return MC_FUNCTION_HALF_PIXEL;
  }
  if (strcmp(r->transformation, "asymmetric") == 0) return MC_FUNCTION_ASYMMETRIC;
  return strcmp(r->transformation, "align_corners") == 0 ? MC_FUNCTION_ALIGN_CORNERS : MC_FUNCTION_NONE;
}

static mc_status interpolate(mc_lowering *lowering, const mc_node *node, const resizing *r, const mc_shape *memory,
                             uint32_t *tensor) {
  mc_plan_op op = mc_lower_op(MC_PLAN_RESIZE, *tensor);
  op.function = transformation_of(r);
  if (op.function == MC_FUNCTION_NONE) return unsupported(lowering, node, r);
  op.sizes[0] = r->out[0];
  op.sizes[1] = r->out[1];
  const uint64_t pointers = 4 * (uint64_t)r->out[0] * r->out[1];
  const size_t longest = r->in.dims[2] > r->in.dims[3] ? r->in.dims[2] : r->in.dims[3];
  if (pointers > MC_MAX_WINDOW_POINTERS || longest >= MC_MAX_RESIZED_SIDE) return unsupported(lowering, node, r);
  mc_lower_count_window(lowering, pointers, r->in.dims[0], r->in.dims[1]);
  return mc_lower_emit(lowering, node, &op, memory, tensor);
}

mc_status mc_lower_resize(mc_lowering *lowering, const mc_node *node) {
  resizing r = {0};
  uint32_t tensor = MC_NONE;
  MC_TRY(read_attributes(lowering, node, &r));
  MC_TRY(mc_lower_feature_map(lowering, node, 0, &r.in, &tensor));
  MC_TRY(read_sizes(lowering, node, &r));
  const mc_shape result = {.rank = 4, .dims = {r.in.dims[0], r.in.dims[1], r.out[0], r.out[1]}};
  const mc_shape memory = mc_memory_shape(&result, mc_order_nhwc);
  if (strcmp(r.mode, "nearest") == 0) {
    MC_TRY(repeat(lowering, node, &r, &memory, &tensor));
  } else if (strcmp(r.mode, "linear") == 0) {
    MC_TRY(interpolate(lowering, node, &r, &memory, &tensor));
  } else {
    return unsupported(lowering, node, &r);
  }
  return mc_lower_result(lowering, node, &result, mc_order_nhwc, tensor);
}
