#include "support_detector.h"

#include <stdlib.h>
#include <string.h>

#include "support_cmocka.h"

enum { HEADS = 3, HEAD_CHANNELS = 5, MAX_PROPS = 16 };

/* protobuf-c's structs take char *; nothing is written through it. */
static char *text(const char *constant) { return (char *)(uintptr_t)constant; }

/* One convolution from the image to a head: kernel and stride alike. */
typedef struct head {
  Onnx__NodeProto node;
  Onnx__AttributeProto strides;
  Onnx__TensorProto weights, bias;
  Onnx__ValueInfoProto output;
  int64_t stride_values[2], weight_dims[4], bias_dims[1];
  float bias_values[HEAD_CHANNELS];
  char *inputs[3], *outputs[1];
  Onnx__AttributeProto *attributes[1];
} head;

static void tensor_init(Onnx__TensorProto *tensor, const char *name, int64_t *dims, size_t rank, float *values,
                        size_t count) {
  *tensor = (Onnx__TensorProto)ONNX__TENSOR_PROTO__INIT;
  tensor->name = text(name);
  tensor->n_dims = rank;
  tensor->dims = dims;
  tensor->has_data_type = 1;
  tensor->data_type = 1;
  tensor->n_float_data = count;
  tensor->float_data = values;
}

/* values: [channels, 3, stride, stride] on the heap, taken over; biases are in h->bias_values. */
static void head_connect(head *h, const char *const names[3], int64_t channels, int64_t stride, float *values) {
  memcpy(h->weight_dims, ((int64_t[]){channels, 3, stride, stride}), sizeof(h->weight_dims));
  h->bias_dims[0] = channels;
  tensor_init(&h->weights, names[1], h->weight_dims, 4, values, (size_t)(channels * 3 * stride * stride));
  tensor_init(&h->bias, names[2], h->bias_dims, 1, h->bias_values, (size_t)channels);

  h->strides = (Onnx__AttributeProto)ONNX__ATTRIBUTE_PROTO__INIT;
  h->strides.name = text("strides");
  h->strides.has_type = 1;
  h->strides.type = 7; /* INTS */
  h->stride_values[0] = h->stride_values[1] = stride;
  h->strides.n_ints = 2;
  h->strides.ints = h->stride_values;
  h->attributes[0] = &h->strides;

  h->inputs[0] = text("x");
  h->inputs[1] = h->weights.name;
  h->inputs[2] = h->bias.name;
  h->outputs[0] = text(names[0]);
  h->node = (Onnx__NodeProto)ONNX__NODE_PROTO__INIT;
  h->node.op_type = text("Conv");
  h->node.n_input = 3;
  h->node.input = h->inputs;
  h->node.n_output = 1;
  h->node.output = h->outputs;
  h->node.n_attribute = 1;
  h->node.attribute = h->attributes;
  h->output = (Onnx__ValueInfoProto)ONNX__VALUE_INFO_PROTO__INIT;
  h->output.name = h->outputs[0];
}

static void head_init(head *h, size_t index, uint32_t face_px) {
  static const char *const names[HEADS][3] = {
      {"stride8", "w8", "b8"}, {"stride16", "w16", "b16"}, {"stride32", "w32", "b32"}};
  const int64_t stride = (int64_t)8 << index;
  const size_t inputs = 3 * (size_t)(stride * stride);
  float *values = calloc((size_t)HEAD_CHANNELS * inputs, sizeof(float));
  assert_non_null(values);
  if (index == 0) {
    for (size_t i = 0; i < inputs; i++) values[i] = 20.0f / (float)inputs;
  }
  h->bias_values[0] = index == 0 ? 0.0f : -50.0f;
  h->bias_values[3] = h->bias_values[4] = logf((float)face_px / (float)stride);
  head_connect(h, names[index], HEAD_CHANNELS, stride, values);
}

/* The struct refers to this function's variables no longer when it returns. */
static bytes pack_with(small_model *m, metadata props) {
  Onnx__StringStringEntryProto entries[MAX_PROPS];
  Onnx__StringStringEntryProto *list[MAX_PROPS];
  size_t count = 0;
  for (; props != NULL && props[2 * count] != NULL; count++) {
    assert_true(count < MAX_PROPS);
    entries[count] = (Onnx__StringStringEntryProto)ONNX__STRING_STRING_ENTRY_PROTO__INIT;
    entries[count].key = text(props[2 * count]);
    entries[count].value = text(props[2 * count + 1]);
    list[count] = &entries[count];
  }
  m->model.n_metadata_props = count;
  m->model.metadata_props = list;
  const bytes packed = small_model_pack(m);
  m->model.n_metadata_props = 0;
  m->model.metadata_props = NULL;
  return packed;
}

bytes white_cell_finder_with(uint32_t face_px, metadata props) {
  small_model m;
  small_model_init(&m, "Conv", 4, (int64_t[]){1, 3, 0, 0});
  head heads[HEADS] = {0};
  Onnx__NodeProto *nodes[HEADS];
  Onnx__ValueInfoProto *outputs[HEADS];
  Onnx__TensorProto *initializers[2 * HEADS];
  for (size_t i = 0; i < HEADS; i++) {
    head_init(&heads[i], i, face_px);
    nodes[i] = &heads[i].node;
    outputs[i] = &heads[i].output;
    initializers[i] = &heads[i].weights;
    initializers[HEADS + i] = &heads[i].bias;
  }
  m.graph.n_node = m.graph.n_output = HEADS;
  m.graph.node = nodes;
  m.graph.output = outputs;
  m.graph.n_initializer = (size_t)2 * HEADS;
  m.graph.initializer = initializers;
  const bytes packed = pack_with(&m, props);
  for (size_t i = 0; i < HEADS; i++) free(heads[i].weights.float_data);
  return packed;
}

bytes white_cell_finder(void) { return white_cell_finder_with(WHITE_FACE_PX, NULL); }

bytes mean_color_classifier(int64_t size, metadata props) {
  small_model m;
  small_model_init(&m, "GlobalAveragePool", 4, (int64_t[]){1, 3, size, size});
  return pack_with(&m, props);
}

bytes mean_color_classifier_nhwc(int64_t size, metadata props) {
  small_model m;
  small_model_init(&m, "ReduceMean", 4, (int64_t[]){1, size, size, 3});
  int64_t axes[2] = {1, 2};
  Onnx__AttributeProto attribute = ONNX__ATTRIBUTE_PROTO__INIT;
  attribute.name = text("axes");
  attribute.has_type = 1;
  attribute.type = 7; /* INTS */
  attribute.n_ints = 2;
  attribute.ints = axes;
  Onnx__AttributeProto *attributes[1] = {&attribute};
  m.node.n_attribute = 1;
  m.node.attribute = attributes;
  return pack_with(&m, props);
}

bytes two_look_classifier(const char *name, size_t numbers, const float weights[4], metadata props) {
  enum { SIDE = 8, PIXELS = SIDE * SIDE };
  assert_true(numbers <= HEAD_CHANNELS);
  small_model m;
  small_model_init(&m, "GlobalAveragePool", 4, (int64_t[]){1, 3, SIDE, SIDE});
  head second = {0};
  float *values = calloc(numbers * 3 * PIXELS, sizeof(float));
  assert_non_null(values);
  for (size_t i = 0; i < numbers * 3 * PIXELS; i++) values[i] = weights[i / PIXELS % 3] / (float)PIXELS;
  for (size_t i = 0; i < numbers; i++) second.bias_values[i] = weights[3];
  head_connect(&second, (const char *const[]){name, "w", "b"}, (int64_t)numbers, SIDE, values);
  Onnx__NodeProto *nodes[2] = {&m.node, &second.node};
  Onnx__ValueInfoProto *outputs[2] = {&m.output, &second.output};
  Onnx__TensorProto *initializers[2] = {&second.weights, &second.bias};
  m.graph.n_node = m.graph.n_output = m.graph.n_initializer = 2;
  m.graph.node = nodes;
  m.graph.output = outputs;
  m.graph.initializer = initializers;
  const bytes packed = pack_with(&m, props);
  free(values);
  return packed;
}

mc_status detector_try(bytes face, bytes mask, const mc_options *options, mc_message *message, mc_detector **detector) {
  const mc_status status =
      mc_detector_create(face.data, face.size, mask.data, mask.size, options, message, detector);
  free(face.data);
  free(mask.data);
  return status;
}

mc_detector *detector_of(bytes face, bytes mask) {
  mc_detector *detector = NULL;
  mc_message message;
  const mc_status status = detector_try(face, mask, NULL, &message, &detector);
  if (status != MC_OK) fail_msg("%s: %s", mc_status_name(status), message.text);
  assert_string_equal(message.text, "");
  return detector;
}

mc_detector *detector_by_hand(void) { return detector_of(white_cell_finder(), mean_color_classifier(8, NULL)); }

mc_detector *detector_shipped(void) { return detector_of(model_file("face.onnx"), model_file("mask.onnx")); }

void assert_distribution(const mc_face *face) {
  double sum = 0.0;
  for (size_t i = 0; i < MC_LABEL_COUNT; i++) {
    assert_true(face->probabilities[i] >= 0.0f && face->probabilities[i] <= 1.0f);
    assert_true(face->probabilities[face->label] >= face->probabilities[i]);
    sum += (double)face->probabilities[i];
  }
  assert_near(sum, 1.0, 1e-5);
}

void assert_probabilities(const mc_face *face, double red, double green, double blue) {
  const double logits[MC_LABEL_COUNT] = {red, green, blue};
  const double sum = exp(red) + exp(green) + exp(blue);
  for (size_t i = 0; i < MC_LABEL_COUNT; i++) assert_near(face->probabilities[i], exp(logits[i]) / sum, 1e-4);
}
