/* Every allocation fails once, and every one from some point on: the call says so, nothing is lost (the sanitized build looks for
 * leaks), and what there was before still works. */
#include "support_cmocka.h"

#include <stdlib.h>
#include <string.h>

#include "counted_allocations.h"
#include "maskcheck.h"
#include "network.h"
#include "support_detector.h"
#include "support_files.h"
#include "support_jpeg.h"
#include "support_model.h"

enum { SIDE_PX = 96 };

typedef struct models {
  bytes face, mask;
} models;

static models small_models(void) {
  return (models){.face = model_file("../tests/fuzz/models/face.onnx"), .mask = model_file("../tests/fuzz/models/mask.onnx")};
}

/* With a second network, for half the size. */
static models models_of_two_scales(void) {
  const char *props[] = {"picture_scales", "2", "detection_size_picture", "512", NULL};
  return (models){.face = white_cell_finder_with(WHITE_FACE_PX, (metadata)props), .mask = mean_color_classifier(8, NULL)};
}

static void models_free(models *m) {
  free(m->face.data);
  free(m->mask.data);
}

static mc_status create(const models *m, mc_message *message, mc_detector **detector) {
  return mc_detector_create(m->face.data, m->face.size, m->mask.data, m->mask.size, NULL, message, detector);
}

static mc_detector *create_good(const models *m) {
  mc_detector *detector = NULL;
  assert_int_equal(create(m, NULL, &detector), MC_OK);
  return detector;
}

/* --- Creating --- */

static void check_create(models m, bool all) {
  size_t n = 1;
  for (bool failed = true; failed; n++) {
    mc_detector *detector = NULL;
    mc_message message;
    counted_allocations_fail(n, all);
    const mc_status status = create(&m, &message, &detector);
    failed = counted_allocations_failed();
    counted_allocations_fail(0, false);
    if (failed && status != MC_ERROR_OUT_OF_MEMORY) {
      fail_msg("allocation %zu: %s, %s", n, mc_status_name(status), message.text);
    }
    assert_true((status == MC_OK) == !failed);
    assert_true((detector == NULL) == failed);
    assert_true((message.text[0] == '\0') == !failed);
    mc_detector_destroy(detector);
  }
  print_message("%zu allocations\n", n - 2);
  assert_true(n > 50);
  models_free(&m);
}

static void test_create(void **state) {
  (void)state;
  for (int all = 0; all <= 1; all++) {
    check_create(small_models(), all == 1);
    check_create(models_of_two_scales(), all == 1);
  }
}

/* --- Detecting, at a size not seen before --- */

static void check_same(const mc_result *found, const mc_face *expected, size_t count) {
  assert_int_equal(found->face_count, count);
  for (size_t i = 0; i < count; i++) {
    assert_memory_equal(&found->faces[i].box, &expected[i].box, sizeof expected[i].box);
    assert_memory_equal(found->faces[i].probabilities, expected[i].probabilities, sizeof expected[i].probabilities);
  }
}

static mc_image image_of(const uint8_t *pixels, uint32_t width_px, uint32_t height_px) {
  return (mc_image){.pixels = pixels, .width_px = width_px, .height_px = height_px, .format = MC_RGB8};
}

static void check_detect(models m, bool all) {
  static uint8_t pixels[SIDE_PX * SIDE_PX * 3];
  for (size_t i = 0; i < sizeof pixels; i++) pixels[i] = (uint8_t)(i * 2654435761u >> 11);
  const mc_image first = image_of(pixels, 40, 64);
  const mc_image second = image_of(pixels, SIDE_PX, SIDE_PX);

  mc_result result;
  mc_detector *reference = create_good(&m);
  assert_int_equal(mc_detector_detect(reference, &second, &result), MC_OK);
  const size_t expected_count = result.face_count;
  assert_true(expected_count > 0);
  mc_face *expected = malloc(expected_count * sizeof *expected);
  assert_non_null(expected);
  memcpy(expected, result.faces, expected_count * sizeof *expected);

  size_t n = 1;
  for (bool failed = true; failed; n++) {
    mc_detector *detector = create_good(&m);
    assert_int_equal(mc_detector_detect(detector, &first, &result), MC_OK);
    const mc_result before = result;
    counted_allocations_fail(n, all);
    const mc_status status = mc_detector_detect(detector, &second, &result);
    failed = counted_allocations_failed();
    counted_allocations_fail(0, false);
    if (failed && status != MC_ERROR_OUT_OF_MEMORY) fail_msg("allocation %zu: %s", n, mc_status_name(status));
    if (failed) assert_memory_equal(&result, &before, sizeof result);
    assert_int_equal(mc_detector_detect(detector, &first, &result), MC_OK);
    assert_int_equal(mc_detector_detect(detector, &second, &result), MC_OK);
    check_same(&result, expected, expected_count);
    mc_detector_destroy(detector);
  }
  print_message("%zu allocations\n", n - 2);
  assert_true(n > 5);
  free(expected);
  mc_detector_destroy(reference);
  models_free(&m);
}

static void test_detect(void **state) {
  (void)state;
  for (int all = 0; all <= 1; all++) {
    check_detect(small_models(), all == 1);
    check_detect(models_of_two_scales(), all == 1);
  }
}

/* --- The shipped network, with its many operators. The stride keeps the test short. --- */

static void test_network_of_the_package(void **state) {
  (void)state;
  bytes model = model_file("face.onnx");
  const size_t dims[4] = {1, 3, 64, 96};
  size_t n = 1;
  for (bool failed = true; failed; n += 41) {
    mc_network *network = NULL;
    counted_allocations_fail(n, false);
    mc_status status = mc_network_create(model.data, model.size, NULL, &network);
    if (status == MC_OK) status = mc_network_resize(network, 0, dims, 4, NULL);
    failed = counted_allocations_failed();
    counted_allocations_fail(0, false);
    assert_int_equal(status, failed ? MC_ERROR_OUT_OF_MEMORY : MC_OK);
    if (network != NULL) {
      assert_int_equal(mc_network_resize(network, 0, dims, 4, NULL), MC_OK);
      assert_int_equal(mc_network_run(network), MC_OK);
    }
    mc_network_destroy(network);
  }
  free(model.data);
}

/* --- Pictures --- */

static void check_picture(const uint8_t *file_bytes, size_t size, bool all) {
  size_t n = 1;
  for (bool failed = true; failed; n++) {
    mc_picture picture = {0};
    counted_allocations_fail(n, all);
    const mc_status status = mc_picture_decode(file_bytes, size, &picture);
    failed = counted_allocations_failed();
    counted_allocations_fail(0, false);
    assert_int_equal(status, failed ? MC_ERROR_OUT_OF_MEMORY : MC_OK);
    assert_true((picture.rgba == NULL) == failed);
    mc_picture_destroy(&picture);
  }
  assert_true(n > 2);
}

static void test_pictures(void **state) {
  (void)state;
  uint8_t pixels[30 * 20 * 4];
  for (size_t i = 0; i < sizeof pixels; i++) pixels[i] = (uint8_t)(i * 37);
  uint8_t indices[30 * 20];
  for (size_t i = 0; i < sizeof indices; i++) indices[i] = (uint8_t)(i % 3);
  const uint8_t palette[12] = {0};
  file files[] = {
      file_png(pixels, 30, 20, 1),
      file_png(pixels, 30, 20, 3),
      file_png(pixels, 30, 20, 4),
      file_png_palette(indices, 30, 20, palette, 4, NULL),
      file_bmp(pixels, 30, 20, 3),
      file_gif(indices, 30, 20, palette, -1),
      file_jpeg(jpeg_restarts, sizeof jpeg_restarts, 6),
      file_jpeg(jpeg_progressive, sizeof jpeg_progressive, 1),
  };
  for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
    check_picture(files[i].bytes, files[i].size, false);
    check_picture(files[i].bytes, files[i].size, true);
    free(files[i].bytes);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_create),
      cmocka_unit_test(test_detect),
      cmocka_unit_test(test_network_of_the_package),
      cmocka_unit_test(test_pictures),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
