#include "image.h"

#include <math.h>
#include <stdlib.h>

/* Four floats: one RGBA pixel. GCC and Clang map it to one SIMD register on every target we build for. */
typedef float mc_lanes __attribute__((vector_size(16), aligned(4), may_alias));

size_t mc_pixel_format_bytes(mc_pixel_format format) {
  switch (format) {
    case MC_RGBA8:
      return 4;
    case MC_RGB8:
    case MC_BGR8:
      return 3;
    case MC_GRAY8:
      return 1;
  }
  return 0;
}

mc_status mc_image_check(const mc_image *image) {
  if (image == NULL || image->pixels == NULL) return MC_ERROR_INVALID_ARGUMENT;
  const size_t pixel_bytes = mc_pixel_format_bytes(image->format);
  if (pixel_bytes == 0) return MC_ERROR_INVALID_ARGUMENT;
  const uint32_t width = image->width_px;
  const uint32_t height = image->height_px;
  if (width == 0 || height == 0) return MC_ERROR_IMAGE_INVALID;
  if (width > MC_MAX_IMAGE_SIDE_PX || height > MC_MAX_IMAGE_SIDE_PX) return MC_ERROR_IMAGE_TOO_LARGE;
  if (width > MC_MAX_IMAGE_PIXELS / height) return MC_ERROR_IMAGE_TOO_LARGE;
  const size_t row_bytes = width * pixel_bytes;
  const size_t stride = image->stride_bytes == 0 ? row_bytes : image->stride_bytes;
  if (stride < row_bytes) return MC_ERROR_INVALID_ARGUMENT;
  if (height > 1 && stride > ((size_t)PTRDIFF_MAX - row_bytes) / (height - 1)) return MC_ERROR_INVALID_ARGUMENT;
  return MC_OK;
}

/* --- Coefficients ------------------------------------------------------------------------------------------------ */

/* Makes room without keeping the content. */
static bool reserve(void **memory, size_t *capacity, size_t count, size_t item_bytes) {
  if (count <= *capacity) return true;
  void *grown = malloc(count * item_bytes);
  if (grown == NULL) return false;
  free(*memory);
  *memory = grown;
  *capacity = count;
  return true;
}

/* The part of [low, high) that lies in the picture; weight of a source pixel = covered share of the target pixel. */
static size_t span_area(mc_span *span, float *weights, uint32_t source, double low, double high) {
  const double extent = high - low;
  low = fmax(low, 0.0);
  high = fmin(high, (double)source);
  if (!(high > low)) return 0;
  span->first = (uint32_t)low;
  if (span->first >= source) return 0;
  double sum = 0.0;
  for (uint32_t i = span->first; i < source && (double)i < high; i++) {
    const double covered = fmin(high, (double)i + 1.0) - fmax(low, (double)i);
    weights[span->count++] = (float)(covered / extent);
    sum += covered / extent;
  }
  span->weight_sum = (float)sum;
  return span->count;
}

static size_t span_bilinear(mc_span *span, float *weights, uint32_t source, double centre) {
  if (!(centre >= 0.0 && centre < (double)source)) return 0;
  const double position = fmin(fmax(centre - 0.5, 0.0), (double)source - 1.0);
  span->first = (uint32_t)position;
  const double fraction = position - (double)span->first;
  span->weight_sum = 1.0f;
  weights[span->count++] = (float)(1.0 - fraction);
  if (fraction > 0.0) weights[span->count++] = (float)fraction;
  return span->count;
}

/* In use: every source pixel is covered at most once, plus once more at each border of two target pixels. */
static size_t axis_weight_limit(uint32_t source, uint32_t target) { return (size_t)source + 2 * (size_t)target + 2; }

static mc_status axis_prepare(mc_axis *axis, uint32_t source, uint32_t target, double begin, double extent) {
  if (axis->source_px == source && axis->target_px == target && axis->begin_px == begin && axis->extent_px == extent) {
    return MC_OK;
  }
  axis->target_px = 0;
  if (!reserve((void **)&axis->spans, &axis->span_capacity, target, sizeof(mc_span)) ||
      !reserve((void **)&axis->weights, &axis->weight_capacity, axis_weight_limit(source, target), sizeof(float))) {
    return MC_ERROR_OUT_OF_MEMORY;
  }
  const double step = extent / (double)target;
  size_t used = 0;
  for (uint32_t i = 0; i < target; i++) {
    mc_span *span = &axis->spans[i];
    *span = (mc_span){.weights = used};
    const double low = begin + (double)i * step;
    used += step > 1.0 ? span_area(span, axis->weights + used, source, low, begin + (double)(i + 1) * step)
                       : span_bilinear(span, axis->weights + used, source, low + 0.5 * step);
  }
  axis->source_px = source;
  axis->target_px = target;
  axis->begin_px = begin;
  axis->extent_px = extent;
  return MC_OK;
}

/* --- Rows -------------------------------------------------------------------------------------------------------- */

static void row_set(float *restrict out, const uint8_t *restrict a, float wa, size_t count) {
  for (size_t i = 0; i < count; i++) out[i] = wa * (float)a[i];
}

static void row_set_two(float *restrict out, const uint8_t *restrict a, const uint8_t *restrict b, float wa, float wb,
                        size_t count) {
  for (size_t i = 0; i < count; i++) out[i] = wa * (float)a[i] + wb * (float)b[i];
}

static void row_add(float *restrict out, const uint8_t *restrict a, float wa, size_t count) {
  for (size_t i = 0; i < count; i++) out[i] += wa * (float)a[i];
}

/* Rows wholly inside an averaged area weigh the same: adding them as integers first saves most conversions. */
static void row_set_equal(float *restrict out, const uint8_t *restrict a, size_t stride, float weight, size_t count) {
  const uint8_t *restrict b = a + stride;
  for (size_t i = 0; i < count; i++) out[i] = weight * (float)(uint16_t)(a[i] + b[i]);
}

static void row_add_equal(float *restrict out, const uint8_t *restrict a, size_t stride, float weight, size_t count) {
  const uint8_t *restrict b = a + stride;
  for (size_t i = 0; i < count; i++) out[i] += weight * (float)(uint16_t)(a[i] + b[i]);
}

static void row_add_four_equal(float *restrict out, const uint8_t *restrict a, size_t stride, float weight,
                               size_t count) {
  const uint8_t *restrict b = a + stride;
  const uint8_t *restrict c = b + stride;
  const uint8_t *restrict d = c + stride;
  for (size_t i = 0; i < count; i++) out[i] += weight * (float)(uint16_t)(a[i] + b[i] + c[i] + d[i]);
}

/* Weighted sum of the span's rows; count values from each, beginning at pixels. */
static void rows_sum(float *out, const mc_span *span, const float *weights, const uint8_t *pixels, size_t stride,
                     size_t count) {
  const uint8_t *row = pixels + (size_t)span->first * stride;
  uint32_t done = 2;
  if (span->count == 1) {
    row_set(out, row, weights[0], count);
  } else if (weights[0] == weights[1]) {
    row_set_equal(out, row, stride, weights[0], count);
  } else {
    row_set_two(out, row, row + stride, weights[0], weights[1], count);
  }
  while (done < span->count) {
    const uint8_t *next = row + done * stride;
    const float weight = weights[done];
    uint32_t equal = 1;
    while (equal < 4 && done + equal < span->count && weights[done + equal] == weight) equal++;
    if (equal == 4) {
      row_add_four_equal(out, next, stride, weight, count);
    } else if (equal >= 2) {
      equal = 2;
      row_add_equal(out, next, stride, weight, count);
    } else {
      row_add(out, next, weight, count);
    }
    done += equal;
  }
}

/* [count, 3] or [count, 1] -> [count, 4], red first; in place is not possible. */
static void row_to_rgba(float *restrict out, const float *restrict in, mc_pixel_format format, size_t count) {
  const size_t red = format == MC_BGR8 ? 2 : 0;
  const size_t step = format == MC_GRAY8 ? 1 : 3;
  const size_t green = format == MC_GRAY8 ? 0 : 1;
  const size_t blue = format == MC_GRAY8 ? 0 : 2 - red;
  for (size_t i = 0; i < count; i++) {
    out[4 * i] = in[step * i + red];
    out[4 * i + 1] = in[step * i + green];
    out[4 * i + 2] = in[step * i + blue];
    out[4 * i + 3] = 0.0f;
  }
}

/* Normalisation as value = pixel * scale - shift * (sum of weights), in RGB order like the pixels. */
typedef struct mc_finish {
  mc_lanes scale, shift;
} mc_finish;

static mc_finish finish_of(const mc_normalization *normalization) {
  mc_finish finish = {.scale = {0.0f}, .shift = {0.0f}};
  for (size_t c = 0; c < 3; c++) {
    const size_t from = normalization->bgr ? 2 - c : c;
    finish.scale[c] = 1.0f / normalization->std[from];
    finish.shift[c] = normalization->mean[from] / normalization->std[from];
  }
  return finish;
}

/* Target pixel x of a row, normalised; first: source column of rgba[0]. */
static inline mc_lanes pixel_at(const mc_axis *columns, uint32_t x, const mc_lanes *rgba, uint32_t first,
                                float row_weight, const mc_finish *finish) {
  const mc_span *span = &columns->spans[x];
  mc_lanes sum = {0.0f, 0.0f, 0.0f, 0.0f};
  if (span->count == 0) return sum;
  const float *weights = columns->weights + span->weights;
  const mc_lanes *pixel = rgba + (span->first - first);
  for (uint32_t i = 0; i < span->count; i++) sum += weights[i] * pixel[i];
  return sum * finish->scale - finish->shift * (row_weight * span->weight_sum);
}

/* Any order of axes. */
static void row_write_strided(float *out, const mc_canvas *canvas, bool bgr, const mc_axis *columns,
                              const mc_lanes *rgba, uint32_t first, float row_weight, const mc_finish *finish) {
  float *red = out + (bgr ? 2 * canvas->channel_step : 0);
  float *green = out + canvas->channel_step;
  float *blue = out + (bgr ? 0 : 2 * canvas->channel_step);
  for (uint32_t x = 0; x < canvas->width_px; x++) {
    const mc_lanes value = pixel_at(columns, x, rgba, first, row_weight, finish);
    const size_t at = x * canvas->column_step;
    red[at] = value[0];
    green[at] = value[1];
    blue[at] = value[2];
  }
}

/* RGB side by side: four lanes are stored at once, and the next pixel overwrites the fourth. */
static void row_write_packed(float *out, const mc_canvas *canvas, const mc_axis *columns, const mc_lanes *rgba,
                             uint32_t first, float row_weight, const mc_finish *finish) {
  const uint32_t last = canvas->width_px - 1;
  for (uint32_t x = 0; x < last; x++) {
    *(mc_lanes *)(void *)(out + 3 * (size_t)x) = pixel_at(columns, x, rgba, first, row_weight, finish);
  }
  const mc_lanes value = pixel_at(columns, last, rgba, first, row_weight, finish);
  for (size_t c = 0; c < 3; c++) out[3 * (size_t)last + c] = value[c];
}

static void row_clear(float *out, const mc_canvas *canvas) {
  for (uint32_t x = 0; x < canvas->width_px; x++) {
    for (size_t c = 0; c < 3; c++) out[x * canvas->column_step + c * canvas->channel_step] = 0.0f;
  }
}

/* Source columns that some target pixel uses. */
static void columns_range(const mc_axis *axis, uint32_t *first, uint32_t *count) {
  uint32_t low = UINT32_MAX;
  uint32_t high = 0;
  for (uint32_t x = 0; x < axis->target_px; x++) {
    const mc_span *span = &axis->spans[x];
    if (span->count == 0) continue;
    if (span->first < low) low = span->first;
    if (span->first + span->count > high) high = span->first + span->count;
  }
  *first = high == 0 ? 0 : low;
  *count = high == 0 ? 0 : high - low;
}

mc_status mc_resampler_run(mc_resampler *resampler, const mc_image *image, const mc_view *view,
                           const mc_normalization *normalization, const mc_canvas *canvas) {
  mc_axis *columns = &resampler->columns;
  mc_axis *rows = &resampler->rows;
  mc_status status = axis_prepare(columns, image->width_px, canvas->width_px, view->x, view->width);
  if (status == MC_OK) status = axis_prepare(rows, image->height_px, canvas->height_px, view->y, view->height);
  if (status != MC_OK) return status;

  /* Twice a row: the sum in the picture's own format, and as RGBA. */
  const size_t row_floats = 4 * (size_t)image->width_px;
  if (!reserve((void **)&resampler->row, &resampler->row_capacity, 2 * row_floats, sizeof(float))) {
    return MC_ERROR_OUT_OF_MEMORY;
  }
  float *rgba = resampler->row;
  float *sum = image->format == MC_RGBA8 ? rgba : rgba + row_floats;

  const mc_finish finish = finish_of(normalization);
  const bool packed = !normalization->bgr && canvas->channel_step == 1 && canvas->column_step == 3;

  const size_t pixel_bytes = mc_pixel_format_bytes(image->format);
  const size_t stride = image->stride_bytes == 0 ? image->width_px * pixel_bytes : image->stride_bytes;
  uint32_t first = 0;
  uint32_t used = 0;
  columns_range(columns, &first, &used);
  const uint8_t *pixels = image->pixels + first * pixel_bytes;

  for (uint32_t y = 0; y < canvas->height_px; y++) {
    const mc_span *span = &rows->spans[y];
    float *out = canvas->data + y * canvas->row_step;
    if (span->count == 0 || used == 0) {
      row_clear(out, canvas);
      continue;
    }
    rows_sum(sum, span, rows->weights + span->weights, pixels, stride, used * pixel_bytes);
    if (sum != rgba) row_to_rgba(rgba, sum, image->format, used);
    const mc_lanes *lanes = (const mc_lanes *)(const void *)rgba;
    if (packed) {
      row_write_packed(out, canvas, columns, lanes, first, span->weight_sum, &finish);
    } else {
      row_write_strided(out, canvas, normalization->bgr, columns, lanes, first, span->weight_sum, &finish);
    }
  }
  return MC_OK;
}

void mc_canvas_halve(const mc_canvas *canvas, const mc_canvas *half_size) {
  for (uint32_t y = 0; y < half_size->height_px; y++) {
    const float *in = canvas->data + 2 * (size_t)y * canvas->row_step;
    const float *below = in + canvas->row_step;
    float *out = half_size->data + y * half_size->row_step;
    for (uint32_t x = 0; x < half_size->width_px; x++) {
      for (size_t c = 0; c < 3; c++) {
        const size_t left = 2 * (size_t)x * canvas->column_step + c * canvas->channel_step;
        const size_t right = left + canvas->column_step;
        out[x * half_size->column_step + c * half_size->channel_step] =
            0.25f * (in[left] + in[right] + below[left] + below[right]);
      }
    }
  }
}

void mc_canvas_clear(const mc_canvas *canvas) {
  for (uint32_t y = 0; y < canvas->height_px; y++) row_clear(canvas->data + y * canvas->row_step, canvas);
}

void mc_resampler_destroy(mc_resampler *resampler) {
  if (resampler == NULL) return;
  free(resampler->columns.spans);
  free(resampler->columns.weights);
  free(resampler->rows.spans);
  free(resampler->rows.weights);
  free(resampler->row);
  *resampler = (mc_resampler){0};
}
