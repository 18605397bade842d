#include "backend.h"

#include <stdlib.h>

#include "xnn_memory.h"
#include "xnnpack/runtime_inside.h"

/* What XNNPACK's lists take at most, for all and for each tensor and operation. */
#define SPARE_BYTES 65536u
#define SPARE_BYTES_EACH (128 * sizeof(void *))

struct mc_backend {
  mc_weights *weights;       /* packed, of all its runtimes and others' */
  xnn_workspace_t workspace; /* what lies between the operations, for one runtime after another; NULL before the first */
  xnn_runtime_t runtime;     /* NULL: nothing to run */
  uint32_t spent_input;      /* its id, if the plan spends its input */
};

typedef struct builder {
  const mc_plan *plan;
  xnn_subgraph_t subgraph;
  uint32_t *ids; /* [tensor_count] XNNPACK's, XNN_INVALID_VALUE_ID until defined */
} builder;

static mc_status from_xnn(enum xnn_status status) {
  if (status == xnn_status_success) return MC_OK;
  return status == xnn_status_out_of_memory ? MC_ERROR_OUT_OF_MEMORY : MC_ERROR_INTERNAL;
}

static size_t port_count(const mc_plan *plan) {
  size_t count = 0;
  for (size_t i = 0; i < plan->tensor_count; i++) {
    if (plan->tensors[i].port != MC_NONE && plan->tensors[i].port + 1 > count) count = plan->tensors[i].port + 1;
  }
  return count;
}

static bool is_spent(const mc_plan *plan, const mc_plan_tensor *tensor) { return plan->spends_input && tensor->port == 0; }

static enum xnn_status define_tensor(builder *b, uint32_t tensor, bool is_input) {
  if (b->ids[tensor] != XNN_INVALID_VALUE_ID) return xnn_status_success;
  const mc_plan_tensor *t = &b->plan->tensors[tensor];
  const bool is_port = t->port != MC_NONE && !is_spent(b->plan, t);
  const uint32_t flags = !is_port ? 0 : is_input ? XNN_VALUE_FLAG_EXTERNAL_INPUT : XNN_VALUE_FLAG_EXTERNAL_OUTPUT;
  return xnn_define_tensor_value(b->subgraph, xnn_datatype_fp32, t->shape.rank, t->shape.dims, t->data,
                                 is_port ? t->port : XNN_INVALID_VALUE_ID, flags, &b->ids[tensor]);
}

static enum xnn_status define_unary(builder *b, const mc_plan_op *op, uint32_t in, uint32_t out) {
  static const struct {
    mc_plan_function function;
    enum xnn_unary_operator type;
  } table[] = {
      {MC_FUNCTION_CLAMP, xnn_unary_clamp},         {MC_FUNCTION_LEAKY_RELU, xnn_unary_leaky_relu},
      {MC_FUNCTION_ELU, xnn_unary_elu},             {MC_FUNCTION_SIGMOID, xnn_unary_sigmoid},
      {MC_FUNCTION_HARD_SWISH, xnn_unary_hardswish}, {MC_FUNCTION_TANH, xnn_unary_tanh},
      {MC_FUNCTION_ABS, xnn_unary_abs},             {MC_FUNCTION_NEGATE, xnn_unary_negate},
      {MC_FUNCTION_EXP, xnn_unary_exp},             {MC_FUNCTION_SQUARE_ROOT, xnn_unary_square_root},
  };
  union xnn_unary_params params = {.clamp = {.min = op->clamp_min, .max = op->clamp_max}};
  if (op->function == MC_FUNCTION_LEAKY_RELU) params.leaky_relu.negative_slope = op->alpha;
  if (op->function == MC_FUNCTION_ELU) params.elu.alpha = op->alpha;
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    if (table[i].function == op->function) return xnn_define_unary(b->subgraph, table[i].type, &params, in, out, 0);
  }
  return xnn_status_invalid_parameter;
}

static enum xnn_status define_binary(builder *b, const mc_plan_op *op, const uint32_t *in, uint32_t out) {
  static const struct {
    mc_plan_function function;
    enum xnn_binary_operator type;
  } table[] = {
      {MC_FUNCTION_ADD, xnn_binary_add},           {MC_FUNCTION_SUBTRACT, xnn_binary_subtract},
      {MC_FUNCTION_MULTIPLY, xnn_binary_multiply}, {MC_FUNCTION_DIVIDE, xnn_binary_divide},
      {MC_FUNCTION_MAXIMUM, xnn_binary_maximum},   {MC_FUNCTION_MINIMUM, xnn_binary_minimum},
  };
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    if (table[i].function == op->function) {
      return xnn_define_binary(b->subgraph, table[i].type, NULL, in[0], in[1], out, 0);
    }
  }
  return xnn_status_invalid_parameter;
}

static enum xnn_status define_concat(builder *b, const mc_plan_op *op, const uint32_t *in, uint32_t out) {
  const int32_t axis = (int32_t)op->axes[0];
  switch (op->input_count) {
    case 2: return xnn_define_concatenate2(b->subgraph, axis, in[0], in[1], out, 0);
    case 3: return xnn_define_concatenate3(b->subgraph, axis, in[0], in[1], in[2], out, 0);
    case 4: return xnn_define_concatenate4(b->subgraph, axis, in[0], in[1], in[2], in[3], out, 0);
    case 5: return xnn_define_concatenate5(b->subgraph, axis, in[0], in[1], in[2], in[3], in[4], out, 0);
    default: return xnn_status_invalid_parameter;
  }
}

static enum xnn_status define_window(builder *b, const mc_plan_op *op, const uint32_t *in, uint32_t out) {
  const mc_window *w = &op->window;
  if (op->kind == MC_PLAN_MAX_POOL) {
    return xnn_define_max_pooling_2d(b->subgraph, w->pad_begin[0], w->pad_end[1], w->pad_end[0], w->pad_begin[1],
                                     w->kernel[0], w->kernel[1], w->stride[0], w->stride[1], w->dilation[0],
                                     w->dilation[1], op->clamp_min, op->clamp_max, in[0], out, 0);
  }
  if (op->kind == MC_PLAN_AVERAGE_POOL) {
    return xnn_define_average_pooling_2d(b->subgraph, w->pad_begin[0], w->pad_end[1], w->pad_end[0], w->pad_begin[1],
                                         w->kernel[0], w->kernel[1], w->stride[0], w->stride[1], op->clamp_min,
                                         op->clamp_max, in[0], out, 0);
  }
  /* XNNPACK takes its depthwise kernels by itself where each group has one channel. */
  const mc_shape *filter = &b->plan->tensors[op->inputs[1]].shape;
  return xnn_define_convolution_2d(b->subgraph, w->pad_begin[0], w->pad_end[1], w->pad_end[0], w->pad_begin[1],
                                   w->kernel[0], w->kernel[1], w->stride[0], w->stride[1], w->dilation[0],
                                   w->dilation[1], op->groups, filter->dims[3], filter->dims[0] / op->groups,
                                   op->clamp_min, op->clamp_max, in[0], in[1], in[2], out, 0);
}

static enum xnn_status define_resize(builder *b, const mc_plan_op *op, uint32_t in, uint32_t out) {
  const uint32_t flags = op->function == MC_FUNCTION_ALIGN_CORNERS ? XNN_FLAG_ALIGN_CORNERS
                         : op->function == MC_FUNCTION_ASYMMETRIC  ? XNN_FLAG_TENSORFLOW_LEGACY_MODE
                                                                   : 0;
  return xnn_define_static_resize_bilinear_2d(b->subgraph, op->sizes[0], op->sizes[1], in, out, flags);
}

static enum xnn_status define_op(builder *b, const mc_plan_op *op) {
  uint32_t in[MC_PLAN_MAX_INPUTS];
  for (size_t i = 0; i < MC_PLAN_MAX_INPUTS; i++) in[i] = XNN_INVALID_VALUE_ID;
  for (size_t i = 0; i < op->input_count; i++) {
    const enum xnn_status status = define_tensor(b, op->inputs[i], true);
    if (status != xnn_status_success) return status;
    in[i] = b->ids[op->inputs[i]];
  }
  const enum xnn_status status = define_tensor(b, op->output, false);
  if (status != xnn_status_success) return status;
  const uint32_t out = b->ids[op->output];

  switch (op->kind) {
    case MC_PLAN_NOTHING: break;
    case MC_PLAN_CONVOLUTION:
    case MC_PLAN_MAX_POOL:
    case MC_PLAN_AVERAGE_POOL: return define_window(b, op, in, out);
    case MC_PLAN_PRODUCT:
      return xnn_define_fully_connected(b->subgraph, op->clamp_min, op->clamp_max, in[0], in[1], in[2], out, 0);
    case MC_PLAN_REDUCE:
      return xnn_define_static_reduce(b->subgraph, op->function == MC_FUNCTION_SUM ? xnn_reduce_sum : xnn_reduce_mean,
                                      op->rank, op->axes, in[0], out, XNN_FLAG_KEEP_DIMS);
    case MC_PLAN_RESIZE: return define_resize(b, op, in[0], out);
    case MC_PLAN_UNARY: return define_unary(b, op, in[0], out);
    case MC_PLAN_BINARY: return define_binary(b, op, in, out);
    case MC_PLAN_SOFTMAX: return xnn_define_softmax(b->subgraph, in[0], out, 0);
    case MC_PLAN_CONCAT: return define_concat(b, op, in, out);
    case MC_PLAN_RESHAPE: return xnn_define_static_reshape(b->subgraph, op->rank, op->sizes, in[0], out, 0);
    case MC_PLAN_TRANSPOSE: return xnn_define_static_transpose(b->subgraph, op->rank, op->axes, in[0], out, 0);
    case MC_PLAN_SLICE: return xnn_define_static_slice(b->subgraph, op->rank, op->begin, op->sizes, in[0], out, 0);
    case MC_PLAN_PAD:
      return xnn_define_static_constant_pad(b->subgraph, op->begin, op->end, op->clamp_min, in[0], out, 0);
    case MC_PLAN_COPY: return xnn_define_copy(b->subgraph, in[0], out, 0);
  }
  return xnn_status_invalid_parameter;
}

static enum xnn_status build(builder *b, mc_backend *backend) {
  enum xnn_status status = xnn_create_subgraph((uint32_t)port_count(b->plan), 0, &b->subgraph);
  for (size_t i = 0; i < b->plan->tensor_count; i++) b->ids[i] = XNN_INVALID_VALUE_ID;
  for (size_t i = 0; status == xnn_status_success && i < b->plan->input_count; i++) { /* used or not */
    status = define_tensor(b, (uint32_t)i, true);
  }
  for (size_t i = 0; status == xnn_status_success && i < b->plan->op_count; i++) {
    status = define_op(b, &b->plan->ops[i]);
  }
  if (status == xnn_status_success) {
    status = xnn_create_runtime_v4(b->subgraph, &backend->weights->provider, backend->workspace, NULL, mc_no_fusion,
                                   &backend->runtime);
  }
  if (b->subgraph != NULL) (void)xnn_delete_subgraph(b->subgraph);
  backend->spent_input = b->ids[0];
  return status;
}

mc_status mc_backend_create(mc_weights *weights, mc_backend **backend) {
  MC_TRY(from_xnn(xnn_initialize(&mc_xnn_allocator)));
  mc_backend *made = calloc(1, sizeof *made);
  if (made == NULL) return MC_ERROR_OUT_OF_MEMORY;
  made->weights = weights;
  *backend = made;
  return MC_OK;
}

static void unload(mc_backend *backend) {
  if (backend->runtime != NULL) (void)xnn_delete_runtime(backend->runtime);
  backend->runtime = NULL;
}

static void release_workspace(mc_backend *backend) {
  if (backend->workspace != NULL) (void)xnn_release_workspace(backend->workspace);
  backend->workspace = NULL;
}

/* Sets memory aside for XNNPACK's lists of a plan's tensors and operations. */
static bool start(const mc_plan *plan) {
  return mc_xnn_memory_start(SPARE_BYTES + (plan->tensor_count + plan->op_count) * SPARE_BYTES_EACH);
}

/* What became of loading or sizing: XNNPACK may have gone on without memory that it asked for. */
static mc_status settle(mc_backend *backend, enum xnn_status status) {
  const mc_status settled = mc_xnn_memory_failed() ? MC_ERROR_OUT_OF_MEMORY : from_xnn(status);
  if (settled != MC_OK) {
    unload(backend);
    release_workspace(backend); /* parts of it may lie in the memory that was set aside */
  }
  mc_xnn_memory_end();
  return settled;
}

mc_status mc_backend_load(mc_backend *backend, const mc_plan *plan) {
  unload(backend);
  builder b = {.plan = plan, .ids = calloc(plan->tensor_count, sizeof *b.ids)};
  if (b.ids == NULL) return MC_ERROR_OUT_OF_MEMORY;
  if (!start(plan)) {
    free(b.ids);
    return MC_ERROR_OUT_OF_MEMORY;
  }
  enum xnn_status status = backend->workspace != NULL ? xnn_status_success : xnn_create_workspace(&backend->workspace);
  if (status == xnn_status_success) status = build(&b, backend);
  free(b.ids);
  return settle(backend, status);
}

/* Whether XNNPACK, which works out all shapes itself, came to as many elements as the plan. */
static bool agrees(xnn_runtime_t runtime, const mc_plan_tensor *tensor) {
  size_t rank = 0;
  size_t dims[XNN_MAX_TENSOR_DIMS];
  size_t count = 0;
  if (xnn_get_external_value_shape(runtime, tensor->port, &rank, dims) != xnn_status_success) return false;
  return mc_count_elements(rank, dims, &count) && count == mc_plan_tensor_count_elements(tensor);
}

mc_status mc_backend_set(mc_backend *backend, const mc_plan *plan, float *const *buffers) {
  const size_t ports = port_count(plan);
  struct xnn_external_value *values = calloc(ports + 1, sizeof *values);
  if (values == NULL || !start(plan)) {
    free(values);
    unload(backend);
    return MC_ERROR_OUT_OF_MEMORY;
  }
  size_t count = 0;
  enum xnn_status status = xnn_status_success;
  for (size_t i = 0; status == xnn_status_success && i < plan->tensor_count; i++) {
    const mc_plan_tensor *tensor = &plan->tensors[i];
    if (tensor->port == MC_NONE) continue;
    if (is_spent(plan, tensor)) {
      mc_inner_input_resize(backend->runtime, backend->spent_input, tensor->shape.rank, tensor->shape.dims);
      continue;
    }
    values[count++] = (struct xnn_external_value){.id = tensor->port, .data = buffers[tensor->port]};
    status = xnn_reshape_external_value(backend->runtime, tensor->port, tensor->shape.rank, tensor->shape.dims);
  }
  mc_runtime_forget_plan(backend->runtime);
  if (status == xnn_status_success) status = xnn_reshape_runtime(backend->runtime);
  for (size_t i = 0; status == xnn_status_success && i < plan->tensor_count; i++) {
    if (plan->tensors[i].port == MC_NONE || is_spent(plan, &plan->tensors[i])) continue;
    if (!agrees(backend->runtime, &plan->tensors[i])) status = xnn_status_invalid_state;
  }
  if (status == xnn_status_success) status = xnn_setup_runtime_v2(backend->runtime, count, values);
  free(values);
  return settle(backend, status);
}

float *mc_backend_spent_input(const mc_backend *backend) {
  return mc_inner_input_data(backend->runtime, backend->spent_input);
}

mc_status mc_backend_run(mc_backend *backend) { return from_xnn(xnn_invoke_runtime(backend->runtime)); }

void mc_backend_destroy(mc_backend *backend) {
  if (backend == NULL) return;
  unload(backend);
  release_workspace(backend);
  free(backend);
}
