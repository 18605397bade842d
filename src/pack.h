/* Weights in the layouts that the backend reads. Internal to the engine.
 *
 * Each sets node->filter and node->bias from constant inputs and leaves them NULL where those are computed at run time (the
 * operator then says that it does not support that). Weights used once are rearranged where they are, others are copied.
 * MC_ERROR_MODEL_INVALID, MC_ERROR_MODEL_UNSUPPORTED, MC_ERROR_OUT_OF_MEMORY. */
#ifndef MC_PACK_H
#define MC_PACK_H

#include "graph.h"

/* Conv: [O, I, kH, kW] to [O, kH, kW, I]; bias [O]. */
mc_status mc_pack_convolution(mc_graph *graph, mc_node *node, mc_message *message);

/* Gemm and MatMul: [K, N], or [N, K] with transB, to [N, K] times alpha; bias [N] times beta. */
mc_status mc_pack_product(mc_graph *graph, mc_node *node, mc_message *message);

/* BatchNormalization as y = filter[c] * x + bias[c]. */
mc_status mc_pack_batch_normalization(mc_graph *graph, mc_node *node, mc_message *message);

/* Makes a packed Conv or Gemm compute factors[o] * y + summands[o] instead of y, [O] each. MC_ERROR_OUT_OF_MEMORY. */
mc_status mc_pack_scale(mc_graph *graph, mc_node *node, const float *factors, const float *summands);

#endif
