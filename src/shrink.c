#include "shrink.h"

#include <string.h>

/* Vectors that GCC and Clang map to SIMD registers on every target we build
 * for, all of them little-endian. */
typedef uint8_t bytes8 __attribute__((vector_size(8)));
typedef uint16_t sums8 __attribute__((vector_size(16)));
typedef float lanes __attribute__((vector_size(16)));

/* Two RGBA pixels. */
static inline sums8 load_two(const uint8_t *pixels) {
  bytes8 loaded;
  memcpy(&loaded, pixels, sizeof loaded);
  return __builtin_convertvector(loaded, sums8);
}

/* One RGBA pixel, and zeros: nothing is read behind it. */
static inline sums8 load_one(const uint8_t *pixels) {
  uint32_t loaded = 0;
  memcpy(&loaded, pixels, sizeof loaded);
  const uint64_t widened = loaded;
  bytes8 with_zeros;
  memcpy(&with_zeros, &widened, sizeof with_zeros);
  return __builtin_convertvector(with_zeros, sums8);
}

static inline sums8 swap_halves(sums8 sums) { return __builtin_shufflevector(sums, sums, 4, 5, 6, 7, 0, 1, 2, 3); }

/* The first four as floats. 0x4b00 in front of 16 bits makes the float 2^23 +
 * their value: half the steps of a conversion, for which compilers choose the
 * unsigned one, and processors lack that. */
static inline lanes first_lanes(sums8 sums) {
  const sums8 exponent = {0x4b00, 0x4b00, 0x4b00, 0x4b00, 0x4b00, 0x4b00, 0x4b00, 0x4b00};
  return (lanes)__builtin_shufflevector(sums, exponent, 0, 8, 1, 9, 2, 10, 3, 11) - 8388608.0f;
}

static inline lanes second_lanes(sums8 sums) {
  const sums8 exponent = {0x4b00, 0x4b00, 0x4b00, 0x4b00, 0x4b00, 0x4b00, 0x4b00, 0x4b00};
  return (lanes)__builtin_shufflevector(sums, exponent, 4, 12, 5, 13, 6, 14, 7, 15) - 8388608.0f;
}

/* The sum of two pixels in each of `rows` rows, side by side. */
static inline sums8 sum_rows(const uint8_t *pixels, size_t stride_bytes, uint32_t rows) {
  sums8 sum = load_two(pixels);
  for (uint32_t row = 1; row < rows; row++) sum += load_two(pixels + row * stride_bytes);
  return sum;
}

/* One target pixel, in the first half. */
static inline sums8 sum_area(const uint8_t *pixels, size_t stride_bytes, uint32_t columns, uint32_t rows) {
  sums8 sum = {0};
  uint32_t column = 0;
  for (; column + 1 < columns; column += 2) sum += sum_rows(pixels + (size_t)column * 4, stride_bytes, rows);
  for (uint32_t row = 0; column < columns && row < rows; row++) {
    sum += load_one(pixels + row * stride_bytes + (size_t)column * 4);
  }
  return sum + swap_halves(sum);
}

/* The fourth lane is overwritten by the next pixel. */
static inline void store_four(float *out, lanes value) { memcpy(out, &value, sizeof value); }

/* Target pixels two at a time, columns 1 or 2; returns how many were made: all
 * but the last one or two. */
static inline size_t make_pairs(float *out, size_t count, const uint8_t *pixels, size_t stride_bytes, uint32_t columns,
                                uint32_t rows, lanes scale, lanes shift) {
  size_t x = 0;
  for (; x + 2 < count; x += 2, pixels += (size_t)columns * 8, out += 6) {
    sums8 sums = sum_rows(pixels, stride_bytes, rows);
    if (columns == 2) {
      const sums8 next = sum_rows(pixels + 8, stride_bytes, rows);
      sums = __builtin_shufflevector(sums, next, 0, 1, 2, 3, 8, 9, 10, 11) +
             __builtin_shufflevector(sums, next, 4, 5, 6, 7, 12, 13, 14, 15);
    }
    store_four(out, first_lanes(sums) * scale - shift);
    store_four(out + 3, second_lanes(sums) * scale - shift);
  }
  return x;
}

void mc_shrink_row(float *out, size_t count, const uint8_t *pixels, size_t stride_bytes, uint32_t columns,
                   uint32_t rows, const float scale[4], const float shift[4]) {
  lanes scales;
  lanes shifts;
  memcpy(&scales, scale, sizeof scales);
  memcpy(&shifts, shift, sizeof shifts);
  size_t x = 0;
  if (columns == 2 && rows == 2) {
    x = make_pairs(out, count, pixels, stride_bytes, 2, 2, scales, shifts);
  } else if (columns == 2) {
    x = make_pairs(out, count, pixels, stride_bytes, 2, rows, scales, shifts);
  } else if (columns == 1) {
    x = make_pairs(out, count, pixels, stride_bytes, 1, rows, scales, shifts);
  }
  for (; x < count; x++) {
    const sums8 sums = sum_area(pixels + x * columns * 4, stride_bytes, columns, rows);
    const lanes value = first_lanes(sums) * scales - shifts;
    if (x + 1 < count) {
      store_four(out + x * 3, value);
    } else {
      memcpy(out + x * 3, &value, 3 * sizeof(float));
    }
  }
}

void mc_shrink_none(float *restrict out, size_t count, const uint8_t *restrict pixels) {
  size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    const sums8 two = load_two(pixels + i);
    store_four(out + i, first_lanes(two));
    store_four(out + i + 4, second_lanes(two));
  }
  for (; i < count; i++) out[i] = (float)pixels[i];
}

void mc_shrink_sum_rows(float *out, size_t count, const uint8_t *pixels, size_t stride_bytes, uint32_t rows,
                        const float *weights) {
  const uint8_t *last = pixels + (rows - 1) * stride_bytes;
  const float inner = weights[rows > 2 ? 1 : 0];
  size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    const sums8 top = load_two(pixels + i);
    const sums8 bottom = load_two(last + i);
    sums8 between = {0};
    for (uint32_t row = 1; row + 1 < rows; row++) between += load_two(pixels + row * stride_bytes + i);
    store_four(out + i,
               weights[0] * first_lanes(top) + inner * first_lanes(between) + weights[rows - 1] * first_lanes(bottom));
    store_four(out + i + 4, weights[0] * second_lanes(top) + inner * second_lanes(between) +
                                weights[rows - 1] * second_lanes(bottom));
  }
  for (; i < count; i++) {
    float sum = 0.0f;
    for (uint32_t row = 0; row < rows; row++) sum += weights[row] * (float)pixels[row * stride_bytes + i];
    out[i] = sum;
  }
}
