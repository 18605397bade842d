/* Runs networks for the conformance tests: conformance-runner CASES RESULTS
 *
 * CASES and RESULTS are files of little-endian uint32 and float32. A case is a model and the runs it is to make, one after
 * another, each with its own sizes:
 *   model bytes, model (padded to 4), run count, { input count, { rank, dims[rank], elements } }
 * Its result, in the same order:
 *   status, message bytes, message (padded to 4), and for a status of 0 per run:
 *   status, message bytes, message (padded to 4), and for a status of 0: output count, { rank, dims[rank], elements }
 * Elements are in ONNX's order here; the runner moves them to and from where the network wants them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "network.h"

typedef struct file {
  uint8_t *bytes;
  size_t size, at;
} file;

static void die(const char *why) {
  (void)fprintf(stderr, "conformance-runner: %s\n", why);
  exit(2);
}

static file read_file(const char *path) {
  file f = {0};
  FILE *stream = fopen(path, "rb");
  if (stream == NULL) die("cannot open the cases");
  size_t capacity = 1 << 20;
  f.bytes = malloc(capacity);
  while (f.bytes != NULL) {
    f.size += fread(f.bytes + f.size, 1, capacity - f.size, stream);
    if (f.size < capacity) break;
    capacity *= 2;
    f.bytes = realloc(f.bytes, capacity);
  }
  if (f.bytes == NULL || ferror(stream) != 0) die("cannot read the cases");
  (void)fclose(stream);
  return f;
}

static const uint8_t *take(file *f, size_t bytes) {
  if (bytes > f->size - f->at) die("the cases end too early");
  const uint8_t *start = f->bytes + f->at;
  f->at += (bytes + 3) / 4 * 4;
  if (f->at > f->size) f->at = f->size;
  return start;
}

static uint32_t take_u32(file *f) {
  uint32_t value = 0;
  memcpy(&value, take(f, sizeof value), sizeof value);
  return value;
}

static void put(FILE *out, const void *bytes, size_t size) {
  static const char zeros[4] = {0};
  if (fwrite(bytes, 1, size, out) != size || fwrite(zeros, 1, (4 - size % 4) % 4, out) != (4 - size % 4) % 4) {
    die("cannot write the results");
  }
}

static void put_u32(FILE *out, size_t value) {
  const uint32_t narrow = (uint32_t)value;
  put(out, &narrow, sizeof narrow);
}

static void put_status(FILE *out, mc_status status, const mc_message *message) {
  put_u32(out, (size_t)status);
  put_u32(out, strlen(message->text));
  put(out, message->text, strlen(message->text));
}

/* Where element `index` of the tensor, counted in ONNX's order, lies in memory. */
static size_t place(const mc_tensor *tensor, size_t index) {
  size_t position[MC_MAX_RANK] = {0}; /* on each ONNX axis */
  size_t at = 0;
  for (size_t axis = tensor->rank; axis-- > 0;) {
    position[axis] = index % tensor->dims[axis];
    index /= tensor->dims[axis];
  }
  for (size_t i = 0; i < tensor->rank; i++) at = at * tensor->dims[tensor->stored[i]] + position[tensor->stored[i]];
  return at;
}

static size_t count_elements(size_t rank, const size_t *dims) {
  size_t count = 1;
  for (size_t i = 0; i < rank; i++) count *= dims[i];
  return count;
}

static void put_outputs(FILE *out, const mc_network *network) {
  put_u32(out, mc_network_output_count(network));
  for (size_t i = 0; i < mc_network_output_count(network); i++) {
    const mc_tensor *tensor = mc_network_output(network, i);
    put_u32(out, tensor->rank);
    for (size_t k = 0; k < tensor->rank; k++) put_u32(out, tensor->dims[k]);
    for (size_t k = 0; k < count_elements(tensor->rank, tensor->dims); k++) {
      put(out, &tensor->data[place(tensor, k)], sizeof(float));
    }
  }
}

static void run_once(file *cases, FILE *out, mc_network *network) {
  mc_message message = {{0}};
  mc_status status = MC_OK;
  const uint32_t count = take_u32(cases);
  const uint8_t *elements[16];
  if (count > 16) die("too many inputs");
  for (uint32_t i = 0; i < count; i++) {
    size_t dims[MC_MAX_RANK] = {0};
    const uint32_t rank = take_u32(cases);
    if (rank > MC_MAX_RANK) die("too many axes");
    for (size_t k = 0; k < rank; k++) dims[k] = take_u32(cases);
    elements[i] = take(cases, count_elements(rank, dims) * sizeof(float));
    /* Between two sizes there may be impossible ones: the last answer counts. */
    if (network != NULL) status = mc_network_resize(network, i, dims, rank, &message);
  }
  if (network == NULL) return;
  /* Twice: what a run leaves behind must not show in the next. */
  for (size_t repeat = 0; status == MC_OK && repeat < 2; repeat++) {
    for (uint32_t i = 0; i < count; i++) {
      const mc_tensor *tensor = mc_network_input(network, i);
      for (size_t k = 0; k < count_elements(tensor->rank, tensor->dims); k++) {
        memcpy(&tensor->data[place(tensor, k)], elements[i] + k * sizeof(float), sizeof(float));
      }
    }
    status = mc_network_run(network);
  }
  put_status(out, status, &message);
  if (status == MC_OK) put_outputs(out, network);
}

int main(int argc, char **argv) {
  if (argc != 3) die("usage: conformance-runner CASES RESULTS");
  file cases = read_file(argv[1]);
  FILE *out = fopen(argv[2], "wb");
  if (out == NULL) die("cannot open the results");
  while (cases.at < cases.size) {
    mc_network *network = NULL;
    mc_message message = {{0}};
    const uint32_t bytes = take_u32(&cases);
    /* Exactly as large as the model, so that a sanitizer sees a read past its end. */
    void *model = malloc(bytes != 0 ? bytes : 1);
    if (model == NULL) die("out of memory");
    memcpy(model, take(&cases, bytes), bytes);
    const mc_status status = mc_network_create(model, bytes, &message, &network);
    free(model);
    put_status(out, status, &message);
    const uint32_t runs = take_u32(&cases);
    for (uint32_t i = 0; i < runs; i++) run_once(&cases, out, network);
    mc_network_destroy(network);
  }
  if (fclose(out) != 0) die("cannot write the results");
  free(cases.bytes);
  return 0;
}
