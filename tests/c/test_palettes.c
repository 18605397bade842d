/* Palettes: shorter than what the pixels ask for, damaged, or where other readers do not look. */
#include "support_cmocka.h"

#include <stdlib.h>

#include "maskcheck.h"
#include "support_decoding.h"
#include "support_files.h"

static void test_png_with_palette(void **state) {
  (void)state;
  const uint8_t indices[4] = {0, 1, 2, 1};
  const uint8_t palette[9] = {200, 10, 20, 0, 0, 0, 30, 40, 50};
  const uint8_t alpha[3] = {255, 0, 255};
  mc_picture picture = decode_good(file_png_palette(indices, 2, 2, palette, 3, NULL));
  assert_color(&picture, 0, 0, 200, 10, 20, 0);
  assert_color(&picture, 1, 0, 0, 0, 0, 0);
  assert_color(&picture, 0, 1, 30, 40, 50, 0);
  mc_picture_destroy(&picture);
  picture = decode_good(file_png_palette(indices, 2, 2, palette, 3, alpha));
  assert_color(&picture, 0, 0, 200, 10, 20, 0);
  assert_color(&picture, 1, 1, 255, 255, 255, 0); /* transparent: white */
  mc_picture_destroy(&picture);
}

/* Indices that no colour has: black, and not what was in memory. */
static void test_png_with_a_short_palette(void **state) {
  (void)state;
  const uint8_t indices[4] = {0, 1, 200, 255};
  const uint8_t palette[6] = {200, 10, 20, 30, 40, 50};
  mc_picture picture = decode_good(file_png_palette(indices, 2, 2, palette, 2, NULL));
  assert_color(&picture, 0, 0, 200, 10, 20, 0);
  assert_color(&picture, 1, 0, 30, 40, 50, 0);
  assert_color(&picture, 0, 1, 0, 0, 0, 0);
  assert_color(&picture, 1, 1, 0, 0, 0, 0);
  mc_picture_destroy(&picture);
}

static void test_damaged_palettes(void **state) {
  (void)state;
  const uint8_t indices[4] = {0};
  const uint8_t palette[6] = {0};
  const uint8_t alpha[2] = {255, 255};
  static const uint8_t colours[] = {0, 1};
  for (size_t i = 0; i < sizeof(colours); i++) {
    file made = file_png_palette(indices, 2, 2, palette, 2, alpha);
    /* The rest of PLTE's data becomes a chunk that nobody knows; tRNS has two values still. */
    assert_memory_equal(made.bytes + 37, "PLTE", 4);
    file cut = {0};
    file_append(&cut, made.bytes, 36);
    file_append_byte(&cut, 3U * colours[i]);
    file_append(&cut, made.bytes + 37, 4 + (size_t)3 * colours[i]);
    file_append(&cut, made.bytes + 47, made.size - 47);
    mc_picture picture = {0};
    assert_int_equal(decode(cut.bytes, cut.size, &picture), MC_ERROR_IMAGE_INVALID);
    free(cut.bytes);
    free(made.bytes);
  }
}

/* Colours are there, as many as the file has, in every kind of header and depth; others are black. */
static void test_bmp_with_palette(void **state) {
  (void)state;
  static const uint8_t palette[3 * 256] = {[0] = 200, [1] = 10, [2] = 20, [3] = 30, [4] = 40, [5] = 50, [762] = 7, [765] = 9};
  static const uint32_t headers[] = {12, 40, 108, 124};
  for (size_t h = 0; h < sizeof(headers) / sizeof(*headers); h++) {
    for (unsigned bits = 1; bits <= 8; bits *= bits == 1 ? 4 : 2) {
      const uint8_t last = (uint8_t)((1U << bits) - 1);
      const uint8_t indices[6] = {0, 1, last, 1, 0, 1};
      for (uint32_t colors = 2; colors <= 1U << bits; colors += 254) {
        for (uint32_t gap = 0; gap <= 2; gap += 2) {
          mc_picture picture = decode_good(file_bmp_palette(indices, 3, 2, bits, palette, colors, headers[h], gap));
          assert_int_equal(picture.width_px, 3);
          assert_color(&picture, 0, 0, 200, 10, 20, 0);
          assert_color(&picture, 1, 0, 30, 40, 50, 0);
          assert_color(&picture, 2, 1, 30, 40, 50, 0);
          if (last > 1) assert_color(&picture, 2, 0, colors == 256 ? 9 : 0, 0, 0, 0);
          mc_picture_destroy(&picture);
        }
      }
    }
  }
}

static void test_bmp_without_colours(void **state) {
  (void)state;
  static const uint8_t palette[6] = {0};
  static const uint8_t indices[4] = {0};
  static const uint32_t headers[] = {12, 40};
  for (size_t h = 0; h < 2; h++) {
    for (int32_t shift = -10; shift <= 2; shift++) { /* the pixels begin in the header, or right behind it */
      file made = file_bmp_palette(indices, 2, 2, 8, palette, 2, headers[h], 8);
      made.bytes[10] = (uint8_t)(14 + (int32_t)headers[h] + shift);
      mc_picture picture = {0};
      assert_int_equal(decode(made.bytes, made.size, &picture), MC_ERROR_IMAGE_INVALID);
      assert_null(picture.rgba);
      free(made.bytes);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_png_with_palette),
      cmocka_unit_test(test_png_with_a_short_palette),
      cmocka_unit_test(test_damaged_palettes),
      cmocka_unit_test(test_bmp_with_palette),
      cmocka_unit_test(test_bmp_without_colours),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
