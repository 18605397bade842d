/* The engine on any ONNX file, for benchmarks in a page. One input, filled with numbers in [-1, 1]. */
#include "network.h"

#include <stdlib.h>

#include "tensor.h"

#define EXPORT(name) __attribute__((export_name(#name))) name

void *mc_bench_allocate(size_t bytes);
mc_network *mc_bench_create(const void *model, size_t model_bytes, const uint32_t *dims, size_t rank);
mc_status mc_bench_run(mc_network *network);

void *EXPORT(mc_bench_allocate)(size_t bytes) { return malloc(bytes); }

/* dims: [rank] in ONNX's order. NULL if the network cannot be used. */
mc_network *EXPORT(mc_bench_create)(const void *model, size_t model_bytes, const uint32_t *dims, size_t rank) {
  mc_network *network = NULL;
  size_t sizes[MC_MAX_RANK] = {0};
  if (rank > MC_MAX_RANK) return NULL;
  for (size_t i = 0; i < rank; i++) sizes[i] = dims[i];
  if (mc_network_create(model, model_bytes, NULL, &network) != MC_OK) return NULL;
  if (mc_network_resize(network, 0, sizes, rank, NULL) != MC_OK) {
    mc_network_destroy(network);
    return NULL;
  }
  const mc_tensor *input = mc_network_input(network, 0);
  for (size_t i = 0; i < mc_tensor_elements(input); i++) input->data[i] = (float)(i * 7919 % 255) / 127.5f - 1.0f;
  return network;
}

mc_status EXPORT(mc_bench_run)(mc_network *network) { return mc_network_run(network); }
