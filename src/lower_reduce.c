/* Means, sums, maxima and norms over whole axes. */
#include <math.h>
#include <string.h>

#include "lower.h"

typedef enum reduction { REDUCE_MEAN, REDUCE_SUM, REDUCE_MAXIMUM } reduction;

/* before(x), then the reduction, then after(x). */
typedef struct reducer {
  const char *op_type;
  reduction kind;
  mc_plan_function before, after; /* multiply: by itself */
} reducer;

static const reducer *find_reducer(const mc_node *node) {
  static const reducer table[] = {
      {"GlobalAveragePool", REDUCE_MEAN, MC_FUNCTION_NONE, MC_FUNCTION_NONE},
      {"GlobalMaxPool", REDUCE_MAXIMUM, MC_FUNCTION_NONE, MC_FUNCTION_NONE},
      {"ReduceL1", REDUCE_SUM, MC_FUNCTION_ABS, MC_FUNCTION_NONE},
      {"ReduceL2", REDUCE_SUM, MC_FUNCTION_MULTIPLY, MC_FUNCTION_SQUARE_ROOT},
      {"ReduceMax", REDUCE_MAXIMUM, MC_FUNCTION_NONE, MC_FUNCTION_NONE},
      {"ReduceMin", REDUCE_MAXIMUM, MC_FUNCTION_NEGATE, MC_FUNCTION_NEGATE},
      {"ReduceSum", REDUCE_SUM, MC_FUNCTION_NONE, MC_FUNCTION_NONE},
      {"ReduceSumSquare", REDUCE_SUM, MC_FUNCTION_MULTIPLY, MC_FUNCTION_NONE},
  };
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    if (strcmp(node->op_type, table[i].op_type) == 0) return &table[i];
  }
  static const reducer mean = {"ReduceMean", REDUCE_MEAN, MC_FUNCTION_NONE, MC_FUNCTION_NONE};
  return &mean;
}

static mc_status apply(mc_lowering *lowering, const mc_node *node, mc_plan_function function, uint32_t *tensor) {
  if (function == MC_FUNCTION_NONE) return MC_OK;
  if (function == MC_FUNCTION_MULTIPLY) return mc_lower_binary(lowering, node, function, *tensor, *tensor, tensor);
  return mc_lower_unary(lowering, node, function, 0, 0, *tensor, tensor);
}

/* The maximum over `count` memory axes from `first` on: that of a pool whose window is all of them. */
static mc_status maximum(mc_lowering *lowering, const mc_node *node, size_t first, size_t count, uint32_t *tensor) {
  mc_shape kept = lowering->plan->tensors[*tensor].shape;
  mc_shape map = {.rank = 4, .dims = {1, 1, 1, 1}};
  for (size_t i = 0; i < kept.rank; i++) {
    map.dims[i < first ? 0 : i < first + count ? 1 : 3] *= kept.dims[i];
    if (i >= first && i < first + count) kept.dims[i] = 1;
  }
  if (map.dims[1] == 1) return MC_OK;
  MC_TRY(mc_lower_view(lowering, node, *tensor, &map, tensor));
  mc_plan_op op = mc_lower_op(MC_PLAN_MAX_POOL, *tensor);
  op.window = (mc_window){.kernel = {(uint32_t)map.dims[1], 1}, .stride = {1, 1}, .dilation = {1, 1}};
  mc_lower_count_window(lowering, map.dims[1], map.dims[0], map.dims[3]);
  map.dims[1] = 1;
  MC_TRY(mc_lower_emit(lowering, node, &op, &map, tensor));
  return mc_lower_view(lowering, node, *tensor, &kept, tensor);
}

/* `reduced`: which memory axes. They stay, with size 1. */
static mc_status reduce(mc_lowering *lowering, const mc_node *node, reduction kind, const bool *reduced, uint32_t *tensor) {
  mc_shape kept = lowering->plan->tensors[*tensor].shape;
  if (kind == REDUCE_MAXIMUM) {
    for (size_t i = 0, end = 0; i < kept.rank; i = end + 1) { /* axes that lie side by side go at once */
      for (end = i; end < kept.rank && reduced[end];) end++;
      if (end > i) MC_TRY(maximum(lowering, node, i, end - i, tensor));
    }
    return MC_OK;
  }
  mc_plan_op op = mc_lower_op(MC_PLAN_REDUCE, *tensor);
  op.function = kind == REDUCE_SUM ? MC_FUNCTION_SUM : MC_FUNCTION_MEAN;
  for (size_t i = 0; i < kept.rank; i++) {
    if (!reduced[i] || kept.dims[i] == 1) continue;
    op.axes[op.rank++] = i;
    kept.dims[i] = 1;
  }
  if (op.rank == 0) return MC_OK;
  lowering->plan->steps += mc_plan_tensor_count_elements(&lowering->plan->tensors[*tensor]);
  return mc_lower_emit(lowering, node, &op, &kept, tensor);
}

/* The reduction over `axes` (ONNX's) of a value as it lies, with those axes kept. */
static mc_status reduce_axes(mc_lowering *lowering, const mc_node *node, const mc_lowered *in, const size_t *axes,
                             size_t count, mc_shape *kept, uint32_t *tensor) {
  const reducer *how = find_reducer(node);
  bool reduced[MC_MAX_RANK] = {false}; /* by memory axis */
  MC_TRY(mc_lower_arrange(lowering, node, in, in->order, tensor));
  *kept = in->shape;
  for (size_t i = 0; i < count; i++) kept->dims[axes[i]] = 1;
  for (size_t i = 0; i < in->shape.rank; i++) {
    for (size_t k = 0; k < count; k++) reduced[i] = reduced[i] || in->order[i] == axes[k];
  }
  MC_TRY(apply(lowering, node, how->before, tensor));
  MC_TRY(reduce(lowering, node, how->kind, reduced, tensor));
  return apply(lowering, node, how->after, tensor);
}

mc_status mc_lower_global_pool(mc_lowering *lowering, const mc_node *node) {
  static const size_t axes[MC_MAX_RANK - 2] = {2, 3, 4, 5};
  const mc_lowered *in = mc_lower_input(lowering, node, 0);
  mc_shape kept;
  uint32_t tensor = MC_NONE;
  if (in->shape.rank < 3) return mc_node_report(lowering->message, node, MC_ERROR_MODEL_INVALID, "input of rank < 3");
  MC_TRY(reduce_axes(lowering, node, in, axes, in->shape.rank - 2, &kept, &tensor));
  return mc_lower_result(lowering, node, &kept, in->order, tensor);
}

mc_status mc_lower_reduce(mc_lowering *lowering, const mc_node *node) {
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
  MC_TRY(reduce_axes(lowering, node, in, axes, count, &kept, &tensor));
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
