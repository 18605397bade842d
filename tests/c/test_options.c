/* What options do, and which are refused. */
#include "support_cmocka.h"

#include "maskcheck.h"
#include "support_detector.h"
#include "support_pictures.h"

static void test_options_take_effect(void **state) {
  (void)state;
  mc_detector *detector = detector_by_hand();
  mc_image image = image_new(160, 160, MC_GRAY8, 0);
  image_paint(&image, 16, 16, 8, 8, white);
  image_paint(&image, 120, 16, 8, 8, (const uint8_t[3]){150, 150, 150});
  image_paint(&image, 56, 104, 8, 8, white);
  image_paint(&image, 64, 104, 8, 8, white); /* neighbours: two boxes that overlap by half */
  const mc_options base = {.min_face_score = 0.5f,
                           .nms_iou = 0.4f,
                           .min_mask_probability = 0.3f,
                           .max_faces = 100,
                           .detection_size_px = 160};
  mc_result result;
  mc_options options = base;
  assert_int_equal(mc_detector_set_options(detector, &options), MC_OK);
  assert_int_equal(mc_detector_detect(detector, &image, &result), MC_OK);
  assert_int_equal(result.face_count, 3);
  for (size_t i = 0; i < 3; i++) assert_false(result.faces[i].uncertain); /* gray: all equal, above 0.3 */

  options.nms_iou = 0.6f;
  assert_int_equal(mc_detector_set_options(detector, &options), MC_OK);
  assert_int_equal(mc_detector_detect(detector, &image, &result), MC_OK);
  assert_int_equal(result.face_count, 4);

  options = base;
  options.min_face_score = 0.99f;
  options.min_mask_probability = 0.4f;
  assert_int_equal(mc_detector_set_options(detector, &options), MC_OK);
  assert_int_equal(mc_detector_detect(detector, &image, &result), MC_OK);
  assert_int_equal(result.face_count, 2);
  assert_true(result.faces[0].uncertain && result.faces[1].uncertain);

  options = base;
  options.max_faces = 1;
  assert_int_equal(mc_detector_set_options(detector, &options), MC_OK);
  assert_int_equal(mc_detector_detect(detector, &image, &result), MC_OK);
  assert_int_equal(result.face_count, 1);

  options = base;
  options.min_face_size_px = (float)WHITE_FACE_PX + 0.5f;
  assert_int_equal(mc_detector_set_options(detector, &options), MC_OK);
  assert_int_equal(mc_detector_detect(detector, &image, &result), MC_OK);
  assert_int_equal(result.face_count, 0);
  image_free(&image);
  mc_detector_destroy(detector);
}

static void test_options_are_checked(void **state) {
  (void)state;
  mc_detector *detector = detector_by_hand();
  mc_options before;
  assert_int_equal(mc_detector_get_options(detector, &before), MC_OK);
  assert_near(before.min_face_score, 0.5, 1e-6); /* what holds for models without metadata */
  assert_near(before.nms_iou, 0.45, 1e-6);
  assert_near(before.min_mask_probability, 0.6, 1e-6);
  assert_int_equal(before.max_faces, 100);
  assert_int_equal(before.detection_size_px, 640);
  const float bad[] = {NAN, INFINITY, -INFINITY, 1.01f};
  for (size_t i = 0; i < 4; i++) {
    for (int field = 0; field < 3; field++) {
      mc_options options;
      mc_options_init(&options);
      *(field == 0 ? &options.min_face_score : field == 1 ? &options.nms_iou : &options.min_mask_probability) = bad[i];
      assert_int_equal(mc_detector_set_options(detector, &options), MC_ERROR_INVALID_ARGUMENT);
    }
  }
  const uint32_t bad_counts[] = {0, MC_MAX_FACES + 1, UINT32_MAX};
  const uint32_t bad_sizes[] = {1, 31, 100, MC_MAX_DETECTION_SIZE_PX + 32, UINT32_MAX};
  mc_options options;
  for (size_t i = 0; i < 3; i++) {
    mc_options_init(&options);
    options.max_faces = bad_counts[i];
    assert_int_equal(mc_detector_set_options(detector, &options), MC_ERROR_INVALID_ARGUMENT);
  }
  for (size_t i = 0; i < 5; i++) {
    mc_options_init(&options);
    options.detection_size_px = bad_sizes[i];
    assert_int_equal(mc_detector_set_options(detector, &options), MC_ERROR_INVALID_ARGUMENT);
  }
  mc_options_init(&options);
  options.min_face_size_px = NAN;
  assert_int_equal(mc_detector_set_options(detector, &options), MC_ERROR_INVALID_ARGUMENT);
  mc_options after;
  assert_int_equal(mc_detector_get_options(detector, &after), MC_OK);
  assert_memory_equal(&before, &after, sizeof(before)); /* the old ones stayed */
  mc_detector_destroy(detector);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_options_take_effect),
      cmocka_unit_test(test_options_are_checked),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
