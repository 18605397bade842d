/* From pixels to faces and labels, on two networks whose answers can be worked out by hand. */
#include "support_cmocka.h"

#include "maskcheck.h"
#include "support_detector.h"
#include "support_pictures.h"

/* The rim of the network's input is gray, which the white cell finder scores 0.5: more is asked for. */
static void set_detection_size(mc_detector *detector, uint32_t size_px) {
  mc_options options;
  assert_int_equal(mc_detector_get_options(detector, &options), MC_OK);
  options.detection_size_px = size_px;
  options.min_face_score = 0.6f;
  assert_int_equal(mc_detector_set_options(detector, &options), MC_OK);
}

/* A white cell on a coloured ground, at several scales and in every format: box and probabilities as worked out by hand. */
static void test_place_and_label(void **state) {
  (void)state;
  mc_detector *detector = detector_by_hand();
  set_detection_size(detector, 96);
  for (uint32_t scale = 1; scale <= 3; scale++) {
    for (int format = MC_RGBA8; format <= MC_BGR8; format++) {
      for (int label = 0; label < MC_LABEL_COUNT; label++) {
        mc_image image = image_new(96 * scale, 72 * scale, (mc_pixel_format)format, 5);
        image_paint(&image, 0, 0, image.width_px, image.height_px, primaries[label]);
        image_paint(&image, 40 * scale, 32 * scale, 8 * scale, 8 * scale, white); /* cell (4, 5) */
        mc_result result;
        assert_int_equal(mc_detector_detect(detector, &image, &result), MC_OK);
        assert_int_equal(result.face_count, 1);
        const mc_face *face = &result.faces[0];
        assert_near(face->box.x, (44.0 - WHITE_FACE_PX / 2.0) * scale, 1e-3);
        assert_near(face->box.y, (36.0 - WHITE_FACE_PX / 2.0) * scale, 1e-3);
        assert_near(face->box.width, WHITE_FACE_PX * scale, 1e-3);
        assert_near(face->box.height, WHITE_FACE_PX * scale, 1e-3);
        assert_near(face->score, 1.0, 1e-4);
        assert_int_equal(face->label, label);
        /* A square of 1.3 boxes, all inside; the white cell is part of it. */
        const double side = 1.3 * WHITE_FACE_PX;
        const double other = -1.0 + 2.0 * 64.0 / (side * side);
        assert_probabilities(face, label == 0 ? 1.0 : other, label == 1 ? 1.0 : other, label == 2 ? 1.0 : other);
        assert_true(face->uncertain == (face->probabilities[label] < 0.6f));
        assert_true(result.timings.total_ms >= result.timings.faces_ms && result.timings.faces_ms >= 0.0);
        assert_near(result.timings.total_ms, result.timings.preprocess_ms + result.timings.faces_ms + result.timings.masks_ms, 1e-6);
        image_free(&image);
      }
    }
  }
  mc_detector_destroy(detector);
}

/* 74 x 200 px become 36 x 96, 35.52 rounded: what is found there is told by how much each side really shrank. */
static void test_place_where_a_side_is_rounded(void **state) {
  (void)state;
  mc_detector *detector = detector_by_hand();
  set_detection_size(detector, 96);
  mc_image image = image_new(74, 200, MC_RGB8, 0);
  image_paint(&image, 33, 84, 16, 16, white); /* cell (2, 5) and little more */
  mc_result result;
  assert_int_equal(mc_detector_detect(detector, &image, &result), MC_OK);
  assert_int_equal(result.face_count, 1);
  const mc_box *box = &result.faces[0].box;
  assert_near(box->x, (20.0 - WHITE_FACE_PX / 2.0) * 74.0 / 36.0, 1e-3);
  assert_near(box->y, (44.0 - WHITE_FACE_PX / 2.0) * 200.0 / 96.0, 1e-3);
  assert_near(box->width, WHITE_FACE_PX * 74.0 / 36.0, 1e-3);
  assert_near(box->height, WHITE_FACE_PX * 200.0 / 96.0, 1e-3);
  image_free(&image);
  mc_detector_destroy(detector);
}

/* The picture's size is no multiple of 32, so the network's input has a rim: it must be empty, whatever was there before. */
static void test_rim_is_empty(void **state) {
  (void)state;
  mc_detector *detector = detector_by_hand();
  set_detection_size(detector, 96);
  mc_image full = image_new(96, 96, MC_RGB8, 0);
  image_paint(&full, 0, 0, 96, 96, white);
  mc_image low = image_new(96, 71, MC_RGB8, 0);
  mc_image narrow = image_new(71, 96, MC_RGB8, 0);
  mc_result result;
  assert_int_equal(mc_detector_detect(detector, &full, &result), MC_OK);
  assert_true(result.face_count > 10);
  for (size_t i = 0; i < result.face_count; i++) {
    assert_distribution(&result.faces[i]);
    if (i > 0) {
      const mc_box *box = &result.faces[i].box;
      const mc_box *before = &result.faces[i - 1].box;
      assert_true(box->width * box->height <= before->width * before->height);
    }
  }
  assert_int_equal(mc_detector_detect(detector, &low, &result), MC_OK);
  assert_int_equal(result.face_count, 0);
  assert_int_equal(mc_detector_detect(detector, &full, &result), MC_OK);
  assert_int_equal(mc_detector_detect(detector, &narrow, &result), MC_OK);
  assert_int_equal(result.face_count, 0);
  image_free(&full);
  image_free(&low);
  image_free(&narrow);
  mc_detector_destroy(detector);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_place_and_label),
      cmocka_unit_test(test_place_where_a_side_is_rounded),
      cmocka_unit_test(test_rim_is_empty),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
