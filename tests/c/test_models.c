/* Models of one's own: what their metadata do, and which models are refused. */
#include "support_cmocka.h"

#include <stdlib.h>
#include <string.h>

#include "maskcheck.h"
#include "support_detector.h"
#include "support_pictures.h"
#include "support_random.h"

static void assert_reads_red(bytes mask, double red, double green, double blue) {
  mc_detector *detector = detector_of(white_cell_finder(), mask);
  mc_image image = image_new(16, 16, MC_RGB8, 0);
  image_paint(&image, 0, 0, 16, 16, primaries[0]);
  mc_result result;
  assert_int_equal(mc_detector_classify(detector, &image, &result), MC_OK);
  assert_probabilities(&result.faces[0], red, green, blue);
  image_free(&image);
  mc_detector_destroy(detector);
}

static void test_metadata_takes_effect(void **state) {
  (void)state;
  assert_reads_red(mean_color_classifier(5, NULL), 1.0, -1.0, -1.0);
  assert_reads_red(mean_color_classifier_nhwc(5, NULL), 1.0, -1.0, -1.0);
  assert_reads_red(mean_color_classifier(0, (metadata)(const char *[]){"input_size", "9", NULL}), 1.0, -1.0, -1.0);
  assert_reads_red(mean_color_classifier(5, (metadata)(const char *[]){"color", "BGR", NULL}), -1.0, -1.0, 1.0);
  assert_reads_red(mean_color_classifier_nhwc(5, (metadata)(const char *[]){"color", "BGR", NULL}), -1.0, -1.0, 1.0);
  assert_reads_red(mean_color_classifier(5, (metadata)(const char *[]){"temperature", "2.5", NULL}), 0.4, -0.4, -0.4);
  assert_reads_red(mean_color_classifier(5, (metadata)(const char *[]){"temperature", "+25E-1", NULL}), 0.4, -0.4, -0.4);
  assert_reads_red(mean_color_classifier(5, (metadata)(const char *[]){"mean", "255, 0, 0", "std", "1e0,100,0.5", NULL}),
                   0.0, 0.0, 0.0);
  assert_reads_red(
      mean_color_classifier(5, (metadata)(const char *[]){
                                   "classes", "mask_worn_correctly,without_mask,mask_worn_incorrectly", NULL}),
      -1.0, -1.0, 1.0);
  /* Outputs (1.02, 0.02, 0.02) are taken as probabilities and made to sum to 1. */
  assert_reads_red(mean_color_classifier(5, (metadata)(const char *[]){"activation", "softmax", "mean", "-5.1,-5.1,-5.1",
                                                                       "std", "255,255,255", NULL}),
                   log(1.0), log(0.02), log(0.02));
}

static void test_metadata_gives_defaults(void **state) {
  (void)state;
  static const char *const face[] = {"min_face_score", "0.3", "nms_iou", "0.25", "detection_size_picture", "96",
                                     "detection_size_video", "64", NULL};
  static const char *const mask[] = {"min_mask_probability", "0.75", NULL};
  mc_detector *detector = detector_of(white_cell_finder_with(WHITE_FACE_PX, face), mean_color_classifier(5, mask));
  mc_options options;
  assert_int_equal(mc_detector_get_options(detector, &options), MC_OK);
  assert_near(options.min_face_score, 0.3, 1e-6);
  assert_near(options.nms_iou, 0.25, 1e-6);
  assert_int_equal(options.detection_size_px, 96);
  assert_int_equal(options.video_detection_size_px, 64);
  assert_near(options.min_mask_probability, 0.75, 1e-6);
  mc_detector_destroy(detector);
}

/* A red box in a green picture of twice its size. */
static void test_crop_scale(void **state) {
  (void)state;
  mc_image image = image_new(40, 40, MC_RGB8, 0);
  image_paint(&image, 0, 0, 40, 40, primaries[1]);
  image_paint(&image, 10, 10, 20, 20, primaries[0]);
  const mc_box box = {10.0f, 10.0f, 20.0f, 20.0f};
  for (int scale = 1; scale <= 2; scale++) {
    const char *const props[] = {"crop_scale", scale == 1 ? "1" : "2", NULL};
    mc_detector *detector = detector_of(white_cell_finder(), mean_color_classifier(5, props));
    mc_result result;
    assert_int_equal(mc_detector_label(detector, &image, &box, 1, &result), MC_OK);
    assert_probabilities(&result.faces[0], scale == 1 ? 1.0 : -0.5, scale == 1 ? -1.0 : 0.5, -1.0);
    mc_detector_destroy(detector);
  }
  image_free(&image);
}

static void assert_refused(bytes face, bytes mask, mc_status expected, const char *start, const char *part) {
  mc_detector *detector = NULL;
  mc_message message;
  const mc_status status = detector_try(face, mask, NULL, &message, &detector);
  if (status != expected) fail_msg("%s: %s", mc_status_name(status), message.text);
  assert_null(detector);
  if (strncmp(message.text, start, strlen(start)) != 0 || strstr(message.text, part) == NULL) {
    fail_msg("'%s' does not start with '%s' or lacks '%s'", message.text, start, part);
  }
}

static void test_bad_metadata_is_refused(void **state) {
  (void)state;
  static const char *const bad[][2] = {
      {"maskcheck.kind", "face"},   {"mean", "1,2"},          {"mean", "1,2,3,4"},      {"mean", "1,2,nan"},
      {"mean", "1;2;3"},            {"mean", ""},             {"std", "1,0,1"},         {"std", "1,-1,1"},
      {"color", "rgb"},             {"input_size", "0"},      {"input_size", "4.5"},    {"input_size", "6"},
      {"input_size", "1e9"},        {"crop_scale", "0"},      {"crop_scale", "1.3x"},   {"crop_scale", "1,3"},
      {"temperature", "0"},         {"temperature", "-1"},    {"temperature", "1e999"}, {"min_mask_probability", "2"},
      {"activation", "sigmoid"},    {"classes", "a,b,c"},     {"classes", "without_mask,without_mask,without_mask"},
      {"classes", "without_mask,mask_worn_incorrectly"},
      {"classes", "without_mask,mask_worn_incorrectly,mask_worn_correctly,"},
  };
  for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
    const char *props[] = {bad[i][0], bad[i][1], NULL};
    assert_refused(white_cell_finder(), mean_color_classifier(5, (metadata)props), MC_ERROR_MODEL_INVALID,
                   "mask model: ", bad[i][0]);
  }
  static const char *const bad_face[][2] = {
      {"maskcheck.kind", "mask"},        {"strides", "8,16,24"},          {"strides", "8,16,2.5"},
      {"strides", "8,16"},               {"strides", "16,8,32"},            {"detection_size_picture", "100"}, {"detection_size_picture", "0"},
      {"detection_size_video", "4128"},  {"picture_scales", "1.5"},       {"min_face_score", "-1"},
      {"nms_iou", "1.01"},
  };
  for (size_t i = 0; i < sizeof(bad_face) / sizeof(*bad_face); i++) {
    const char *props[] = {bad_face[i][0], bad_face[i][1], NULL};
    assert_refused(white_cell_finder_with(WHITE_FACE_PX, (metadata)props), mean_color_classifier(5, NULL),
                   MC_ERROR_MODEL_INVALID, "face model: ", bad_face[i][0]);
  }
  assert_refused(white_cell_finder(),
                 mean_color_classifier(5, (metadata)(const char *[]){"maskcheck.version", "2", NULL}),
                 MC_ERROR_MODEL_UNSUPPORTED, "mask model: ", "maskcheck.version");
  assert_refused(white_cell_finder(), mean_color_classifier(0, NULL), MC_ERROR_MODEL_INVALID, "mask model: ",
                 "input_size");
}

static void test_metadata_can_be_read(void **state) {
  (void)state;
  mc_detector *detector = NULL;
  const bytes mask = mean_color_classifier(5, (metadata)(const char *[]){"accuracy", "0.9 of 10", "license", "", NULL});
  assert_int_equal(detector_try(white_cell_finder(), mask, NULL, NULL, &detector), MC_OK);
  assert_string_equal(mc_detector_metadata(detector, MC_MASK_MODEL, "accuracy"), "0.9 of 10");
  assert_string_equal(mc_detector_metadata(detector, MC_MASK_MODEL, "license"), "");
  assert_null(mc_detector_metadata(detector, MC_MASK_MODEL, "Accuracy"));
  assert_null(mc_detector_metadata(detector, MC_FACE_MODEL, "accuracy"));
  assert_null(mc_detector_metadata(detector, (mc_model)2, "accuracy"));
  assert_null(mc_detector_metadata(detector, MC_MASK_MODEL, NULL));
  assert_null(mc_detector_metadata(NULL, MC_MASK_MODEL, "accuracy"));
  mc_detector_destroy(detector);
}

static void test_wrong_models_are_refused(void **state) {
  (void)state;
  assert_refused(model_file("mask.onnx"), model_file("face.onnx"), MC_ERROR_MODEL_INVALID, "mask model: ", "kind");
  assert_refused(model_file("face.onnx"), model_file("face.onnx"), MC_ERROR_MODEL_INVALID, "mask model: ", "kind");
  assert_refused(mean_color_classifier(8, NULL), model_file("mask.onnx"), MC_ERROR_MODEL_INVALID, "face model: ",
                 "three outputs");
  assert_refused(model_file("face.onnx"), white_cell_finder(), MC_ERROR_MODEL_INVALID, "mask model: ", "one output");
  bytes garbage = {.data = calloc(1, 100), .size = 100};
  assert_refused(garbage, model_file("mask.onnx"), MC_ERROR_MODEL_INVALID, "face model: ", "");

  mc_detector *detector = NULL;
  mc_message message;
  assert_int_equal(mc_detector_create(NULL, 5, "x", 1, NULL, &message, &detector), MC_ERROR_INVALID_ARGUMENT);
  assert_int_equal(mc_detector_create("x", 1, NULL, 5, NULL, NULL, &detector), MC_ERROR_INVALID_ARGUMENT);
  assert_int_equal(mc_detector_create("x", 1, "x", 1, NULL, NULL, NULL), MC_ERROR_INVALID_ARGUMENT);
  assert_int_equal(mc_detector_create("x", 0, "x", 0, NULL, NULL, &detector), MC_ERROR_MODEL_INVALID);
  mc_options options;
  mc_options_init(&options);
  options.max_faces = 0;
  assert_int_equal(detector_try(model_file("face.onnx"), model_file("mask.onnx"), &options, &message, &detector),
                   MC_ERROR_INVALID_ARGUMENT);
  assert_true(strlen(message.text) > 0);
  assert_null(detector);
}

static void test_cut_models_are_refused(void **state) {
  (void)state;
  uint64_t random = random_start();
  bytes face = model_file("face.onnx");
  bytes mask = model_file("mask.onnx");
  for (int round = 0; round < 60; round++) {
    mc_detector *detector = NULL;
    /* Metadata stands at the end, and a file cut between two entries is a whole one without them; so cut before. */
    const size_t size = random_below(&random, (uint32_t)face.size - 2000);
    assert_int_not_equal(mc_detector_create(face.data, size, mask.data, mask.size, NULL, NULL, &detector), MC_OK);
    assert_null(detector);
  }
  free(face.data);
  free(mask.data);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_metadata_takes_effect),
      cmocka_unit_test(test_metadata_gives_defaults),
      cmocka_unit_test(test_crop_scale),
      cmocka_unit_test(test_bad_metadata_is_refused),
      cmocka_unit_test(test_metadata_can_be_read),
      cmocka_unit_test(test_wrong_models_are_refused),
      cmocka_unit_test(test_cut_models_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
