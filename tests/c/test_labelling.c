/* Labels of boxes that are given and of whole pictures, and what is refused as a picture or a box. */
#include "support_cmocka.h"

#include <stdlib.h>
#include <string.h>

#include "maskcheck.h"
#include "support_detector.h"
#include "support_pictures.h"

static void test_label(void **state) {
  (void)state;
  mc_detector *detector = detector_by_hand();
  mc_image image = image_new(120, 40, MC_RGB8, 0);
  for (uint32_t i = 0; i < MC_LABEL_COUNT; i++) image_paint(&image, 40 * i, 0, 40, 40, primaries[i]);
  const mc_box boxes[] = {
      {90.0f, 10.0f, 20.0f, 10.0f},    /* in the third field */
      {10.0f, 10.0f, 20.0f, 20.0f},    /* in the first */
      {-20.0f, -20.0f, 40.0f, 40.0f},  /* a quarter inside: the crop of 52 px shows 26 px of the first */
      {500.0f, 500.0f, 10.0f, 10.0f},  /* nowhere: all gray */
      {1e30f, -1e30f, 1e-30f, 1e30f},  /* nowhere, absurdly */
  };
  mc_result result;
  assert_int_equal(mc_detector_label(detector, &image, boxes, 5, &result), MC_OK);
  assert_int_equal(result.face_count, 5);
  for (size_t i = 0; i < 5; i++) {
    assert_memory_equal(&result.faces[i].box, &boxes[i], sizeof(mc_box));
    assert_true(result.faces[i].score == 1.0f);
    assert_distribution(&result.faces[i]);
  }
  assert_probabilities(&result.faces[0], -1.0, -1.0, 1.0);
  assert_probabilities(&result.faces[1], 1.0, -1.0, -1.0);
  assert_probabilities(&result.faces[2], 0.25, -0.25, -0.25);
  assert_probabilities(&result.faces[3], 0.0, 0.0, 0.0);
  assert_probabilities(&result.faces[4], 0.0, 0.0, 0.0);

  assert_int_equal(mc_detector_label(detector, &image, NULL, 0, &result), MC_OK);
  assert_int_equal(result.face_count, 0);
  image_free(&image);
  mc_detector_destroy(detector);
}

static void test_label_arguments(void **state) {
  (void)state;
  mc_detector *detector = detector_by_hand();
  mc_image image = image_new(8, 8, MC_RGB8, 0);
  mc_result untouched;
  memset(&untouched, 0x5A, sizeof(untouched));
  mc_result result = untouched;
  const float bad[] = {NAN, INFINITY, -INFINITY};
  for (size_t i = 0; i < 3; i++) {
    const mc_box boxes[] = {{bad[i], 0, 1, 1}, {0, bad[i], 1, 1}, {0, 0, bad[i], 1}, {0, 0, 1, bad[i]}};
    for (size_t k = 0; k < 4; k++) {
      assert_int_equal(mc_detector_label(detector, &image, &boxes[k], 1, &result), MC_ERROR_INVALID_ARGUMENT);
    }
  }
  const mc_box empty[] = {{0, 0, 0, 1}, {0, 0, 1, 0}, {0, 0, -1, 1}};
  for (size_t k = 0; k < 3; k++) {
    assert_int_equal(mc_detector_label(detector, &image, &empty[k], 1, &result), MC_ERROR_INVALID_ARGUMENT);
  }
  assert_int_equal(mc_detector_label(detector, &image, NULL, 1, &result), MC_ERROR_INVALID_ARGUMENT);
  const mc_box good = {0, 0, 1, 1};
  assert_int_equal(mc_detector_label(detector, &image, &good, MC_MAX_FACES + 1, &result), MC_ERROR_INVALID_ARGUMENT);
  assert_memory_equal(&result, &untouched, sizeof(result));
  mc_box *many = malloc(MC_MAX_FACES * sizeof(mc_box));
  assert_non_null(many);
  for (size_t i = 0; i < MC_MAX_FACES; i++) many[i] = good;
  assert_int_equal(mc_detector_label(detector, &image, many, MC_MAX_FACES, &result), MC_OK);
  assert_int_equal(result.face_count, MC_MAX_FACES);
  free(many);
  image_free(&image);
  mc_detector_destroy(detector);
}

static void test_classify(void **state) {
  (void)state;
  mc_detector *detector = detector_by_hand();
  mc_image image = image_new(20, 10, MC_RGB8, 0);
  image_paint(&image, 0, 0, 20, 10, primaries[1]);
  mc_result result;
  assert_int_equal(mc_detector_classify(detector, &image, &result), MC_OK);
  assert_int_equal(result.face_count, 1);
  assert_true(result.faces[0].box.x == 0.0f && result.faces[0].box.y == 0.0f);
  assert_true(result.faces[0].box.width == 20.0f && result.faces[0].box.height == 10.0f);
  assert_probabilities(&result.faces[0], -0.5, 0.5, -0.5); /* half of the square lies outside */
  image_free(&image);
  mc_detector_destroy(detector);
}

static void test_image_arguments(void **state) {
  (void)state;
  mc_detector *detector = detector_by_hand();
  mc_image image = image_new(8, 8, MC_RGB8, 0);
  mc_image broken = image;
  mc_result result;
  broken.stride_bytes = 1;
  assert_int_equal(mc_detector_detect(detector, &broken, &result), MC_ERROR_INVALID_ARGUMENT);
  broken = image;
  broken.width_px = 0;
  assert_int_equal(mc_detector_classify(detector, &broken, &result), MC_ERROR_IMAGE_INVALID);
  broken.width_px = UINT32_MAX;
  assert_int_equal(mc_detector_label(detector, &broken, NULL, 0, &result), MC_ERROR_IMAGE_TOO_LARGE);
  assert_int_equal(mc_detector_detect(detector, NULL, &result), MC_ERROR_INVALID_ARGUMENT);
  assert_int_equal(mc_detector_detect(detector, &image, NULL), MC_ERROR_INVALID_ARGUMENT);
  assert_int_equal(mc_detector_detect(NULL, &image, &result), MC_ERROR_INVALID_ARGUMENT);
  assert_int_equal(mc_detector_label(NULL, &image, NULL, 0, &result), MC_ERROR_INVALID_ARGUMENT);
  assert_int_equal(mc_detector_classify(NULL, &image, &result), MC_ERROR_INVALID_ARGUMENT);
  assert_int_equal(mc_detector_set_options(detector, NULL), MC_ERROR_INVALID_ARGUMENT);
  assert_int_equal(mc_detector_get_options(detector, NULL), MC_ERROR_INVALID_ARGUMENT);
  mc_options_init(NULL);
  mc_detector_destroy(NULL);
  image_free(&image);
  mc_detector_destroy(detector);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_label),
      cmocka_unit_test(test_label_arguments),
      cmocka_unit_test(test_classify),
      cmocka_unit_test(test_image_arguments),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
