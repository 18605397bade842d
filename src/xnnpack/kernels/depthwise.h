/* A depthwise kernel for windows of up to nine taps, in place of XNNPACK's for WebAssembly. Internal. */
#ifndef MC_DEPTHWISE_H
#define MC_DEPTHWISE_H

#include "xnnpack/dwconv.h"

#define MC_DEPTHWISE_TAPS 9     /* pointers that each output pixel reads */
#define MC_DEPTHWISE_CHANNELS 4 /* weights of so many channels lie together: their bias, then tap after tap */

/* One row of output pixels; contract and parameters as XNNPACK's f32 dwconv kernels have them. The first clamps to the bounds
 * in params, the second does not read params. */
void mc_depthwise_clamp(size_t channels, size_t output_width, const float **input, const float *weights, float *output,
                        intptr_t input_stride, size_t output_increment, size_t input_offset, const float *zero,
                        const union xnn_f32_minmax_params *params);
void mc_depthwise_linear(size_t channels, size_t output_width, const float **input, const float *weights, float *output,
                         intptr_t input_stride, size_t output_increment, size_t input_offset, const float *zero,
                         const struct xnn_f32_default_params *params);

#endif
