/* Videos through the C API: from frames to tracks. What tracks do is tested in test_track*.c. */
#include "support_cmocka.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "counted_allocations.h"
#include "maskcheck.h"
#include "support_detector.h"
#include "support_random.h"

enum { WIDTH = 320, HEIGHT = 256, CELL = 8 };

static mc_detector *create(bytes face, bytes mask, float min_face_score) {
  mc_options options;
  mc_options_init(&options);
  options.min_face_score = min_face_score;
  mc_detector *detector = NULL;
  mc_message message;
  const mc_status status =
      mc_detector_create(face.data, face.size, mask.data, mask.size, &options, &message, &detector);
  free(face.data);
  free(mask.data);
  if (status != MC_OK) fail_msg("%s: %s", mc_status_name(status), message.text);
  return detector;
}

/* A face wherever a cell is white. */
static mc_detector *by_hand(void) { return create(white_cell_finder(), mean_color_classifier(8, NULL), 0.6f); }

typedef struct frame {
  uint8_t rgba[HEIGHT][WIDTH][4];
} frame;

static mc_image image_of(const frame *f) {
  return (mc_image){.pixels = &f->rgba[0][0][0], .width_px = WIDTH, .height_px = HEIGHT, .format = MC_RGBA8};
}

static void paint_cell(frame *f, size_t column, size_t row) {
  for (size_t y = row * CELL; y < (row + 1) * CELL; y++) memset(f->rgba[y][column * CELL], 255, (size_t)CELL * 4);
}

/* --- Tests ------------------------------------------------------------------------------------------------------- */

static void a_frame_is_searched_in_the_size_for_video(void **state) {
  (void)state;
  mc_detector *detector = by_hand();
  mc_options options;
  assert_int_equal(mc_detector_get_options(detector, &options), MC_OK);
  assert_int_equal(options.video_detection_size_px, 320);
  frame *f = calloc(1, sizeof(*f));
  assert_non_null(f);
  paint_cell(f, 10, 10);
  const mc_image image = image_of(f);
  mc_result result;
  assert_int_equal(mc_detector_detect_video(detector, &image, 0.0, &result), MC_OK);
  assert_int_equal(result.face_count, 1);
  const mc_face first = result.faces[0];
  assert_float_equal(first.box.width, (float)WHITE_FACE_PX, 1e-3f);
  assert_int_equal(first.track_id, 1);
  assert_true(first.uncertain);
  assert_true(result.timings.total_ms > 0.0);

  /* A picture in between has no tracks and leaves those of the video alone. */
  assert_int_equal(mc_detector_detect(detector, &image, &result), MC_OK);
  for (size_t i = 0; i < result.face_count; i++) assert_int_equal(result.faces[i].track_id, 0);
  options.detection_size_px = 320;
  options.video_detection_size_px = 640;
  assert_int_equal(mc_detector_set_options(detector, &options), MC_OK);
  assert_int_equal(mc_detector_detect(detector, &image, &result), MC_OK);
  assert_memory_equal(&result.faces[0].box, &first.box, sizeof(first.box));
  assert_memory_equal(result.faces[0].probabilities, first.probabilities, sizeof(first.probabilities));
  options.video_detection_size_px = 320;
  assert_int_equal(mc_detector_set_options(detector, &options), MC_OK);
  assert_int_equal(mc_detector_detect_video(detector, &image, 300.0, &result), MC_OK);
  assert_int_equal(result.faces[0].track_id, 1);
  assert_int_equal(mc_detector_reset_video(detector), MC_OK);
  assert_int_equal(mc_detector_detect_video(detector, &image, 350.0, &result), MC_OK);
  assert_int_equal(result.faces[0].track_id, 2);
  free(f);
  mc_detector_destroy(detector);
}

static void a_missed_face_is_bridged(void **state) {
  (void)state;
  mc_detector *detector = by_hand();
  frame *f = calloc(1, sizeof(*f));
  assert_non_null(f);
  const mc_image image = image_of(f);
  mc_result result;
  for (size_t n = 0; n < 10; n++) {
    memset(f, 0, sizeof(*f));
    if (n != 7) paint_cell(f, 5 + n, 10);
    assert_int_equal(mc_detector_detect_video(detector, &image, 66.0 * (double)n, &result), MC_OK);
    assert_int_equal(result.face_count, 1);
    assert_int_equal(result.faces[0].track_id, 1);
    assert_float_equal(result.faces[0].missed_ms, n == 7 ? 66.0f : 0.0f, 1e-3f);
    assert_float_equal(result.faces[0].box.x, (float)(CELL * (5 + n)) + 0.5f * (float)(CELL - WHITE_FACE_PX), 2.0f);
  }
  free(f);
  mc_detector_destroy(detector);
}

static void wrong_arguments_change_nothing(void **state) {
  (void)state;
  mc_detector *detector = by_hand();
  frame *f = calloc(1, sizeof(*f));
  assert_non_null(f);
  paint_cell(f, 10, 10);
  const mc_image image = image_of(f);
  mc_result result = {.face_count = 77};
  assert_int_equal(mc_detector_detect_video(NULL, &image, 0.0, &result), MC_ERROR_INVALID_ARGUMENT);
  assert_int_equal(mc_detector_detect_video(detector, NULL, 0.0, &result), MC_ERROR_INVALID_ARGUMENT);
  assert_int_equal(mc_detector_detect_video(detector, &image, 0.0, NULL), MC_ERROR_INVALID_ARGUMENT);
  assert_int_equal(mc_detector_detect_video(detector, &image, (double)NAN, &result), MC_ERROR_INVALID_ARGUMENT);
  assert_int_equal(mc_detector_detect_video(detector, &image, HUGE_VAL, &result), MC_ERROR_INVALID_ARGUMENT);
  assert_int_equal(mc_detector_reset_video(NULL), MC_ERROR_INVALID_ARGUMENT);
  assert_int_equal(result.face_count, 77);
  mc_options options;
  assert_int_equal(mc_detector_get_options(detector, &options), MC_OK);
  float *const floats[] = {&options.track_min_iou,          &options.track_motion_ms, &options.track_smoothing_ms,
                           &options.track_box_smoothing_ms, &options.track_label_lead, &options.track_sure_ms,
                           &options.track_keep_ms,          &options.track_memory_ms, &options.track_gap_ms};
  for (size_t i = 0; i < 9; i++) {
    const float good = *floats[i];
    const float bad[] = {(float)NAN, HUGE_VALF, 60001.0f};
    for (size_t k = 0; k < 3; k++) {
      *floats[i] = bad[k];
      assert_int_equal(mc_detector_set_options(detector, &options), MC_ERROR_INVALID_ARGUMENT);
    }
    *floats[i] = -1.0f; /* the default */
    assert_int_equal(mc_detector_set_options(detector, &options), MC_OK);
    assert_int_equal(mc_detector_get_options(detector, &options), MC_OK);
    assert_float_equal(*floats[i], good, 0.0f);
  }
  options.video_detection_size_px = 48;
  assert_int_equal(mc_detector_set_options(detector, &options), MC_ERROR_INVALID_ARGUMENT);
  free(f);
  mc_detector_destroy(detector);
}

/* White cells and gray blocks at random, 0 to 29 of each. */
static void paint_anything(frame *f, uint64_t *random) {
  memset(f, 0, sizeof(*f));
  for (uint32_t n = random_below(random, 30); n > 0; n--) {
    const size_t left = random_below(random, WIDTH - 60);
    const size_t top = random_below(random, HEIGHT - 60);
    for (size_t y = top; y < top + 60; y++) memset(f->rgba[y][left], (int)(8 * n), (size_t)60 * 4);
  }
  for (uint32_t n = random_below(random, 30); n > 0; n--) {
    paint_cell(f, random_below(random, WIDTH / CELL), random_below(random, HEIGHT / CELL));
  }
}

/* Returns how many different numbers of faces the frames had, the first one apart. */
static size_t expect_no_allocation(mc_detector *detector, size_t frames) {
  uint64_t random = random_start();
  bool seen[MC_MAX_FACES + 1] = {false};
  size_t different = 0;
  frame *f = malloc(sizeof(*f));
  assert_non_null(f);
  const mc_image image = image_of(f);
  mc_result result;
  size_t before = 0;
  for (size_t n = 0; n < frames; n++) {
    paint_anything(f, &random);
    assert_int_equal(mc_detector_detect_video(detector, &image, 66.0 * (double)n, &result), MC_OK);
    if (n == 0) {
      before = counted_allocations();
    } else if (!seen[result.face_count]) {
      seen[result.face_count] = true;
      different++;
    }
  }
  assert_true(before > 0);
  assert_int_equal(counted_allocations(), before);
  free(f);
  mc_detector_destroy(detector);
  return different;
}

static void a_frame_allocates_nothing(void **state) {
  (void)state;
  assert_true(expect_no_allocation(by_hand(), 60) > 5);
  (void)expect_no_allocation(create(model_file("face.onnx"), model_file("mask.onnx"), 0.1f), 4);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_frame_is_searched_in_the_size_for_video),
      cmocka_unit_test(a_missed_face_is_bridged),
      cmocka_unit_test(wrong_arguments_change_nothing),
      cmocka_unit_test(a_frame_allocates_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
