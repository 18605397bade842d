/* Operators that work element by element, and Softmax. */
#include <math.h>
#include <string.h>

#include "lower.h"

static mc_status unary(mc_lowering *lowering, const mc_node *node, mc_plan_function function, float low, float high) {
  const mc_lowered *in = mc_lower_input(lowering, node, 0);
  uint32_t tensor = in->tensor; /* whatever its shape in the plan: every element is on its own */
  if (in->constant != NULL) MC_TRY(mc_lower_arrange(lowering, node, in, in->order, &tensor));
  MC_TRY(mc_lower_unary(lowering, node, function, low, high, tensor, &tensor));
  return mc_lower_result(lowering, node, &in->shape, in->order, tensor);
}

mc_status mc_lower_elementwise(mc_lowering *lowering, const mc_node *node) {
  static const struct {
    const char *op_type;
    mc_plan_function function;
    float alpha;
  } table[] = {
      {"Relu", MC_FUNCTION_CLAMP, 0},          {"LeakyRelu", MC_FUNCTION_LEAKY_RELU, 0.01f},
      {"Elu", MC_FUNCTION_ELU, 1},             {"Sigmoid", MC_FUNCTION_SIGMOID, 0},
      {"HardSwish", MC_FUNCTION_HARD_SWISH, 0}, {"Tanh", MC_FUNCTION_TANH, 0},
      {"Abs", MC_FUNCTION_ABS, 0},             {"Neg", MC_FUNCTION_NEGATE, 0},
      {"Exp", MC_FUNCTION_EXP, 0},             {"Sqrt", MC_FUNCTION_SQUARE_ROOT, 0},
  };
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    if (strcmp(node->op_type, table[i].op_type) != 0) continue;
    float alpha = table[i].alpha;
    if (alpha != 0) MC_TRY(mc_attribute_float(node, "alpha", &alpha, lowering->message));
    return unary(lowering, node, table[i].function, alpha, INFINITY);
  }
  return mc_node_report(lowering->message, node, MC_ERROR_MODEL_UNSUPPORTED, "operator not supported");
}

mc_status mc_lower_clip(mc_lowering *lowering, const mc_node *node) {
  static const char *const names[2] = {"min", "max"};
  float bounds[2] = {-INFINITY, INFINITY};
  for (size_t i = 0; i < 2; i++) {
    const mc_constant *bound = NULL;
    MC_TRY(mc_lower_constant(lowering, node, 1 + i, &bound));
    if (bound == NULL) {
      MC_TRY(mc_attribute_float(node, names[i], &bounds[i], lowering->message));
    } else if (bound->is_int || bound->count != 1 || isnan(bound->floats[0])) {
      return mc_node_report(lowering->message, node, MC_ERROR_MODEL_INVALID, "'%s' is not a number", names[i]);
    } else {
      bounds[i] = bound->floats[0];
    }
  }
  return unary(lowering, node, MC_FUNCTION_CLAMP, fminf(bounds[0], bounds[1]), bounds[1]); /* the upper bound wins */
}

/* max(0, min(1, alpha x + beta)) */
mc_status mc_lower_hard_sigmoid(mc_lowering *lowering, const mc_node *node) {
  const mc_lowered *in = mc_lower_input(lowering, node, 0);
  float alpha = 0.2f;
  float beta = 0.5f;
  MC_TRY(mc_attribute_float(node, "alpha", &alpha, lowering->message));
  MC_TRY(mc_attribute_float(node, "beta", &beta, lowering->message));
  uint32_t tensor = MC_NONE;
  uint32_t factor = MC_NONE;
  uint32_t summand = MC_NONE;
  const mc_shape one = {.rank = 1, .dims = {1}};
  MC_TRY(mc_lower_arrange(lowering, node, in, in->order, &tensor));
  MC_TRY(mc_lower_fill(lowering, node, &one, alpha, &factor));
  MC_TRY(mc_lower_fill(lowering, node, &one, beta, &summand));
  MC_TRY(mc_lower_binary(lowering, node, MC_FUNCTION_MULTIPLY, tensor, factor, &tensor));
  MC_TRY(mc_lower_binary(lowering, node, MC_FUNCTION_ADD, tensor, summand, &tensor));
  MC_TRY(mc_lower_unary(lowering, node, MC_FUNCTION_CLAMP, 0, 1, tensor, &tensor));
  return mc_lower_result(lowering, node, &in->shape, in->order, tensor);
}

/* `value` seen with leading axes of size 1, up to `rank`. */
static mc_lowered widen(const mc_lowered *value, size_t rank) {
  mc_lowered wide = *value;
  const size_t added = rank - value->shape.rank;
  wide.shape.rank = rank;
  for (size_t i = 0; i < rank; i++) {
    wide.shape.dims[i] = i < added ? 1 : value->shape.dims[i - added];
    wide.order[i] = i < added ? i : value->order[i - added] + added;
  }
  return wide;
}

static size_t count_of(const mc_lowered *value) {
  size_t count = 0;
  (void)mc_count_elements(value->shape.rank, value->shape.dims, &count);
  return count;
}

/* function(a, b) with broadcasting; either may be constant. */
static mc_status combine(mc_lowering *lowering, const mc_node *node, mc_plan_function function, const mc_lowered *a,
                         const mc_lowered *b, mc_lowered *result) {
  const mc_lowered *in[2] = {a, b};
  mc_shape shape;
  MC_TRY(mc_shape_broadcast(node, &a->shape, &b->shape, lowering->message, &shape));
  mc_lowered wide[2];
  uint32_t tensors[2];
  for (size_t k = 0; k < 2; k++) {
    wide[k] = widen(in[k], shape.rank);
    /* The constant's own elements still follow its own shape; only ones were put before it. */
    if (in[k]->constant != NULL) memcpy(wide[k].order, mc_order_rows, sizeof wide[k].order);
  }
  /* The larger one stays as it lies. */
  const size_t large = wide[0].constant != NULL || (wide[1].constant == NULL && count_of(&wide[1]) > count_of(&wide[0]));
  for (size_t k = 0; k < 2; k++) {
    mc_constant copied;
    if (wide[k].constant != NULL) {
      copied = *wide[k].constant;
      copied.rank = shape.rank;
      memcpy(copied.dims, wide[k].shape.dims, sizeof copied.dims);
      wide[k].constant = &copied;
    }
    MC_TRY(mc_lower_arrange(lowering, node, &wide[k], wide[large].order, &tensors[k]));
  }
  mc_lowered made = {.shape = shape};
  memcpy(made.order, wide[large].order, sizeof made.order);
  MC_TRY(mc_lower_binary(lowering, node, function, tensors[0], tensors[1], &made.tensor));
  *result = made;
  return MC_OK;
}

static mc_status finish(mc_lowering *lowering, const mc_node *node, const mc_lowered *value) {
  return mc_lower_result(lowering, node, &value->shape, value->order, value->tensor);
}

/* A value that is no constant: in a tensor of just its shape, as it lies. */
static mc_status present(mc_lowering *lowering, const mc_node *node, const mc_lowered *value, mc_lowered *result) {
  mc_lowered made = *value;
  made.constant = NULL;
  MC_TRY(mc_lower_arrange(lowering, node, value, value->order, &made.tensor));
  *result = made;
  return MC_OK;
}

mc_status mc_lower_arithmetic(mc_lowering *lowering, const mc_node *node) {
  static const struct {
    const char *op_type;
    mc_plan_function function;
  } table[] = {
      {"Add", MC_FUNCTION_ADD}, {"Sub", MC_FUNCTION_SUBTRACT}, {"Mul", MC_FUNCTION_MULTIPLY}, {"Div", MC_FUNCTION_DIVIDE},
      {"Max", MC_FUNCTION_MAXIMUM}, {"Min", MC_FUNCTION_MINIMUM}, {"Sum", MC_FUNCTION_ADD},
  };
  mc_plan_function function = MC_FUNCTION_NONE;
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    if (strcmp(node->op_type, table[i].op_type) == 0) function = table[i].function;
  }
  mc_lowered result = *mc_lower_input(lowering, node, 0);
  if (node->input_count == 1) MC_TRY(present(lowering, node, &result, &result));
  for (size_t i = 1; i < node->input_count; i++) {
    MC_TRY(combine(lowering, node, function, &result, mc_lower_input(lowering, node, i), &result));
  }
  return finish(lowering, node, &result);
}

/* A product with ones: the backend has no operation that repeats. */
mc_status mc_lower_expand(mc_lowering *lowering, const mc_node *node) {
  const mc_constant *argument = NULL;
  MC_TRY(mc_lower_constant(lowering, node, 1, &argument));
  if (argument == NULL || !argument->is_int || argument->rank != 1 || argument->count > MC_MAX_RANK) {
    return mc_node_report(lowering->message, node, MC_ERROR_MODEL_UNSUPPORTED, "the shape must be a few constant integers");
  }
  mc_lowered in;
  MC_TRY(present(lowering, node, mc_lower_input(lowering, node, 0), &in));
  mc_shape asked = {.rank = argument->count};
  for (size_t i = 0; i < asked.rank; i++) {
    const int64_t size = argument->ints[i];
    if (size < 1 || (uint64_t)size > MC_MAX_ELEMENTS) {
      return mc_node_report(lowering->message, node, MC_ERROR_MODEL_INVALID, "size %lld", (long long)size);
    }
    asked.dims[i] = (size_t)size;
  }
  mc_shape shape;
  MC_TRY(mc_shape_broadcast(node, &in.shape, &asked, lowering->message, &shape));
  in = widen(&in, shape.rank);
  MC_TRY(mc_lower_arrange(lowering, node, &in, in.order, &in.tensor));
  mc_shape ones = {.rank = shape.rank}; /* in memory order, 1 where nothing repeats */
  bool repeats = false;
  for (size_t i = 0; i < shape.rank; i++) {
    const size_t axis = in.order[i];
    ones.dims[i] = in.shape.dims[axis] == shape.dims[axis] ? 1 : shape.dims[axis];
    repeats = repeats || ones.dims[i] != 1;
  }
  uint32_t tensor = MC_NONE;
  if (repeats) {
    MC_TRY(mc_lower_fill(lowering, node, &ones, 1, &tensor));
    MC_TRY(mc_lower_binary(lowering, node, MC_FUNCTION_MULTIPLY, in.tensor, tensor, &in.tensor));
  }
  in.shape = shape;
  return finish(lowering, node, &in);
}

/* Pow with one of the exponents that normalizations use, and Reciprocal. */
mc_status mc_lower_power(mc_lowering *lowering, const mc_node *node) {
  float exponent = -1;
  mc_lowered result;
  MC_TRY(present(lowering, node, mc_lower_input(lowering, node, 0), &result));
  if (node->input_count > 1) {
    const mc_constant *argument = NULL;
    MC_TRY(mc_lower_constant(lowering, node, 1, &argument));
    /* One of more axes than the base would give the result more, too. */
    if (argument == NULL || argument->count != 1 || argument->rank > result.shape.rank) {
      return mc_node_report(lowering->message, node, MC_ERROR_MODEL_UNSUPPORTED, "the exponent must be one number");
    }
    exponent = argument->is_int ? (float)argument->ints[0] : argument->floats[0];
  }
  const float magnitude = fabsf(exponent);
  const uint32_t base = result.tensor;
  if (magnitude == 0.5f) {
    MC_TRY(mc_lower_unary(lowering, node, MC_FUNCTION_SQUARE_ROOT, 0, 0, base, &result.tensor));
  } else if (magnitude == 2 || magnitude == 3) {
    MC_TRY(mc_lower_binary(lowering, node, MC_FUNCTION_MULTIPLY, base, base, &result.tensor));
    if (magnitude == 3) MC_TRY(mc_lower_binary(lowering, node, MC_FUNCTION_MULTIPLY, result.tensor, base, &result.tensor));
  } else if (magnitude != 1) {
    return mc_node_report(lowering->message, node, MC_ERROR_MODEL_UNSUPPORTED,
                          "the exponent is none of 0.5, 1, 2, 3, -0.5, -1, -2, -3");
  }
  if (exponent < 0) {
    const mc_shape one = {.rank = 1, .dims = {1}};
    uint32_t numerator = MC_NONE;
    MC_TRY(mc_lower_fill(lowering, node, &one, 1, &numerator));
    MC_TRY(mc_lower_binary(lowering, node, MC_FUNCTION_DIVIDE, numerator, result.tensor, &result.tensor));
  }
  return finish(lowering, node, &result);
}

/* x where it is positive, slope times x elsewhere: the larger of both for slopes up to 1. */
mc_status mc_lower_prelu(mc_lowering *lowering, const mc_node *node) {
  const mc_lowered *slope = mc_lower_input(lowering, node, 1);
  mc_lowered x;
  mc_lowered scaled;
  MC_TRY(present(lowering, node, mc_lower_input(lowering, node, 0), &x));
  mc_shape shape; /* the slope may be stretched to the input, not the other way round */
  MC_TRY(mc_shape_broadcast(node, &x.shape, &slope->shape, lowering->message, &shape));
  if (!mc_shape_same(&shape, &x.shape)) {
    return mc_node_report(lowering->message, node, MC_ERROR_MODEL_INVALID, "the slope is larger than the input");
  }
  bool up_to_1 = slope->constant != NULL && !slope->constant->is_int;
  for (size_t i = 0; up_to_1 && i < slope->constant->count; i++) up_to_1 = slope->constant->floats[i] <= 1;
  if (up_to_1) {
    MC_TRY(combine(lowering, node, MC_FUNCTION_MULTIPLY, &x, slope, &scaled));
    MC_TRY(combine(lowering, node, MC_FUNCTION_MAXIMUM, &x, &scaled, &scaled));
    return finish(lowering, node, &scaled);
  }
  mc_lowered negative = x;
  MC_TRY(mc_lower_unary(lowering, node, MC_FUNCTION_CLAMP, -INFINITY, 0, x.tensor, &negative.tensor));
  MC_TRY(mc_lower_unary(lowering, node, MC_FUNCTION_CLAMP, 0, INFINITY, x.tensor, &x.tensor));
  MC_TRY(combine(lowering, node, MC_FUNCTION_MULTIPLY, &negative, slope, &scaled));
  MC_TRY(combine(lowering, node, MC_FUNCTION_ADD, &x, &scaled, &scaled));
  return finish(lowering, node, &scaled);
}

mc_status mc_lower_softmax(mc_lowering *lowering, const mc_node *node) {
  const mc_lowered *in = mc_lower_input(lowering, node, 0);
  const bool flattens = lowering->graph->opset < 13; /* all axes from `axis` on are one */
  size_t axis = 0;
  MC_TRY(mc_attribute_axis(node, flattens ? 1 : -1, in->shape.rank, &axis, lowering->message));
  size_t order[MC_MAX_RANK];
  size_t classes = 1;
  if (flattens) {
    memcpy(order, mc_order_rows, sizeof order);
    for (size_t i = axis; i < in->shape.rank; i++) classes *= in->shape.dims[i];
  } else { /* as it lies, but for the axis, which goes last */
    size_t count = 0;
    for (size_t i = 0; i < in->shape.rank; i++) {
      if (in->order[i] != axis) order[count++] = in->order[i];
    }
    order[count] = axis;
    classes = in->shape.dims[axis];
  }
  uint32_t tensor = MC_NONE;
  MC_TRY(mc_lower_arrange(lowering, node, in, order, &tensor));
  const mc_shape rows = {.rank = 2, .dims = {count_of(in) / classes, classes}};
  MC_TRY(mc_lower_view(lowering, node, tensor, &rows, &tensor));
  mc_plan_op op = mc_lower_op(MC_PLAN_SOFTMAX, tensor);
  MC_TRY(mc_lower_emit(lowering, node, &op, &rows, &tensor));
  return mc_lower_result(lowering, node, &in->shape, order, tensor);
}
