#include "shapes.h"

#include <string.h>

mc_status mc_shape_axes(const mc_node *node, const mc_constant *argument, size_t rank, mc_message *message,
                        size_t axes[MC_MAX_RANK], size_t *count) {
  int64_t values[MC_MAX_RANK] = {0};
  size_t found = 0;
  if (argument != NULL) {
    if (!argument->is_int || argument->rank > 1 || argument->count > MC_MAX_RANK) {
      return mc_node_report(message, node, MC_ERROR_MODEL_INVALID, "axes must be at most %d integers", MC_MAX_RANK);
    }
    found = argument->count;
    for (size_t i = 0; i < found; i++) values[i] = argument->ints[i];
  } else {
    MC_TRY(mc_attribute_ints(node, "axes", MC_MAX_RANK, values, &found, message));
  }
  for (size_t i = 0; i < found; i++) {
    MC_TRY(mc_axis(node, values[i], rank, &axes[i], message));
    for (size_t j = 0; j < i; j++) {
      if (axes[j] == axes[i]) {
        return mc_node_report(message, node, MC_ERROR_MODEL_INVALID, "axis %zu is listed twice", axes[i]);
      }
    }
  }
  *count = found;
  return MC_OK;
}

static bool contains(const size_t *values, size_t count, size_t value) {
  for (size_t i = 0; i < count; i++) {
    if (values[i] == value) return true;
  }
  return false;
}

static mc_status squeeze(const mc_node *node, const mc_shape *in, const mc_constant *argument, mc_message *message,
                         mc_shape *out) {
  size_t axes[MC_MAX_RANK];
  size_t count = 0;
  MC_TRY(mc_shape_axes(node, argument, in->rank, message, axes, &count));
  const bool all = count == 0;
  for (size_t i = 0; i < in->rank; i++) {
    const bool listed = contains(axes, count, i);
    if (listed && in->dims[i] != 1) {
      return mc_node_report(message, node, MC_ERROR_MODEL_INVALID, "axis %zu has size %zu, not 1", i, in->dims[i]);
    }
    if (!listed && !(all && in->dims[i] == 1)) out->dims[out->rank++] = in->dims[i];
  }
  return MC_OK;
}

static mc_status unsqueeze(const mc_node *node, const mc_shape *in, const mc_constant *argument, mc_message *message,
                           mc_shape *out) {
  /* The axes point into the result, whose rank follows from how many there are. */
  size_t added = argument != NULL ? argument->count : 0;
  if (argument == NULL) {
    const mc_attribute *attribute = mc_attribute_find(node, "axes");
    added = attribute != NULL ? attribute->count : 0;
  }
  if (added == 0 || added > MC_MAX_RANK || in->rank + added > MC_MAX_RANK) {
    return mc_node_report(message, node, MC_ERROR_MODEL_UNSUPPORTED, "%zu axes for a tensor of rank %zu", added, in->rank);
  }
  size_t axes[MC_MAX_RANK];
  size_t count = 0;
  MC_TRY(mc_shape_axes(node, argument, in->rank + added, message, axes, &count));
  out->rank = in->rank + added;
  for (size_t i = 0, from = 0; i < out->rank; i++) out->dims[i] = contains(axes, count, i) ? 1 : in->dims[from++];
  return MC_OK;
}

static mc_status flatten(const mc_node *node, const mc_shape *in, mc_message *message, mc_shape *out) {
  int64_t axis = 1;
  MC_TRY(mc_attribute_int(node, "axis", &axis, message));
  const int64_t rank = (int64_t)in->rank;
  if (axis < -rank || axis > rank) {
    return mc_node_report(message, node, MC_ERROR_MODEL_INVALID, "axis %lld of a tensor of rank %zu", (long long)axis,
                          in->rank);
  }
  const size_t split = (size_t)(axis < 0 ? axis + rank : axis);
  *out = (mc_shape){.rank = 2, .dims = {1, 1}};
  for (size_t i = 0; i < in->rank; i++) out->dims[i < split ? 0 : 1] *= in->dims[i];
  return MC_OK;
}

static mc_status reshape(const mc_node *node, const mc_shape *in, const mc_constant *argument, mc_message *message,
                         mc_shape *out) {
  if (argument == NULL || !argument->is_int || argument->rank != 1) {
    return mc_node_report(message, node, MC_ERROR_MODEL_UNSUPPORTED, "the new shape must be a constant list of integers");
  }
  if (argument->count > MC_MAX_RANK) {
    return mc_node_report(message, node, MC_ERROR_MODEL_UNSUPPORTED, "rank %zu", argument->count);
  }
  int64_t allow_zero = 0;
  MC_TRY(mc_attribute_int(node, "allowzero", &allow_zero, message));
  size_t count = 0;
  (void)mc_count_elements(in->rank, in->dims, &count);
  out->rank = argument->count;
  size_t known = 1;
  size_t inferred = MC_MAX_RANK;
  for (size_t i = 0; i < out->rank; i++) {
    const int64_t size = argument->ints[i];
    if (size == -1 && inferred == MC_MAX_RANK) {
      inferred = i;
      out->dims[i] = 1;
    } else if (size == 0 && allow_zero == 0 && i < in->rank) {
      out->dims[i] = in->dims[i];
    } else if (size > 0 && (uint64_t)size <= MC_MAX_ELEMENTS) {
      out->dims[i] = (size_t)size;
    } else {
      return mc_node_report(message, node, MC_ERROR_MODEL_INVALID, "size %lld in the new shape", (long long)size);
    }
  }
  if (!mc_count_elements(out->rank, out->dims, &known)) known = 0;
  if (inferred != MC_MAX_RANK && known != 0) {
    out->dims[inferred] = count / known;
    known *= count / known;
  }
  if (known != count || count == 0) {
    return mc_node_report(message, node, MC_ERROR_MODEL_INVALID, "%zu elements do not fit the new shape", count);
  }
  return MC_OK;
}

mc_status mc_shape_reshape(const mc_node *node, const mc_shape *in, const mc_constant *argument, mc_message *message,
                           mc_shape *out) {
  mc_shape shape = {0};
  if (strcmp(node->op_type, "Squeeze") == 0) {
    MC_TRY(squeeze(node, in, argument, message, &shape));
  } else if (strcmp(node->op_type, "Unsqueeze") == 0) {
    MC_TRY(unsqueeze(node, in, argument, message, &shape));
  } else if (strcmp(node->op_type, "Flatten") == 0) {
    MC_TRY(flatten(node, in, message, &shape));
  } else {
    MC_TRY(reshape(node, in, argument, message, &shape));
  }
  *out = shape;
  return MC_OK;
}

mc_status mc_shape_transpose(const mc_node *node, size_t rank, mc_message *message, size_t perm[MC_MAX_RANK]) {
  int64_t values[MC_MAX_RANK] = {0};
  size_t count = 0;
  MC_TRY(mc_attribute_ints(node, "perm", MC_MAX_RANK, values, &count, message));
  if (count == 0) { /* absent: reverse all axes */
    for (size_t i = 0; i < rank; i++) values[i] = (int64_t)(rank - 1 - i);
    count = rank;
  }
  bool seen[MC_MAX_RANK] = {false};
  for (size_t i = 0; i < count; i++) {
    if (count != rank || values[i] < 0 || values[i] >= (int64_t)rank || seen[values[i]]) {
      return mc_node_report(message, node, MC_ERROR_MODEL_INVALID, "perm is no permutation of %zu axes", rank);
    }
    seen[values[i]] = true;
    perm[i] = (size_t)values[i];
  }
  return MC_OK;
}

bool mc_shape_same(const mc_shape *a, const mc_shape *b) {
  if (a->rank != b->rank) return false;
  for (size_t i = 0; i < a->rank; i++) {
    if (a->dims[i] != b->dims[i]) return false;
  }
  return true;
}

mc_status mc_shape_broadcast(const mc_node *node, const mc_shape *a, const mc_shape *b, mc_message *message,
                             mc_shape *out) {
  mc_shape shape = {.rank = a->rank > b->rank ? a->rank : b->rank};
  for (size_t i = 0; i < shape.rank; i++) { /* from the last axis */
    const size_t size_a = i < a->rank ? a->dims[a->rank - 1 - i] : 1;
    const size_t size_b = i < b->rank ? b->dims[b->rank - 1 - i] : 1;
    if (size_a != size_b && size_a != 1 && size_b != 1) {
      return mc_node_report(message, node, MC_ERROR_MODEL_INVALID, "sizes %zu and %zu do not match", size_a, size_b);
    }
    shape.dims[shape.rank - 1 - i] = size_a == 1 ? size_b : size_a;
  }
  size_t count = 0;
  if (!mc_count_elements(shape.rank, shape.dims, &count)) {
    return mc_node_report(message, node, MC_ERROR_MODEL_UNSUPPORTED, "the result is too large");
  }
  *out = shape;
  return MC_OK;
}

mc_status mc_shape_concat(const mc_node *node, const mc_shape *next, size_t index, size_t axis, mc_message *message,
                          mc_shape *sum) {
  bool same = next->rank == sum->rank;
  for (size_t i = 0; same && i < sum->rank; i++) same = i == axis || next->dims[i] == sum->dims[i];
  if (!same) return mc_node_report(message, node, MC_ERROR_MODEL_INVALID, "input %zu has another shape", index);
  sum->dims[axis] += next->dims[axis];
  size_t elements = 0;
  if (!mc_count_elements(sum->rank, sum->dims, &elements)) {
    return mc_node_report(message, node, MC_ERROR_MODEL_UNSUPPORTED, "the result is too large");
  }
  return MC_OK;
}

static int64_t clamp(int64_t value, int64_t low, int64_t high) {
  return value < low ? low : value > high ? high : value;
}

mc_status mc_shape_slice(const mc_node *node, const mc_shape *in, const mc_constant *starts, const mc_constant *ends,
                         const mc_constant *axes, const mc_constant *steps, mc_message *message, mc_shape *out,
                         int64_t start[MC_MAX_RANK], int64_t step[MC_MAX_RANK]) {
  if (starts == NULL || ends == NULL) {
    return mc_node_report(message, node, MC_ERROR_MODEL_UNSUPPORTED, "starts, ends, axes and steps must be constant");
  }
  const mc_constant *lists[] = {starts, ends, axes, steps};
  for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
    if (lists[i] != NULL && (!lists[i]->is_int || lists[i]->count != starts->count || starts->count > in->rank)) {
      return mc_node_report(message, node, MC_ERROR_MODEL_INVALID,
                            "starts, ends, axes and steps must be integers, as many of each and no more than %zu", in->rank);
    }
  }
  mc_shape shape = *in;
  for (size_t i = 0; i < in->rank; i++) {
    start[i] = 0;
    step[i] = 1;
  }
  size_t listed[MC_MAX_RANK] = {0};
  size_t listed_count = 0;
  if (axes != NULL) MC_TRY(mc_shape_axes(node, axes, in->rank, message, listed, &listed_count));
  for (size_t k = 0; k < starts->count; k++) {
    const size_t axis = axes != NULL ? listed[k] : k;
    const int64_t size = (int64_t)in->dims[axis];
    const int64_t stride = steps != NULL ? steps->ints[k] : 1;
    if (stride == 0 || stride < -(int64_t)MC_MAX_ELEMENTS || stride > (int64_t)MC_MAX_ELEMENTS) {
      return mc_node_report(message, node, MC_ERROR_MODEL_INVALID, "step %lld", (long long)stride);
    }
    /* Bounds count from the end when negative, and are clamped; clamping first keeps the sums in range. */
    const int64_t low = stride < 0 ? -1 : 0;
    const int64_t high = stride < 0 ? size - 1 : size; /* without elements -1, where last is, too */
    int64_t first = clamp(starts->ints[k], -size - 1, size);
    int64_t last = clamp(ends->ints[k], -size - 1, size);
    first = clamp(first < 0 ? first + size : first, high < 0 ? -1 : 0, high);
    last = clamp(last < 0 ? last + size : last, low, high);
    const int64_t span = stride < 0 ? first - last : last - first;
    const int64_t magnitude = stride < 0 ? -stride : stride;
    start[axis] = first;
    step[axis] = stride;
    shape.dims[axis] = span > 0 ? (size_t)((span + magnitude - 1) / magnitude) : 0;
  }
  *out = shape;
  return MC_OK;
}
