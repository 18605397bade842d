/* A model file: load, set the size, run, read the results, set another size. */
#include <string.h>

#include "fuzz.h"
#include "network.h"

#define FUZZ_MAX_FILE_BYTES 1048576u
#define FUZZ_MAX_INPUTS 64u

static size_t elements(const mc_tensor *tensor) {
  size_t count = 1;
  for (size_t i = 0; i < tensor->rank; i++) count *= tensor->dims[i];
  return count;
}

/* Dynamic axes get the given sizes, by turns. inputs: as they were before any size was set. */
static mc_status resize(mc_network *network, const mc_tensor *inputs, const size_t sizes[2], mc_message *message) {
  mc_status status = MC_OK;
  for (size_t i = 0; i < mc_network_input_count(network); i++) {
    size_t dims[MC_MAX_RANK] = {0};
    for (size_t k = 0; k < inputs[i].rank; k++) dims[k] = inputs[i].dims[k] == 0 ? sizes[k % 2] : inputs[i].dims[k];
    status = mc_network_resize(network, i, dims, inputs[i].rank, message);
  }
  return status;
}

static void run(mc_network *network) {
  float sum = 0;
  for (size_t i = 0; i < mc_network_input_count(network); i++) {
    const mc_tensor *input = mc_network_input(network, i);
    const size_t count = elements(input);
    for (size_t k = 0; k < count; k++) input->data[k] = (float)(k % 7) - 3;
  }
  FUZZ_CHECK(mc_network_run(network) == MC_OK);
  for (size_t i = 0; i < mc_network_output_count(network); i++) {
    const mc_tensor *output = mc_network_output(network, i);
    const size_t count = elements(output);
    for (size_t k = 0; k < count; k++) sum += output->data[k];
  }
  volatile float kept = sum; /* the reads must happen */
  (void)kept;
}

/* What every refusal says: a status that blames the model, and a printable reason. */
static void check_refusal(mc_status status, const mc_message *message) {
  FUZZ_CHECK(status == MC_ERROR_MODEL_INVALID || status == MC_ERROR_MODEL_UNSUPPORTED || status == MC_ERROR_OUT_OF_MEMORY);
  FUZZ_CHECK(message->text[0] != '\0');
  FUZZ_CHECK(memchr(message->text, 0, sizeof message->text) != NULL);
  for (const char *c = message->text; *c != '\0'; c++) FUZZ_CHECK(*c >= 0x20 && *c < 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size > FUZZ_MAX_FILE_BYTES) return 0;
  mc_message message;
  mc_network *network = NULL;
  mc_status status = mc_network_create(data, size, &message, &network);
  if (status != MC_OK) {
    FUZZ_CHECK(network == NULL);
    check_refusal(status, &message);
    return 0;
  }
  mc_tensor inputs[FUZZ_MAX_INPUTS] = {{0}};
  FUZZ_CHECK(mc_network_input_count(network) <= FUZZ_MAX_INPUTS);
  for (size_t i = 0; i < mc_network_input_count(network); i++) inputs[i] = *mc_network_input(network, i);
  static const size_t sizes[][2] = {{32, 32}, {3, 3}, {32, 64}, {64, 32}};
  for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
    status = resize(network, inputs, sizes[i], &message);
    if (status == MC_OK) {
      run(network);
    } else {
      check_refusal(status, &message);
      FUZZ_CHECK(mc_network_run(network) == MC_ERROR_INVALID_ARGUMENT);
    }
  }
  mc_network_destroy(network);
  return 0;
}

#ifdef FUZZING
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed) {
  const size_t mutated = seed % 8 == 0 ? 0 : fuzz_mutate_onnx(data, size, max_size, seed);
  return mutated != 0 ? mutated : LLVMFuzzerMutate(data, size, max_size);
}
#endif
