/* mc_graph_simplify: what can be settled before any size is known. */
#include <stdlib.h>
#include <string.h>

#include "fold.h"
#include "lower.h"
#include "pack.h"

typedef struct simplifier {
  mc_graph *graph;
  mc_message *message;
  uint32_t *alias; /* [value_count] the value that stands for each one */
} simplifier;

static const mc_constant *constant_input(const simplifier *s, const mc_node *node, size_t index) {
  if (index >= node->input_count || node->inputs[index] == MC_NONE) return NULL;
  return s->graph->values[node->inputs[index]].constant;
}

static bool has_input(const mc_node *node, size_t index) {
  return index < node->input_count && node->inputs[index] != MC_NONE;
}

/* Drops nodes that no graph output needs, and their uses of values. */
static void drop_unused(mc_graph *graph) {
  for (size_t i = graph->node_count; i-- > 0;) {
    mc_node *node = &graph->nodes[i];
    bool used = false;
    for (size_t k = 0; k < node->output_count; k++) {
      used = used || (node->outputs[k] != MC_NONE && graph->values[node->outputs[k]].consumer_count > 0);
    }
    for (size_t k = 0; !used && k < node->input_count; k++) {
      if (node->inputs[k] != MC_NONE) graph->values[node->inputs[k]].consumer_count--;
    }
    if (!used) {
      node->op = NULL;
      node->input_count = 0;
      node->output_count = 0;
    }
  }
}

/* The first output of `node` is from now on the value `instead`; the node is gone. */
static void replace(simplifier *s, mc_node *node, uint32_t instead) {
  mc_value *values = s->graph->values;
  values[instead].consumer_count += values[node->outputs[0]].consumer_count;
  for (size_t i = 0; i < node->input_count; i++) {
    if (node->inputs[i] != MC_NONE) values[node->inputs[i]].consumer_count--;
  }
  s->alias[node->outputs[0]] = instead;
  node->op = NULL;
}

/* The node that computes input 0, if this is its only use; NULL otherwise. */
static mc_node *sole_producer(const simplifier *s, const mc_node *node) {
  const mc_value *value = &s->graph->values[node->inputs[0]];
  if (value->producer == MC_NONE || value->consumer_count != 1) return NULL;
  mc_node *producer = &s->graph->nodes[value->producer];
  return producer->op != NULL && producer->outputs[0] == node->inputs[0] ? producer : NULL;
}

static mc_status check_inputs(const simplifier *s, const mc_node *node) {
  const bool any = node->op->max_inputs == UINT32_MAX;
  if (node->input_count > node->op->max_inputs) {
    return mc_node_report(s->message, node, MC_ERROR_MODEL_UNSUPPORTED, "%zu inputs", node->input_count);
  }
  const size_t needed = any && node->input_count > node->op->min_inputs ? node->input_count : node->op->min_inputs;
  for (size_t i = 0; i < needed; i++) {
    if (!has_input(node, i)) return mc_node_report(s->message, node, MC_ERROR_MODEL_INVALID, "input %zu is missing", i);
  }
  if (node->output_count == 0 || node->outputs[0] == MC_NONE) {
    if (strcmp(node->op_type, "Split") != 0) {
      return mc_node_report(s->message, node, MC_ERROR_MODEL_UNSUPPORTED, "its first output is left out");
    }
  }
  return MC_OK;
}

/* Constant: its value, of whichever kind, becomes the value's. */
static mc_status take_constant(simplifier *s, mc_node *node) {
  mc_graph *graph = s->graph;
  mc_constant *made = NULL;
  const mc_constant *constant = NULL;
  for (size_t i = 0; i < node->attribute_count; i++) {
    const mc_attribute *attribute = &node->attributes[i];
    const bool is_int = attribute->kind == MC_ATTRIBUTE_INT || attribute->kind == MC_ATTRIBUTE_INTS;
    const bool is_list = attribute->kind == MC_ATTRIBUTE_INTS || attribute->kind == MC_ATTRIBUTE_FLOATS;
    if (attribute->kind == MC_ATTRIBUTE_TENSOR) constant = attribute->tensor;
    if (!is_int && !is_list && attribute->kind != MC_ATTRIBUTE_FLOAT) continue;
    const size_t count = is_list ? attribute->count : 1;
    const mc_status status = mc_constant_new(&graph->arena, is_int, is_list, &count, &made);
    if (status != MC_OK) return mc_node_report(s->message, node, status, "no room for its value");
    for (size_t k = 0; k < count; k++) {
      if (is_int) made->ints[k] = is_list ? attribute->ints[k] : attribute->i;
      if (!is_int) made->floats[k] = is_list ? attribute->floats[k] : attribute->f;
    }
    constant = made;
  }
  if (constant == NULL) return mc_node_report(s->message, node, MC_ERROR_MODEL_UNSUPPORTED, "no value of a known kind");
  graph->values[node->outputs[0]].constant = constant;
  node->op = NULL;
  return MC_OK;
}

/* Computes a node all of whose inputs are constant. */
static mc_status fold(simplifier *s, mc_node *node) {
  mc_graph *graph = s->graph;
  const mc_constant **inputs = mc_arena_alloc(&graph->arena, node->input_count, sizeof(mc_constant *));
  if (inputs == NULL) return mc_node_report(s->message, node, MC_ERROR_OUT_OF_MEMORY, "no memory");
  for (size_t i = 0; i < node->input_count; i++) {
    inputs[i] = constant_input(s, node, i);
    if (has_input(node, i) && inputs[i] == NULL) return MC_OK;
  }
  mc_constant *result = NULL;
  MC_TRY(mc_fold(&graph->arena, node, inputs, s->message, &result));
  if (result == NULL) return MC_OK;
  for (size_t i = 0; i < node->input_count; i++) {
    if (node->inputs[i] != MC_NONE) graph->values[node->inputs[i]].consumer_count--;
  }
  graph->values[node->outputs[0]].constant = result;
  node->op = NULL;
  return MC_OK;
}

/* --- Merging --- */

/* Output channels of a node whose weights are packed and scale with them; 0 for others. */
static size_t output_channels(const simplifier *s, const mc_node *node) {
  if (strcmp(node->op_type, "Conv") == 0 || strcmp(node->op_type, "Gemm") == 0) return node->filter->dims[0];
  if (strcmp(node->op_type, "ConvTranspose") != 0) return 0;
  const mc_constant *weights = constant_input(s, node, 1); /* [I, O / group, kH, kW]; packed [.., I / group] */
  return weights->dims[0] / node->filter->dims[3] * weights->dims[1];
}

static mc_status merge_batch_normalization(simplifier *s, mc_node *node) {
  MC_TRY(mc_pack_batch_normalization(s->graph, node, s->message));
  mc_node *producer = sole_producer(s, node);
  if (node->filter == NULL || producer == NULL || producer->filter == NULL) return MC_OK;
  const size_t channels = node->filter->count;
  if (channels == 0 || channels != output_channels(s, producer)) return MC_OK;
  const mc_status status = mc_pack_scale(s->graph, producer, node->filter->floats, node->bias->floats, channels);
  if (status != MC_OK) return mc_node_report(s->message, node, status, "no memory");
  replace(s, node, node->inputs[0]);
  return MC_OK;
}

/* A constant cast from floats to floats: all of them are float32 here, so its input will do. A copy would keep the weights of
 * float16 files in memory twice. */
static mc_status drop_cast(simplifier *s, mc_node *node) {
  const mc_constant *in = constant_input(s, node, 0);
  int64_t to = 0;
  if (in == NULL || in->is_int) return MC_OK;
  MC_TRY(mc_attribute_int(node, "to", &to, s->message));
  const bool to_float = to == 1 || to == 10 || to == 11; /* float, float16, double */
  if (to_float) replace(s, node, node->inputs[0]);
  return MC_OK;
}

static mc_status simplify_node(simplifier *s, mc_node *node) {
  mc_graph *graph = s->graph;
  node->op = mc_operator_find(node->op_type);
  if (node->op == NULL) return mc_node_report(s->message, node, MC_ERROR_MODEL_UNSUPPORTED, "operator not supported");
  for (size_t i = 0; i < node->input_count; i++) {
    if (node->inputs[i] != MC_NONE) node->inputs[i] = s->alias[node->inputs[i]];
  }
  MC_TRY(check_inputs(s, node));
  if (strcmp(node->op_type, "Constant") == 0) return take_constant(s, node);
  if (strcmp(node->op_type, "Identity") == 0 || strcmp(node->op_type, "Dropout") == 0) {
    const mc_constant *training = constant_input(s, node, 2);
    if (has_input(node, 2) && (training == NULL || !training->is_int || training->count != 1 || training->ints[0] != 0)) {
      return mc_node_report(s->message, node, MC_ERROR_MODEL_UNSUPPORTED, "training mode");
    }
    replace(s, node, node->inputs[0]);
    return MC_OK;
  }
  if (strcmp(node->op_type, "Cast") == 0) MC_TRY(drop_cast(s, node));
  if (node->op != NULL) MC_TRY(fold(s, node));
  if (node->op == NULL) return MC_OK;
  if (strcmp(node->op_type, "Conv") == 0) return mc_pack_convolution(graph, node, s->message);
  if (strcmp(node->op_type, "ConvTranspose") == 0) return mc_pack_deconvolution(graph, node, s->message);
  if (strcmp(node->op_type, "Gemm") == 0 || strcmp(node->op_type, "MatMul") == 0) {
    return mc_pack_product(graph, node, s->message);
  }
  if (strcmp(node->op_type, "BatchNormalization") == 0) return merge_batch_normalization(s, node);
  return MC_OK;
}

mc_status mc_graph_simplify(mc_graph *graph, mc_message *message) {
  simplifier s = {.graph = graph, .message = message};
  s.alias = mc_arena_alloc(&graph->arena, graph->value_count, sizeof *s.alias);
  if (s.alias == NULL) return mc_report(message, MC_ERROR_OUT_OF_MEMORY, "no memory");
  for (size_t i = 0; i < graph->value_count; i++) s.alias[i] = (uint32_t)i;
  drop_unused(graph);
  for (size_t i = 0; i < graph->node_count; i++) {
    if (graph->nodes[i].output_count > 0) MC_TRY(simplify_node(&s, &graph->nodes[i]));
  }
  for (size_t i = 0; i < graph->output_count; i++) graph->outputs[i].value = s.alias[graph->outputs[i].value];
  return MC_OK;
}
