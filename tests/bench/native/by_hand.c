#define _POSIX_C_SOURCE 200112L /* posix_memalign; NOLINT(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
#include "by_hand.h"

#include <stdlib.h>
#include <string.h>
#include <xnnpack.h>

#define ALIGNMENT ((size_t)64)

/* A piece of memory that one tensor after another uses. */
typedef struct slot {
  void *bytes;
  size_t size;
  size_t busy_until; /* operation that last reads what is there */
} slot;

struct by_hand {
  const mc_plan *plan;
  xnn_operator_t *operators; /* [op_count]; NULL where there is nothing to do */
  slot *slots;               /* [tensor_count + 1], the last for the operators' own use */
  size_t slot_count;
  float **tensors;   /* [tensor_count] */
  size_t *last_uses; /* [tensor_count] */
};

static mc_status from_xnn(enum xnn_status status) {
  if (status == xnn_status_success) return MC_OK;
  return status == xnn_status_unsupported_parameter ? MC_ERROR_MODEL_UNSUPPORTED : MC_ERROR_INTERNAL;
}

static void *allocate(size_t size) {
  void *bytes = NULL;
  if (posix_memalign(&bytes, ALIGNMENT, size + MC_PLAN_SLACK_BYTES) != 0) return NULL;
  memset(bytes, 0, size + MC_PLAN_SLACK_BYTES);
  return bytes;
}

/* --- Memory: the smallest slot that is free and large enough, or a new one --- */

static mc_status place(by_hand *r, uint32_t tensor, size_t now) {
  const size_t size = mc_plan_tensor_count_elements(&r->plan->tensors[tensor]) * sizeof(float);
  slot *best = NULL;
  for (size_t i = 0; i < r->slot_count; i++) {
    slot *s = &r->slots[i];
    if (s->busy_until < now && s->size >= size && (best == NULL || s->size < best->size)) best = s;
  }
  if (best == NULL) {
    best = &r->slots[r->slot_count];
    best->bytes = allocate(size);
    best->size = size;
    if (best->bytes == NULL) return MC_ERROR_OUT_OF_MEMORY;
    r->slot_count++;
  }
  best->busy_until = r->last_uses[tensor];
  r->tensors[tensor] = best->bytes;
  return MC_OK;
}

/* A view shares the memory of what it looks at, so that is in use as long as the view is. */
static void find_last_uses(by_hand *r) {
  const mc_plan *plan = r->plan;
  for (size_t i = 0; i < plan->tensor_count; i++) r->last_uses[i] = plan->tensors[i].port != MC_NONE ? plan->op_count : 0;
  for (size_t i = plan->op_count; i-- > 0;) {
    const mc_plan_op *op = &plan->ops[i];
    const size_t use = op->kind == MC_PLAN_RESHAPE ? r->last_uses[op->output] : i;
    for (size_t k = 0; k < op->input_count; k++) {
      if (r->last_uses[op->inputs[k]] < use) r->last_uses[op->inputs[k]] = use;
    }
  }
}

/* --- Operators --- */

typedef struct making {
  by_hand *runner;
  const mc_plan_op *op;
  const mc_shape *in, *out;
  const float *weights[2];
  xnn_operator_t *made;
  size_t workspace_size, workspace_alignment;
} making;

static enum xnn_status make_convolution(making *m) {
  const mc_window *w = &m->op->window;
  const mc_shape *filter = &m->runner->plan->tensors[m->op->inputs[1]].shape;
  const size_t outputs = filter->dims[0];
  const enum xnn_status status = xnn_create_convolution2d_nhwc_f32(
      w->pad_begin[0], w->pad_end[1], w->pad_end[0], w->pad_begin[1], w->kernel[0], w->kernel[1], w->stride[0], w->stride[1],
      w->dilation[0], w->dilation[1], m->op->groups, filter->dims[3], outputs / m->op->groups, m->in->dims[3], outputs,
      m->weights[0], m->weights[1], m->op->clamp_min, m->op->clamp_max, 0, NULL, NULL, m->made);
  if (status != xnn_status_success) return status;
  size_t height = 0;
  size_t width = 0;
  return xnn_reshape_convolution2d_nhwc_f32(*m->made, m->in->dims[0], m->in->dims[1], m->in->dims[2], &m->workspace_size,
                                            &m->workspace_alignment, &height, &width, NULL);
}

static enum xnn_status make_product(making *m) {
  const mc_shape *filter = &m->runner->plan->tensors[m->op->inputs[1]].shape;
  const enum xnn_status status = xnn_create_fully_connected_nc_f32(
      filter->dims[1], filter->dims[0], filter->dims[1], filter->dims[0], m->weights[0], m->weights[1], m->op->clamp_min,
      m->op->clamp_max, 0, NULL, NULL, m->made);
  if (status != xnn_status_success) return status;
  const size_t elements = mc_plan_tensor_count_elements(&m->runner->plan->tensors[m->op->inputs[0]]);
  return xnn_reshape_fully_connected_nc_f32(*m->made, elements / filter->dims[1], NULL);
}

static enum xnn_status make_reduce(making *m) {
  int64_t axes[MC_MAX_RANK];
  for (size_t i = 0; i < m->op->rank; i++) axes[i] = (int64_t)m->op->axes[i];
  const enum xnn_status status =
      xnn_create_reduce_nd(m->op->function == MC_FUNCTION_SUM ? xnn_reduce_sum : xnn_reduce_mean, xnn_datatype_fp32, NULL,
                           NULL, XNN_FLAG_KEEP_DIMS, m->made);
  if (status != xnn_status_success) return status;
  return xnn_reshape_reduce_nd(*m->made, m->op->rank, axes, m->in->rank, m->in->dims, NULL, NULL, NULL);
}

static enum xnn_status make_binary(making *m) {
  const enum xnn_binary_operator type = m->op->function == MC_FUNCTION_ADD        ? xnn_binary_add
                                        : m->op->function == MC_FUNCTION_MULTIPLY ? xnn_binary_multiply
                                                                                  : xnn_binary_invalid;
  if (type == xnn_binary_invalid) return xnn_status_unsupported_parameter;
  const mc_shape *other = &m->runner->plan->tensors[m->op->inputs[1]].shape;
  const enum xnn_status status =
      xnn_create_binary_elementwise_nd(type, xnn_datatype_fp32, NULL, NULL, NULL, 0, m->made);
  if (status != xnn_status_success) return status;
  return xnn_reshape_binary_elementwise_nd(*m->made, m->in->rank, m->in->dims, other->rank, other->dims, NULL);
}

static enum xnn_status make_clamp(making *m) {
  if (m->op->function != MC_FUNCTION_CLAMP) return xnn_status_unsupported_parameter;
  const union xnn_unary_params params = {.clamp = {.min = m->op->clamp_min, .max = m->op->clamp_max}};
  const enum xnn_status status =
      xnn_create_unary_elementwise_nc(xnn_unary_clamp, xnn_datatype_fp32, xnn_datatype_fp32, &params, NULL, NULL, 0, m->made);
  if (status != xnn_status_success) return status;
  const size_t elements = mc_plan_tensor_count_elements(&m->runner->plan->tensors[m->op->inputs[0]]);
  return xnn_reshape_unary_elementwise_nc(*m->made, elements, 1, 1, 1, NULL);
}

static enum xnn_status set_up(const making *m, void *workspace) {
  float *const *tensors = m->runner->tensors;
  const mc_plan_op *op = m->op;
  switch (op->kind) {
    case MC_PLAN_CONVOLUTION:
      return xnn_setup_convolution2d_nhwc_f32(*m->made, workspace, tensors[op->inputs[0]], tensors[op->output]);
    case MC_PLAN_PRODUCT: return xnn_setup_fully_connected_nc_f32(*m->made, tensors[op->inputs[0]], tensors[op->output]);
    case MC_PLAN_REDUCE: /* a workspace is for element types that are summed up as another one */
      return xnn_setup_reduce_nd(*m->made, NULL, tensors[op->inputs[0]], tensors[op->output]);
    case MC_PLAN_BINARY:
      return xnn_setup_binary_elementwise_nd(*m->made, tensors[op->inputs[0]], tensors[op->inputs[1]], tensors[op->output]);
    default: return xnn_setup_unary_elementwise_nc(*m->made, tensors[op->inputs[0]], tensors[op->output]);
  }
}

/* Creates operator `index` and gives its result a place. */
static mc_status make(by_hand *r, size_t index, making *m) {
  const mc_plan *plan = r->plan;
  const mc_plan_op *op = &plan->ops[index];
  *m = (making){.runner = r,
                .op = op,
                .in = &plan->tensors[op->inputs[0]].shape,
                .out = &plan->tensors[op->output].shape,
                .made = &r->operators[index]};
  for (size_t k = 1; k < op->input_count && k < 3; k++) m->weights[k - 1] = plan->tensors[op->inputs[k]].data;
  if (op->kind == MC_PLAN_RESHAPE) {
    r->tensors[op->output] = r->tensors[op->inputs[0]];
    return MC_OK;
  }
  const mc_status status = place(r, op->output, index);
  if (status != MC_OK) return status;
  switch (op->kind) {
    case MC_PLAN_CONVOLUTION: return from_xnn(make_convolution(m));
    case MC_PLAN_PRODUCT: return from_xnn(make_product(m));
    case MC_PLAN_REDUCE: return from_xnn(make_reduce(m));
    case MC_PLAN_BINARY: return from_xnn(make_binary(m));
    case MC_PLAN_UNARY: return from_xnn(make_clamp(m));
    default: return MC_ERROR_MODEL_UNSUPPORTED;
  }
}

static mc_status make_all(by_hand *r, making *makings) {
  const mc_plan *plan = r->plan;
  size_t workspace_size = 0;
  find_last_uses(r);
  for (uint32_t i = 0; i < plan->tensor_count; i++) {
    const mc_plan_tensor *tensor = &plan->tensors[i];
    if (i < plan->input_count) {
      const mc_status status = place(r, i, 0);
      if (status != MC_OK) return status;
    } else if (tensor->data != NULL) {
      r->tensors[i] = (float *)(uintptr_t)tensor->data; /* only read */
    }
  }
  for (size_t i = 0; i < plan->op_count; i++) {
    const mc_status status = make(r, i, &makings[i]);
    if (status != MC_OK) return status;
    if (makings[i].workspace_size > workspace_size) workspace_size = makings[i].workspace_size;
  }
  slot *workspace = &r->slots[r->slot_count];
  workspace->bytes = allocate(workspace_size);
  if (workspace->bytes == NULL) return MC_ERROR_OUT_OF_MEMORY;
  r->slot_count++;
  for (size_t i = 0; i < plan->op_count; i++) {
    if (r->operators[i] == NULL) continue;
    const mc_status status = from_xnn(set_up(&makings[i], workspace->bytes));
    if (status != MC_OK) return status;
  }
  return MC_OK;
}

mc_status by_hand_create(const mc_plan *plan, by_hand **made) {
  by_hand *r = calloc(1, sizeof *r);
  making *makings = calloc(plan->op_count, sizeof *makings);
  mc_status status = MC_ERROR_OUT_OF_MEMORY;
  if (r != NULL) {
    r->plan = plan;
    r->operators = calloc(plan->op_count, sizeof(xnn_operator_t));
    r->slots = calloc(plan->tensor_count + 1, sizeof *r->slots);
    r->tensors = calloc(plan->tensor_count, sizeof *r->tensors);
    r->last_uses = calloc(plan->tensor_count, sizeof *r->last_uses);
    const bool complete = r->operators != NULL && r->slots != NULL && r->tensors != NULL && r->last_uses != NULL;
    if (complete && makings != NULL) status = from_xnn(xnn_initialize(NULL));
    if (status == MC_OK) status = make_all(r, makings);
  }
  free(makings);
  if (status == MC_OK) {
    *made = r;
  } else {
    by_hand_destroy(r);
  }
  return status;
}

float *by_hand_tensor(by_hand *runner, uint32_t tensor) { return runner->tensors[tensor]; }

mc_status by_hand_run(by_hand *runner, size_t index) {
  if (runner->operators[index] == NULL) return MC_OK;
  return from_xnn(xnn_run_operator(runner->operators[index], NULL));
}

void by_hand_destroy(by_hand *runner) {
  if (runner == NULL) return;
  for (size_t i = 0; runner->operators != NULL && i < runner->plan->op_count; i++) {
    if (runner->operators[i] != NULL) (void)xnn_delete_operator(runner->operators[i]);
  }
  for (size_t i = 0; i < runner->slot_count; i++) free(runner->slots[i].bytes);
  free(runner->operators);
  free(runner->slots);
  free(runner->tensors);
  free(runner->last_uses);
  free(runner);
}
