/* Pictures searched at two sizes, on a face finder whose answers can be worked out by hand, and on the shipped one. */
#include "support_cmocka.h"

#include <stdlib.h>
#include <string.h>

#include "counted_allocations.h"
#include "maskcheck.h"
#include "support_detector.h"
#include "support_random.h"

enum { SIDE_PX = 512, FACE_PX = 40, MAX_BOXES = 8 };

typedef struct square {
  uint8_t rgb[SIDE_PX][SIDE_PX][3];
} square;

static mc_image view_of(const square *picture) {
  return (mc_image){.pixels = picture->rgb[0][0], .width_px = SIDE_PX, .height_px = SIDE_PX, .format = MC_RGB8};
}

/* Black but for a white square with its middle at (x, y). */
static square *picture_of(uint32_t x, uint32_t y, uint32_t side_px) {
  square *picture = calloc(1, sizeof(*picture));
  assert_non_null(picture);
  for (uint32_t row = y - side_px / 2; row < y + side_px / 2; row++) {
    memset(picture->rgb[row][x - side_px / 2], 255, (size_t)side_px * 3);
  }
  return picture;
}

static mc_detector *created(bytes face, uint32_t detection_size_px) {
  const bytes mask = mean_color_classifier(8, NULL);
  mc_options options;
  mc_options_init(&options);
  options.min_face_score = 0.6f; /* padding is gray and scores 0.5 */
  options.detection_size_px = detection_size_px;
  options.video_detection_size_px = 512;
  mc_detector *detector = NULL;
  assert_int_equal(mc_detector_create(face.data, face.size, mask.data, mask.size, &options, NULL, &detector), MC_OK);
  free(face.data);
  free(mask.data);
  return detector;
}

static bytes finder(uint32_t face_px, const char *scales) {
  return white_cell_finder_with(face_px, (metadata)(const char *[]){"picture_scales", scales, NULL});
}

static void expect_sides(const mc_result *result, size_t count, const float sides[MAX_BOXES]) {
  assert_int_equal(result->face_count, count);
  for (size_t i = 0; i < count; i++) {
    assert_near(result->faces[i].box.width, sides[i], 1e-3);
    assert_near(result->faces[i].box.height, sides[i], 1e-3);
  }
}

static void detect(bytes face, uint32_t detection_size_px, const square *picture, size_t count,
                   const float sides[MAX_BOXES]) {
  mc_detector *detector = created(face, detection_size_px);
  const mc_image image = view_of(picture);
  mc_result result;
  assert_int_equal(mc_detector_detect(detector, &image, &result), MC_OK);
  expect_sides(&result, count, sides);
  mc_detector_destroy(detector);
}

/* A white square of two by two cells is one cell at half the size; of the box found there and that in it one is left. */
static void test_half_the_size_is_searched_too(void **state) {
  (void)state;
  square *large = picture_of(120, 136, 16);
  square *small = picture_of(124, 132, 8);
  detect(finder(FACE_PX, "1"), SIDE_PX, large, 1, (float[MAX_BOXES]){FACE_PX});
  detect(white_cell_finder_with(FACE_PX, NULL), SIDE_PX, large, 1, (float[MAX_BOXES]){FACE_PX});
  detect(finder(FACE_PX, "2"), SIDE_PX, large, 1, (float[MAX_BOXES]){2 * FACE_PX});
  detect(finder(FACE_PX, "2"), SIDE_PX, small, 1, (float[MAX_BOXES]){FACE_PX});

  mc_detector *detector = created(finder(FACE_PX, "2"), SIDE_PX);
  const mc_image image = view_of(large);
  mc_result result;
  assert_int_equal(mc_detector_detect(detector, &image, &result), MC_OK);
  assert_near(result.faces[0].box.x, 120 - FACE_PX, 1e-3);
  assert_near(result.faces[0].box.y, 136 - FACE_PX, 1e-3);
  assert_near(result.faces[0].score, 1.0, 1e-4);
  mc_detector_destroy(detector);
  free(large);
  free(small);
}

/* Boxes of less than 32 px at half the size are the business of the whole size. */
static void test_small_faces_are_left_to_the_whole_size(void **state) {
  (void)state;
  square *picture = picture_of(120, 136, 16);
  detect(finder(31, "2"), SIDE_PX, picture, 2, (float[MAX_BOXES]){31, 31}); /* cells across from each other, as without scales */
  detect(finder(33, "2"), SIDE_PX, picture, 1, (float[MAX_BOXES]){66}); /* the others lie in it */
  free(picture);
}

/* The two sizes share one non-maximum suppression. */
static void test_one_face_at_both_sizes_is_one(void **state) {
  (void)state;
  square *picture = picture_of(128, 128, 96); /* many cells, and many at half the size */
  mc_detector *detector = created(finder(FACE_PX, "2"), SIDE_PX);
  mc_options options;
  assert_int_equal(mc_detector_get_options(detector, &options), MC_OK);
  options.nms_iou = 0.0f; /* what touches another face goes */
  assert_int_equal(mc_detector_set_options(detector, &options), MC_OK);
  const mc_image image = view_of(picture);
  mc_result result;
  assert_int_equal(mc_detector_detect(detector, &image, &result), MC_OK);
  assert_true(result.face_count > 1);
  for (size_t i = 0; i < result.face_count; i++) {
    for (size_t k = 0; k < i; k++) {
      const mc_box *a = &result.faces[i].box;
      const mc_box *b = &result.faces[k].box;
      assert_true(a->x >= b->x + b->width - 1e-3f || b->x >= a->x + a->width - 1e-3f ||
                  a->y >= b->y + b->height - 1e-3f || b->y >= a->y + a->height - 1e-3f);
    }
  }
  mc_detector_destroy(detector);
  free(picture);
}

static void test_small_sizes_and_video_have_one_scale(void **state) {
  (void)state;
  square *picture = picture_of(128, 128, 32); /* at 480: 30 px, at least two cells wide wherever they begin */
  mc_detector *detector = created(finder(FACE_PX, "2"), 480);
  const mc_image image = view_of(picture);
  mc_result result;
  assert_int_equal(mc_detector_detect(detector, &image, &result), MC_OK);
  assert_true(result.face_count > 0);
  for (size_t i = 0; i < result.face_count; i++) {
    assert_near(result.faces[i].box.width, (double)(FACE_PX * SIDE_PX) / 480, 1e-3); /* none of the half */
  }
  assert_int_equal(mc_detector_detect_video(detector, &image, 0.0, &result), MC_OK);
  assert_true(result.face_count > 0);
  for (size_t i = 0; i < result.face_count; i++) assert_near(result.faces[i].box.width, FACE_PX, 1e-3);
  mc_detector_destroy(detector);
  free(picture);
}

/* Neither size sees what an earlier picture left beside this one. */
static void test_paddings_are_empty(void **state) {
  (void)state;
  mc_detector *detector = created(finder(FACE_PX, "2"), 544);
  square *picture = calloc(1, sizeof(*picture));
  assert_non_null(picture);
  memset(picture, 255, sizeof(*picture));
  mc_image image = view_of(picture);
  mc_result result;
  assert_int_equal(mc_detector_detect(detector, &image, &result), MC_OK);
  assert_true(result.face_count > 10);
  memset(picture, 0, sizeof(*picture));
  image.height_px = 280;
  assert_int_equal(mc_detector_detect(detector, &image, &result), MC_OK);
  assert_int_equal(result.face_count, 0);
  mc_detector_destroy(detector);
  free(picture);
}

static void test_other_numbers_of_scales_are_refused(void **state) {
  (void)state;
  static const char *const bad[] = {"0", "3", "-1", "1.5", "two", "", "2,2"};
  const bytes mask = mean_color_classifier(8, NULL);
  for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
    const bytes face = finder(FACE_PX, bad[i]);
    mc_message message;
    mc_detector *detector = NULL;
    assert_int_equal(mc_detector_create(face.data, face.size, mask.data, mask.size, NULL, &message, &detector),
                     MC_ERROR_MODEL_INVALID);
    assert_non_null(strstr(message.text, "picture_scales"));
    assert_null(detector);
    free(face.data);
  }
  free(mask.data);
}

/* Pictures at both sizes and video in turns: after one round of each nothing is allocated, and nothing is mixed up. */
static void test_turns_allocate_nothing(void **state) {
  (void)state;
  uint64_t random = random_start();
  mc_detector *detector = created(model_file("face.onnx"), 512);
  square *picture = calloc(1, sizeof(*picture));
  assert_non_null(picture);
  for (size_t i = 0; i < sizeof(picture->rgb); i++) ((uint8_t *)picture->rgb)[i] = (uint8_t)random_below(&random, 256);
  const mc_image image = view_of(picture);
  mc_options options;
  assert_int_equal(mc_detector_get_options(detector, &options), MC_OK);
  options.min_face_score = 0.0f; /* everything is a face */
  options.max_faces = 20;
  options.video_detection_size_px = 256; /* as by default, half of that for pictures: they share a network */
  assert_int_equal(mc_detector_set_options(detector, &options), MC_OK);
  mc_face first[20];
  size_t before = 0;
  for (int round = 0; round < 3; round++) {
    mc_result result;
    assert_int_equal(mc_detector_detect(detector, &image, &result), MC_OK);
    assert_int_equal(result.face_count, 20);
    if (round == 0) memcpy(first, result.faces, sizeof(first));
    assert_memory_equal(first, result.faces, sizeof(first));
    assert_int_equal(mc_detector_detect_video(detector, &image, round * 40.0, &result), MC_OK);
    if (round == 0) before = counted_allocations();
  }
  assert_true(before > 0);
  assert_int_equal(counted_allocations(), before);
  mc_detector_destroy(detector);
  free(picture);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_half_the_size_is_searched_too),
      cmocka_unit_test(test_small_faces_are_left_to_the_whole_size),
      cmocka_unit_test(test_one_face_at_both_sizes_is_one),
      cmocka_unit_test(test_small_sizes_and_video_have_one_scale),
      cmocka_unit_test(test_paddings_are_empty),
      cmocka_unit_test(test_other_numbers_of_scales_are_refused),
      cmocka_unit_test(test_turns_allocate_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
