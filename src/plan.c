#include "plan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

mc_plan *mc_plan_new(void) {
  mc_plan *plan = calloc(1, sizeof *plan);
  if (plan != NULL) mc_arena_init(&plan->arena, MC_PLAN_BYTES);
  return plan;
}

void mc_plan_destroy(mc_plan *plan) {
  if (plan == NULL) return;
  mc_arena_destroy(&plan->arena);
  free(plan->tensors);
  free(plan->ops);
  free(plan);
}

/* Room for one more element of `size` bytes, zeroed. */
static bool grow(void **elements, size_t count, size_t *capacity, size_t size) {
  if (count == *capacity) {
    const size_t larger = count == 0 ? 64 : 2 * count;
    void *moved = realloc(*elements, larger * size);
    if (moved == NULL) return false;
    *elements = moved;
    *capacity = larger;
  }
  memset((char *)*elements + count * size, 0, size);
  return true;
}

size_t mc_plan_tensor_count_elements(const mc_plan_tensor *tensor) {
  size_t count = 0;
  (void)mc_count_elements(tensor->shape.rank, tensor->shape.dims, &count);
  return count;
}

mc_status mc_plan_add_tensor(mc_plan *plan, const mc_shape *shape, const float *data, uint32_t *tensor) {
  size_t count = 0;
  if (!mc_count_elements(shape->rank, shape->dims, &count) || count == 0) return MC_ERROR_MODEL_UNSUPPORTED;
  if (plan->elements + count > MC_MAX_PLAN_ELEMENTS) return MC_ERROR_MODEL_UNSUPPORTED;
  void *tensors = plan->tensors;
  const bool grown = grow(&tensors, plan->tensor_count, &plan->tensor_capacity, sizeof *plan->tensors);
  plan->tensors = tensors;
  if (!grown) return MC_ERROR_OUT_OF_MEMORY;
  mc_plan_tensor *added = &plan->tensors[plan->tensor_count];
  added->shape.rank = shape->rank;
  memcpy(added->shape.dims, shape->dims, shape->rank * sizeof shape->dims[0]);
  added->data = data;
  added->port = MC_NONE;
  plan->elements += count;
  *tensor = (uint32_t)plan->tensor_count++;
  return MC_OK;
}

mc_status mc_plan_add_op(mc_plan *plan, const mc_plan_op *op) {
  if (plan->op_count >= MC_MAX_PLAN_OPS) return MC_ERROR_MODEL_UNSUPPORTED;
  void *ops = plan->ops;
  const bool grown = grow(&ops, plan->op_count, &plan->op_capacity, sizeof *plan->ops);
  plan->ops = ops;
  if (!grown) return MC_ERROR_OUT_OF_MEMORY;
  memcpy(&plan->ops[plan->op_count++], op, sizeof *op);
  return MC_OK;
}

static bool can_clamp(const mc_plan_op *op) {
  return op->kind == MC_PLAN_CONVOLUTION || op->kind == MC_PLAN_PRODUCT || op->kind == MC_PLAN_MAX_POOL ||
         op->kind == MC_PLAN_AVERAGE_POOL || (op->kind == MC_PLAN_UNARY && op->function == MC_FUNCTION_CLAMP);
}

/* XNNPACK's own merging is off, see mc_no_fusion. */
static mc_status merge_clamps(mc_plan *plan) {
  uint32_t *producers = mc_arena_alloc(&plan->arena, plan->tensor_count, sizeof *producers);
  uint32_t *uses = mc_arena_alloc(&plan->arena, plan->tensor_count, sizeof *uses);
  if (producers == NULL || uses == NULL) return MC_ERROR_OUT_OF_MEMORY;
  for (size_t i = 0; i < plan->tensor_count; i++) {
    producers[i] = MC_NONE;
    uses[i] = plan->tensors[i].port != MC_NONE ? 1 : 0;
  }
  for (size_t i = 0; i < plan->op_count; i++) {
    for (size_t k = 0; k < plan->ops[i].input_count; k++) uses[plan->ops[i].inputs[k]]++;
  }
  for (size_t i = 0; i < plan->op_count; i++) {
    const mc_plan_op *op = &plan->ops[i];
    const uint32_t producer = producers[op->inputs[0]];
    producers[op->output] = (uint32_t)i;
    if (op->kind != MC_PLAN_UNARY || op->function != MC_FUNCTION_CLAMP || producer == MC_NONE ||
        uses[op->inputs[0]] != 1 || !can_clamp(&plan->ops[producer])) {
      continue;
    }
    /* The bounds of the first, clamped by the second. What it wrote before nobody reads. */
    mc_plan_op *first = &plan->ops[producer];
    first->clamp_min = fminf(fmaxf(first->clamp_min, op->clamp_min), op->clamp_max);
    first->clamp_max = fminf(fmaxf(first->clamp_max, op->clamp_min), op->clamp_max);
    first->output = op->output;
    producers[op->output] = producer;
    plan->ops[i].kind = MC_PLAN_NOTHING;
  }
  return MC_OK;
}

mc_status mc_plan_finish(mc_plan *plan) {
  bool *needed = mc_arena_alloc(&plan->arena, plan->tensor_count, sizeof *needed);
  bool *kept = mc_arena_alloc(&plan->arena, plan->op_count, sizeof *kept);
  if (needed == NULL || kept == NULL) return MC_ERROR_OUT_OF_MEMORY;
  MC_TRY(merge_clamps(plan));
  for (size_t i = 0; i < plan->tensor_count; i++) needed[i] = plan->tensors[i].port != MC_NONE;
  for (size_t i = plan->op_count; i-- > 0;) {
    kept[i] = plan->ops[i].kind != MC_PLAN_NOTHING && needed[plan->ops[i].output];
    for (size_t k = 0; kept[i] && k < plan->ops[i].input_count; k++) needed[plan->ops[i].inputs[k]] = true;
  }
  size_t count = 0;
  for (size_t i = 0; i < plan->op_count; i++) {
    if (kept[i]) memmove(&plan->ops[count++], &plan->ops[i], sizeof *plan->ops);
  }
  plan->op_count = count;
  return MC_OK;
}

bool mc_plan_can_spend_input(const mc_plan *plan) {
  if (plan->input_count != 1 || plan->op_count == 0) return false;
  bool reads = false;
  for (size_t i = 0; i < plan->ops[0].input_count; i++) reads = reads || plan->ops[0].inputs[i] == 0;
  return reads;
}

/* XNNPACK works out anew where its pools and resizes read only when height or width have changed, not for other channels. */
static bool reads_alike(const mc_plan *a, const mc_plan *b) {
  for (size_t i = 0; i < a->op_count; i++) {
    const mc_plan_op *op = &a->ops[i];
    if (op->kind != MC_PLAN_MAX_POOL && op->kind != MC_PLAN_AVERAGE_POOL && op->kind != MC_PLAN_RESIZE) continue;
    if (a->tensors[op->inputs[0]].shape.dims[3] != b->tensors[op->inputs[0]].shape.dims[3]) return false;
  }
  return true;
}

bool mc_plan_same_but_shapes(const mc_plan *a, const mc_plan *b) {
  if (a->op_count != b->op_count || a->tensor_count != b->tensor_count || a->spends_input != b->spends_input) return false;
  if (a->op_count > 0 && memcmp(a->ops, b->ops, a->op_count * sizeof *a->ops) != 0) return false;
  for (size_t i = 0; i < a->tensor_count; i++) {
    const mc_plan_tensor *ta = &a->tensors[i];
    const mc_plan_tensor *tb = &b->tensors[i];
    if (ta->port != tb->port || (ta->data == NULL) != (tb->data == NULL)) return false;
    if (ta->data == NULL) continue;
    if (memcmp(&ta->shape, &tb->shape, sizeof ta->shape) != 0) return false;
    if (ta->data != tb->data && memcmp(ta->data, tb->data, mc_plan_tensor_count_elements(ta) * sizeof(float)) != 0) {
      return false;
    }
  }
  return reads_alike(a, b);
}
