/* A convolution kernel for inputs of three channels, pictures, in front of XNNPACK's for WebAssembly. Internal. */
#ifndef MC_NARROW_CONVOLUTION_H
#define MC_NARROW_CONVOLUTION_H

#include "xnnpack/igemm.h"

/* Four output pixels, eight channels at a time; contract, weights and parameters as XNNPACK's f32 igemm kernels have them. What
 * is not a 3x3 window of three channels inside of the picture is passed on to XNNPACK's own kernel. */
void mc_narrow_clamp(size_t mr, size_t nc, size_t kc, size_t ks, const float **a, const float *w, float *c,
                     size_t cm_stride, size_t cn_stride, size_t a_offset, const float *zero,
                     const union xnn_f32_minmax_params *params);
void mc_narrow_relu(size_t mr, size_t nc, size_t kc, size_t ks, const float **a, const float *w, float *c,
                    size_t cm_stride, size_t cn_stride, size_t a_offset, const float *zero,
                    const struct xnn_f32_relu_params *params);

#endif
