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

mc_status mc_lower_arithmetic(mc_lowering *lowering, const mc_node *node) {
  static const struct {
    const char *op_type;
    mc_plan_function function;
  } table[] = {
      {"Add", MC_FUNCTION_ADD}, {"Sub", MC_FUNCTION_SUBTRACT}, {"Mul", MC_FUNCTION_MULTIPLY},
      {"Div", MC_FUNCTION_DIVIDE}, {"Max", MC_FUNCTION_MAXIMUM}, {"Min", MC_FUNCTION_MINIMUM},
  };
  mc_plan_function function = MC_FUNCTION_NONE;
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    if (strcmp(node->op_type, table[i].op_type) == 0) function = table[i].function;
  }
  const mc_lowered *in[2] = {mc_lower_input(lowering, node, 0), mc_lower_input(lowering, node, 1)};
  mc_shape shape;
  MC_TRY(mc_shape_broadcast(node, &in[0]->shape, &in[1]->shape, lowering->message, &shape));
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
  uint32_t result = MC_NONE;
  MC_TRY(mc_lower_binary(lowering, node, function, tensors[0], tensors[1], &result));
  return mc_lower_result(lowering, node, &shape, wide[large].order, result);
}

mc_status mc_lower_softmax(mc_lowering *lowering, const mc_node *node) {
  const mc_lowered *in = mc_lower_input(lowering, node, 0);
  const bool flattens = lowering->graph->opset < 13; /* all axes from `axis` on are one */
  int64_t attribute = flattens ? 1 : -1;
  size_t axis = 0;
  MC_TRY(mc_attribute_int(node, "axis", &attribute, lowering->message));
  MC_TRY(mc_axis(node, attribute, in->shape.rank, &axis, lowering->message));
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
