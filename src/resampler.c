#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "image.h"
#include "shrink.h"

/* Four floats: one RGBA pixel. GCC and Clang map it to one SIMD register on
 * every target we build for. */
typedef float mc_lanes __attribute__((vector_size(16), aligned(4), may_alias));

/* --- Coefficients ------------------------------------------------------------------------------------------------- */

/* Makes room without keeping the content; numbers in it are finite from the
 * start. */
static bool reserve(void **memory, size_t *capacity, size_t count, size_t item_bytes) {
  if (count <= *capacity) return true;
  void *grown = calloc(count, item_bytes);
  if (grown == NULL) return false;
  free(*memory);
  *memory = grown;
  *capacity = count;
  return true;
}

/* The part of [low, high) that lies in the picture; weight of a source pixel =
 * covered share of the target pixel. */
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

/* Where no span is longer than this or reaches out of the picture, each has
 * room for so many weights, zeros at the end. */
enum { MAX_PADDED = 4 };

/* In use: every source pixel is covered at most once, plus once more at each
 * border of two target pixels; or the padded spans. */
static size_t axis_weight_limit(uint32_t source, uint32_t target) {
  return (size_t)source + MAX_PADDED * (size_t)target + 2;
}

/* No span reaches out of the picture. */
static bool covers_all(const mc_axis *axis, uint32_t target) {
  for (uint32_t i = 0; i < target; i++) {
    if (fabsf(axis->spans[i].weight_sum - 1.0f) > FLT_EPSILON) return false;
  }
  return true;
}

/* Moves the weights apart, last span first, so that each span begins MAX_PADDED
 * behind the one before. */
static void axis_pad(mc_axis *axis, uint32_t target) {
  for (uint32_t i = target; i-- > 0;) {
    mc_span *span = &axis->spans[i];
    float padded[MAX_PADDED] = {0};
    for (uint32_t k = 0; k < span->count; k++) padded[k] = axis->weights[span->weights + k];
    span->weights = (size_t)i * MAX_PADDED;
    for (uint32_t k = 0; k < MAX_PADDED; k++) axis->weights[span->weights + k] = padded[k];
  }
}

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
  axis->longest = 0;
  for (uint32_t i = 0; i < target; i++) {
    mc_span *span = &axis->spans[i];
    *span = (mc_span){.weights = used};
    const double low = begin + (double)i * step;
    used += step > 1.0 ? span_area(span, axis->weights + used, source, low, begin + (double)(i + 1) * step)
                       : span_bilinear(span, axis->weights + used, source, low + 0.5 * step);
    if (span->count > axis->longest) axis->longest = span->count;
  }
  axis->inside = axis->longest <= MAX_PADDED && covers_all(axis, target);
  if (axis->inside) axis_pad(axis, target);
  const bool whole = begin >= 0.0 && begin + extent <= (double)source && floor(begin) == begin && floor(step) == step;
  axis->whole_step = whole && step >= 1.0 && step <= (double)MC_SHRINK_MAX_PIXELS ? (uint32_t)step : 0;
  axis->source_px = source;
  axis->target_px = target;
  axis->begin_px = begin;
  axis->extent_px = extent;
  return MC_OK;
}

/* --- Rows --------------------------------------------------------------------------------------------------------- */

/* Normalisation as value = pixel * scale - shift * (sum of weights), in RGB
 * order like the pixels. */
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

/* A row of the picture as [count, 4] floats, red first. */
static void row_to_lanes(float *restrict out, const uint8_t *restrict in, mc_pixel_format format, size_t count) {
  if (format == MC_RGBA8) {
    mc_shrink_none(out, 4 * count, in);
    return;
  }
  const size_t red = format == MC_BGR8 ? 2 : 0;
  const size_t step = format == MC_GRAY8 ? 1 : 3;
  const size_t green = format == MC_GRAY8 ? 0 : 1;
  const size_t blue = format == MC_GRAY8 ? 0 : 2 - red;
  for (size_t i = 0; i < count; i++) {
    out[4 * i] = (float)in[step * i + red];
    out[4 * i + 1] = (float)in[step * i + green];
    out[4 * i + 2] = (float)in[step * i + blue];
    out[4 * i + 3] = 0.0f;
  }
}

static inline mc_lanes weigh(const float *weights, const mc_lanes *pixels, uint32_t count) {
  mc_lanes sum = weights[0] * pixels[0];
  for (uint32_t i = 1; i < count; i++) sum += weights[i] * pixels[i];
  return sum;
}

/* Resamples a row of pixels, [used, 4], of which the first is source column
 * `first`, to out [target_px, 3], normalised. Four lanes are stored at once,
 * and the next pixel overwrites the fourth: there is room for one more float.
 * count: weights of each span where columns->inside. */
static inline void resample(float *out, const mc_axis *columns, const mc_lanes *pixels, uint32_t first,
                            float row_weight, const mc_finish *finish, uint32_t count) {
  const mc_lanes shift = finish->shift * row_weight;
  for (uint32_t x = 0; x < columns->target_px; x++) {
    const mc_span *span = &columns->spans[x];
    mc_lanes value = {0.0f, 0.0f, 0.0f, 0.0f};
    if (columns->inside) {
      value = weigh(columns->weights + (size_t)x * MAX_PADDED, pixels + (span->first - first), count) * finish->scale -
              shift;
    } else if (span->count > 0) {
      value = weigh(columns->weights + span->weights, pixels + (span->first - first), span->count);
      value = value * finish->scale - shift * span->weight_sum;
    }
    *(mc_lanes *)(void *)(out + 3 * (size_t)x) = value;
  }
}

static void row_resample(float *out, const mc_axis *columns, const float *row, uint32_t first, float row_weight,
                         const mc_finish *finish) {
  const mc_lanes *pixels = (const mc_lanes *)(const void *)row;
  switch (columns->inside ? columns->longest : 0) { /* loops of known length: no guessing where a span ends */
    case 1: resample(out, columns, pixels, first, row_weight, finish, 1); break;
    case 2: resample(out, columns, pixels, first, row_weight, finish, 2); break;
    case 3: resample(out, columns, pixels, first, row_weight, finish, 3); break;
    case 4: resample(out, columns, pixels, first, row_weight, finish, 4); break;
    default: resample(out, columns, pixels, first, row_weight, finish, 0); break;
  }
}

static void row_set(float *restrict out, const float *restrict a, float wa, size_t count) {
  for (size_t i = 0; i < count; i++) out[i] = wa * a[i];
}

static void row_set_two(float *restrict out, const float *restrict a, float wa, const float *restrict b, float wb,
                        size_t count) {
  for (size_t i = 0; i < count; i++) out[i] = wa * a[i] + wb * b[i];
}

static void row_add(float *restrict out, const float *restrict a, float wa, size_t count) {
  for (size_t i = 0; i < count; i++) out[i] += wa * a[i];
}

static void row_scatter(float *restrict out, const mc_canvas *canvas, bool bgr, const float *restrict row) {
  for (uint32_t x = 0; x < canvas->width_px; x++) {
    for (size_t c = 0; c < 3; c++)
      out[x * canvas->column_step + (bgr ? 2 - c : c) * canvas->channel_step] = row[3 * (size_t)x + c];
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

/* What one run works with. */
typedef struct mc_pass {
  const mc_image *image;
  const mc_axis *columns, *rows;
  const uint8_t *pixels; /* of the first source column in use */
  size_t stride_bytes;
  uint32_t first, used; /* source columns */
  mc_finish finish;
  float *lanes;              /* [used + MAX_PADDED, 4] a source row, or the sum of several */
  float *resampled[2];       /* [target_px, 3] and one float more: source rows, even
                          and odd ones, normalised */
  uint32_t resampled_row[2]; /* which; UINT32_MAX: none */
} mc_pass;

/* A source row, resampled along the row. The last two are kept, as neighbouring
 * target rows share them. */
static const float *resampled_row(mc_pass *pass, uint32_t row) {
  const size_t slot = row % 2;
  float *out = pass->resampled[slot];
  if (pass->resampled_row[slot] != row) {
    row_to_lanes(pass->lanes, pass->pixels + row * pass->stride_bytes, pass->image->format, pass->used);
    row_resample(out, pass->columns, pass->lanes, pass->first, 1.0f, &pass->finish);
    pass->resampled_row[slot] = row;
  }
  return out;
}

/* A target row from source rows that were resampled one by one: few source rows
 * for a target row. */
static void combine_rows(mc_pass *pass, const mc_span *span, float *out) {
  const float *weights = pass->rows->weights + span->weights;
  const size_t count = 3 * (size_t)pass->columns->target_px;
  const float *a = resampled_row(pass, span->first);
  if (span->count == 1) {
    row_set(out, a, weights[0], count);
    return;
  }
  const float *b = resampled_row(pass, span->first + 1);
  row_set_two(out, a, weights[0], b, weights[1], count);
  for (uint32_t i = 2; i < span->count; i++) row_add(out, resampled_row(pass, span->first + i), weights[i], count);
}

/* A target row from the sum of source rows: many source rows for a target row,
 * all but the outer ones of the same weight. */
static void sum_rows(mc_pass *pass, const mc_span *span, float *out) {
  const float *weights = pass->rows->weights + span->weights;
  mc_shrink_sum_rows(pass->lanes, (size_t)pass->used * 4, pass->pixels + span->first * pass->stride_bytes,
                     pass->stride_bytes, span->count, weights);
  row_resample(out, pass->columns, pass->lanes, pass->first, span->weight_sum, &pass->finish);
}

/* Every target pixel is the mean of as many source pixels. */
static bool is_whole(const mc_pass *pass) {
  const uint32_t columns = pass->columns->whole_step;
  const uint32_t rows = pass->rows->whole_step;
  return pass->image->format == MC_RGBA8 && columns > 0 && rows > 0 && columns * rows <= MC_SHRINK_MAX_PIXELS;
}

static void fill(mc_pass *pass, const mc_canvas *canvas, bool bgr, float *row) {
  const bool packed = !bgr && canvas->channel_step == 1 && canvas->column_step == 3;
  const bool whole = is_whole(pass);
  const bool many = pass->image->format == MC_RGBA8 && pass->rows->longest > MAX_PADDED &&
                    pass->rows->longest <= MC_SHRINK_MAX_PIXELS;
  const mc_lanes scale = pass->finish.scale / (float)(whole ? pass->columns->whole_step * pass->rows->whole_step : 1);
  for (uint32_t y = 0; y < canvas->height_px; y++) {
    const mc_span *span = &pass->rows->spans[y];
    float *out = canvas->data + y * canvas->row_step;
    if (span->count == 0 || pass->used == 0) {
      mc_canvas_clear_row(canvas, y);
      continue;
    }
    if (whole) {
      mc_shrink_row(packed ? out : row, canvas->width_px, pass->pixels + span->first * pass->stride_bytes,
                    pass->stride_bytes, pass->columns->whole_step, pass->rows->whole_step, (const float *)&scale,
                    (const float *)&pass->finish.shift);
    } else if (many && span->count > 1) {
      sum_rows(pass, span, row);
      if (packed) row_set(out, row, 1.0f, 3 * (size_t)canvas->width_px);
    } else {
      combine_rows(pass, span, packed ? out : row);
    }
    if (!packed) row_scatter(out, canvas, bgr, row);
  }
}

mc_status mc_resampler_run(mc_resampler *resampler, const mc_image *image, const mc_view *view,
                           const mc_normalization *normalization, const mc_canvas *canvas) {
  mc_axis *columns = &resampler->columns;
  mc_axis *rows = &resampler->rows;
  mc_status status = axis_prepare(columns, image->width_px, canvas->width_px, view->x, view->width);
  if (status == MC_OK) status = axis_prepare(rows, image->height_px, canvas->height_px, view->y, view->height);
  if (status != MC_OK) return status;

  const size_t source_floats = 4 * ((size_t)image->width_px + MAX_PADDED);
  const size_t target_floats = 3 * (size_t)canvas->width_px + 1;
  if (!reserve((void **)&resampler->row, &resampler->row_capacity, source_floats + 3 * target_floats, sizeof(float))) {
    return MC_ERROR_OUT_OF_MEMORY;
  }
  const size_t pixel_bytes = mc_pixel_format_bytes(image->format);
  float *targets = resampler->row + source_floats;
  mc_pass pass = {.image = image,
                  .columns = columns,
                  .rows = rows,
                  .stride_bytes = image->stride_bytes == 0 ? image->width_px * pixel_bytes : image->stride_bytes,
                  .finish = finish_of(normalization),
                  .lanes = resampler->row,
                  .resampled = {targets, targets + target_floats},
                  .resampled_row = {UINT32_MAX, UINT32_MAX}};
  columns_range(columns, &pass.first, &pass.used);
  pass.pixels = image->pixels + pass.first * pixel_bytes;
  fill(&pass, canvas, normalization->bgr, targets + 2 * target_floats);
  return MC_OK;
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
