/* XNNPACK's kernel goes over all channels of one output pixel and loads nine inputs and nine weights for nine multiply-adds.
 * Here four channels of a run of output pixels are computed with their weights in registers; at stride 1 each column of three
 * inputs is loaded once for the three pixels that read it. */
#include "depthwise.h"

#include <math.h>
#include <wasm_simd128.h>

#ifdef __wasm_relaxed_simd__
#define MULTIPLY_ADD(a, b, c) wasm_f32x4_relaxed_madd(a, b, c)
#else
#define MULTIPLY_ADD(a, b, c) wasm_f32x4_add(wasm_f32x4_mul(a, b), c)
#endif

enum { TAPS = MC_DEPTHWISE_TAPS, LANES = MC_DEPTHWISE_CHANNELS, RUN_PX = 16 };

/* What a run of output pixels reads and writes. */
typedef struct run {
  const char
      *taps[RUN_PX * TAPS]; /* first channel of each tap of the first pixel, then of the next, which may share some */
  size_t step;              /* taps from one pixel to the next */
  size_t count_px;
  char *out;          /* first channel of the first pixel */
  size_t pixel_bytes; /* from one output pixel to the next */
  v128_t least, most; /* bounds of the result */
} run;

static inline v128_t load(const char *tap, size_t at) { return wasm_v128_load(tap + at); }

static inline void store(char *out, v128_t value, size_t channels) {
  if (channels >= LANES) {
    wasm_v128_store(out, value);
    return;
  }
  float *lanes = (float *)(void *)out;
  lanes[0] = wasm_f32x4_extract_lane(value, 0);
  if (channels > 1) lanes[1] = wasm_f32x4_extract_lane(value, 1);
  if (channels > 2) lanes[2] = wasm_f32x4_extract_lane(value, 2);
}

/* Result of one pixel: clamped where that is asked for. */
static inline v128_t finish(v128_t value, const run *r, bool clamp) {
  return clamp ? wasm_f32x4_pmin(r->most, wasm_f32x4_pmax(r->least, value)) : value;
}

/* Four channels (or fewer, the last ones) of a run; at: bytes before them in a pixel. w: bias and taps. */
static inline void run_channels(const run *r, size_t at, size_t channels, const float *w, bool clamp) {
  const v128_t bias = wasm_v128_load(w);
  const v128_t w0 = wasm_v128_load(w + 1 * LANES), w1 = wasm_v128_load(w + 2 * LANES),
               w2 = wasm_v128_load(w + 3 * LANES);
  const v128_t w3 = wasm_v128_load(w + 4 * LANES), w4 = wasm_v128_load(w + 5 * LANES),
               w5 = wasm_v128_load(w + 6 * LANES);
  const v128_t w6 = wasm_v128_load(w + 7 * LANES), w7 = wasm_v128_load(w + 8 * LANES),
               w8 = wasm_v128_load(w + 9 * LANES);
  const char *const *taps = r->taps;
  char *out = r->out + at;
  const size_t step = r->step;
  if (step == 3) {
    /* `older` lacks its last column, `newer` its last two. */
    v128_t x0 = load(taps[0], at), x1 = load(taps[1], at), x2 = load(taps[2], at);
    v128_t older = MULTIPLY_ADD(x2, w2, MULTIPLY_ADD(x1, w1, MULTIPLY_ADD(x0, w0, bias)));
    x0 = load(taps[3], at), x1 = load(taps[4], at), x2 = load(taps[5], at);
    older = MULTIPLY_ADD(x2, w5, MULTIPLY_ADD(x1, w4, MULTIPLY_ADD(x0, w3, older)));
    v128_t newer = MULTIPLY_ADD(x2, w2, MULTIPLY_ADD(x1, w1, MULTIPLY_ADD(x0, w0, bias)));
    for (size_t i = 0; i < r->count_px; i++, taps += 3, out += r->pixel_bytes) {
      x0 = load(taps[6], at), x1 = load(taps[7], at), x2 = load(taps[8], at);
      const v128_t done = MULTIPLY_ADD(x2, w8, MULTIPLY_ADD(x1, w7, MULTIPLY_ADD(x0, w6, older)));
      older = MULTIPLY_ADD(x2, w5, MULTIPLY_ADD(x1, w4, MULTIPLY_ADD(x0, w3, newer)));
      newer = MULTIPLY_ADD(x2, w2, MULTIPLY_ADD(x1, w1, MULTIPLY_ADD(x0, w0, bias)));
      store(out, finish(done, r, clamp), channels);
    }
    return;
  }
  if (step == 6) { /* stride 2: the last column of a pixel is the first of the next */
    v128_t x0 = load(taps[0], at), x1 = load(taps[1], at), x2 = load(taps[2], at);
    for (size_t i = 0; i < r->count_px; i++, taps += 6, out += r->pixel_bytes) {
      v128_t sum = MULTIPLY_ADD(x2, w2, MULTIPLY_ADD(x1, w1, MULTIPLY_ADD(x0, w0, bias)));
      x0 = load(taps[3], at), x1 = load(taps[4], at), x2 = load(taps[5], at);
      sum = MULTIPLY_ADD(x2, w5, MULTIPLY_ADD(x1, w4, MULTIPLY_ADD(x0, w3, sum)));
      x0 = load(taps[6], at), x1 = load(taps[7], at), x2 = load(taps[8], at);
      sum = MULTIPLY_ADD(x2, w8, MULTIPLY_ADD(x1, w7, MULTIPLY_ADD(x0, w6, sum)));
      store(out, finish(sum, r, clamp), channels);
    }
    return;
  }
  for (size_t i = 0; i < r->count_px; i++, taps += step, out += r->pixel_bytes) {
    v128_t sum = MULTIPLY_ADD(load(taps[0], at), w0, bias);
    sum = MULTIPLY_ADD(load(taps[1], at), w1, sum);
    sum = MULTIPLY_ADD(load(taps[2], at), w2, sum);
    sum = MULTIPLY_ADD(load(taps[3], at), w3, sum);
    sum = MULTIPLY_ADD(load(taps[4], at), w4, sum);
    sum = MULTIPLY_ADD(load(taps[5], at), w5, sum);
    sum = MULTIPLY_ADD(load(taps[6], at), w6, sum);
    sum = MULTIPLY_ADD(load(taps[7], at), w7, sum);
    sum = MULTIPLY_ADD(load(taps[8], at), w8, sum);
    store(out, finish(sum, r, clamp), channels);
  }
}

static inline void depthwise(size_t channels, size_t output_width, const float **input, const float *weights,
                             float *output, intptr_t input_stride, size_t output_increment, size_t input_offset,
                             const float *zero, float least, float most, bool clamp) {
  run r = {.step = (size_t)input_stride / sizeof(float *),
           .out = (char *)output,
           .pixel_bytes = channels * sizeof(float) + output_increment,
           .least = wasm_f32x4_splat(least),
           .most = wasm_f32x4_splat(most)};
  for (size_t left_px = output_width; left_px > 0; left_px -= r.count_px) {
    r.count_px = left_px < RUN_PX ? left_px : RUN_PX;
    const size_t tap_count = (r.count_px - 1) * r.step + TAPS;
    for (size_t i = 0; i < tap_count; i++) {
      r.taps[i] = (const char *)input[i] + (input[i] == zero ? 0 : input_offset);
    }
    const float *w = weights;
    for (size_t c = 0; c < channels; c += LANES, w += (1 + TAPS) * LANES) {
      run_channels(&r, c * sizeof(float), channels - c, w, clamp);
    }
    input += r.count_px * r.step;
    r.out += r.count_px * r.pixel_bytes;
  }
}

void mc_depthwise_clamp(size_t channels, size_t output_width, const float **input, const float *weights, float *output,
                        intptr_t input_stride, size_t output_increment, size_t input_offset, const float *zero,
                        const union xnn_f32_minmax_params *params) {
  depthwise(channels, output_width, input, weights, output, input_stride, output_increment, input_offset, zero,
            params->scalar.min, params->scalar.max, true);
}

void mc_depthwise_linear(size_t channels, size_t output_width, const float **input, const float *weights, float *output,
                         intptr_t input_stride, size_t output_increment, size_t input_offset, const float *zero,
                         const struct xnn_f32_default_params *params) {
  (void)params;
  depthwise(channels, output_width, input, weights, output, input_stride, output_increment, input_offset, zero,
            -INFINITY, INFINITY, false);
}
