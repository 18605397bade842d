/* The resampler against a naive one in double precision, and what it must do at the edges. */
#include "support_cmocka.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image.h"
#include "support_random.h"

static const mc_normalization plain = {{0.0f, 0.0f, 0.0f}, {1.0f, 1.0f, 1.0f}, false};
static const mc_normalization signed_unit = {{127.5f, 127.5f, 127.5f}, {127.5f, 127.5f, 127.5f}, false};
static const float untouched = 12345.0f;

/* --- Naive reference --------------------------------------------------------------------------------------------- */

/* Weight of source pixel `source` for target pixel `target`, straight from the definition. */
static double naive_weight(uint32_t source, uint32_t source_count, uint32_t target, uint32_t target_count, double begin,
                           double extent) {
  const double step = extent / target_count;
  if (step > 1.0) {
    const double low = begin + target * step;
    const double covered = fmin(low + step, source + 1.0) - fmax(low, (double)source);
    return fmax(covered, 0.0) / step;
  }
  const double centre = begin + (target + 0.5) * step;
  if (centre < 0.0 || centre >= source_count) return 0.0;
  const double position = fmin(fmax(centre - 0.5, 0.0), source_count - 1.0);
  return fmax(0.0, 1.0 - fabs(position - source));
}

static int source_channel(mc_pixel_format format, int rgb) {
  return format == MC_GRAY8 ? 0 : format == MC_BGR8 ? 2 - rgb : rgb;
}

static double naive_value(const mc_image *image, const mc_view *view, const mc_normalization *norm,
                          const mc_canvas *canvas, uint32_t x, uint32_t y, int c) {
  const size_t bytes = mc_pixel_format_bytes(image->format);
  const size_t stride = image->stride_bytes != 0 ? image->stride_bytes : image->width_px * bytes;
  const int from = source_channel(image->format, norm->bgr ? 2 - c : c);
  double value = 0.0;
  for (uint32_t sy = 0; sy < image->height_px; sy++) {
    const double wy = naive_weight(sy, image->height_px, y, canvas->height_px, view->y, view->height);
    if (wy == 0.0) continue;
    for (uint32_t sx = 0; sx < image->width_px; sx++) {
      const double wx = naive_weight(sx, image->width_px, x, canvas->width_px, view->x, view->width);
      const double pixel = image->pixels[sy * stride + sx * bytes + (size_t)from];
      value += wy * wx * (pixel - norm->mean[c]) / norm->std[c];
    }
  }
  return value;
}

/* --- Helpers ----------------------------------------------------------------------------------------------------- */

/* Exactly as many bytes as the descriptor promises, so that the sanitizer sees a read too many. */
static uint8_t *noise(uint64_t *random, mc_image *image, size_t padding) {
  const size_t row = image->width_px * mc_pixel_format_bytes(image->format);
  image->stride_bytes = padding == 0 ? 0 : row + padding;
  const size_t total = (row + padding) * (image->height_px - 1) + row;
  uint8_t *pixels = malloc(total);
  assert_non_null(pixels);
  for (size_t i = 0; i < total; i++) pixels[i] = (uint8_t)random_below(random, 256);
  image->pixels = pixels;
  return pixels;
}

typedef enum axis_order { ROWS_OF_PIXELS, PLANES, ODD_STEPS, LAYOUT_COUNT } axis_order;

static size_t canvas_floats(const mc_canvas *canvas) {
  return (canvas->height_px - 1) * canvas->row_step + (canvas->width_px - 1) * canvas->column_step +
         2 * canvas->channel_step + 1;
}

static void canvas_make(mc_canvas *canvas, uint32_t width, uint32_t height, axis_order order) {
  *canvas = (mc_canvas){.width_px = width, .height_px = height};
  canvas->channel_step = order == PLANES ? (size_t)width * height : 1;
  canvas->column_step = order == PLANES ? 1 : order == ODD_STEPS ? 5 : 3;
  canvas->row_step = width * canvas->column_step + (order == ODD_STEPS ? 7 : 0);
  const size_t count = canvas_floats(canvas);
  canvas->data = malloc(count * sizeof(float));
  assert_non_null(canvas->data);
  for (size_t i = 0; i < count; i++) canvas->data[i] = untouched;
}

static float canvas_at(const mc_canvas *canvas, uint32_t x, uint32_t y, int c) {
  return canvas->data[y * canvas->row_step + x * canvas->column_step + (size_t)c * canvas->channel_step];
}

static void run(const mc_image *image, const mc_view *view, const mc_normalization *norm, const mc_canvas *canvas) {
  mc_resampler resampler = {0};
  assert_int_equal(mc_resampler_run(&resampler, image, view, norm, canvas), MC_OK);
  mc_resampler_destroy(&resampler);
}

static void assert_like_reference(const mc_image *image, const mc_view *view, const mc_normalization *norm,
                                  const mc_canvas *canvas) {
  for (uint32_t y = 0; y < canvas->height_px; y++) {
    for (uint32_t x = 0; x < canvas->width_px; x++) {
      for (int c = 0; c < 3; c++) {
        const double expected = naive_value(image, view, norm, canvas, x, y, c);
        const double tolerance = 16.0 * FLT_EPSILON * (255.0 + fabs((double)norm->mean[c])) / norm->std[c];
        if (fabs(canvas_at(canvas, x, y, c) - expected) > tolerance) {
          fail_msg("%ux%u format %d view %g,%g %gx%g -> %ux%u: (%u, %u, %d) is %.9g, expected %.9g", image->width_px,
                   image->height_px, (int)image->format, view->x, view->y, view->width, view->height, canvas->width_px,
                   canvas->height_px, x, y, c, (double)canvas_at(canvas, x, y, c), expected);
        }
      }
    }
  }
}

/* --- Tests ------------------------------------------------------------------------------------------------------- */

static void test_against_reference(void **state) {
  (void)state;
  uint64_t random = random_start();
  for (int round = 0; round < 600; round++) {
    mc_image image = {.width_px = 1 + random_below(&random, 37),
                      .height_px = 1 + random_below(&random, 37),
                      .format = (mc_pixel_format)random_below(&random, 4)};
    uint8_t *pixels = noise(&random, &image, random_below(&random, 2) == 0 ? 0 : random_below(&random, 9));
    mc_view view = {0.0, 0.0, image.width_px, image.height_px};
    if (round % 3 != 0) {
      view.width = exp(random_between(&random, -3.0, 5.0));
      view.height = exp(random_between(&random, -3.0, 5.0));
      view.x = random_between(&random, -view.width - 2.0, image.width_px + 2.0);
      view.y = random_between(&random, -view.height - 2.0, image.height_px + 2.0);
    }
    mc_normalization norm = {.bgr = random_below(&random, 2) == 1};
    for (int c = 0; c < 3; c++) {
      norm.mean[c] = (float)random_between(&random, 0.0, 200.0);
      norm.std[c] = (float)random_between(&random, 1.0, 200.0);
    }
    mc_canvas canvas;
    canvas_make(&canvas, 1 + random_below(&random, 37), 1 + random_below(&random, 37),
                (axis_order)random_below(&random, LAYOUT_COUNT));
    run(&image, &view, &norm, &canvas);
    assert_like_reference(&image, &view, &norm, &canvas);
    free(canvas.data);
    free(pixels);
  }
}

/* Pictures that shrink by whole numbers take another way than the rest. */
static void test_whole_numbers(void **state) {
  (void)state;
  uint64_t random = random_start();
  for (int round = 0; round < 200; round++) {
    const uint32_t columns = 1 + random_below(&random, round % 10 == 0 ? 20 : 5);
    const uint32_t rows = round % 2 == 0 ? columns : 1 + random_below(&random, 14);
    mc_canvas canvas;
    canvas_make(&canvas, 1 + random_below(&random, 19), 1 + random_below(&random, 7),
                (axis_order)random_below(&random, LAYOUT_COUNT));
    const uint32_t left = random_below(&random, 3);
    const uint32_t top = random_below(&random, 3);
    mc_image image = {.width_px = left + columns * canvas.width_px + random_below(&random, 2),
                      .height_px = top + rows * canvas.height_px + random_below(&random, 2),
                      .format = round % 5 == 1 ? MC_RGB8 : MC_RGBA8};
    uint8_t *pixels = noise(&random, &image, random_below(&random, 2) == 0 ? 0 : random_below(&random, 9));
    if (round % 20 == 0) { /* the largest sums */
      const size_t row = image.width_px * mc_pixel_format_bytes(image.format);
      memset(pixels, 255, (image.stride_bytes == 0 ? row : image.stride_bytes) * (image.height_px - 1) + row);
    }
    const mc_view view = {left, top, columns * canvas.width_px, rows * canvas.height_px};
    const mc_normalization norm = {.mean = {127.5f, 100.0f, 3.0f}, .std = {127.5f, 50.0f, 1.0f}, .bgr = round % 3 == 0};
    run(&image, &view, &norm, &canvas);
    assert_like_reference(&image, &view, &norm, &canvas);
    free(canvas.data);
    free(pixels);
  }
}

/* One resampler for many sizes and views gives what a fresh one gives. */
static void test_reuse(void **state) {
  (void)state;
  uint64_t random = random_start();
  mc_resampler resampler = {0};
  for (int round = 0; round < 200; round++) {
    mc_image image = {.width_px = 1 + random_below(&random, 9), .height_px = 1 + random_below(&random, 9)};
    uint8_t *pixels = noise(&random, &image, 0);
    /* Off the grid: a centre exactly on the picture's edge may fall on either side. */
    const mc_view view = {random_below(&random, 3) + 0.13, 0.0, 1.0 + random_below(&random, 9), image.height_px};
    mc_canvas canvas;
    canvas_make(&canvas, 1 + random_below(&random, 4), 1 + random_below(&random, 4), ROWS_OF_PIXELS);
    assert_int_equal(mc_resampler_run(&resampler, &image, &view, &plain, &canvas), MC_OK);
    assert_like_reference(&image, &view, &plain, &canvas);
    free(canvas.data);
    free(pixels);
  }
  mc_resampler_destroy(&resampler);
}

static void test_no_allocation_after_the_first_run(void **state) {
  (void)state;
  uint64_t random = random_start();
  mc_image image = {.width_px = 203, .height_px = 101, .format = MC_RGB8};
  uint8_t *pixels = noise(&random, &image, 0);
  mc_canvas canvas;
  canvas_make(&canvas, 64, 64, ROWS_OF_PIXELS);
  mc_resampler resampler = {0};
  mc_view view = {5.0, 5.0, 2.0, 2.0};
  assert_int_equal(mc_resampler_run(&resampler, &image, &view, &plain, &canvas), MC_OK);
  const mc_resampler before = resampler;
  for (int round = 0; round < 300; round++) {
    view.width = view.height = exp(random_between(&random, -2.0, 8.0));
    view.x = random_between(&random, -view.width, image.width_px);
    view.y = random_between(&random, -view.height, image.height_px);
    assert_int_equal(mc_resampler_run(&resampler, &image, &view, &plain, &canvas), MC_OK);
    assert_ptr_equal(resampler.row, before.row);
    assert_ptr_equal(resampler.columns.weights, before.columns.weights);
    assert_ptr_equal(resampler.columns.spans, before.columns.spans);
    assert_ptr_equal(resampler.rows.weights, before.rows.weights);
    assert_ptr_equal(resampler.rows.spans, before.rows.spans);
  }
  mc_resampler_destroy(&resampler);
  assert_null(resampler.row);
  free(canvas.data);
  free(pixels);
}

static void test_known_values(void **state) {
  (void)state;
  const uint8_t pixels[4] = {0, 100, 200, 40};
  const mc_image square = {.pixels = pixels, .width_px = 2, .height_px = 2, .format = MC_GRAY8};
  const mc_image line = {.pixels = pixels, .width_px = 4, .height_px = 1, .format = MC_GRAY8};
  const mc_view all_square = {0.0, 0.0, 2.0, 2.0};
  const mc_view all_line = {0.0, 0.0, 4.0, 1.0};
  mc_canvas canvas;

  canvas_make(&canvas, 1, 1, ROWS_OF_PIXELS);
  run(&square, &all_square, &plain, &canvas); /* the mean of all four */
  for (int c = 0; c < 3; c++) assert_near(canvas_at(&canvas, 0, 0, c), 85.0f, 1e-4f);
  free(canvas.data);

  canvas_make(&canvas, 4, 1, ROWS_OF_PIXELS);
  run(&line, &all_line, &plain, &canvas); /* same size: the pixels themselves */
  for (uint32_t x = 0; x < 4; x++) assert_true(canvas_at(&canvas, x, 0, 1) == (float)pixels[x]);
  free(canvas.data);

  canvas_make(&canvas, 8, 1, ROWS_OF_PIXELS);
  run(&line, &all_line, &plain, &canvas); /* twice the size: quarters between the centres, clamped at the ends */
  const float expected[8] = {0.0f, 25.0f, 75.0f, 125.0f, 175.0f, 160.0f, 80.0f, 40.0f};
  for (uint32_t x = 0; x < 8; x++) assert_near(canvas_at(&canvas, x, 0, 2), expected[x], 1e-4f);
  free(canvas.data);
}

static void test_channel_order(void **state) {
  (void)state;
  const uint8_t pixels[4] = {10, 20, 30, 99};
  const mc_view all = {0.0, 0.0, 1.0, 1.0};
  const float rgb[3] = {10.0f, 20.0f, 30.0f};
  mc_canvas canvas;
  canvas_make(&canvas, 1, 1, ROWS_OF_PIXELS);
  for (int format = MC_RGBA8; format <= MC_BGR8; format++) {
    for (int bgr = 0; bgr <= 1; bgr++) {
      const mc_image image = {.pixels = pixels, .width_px = 1, .height_px = 1, .format = (mc_pixel_format)format};
      mc_normalization norm = plain;
      norm.bgr = bgr == 1;
      run(&image, &all, &norm, &canvas);
      const bool reversed = (format == MC_BGR8) != (bgr == 1);
      for (int c = 0; c < 3; c++) assert_true(canvas_at(&canvas, 0, 0, c) == rgb[reversed ? 2 - c : c]);
    }
  }
  free(canvas.data);
}

/* A part of a larger buffer is filled, and nothing beside it. */
static void test_writes_only_the_canvas(void **state) {
  (void)state;
  uint64_t random = random_start();
  mc_image image = {.width_px = 11, .height_px = 7};
  uint8_t *pixels = noise(&random, &image, 0);
  const mc_view view = {0.0, 0.0, 11.0, 7.0};
  mc_canvas whole;
  canvas_make(&whole, 16, 12, ROWS_OF_PIXELS);
  mc_canvas part = whole;
  part.data += 2 * whole.row_step + 3 * whole.column_step;
  part.width_px = 9;
  part.height_px = 5;
  run(&image, &view, &signed_unit, &part);
  assert_like_reference(&image, &view, &signed_unit, &part);
  for (uint32_t y = 0; y < whole.height_px; y++) {
    for (uint32_t x = 0; x < whole.width_px; x++) {
      const bool inside = x >= 3 && x < 12 && y >= 2 && y < 7;
      for (int c = 0; c < 3; c++) assert_true((canvas_at(&whole, x, y, c) == untouched) == !inside);
    }
  }
  mc_canvas_clear(&part);
  assert_true(canvas_at(&whole, 3, 2, 0) == 0.0f && canvas_at(&whole, 11, 6, 2) == 0.0f);
  assert_true(canvas_at(&whole, 12, 6, 0) == untouched && canvas_at(&whole, 2, 2, 2) == untouched);
  free(whole.data);
  free(pixels);
}

static void test_outside_is_zero(void **state) {
  (void)state;
  const uint8_t white[16] = {255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255};
  const mc_image image = {.pixels = white, .width_px = 2, .height_px = 2};
  const mc_view views[] = {
      {-8.0, -8.0, 4.0, 4.0}, {2.0, 0.0, 2.0, 2.0}, {0.0, 1e9, 1e-3, 1e-3}, {-1e30, -1e30, 1.0, 1.0}, {1e38, 0.0, 1e38, 1.0},
  };
  mc_canvas canvas;
  canvas_make(&canvas, 5, 4, ROWS_OF_PIXELS);
  for (size_t i = 0; i < sizeof(views) / sizeof(*views); i++) {
    run(&image, &views[i], &signed_unit, &canvas);
    for (uint32_t y = 0; y < 4; y++) {
      for (uint32_t x = 0; x < 5; x++) assert_true(canvas_at(&canvas, x, y, 0) == 0.0f);
    }
  }
  /* Half of each target pixel covers the picture. */
  const mc_view half = {-2.0, 0.0, 4.0, 2.0};
  mc_canvas one;
  canvas_make(&one, 1, 1, ROWS_OF_PIXELS);
  run(&image, &half, &signed_unit, &one);
  assert_near(canvas_at(&one, 0, 0, 0), 0.5f, 1e-6f);
  free(one.data);
  free(canvas.data);
}

static void test_extreme_sizes(void **state) {
  (void)state;
  uint64_t random = random_start();
  const uint32_t sizes[][4] = {{1, 1, 33, 17},      {1, 10000, 1, 640}, {10000, 1, 640, 1}, {32768, 1, 3, 2},
                               {1, 32768, 2, 3},    {3, 2, 4096, 1},    {1, 1, 1, 1},       {32768, 2, 32, 32},
                               {20011, 3, 1, 1}};
  for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
    mc_image image = {.width_px = sizes[i][0], .height_px = sizes[i][1], .format = MC_BGR8};
    uint8_t *pixels = noise(&random, &image, 0);
    assert_int_equal(mc_image_check(&image), MC_OK);
    const mc_view view = {0.0, 0.0, image.width_px, image.height_px};
    mc_canvas canvas;
    canvas_make(&canvas, sizes[i][2], sizes[i][3], ROWS_OF_PIXELS);
    run(&image, &view, &signed_unit, &canvas);
    /* The reference is slow: some pixels only. Long sums in float lose a little more. */
    for (int probe = 0; probe < 20; probe++) {
      const uint32_t x = random_below(&random, canvas.width_px);
      const uint32_t y = random_below(&random, canvas.height_px);
      const double expected = naive_value(&image, &view, &signed_unit, &canvas, x, y, 1);
      assert_true(fabs(canvas_at(&canvas, x, y, 1) - expected) < 1e-4);
    }
    free(canvas.data);
    free(pixels);
  }
}

static void test_check(void **state) {
  (void)state;
  const uint8_t pixels[64] = {0};
  const mc_image good = {.pixels = pixels, .width_px = 4, .height_px = 4};
  assert_int_equal(mc_image_check(&good), MC_OK);
  assert_int_equal(mc_image_check(NULL), MC_ERROR_INVALID_ARGUMENT);

  mc_image image = good;
  image.pixels = NULL;
  assert_int_equal(mc_image_check(&image), MC_ERROR_INVALID_ARGUMENT);
  image = good;
  image.format = (mc_pixel_format)77;
  assert_int_equal(mc_image_check(&image), MC_ERROR_INVALID_ARGUMENT);
  image = good;
  image.stride_bytes = 15;
  assert_int_equal(mc_image_check(&image), MC_ERROR_INVALID_ARGUMENT);
  image.stride_bytes = SIZE_MAX / 2;
  assert_int_equal(mc_image_check(&image), MC_ERROR_INVALID_ARGUMENT);
  image.stride_bytes = SIZE_MAX;
  assert_int_equal(mc_image_check(&image), MC_ERROR_INVALID_ARGUMENT);
  image = good;
  image.width_px = 0;
  assert_int_equal(mc_image_check(&image), MC_ERROR_IMAGE_INVALID);
  image = good;
  image.height_px = 0;
  assert_int_equal(mc_image_check(&image), MC_ERROR_IMAGE_INVALID);
  image = good;
  image.width_px = 16384;
  image.height_px = 8192; /* 128 Mpx */
  assert_int_equal(mc_image_check(&image), MC_OK);
  image.height_px++;
  assert_int_equal(mc_image_check(&image), MC_ERROR_IMAGE_TOO_LARGE);
  image = good;
  image.width_px = MC_MAX_IMAGE_SIDE_PX + 1;
  assert_int_equal(mc_image_check(&image), MC_ERROR_IMAGE_TOO_LARGE);
  image = good;
  image.height_px = UINT32_MAX;
  assert_int_equal(mc_image_check(&image), MC_ERROR_IMAGE_TOO_LARGE);
  image = good;
  image.width_px = image.height_px = MC_MAX_IMAGE_SIDE_PX;
  assert_int_equal(mc_image_check(&image), MC_ERROR_IMAGE_TOO_LARGE);
}

static void test_halving(void **state) {
  (void)state;
  uint64_t random = random_start();
  for (int round = 0; round < 60; round++) {
    const uint32_t width = 1 + random_below(&random, 20);
    const uint32_t height = 1 + random_below(&random, 20);
    mc_canvas whole;
    mc_canvas half;
    canvas_make(&whole, 2 * width, 2 * height, (axis_order)(round % LAYOUT_COUNT));
    canvas_make(&half, width, height, (axis_order)(round / LAYOUT_COUNT % LAYOUT_COUNT));
    const size_t count = canvas_floats(&whole);
    for (size_t i = 0; i < count; i++) whole.data[i] = (float)random_between(&random, -1.0, 1.0);
    mc_canvas_halve(&whole, &half);
    size_t written = 0;
    for (uint32_t y = 0; y < height; y++) {
      for (uint32_t x = 0; x < width; x++) {
        for (int c = 0; c < 3; c++) {
          double expected = 0.0;
          for (uint32_t k = 0; k < 4; k++) expected += 0.25 * (double)canvas_at(&whole, 2 * x + k % 2, 2 * y + k / 2, c);
          assert_near(canvas_at(&half, x, y, c), expected, 4.0 * (double)FLT_EPSILON);
          written++;
        }
      }
    }
    size_t kept = 0;
    for (size_t i = 0; i < canvas_floats(&half); i++) kept += half.data[i] == untouched;
    assert_int_equal(written + kept, canvas_floats(&half));
    free(whole.data);
    free(half.data);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_against_reference),
      cmocka_unit_test(test_whole_numbers),
      cmocka_unit_test(test_reuse),
      cmocka_unit_test(test_no_allocation_after_the_first_run),
      cmocka_unit_test(test_known_values),
      cmocka_unit_test(test_channel_order),
      cmocka_unit_test(test_writes_only_the_canvas),
      cmocka_unit_test(test_outside_is_zero),
      cmocka_unit_test(test_extreme_sizes),
      cmocka_unit_test(test_check),
      cmocka_unit_test(test_halving),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
