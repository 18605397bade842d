/* The mask classifier's second look at what the finder takes for a face, on two networks whose answers can be worked out by hand:
 * a cell of 8 x 8 px is a face as far as it is bright (finder) and as far as its blue is stronger than its red (classifier). */
#include "support_cmocka.h"

#include <stdlib.h>
#include <string.h>

#include "counted_allocations.h"
#include "maskcheck.h"
#include "mask_classifier.h"
#include "support_detector.h"
#include "support_pictures.h"

enum { WIDTH = 96, HEIGHT = 64, CELL = 8, MAX_LOOKS = 64 };

static const float blue_less_red[4] = {-10.0f, 0.0f, 10.0f, 0.0f};

/* --- What the classifier has looked at ---------------------------------------------------------------------------- */

static mc_view looks[MAX_LOOKS];
static size_t look_count;

/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): the linker's names */
mc_status __real_mc_mask_classifier_run(mc_mask_classifier *classifier, const mc_image *image, const mc_view *view,
                                        float probabilities[MC_LABEL_COUNT]);
mc_status __wrap_mc_mask_classifier_run(mc_mask_classifier *classifier, const mc_image *image, const mc_view *view,
                                        float probabilities[MC_LABEL_COUNT]);

mc_status __wrap_mc_mask_classifier_run(mc_mask_classifier *classifier, const mc_image *image, const mc_view *view,
                                        float probabilities[MC_LABEL_COUNT]) {
  if (look_count < MAX_LOOKS) looks[look_count] = *view;
  look_count++;
  return __real_mc_mask_classifier_run(classifier, image, view, probabilities);
}
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */

/* --- Pictures and detectors --------------------------------------------------------------------------------------- */

typedef struct cell {
  uint32_t column, row;
  uint8_t rgb[3];
} cell;

static mc_image picture_of(const cell *cells, size_t count) {
  mc_image image = image_new(WIDTH, HEIGHT, MC_RGB8, 0);
  for (size_t i = 0; i < count; i++) {
    image_paint(&image, CELL * cells[i].column, CELL * cells[i].row, CELL, CELL, cells[i].rgb);
  }
  return image;
}

static double logit(double score) { return log(score / (1.0 - score)); }
static double sigmoid(double value) { return 1.0 / (1.0 + exp(-value)); }
static double input(uint8_t value) { return ((double)value - 127.5) / 127.5; }

static double finder_logit(const cell *c) {
  return 20.0 / 3.0 * (input(c->rgb[0]) + input(c->rgb[1]) + input(c->rgb[2]));
}

static double crop_logit(const cell *c) { return 10.0 * (input(c->rgb[2]) - input(c->rgb[0])); }

static void choose(mc_detector *detector, float min_face_score, uint32_t max_faces) {
  mc_options options;
  assert_int_equal(mc_detector_get_options(detector, &options), MC_OK);
  options.min_face_score = min_face_score;
  options.max_faces = max_faces;
  options.detection_size_px = options.video_detection_size_px = WIDTH;
  assert_int_equal(mc_detector_set_options(detector, &options), MC_OK);
}

static bytes classifier(const float weights[4], const char *face_score, const char *min_candidate_score) {
  return two_look_classifier("face", 1, weights,
                             (metadata)(const char *[]){"face_score", face_score, "min_candidate_score",
                                                        min_candidate_score, "crop_scale", "1", NULL});
}

/* Of faces as large as a cell, so that the crop is the cell. */
static mc_detector *detector_with(const float weights[4], const char *face_score, const char *min_candidate_score) {
  return detector_of(white_cell_finder_with(CELL, NULL), classifier(weights, face_score, min_candidate_score));
}

static void detect(mc_detector *detector, const mc_image *image, mc_result *result) {
  look_count = 0;
  assert_int_equal(mc_detector_detect(detector, image, result), MC_OK);
}

static void assert_is(const mc_face *face, const cell *c, double score) {
  assert_near(face->box.x, CELL * c->column, 1e-3);
  assert_near(face->box.y, CELL * c->row, 1e-3);
  assert_near(face->score, score, 1e-4);
  assert_distribution(face);
  assert_probabilities(face, input(c->rgb[0]), input(c->rgb[1]), input(c->rgb[2]));
}

/* --- Tests -------------------------------------------------------------------------------------------------------- */

static const cell doubtful_face = {2, 2, {105, 105, 160}}; /* the finder says 0.34, the crop looks like a face */
static const cell sure_hand = {5, 4, {160, 150, 120}};     /* the finder says 0.92, the crop does not */
static const cell sure_face = {9, 6, {150, 150, 160}};     /* both say yes */
static const cell hopeless_face = {7, 1, {80, 80, 180}};   /* the finder says 0.10, the crop looks like a face */

static void test_the_crop_decides_with_the_finder(void **state) {
  (void)state;
  const cell cells[] = {doubtful_face, sure_hand, sure_face, hopeless_face};
  mc_image image = picture_of(cells, 4);
  mc_result result;

  mc_detector *finder_alone = detector_of(white_cell_finder_with(CELL, NULL), mean_color_classifier(8, NULL));
  choose(finder_alone, 0.5f, 100);
  detect(finder_alone, &image, &result);
  assert_int_equal(result.face_count, 2);
  assert_int_equal(look_count, 2);
  assert_near(result.faces[0].score, sigmoid(finder_logit(&sure_face)), 1e-4);
  assert_near(result.faces[1].score, sigmoid(finder_logit(&sure_hand)), 1e-4);
  mc_detector_destroy(finder_alone);

  mc_detector *detector = detector_with(blue_less_red, "0.8,1.5,-0.25", "0.2");
  choose(detector, 0.5f, 100);
  detect(detector, &image, &result);
  assert_int_equal(look_count, 3); /* not at the hopeless one */
  assert_int_equal(result.face_count, 2);
  /* Areas are equal: the higher score comes first, the new one. */
  const cell *expected[] = {&doubtful_face, &sure_face};
  for (size_t i = 0; i < 2; i++) {
    const double score = sigmoid(0.8 * finder_logit(expected[i]) + 1.5 * crop_logit(expected[i]) - 0.25);
    assert_is(&result.faces[i], expected[i], score);
  }
  assert_true(result.faces[0].score > result.faces[1].score);
  assert_true(finder_logit(expected[0]) < finder_logit(expected[1]));
  assert_true(result.timings.masks_ms >= 0.0 && result.timings.total_ms >= result.timings.masks_ms);
  image_free(&image);
  mc_detector_destroy(detector);
}

/* The finder is certain of a white cell: its logit is held at that of 1 - 1e-6. */
static void test_certain_scores_are_held_off_the_ends(void **state) {
  (void)state;
  const cell certain = {3, 3, {255, 255, 255}};
  mc_image image = picture_of(&certain, 1);
  mc_detector *detector = detector_with(blue_less_red, "0.1,1,0", "0.5");
  choose(detector, 0.5f, 100);
  mc_result result;
  detect(detector, &image, &result);
  assert_int_equal(result.face_count, 1);
  assert_is(&result.faces[0], &certain, sigmoid(0.1 * logit(1.0 - 1e-6)));
  image_free(&image);
  mc_detector_destroy(detector);
}

/* What is looked at: from the smaller one of the two thresholds on. What is kept: from min_face_score on. */
static void test_thresholds(void **state) {
  (void)state;
  const cell cells[] = {doubtful_face, sure_hand, sure_face, hopeless_face};
  mc_image image = picture_of(cells, 4);
  mc_detector *detector = detector_with(blue_less_red, "1,1,0", "0.2");
  mc_result result;
  choose(detector, 0.03f, 100); /* below min_candidate_score */
  detect(detector, &image, &result);
  assert_int_equal(look_count, 4);
  assert_int_equal(result.face_count, 4);
  for (size_t i = 0; i < 4; i++) assert_true(result.faces[i].score >= 0.03f);
  assert_is(&result.faces[3], &sure_hand, sigmoid(finder_logit(&sure_hand) + crop_logit(&sure_hand)));
  choose(detector, 0.995f, 100); /* above every candidate's score */
  detect(detector, &image, &result);
  assert_int_equal(look_count, 3);
  assert_int_equal(result.face_count, 0);
  choose(detector, 0.9f, 100);
  detect(detector, &image, &result);
  assert_int_equal(look_count, 3);
  assert_int_equal(result.face_count, 2);
  choose(detector, 0.0f, 100); /* every cell of the picture, of all strides */
  detect(detector, &image, &result);
  assert_true(look_count > 90 && result.face_count > 90);
  image_free(&image);
  mc_detector_destroy(detector);
}

/* Faces of 24 px, cut off by the picture's edges, have three sizes. */
static void test_looking_stops_at_max_faces(void **state) {
  (void)state;
  const cell inside = {5, 4, {200, 200, 120}};
  const cell at_edge = {0, 4, {140, 140, 255}};
  const cell in_corner = {11, 7, {140, 140, 255}};
  const cell cells[] = {in_corner, at_edge, inside};
  mc_image image = picture_of(cells, 3);
  /* Blue - red is 115 / 127.5 in a ninth of the crop, a sixth of it at the edge; -80 / 127.5 in the other. */
  const float sharp[4] = {-100.0f, 0.0f, 100.0f, 0.0f};
  mc_detector *detector = detector_of(white_cell_finder(), classifier(sharp, "0,1,0", "0.5"));
  const double widths[] = {24.0, 16.0, 16.0};
  const double heights[] = {24.0, 24.0, 16.0};
  mc_result result;
  for (uint32_t max_faces = 1; max_faces <= 3; max_faces++) {
    choose(detector, 0.5f, max_faces);
    detect(detector, &image, &result);
    const size_t found = max_faces == 1 ? 1 : 2;
    assert_int_equal(result.face_count, found);
    assert_int_equal(look_count, found + 1); /* the largest is none */
    for (size_t i = 0; i < found; i++) {
      assert_near(result.faces[i].box.width, widths[i + 1], 1e-3);
      assert_near(result.faces[i].box.height, heights[i + 1], 1e-3);
    }
    for (size_t i = 0; i <= found; i++) assert_near(looks[i].width, fmax(widths[i], heights[i]), 1e-3);
  }
  /* The finder alone: one look is enough. */
  mc_detector *finder_alone = detector_by_hand();
  choose(finder_alone, 0.5f, 1);
  detect(finder_alone, &image, &result);
  assert_int_equal(result.face_count, 1);
  assert_int_equal(look_count, 1);
  assert_near(result.faces[0].box.width, 24.0, 1e-3);
  mc_detector_destroy(finder_alone);
  image_free(&image);
  mc_detector_destroy(detector);
}

/* A crop output that is no number is no face, unless its weight is 0. */
static void test_broken_outputs(void **state) {
  (void)state;
  mc_image image = picture_of(&sure_face, 1);
  const float values[] = {NAN, INFINITY, -INFINITY};
  for (size_t i = 0; i < 3; i++) {
    const float weights[4] = {0.0f, 0.0f, 0.0f, values[i]};
    mc_result result;
    mc_detector *detector = detector_with(weights, "1,1,0", "0.5");
    choose(detector, 0.0f, 100);
    detect(detector, &image, &result);
    assert_true(result.face_count > 90);
    for (size_t k = 0; k < result.face_count; k++) {
      assert_true(result.faces[k].score == (values[i] > 0.0f ? 1.0f : 0.0f));
      assert_distribution(&result.faces[k]);
    }
    choose(detector, 0.5f, 100);
    detect(detector, &image, &result);
    assert_int_equal(result.face_count, values[i] > 0.0f ? 1 : 0);
    mc_detector_destroy(detector);

    detector = detector_with(weights, "1,0,0", "0.5");
    choose(detector, 0.5f, 100);
    detect(detector, &image, &result);
    assert_int_equal(result.face_count, 1);
    assert_is(&result.faces[0], &sure_face, sigmoid(finder_logit(&sure_face)));
    mc_detector_destroy(detector);
  }
  image_free(&image);
}

/* The caller knows that these are faces. */
static void test_given_boxes_keep_their_score(void **state) {
  (void)state;
  mc_image image = picture_of(&sure_hand, 1);
  mc_detector *detector = detector_with(blue_less_red, "1,1,-50", "0.5");
  choose(detector, 0.5f, 1);
  mc_result result;
  const mc_box boxes[] = {{40.0f, 32.0f, 8.0f, 8.0f}, {0.0f, 0.0f, 5.0f, 5.0f}};
  assert_int_equal(mc_detector_label(detector, &image, boxes, 2, &result), MC_OK);
  assert_int_equal(result.face_count, 2);
  assert_is(&result.faces[0], &sure_hand, 1.0);
  assert_true(result.faces[1].score == 1.0f);
  assert_int_equal(mc_detector_classify(detector, &image, &result), MC_OK);
  assert_int_equal(result.face_count, 1);
  assert_true(result.faces[0].score == 1.0f);
  image_free(&image);
  mc_detector_destroy(detector);
}

/* Tracks see what passed, with the new scores; nothing is allocated from the second frame on. */
static void test_video(void **state) {
  (void)state;
  mc_detector *detector = detector_with(blue_less_red, "1,1,0", "0.2");
  choose(detector, 0.5f, 100);
  mc_image both = picture_of((const cell[]){doubtful_face, sure_hand}, 2);
  const cell turned_away = {2, 2, {150, 110, 110}};
  mc_image hand_alone = picture_of((const cell[]){turned_away, sure_hand}, 2);
  mc_result result;
  size_t before = 0;
  for (int frame = 0; frame < 6; frame++) {
    assert_int_equal(mc_detector_detect_video(detector, &both, 100.0 * frame, &result), MC_OK);
    assert_int_equal(result.face_count, 1);
    assert_int_equal(result.faces[0].track_id, 1);
    assert_true(result.faces[0].missed_ms == 0.0f);
    assert_is(&result.faces[0], &doubtful_face, sigmoid(finder_logit(&doubtful_face) + crop_logit(&doubtful_face)));
    if (frame == 0) before = counted_allocations();
  }
  assert_int_equal(mc_detector_detect_video(detector, &hand_alone, 600.0, &result), MC_OK);
  assert_int_equal(result.face_count, 1); /* shown a while longer */
  assert_int_equal(result.faces[0].track_id, 1);
  assert_near(result.faces[0].missed_ms, 100.0, 1e-3);
  assert_int_equal(mc_detector_detect_video(detector, &hand_alone, 1400.0, &result), MC_OK);
  assert_int_equal(result.face_count, 0);
  assert_true(before > 0);
  assert_int_equal(counted_allocations(), before);
  image_free(&both);
  image_free(&hand_alone);
  mc_detector_destroy(detector);
}

static void assert_refused(bytes mask, const char *part) {
  mc_detector *detector = NULL;
  mc_message message;
  const mc_status status = detector_try(white_cell_finder(), mask, NULL, &message, &detector);
  if (status != MC_ERROR_MODEL_INVALID) fail_msg("%s: %s", mc_status_name(status), message.text);
  assert_null(detector);
  if (strncmp(message.text, "mask model: ", 12) != 0 || strstr(message.text, part) == NULL) {
    fail_msg("'%s' lacks '%s'", message.text, part);
  }
}

static void test_bad_metadata_is_refused(void **state) {
  (void)state;
  static const char *const bad_weights[] = {"",       "1",       "1,1",     "1,1,0,0",   "-0.1,1,0",
                                            "1,-1,0", "nan,1,0", "1,inf,0", "1,1,1e999", "1,1,-1e7",
                                            "1;1;0",  "1,1,0 x", "1,,0",    "a,b,c"};
  for (size_t i = 0; i < sizeof(bad_weights) / sizeof(*bad_weights); i++) {
    assert_refused(classifier(blue_less_red, bad_weights[i], "0.1"), "'face_score'");
  }
  static const char *const bad_scores[] = {"", "-0.1", "-1", "1.1", "nan", "0.1,0.2", "low"};
  for (size_t i = 0; i < sizeof(bad_scores) / sizeof(*bad_scores); i++) {
    assert_refused(classifier(blue_less_red, "1,1,0", bad_scores[i]), "'min_candidate_score'");
  }
  static const char *const alone[] = {"face_score", "1,1,0", NULL};
  assert_refused(two_look_classifier("face", 1, blue_less_red, alone), "'min_candidate_score'");
}

static void test_wrong_outputs_are_refused(void **state) {
  (void)state;
  static const char *const props[] = {"face_score", "1,1,0", "min_candidate_score", "0.1", NULL};
  assert_refused(mean_color_classifier(8, props), "second output 'face'");
  assert_refused(two_look_classifier("faces", 1, blue_less_red, props), "second output 'face'");
  assert_refused(two_look_classifier("face", 2, blue_less_red, props), "'face' has one number");
  assert_refused(two_look_classifier("face", 1, blue_less_red, NULL), "one output");
  static const char *const useless[] = {"min_candidate_score", "low", NULL};
  mc_detector_destroy(detector_of(white_cell_finder(), mean_color_classifier(8, useless))); /* not read */
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_the_crop_decides_with_the_finder),
      cmocka_unit_test(test_certain_scores_are_held_off_the_ends),
      cmocka_unit_test(test_thresholds),
      cmocka_unit_test(test_looking_stops_at_max_faces),
      cmocka_unit_test(test_broken_outputs),
      cmocka_unit_test(test_given_boxes_keep_their_score),
      cmocka_unit_test(test_video),
      cmocka_unit_test(test_bad_metadata_is_refused),
      cmocka_unit_test(test_wrong_outputs_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
