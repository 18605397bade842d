/* XNNPACK's kernel looks up four pointers for each tap of the window and then does three steps with them. Here a row of a 3x3
 * window, nine numbers side by side in the picture, is one run of nine steps. */
#include "narrow_convolution.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <wasm_simd128.h>

#ifdef __wasm_relaxed_simd__
#define MULTIPLY_ADD(a, b, c) wasm_f32x4_relaxed_madd(a, b, c)
#define STOCK_CLAMP xnn_f32_igemm_minmax_ukernel_4x8__wasmrelaxedsimd_fma_loadsplat
#define STOCK_RELU xnn_f32_igemm_relu_ukernel_4x8__wasmrelaxedsimd_fma_loadsplat
#else
#define MULTIPLY_ADD(a, b, c) wasm_f32x4_add(wasm_f32x4_mul(a, b), c)
#define STOCK_CLAMP xnn_f32_igemm_minmax_ukernel_4x8__wasmsimd_x86_loadsplat
#define STOCK_RELU xnn_f32_igemm_relu_ukernel_4x8__wasmsimd_loadsplat
#endif

enum { ROWS = 4, COLUMNS = 8, CHANNELS = 3, SIDE = 3, TAPS = SIDE * SIDE, RUN = SIDE * CHANNELS };

/* Whether the three taps of each row of the window lie side by side, for all four output pixels: not at the picture's edges, where
 * some are `zero`, nor where one row of output pixels ends and the next begins. a: [TAPS][ROWS]. */
static inline bool is_inside(size_t kc, size_t ks, const float **a, const float *zero) {
  if (kc != CHANNELS * sizeof(float) || ks != TAPS * ROWS * sizeof *a) return false;
  bool inside = true;
  for (size_t y = 0; y < SIDE; y++) {
    const float **taps = a + y * SIDE * ROWS;
    for (size_t row = 0; row < ROWS; row++) {
      const uintptr_t first = (uintptr_t)taps[row];
      inside &= (uintptr_t)taps[ROWS + row] - first == CHANNELS * sizeof(float);
      inside &= (uintptr_t)taps[2 * ROWS + row] - first == 2 * CHANNELS * sizeof(float);
      inside &= taps[row] != zero;
    }
  }
  return inside;
}

static inline const float *input_at(const float *tap, size_t offset_bytes) {
  return (const float *)((uintptr_t)tap + offset_bytes);
}

static inline void store(float *out, v128_t low, v128_t high, size_t nc) {
  if (nc >= COLUMNS) {
    wasm_v128_store(out, low);
    wasm_v128_store(out + 4, high);
    return;
  }
  float lanes[COLUMNS];
  wasm_v128_store(lanes, low);
  wasm_v128_store(lanes + 4, high);
  for (size_t i = 0; i < nc; i++) out[i] = lanes[i];
}

static inline float *row_at(float *c, size_t row, size_t stride_bytes) {
  return (float *)((uintptr_t)c + row * stride_bytes);
}

#define CLAMP(value) wasm_f32x4_pmin(high, wasm_f32x4_pmax(low, value))

static void convolve(size_t mr, size_t nc, const float **a, const float *w, float *c, size_t cm_stride,
                     size_t cn_stride, size_t a_offset, float least, float most) {
  const v128_t low = wasm_f32x4_splat(least);
  const v128_t high = wasm_f32x4_splat(most);
  for (;;) {
    v128_t a0 = wasm_v128_load(w), b0 = wasm_v128_load(w + 4);
    v128_t a1 = a0, a2 = a0, a3 = a0, b1 = b0, b2 = b0, b3 = b0;
    w += COLUMNS;
    for (size_t y = 0; y < SIDE; y++) {
      const float **taps = a + y * SIDE * ROWS;
      const float *x0 = input_at(taps[0], a_offset), *x1 = input_at(taps[1], a_offset);
      const float *x2 = input_at(taps[2], a_offset), *x3 = input_at(taps[3], a_offset);
#pragma clang loop unroll(disable)
      for (const float *end = w + RUN * COLUMNS; w != end; w += COLUMNS) {
        const v128_t wa = wasm_v128_load(w), wb = wasm_v128_load(w + 4);
        const v128_t v0 = wasm_v128_load32_splat(x0++), v1 = wasm_v128_load32_splat(x1++);
        const v128_t v2 = wasm_v128_load32_splat(x2++), v3 = wasm_v128_load32_splat(x3++);
        a0 = MULTIPLY_ADD(v0, wa, a0), b0 = MULTIPLY_ADD(v0, wb, b0);
        a1 = MULTIPLY_ADD(v1, wa, a1), b1 = MULTIPLY_ADD(v1, wb, b1);
        a2 = MULTIPLY_ADD(v2, wa, a2), b2 = MULTIPLY_ADD(v2, wb, b2);
        a3 = MULTIPLY_ADD(v3, wa, a3), b3 = MULTIPLY_ADD(v3, wb, b3);
      }
    }
    store(c, CLAMP(a0), CLAMP(b0), nc);
    if (mr > 1) store(row_at(c, 1, cm_stride), CLAMP(a1), CLAMP(b1), nc);
    if (mr > 2) store(row_at(c, 2, cm_stride), CLAMP(a2), CLAMP(b2), nc);
    if (mr > 3) store(row_at(c, 3, cm_stride), CLAMP(a3), CLAMP(b3), nc);
    if (nc <= COLUMNS) return;
    nc -= COLUMNS;
    c = row_at(c, 1, cn_stride);
  }
}

void mc_narrow_clamp(size_t mr, size_t nc, size_t kc, size_t ks, const float **a, const float *w, float *c,
                     size_t cm_stride, size_t cn_stride, size_t a_offset, const float *zero,
                     const union xnn_f32_minmax_params *params) {
  if (is_inside(kc, ks, a, zero)) {
    convolve(mr, nc, a, w, c, cm_stride, cn_stride, a_offset, params->scalar.min, params->scalar.max);
  } else {
    STOCK_CLAMP(mr, nc, kc, ks, a, w, c, cm_stride, cn_stride, a_offset, zero, params);
  }
}

void mc_narrow_relu(size_t mr, size_t nc, size_t kc, size_t ks, const float **a, const float *w, float *c,
                    size_t cm_stride, size_t cn_stride, size_t a_offset, const float *zero,
                    const struct xnn_f32_relu_params *params) {
  if (is_inside(kc, ks, a, zero)) {
    convolve(mr, nc, a, w, c, cm_stride, cn_stride, a_offset, 0.0f, INFINITY);
  } else {
    STOCK_RELU(mr, nc, kc, ks, a, w, c, cm_stride, cn_stride, a_offset, zero, params);
  }
}
