#include "pack.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

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

/* A bias of `count` elements: zero, or one number for all, or one each, times `factor`. */
static mc_status pack_bias(mc_graph *graph, mc_node *node, size_t count, float factor, mc_message *message) {
  const mc_value *value = input_value(graph, node, 2);
  if (value == NULL) return MC_OK;
  const mc_constant *from = value->constant;
  if (from == NULL || from->is_int) {
    return mc_node_report(message, node, MC_ERROR_MODEL_UNSUPPORTED, "the bias must be constant");
  }
  const bool row = from->count == 1 || (from->count == count && from->dims[from->rank - 1] == count);
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
  return pack_bias(graph, node, outputs, 1, message);
}

mc_status mc_pack_product(mc_graph *graph, mc_node *node, mc_message *message) {
  const mc_value *value = input_value(graph, node, 1);
  const mc_constant *from = value->constant;
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
  return pack_bias(graph, node, outputs, beta, message);
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

mc_status mc_pack_scale(mc_graph *graph, mc_node *node, const float *factors, const float *summands) {
  const size_t outputs = node->filter->dims[0];
  const size_t inputs = node->filter->count / outputs;
  mc_constant *bias = NULL;
  MC_TRY(mc_constant_new(&graph->arena, false, 1, &outputs, &bias));
  for (size_t o = 0; o < outputs; o++) {
    for (size_t i = 0; i < inputs; i++) node->filter->floats[o * inputs + i] *= factors[o];
    bias->floats[o] = (node->bias != NULL ? node->bias->floats[o] * factors[o] : 0) + summands[o];
  }
  node->bias = bias;
  return MC_OK;
}
