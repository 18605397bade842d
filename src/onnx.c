#include "onnx.h"

#include <stdlib.h>
#include <string.h>

#include "onnx_tensor.h"

#define MAX_NODES 16384u
#define MAX_VALUES 65536u
#define MAX_PORTS 64u
#define MAX_NODE_VALUES 1024u
#define MAX_NODE_ATTRIBUTES 64u
#define MAX_NAME_BYTES 1024u

/* --- Unpacking: protobuf-c with a bound on all memory it takes, because a few bytes of file can become a large struct. --- */

typedef struct budget {
  size_t left_bytes;
  bool no_memory; /* an allocation within the budget failed */
} budget;

static void *budget_alloc(void *data, size_t size) {
  budget *b = data;
  if (size > b->left_bytes) return NULL;
  b->left_bytes -= size;
  void *memory = malloc(size);
  if (memory == NULL) b->no_memory = true;
  return memory;
}

static void budget_free(void *data, void *memory) {
  (void)data;
  free(memory);
}

/* Text that a file left out is NULL. */
static const char *text(const char *string) { return string != NULL ? string : ""; }

/* --- Names. Values are found through a table sorted by name. --- */

typedef struct reader {
  mc_graph *graph;
  mc_message *message;
  uint32_t *by_name; /* [named] values, sorted by name */
  size_t named;
  size_t capacity; /* of by_name and of the graph's values */
} reader;

static mc_status no_memory(reader *r) { return mc_report(r->message, MC_ERROR_OUT_OF_MEMORY, "no memory for the model"); }

static mc_status invalid(reader *r, const char *what) {
  return mc_report(r->message, MC_ERROR_MODEL_INVALID, "%s", what);
}

/* A value with the given name; the table is sorted once all are defined. */
static mc_status define(reader *r, const char *name, uint32_t producer, uint32_t *id) {
  mc_graph *graph = r->graph;
  if (graph->value_count == r->capacity) return invalid(r, "too many values");
  if (strlen(name) > MAX_NAME_BYTES) return invalid(r, "a name is too long");
  mc_value *value = &graph->values[graph->value_count];
  value->name = mc_arena_string(&graph->arena, name);
  if (value->name == NULL) return no_memory(r);
  value->producer = producer;
  *id = (uint32_t)graph->value_count;
  r->by_name[graph->value_count++] = *id;
  return MC_OK;
}

/* Heap sort: no recursion, no worst case, and no context pointer that qsort would have to do without. */
static void sift(const mc_value *values, uint32_t *ids, size_t start, size_t count) {
  for (size_t parent = start, child = 0; (child = 2 * parent + 1) < count; parent = child) {
    if (child + 1 < count && strcmp(values[ids[child]].name, values[ids[child + 1]].name) < 0) child++;
    if (strcmp(values[ids[parent]].name, values[ids[child]].name) >= 0) return;
    const uint32_t id = ids[parent];
    ids[parent] = ids[child];
    ids[child] = id;
  }
}

static mc_status sort_names(reader *r) {
  const mc_value *values = r->graph->values;
  const size_t count = r->graph->value_count;
  uint32_t *ids = r->by_name;
  for (size_t i = count / 2; i-- > 0;) sift(values, ids, i, count);
  for (size_t end = count; end-- > 1;) {
    const uint32_t id = ids[0];
    ids[0] = ids[end];
    ids[end] = id;
    sift(values, ids, 0, end);
  }
  r->named = count;
  for (size_t i = 1; i < count; i++) {
    if (strcmp(values[ids[i - 1]].name, values[ids[i]].name) == 0) {
      return mc_report(r->message, MC_ERROR_MODEL_INVALID, "the name '%.72s' is defined twice", values[ids[i]].name);
    }
  }
  return MC_OK;
}

/* MC_NONE if no value has this name. */
static uint32_t lookup(const reader *r, const char *name) {
  for (size_t low = 0, high = r->named; low < high;) {
    const size_t middle = low + (high - low) / 2;
    const int order = strcmp(name, r->graph->values[r->by_name[middle]].name);
    if (order == 0) return r->by_name[middle];
    if (order < 0) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return MC_NONE;
}

/* --- The parts of a graph --- */

static mc_status read_input(reader *r, const Onnx__ValueInfoProto *proto, mc_port *port) {
  const char *name = text(proto->name);
  if (proto->type == NULL || proto->type->tensor_type == NULL || proto->type->tensor_type->shape == NULL) {
    return mc_report(r->message, MC_ERROR_MODEL_UNSUPPORTED, "input '%.72s': no tensor shape", name);
  }
  const Onnx__TypeProto__Tensor *type = proto->type->tensor_type;
  if (type->elem_type != MC_ONNX_FLOAT) {
    return mc_report(r->message, MC_ERROR_MODEL_UNSUPPORTED, "input '%.72s': element type %d, only float32 is supported",
                     name, (int)type->elem_type);
  }
  if (type->shape->n_dim == 0 || type->shape->n_dim > MC_MAX_RANK) {
    return mc_report(r->message, MC_ERROR_MODEL_UNSUPPORTED, "input '%.72s': rank %zu", name, type->shape->n_dim);
  }
  port->rank = type->shape->n_dim;
  for (size_t i = 0; i < port->rank; i++) {
    const Onnx__TensorShapeProto__Dimension *dimension = type->shape->dim[i];
    if (!dimension->has_dim_value || dimension->dim_value == -1) continue; /* dynamic: 0 */
    if (dimension->dim_value < 1 || (uint64_t)dimension->dim_value > MC_MAX_ELEMENTS) {
      return mc_report(r->message, MC_ERROR_MODEL_INVALID, "input '%.72s': size of axis %zu is out of range",
                       name, i);
    }
    port->dims[i] = (size_t)dimension->dim_value;
  }
  MC_TRY(define(r, name, MC_NONE, &port->value));
  port->name = r->graph->values[port->value].name;
  return MC_OK;
}

static mc_status read_attribute(reader *r, const Onnx__AttributeProto *proto, mc_attribute *attribute) {
  mc_arena *arena = &r->graph->arena;
  attribute->name = mc_arena_string(arena, text(proto->name));
  if (attribute->name == NULL) return no_memory(r);
  switch (proto->type) {
    case 1:
      attribute->kind = MC_ATTRIBUTE_FLOAT;
      attribute->f = proto->f;
      return MC_OK;
    case 2:
      attribute->kind = MC_ATTRIBUTE_INT;
      attribute->i = proto->i;
      return MC_OK;
    case 3: {
      attribute->kind = MC_ATTRIBUTE_STRING;
      char *text = mc_arena_alloc(arena, proto->s.len + 1, 1);
      if (text == NULL) return no_memory(r);
      if (proto->s.len > 0) memcpy(text, proto->s.data, proto->s.len);
      attribute->s = text;
      return MC_OK;
    }
    case 4: {
      if (proto->t == NULL) return invalid(r, "an attribute lacks its tensor");
      attribute->kind = MC_ATTRIBUTE_TENSOR;
      mc_constant *constant = NULL;
      MC_TRY(mc_onnx_tensor(arena, proto->t, attribute->name, r->message, &constant));
      attribute->tensor = constant;
      return MC_OK;
    }
    case 6: {
      attribute->kind = MC_ATTRIBUTE_FLOATS;
      attribute->count = proto->n_floats;
      float *floats = mc_arena_alloc(arena, proto->n_floats, sizeof(float));
      if (floats == NULL) return no_memory(r);
      if (proto->n_floats > 0) memcpy(floats, proto->floats, proto->n_floats * sizeof(float));
      attribute->floats = floats;
      return MC_OK;
    }
    case 7: {
      attribute->kind = MC_ATTRIBUTE_INTS;
      attribute->count = proto->n_ints;
      int64_t *ints = mc_arena_alloc(arena, proto->n_ints, sizeof(int64_t));
      if (ints == NULL) return no_memory(r);
      if (proto->n_ints > 0) memcpy(ints, proto->ints, proto->n_ints * sizeof(int64_t));
      attribute->ints = ints;
      return MC_OK;
    }
    default: return MC_OK; /* MC_ATTRIBUTE_OTHER */
  }
}

static bool is_default_domain(const char *domain) { return domain[0] == '\0' || strcmp(domain, "ai.onnx") == 0; }

static mc_status read_node_outputs(reader *r, const Onnx__NodeProto *proto, uint32_t index) {
  mc_arena *arena = &r->graph->arena;
  mc_node *node = &r->graph->nodes[index];
  if (proto->n_input > MAX_NODE_VALUES || proto->n_output > MAX_NODE_VALUES ||
      proto->n_attribute > MAX_NODE_ATTRIBUTES) {
    return invalid(r, "a node has too many inputs, outputs or attributes");
  }
  const char *name = text(proto->name);
  if (name[0] == '\0' && proto->n_output > 0) name = proto->output[0];
  node->name = mc_arena_string(arena, name);
  node->op_type = mc_arena_string(arena, text(proto->op_type));
  uint32_t *outputs = mc_arena_alloc(arena, proto->n_output, sizeof *outputs);
  if (node->name == NULL || node->op_type == NULL || outputs == NULL) return no_memory(r);
  if (!is_default_domain(text(proto->domain))) {
    return mc_node_report(r->message, node, MC_ERROR_MODEL_UNSUPPORTED, "operators of domain '%.40s' not supported",
                          proto->domain);
  }
  node->outputs = outputs;
  node->output_count = proto->n_output;
  for (size_t i = 0; i < proto->n_output; i++) {
    outputs[i] = MC_NONE;
    if (proto->output[i][0] != '\0') MC_TRY(define(r, proto->output[i], index, &outputs[i]));
  }
  return MC_OK;
}

static mc_status read_node_inputs(reader *r, const Onnx__NodeProto *proto, uint32_t index) {
  mc_graph *graph = r->graph;
  mc_node *node = &graph->nodes[index];
  uint32_t *inputs = mc_arena_alloc(&graph->arena, proto->n_input, sizeof *inputs);
  mc_attribute *attributes = mc_arena_alloc(&graph->arena, proto->n_attribute, sizeof *attributes);
  if (inputs == NULL || attributes == NULL) return no_memory(r);
  for (size_t i = 0; i < proto->n_input; i++) {
    inputs[i] = MC_NONE;
    if (proto->input[i][0] == '\0') continue;
    inputs[i] = lookup(r, proto->input[i]);
    if (inputs[i] == MC_NONE) {
      return mc_node_report(r->message, node, MC_ERROR_MODEL_INVALID, "input '%.72s' is not defined", proto->input[i]);
    }
    mc_value *value = &graph->values[inputs[i]];
    if (value->producer != MC_NONE && value->producer >= index) { /* also what a cycle looks like */
      return mc_node_report(r->message, node, MC_ERROR_MODEL_INVALID, "input '%.72s' is used before it is computed",
                            proto->input[i]);
    }
    value->consumer_count++;
  }
  for (size_t i = 0; i < proto->n_attribute; i++) MC_TRY(read_attribute(r, proto->attribute[i], &attributes[i]));
  node->inputs = inputs;
  node->input_count = proto->n_input;
  node->attributes = attributes;
  node->attribute_count = proto->n_attribute;
  return MC_OK;
}

static mc_status read_graph(reader *r, const Onnx__GraphProto *proto) {
  mc_graph *graph = r->graph;
  if (proto->n_output == 0) return invalid(r, "the graph has no output");
  if (proto->n_output > MAX_PORTS) return invalid(r, "too many outputs");
  if (proto->n_sparse_initializer > 0) return mc_report(r->message, MC_ERROR_MODEL_UNSUPPORTED, "sparse weights");
  for (size_t i = 0; i < proto->n_initializer; i++) {
    uint32_t id = MC_NONE;
    mc_constant *constant = NULL;
    const Onnx__TensorProto *tensor = proto->initializer[i];
    MC_TRY(define(r, text(tensor->name), MC_NONE, &id));
    MC_TRY(mc_onnx_tensor(&graph->arena, tensor, graph->values[id].name, r->message, &constant));
    graph->values[id].constant = constant;
  }
  MC_TRY(sort_names(r));
  for (size_t i = 0; i < proto->n_input; i++) {
    if (lookup(r, text(proto->input[i]->name)) != MC_NONE) continue; /* old files list their initializers here, too */
    if (graph->input_count == MAX_PORTS) return invalid(r, "too many inputs");
    MC_TRY(read_input(r, proto->input[i], &graph->inputs[graph->input_count]));
    graph->input_count++;
  }
  if (graph->input_count == 0) return invalid(r, "the graph has no input");
  graph->node_count = proto->n_node;
  for (size_t i = 0; i < proto->n_node; i++) MC_TRY(read_node_outputs(r, proto->node[i], (uint32_t)i));
  MC_TRY(sort_names(r));
  for (size_t i = 0; i < proto->n_node; i++) MC_TRY(read_node_inputs(r, proto->node[i], (uint32_t)i));
  for (size_t i = 0; i < proto->n_output; i++) {
    const char *name = text(proto->output[i]->name);
    const uint32_t id = lookup(r, name);
    if (id == MC_NONE) return mc_report(r->message, MC_ERROR_MODEL_INVALID, "output '%.72s' is not defined", name);
    graph->outputs[i] = (mc_port){.name = graph->values[id].name, .value = id};
    graph->values[id].consumer_count++;
  }
  graph->output_count = proto->n_output;
  return MC_OK;
}

static mc_status read_metadata(reader *r, const Onnx__ModelProto *proto) {
  mc_graph *graph = r->graph;
  mc_metadata *metadata = mc_arena_alloc(&graph->arena, proto->n_metadata_props, sizeof *metadata);
  if (metadata == NULL) return no_memory(r);
  for (size_t i = 0; i < proto->n_metadata_props; i++) {
    metadata[i].key = mc_arena_string(&graph->arena, text(proto->metadata_props[i]->key));
    metadata[i].value = mc_arena_string(&graph->arena, text(proto->metadata_props[i]->value));
    if (metadata[i].key == NULL || metadata[i].value == NULL) return no_memory(r);
  }
  graph->metadata = metadata;
  graph->metadata_count = proto->n_metadata_props;
  return MC_OK;
}

static mc_status read_model(reader *r, const Onnx__ModelProto *proto) {
  mc_graph *graph = r->graph;
  for (size_t i = 0; i < proto->n_opset_import; i++) {
    if (is_default_domain(text(proto->opset_import[i]->domain))) graph->opset = proto->opset_import[i]->version;
  }
  if (graph->opset < MC_MIN_OPSET || graph->opset > MC_MAX_OPSET) {
    return mc_report(r->message, MC_ERROR_MODEL_UNSUPPORTED, "operator set %lld; %d to %d are supported",
                     (long long)graph->opset, MC_MIN_OPSET, MC_MAX_OPSET);
  }
  MC_TRY(read_metadata(r, proto));

  if (proto->graph->n_node > MAX_NODES) return invalid(r, "too many nodes");
  r->capacity = proto->graph->n_initializer + proto->graph->n_input;
  for (size_t i = 0; i < proto->graph->n_node; i++) r->capacity += proto->graph->node[i]->n_output;
  if (r->capacity > MAX_VALUES) return invalid(r, "too many values");
  r->by_name = calloc(r->capacity + 1, sizeof *r->by_name);
  graph->nodes = mc_arena_alloc(&graph->arena, proto->graph->n_node, sizeof *graph->nodes);
  graph->values = mc_arena_alloc(&graph->arena, r->capacity, sizeof *graph->values);
  graph->inputs = mc_arena_alloc(&graph->arena, MAX_PORTS, sizeof *graph->inputs);
  graph->outputs = mc_arena_alloc(&graph->arena, MAX_PORTS, sizeof *graph->outputs);
  if (r->by_name == NULL || graph->nodes == NULL || graph->values == NULL || graph->inputs == NULL ||
      graph->outputs == NULL) {
    return no_memory(r);
  }
  return read_graph(r, proto->graph);
}

mc_status mc_onnx_read(const void *model, size_t bytes, mc_message *message, mc_graph **graph) {
  if (bytes > MC_MAX_MODEL_BYTES) return mc_report(message, MC_ERROR_MODEL_INVALID, "the file is too large");
  budget left = {.left_bytes = MC_LOAD_BYTES + 4 * bytes};
  ProtobufCAllocator allocator = {.alloc = budget_alloc, .free = budget_free, .allocator_data = &left};
  Onnx__ModelProto *proto = onnx__model_proto__unpack(&allocator, bytes, model);
  reader r = {.graph = calloc(1, sizeof(mc_graph)), .message = message};
  mc_status status = MC_OK;
  if (left.no_memory || r.graph == NULL) {
    status = no_memory(&r);
  } else if (proto == NULL || proto->graph == NULL) {
    status = mc_report(message, MC_ERROR_MODEL_INVALID, "not an ONNX file, or damaged");
  } else {
    /* Numbers can widen (half to float, int32 to int64), and weights are laid out anew once. */
    mc_arena_init(&r.graph->arena, MC_LOAD_BYTES + 8 * bytes);
    status = read_model(&r, proto);
  }
  free(r.by_name);
  if (proto != NULL) onnx__model_proto__free_unpacked(proto, &allocator);
  if (status != MC_OK) {
    mc_graph_destroy(r.graph);
    return status;
  }
  *graph = r.graph;
  return MC_OK;
}
