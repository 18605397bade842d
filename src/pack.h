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

/* ConvTranspose with strides sH, sW: [I, O / group, kH, kW] to the weights [O * sH * sW, jH, jW, I / group] of a convolution that
 * computes for each output channel the sH x sW pixels that lie between two neighbours of the input; bias [O * sH * sW].
 * Element k of a kernel, d its dilation, adds to pixel k * d % s of those, k * d / s further on: at tap j - 1 - k * d / s. */
mc_status mc_pack_deconvolution(mc_graph *graph, mc_node *node, mc_message *message);

/* Gemm and MatMul: [K, N], or [N, K] with transB, to [N, K] times alpha; bias [N] times beta. A MatMul whose first input is the
 * constant keeps that one, [M, K], as it is. */
mc_status mc_pack_product(mc_graph *graph, mc_node *node, mc_message *message);

/* BatchNormalization as y = filter[c] * x + bias[c]. */
mc_status mc_pack_batch_normalization(mc_graph *graph, mc_node *node, mc_message *message);

/* Lets `packed`, which the backend has made of node->filter and is as long, stand for its elements, and frees these where nobody else
 * reads them. */
void mc_pack_replace(mc_graph *graph, mc_node *node, float *packed);

/* Makes a packed Conv, ConvTranspose or Gemm compute factors[o] * y + summands[o] instead of y, [count] each, the number of its
 * output channels. MC_ERROR_OUT_OF_MEMORY. */
mc_status mc_pack_scale(mc_graph *graph, mc_node *node, const float *factors, const float *summands, size_t count);

#endif
