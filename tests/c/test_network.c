/* Networks through their interface: sizes and going back to them, what a buffer looks like, metadata, and that a run takes no
 * memory. That they compute the right thing is for the conformance tests. */
#include "support_cmocka.h"

#include <stdlib.h>
#include <string.h>

#include "counted_allocations.h"
#include "network.h"
#include "support_model.h"
#include "support_random.h"

/* --- Helpers --- */

static mc_network *network_from(bytes model) {
  mc_network *network = NULL;
  mc_message message;
  const mc_status status = mc_network_create(model.data, model.size, &message, &network);
  free(model.data);
  if (status != MC_OK) fail_msg("%s", message.text);
  assert_string_equal(message.text, "");
  return network;
}

static size_t count_elements(const mc_tensor *tensor) {
  size_t count = 1;
  for (size_t i = 0; i < tensor->rank; i++) count *= tensor->dims[i];
  return count;
}

static void resize(mc_network *network, size_t n, size_t h, size_t w) {
  const size_t dims[4] = {n, 3, h, w};
  assert_int_equal(mc_network_resize(network, 0, dims, 4, NULL), MC_OK);
}

/* The same input for the same size, so that outputs can be compared. */
static void fill_and_run(mc_network *network) {
  const mc_tensor *input = mc_network_input(network, 0);
  uint64_t state = count_elements(input);
  for (size_t i = 0; i < count_elements(input); i++) input->data[i] = (float)random_between(&state, -1, 1);
  assert_int_equal(mc_network_run(network), MC_OK);
}

static float *copy_output(const mc_network *network, size_t index, size_t *count) {
  const mc_tensor *output = mc_network_output(network, index);
  *count = count_elements(output);
  float *copy = malloc(*count * sizeof *copy);
  assert_non_null(copy);
  memcpy(copy, output->data, *count * sizeof *copy);
  return copy;
}

/* --- Tests --- */

static void test_finder(void **state) {
  (void)state;
  mc_network *network = network_from(model_file("face.onnx"));
  assert_int_equal(mc_network_input_count(network), 1);
  assert_int_equal(mc_network_output_count(network), 3);
  assert_string_equal(mc_network_metadata(network, "maskcheck.kind"), "face");
  assert_null(mc_network_metadata(network, "no such key"));
  const mc_tensor *input = mc_network_input(network, 0);
  assert_int_equal(input->rank, 4);
  assert_int_equal(input->dims[1], 3);
  assert_int_equal(input->dims[2], 0); /* dynamic */
  assert_int_equal(mc_network_run(network), MC_ERROR_INVALID_ARGUMENT);
  assert_int_equal(mc_network_macs(network), 0);

  resize(network, 1, 64, 96);
  input = mc_network_input(network, 0);
  const size_t nhwc[4] = {0, 2, 3, 1};
  assert_memory_equal(input->stored, nhwc, sizeof nhwc);
  const char *const names[3] = {"stride8", "stride16", "stride32"};
  for (size_t i = 0; i < 3; i++) {
    const mc_tensor *output = mc_network_output(network, i);
    const size_t stride = (size_t)8 << i;
    assert_string_equal(output->name, names[i]);
    assert_int_equal(output->rank, 4);
    assert_int_equal(output->dims[1], 5);
    assert_int_equal(output->dims[2], 64 / stride);
    assert_int_equal(output->dims[3], 96 / stride);
    assert_memory_equal(output->stored, nhwc, sizeof nhwc);
  }
  const uint64_t macs = mc_network_macs(network);
  assert_true(macs > 0);
  resize(network, 1, 128, 96);
  assert_true(mc_network_macs(network) == 2 * macs); /* convolutions only */
  mc_network_destroy(network);
}

/* Other sizes and back again give what a fresh network gives, bit by bit. */
static void check_network(mc_network *used, const char *file, const size_t (*sizes)[3], size_t count) {
  for (size_t i = 0; i < count; i++) {
    mc_network *fresh = network_from(model_file(file));
    resize(used, sizes[i][0], sizes[i][1], sizes[i][2]);
    resize(fresh, sizes[i][0], sizes[i][1], sizes[i][2]);
    fill_and_run(used);
    fill_and_run(fresh);
    for (size_t k = 0; k < mc_network_output_count(used); k++) {
      size_t used_count = 0;
      size_t fresh_count = 0;
      float *a = copy_output(used, k, &used_count);
      float *b = copy_output(fresh, k, &fresh_count);
      assert_int_equal(used_count, fresh_count);
      assert_memory_equal(a, b, used_count * sizeof *a);
      free(a);
      free(b);
    }
    mc_network_destroy(fresh);
  }
}

static void check_sizes(const char *file, const size_t (*sizes)[3], size_t count) {
  mc_network *network = network_from(model_file(file));
  check_network(network, file, sizes, count);
  mc_network *twin = NULL;
  assert_int_equal(mc_network_create_twin(network, &twin), MC_OK);
  check_network(twin, file, sizes, count);
  mc_network_destroy(twin);
  mc_network_spend_input(network);
  check_network(network, file, sizes, count);
  mc_network_destroy(network);
}

static void test_sizes(void **state) {
  (void)state;
  const size_t pictures[][3] = {{1, 64, 96}, {1, 32, 32}, {1, 160, 128}, {1, 96, 64}, {1, 64, 96}};
  check_sizes("face.onnx", pictures, sizeof pictures / sizeof pictures[0]);

  mc_network *network = network_from(model_file("mask.onnx"));
  const size_t side = (size_t)strtoul(mc_network_metadata(network, "input_size"), NULL, 10);
  mc_network_destroy(network);
  const size_t batches[][3] = {{1, side, side}, {5, side, side}, {2, side, side}, {9, side, side}, {1, side, side}};
  check_sizes("mask.onnx", batches, sizeof batches / sizeof batches[0]);
}

/* An input that lies among the results has room for each size, also where a larger one makes no result larger. */
static void test_spent_input(void **state) {
  (void)state;
  static char kernel_shape[] = "kernel_shape";
  static char strides[] = "strides";
  int64_t two[2] = {2, 2};
  Onnx__AttributeProto attributes[2] = {ONNX__ATTRIBUTE_PROTO__INIT, ONNX__ATTRIBUTE_PROTO__INIT};
  Onnx__AttributeProto *list[2] = {&attributes[0], &attributes[1]};
  for (size_t i = 0; i < 2; i++) {
    attributes[i].name = i == 0 ? kernel_shape : strides;
    attributes[i].has_type = 1;
    attributes[i].type = 7; /* INTS */
    attributes[i].n_ints = 2;
    attributes[i].ints = two;
  }
  small_model m;
  small_model_init(&m, "MaxPool", 4, (const int64_t[]){1, 3, 0, 0});
  m.node.n_attribute = 2;
  m.node.attribute = list;
  mc_network *network = network_from(small_model_pack(&m));
  mc_network_spend_input(network);
  const size_t sides[] = {4, 5, 65, 64, 4};
  for (size_t i = 0; i < sizeof sides / sizeof sides[0]; i++) {
    resize(network, 1, sides[i], sides[i]);
    const mc_tensor *input = mc_network_input(network, 0);
    for (size_t k = 0; k < count_elements(input); k++) input->data[k] = (float)k;
    assert_int_equal(mc_network_run(network), MC_OK);
    /* The last pixel of the first window, [N, H, W, C]. */
    for (size_t c = 0; c < 3; c++) assert_true(mc_network_output(network, 0)->data[c] == (float)((sides[i] + 1) * 3 + c));
  }
  mc_network_destroy(network);
}

/* A pad and a convolution with work of its own between them: the pad reads the input before that can lie in its place. */
static bytes pad_then_convolution(void) {
  enum { NODES = 5, SIDE = 64 };
  static char names[][8] = {"x", "pads", "padded", "k", "t", "mean", "w", "c", "y"};
  static char ops[NODES][20] = {"Pad", "Relu", "GlobalAveragePool", "Conv", "Add"};
  static const int wiring[NODES][3] = {{0, 1, 2}, {3, -1, 4}, {4, -1, 5}, {2, 6, 7}, {7, 5, 8}};
  static float constant[3 * SIDE * SIDE];
  static float weights[27];
  for (size_t i = 0; i < sizeof constant / sizeof *constant; i++) constant[i] = (float)(i % 7) - 3;
  for (size_t i = 0; i < 27; i++) weights[i] = (float)i / 27;
  small_model m;
  small_model_init(&m, "Relu", 4, (const int64_t[]){1, 3, 0, 0});

  Onnx__NodeProto nodes[NODES];
  Onnx__NodeProto *list[NODES];
  char *ends[NODES][3];
  for (size_t i = 0; i < NODES; i++) {
    onnx__node_proto__init(&nodes[i]);
    nodes[i].op_type = ops[i];
    nodes[i].input = ends[i];
    nodes[i].output = &ends[i][2];
    nodes[i].n_output = 1;
    for (size_t k = 0; k < 3; k++) ends[i][k] = wiring[i][k] < 0 ? NULL : names[wiring[i][k]];
    nodes[i].n_input = wiring[i][1] < 0 ? 1 : 2;
    list[i] = &nodes[i];
  }
  int64_t pad_dims[1] = {8};
  int64_t constant_dims[4] = {1, 3, SIDE, SIDE};
  int64_t weight_dims[4] = {1, 3, 3, 3};
  int64_t pads[8] = {0, 0, 1, 1, 0, 0, 1, 1};
  Onnx__TensorProto tensors[3] = {ONNX__TENSOR_PROTO__INIT, ONNX__TENSOR_PROTO__INIT, ONNX__TENSOR_PROTO__INIT};
  Onnx__TensorProto *initializers[3] = {&tensors[0], &tensors[1], &tensors[2]};
  for (size_t i = 0; i < 3; i++) {
    tensors[i].name = names[i == 0 ? 1 : 3 * i];
    tensors[i].has_data_type = 1;
    tensors[i].data_type = i == 0 ? 7 : 1; /* INT64, FLOAT */
    tensors[i].n_dims = i == 0 ? 1 : 4;
  }
  tensors[0].dims = pad_dims;
  tensors[0].int64_data = pads;
  tensors[0].n_int64_data = 8;
  tensors[1].dims = constant_dims;
  tensors[1].float_data = constant;
  tensors[1].n_float_data = sizeof constant / sizeof *constant;
  tensors[2].dims = weight_dims;
  tensors[2].float_data = weights;
  tensors[2].n_float_data = 27;
  m.graph.n_node = NODES;
  m.graph.node = list;
  m.graph.n_initializer = 3;
  m.graph.initializer = initializers;
  return small_model_pack(&m);
}

static void test_spent_input_of_a_pad(void **state) {
  (void)state;
  float *results[2];
  size_t count = 0;
  for (size_t spent = 0; spent < 2; spent++) {
    mc_network *network = network_from(pad_then_convolution());
    if (spent) mc_network_spend_input(network);
    resize(network, 1, 64, 64);
    fill_and_run(network);
    results[spent] = copy_output(network, 0, &count);
    mc_network_destroy(network);
  }
  assert_int_equal(count, 3 * 64 * 64);
  assert_memory_equal(results[0], results[1], count * sizeof(float));
  free(results[0]);
  free(results[1]);
}

static void test_bad_sizes(void **state) {
  (void)state;
  mc_network *network = network_from(model_file("face.onnx"));
  const size_t good[4] = {1, 3, 64, 96};
  const size_t other_channels[4] = {1, 4, 64, 96};
  const size_t empty[4] = {1, 3, 0, 96};
  const size_t huge[4] = {1, 3, 1 << 14, 1 << 14};
  const size_t overflowing[4] = {1, 3, SIZE_MAX / 2, SIZE_MAX / 2};
  mc_message message;
  assert_int_equal(mc_network_resize(network, 0, good, 3, &message), MC_ERROR_INVALID_ARGUMENT);
  assert_int_equal(mc_network_resize(network, 1, good, 4, &message), MC_ERROR_INVALID_ARGUMENT);
  assert_int_equal(mc_network_resize(network, 0, other_channels, 4, &message), MC_ERROR_INVALID_ARGUMENT);
  assert_int_equal(mc_network_resize(network, 0, empty, 4, &message), MC_ERROR_INVALID_ARGUMENT);
  assert_int_equal(mc_network_resize(network, 0, overflowing, 4, &message), MC_ERROR_INVALID_ARGUMENT);
  assert_int_equal(mc_network_resize(network, 0, huge, 4, &message), MC_ERROR_MODEL_UNSUPPORTED);
  assert_int_equal(mc_network_resize(network, 0, huge, 4, &message), MC_ERROR_MODEL_UNSUPPORTED); /* nor is it there now */
  assert_true(strlen(message.text) > 0);
  assert_int_equal(mc_network_run(network), MC_ERROR_INVALID_ARGUMENT);
  assert_int_equal(mc_network_resize(network, 0, good, 4, &message), MC_OK);
  assert_string_equal(message.text, "");
  fill_and_run(network);
  mc_network_destroy(network);
}

static void test_bad_arguments(void **state) {
  (void)state;
  mc_network *network = NULL;
  assert_int_equal(mc_network_create(NULL, 10, NULL, &network), MC_ERROR_INVALID_ARGUMENT);
  assert_int_equal(mc_network_create("junk", 4, NULL, &network), MC_ERROR_MODEL_INVALID);
  assert_null(network);
  assert_int_equal(mc_network_run(NULL), MC_ERROR_INVALID_ARGUMENT);
  mc_network_destroy(NULL);
}

/* A run takes no memory; neither does setting the size there is. */
static void test_allocations(void **state) {
  (void)state;
  mc_network *finder = network_from(model_file("face.onnx"));
  mc_network *classifier = network_from(model_file("mask.onnx"));
  const size_t side = (size_t)strtoul(mc_network_metadata(classifier, "input_size"), NULL, 10);
  resize(finder, 1, 96, 128);
  resize(classifier, 3, side, side);
  assert_true(counted_allocations() > 0); /* they are counted */
  const size_t before = counted_allocations();
  for (size_t i = 0; i < 3; i++) {
    resize(finder, 1, 96, 128);
    resize(classifier, 3, side, side);
    fill_and_run(finder);
    fill_and_run(classifier);
  }
  assert_int_equal(counted_allocations(), before);
  mc_network_destroy(finder);
  mc_network_destroy(classifier);
}

/* A network whose shapes are all static can run at once, and a static axis keeps its size. */
static void test_static(void **state) {
  (void)state;
  small_model m;
  small_model_init(&m, "Relu", 2, (const int64_t[]){2, 3});
  mc_network *network = network_from(small_model_pack(&m));
  const mc_tensor *input = mc_network_input(network, 0);
  const mc_tensor *output = mc_network_output(network, 0);
  assert_string_equal(input->name, "x");
  assert_string_equal(output->name, "y");
  assert_int_equal(output->rank, 2);
  assert_int_equal(output->dims[0], 2);
  assert_int_equal(output->dims[1], 3);
  assert_int_equal(output->stored[0], 0);
  assert_int_equal(output->stored[1], 1);
  for (size_t i = 0; i < 6; i++) input->data[i] = (float)i - 2;
  assert_int_equal(mc_network_run(network), MC_OK);
  for (size_t i = 0; i < 6; i++) assert_true(output->data[i] == (i < 2 ? 0 : (float)i - 2));
  const size_t other[2] = {2, 4};
  assert_int_equal(mc_network_resize(network, 0, other, 2, NULL), MC_ERROR_INVALID_ARGUMENT);
  assert_int_equal(mc_network_run(network), MC_OK); /* nothing has changed */
  mc_network_destroy(network);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_finder),        cmocka_unit_test(test_sizes),       cmocka_unit_test(test_bad_sizes),
      cmocka_unit_test(test_bad_arguments), cmocka_unit_test(test_allocations), cmocka_unit_test(test_static),
      cmocka_unit_test(test_spent_input),
      cmocka_unit_test(test_spent_input_of_a_pad),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
