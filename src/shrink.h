/* Shrinking by whole numbers: the common case of a camera's frame. Internal. */
#ifndef MC_SHRINK_H
#define MC_SHRINK_H

#include <stddef.h>
#include <stdint.h>

/* Source pixels that a target pixel may be the sum of: more would not fit 16 bits. */
#define MC_SHRINK_MAX_PIXELS 256u

/* Fills one row of target pixels, [count, 3] float32, from [rows, columns * count, 4] uint8 whose rows lie stride_bytes apart:
 * channel c of a target pixel is (sum of its rows x columns source pixels) * scale[c] - shift[c].
 * columns * rows in [1, MC_SHRINK_MAX_PIXELS]. */
void mc_shrink_row(float *out, size_t count, const uint8_t *pixels, size_t stride_bytes, uint32_t columns,
                   uint32_t rows, const float scale[4], const float shift[4]);

/* out[i] = pixels[i], for i < count. */
void mc_shrink_none(float *out, size_t count, const uint8_t *pixels);

/* out[i] = sum over rows of weights[row] * pixels[row * stride_bytes + i], for i < count. All rows but the first and the last have
 * the same weight. rows in [2, MC_SHRINK_MAX_PIXELS]. */
void mc_shrink_sum_rows(float *out, size_t count, const uint8_t *pixels, size_t stride_bytes, uint32_t rows,
                        const float *weights);

#endif
