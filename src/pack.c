#include "pack.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lower.h"

static const mc_value *input_value(const mc_graph *graph, const mc_node *node, size_t index) {
  if (index >= node->input_count || node->inputs[index] == MC_NONE) return NULL;
  return &graph->values[node->inputs[index]];
}

static mc_status no_memory(const mc_node *node, mc_message *message) {
  return mc_node_report(message, node, MC_ERROR_OUT_OF_MEMORY, "no memory");
}

/* A constant of `rank` axes that is this node's own to change. */
static mc_status own(mc_graph *graph, const mc_value *value, size_t rank, const size_t *dims, mc_constant **owned) {
  if (value->consumer_count == 1) {
    mc_constant *made = mc_arena_alloc(&graph->arena, 1, sizeof *made);
    if (made == NULL) return MC_ERROR_OUT_OF_MEMORY;
    *made = *value->constant; /* shares the elements */
    made->rank = rank;
    for (size_t i = 0; i < rank; i++) made->dims[i] = dims[i];
    *owned = made;
    return MC_OK;
  }
  MC_TRY(mc_constant_new(&graph->arena, false, rank, dims, owned));
  memcpy((*owned)->floats, value->constant->floats, value->constant->count * sizeof(float));
  return MC_OK;
}

/* Turns each of `count` matrices [rows, columns], one after another, into [columns, rows], in place. */
static mc_status transpose(float *matrices, size_t count, size_t rows, size_t columns) {
  float *copy = malloc(rows * columns * sizeof *copy);
  if (copy == NULL) return MC_ERROR_OUT_OF_MEMORY;
  for (size_t k = 0; k < count; k++, matrices += rows * columns) {
    memcpy(copy, matrices, rows * columns * sizeof *copy);
    for (size_t i = 0; i < rows; i++) {
      for (size_t j = 0; j < columns; j++) matrices[j * rows + i] = copy[i * columns + j];
    }
  }
  free(copy);
  return MC_OK;
}

/* A bias of `count` elements: zero, or one each, or where it `broadcasts` one number for all, times `factor`. */
static mc_status pack_bias(mc_graph *graph, mc_node *node, size_t count, bool broadcasts, float factor, mc_message *message) {
  const mc_value *value = input_value(graph, node, 2);
  if (value == NULL) return MC_OK;
  const mc_constant *from = value->constant;
  if (from == NULL || from->is_int) {
    return mc_node_report(message, node, MC_ERROR_MODEL_UNSUPPORTED, "the bias must be constant");
  }
  const bool row = (broadcasts && from->count == 1) || (from->count == count && from->rank > 0 && from->dims[from->rank - 1] == count);
  if (!row) return mc_node_report(message, node, MC_ERROR_MODEL_UNSUPPORTED, "a bias of %zu for %zu outputs", from->count, count);
  mc_constant *bias = NULL;
  if (mc_constant_new(&graph->arena, false, 1, &count, &bias) != MC_OK) return no_memory(node, message);
  for (size_t i = 0; i < count; i++) bias->floats[i] = factor * from->floats[from->count == 1 ? 0 : i];
  node->bias = bias;
  return MC_OK;
}

mc_status mc_pack_convolution(mc_graph *graph, mc_node *node, mc_message *message) {
  const mc_value *value = input_value(graph, node, 1);
  const mc_constant *from = value->constant;
  if (from == NULL) return MC_OK;
  if (from->is_int || from->rank != 4 || from->count == 0) {
    return mc_node_report(message, node, MC_ERROR_MODEL_UNSUPPORTED, "weights of rank %zu, only [O, I, kH, kW]", from->rank);
  }
  const size_t outputs = from->dims[0];
  const size_t inputs = from->dims[1];
  const size_t dims[4] = {outputs, from->dims[2], from->dims[3], inputs};
  mc_constant *filter = NULL;
  if (own(graph, value, 4, dims, &filter) != MC_OK) return no_memory(node, message);
  if (transpose(filter->floats, outputs, inputs, dims[1] * dims[2]) != MC_OK) return no_memory(node, message);
  node->filter = filter;
  return pack_bias(graph, node, outputs, false, 1, message);
}

/* The bias once for each of `copies` outputs that belong together. */
static mc_status repeat_bias(mc_graph *graph, mc_node *node, size_t copies, mc_message *message) {
  if (node->bias == NULL) return MC_OK;
  const size_t count = node->bias->count * copies;
  mc_constant *bias = NULL;
  if (mc_constant_new(&graph->arena, false, 1, &count, &bias) != MC_OK) return no_memory(node, message);
  for (size_t i = 0; i < count; i++) bias->floats[i] = node->bias->floats[i / copies];
  node->bias = bias;
  return MC_OK;
}

mc_status mc_pack_deconvolution(mc_graph *graph, mc_node *node, mc_message *message) {
  const mc_constant *from = input_value(graph, node, 1)->constant; /* [I, O / group, kH, kW] */
  int64_t group = 1;
  mc_window window = {0};
  if (from == NULL) return MC_OK;
  if (from->is_int || from->rank != 4 || from->count == 0) {
    return mc_node_report(message, node, MC_ERROR_MODEL_UNSUPPORTED, "weights of rank %zu, only [I, O, kH, kW]", from->rank);
  }
  MC_TRY(mc_attribute_int(node, "group", &group, message));
  MC_TRY(mc_window_read_plain(node, &from->dims[2], message, &window));
  if (group < 1 || (uint64_t)group > from->dims[0] || from->dims[0] % (size_t)group != 0) {
    return mc_node_report(message, node, MC_ERROR_MODEL_INVALID, "%zu channels in %lld groups", from->dims[0],
                          (long long)group);
  }
  const size_t inputs = from->dims[0] / (size_t)group;
  const size_t outputs = from->dims[1];
  const uint32_t *step = window.stride;
  size_t dims[4] = {outputs * (size_t)group, 1, 1, inputs};
  size_t last[2]; /* tap that belongs to the first element of the kernel */
  for (size_t i = 0; i < 2; i++) {
    last[i] = (size_t)(window.kernel[i] - 1) * window.dilation[i] / step[i];
    dims[1 + i] = last[i] + 1;
  }
  const size_t biases = dims[0];
  mc_constant *filter = NULL;
  mc_status status = MC_ERROR_MODEL_INVALID;
  if (biases <= MC_MAX_ELEMENTS / step[0] / step[1]) {
    dims[0] = biases * step[0] * step[1];
    status = mc_constant_new(&graph->arena, false, 4, dims, &filter);
  }
  if (status != MC_OK) return mc_node_report(message, node, status, "no room for its weights");
  const size_t columns = from->dims[3];
  const size_t area = from->dims[2] * columns;
  for (size_t at = 0; at < from->count; at++) {
    const size_t place[2] = {at % area / columns * window.dilation[0], at % columns * window.dilation[1]};
    const size_t tap[2] = {last[0] - place[0] / step[0], last[1] - place[1] / step[1]};
    const size_t in = at / area / outputs;
    const size_t channel = in / inputs * outputs + at / area % outputs;
    const size_t out = (channel * step[0] + place[0] % step[0]) * step[1] + place[1] % step[1];
    filter->floats[((out * dims[1] + tap[0]) * dims[2] + tap[1]) * inputs + in % inputs] = from->floats[at];
  }
  node->filter = filter;
  MC_TRY(pack_bias(graph, node, biases, false, 1, message));
  return repeat_bias(graph, node, (size_t)step[0] * step[1], message);
}

/* MatMul with the constant first, [M, K]: the same as the columns of the other input times it, transposed. */
static mc_status pack_first(mc_graph *graph, mc_node *node, mc_message *message) {
  const mc_value *value = input_value(graph, node, 0);
  const mc_constant *from = value->constant;
  if (from == NULL || from->is_int || from->rank != 2 || from->count == 0) return MC_OK;
  mc_constant *filter = NULL;
  if (own(graph, value, 2, from->dims, &filter) != MC_OK) return no_memory(node, message);
  node->filter = filter;
  return MC_OK;
}

mc_status mc_pack_product(mc_graph *graph, mc_node *node, mc_message *message) {
  const mc_value *value = input_value(graph, node, 1);
  const mc_constant *from = value->constant;
  if (from == NULL && strcmp(node->op_type, "MatMul") == 0) return pack_first(graph, node, message);
  if (from == NULL || from->is_int || from->rank != 2 || from->count == 0) return MC_OK;
  float alpha = 1;
  float beta = 1;
  int64_t trans_b = 0;
  if (strcmp(node->op_type, "Gemm") == 0) {
    MC_TRY(mc_attribute_float(node, "alpha", &alpha, message));
    MC_TRY(mc_attribute_float(node, "beta", &beta, message));
    MC_TRY(mc_attribute_int(node, "transB", &trans_b, message));
  }
  const size_t inputs = from->dims[trans_b != 0 ? 1 : 0];
  const size_t outputs = from->dims[trans_b != 0 ? 0 : 1];
  const size_t dims[2] = {outputs, inputs};
  mc_constant *filter = NULL;
  if (own(graph, value, 2, dims, &filter) != MC_OK) return no_memory(node, message);
  if (trans_b == 0 && transpose(filter->floats, 1, inputs, outputs) != MC_OK) return no_memory(node, message);
  for (size_t i = 0; i < filter->count; i++) filter->floats[i] *= alpha;
  node->filter = filter;
  return pack_bias(graph, node, outputs, true, beta, message);
}

mc_status mc_pack_batch_normalization(mc_graph *graph, mc_node *node, mc_message *message) {
  const mc_constant *statistics[4] = {NULL}; /* scale, bias, mean, variance */
  for (size_t i = 0; i < 4; i++) {
    statistics[i] = input_value(graph, node, 1 + i)->constant;
    if (statistics[i] == NULL) return MC_OK;
    if (statistics[i]->is_int || statistics[i]->rank != 1 || statistics[i]->count != statistics[0]->count) {
      return mc_node_report(message, node, MC_ERROR_MODEL_INVALID, "the statistics have different sizes");
    }
  }
  float epsilon = 1e-5f;
  int64_t training = 0;
  MC_TRY(mc_attribute_float(node, "epsilon", &epsilon, message));
  MC_TRY(mc_attribute_int(node, "training_mode", &training, message));
  for (size_t i = 1; graph->opset < 14 && i < node->output_count; i++) { /* there it was said by asking for the statistics */
    if (node->outputs[i] != MC_NONE) training = 1;
  }
  if (training != 0) return mc_node_report(message, node, MC_ERROR_MODEL_UNSUPPORTED, "training mode");
  mc_constant *factors = NULL;
  mc_constant *summands = NULL;
  const size_t count = statistics[0]->count;
  if (mc_constant_new(&graph->arena, false, 1, &count, &factors) != MC_OK ||
      mc_constant_new(&graph->arena, false, 1, &count, &summands) != MC_OK) {
    return no_memory(node, message);
  }
  for (size_t i = 0; i < count; i++) {
    const double factor = (double)statistics[0]->floats[i] / sqrt((double)statistics[3]->floats[i] + (double)epsilon);
    factors->floats[i] = (float)factor;
    summands->floats[i] = (float)((double)statistics[1]->floats[i] - (double)statistics[2]->floats[i] * factor);
  }
  node->filter = factors;
  node->bias = summands;
  return MC_OK;
}

mc_status mc_pack_scale(mc_graph *graph, mc_node *node, const float *factors, const float *summands, size_t count) {
  const size_t outputs = node->filter->dims[0];
  const size_t inputs = node->filter->count / outputs;
  mc_constant *bias = NULL;
  MC_TRY(mc_constant_new(&graph->arena, false, 1, &outputs, &bias));
  for (size_t o = 0; o < outputs; o++) {
    const size_t channel = o / (outputs / count);
    for (size_t i = 0; i < inputs; i++) node->filter->floats[o * inputs + i] *= factors[channel];
    bias->floats[o] = (node->bias != NULL ? node->bias->floats[o] * factors[channel] : 0) + summands[channel];
  }
  node->bias = bias;
  return MC_OK;
}

void mc_pack_replace(mc_graph *graph, mc_node *node, float *packed) {
  const float *elements = node->filter->floats;
  node->filter->floats = packed;
  for (size_t i = 0; i < node->input_count; i++) { /* shared with the file's own constant, if this is its only use */
    if (node->inputs[i] == MC_NONE) continue;
    mc_value *value = &graph->values[node->inputs[i]];
    if (value->constant != NULL && value->constant->floats == elements) value->constant = node->filter;
  }
  mc_arena_release(&graph->arena, elements);
}
