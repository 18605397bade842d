/* An ONNX network, ready to run on XNNPACK. Internal; the command line, the detector and the conformance tests use it.
 *
 * Shapes and axes seen through this header are ONNX's own. Inside, pictures and feature maps lie in memory as
 * [N, H, W, C]; mc_tensor says how a buffer lies, so that callers on the hot path read and write it without a copy.
 */
#ifndef MC_NETWORK_H
#define MC_NETWORK_H

#include "maskcheck.h"

#define MC_MAX_RANK 6

typedef struct mc_network mc_network;

/* A float32 tensor bound to a network's input or output. */
typedef struct mc_tensor {
  const char *name;           /* of the graph's input or output; owned by the network */
  float *data;                /* dense; owned by the network, valid until the next resize or destroy */
  size_t rank;
  size_t dims[MC_MAX_RANK];   /* in ONNX's order of axes; 0 for a dynamic axis before mc_network_resize */
  size_t stored[MC_MAX_RANK]; /* memory order: stored[i] is the ONNX axis that is i-th in memory, outermost first;
                                 {0, 2, 3, 1} for a feature map [N, C, H, W] that lies as [N, H, W, C] */
} mc_tensor;

/* Parses, checks and translates a model. The bytes are not needed afterwards. A graph whose inputs have only static shapes is
 * ready to run at once; otherwise call mc_network_resize first.
 * MC_ERROR_MODEL_INVALID, MC_ERROR_MODEL_UNSUPPORTED, MC_ERROR_OUT_OF_MEMORY; message may be NULL. */
mc_status mc_network_create(const void *model, size_t model_bytes, mc_message *message, mc_network **network);

/* Another network of the same model, with sizes and memory of its own. It reads what `network` holds of the model and is to be
 * destroyed first. MC_ERROR_OUT_OF_MEMORY; MC_ERROR_INTERNAL. */
mc_status mc_network_create_twin(const mc_network *network, mc_network **twin);

/* Sets the shape of input `index`, [rank] in ONNX's order, >= 1 each; static axes must match the model. All dependent shapes are
 * worked out anew and buffers move. A no-op when nothing changes. With several dynamic inputs there may be combinations on the
 * way that the graph cannot have; only the answer to the last call counts.
 * MC_ERROR_INVALID_ARGUMENT, MC_ERROR_MODEL_UNSUPPORTED (the graph cannot have this size), MC_ERROR_OUT_OF_MEMORY: after a
 * failure the network has no size and must be resized before it runs. */
mc_status mc_network_resize(mc_network *network, size_t index, const size_t *dims, size_t rank, mc_message *message);

/* From the next size on, a run may overwrite the input, which then has to be filled anew each time: less memory. A twin of this
 * network does the same. Means nothing where there are several inputs. */
void mc_network_spend_input(mc_network *network);

size_t mc_network_input_count(const mc_network *network);
size_t mc_network_output_count(const mc_network *network);

/* index < count; the returned struct is valid until the next resize or destroy. */
const mc_tensor *mc_network_input(const mc_network *network, size_t index);
const mc_tensor *mc_network_output(const mc_network *network, size_t index);

/* Value of a metadata_props key, NUL-terminated, owned by the network; NULL if absent. */
const char *mc_network_metadata(const mc_network *network, const char *key);

/* Reads the inputs' data, writes the outputs' data. Allocates nothing.
 * MC_ERROR_INVALID_ARGUMENT without a size, MC_ERROR_INTERNAL. */
mc_status mc_network_run(mc_network *network);

/* Multiply-accumulates of one run at the present size, convolutions and matrix products only; 0 without a size. */
uint64_t mc_network_macs(const mc_network *network);

void mc_network_destroy(mc_network *network);

#endif
