/* Picture files of every kind we read, and of kinds that we must refuse. */
#include "support_cmocka.h"

#include <stdlib.h>
#include <string.h>

#include "container.h"
#include "maskcheck.h"
#include "support_decoding.h"
#include "support_files.h"
#include "support_jpeg.h"
#include "support_random.h"

enum { WIDTH = 13, HEIGHT = 7 };

static void fill_random(uint64_t *random, uint8_t *bytes, size_t count, uint32_t limit) {
  for (size_t i = 0; i < count; i++) bytes[i] = (uint8_t)random_below(random, limit);
}

static void test_png_and_bmp(void **state) {
  (void)state;
  uint64_t random = random_start();
  uint8_t pixels[WIDTH * HEIGHT * 4];
  for (int channels = 1; channels <= 4; channels++) {
    for (int bmp = 0; bmp <= 1; bmp++) {
      if (bmp == 1 && channels != 3) continue; /* stb_image_write's other BMPs have no colour or odd masks */
      fill_random(&random, pixels, sizeof(pixels), 256);
      mc_picture picture = decode_good(bmp == 1 ? file_bmp(pixels, WIDTH, HEIGHT, channels)
                                                : file_png(pixels, WIDTH, HEIGHT, channels));
      assert_int_equal(picture.width_px, WIDTH);
      assert_int_equal(picture.height_px, HEIGHT);
      for (uint32_t i = 0; i < WIDTH * HEIGHT; i++) {
        const uint8_t *from = pixels + (size_t)i * (size_t)channels;
        const bool gray = channels < 3;
        const double alpha = channels % 2 == 0 ? from[channels - 1] / 255.0 : 1.0;
        int expected[3];
        for (int c = 0; c < 3; c++) expected[c] = (int)(from[gray ? 0 : c] * alpha + 255.0 * (1.0 - alpha) + 0.5);
        assert_color(&picture, i % WIDTH, i / WIDTH, expected[0], expected[1], expected[2], alpha < 1.0 ? 1 : 0);
      }
      mc_picture_destroy(&picture);
      assert_null(picture.rgba);
    }
  }
}

/* A negative height says so. */
static void test_bmp_with_the_top_row_first(void **state) {
  (void)state;
  const uint8_t pixels[2 * 3] = {250, 0, 0, 0, 0, 250};
  file made = file_bmp(pixels, 1, 2, 3);
  const int32_t height = -2;
  memcpy(made.bytes + 22, &height, sizeof(height));
  mc_picture picture = decode_good(made);
  assert_int_equal(picture.height_px, 2);
  assert_color(&picture, 0, 0, 0, 0, 250, 0); /* what the file has first was the bottom */
  assert_color(&picture, 0, 1, 250, 0, 0, 0);
  mc_picture_destroy(&picture);
}

static void test_png_of_16_bits(void **state) {
  (void)state;
  uint64_t random = random_start();
  uint16_t samples[WIDTH * HEIGHT * 3];
  for (size_t i = 0; i < sizeof(samples) / sizeof(*samples); i++) samples[i] = (uint16_t)random_below(&random, 65536);
  mc_picture picture = decode_good(file_png16(samples, WIDTH, HEIGHT));
  for (uint32_t i = 0; i < WIDTH * HEIGHT; i++) {
    const uint16_t *from = samples + (size_t)3 * i;
    assert_color(&picture, i % WIDTH, i / WIDTH, from[0] >> 8, from[1] >> 8, from[2] >> 8, 1);
  }
  mc_picture_destroy(&picture);
}

static void test_gif(void **state) {
  (void)state;
  uint64_t random = random_start();
  const uint8_t palette[12] = {250, 0, 0, 0, 250, 0, 0, 0, 250, 9, 99, 199};
  uint8_t indices[40 * 31];
  fill_random(&random, indices, sizeof(indices), 4);
  for (int transparent = -1; transparent <= 3; transparent += 4) {
    mc_picture picture = decode_good(file_gif(indices, 40, 31, palette, transparent));
    assert_int_equal(picture.width_px, 40);
    assert_int_equal(picture.height_px, 31);
    for (uint32_t i = 0; i < sizeof(indices); i++) {
      const uint8_t *color = palette + (size_t)3 * indices[i];
      if (indices[i] == transparent) {
        assert_color(&picture, i % 40, i / 40, 255, 255, 255, 0);
      } else {
        assert_color(&picture, i % 40, i / 40, color[0], color[1], color[2], 0);
      }
    }
    mc_picture_destroy(&picture);
  }
}

/* Beyond its frame a GIF is transparent, whatever its background colour. */
static void test_gif_with_a_small_frame(void **state) {
  (void)state;
  const uint8_t palette[12] = {250, 0, 0, 0, 250, 0, 0, 0, 250, 9, 99, 199};
  const uint8_t indices[4] = {0, 1, 2, 3};
  file made = file_gif(indices, 2, 2, palette, -1);
  made.bytes[6] = 4; /* the width of the whole */
  made.bytes[8] = 5; /* and its height */
  made.bytes[11] = 1; /* the background, green */
  made.bytes[26] = 1; /* the frame's place: x */
  made.bytes[28] = 2; /* and y */
  mc_picture picture = decode_good(made);
  for (uint32_t y = 0; y < 5; y++) {
    for (uint32_t x = 0; x < 4; x++) {
      const bool inside = x >= 1 && x < 3 && y >= 2 && y < 4;
      const uint8_t *color = inside ? palette + (size_t)3 * ((y - 2) * 2 + x - 1) : (const uint8_t *)"\377\377\377";
      assert_color(&picture, x, y, color[0], color[1], color[2], 0);
    }
  }
  mc_picture_destroy(&picture);
}

static void assert_drawing(const mc_picture *picture, int slack) {
  assert_int_equal(picture->width_px, 40);
  assert_int_equal(picture->height_px, 24);
  assert_color(picture, 4, 4, 255, 255, 255, slack);
  assert_color(picture, 12, 18, 220, 30, 30, slack);
  assert_color(picture, 30, 12, 30, 30, 220, slack);
}

static void test_jpeg_kinds(void **state) {
  (void)state;
  mc_picture picture = {0};
  assert_int_equal(decode(jpeg_progressive, sizeof(jpeg_progressive), &picture), MC_OK);
  assert_drawing(&picture, 6);
  mc_picture_destroy(&picture);
  assert_int_equal(decode(jpeg_restarts, sizeof(jpeg_restarts), &picture), MC_OK);
  assert_drawing(&picture, 6);
  mc_picture_destroy(&picture);
  assert_int_equal(decode(jpeg_cmyk, sizeof(jpeg_cmyk), &picture), MC_OK);
  assert_drawing(&picture, 8);
  mc_picture_destroy(&picture);
  assert_int_equal(decode(jpeg_arithmetic, sizeof(jpeg_arithmetic), &picture), MC_ERROR_IMAGE_INVALID);
  assert_null(picture.rgba);
}

/* The decoder is content with a picture that nothing draws, or only detail. */
static void test_jpeg_without_scans(void **state) {
  (void)state;
  static const uint8_t quantization[] = {0xFF, 0xDB, 0, 67, 0};
  static const uint8_t steps[64] = {1};
  static const uint8_t codes[] = {0xFF, 0xC4, 0, 20, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  enum { NONE, ONE_OF_THREE, DETAIL_ALONE, CASES };
  static const uint8_t scans[CASES][10] = {{0}, {0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0}, {0xFF, 0xDA, 0, 8, 1, 1, 0, 1, 63, 0}};
  for (int kind = 0; kind < CASES; kind++) {
    for (int whole = 0; whole <= 1; whole++) {
      file made = {0};
      file_append(&made, "\xFF\xD8", 2);
      file_append(&made, quantization, sizeof(quantization));
      file_append(&made, steps, sizeof(steps));
      const uint8_t components = kind == ONE_OF_THREE && !whole ? 3 : 1;
      const uint8_t frame[] = {0xFF, kind == DETAIL_ALONE ? 0xC2 : 0xC0, 0, (uint8_t)(8 + 3 * components), 8, 0, 16, 0, 16, components};
      file_append(&made, frame, sizeof(frame));
      for (uint8_t k = 1; k <= components; k++) file_append(&made, (const uint8_t[]){k, 0x11, 0}, 3);
      for (unsigned kinds = 0; kinds <= 0x10; kinds += 0x10) {
        file_append(&made, codes, sizeof(codes));
        made.bytes[made.size - 18] = (uint8_t)kinds;
      }
      if (kind != NONE) file_append(&made, scans[kind], 10);
      if (whole && kind != ONE_OF_THREE) file_append(&made, (const uint8_t[]){0xFF, 0xDA, 0, 8, 1, 1, 0, 0, kind == NONE ? 63 : 0, 0}, 10);
      file_append(&made, "\0\0\0\0\xFF\xD9", 6);
      mc_picture picture = {0};
      assert_int_equal(decode(made.bytes, made.size, &picture), whole ? MC_OK : MC_ERROR_IMAGE_INVALID);
      if (whole) assert_color(&picture, 8, 8, 128, 128, 128, 0);
      mc_picture_destroy(&picture);
      free(made.bytes);
    }
  }
}

/* At such a segment the decoder stops. */
static void test_jpeg_with_a_strange_segment(void **state) {
  (void)state;
  file made = {0};
  file_append(&made, jpeg_progressive, 2);
  file_append(&made, "\xFF\xF5\0\4ab", 6);
  file_append(&made, jpeg_progressive + 2, sizeof(jpeg_progressive) - 2);
  mc_picture picture = {0};
  assert_int_equal(decode(made.bytes, made.size, &picture), MC_ERROR_IMAGE_INVALID);
  free(made.bytes);
}

/* Nor does it say so when a segment behind the frame is damaged: a table of no kind, or something between two segments. */
static void test_jpeg_with_a_damaged_segment(void **state) {
  (void)state;
  static const struct {
    const uint8_t *bytes;
    size_t size;
  } files[] = {{jpeg_progressive, sizeof(jpeg_progressive)}, {jpeg_restarts, sizeof(jpeg_restarts)}};
  for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
    size_t table = 2; /* the codes behind the frame */
    while (files[i].bytes[table] != 0xFF || files[i].bytes[table + 1] != 0xC4) table++;
    file damaged = {0};
    file_append(&damaged, files[i].bytes, files[i].size);
    damaged.bytes[table + 4] ^= 0x20;
    file padded = {0};
    file_append(&padded, files[i].bytes, table);
    file_append_byte(&padded, 0);
    file_append(&padded, files[i].bytes + table, files[i].size - table);
    mc_picture picture = {0};
    assert_int_equal(decode(damaged.bytes, damaged.size, &picture), MC_ERROR_IMAGE_INVALID);
    assert_int_equal(decode(padded.bytes, padded.size, &picture), MC_ERROR_IMAGE_INVALID);
    assert_null(picture.rgba);
    /* What comes behind the end harms nobody. */
    file_append(&padded, "\0\0", 2);
    memcpy(padded.bytes, files[i].bytes, files[i].size);
    assert_int_equal(decode(padded.bytes, padded.size, &picture), MC_OK);
    assert_drawing(&picture, 6);
    mc_picture_destroy(&picture);
    free(damaged.bytes);
    free(padded.bytes);
  }
}

/* Where the data of a JPEG ends early, at a restart, nothing of an earlier picture is seen. */
static void test_jpeg_that_ends_at_a_restart(void **state) {
  (void)state;
  uint8_t bytes[sizeof(jpeg_restarts)];
  memcpy(bytes, jpeg_restarts, sizeof(bytes));
  size_t at = sizeof(bytes) - 1;
  while (bytes[at - 1] != 0xFF || bytes[at] < 0xD0 || bytes[at] > 0xD7) at--;
  bytes[at] = 0xD9;
  mc_picture picture = {0};
  assert_int_equal(decode(bytes, at + 1, &picture), MC_OK);
  assert_color(&picture, 4, 4, 255, 255, 255, 6);
  assert_color(&picture, 39, 23, 0, 135, 0, 0); /* what YCbCr of 0 stands for */
  mc_picture_destroy(&picture);
}

/* Four channels without Adobe's note: rename it. */
static void test_cmyk_without_note_is_refused(void **state) {
  (void)state;
  uint8_t bytes[sizeof(jpeg_cmyk)];
  memcpy(bytes, jpeg_cmyk, sizeof(bytes));
  assert_memory_equal(bytes + 6, "Adobe", 5);
  bytes[6] = 'X';
  mc_picture picture = {0};
  assert_int_equal(decode(bytes, sizeof(bytes), &picture), MC_ERROR_IMAGE_INVALID);
}

/* Where the drawing's four corners come to lie, from the table in the EXIF standard. */
static void test_orientations(void **state) {
  (void)state;
  enum { TL, TR, BL, BR };
  static const int stored[4][3] = {{255, 255, 255}, {30, 30, 220}, {220, 30, 30}, {30, 30, 220}};
  /* Stored corner that is seen at the top left, top right, bottom left, bottom right. */
  static const int seen[9][4] = {
      {TL, TR, BL, BR}, /* 0 is not defined */
      {TL, TR, BL, BR}, /* 1: as stored */
      {TR, TL, BR, BL}, /* 2: row 0 at the top, column 0 at the right */
      {BR, BL, TR, TL}, /* 3: bottom, right */
      {BL, BR, TL, TR}, /* 4: bottom, left */
      {TL, BL, TR, BR}, /* 5: row 0 at the left, column 0 at the top */
      {BL, TL, BR, TR}, /* 6: right, top */
      {BR, TR, BL, TL}, /* 7: right, bottom */
      {TR, BR, TL, BL}, /* 8: left, bottom */
  };
  for (unsigned orientation = 0; orientation <= 8; orientation++) {
    file continued = file_jpeg(jpeg_restarts, sizeof(jpeg_restarts), 0); /* the first block counts */
    mc_picture picture = decode_good(file_jpeg(continued.bytes, continued.size, orientation));
    free(continued.bytes);
    const bool upright = orientation <= 4;
    assert_int_equal(picture.width_px, upright ? 40 : 24);
    assert_int_equal(picture.height_px, upright ? 24 : 40);
    for (int corner = 0; corner < 4; corner++) {
      const int *color = stored[seen[orientation][corner]];
      const uint32_t x = corner % 2 == 0 ? 1 : picture.width_px - 2;
      const uint32_t y = corner / 2 == 0 ? 1 : picture.height_px - 2;
      assert_color(&picture, x, y, color[0], color[1], color[2], 8);
    }
    mc_picture_destroy(&picture);
  }
}

static void test_orientation_of_png(void **state) {
  (void)state;
  static const uint8_t pixels[2 * 3] = {255, 0, 0, 0, 0, 255}; /* red, blue */
  mc_picture picture = decode_good(file_png_turned(pixels, 2, 1, 3, 6)); /* row 0 is at the right, column 0 at the top */
  assert_int_equal(picture.width_px, 1);
  assert_int_equal(picture.height_px, 2);
  assert_color(&picture, 0, 0, 255, 0, 0, 0);
  assert_color(&picture, 0, 1, 0, 0, 255, 0);
  mc_picture_destroy(&picture);
}

static void test_sizes_are_checked_first(void **state) {
  (void)state;
  static const struct {
    uint32_t width, height;
    mc_status status;
  } cases[] = {
      {MC_MAX_IMAGE_SIDE_PX + 1, 1, MC_ERROR_IMAGE_TOO_LARGE}, {1, UINT32_MAX, MC_ERROR_IMAGE_TOO_LARGE},
      {30000, 30000, MC_ERROR_IMAGE_TOO_LARGE},                {0, 5, MC_ERROR_IMAGE_INVALID},
      {5, 0, MC_ERROR_IMAGE_INVALID},                          {8192, 8192, MC_ERROR_IMAGE_INVALID}, /* far more than it holds */
  };
  for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
    file made = file_png_header(cases[i].width, cases[i].height);
    mc_picture picture = {0};
    assert_int_equal(decode(made.bytes, made.size, &picture), cases[i].status);
    assert_null(picture.rgba);
    free(made.bytes);
  }
}

/* A picture of a pixel whose data unpacks to millions. */
static void test_png_that_unpacks_to_much_more(void **state) {
  (void)state;
  enum { SIDE = 2048 };
  uint8_t *pixels = calloc((size_t)SIDE * SIDE, 3);
  assert_non_null(pixels);
  file made = file_png(pixels, SIDE, SIDE, 3);
  free(pixels);
  for (size_t i = 16; i < 24; i++) made.bytes[i] = (uint8_t)(i % 4 == 3); /* width and height, 1 */
  mc_picture picture = {0};
  assert_int_equal(decode(made.bytes, made.size, &picture), MC_ERROR_IMAGE_INVALID);
  free(made.bytes);
}

/* Each scan, of a few bytes, makes the decoder go over the whole picture. */
static void test_jpeg_of_many_scans(void **state) {
  (void)state;
  static const uint8_t start[] = {0xFF, 0xD8, 0xFF, 0xC2, 0, 11, 8, 16, 0, 16, 0, 1, 1, 0x11, 0}; /* 4096 x 4096 px, gray */
  static const uint8_t scan[] = {0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 0, 16};
  static const uint8_t end[] = {0xFF, 0xD9};
  static const uint8_t comment[] = {0xFF, 0xFE, 0xFF, 0xFF};
  uint8_t *text = calloc(1, 65533);
  assert_non_null(text);
  for (size_t scans = 128; scans < 130; scans++) {
    file made = {0};
    file_append(&made, start, sizeof(start));
    file_append(&made, comment, sizeof(comment)); /* for a size that fits the pixels */
    file_append(&made, text, 65533);
    for (size_t i = 0; i < scans; i++) file_append(&made, scan, sizeof(scan));
    file_append(&made, end, sizeof(end));
    mc_container container;
    assert_int_equal(mc_container_read(made.bytes, made.size, &container), scans == 128 ? MC_OK : MC_ERROR_IMAGE_INVALID);
    free(made.bytes);
  }
  /* One of too many pixels is told from a damaged one, whatever its scans add up to. */
  file large = {0};
  file_append(&large, start, sizeof(start));
  for (size_t i = 7; i < 11; i++) large.bytes[i] = 0x7F; /* 32639 x 32639 px */
  for (size_t i = 0; i < 10; i++) file_append(&large, scan, sizeof(scan));
  file_append(&large, end, sizeof(end));
  mc_container container;
  assert_int_equal(mc_container_read(large.bytes, large.size, &container), MC_ERROR_IMAGE_TOO_LARGE);
  free(large.bytes);
  free(text);
}

static void test_arguments(void **state) {
  (void)state;
  mc_picture picture = {0};
  assert_int_equal(mc_picture_decode(NULL, 10, &picture), MC_ERROR_INVALID_ARGUMENT);
  assert_int_equal(mc_picture_decode("x", 1, NULL), MC_ERROR_INVALID_ARGUMENT);
  assert_int_equal(mc_picture_decode("", 0, &picture), MC_ERROR_IMAGE_INVALID);
  assert_int_equal(mc_picture_decode("not a picture", 13, &picture), MC_ERROR_IMAGE_INVALID);
  assert_int_equal(mc_picture_decode("P6 1 1 255\nabc", 14, &picture), MC_ERROR_IMAGE_INVALID);
  mc_picture_destroy(NULL);
  mc_picture_destroy(&picture);
}

static file sample(int kind) {
  static const uint8_t palette[12] = {0};
  uint8_t pixels[WIDTH * HEIGHT * 3];
  for (size_t i = 0; i < sizeof(pixels); i++) pixels[i] = (uint8_t)(i * 37 % 251);
  file made = {0};
  switch (kind) {
    case 0:
      return file_png(pixels, WIDTH, HEIGHT, 3);
    case 1:
      return file_bmp(pixels, WIDTH, HEIGHT, 3);
    case 2:
      return file_jpeg(jpeg_restarts, sizeof(jpeg_restarts), 6);
    case 3:
      for (size_t i = 0; i < sizeof(pixels); i++) pixels[i] &= 3;
      return file_gif(pixels, WIDTH, HEIGHT, palette, 2);
    case 4:
      file_append(&made, jpeg_progressive, sizeof(jpeg_progressive));
      return made;
    default:
      file_append(&made, jpeg_cmyk, sizeof(jpeg_cmyk));
      return made;
  }
}
enum { SAMPLES = 6 };
static const size_t needless_bytes[SAMPLES] = {4, 0, 0, 1, 0, 0};

/* A cut file is an error, wherever it was cut, but for what nobody needs: the checksum at the end of a PNG, the closing byte
 * behind the only frame of a GIF. */
static void test_cut_files(void **state) {
  (void)state;
  for (int kind = 0; kind < SAMPLES; kind++) {
    file made = sample(kind);
    mc_picture picture = {0};
    const size_t needed = made.size - needless_bytes[kind];
    for (size_t size = 0; size < needed; size++) {
      const mc_status status = decode(made.bytes, size, &picture);
      if (status != MC_ERROR_IMAGE_INVALID) {
        fail_msg("kind %d of %zu bytes cut at %zu: %s", kind, made.size, size, mc_status_name(status));
      }
      assert_null(picture.rgba);
    }
    assert_int_equal(decode(made.bytes, made.size, &picture), MC_OK);
    mc_picture_destroy(&picture);
    free(made.bytes);
  }
}

/* Random damage: any outcome but a crash, a leak or an unknown error. */
static void test_damaged_files(void **state) {
  (void)state;
  uint64_t random = random_start();
  for (int kind = 0; kind < SAMPLES; kind++) {
    file made = sample(kind);
    for (int round = 0; round < 1500; round++) {
      file damaged = {0};
      file_append(&damaged, made.bytes, made.size);
      const uint32_t count = 1 + random_below(&random, 4);
      for (uint32_t k = 0; k < count; k++) {
        /* Headers more often than the rest; sizes that fill the whole 128 megapixels would only take time. */
        const uint32_t limit = random_below(&random, 2) == 0 && made.size > 64 ? 64 : (uint32_t)made.size;
        damaged.bytes[random_below(&random, limit)] = (uint8_t)random_below(&random, 256);
      }
      mc_picture picture = {0};
      const mc_status status = decode(damaged.bytes, damaged.size, &picture);
      assert_true(status == MC_OK || status == MC_ERROR_IMAGE_INVALID || status == MC_ERROR_IMAGE_TOO_LARGE);
      assert_true((status == MC_OK) == (picture.rgba != NULL));
      mc_picture_destroy(&picture);
      free(damaged.bytes);
    }
    free(made.bytes);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_png_and_bmp),
      cmocka_unit_test(test_bmp_with_the_top_row_first),
      cmocka_unit_test(test_png_of_16_bits),
      cmocka_unit_test(test_gif),
      cmocka_unit_test(test_gif_with_a_small_frame),
      cmocka_unit_test(test_jpeg_kinds),
      cmocka_unit_test(test_jpeg_without_scans),
      cmocka_unit_test(test_jpeg_with_a_strange_segment),
      cmocka_unit_test(test_jpeg_with_a_damaged_segment),
      cmocka_unit_test(test_jpeg_that_ends_at_a_restart),
      cmocka_unit_test(test_cmyk_without_note_is_refused),
      cmocka_unit_test(test_orientations),
      cmocka_unit_test(test_orientation_of_png),
      cmocka_unit_test(test_sizes_are_checked_first),
      cmocka_unit_test(test_png_that_unpacks_to_much_more),
      cmocka_unit_test(test_jpeg_of_many_scans),
      cmocka_unit_test(test_arguments),
      cmocka_unit_test(test_cut_files),
      cmocka_unit_test(test_damaged_files),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
