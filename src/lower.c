#include "lower.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fold.h"

const size_t mc_order_rows[MC_MAX_RANK] = {0, 1, 2, 3, 4, 5};
const size_t mc_order_nhwc[MC_MAX_RANK] = {0, 2, 3, 1, 4, 5};

mc_shape mc_memory_shape(const mc_shape *shape, const size_t *order) {
  mc_shape memory = {.rank = shape->rank};
  for (size_t i = 0; i < shape->rank; i++) memory.dims[i] = shape->dims[order[i]];
  return memory;
}

const mc_lowered *mc_lower_input(const mc_lowering *lowering, const mc_node *node, size_t index) {
  if (index >= node->input_count || node->inputs[index] == MC_NONE) return NULL;
  return &lowering->values[node->inputs[index]];
}

mc_status mc_lower_constant(mc_lowering *lowering, const mc_node *node, size_t index, const mc_constant **constant) {
  const mc_lowered *value = mc_lower_input(lowering, node, index);
  *constant = value != NULL ? value->constant : NULL;
  if (value != NULL && value->constant == NULL) {
    return mc_node_report(lowering->message, node, MC_ERROR_MODEL_UNSUPPORTED, "input %zu must be constant", index);
  }
  return MC_OK;
}

mc_status mc_lower_result(mc_lowering *lowering, const mc_node *node, const mc_shape *shape, const size_t *order,
                          uint32_t tensor) {
  return mc_lower_nth_result(lowering, node, 0, shape, order, tensor);
}

mc_status mc_lower_nth_result(mc_lowering *lowering, const mc_node *node, size_t index, const mc_shape *shape,
                              const size_t *order, uint32_t tensor) {
  if (index >= node->output_count || node->outputs[index] == MC_NONE) return MC_OK;
  mc_lowered *value = &lowering->values[node->outputs[index]];
  *value = (mc_lowered){.shape = *shape, .tensor = tensor};
  for (size_t i = 0; i < shape->rank; i++) value->order[i] = order[i];
  lowering->set[node->outputs[index]] = true;
  return MC_OK;
}

/* --- Tensors and operations of the plan --- */

static mc_status no_memory(mc_lowering *lowering, const mc_node *node) {
  return mc_node_report(lowering->message, node, MC_ERROR_OUT_OF_MEMORY, "no memory");
}

mc_status mc_lower_tensor(mc_lowering *lowering, const mc_node *node, const mc_shape *shape, const float *data,
                          uint32_t *tensor) {
  const mc_status status = mc_plan_add_tensor(lowering->plan, shape, data, tensor);
  if (status == MC_ERROR_MODEL_UNSUPPORTED) {
    return mc_node_report(lowering->message, node, status, "a tensor is empty or too large");
  }
  return status == MC_OK ? MC_OK : no_memory(lowering, node);
}

/* Memory for a constant of the plan; NULL when there is none. */
static float *constant_memory(mc_lowering *lowering, const mc_shape *shape, size_t *count) {
  if (!mc_count_elements(shape->rank, shape->dims, count)) return NULL;
  return mc_arena_alloc(&lowering->plan->arena, *count + MC_PLAN_SLACK_BYTES / sizeof(float), sizeof(float));
}

mc_status mc_lower_fill(mc_lowering *lowering, const mc_node *node, const mc_shape *shape, float value,
                        uint32_t *tensor) {
  size_t count = 0;
  float *floats = constant_memory(lowering, shape, &count);
  if (floats == NULL) return no_memory(lowering, node);
  for (size_t i = 0; i < count; i++) floats[i] = value;
  return mc_lower_tensor(lowering, node, shape, floats, tensor);
}

mc_plan_op mc_lower_op(mc_plan_kind kind, uint32_t tensor) {
  mc_plan_op op;
  memset(&op, 0, sizeof op);
  op.kind = kind;
  op.inputs[0] = tensor;
  op.input_count = 1;
  if (kind == MC_PLAN_CONVOLUTION || kind == MC_PLAN_PRODUCT || kind == MC_PLAN_MAX_POOL ||
      kind == MC_PLAN_AVERAGE_POOL) {
    op.clamp_min = -INFINITY;
    op.clamp_max = INFINITY;
  }
  return op;
}

void mc_lower_count_window(mc_lowering *lowering, uint64_t pointers, size_t pictures, size_t channels) {
  lowering->plan->pointers += pointers;
  lowering->plan->steps += pointers * pictures * mc_whole_lanes(channels);
}

mc_status mc_lower_emit(mc_lowering *lowering, const mc_node *node, mc_plan_op *op, const mc_shape *shape,
                        uint32_t *tensor) {
  MC_TRY(mc_lower_tensor(lowering, node, shape, NULL, tensor));
  op->output = *tensor;
  const mc_status status = mc_plan_add_op(lowering->plan, op);
  if (status == MC_ERROR_OUT_OF_MEMORY) return no_memory(lowering, node);
  if (status != MC_OK || lowering->plan->steps > MC_MAX_STEPS || lowering->plan->pointers > MC_MAX_PLAN_POINTERS) {
    return mc_node_report(lowering->message, node, MC_ERROR_MODEL_UNSUPPORTED, "the network is too large");
  }
  return MC_OK;
}

mc_status mc_lower_unary(mc_lowering *lowering, const mc_node *node, mc_plan_function function, float low, float high,
                         uint32_t tensor, uint32_t *result) {
  mc_plan_op op = mc_lower_op(MC_PLAN_UNARY, tensor);
  op.function = function;
  if (function == MC_FUNCTION_CLAMP) {
    op.clamp_min = low;
    op.clamp_max = high;
  } else {
    op.alpha = low;
  }
  const mc_shape shape = lowering->plan->tensors[tensor].shape;
  return mc_lower_emit(lowering, node, &op, &shape, result);
}

mc_status mc_lower_binary(mc_lowering *lowering, const mc_node *node, mc_plan_function function, uint32_t a, uint32_t b,
                          uint32_t *result) {
  const mc_shape shape_a = lowering->plan->tensors[a].shape;
  const mc_shape shape_b = lowering->plan->tensors[b].shape;
  mc_shape shape;
  MC_TRY(mc_shape_broadcast(node, &shape_a, &shape_b, lowering->message, &shape));
  mc_plan_op op = mc_lower_op(MC_PLAN_BINARY, a);
  op.function = function;
  op.inputs[1] = b;
  op.input_count = 2;
  return mc_lower_emit(lowering, node, &op, &shape, result);
}

mc_status mc_lower_view(mc_lowering *lowering, const mc_node *node, uint32_t tensor, const mc_shape *shape,
                        uint32_t *view) {
  if (mc_shape_same(&lowering->plan->tensors[tensor].shape, shape)) {
    *view = tensor;
    return MC_OK;
  }
  mc_plan_op op = mc_lower_op(MC_PLAN_RESHAPE, tensor);
  op.rank = (uint32_t)shape->rank;
  /* The first size follows from the others: a plan for another batch size is then the same plan. */
  for (size_t i = 1; i < shape->rank; i++) op.sizes[i] = shape->dims[i];
  return mc_lower_emit(lowering, node, &op, shape, view);
}

/* --- Rearranging --- */

/* Copies a constant into the plan, lying in `order`. */
static mc_status materialize(mc_lowering *lowering, const mc_node *node, const mc_constant *constant, const size_t *order,
                             uint32_t *tensor) {
  if (constant->is_int) {
    return mc_node_report(lowering->message, node, MC_ERROR_MODEL_UNSUPPORTED, "integers in float arithmetic");
  }
  mc_shape shape = {.rank = constant->rank};
  for (size_t i = 0; i < shape.rank; i++) shape.dims[i] = constant->dims[i];
  const mc_shape memory = mc_memory_shape(&shape, order);
  size_t count = 0;
  float *floats = constant_memory(lowering, &memory, &count);
  if (floats == NULL) return no_memory(lowering, node);
  size_t strides[MC_MAX_RANK] = {0}; /* in the constant, of each memory axis */
  for (size_t i = 0; i < shape.rank; i++) {
    strides[i] = 1;
    for (size_t axis = order[i] + 1; axis < shape.rank; axis++) strides[i] *= shape.dims[axis];
  }
  for (size_t i = 0; i < count; i++) {
    size_t from = 0;
    size_t rest = i;
    for (size_t axis = memory.rank; axis-- > 0;) {
      from += rest % memory.dims[axis] * strides[axis];
      rest /= memory.dims[axis];
    }
    floats[i] = constant->floats[from];
  }
  return mc_lower_tensor(lowering, node, &memory, floats, tensor);
}

/* Whether two orders put the elements in the same places: axes of size 1 do not matter. */
static bool same_order(const mc_shape *shape, const size_t *a, const size_t *b) {
  for (size_t i = 0, j = 0; i < shape->rank || j < shape->rank; i++, j++) {
    while (i < shape->rank && shape->dims[a[i]] == 1) i++;
    while (j < shape->rank && shape->dims[b[j]] == 1) j++;
    if (i >= shape->rank || j >= shape->rank) return i >= shape->rank && j >= shape->rank;
    if (a[i] != b[j]) return false;
  }
  return true;
}

mc_status mc_lower_arrange(mc_lowering *lowering, const mc_node *node, const mc_lowered *value, const size_t *order,
                           uint32_t *tensor) {
  if (value->constant != NULL) return materialize(lowering, node, value->constant, order, tensor);
  const mc_shape wanted = mc_memory_shape(&value->shape, order);
  if (same_order(&value->shape, value->order, order)) {
    return mc_lower_view(lowering, node, value->tensor, &wanted, tensor);
  }
  const mc_shape present = mc_memory_shape(&value->shape, value->order);
  uint32_t view = MC_NONE;
  MC_TRY(mc_lower_view(lowering, node, value->tensor, &present, &view));
  mc_plan_op op = mc_lower_op(MC_PLAN_TRANSPOSE, view);
  op.rank = (uint32_t)wanted.rank;
  for (size_t i = 0; i < wanted.rank; i++) {
    while (value->order[op.axes[i]] != order[i]) op.axes[i]++;
  }
  return mc_lower_emit(lowering, node, &op, &wanted, tensor);
}

mc_status mc_lower_feature_map(mc_lowering *lowering, const mc_node *node, size_t index, mc_shape *shape,
                               uint32_t *tensor) {
  const mc_lowered *value = mc_lower_input(lowering, node, index);
  if (value->shape.rank != 4) {
    return mc_node_report(lowering->message, node, MC_ERROR_MODEL_UNSUPPORTED, "input of rank %zu, only [N, C, H, W]",
                          value->shape.rank);
  }
  *shape = value->shape;
  return mc_lower_arrange(lowering, node, value, mc_order_nhwc, tensor);
}

/* --- The whole graph --- */

static mc_lowered known_value(const mc_constant *constant) {
  mc_lowered value = {.constant = constant, .shape = {.rank = constant->rank}, .tensor = MC_NONE};
  memcpy(value.shape.dims, constant->dims, sizeof value.shape.dims);
  memcpy(value.order, mc_order_rows, sizeof value.order);
  return value;
}

/* Marks the graph inputs of rank 4 that are best laid down as [N, H, W, C], because they reach a convolution or a pool through
 * operators that work in any order. */
static mc_status choose_input_orders(mc_lowering *lowering, mc_lowered *inputs) {
  const mc_graph *graph = lowering->graph;
  bool *wants_nhwc = mc_arena_alloc(&lowering->plan->arena, graph->value_count, sizeof *wants_nhwc);
  if (wants_nhwc == NULL) return MC_ERROR_OUT_OF_MEMORY;
  for (size_t i = graph->node_count; i-- > 0;) {
    const mc_node *node = &graph->nodes[i];
    if (node->op == NULL || node->input_count == 0) continue;
    bool wanted = (node->op->flags & MC_OPERATOR_SPATIAL) != 0;
    if ((node->op->flags & MC_OPERATOR_ELEMENTWISE) != 0) {
      for (size_t k = 0; k < node->output_count; k++) {
        wanted = wanted || (node->outputs[k] != MC_NONE && wants_nhwc[node->outputs[k]]);
      }
    }
    for (size_t k = 0; wanted && k < node->input_count; k++) {
      if (node->inputs[k] != MC_NONE) wants_nhwc[node->inputs[k]] = true;
    }
  }
  for (size_t i = 0; i < graph->input_count; i++) {
    const bool nhwc = inputs[i].shape.rank == 4 && wants_nhwc[graph->inputs[i].value];
    memcpy(inputs[i].order, nhwc ? mc_order_nhwc : mc_order_rows, sizeof inputs[i].order);
  }
  return MC_OK;
}

void mc_lower_known(mc_lowering *lowering, const mc_node *node, const mc_constant *constant) {
  if (node->output_count == 0 || node->outputs[0] == MC_NONE) return;
  lowering->values[node->outputs[0]] = known_value(constant);
  lowering->set[node->outputs[0]] = true;
}

static mc_status lower_inputs(mc_lowering *lowering, const mc_shape *shapes, mc_lowered *inputs) {
  const mc_graph *graph = lowering->graph;
  for (size_t i = 0; i < graph->input_count; i++) inputs[i] = (mc_lowered){.shape = shapes[i]};
  MC_TRY(choose_input_orders(lowering, inputs));
  for (size_t i = 0; i < graph->input_count; i++) {
    const mc_shape memory = mc_memory_shape(&shapes[i], inputs[i].order);
    MC_TRY(mc_plan_add_tensor(lowering->plan, &memory, NULL, &inputs[i].tensor));
    lowering->plan->tensors[inputs[i].tensor].port = (uint32_t)i;
    lowering->plan->input_count++;
    lowering->values[graph->inputs[i].value] = inputs[i];
    lowering->set[graph->inputs[i].value] = true;
  }
  for (size_t i = 0; i < graph->value_count; i++) {
    if (graph->values[i].constant == NULL) continue;
    lowering->values[i] = known_value(graph->values[i].constant);
    lowering->set[i] = true;
  }
  return MC_OK;
}

static mc_status lower_node(mc_lowering *lowering, const mc_node *node) {
  bool known = true;
  const mc_constant **constants = mc_arena_alloc(&lowering->plan->arena, node->input_count, sizeof(mc_constant *));
  if (constants == NULL) return no_memory(lowering, node);
  for (size_t i = 0; i < node->input_count; i++) {
    if (node->inputs[i] == MC_NONE) continue;
    if (!lowering->set[node->inputs[i]]) {
      return mc_node_report(lowering->message, node, MC_ERROR_MODEL_UNSUPPORTED, "input %zu is an output not supported", i);
    }
    constants[i] = lowering->values[node->inputs[i]].constant;
    known = known && constants[i] != NULL;
  }
  if (known) {
    mc_constant *result = NULL;
    MC_TRY(mc_fold(&lowering->plan->arena, node, constants, lowering->message, &result));
    if (result != NULL) {
      mc_lower_known(lowering, node, result);
      return MC_OK;
    }
  }
  if (node->op->lower == NULL) {
    return mc_node_report(lowering->message, node, MC_ERROR_MODEL_UNSUPPORTED, "supported on constants and shapes only");
  }
  return node->op->lower(lowering, node);
}

/* Binds each graph output to a tensor of its own, with a copy where the value is an input, a constant or another output. */
static mc_status lower_outputs(mc_lowering *lowering, mc_lowered *outputs) {
  const mc_graph *graph = lowering->graph;
  for (size_t i = 0; i < graph->output_count; i++) {
    const mc_port *port = &graph->outputs[i];
    const mc_lowered *value = &lowering->values[port->value];
    const mc_node named = {.name = port->name, .op_type = "output"};
    if (!lowering->set[port->value]) {
      return mc_node_report(lowering->message, &named, MC_ERROR_MODEL_UNSUPPORTED, "an output of its node not supported");
    }
    outputs[i] = *value;
    if (value->constant != NULL) MC_TRY(mc_lower_arrange(lowering, &named, value, value->order, &outputs[i].tensor));
    const mc_plan_tensor *tensor = &lowering->plan->tensors[outputs[i].tensor];
    if (tensor->port != MC_NONE || tensor->data != NULL) {
      const mc_shape shape = tensor->shape;
      mc_plan_op op = mc_lower_op(MC_PLAN_COPY, outputs[i].tensor);
      MC_TRY(mc_lower_emit(lowering, &named, &op, &shape, &outputs[i].tensor));
    }
    lowering->plan->tensors[outputs[i].tensor].port = (uint32_t)(graph->input_count + i);
  }
  return MC_OK;
}

mc_status mc_lower(mc_graph *graph, const mc_shape *input_shapes, mc_message *message, mc_lowered *inputs,
                   mc_lowered *outputs, mc_plan **plan) {
  mc_lowering lowering = {.graph = graph, .plan = mc_plan_new(), .message = message};
  if (lowering.plan == NULL) return mc_report(message, MC_ERROR_OUT_OF_MEMORY, "no memory");
  lowering.values = mc_arena_alloc(&lowering.plan->arena, graph->value_count, sizeof *lowering.values);
  lowering.set = mc_arena_alloc(&lowering.plan->arena, graph->value_count, sizeof *lowering.set);
  mc_status status = MC_ERROR_OUT_OF_MEMORY;
  if (lowering.values != NULL && lowering.set != NULL) status = lower_inputs(&lowering, input_shapes, inputs);
  if (status != MC_OK) (void)mc_report(message, status, "the inputs are too large");
  for (size_t i = 0; status == MC_OK && i < graph->node_count; i++) {
    if (graph->nodes[i].op != NULL) status = lower_node(&lowering, &graph->nodes[i]);
  }
  if (status == MC_OK) status = lower_outputs(&lowering, outputs);
  if (status == MC_OK) status = mc_plan_finish(lowering.plan);
  if (status != MC_OK) {
    mc_plan_destroy(lowering.plan);
    return status;
  }
  *plan = lowering.plan;
  return MC_OK;
}
