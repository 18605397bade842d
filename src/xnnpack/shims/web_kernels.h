/* Included before XNNPACK's tables of pooling, elementwise and transposition kernels on the web. They choose at run time
 * between kernels written for x86 and for ARM, which differ in how they take a minimum or maximum, and so ship both. These
 * kernels wait for memory rather than for arithmetic, and the ones for x86 run on both; the matrix kernels keep their choice. */
#ifndef MC_WEB_KERNELS_H
#define MC_WEB_KERNELS_H

#include "xnnpack/common.h"
#include "xnnpack/hardware-config.h"
#include "xnnpack/transpose.h"

/* In `if (hardware_config->is_x86)`. */
#define is_x86 is_x86 || true

/* Elements of float32 networks have 4 bytes, or more where several move together. */
#define xnn_x8_transposec_ukernel__16x16_reuse_mov_wasmsimd NULL
#define xnn_x16_transposec_ukernel__8x8_reuse_mov_wasmsimd NULL
#define xnn_x24_transposec_ukernel__1x2_scalar NULL

#endif
