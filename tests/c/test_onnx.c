/* Reading ONNX files: element types, metadata, and the limits that keep a hostile file in bounds. */
#include "support_cmocka.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "onnx.h"
#include "support_model.h"

static mc_status read_bytes(bytes b, mc_message *message, mc_graph **graph) {
  message->text[0] = '\0';
  const mc_status status = mc_onnx_read(b.data, b.size, message, graph);
  free(b.data);
  return status;
}

/* Reads a Relu model with one initializer besides. */
static mc_status read_with(Onnx__TensorProto *tensor, mc_message *message, mc_graph **graph) {
  static char name[] = "w";
  small_model m;
  Onnx__TensorProto *tensors[1] = {tensor};
  small_model_init(&m, "Relu", 2, (const int64_t[]){2, 3});
  tensor->name = name;
  m.graph.n_initializer = 1;
  m.graph.initializer = tensors;
  return read_bytes(small_model_pack(&m), message, graph);
}

static const mc_constant *constant_named(const mc_graph *graph, const char *name) {
  for (size_t i = 0; i < graph->value_count; i++) {
    if (strcmp(graph->values[i].name, name) == 0) return graph->values[i].constant;
  }
  return NULL;
}

static void test_graph(void **state) {
  (void)state;
  small_model m;
  mc_message message;
  mc_graph *graph = NULL;
  small_model_init(&m, "Relu", 3, (const int64_t[]){2, 0, 5});
  assert_int_equal(read_bytes(small_model_pack(&m), &message, &graph), MC_OK);
  assert_int_equal(graph->opset, 13);
  assert_int_equal(graph->node_count, 1);
  assert_string_equal(graph->nodes[0].op_type, "Relu");
  assert_string_equal(graph->nodes[0].name, "y"); /* no name of its own */
  assert_int_equal(graph->input_count, 1);
  assert_string_equal(graph->inputs[0].name, "x");
  assert_int_equal(graph->inputs[0].rank, 3);
  assert_int_equal(graph->inputs[0].dims[0], 2);
  assert_int_equal(graph->inputs[0].dims[1], 0);
  assert_int_equal(graph->inputs[0].dims[2], 5);
  assert_int_equal(graph->output_count, 1);
  assert_string_equal(graph->outputs[0].name, "y");
  mc_graph_destroy(graph);
}

static void test_half_precision(void **state) {
  (void)state;
  /* 1, -2, 65504, 2^-24, 2^-14 - 2^-24, -0, infinity, NaN */
  const uint16_t halves[8] = {0x3c00, 0xc000, 0x7bff, 0x0001, 0x03ff, 0x8000, 0x7c00, 0x7e00};
  const float expected[7] = {1, -2, 65504, 0x1p-24f, 0x1p-14f - 0x1p-24f, -0.0f, INFINITY};
  int64_t dims[1] = {8};
  int32_t typed[8];
  for (size_t i = 0; i < 8; i++) typed[i] = halves[i];
  for (size_t k = 0; k < 2; k++) {
    Onnx__TensorProto tensor = ONNX__TENSOR_PROTO__INIT;
    mc_message message;
    mc_graph *graph = NULL;
    tensor.n_dims = 1;
    tensor.dims = dims;
    tensor.has_data_type = 1;
    tensor.data_type = 10;
    if (k == 0) {
      tensor.has_raw_data = 1;
      tensor.raw_data = (ProtobufCBinaryData){.len = sizeof halves, .data = (uint8_t *)(uintptr_t)halves};
    } else {
      tensor.n_int32_data = 8;
      tensor.int32_data = typed;
    }
    assert_int_equal(read_with(&tensor, &message, &graph), MC_OK);
    const mc_constant *constant = constant_named(graph, "w");
    assert_false(constant->is_int);
    for (size_t i = 0; i < 7; i++) {
      assert_true(constant->floats[i] == expected[i]);
      assert_int_equal(signbit(constant->floats[i]) != 0, signbit(expected[i]) != 0);
    }
    assert_true(isnan(constant->floats[7]));
    mc_graph_destroy(graph);
  }
}

static void test_element_types(void **state) {
  (void)state;
  const int64_t int64s[2] = {INT64_MIN, 7};
  const int32_t int32s[2] = {INT32_MIN, 7};
  const uint8_t bools[2] = {0, 3};
  const double doubles[2] = {0.1, -1e300};
  const struct {
    const void *data;
    size_t size;
    int64_t ints[2];
    float floats[2];
    int32_t type;
    bool is_int;
  } table[] = {
      {int64s, sizeof int64s, {INT64_MIN, 7}, {0}, 7, true},
      {int32s, sizeof int32s, {INT32_MIN, 7}, {0}, 6, true},
      {bools, sizeof bools, {0, 1}, {0}, 9, true},
      {doubles, sizeof doubles, {0}, {0.1f, -INFINITY}, 11, false},
  };
  int64_t dims[1] = {2};
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    Onnx__TensorProto tensor = ONNX__TENSOR_PROTO__INIT;
    mc_message message;
    mc_graph *graph = NULL;
    tensor.n_dims = 1;
    tensor.dims = dims;
    tensor.has_data_type = 1;
    tensor.data_type = table[i].type;
    tensor.has_raw_data = 1;
    tensor.raw_data = (ProtobufCBinaryData){.len = table[i].size, .data = (uint8_t *)(uintptr_t)table[i].data};
    assert_int_equal(read_with(&tensor, &message, &graph), MC_OK);
    const mc_constant *constant = constant_named(graph, "w");
    assert_int_equal(constant->is_int, table[i].is_int);
    for (size_t k = 0; k < 2; k++) {
      if (constant->is_int) {
        assert_true(constant->ints[k] == table[i].ints[k]);
      } else {
        assert_true(constant->floats[k] == table[i].floats[k]);
      }
    }
    mc_graph_destroy(graph);
  }
  for (int32_t type = 0; type < 40; type++) { /* all others */
    if (type == 1 || type == 6 || type == 7 || (type >= 9 && type <= 11)) continue;
    Onnx__TensorProto tensor = ONNX__TENSOR_PROTO__INIT;
    mc_message message;
    mc_graph *graph = NULL;
    tensor.has_data_type = 1;
    tensor.data_type = type;
    assert_int_equal(read_with(&tensor, &message, &graph), MC_ERROR_MODEL_UNSUPPORTED);
    assert_null(graph);
    assert_non_null(strstr(message.text, "element type"));
  }
}

static void test_metadata(void **state) {
  (void)state;
  static char key[] = "classes";
  static char value[] = "a,b";
  small_model m;
  mc_message message;
  mc_graph *graph = NULL;
  Onnx__StringStringEntryProto full = ONNX__STRING_STRING_ENTRY_PROTO__INIT;
  Onnx__StringStringEntryProto empty = ONNX__STRING_STRING_ENTRY_PROTO__INIT;
  Onnx__StringStringEntryProto *entries[2] = {&full, &empty};
  full.key = key;
  full.value = value;
  small_model_init(&m, "Relu", 1, (const int64_t[]){3});
  m.model.n_metadata_props = 2;
  m.model.metadata_props = entries;
  assert_int_equal(read_bytes(small_model_pack(&m), &message, &graph), MC_OK);
  assert_int_equal(graph->metadata_count, 2);
  assert_string_equal(graph->metadata[0].key, "classes");
  assert_string_equal(graph->metadata[0].value, "a,b");
  assert_string_equal(graph->metadata[1].key, "");
  assert_string_equal(graph->metadata[1].value, "");
  mc_graph_destroy(graph);
}

/* Every beginning of a file is refused, or is complete as it is. */
static void test_truncation(void **state) {
  (void)state;
  small_model m;
  small_model_init(&m, "Relu", 2, (const int64_t[]){2, 3});
  const bytes whole = small_model_pack(&m);
  size_t complete = 0;
  for (size_t size = 0; size <= whole.size; size++) {
    mc_message message;
    mc_graph *graph = NULL;
    bytes part = {.data = malloc(size + 1), .size = size};
    memcpy(part.data, whole.data, size);
    const mc_status status = read_bytes(part, &message, &graph);
    assert_true(status == MC_OK || status == MC_ERROR_MODEL_INVALID || status == MC_ERROR_MODEL_UNSUPPORTED);
    assert_int_equal(status == MC_OK, graph != NULL);
    complete += status == MC_OK;
    mc_graph_destroy(graph);
  }
  assert_int_equal(complete, 1); /* the operator set comes last */
  free(whole.data);
}

static mc_status read_repeated(uint8_t field, size_t count, mc_message *message) {
  /* A graph (field 7 of the model) of `count` empty messages, two bytes each. */
  const size_t graph_bytes = 2 * count;
  bytes b = {.data = malloc(graph_bytes + 16)};
  b.data[b.size++] = 7 << 3 | 2;
  for (size_t rest = graph_bytes; b.size < 16; rest >>= 7) {
    b.data[b.size++] = (uint8_t)((rest & 127) | (rest > 127 ? 128 : 0));
    if (rest <= 127) break;
  }
  for (size_t i = 0; i < count; i++) {
    b.data[b.size++] = (uint8_t)(field << 3 | 2);
    b.data[b.size++] = 0;
  }
  mc_graph *graph = NULL;
  const mc_status status = read_bytes(b, message, &graph);
  assert_null(graph);
  return status;
}

/* Few bytes that would become many structs. */
static void test_amplification(void **state) {
  (void)state;
  mc_message message;
  const uint8_t fields[] = {1, 5, 11, 12}; /* nodes, initializers, inputs, outputs */
  for (size_t i = 0; i < sizeof fields; i++) {
    assert_true(read_repeated(fields[i], 1000, &message) != MC_OK);
    assert_true(read_repeated(fields[i], 3000000, &message) == MC_ERROR_MODEL_INVALID);
  }
}

/* A model of messages in messages: the fields of the list, then its last `again` ones over and over. */
static bytes nested(const uint8_t *fields, size_t field_count, size_t again, size_t depth) {
  const size_t space = depth * 6;
  uint8_t *begin = malloc(space);
  uint8_t *end = begin + space;
  uint8_t *at = end;
  for (size_t level = depth; level-- > 0;) {
    uint8_t length[5];
    size_t length_bytes = 0;
    for (size_t rest = (size_t)(end - at); length_bytes == 0 || rest > 0; rest >>= 7) {
      length[length_bytes++] = (uint8_t)((rest & 127) | (rest > 127 ? 128 : 0));
    }
    at -= length_bytes;
    memcpy(at, length, length_bytes);
    const size_t field = level < field_count ? level : field_count - again + (level - field_count) % again;
    *--at = (uint8_t)(fields[field] << 3 | 2);
  }
  bytes b = {.data = malloc((size_t)(end - at)), .size = (size_t)(end - at)};
  memcpy(b.data, at, b.size);
  free(begin);
  return b;
}

/* Nothing goes down as deep as a file may go, or the stack would end. */
static void test_deep_nesting(void **state) {
  (void)state;
  enum { DEPTH = 300000 };
  const uint8_t graphs[] = {7, 1, 5, 6};    /* graph; node, attribute, its graph, ... */
  const uint8_t types[] = {7, 11, 2, 4, 1}; /* graph, input, type; a sequence of a type, ... */
  mc_message message;
  mc_graph *graph = NULL;
  assert_int_equal(read_bytes(nested(graphs, 4, 3, DEPTH), &message, &graph), MC_ERROR_MODEL_UNSUPPORTED);
  assert_int_equal(read_bytes(nested(types, 5, 2, DEPTH), &message, &graph), MC_ERROR_MODEL_UNSUPPORTED);
  bytes groups = {.data = malloc(DEPTH), .size = DEPTH};
  memset(groups.data, 1 << 3 | 3, DEPTH);
  assert_int_equal(read_bytes(groups, &message, &graph), MC_ERROR_MODEL_INVALID);
  assert_null(graph);
}

static void test_limits(void **state) {
  (void)state;
  mc_message message;
  mc_graph *graph = NULL;
  assert_int_equal(mc_onnx_read("", MC_MAX_MODEL_BYTES + 1, &message, &graph), MC_ERROR_MODEL_INVALID);
  assert_int_equal(mc_onnx_read("", 0, NULL, &graph), MC_ERROR_MODEL_INVALID); /* no message wanted */

  small_model m;
  char *name = malloc(3000);
  memset(name, 'n', 2999);
  name[2999] = '\0';
  small_model_init(&m, "Relu", 1, (const int64_t[]){3});
  m.node_outputs[0] = name;
  assert_int_equal(read_bytes(small_model_pack(&m), &message, &graph), MC_ERROR_MODEL_INVALID);

  small_model_init(&m, "Relu", 1, (const int64_t[]){3});
  Onnx__NodeProto **nodes = calloc(20000, sizeof(Onnx__NodeProto *));
  for (size_t i = 0; i < 20000; i++) nodes[i] = &m.node;
  m.graph.n_node = 20000;
  m.graph.node = nodes;
  assert_int_equal(read_bytes(small_model_pack(&m), &message, &graph), MC_ERROR_MODEL_INVALID);
  assert_string_equal(message.text, "too many nodes");
  free(nodes);
  free(name);
  assert_null(graph);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_graph),      cmocka_unit_test(test_half_precision), cmocka_unit_test(test_element_types),
      cmocka_unit_test(test_metadata),   cmocka_unit_test(test_truncation),     cmocka_unit_test(test_amplification),
      cmocka_unit_test(test_deep_nesting), cmocka_unit_test(test_limits),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
