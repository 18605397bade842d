/* The ONNX mutator: most random bytes are no graph at all, so it changes the fields of one that is. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "onnx.pb-c.h"

/* --- Random numbers and random parts. --- */

static uint32_t next(uint32_t *state) {
  *state ^= *state << 13;
  *state ^= *state >> 17;
  *state ^= *state << 5;
  return *state;
}

static uint32_t below(uint32_t *state, size_t limit) { return limit == 0 ? 0 : next(state) % (uint32_t)limit; }

static int64_t number(uint32_t *state) {
  static const int64_t chosen[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 16, 31, 32, 64, 100, 255, 256, 1000, 1024, 32767, 32768, 65536,
                                   1 << 20, 1 << 26, INT32_MAX, INT64_MAX, INT64_MAX / 2 + 1, -1, -2, -3, -4, -5, -6, -7, -32,
                                   INT32_MIN, INT64_MIN, INT64_MIN + 1, (int64_t)1 << 32, ((int64_t)1 << 32) + 3,
                                   (int64_t)1 << 33};
  return chosen[below(state, sizeof chosen / sizeof chosen[0])];
}

static float real(uint32_t *state) {
  static const float chosen[] = {0, -0.0f, 1, -1, 0.5f, 2, 3, 1e-45f, 1e-38f, 3.4e38f, -3.4e38f, 1e30f, 64, 1e10f};
  if (next(state) % 8 == 0) {
    const uint32_t bits = next(state); /* NaN and infinities, too */
    float value = 0;
    memcpy(&value, &bits, sizeof value);
    return value;
  }
  return chosen[below(state, sizeof chosen / sizeof chosen[0])];
}

static const char *const operators[] = {
    "Abs", "Add", "AveragePool", "BatchNormalization", "Cast", "Ceil", "Clip", "Concat", "Constant", "ConstantOfShape",
    "Conv", "ConvTranspose", "Div", "Dropout", "Elu", "Exp", "Expand", "Flatten", "Floor", "Gather", "Gemm",
    "GlobalAveragePool", "GlobalMaxPool", "HardSigmoid", "HardSwish", "Identity", "LeakyRelu", "MatMul", "Max", "MaxPool",
    "Min", "Mul", "Neg", "Pad", "PRelu", "Pow", "Reciprocal", "ReduceL1", "ReduceL2", "ReduceMax", "ReduceMean",
    "ReduceMin", "ReduceSum", "ReduceSumSquare", "Relu", "Reshape", "Resize", "Shape", "Sigmoid", "Slice", "Softmax",
    "Split", "Sqrt", "Squeeze", "Sub", "Sum", "Tanh", "Transpose", "Unsqueeze"};
static const char *const attributes[] = {
    "axis", "axes", "kernel_shape", "strides", "dilations", "pads", "group", "auto_pad", "ceil_mode", "count_include_pad",
    "alpha", "beta", "transA", "transB", "epsilon", "perm", "keepdims", "split", "mode", "value", "to", "start", "end",
    "min", "max", "allowzero", "storage_order", "coordinate_transformation_mode", "nearest_mode", "noop_with_empty_axes",
    "output_padding", "output_shape", "keep_aspect_ratio_policy", "training_mode", "exclude_outside", "cubic_coeff_a",
    "antialias"};

static const char *const texts[] = {"nearest", "linear", "cubic", "half_pixel", "pytorch_half_pixel", "align_corners",
                                    "asymmetric", "floor", "ceil", "round_prefer_floor", "SAME_UPPER", "SAME_LOWER", "VALID",
                                    "NOTSET", "constant", "edge", "reflect", "stretch", ""};

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

/* --- Changing lists and texts, whose memory is protobuf-c's to free. --- */

static void *duplicate(const void *bytes, size_t size) {
  void *copy = malloc(size);
  if (copy == NULL) abort();
  memcpy(copy, bytes, size);
  return copy;
}

/* Texts that a file left out are a static empty one. */
static void set_text(char **text, const char *value) {
  char *copy = duplicate(value, strlen(value) + 1); /* it may be the same text */
  if (*text != NULL && *text != protobuf_c_empty_string) free(*text);
  *text = copy;
}

/* One more element at the end, whose bytes are those of `element`: a number, or a pointer to a part. */
static void append(void *list, size_t *count, const void *element, size_t element_size) {
  void **elements = list;
  void *grown = realloc(*elements, (*count + 1) * element_size);
  if (grown == NULL) abort();
  memcpy((char *)grown + *count * element_size, element, element_size);
  *elements = grown;
  (*count)++;
}

static void set_ints(int64_t **ints, size_t *count, uint32_t *state) {
  if (*count == 0 || next(state) % 4 == 0) {
    const int64_t value = number(state);
    append(ints, count, &value, sizeof value);
  } else if (next(state) % 6 == 0) {
    (*count)--;
  } else {
    int64_t *changed = &(*ints)[below(state, *count)];
    *changed = next(state) % 2 == 0 ? number(state) : (int64_t)((uint64_t)*changed + (next(state) % 2 == 0 ? 1 : UINT64_MAX));
  }
}

/* --- One change to one part. --- */

/* The name of some value of the graph; NULL if it has none. */
static const char *some_name(const Onnx__GraphProto *graph, uint32_t *state) {
  switch (next(state) % 3) {
    case 0: return graph->n_input > 0 ? graph->input[below(state, graph->n_input)]->name : NULL;
    case 1: return graph->n_initializer > 0 ? graph->initializer[below(state, graph->n_initializer)]->name : NULL;
    default: {
      if (graph->n_node == 0) return NULL;
      const Onnx__NodeProto *node = graph->node[below(state, graph->n_node)];
      return node->n_output > 0 ? node->output[below(state, node->n_output)] : NULL;
    }
  }
}

static void mutate_tensor(Onnx__TensorProto *tensor, uint32_t *state) {
  static const int32_t types[] = {1, 6, 7, 9, 10, 11, 2, 16, -1};
  switch (next(state) % 6) {
    case 0: set_ints(&tensor->dims, &tensor->n_dims, state); break;
    case 1:
      tensor->has_data_type = 1;
      tensor->data_type = types[below(state, COUNT(types))];
      break;
    case 2: /* truncated */
      if (tensor->has_raw_data && tensor->raw_data.len > 0) tensor->raw_data.len -= 1 + below(state, tensor->raw_data.len);
      break;
    case 3: /* one number, whichever way it is stored */
      if (tensor->has_raw_data && tensor->raw_data.len >= 8) {
        const int64_t value = number(state);
        const float f = real(state);
        const size_t at = (size_t)below(state, tensor->raw_data.len / 8) * 8;
        if (tensor->data_type == 1) {
          memcpy(tensor->raw_data.data + at, &f, sizeof f);
        } else {
          memcpy(tensor->raw_data.data + at, &value, sizeof value);
        }
      } else if (tensor->n_int64_data > 0) {
        tensor->int64_data[below(state, tensor->n_int64_data)] = number(state);
      } else if (tensor->n_float_data > 0) {
        tensor->float_data[below(state, tensor->n_float_data)] = real(state);
      }
      break;
    case 4: /* a small constant that an operator may take for sizes, axes or pads */
      if (tensor->has_raw_data && tensor->raw_data.data != NULL) free(tensor->raw_data.data);
      tensor->has_raw_data = 1;
      tensor->raw_data.len = (size_t)8 * (1 + below(state, 8));
      tensor->raw_data.data = malloc(tensor->raw_data.len);
      if (tensor->raw_data.data == NULL) abort();
      for (size_t i = 0; i < tensor->raw_data.len; i += 8) {
        const int64_t value = number(state);
        memcpy(tensor->raw_data.data + i, &value, sizeof value);
      }
      tensor->has_data_type = 1;
      tensor->data_type = 7;
      while (tensor->n_dims > 1) tensor->n_dims--;
      if (tensor->n_dims == 0) set_ints(&tensor->dims, &tensor->n_dims, state);
      tensor->dims[0] = (int64_t)(tensor->raw_data.len / 8);
      break;
    default:
      tensor->has_data_location = 1;
      tensor->data_location = (int32_t)(next(state) % 2);
      break;
  }
}

static void mutate_attribute(Onnx__AttributeProto *attribute, uint32_t *state) {
  attribute->has_type = 1;
  switch (next(state) % 8) {
    case 0: set_text(&attribute->name, attributes[below(state, COUNT(attributes))]); break;
    case 1: attribute->type = (int32_t)(next(state) % 9); break;
    case 2:
      attribute->has_f = 1;
      attribute->f = real(state);
      break;
    case 3:
      if (attribute->t != NULL) mutate_tensor(attribute->t, state);
      break;
    case 4:
      attribute->has_i = 1;
      attribute->i = number(state);
      attribute->type = next(state) % 4 == 0 ? attribute->type : 2;
      break;
    case 5: {
      const char *text = texts[below(state, COUNT(texts))];
      if (attribute->has_s && attribute->s.data != NULL) free(attribute->s.data);
      attribute->has_s = 1;
      attribute->s.len = strlen(text);
      attribute->s.data = duplicate(text, attribute->s.len + 1);
      attribute->type = 3;
      break;
    }
    default:
      set_ints(&attribute->ints, &attribute->n_ints, state);
      attribute->type = next(state) % 4 == 0 ? attribute->type : 7;
      break;
  }
}

static void mutate_node(const Onnx__GraphProto *graph, Onnx__NodeProto *node, uint32_t *state) {
  const char *name = some_name(graph, state);
  switch (next(state) % 9) {
    case 0: set_text(&node->op_type, operators[below(state, COUNT(operators))]); break;
    case 1: /* cycles and uses of values that were meant for others */
      if (node->n_input > 0 && name != NULL) set_text(&node->input[below(state, node->n_input)], name);
      break;
    case 2: /* names defined twice */
      if (node->n_output > 0 && name != NULL) set_text(&node->output[below(state, node->n_output)], name);
      break;
    case 3:
      if (node->n_input > 0) set_text(&node->input[below(state, node->n_input)], "");
      break;
    case 4: {
      char *added = name != NULL ? duplicate(name, strlen(name) + 1) : duplicate("", 1);
      append(&node->input, &node->n_input, &added, sizeof added);
      break;
    }
    case 5:
      if (node->n_input > 0) free(node->input[--node->n_input]);
      break;
    case 6: {
      Onnx__AttributeProto *added = malloc(sizeof *added);
      if (added == NULL) abort();
      onnx__attribute_proto__init(added);
      set_text(&added->name, attributes[below(state, COUNT(attributes))]);
      mutate_attribute(added, state);
      append(&node->attribute, &node->n_attribute, &added, sizeof(void *));
      break;
    }
    default:
      if (node->n_attribute > 0) mutate_attribute(node->attribute[below(state, node->n_attribute)], state);
      break;
  }
}

static void mutate_input(Onnx__ValueInfoProto *input, uint32_t *state) {
  if (input->type == NULL || input->type->tensor_type == NULL || input->type->tensor_type->shape == NULL) return;
  Onnx__TensorShapeProto *shape = input->type->tensor_type->shape;
  if (shape->n_dim == 0) return;
  Onnx__TensorShapeProto__Dimension *dimension = shape->dim[below(state, shape->n_dim)];
  dimension->has_dim_value = next(state) % 4 != 0;
  dimension->dim_value = number(state);
}

/* Swaps, removes and inserts nodes, and adds outputs. */
static void mutate_graph(Onnx__GraphProto *graph, uint32_t *state) {
  if (graph->n_node == 0) return;
  Onnx__NodeProto **chosen = &graph->node[below(state, graph->n_node)];
  Onnx__NodeProto **other = &graph->node[below(state, graph->n_node)];
  Onnx__NodeProto *node = *chosen;
  switch (next(state) % 4) {
    case 0:
      *chosen = *other;
      *other = node;
      break;
    case 1:
      *chosen = graph->node[--graph->n_node];
      onnx__node_proto__free_unpacked(node, NULL);
      break;
    case 2: { /* the same node again, on its own output */
      uint8_t *packed = malloc(onnx__node_proto__get_packed_size(node) + 1);
      if (packed == NULL) abort();
      Onnx__NodeProto *copy = onnx__node_proto__unpack(NULL, onnx__node_proto__pack(node, packed), packed);
      free(packed);
      if (copy == NULL) return;
      if (copy->n_input > 0 && copy->n_output > 0) {
        char again[80] = "again_";
        strncat(again, copy->output[0], 60);
        set_text(&copy->input[0], copy->output[0]);
        set_text(&copy->output[0], again);
      }
      append(&graph->node, &graph->n_node, &copy, sizeof(void *));
      break;
    }
    default:
      if (graph->n_output > 0 && node->n_output > 0) {
        set_text(&graph->output[below(state, graph->n_output)]->name, node->output[0]);
      }
      break;
  }
}

static void mutate_metadata(Onnx__ModelProto *model, uint32_t *state) {
  static const char *const values[] = {"", "0", "-1", "nan", "1e309", "1e-400", "32", "8,16,32", "1,2", "127.5,127.5,127.5",
                                       "0,0,0", "face", "mask", "softmax", "none", "BGR", "RGB", "999999999999999999999", "0.5", "1e6",
                                       "1", "2", "16", "0,1e6,-1e6", "1e6,1e6,1e6", "-1,1,0"};
  if (model->n_metadata_props == 0) return;
  Onnx__StringStringEntryProto *entry = model->metadata_props[below(state, model->n_metadata_props)];
  set_text(&entry->value, values[below(state, COUNT(values))]);
}

static void mutate(Onnx__ModelProto *model, uint32_t *state) {
  Onnx__GraphProto *graph = model->graph;
  switch (next(state) % 12) {
    case 0: mutate_graph(graph, state); break;
    case 1:
    case 2:
    case 3:
      if (graph->n_initializer > 0) mutate_tensor(graph->initializer[below(state, graph->n_initializer)], state);
      break;
    case 4:
      if (graph->n_input > 0) mutate_input(graph->input[below(state, graph->n_input)], state);
      break;
    case 5:
      if (next(state) % 4 == 0 && model->n_opset_import > 0) {
        model->opset_import[0]->version = 10 + (int64_t)below(state, 13);
      } else {
        mutate_metadata(model, state);
      }
      break;
    default:
      if (graph->n_node > 0) mutate_node(graph, graph->node[below(state, graph->n_node)], state);
      break;
  }
}

size_t fuzz_mutate_onnx(uint8_t *data, size_t size, size_t max_size, unsigned seed) {
  uint32_t state = seed | 1u;
  Onnx__ModelProto *model = onnx__model_proto__unpack(NULL, size, data);
  if (model == NULL) return 0;
  size_t packed = 0;
  if (model->graph != NULL) {
    for (uint32_t changes = 1 + next(&state) % 3; changes > 0; changes--) mutate(model, &state);
    packed = onnx__model_proto__get_packed_size(model);
    if (packed > max_size) packed = 0;
    if (packed > 0) packed = onnx__model_proto__pack(model, data);
  }
  onnx__model_proto__free_unpacked(model, NULL);
  return packed;
}
