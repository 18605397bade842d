#include "fold.h"

#include <math.h>
#include <string.h>

#include "shapes.h"

typedef struct folding {
  mc_arena *arena;
  const mc_node *node;
  const mc_constant *const *inputs;
  mc_message *message;
} folding;

typedef mc_status (*fold_function)(const folding *, mc_constant **);

static mc_status fail(const folding *f, const char *why) {
  return mc_node_report(f->message, f->node, MC_ERROR_MODEL_INVALID, "%s", why);
}

static const mc_constant *input(const folding *f, size_t index) {
  return index < f->node->input_count ? f->inputs[index] : NULL;
}

static mc_shape shape_of(const mc_constant *constant) {
  mc_shape shape = {.rank = constant->rank};
  memcpy(shape.dims, constant->dims, sizeof shape.dims);
  return shape;
}

static mc_status make(const folding *f, bool is_int, const mc_shape *shape, mc_constant **result) {
  const mc_status status = mc_constant_new(f->arena, is_int, shape->rank, shape->dims, result);
  if (status != MC_OK) return mc_node_report(f->message, f->node, status, "no room for the constant result");
  return MC_OK;
}

static void copy_element(const mc_constant *from, size_t i, mc_constant *to, size_t j) {
  if (to->is_int) {
    to->ints[j] = from->ints[i];
  } else {
    to->floats[j] = from->floats[i];
  }
}

/* Reads `in` at offset + sum(index[i] * stride[i]) for every index of `out`, in order. */
static void gather_strided(const mc_constant *in, int64_t offset, const int64_t *strides, mc_constant *out) {
  size_t index[MC_MAX_RANK] = {0};
  int64_t from = offset;
  for (size_t i = 0; i < out->count; i++) {
    copy_element(in, (size_t)from, out, i);
    for (size_t axis = out->rank; axis-- > 0;) {
      from += strides[axis];
      if (++index[axis] < out->dims[axis]) break;
      from -= strides[axis] * (int64_t)out->dims[axis];
      index[axis] = 0;
    }
  }
}

/* Distance in elements between neighbours on each axis. */
static void strides_of(const mc_constant *constant, int64_t *strides) {
  int64_t stride = 1;
  for (size_t axis = constant->rank; axis-- > 0;) {
    strides[axis] = stride;
    stride *= (int64_t)constant->dims[axis];
  }
}

static mc_status fold_reshape(const folding *f, mc_constant **result) {
  const mc_constant *in = input(f, 0);
  const mc_shape from = shape_of(in);
  mc_shape to;
  MC_TRY(mc_shape_reshape(f->node, &from, input(f, 1), f->message, &to));
  MC_TRY(make(f, in->is_int, &to, result));
  for (size_t i = 0; i < in->count; i++) copy_element(in, i, *result, i);
  return MC_OK;
}

static mc_status fold_transpose(const folding *f, mc_constant **result) {
  const mc_constant *in = input(f, 0);
  size_t perm[MC_MAX_RANK];
  int64_t from[MC_MAX_RANK];
  int64_t strides[MC_MAX_RANK];
  mc_shape to = {.rank = in->rank};
  MC_TRY(mc_shape_transpose(f->node, in->rank, f->message, perm));
  strides_of(in, from);
  for (size_t i = 0; i < in->rank; i++) {
    to.dims[i] = in->dims[perm[i]];
    strides[i] = from[perm[i]];
  }
  MC_TRY(make(f, in->is_int, &to, result));
  gather_strided(in, 0, strides, *result);
  return MC_OK;
}

static mc_status fold_slice(const folding *f, mc_constant **result) {
  const mc_constant *in = input(f, 0);
  const mc_shape from = shape_of(in);
  mc_shape to;
  int64_t start[MC_MAX_RANK];
  int64_t step[MC_MAX_RANK];
  int64_t strides[MC_MAX_RANK];
  MC_TRY(mc_shape_slice(f->node, &from, input(f, 1), input(f, 2), input(f, 3), input(f, 4), f->message, &to, start, step));
  strides_of(in, strides);
  int64_t offset = 0;
  for (size_t i = 0; i < in->rank; i++) {
    offset += start[i] * strides[i];
    strides[i] *= step[i];
  }
  MC_TRY(make(f, in->is_int, &to, result));
  gather_strided(in, offset, strides, *result);
  return MC_OK;
}

static mc_status fold_gather(const folding *f, mc_constant **result) {
  const mc_constant *in = input(f, 0);
  const mc_constant *indices = input(f, 1);
  size_t axis = 0;
  MC_TRY(mc_attribute_axis(f->node, 0, in->rank, &axis, f->message));
  if (indices == NULL || !indices->is_int) return fail(f, "indices must be integers");
  if (in->rank - 1 + indices->rank > MC_MAX_RANK) return fail(f, "the result has too many axes");
  mc_shape to = {0};
  size_t inner = 1;
  for (size_t i = 0; i < axis; i++) to.dims[to.rank++] = in->dims[i];
  for (size_t i = 0; i < indices->rank; i++) to.dims[to.rank++] = indices->dims[i];
  for (size_t i = axis + 1; i < in->rank; i++) {
    to.dims[to.rank++] = in->dims[i];
    inner *= in->dims[i];
  }
  MC_TRY(make(f, in->is_int, &to, result));
  const int64_t size = (int64_t)in->dims[axis];
  for (size_t i = 0; i < (*result)->count; i++) {
    const int64_t index = indices->ints[i / inner % indices->count];
    if (index < -size || index >= size) return fail(f, "an index is out of range");
    const size_t outer = i / inner / indices->count;
    const size_t at = (size_t)(index < 0 ? index + size : index);
    copy_element(in, (outer * in->dims[axis] + at) * inner + i % inner, *result, i);
  }
  return MC_OK;
}

static mc_status fold_concat(const folding *f, mc_constant **result) {
  size_t axis = 0;
  MC_TRY(mc_attribute_axis(f->node, MC_NO_DEFAULT, input(f, 0)->rank, &axis, f->message));
  mc_shape to = shape_of(input(f, 0));
  for (size_t k = 1; k < f->node->input_count; k++) {
    if (input(f, k) == NULL || input(f, k)->is_int != input(f, 0)->is_int) return fail(f, "inputs of different types");
    const mc_shape next = shape_of(input(f, k));
    MC_TRY(mc_shape_concat(f->node, &next, k, axis, f->message, &to));
  }
  MC_TRY(make(f, input(f, 0)->is_int, &to, result));
  size_t inner = 1;
  for (size_t i = axis + 1; i < to.rank; i++) inner *= to.dims[i];
  size_t before = 0;
  for (size_t k = 0; k < f->node->input_count; k++) {
    const mc_constant *in = input(f, k);
    const size_t run = in->dims[axis] * inner;
    for (size_t i = 0; i < in->count; i++) {
      copy_element(in, i, *result, i / run * to.dims[axis] * inner + before + i % run);
    }
    before += run;
  }
  return MC_OK;
}

static mc_status fold_constant_of_shape(const folding *f, mc_constant **result) {
  const mc_constant *dims = input(f, 0);
  const mc_attribute *value = mc_attribute_find(f->node, "value");
  const mc_constant *fill = value != NULL ? value->tensor : NULL;
  if (value != NULL && (fill == NULL || fill->count != 1)) return fail(f, "value must be a tensor of one element");
  if (!dims->is_int || dims->rank != 1 || dims->count > MC_MAX_RANK) return fail(f, "the shape must be a few integers");
  mc_shape to = {.rank = dims->count};
  for (size_t i = 0; i < to.rank; i++) {
    if (dims->ints[i] < 0 || (uint64_t)dims->ints[i] > MC_MAX_ELEMENTS) return fail(f, "a size is out of range");
    to.dims[i] = (size_t)dims->ints[i];
  }
  MC_TRY(make(f, fill != NULL && fill->is_int, &to, result));
  for (size_t i = 0; fill != NULL && i < (*result)->count; i++) copy_element(fill, 0, *result, i);
  return MC_OK;
}

static mc_status fold_cast(const folding *f, mc_constant **result) {
  const mc_constant *in = input(f, 0);
  int64_t to = 0;
  MC_TRY(mc_attribute_int(f->node, "to", &to, f->message));
  const bool to_float = to == 1 || to == 10 || to == 11; /* float, float16, double */
  const bool to_bool = to == 9;
  if (!to_float && !to_bool && to != 6 && to != 7) { /* int32, int64 */
    return mc_node_report(f->message, f->node, MC_ERROR_MODEL_UNSUPPORTED, "attribute 'to' is %lld", (long long)to);
  }
  const mc_shape shape = shape_of(in);
  MC_TRY(make(f, !to_float, &shape, result));
  for (size_t i = 0; i < in->count; i++) {
    if (to_float) {
      (*result)->floats[i] = in->is_int ? (float)in->ints[i] : in->floats[i];
    } else if (in->is_int) {
      (*result)->ints[i] = to_bool ? in->ints[i] != 0 : to == 6 ? (int32_t)in->ints[i] : in->ints[i];
    } else if (to_bool) {
      (*result)->ints[i] = in->floats[i] != 0;
    } else {
      const float value = in->floats[i];
      const float limit = to == 6 ? 0x1p31f : 9e18f;
      if (!(value >= -limit && value < limit)) return fail(f, "a number does not fit an integer");
      (*result)->ints[i] = (int64_t)value;
    }
  }
  return MC_OK;
}

/* --- Arithmetic --- */

static bool apply_ints(const char *op, int64_t a, int64_t b, int64_t *result) {
  if (strcmp(op, "Add") == 0) return !__builtin_add_overflow(a, b, result);
  if (strcmp(op, "Sub") == 0) return !__builtin_sub_overflow(a, b, result);
  if (strcmp(op, "Mul") == 0) return !__builtin_mul_overflow(a, b, result);
  if (b == 0 || (b == -1 && a == INT64_MIN)) return false;
  *result = a / b;
  return true;
}

static float apply_floats(const char *op, float a, float b) {
  if (strcmp(op, "Add") == 0) return a + b;
  if (strcmp(op, "Sub") == 0) return a - b;
  if (strcmp(op, "Mul") == 0) return a * b;
  return a / b;
}

static mc_status fold_arithmetic(const folding *f, mc_constant **result) {
  const mc_constant *a = input(f, 0);
  const mc_constant *b = input(f, 1);
  if (b == NULL || a->is_int != b->is_int) return fail(f, "needs two inputs of one type");
  const mc_shape shape_a = shape_of(a);
  const mc_shape shape_b = shape_of(b);
  mc_shape to;
  MC_TRY(mc_shape_broadcast(f->node, &shape_a, &shape_b, f->message, &to));
  mc_constant *broadcast_b = NULL;
  MC_TRY(make(f, a->is_int, &to, result));
  MC_TRY(make(f, a->is_int, &to, &broadcast_b));
  const mc_constant *in[2] = {a, b};
  mc_constant *out[2] = {*result, broadcast_b};
  for (size_t k = 0; k < 2; k++) {
    int64_t from[MC_MAX_RANK];
    int64_t strides[MC_MAX_RANK] = {0};
    strides_of(in[k], from);
    for (size_t i = 0; i < in[k]->rank; i++) {
      if (in[k]->dims[i] != 1) strides[to.rank - in[k]->rank + i] = from[i];
    }
    gather_strided(in[k], 0, strides, out[k]);
  }
  for (size_t i = 0; i < (*result)->count; i++) {
    if (!a->is_int) {
      (*result)->floats[i] = apply_floats(f->node->op_type, (*result)->floats[i], broadcast_b->floats[i]);
    } else if (!apply_ints(f->node->op_type, (*result)->ints[i], broadcast_b->ints[i], &(*result)->ints[i])) {
      return fail(f, "integer overflow or division by zero");
    }
  }
  return MC_OK;
}

static mc_status fold_unary(const folding *f, mc_constant **result) {
  const mc_constant *in = input(f, 0);
  if (in->is_int) return MC_OK; /* left to whoever supports it */
  const mc_shape shape = shape_of(in);
  MC_TRY(make(f, false, &shape, result));
  const char *op = f->node->op_type;
  for (size_t i = 0; i < in->count; i++) {
    const float x = in->floats[i];
    (*result)->floats[i] = strcmp(op, "Floor") == 0  ? floorf(x)
                           : strcmp(op, "Ceil") == 0 ? ceilf(x)
                           : strcmp(op, "Sqrt") == 0 ? sqrtf(x)
                                                     : -x;
  }
  return MC_OK;
}

static mc_status fold_shape(const folding *f, mc_constant **result) {
  return mc_fold_shape(f->arena, f->node, input(f, 0)->rank, input(f, 0)->dims, f->message, result);
}

mc_status mc_fold_shape(mc_arena *arena, const mc_node *node, size_t rank, const size_t *dims, mc_message *message,
                        mc_constant **result) {
  int64_t start = 0;
  int64_t end = (int64_t)rank;
  const int64_t signed_rank = end;
  MC_TRY(mc_attribute_int(node, "start", &start, message));
  MC_TRY(mc_attribute_int(node, "end", &end, message));
  if (start < 0) start = start < -signed_rank ? 0 : start + signed_rank;
  if (end < 0) end = end < -signed_rank ? 0 : end + signed_rank;
  if (end > signed_rank) end = signed_rank;
  const size_t count = start < end ? (size_t)(end - start) : 0;
  const mc_status status = mc_constant_new(arena, true, 1, &count, result);
  if (status != MC_OK) return mc_node_report(message, node, status, "no room for the shape");
  for (size_t i = 0; i < count; i++) (*result)->ints[i] = (int64_t)dims[(size_t)start + i];
  return MC_OK;
}

mc_status mc_fold(mc_arena *arena, const mc_node *node, const mc_constant *const *inputs, mc_message *message,
                  mc_constant **result) {
  static const struct {
    const char *op;
    fold_function function;
  } table[] = {
      {"Add", fold_arithmetic},   {"Cast", fold_cast},     {"Ceil", fold_unary},     {"Concat", fold_concat},
      {"ConstantOfShape", fold_constant_of_shape},         {"Div", fold_arithmetic}, {"Flatten", fold_reshape},
      {"Floor", fold_unary},      {"Gather", fold_gather}, {"Mul", fold_arithmetic}, {"Neg", fold_unary},
      {"Reshape", fold_reshape},  {"Shape", fold_shape},   {"Slice", fold_slice},    {"Sqrt", fold_unary},
      {"Squeeze", fold_reshape},  {"Sub", fold_arithmetic}, {"Transpose", fold_transpose},
      {"Unsqueeze", fold_reshape},
  };
  *result = NULL;
  if (node->input_count == 0 || inputs[0] == NULL) return MC_OK;
  const folding f = {.arena = arena, .node = node, .inputs = inputs, .message = message};
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    if (strcmp(node->op_type, table[i].op) == 0) return table[i].function(&f, result);
  }
  return MC_OK;
}
