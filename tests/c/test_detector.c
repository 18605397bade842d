/* The C API from pixels to labels, on two networks whose answers can be worked out by hand and on the shipped ones. */
#include "support_cmocka.h"

#include <stdlib.h>
#include <string.h>

#include "maskcheck.h"
#include "support_detector.h"
#include "support_random.h"

/* --- Detectors --------------------------------------------------------------------------------------------------- */

/* Frees the models. */
static mc_status create(bytes face, bytes mask, const mc_options *options, mc_message *message,
                        mc_detector **detector) {
  const mc_status status =
      mc_detector_create(face.data, face.size, mask.data, mask.size, options, message, detector);
  free(face.data);
  free(mask.data);
  return status;
}

static mc_detector *created(bytes face, bytes mask) {
  mc_detector *detector = NULL;
  mc_message message;
  const mc_status status = create(face, mask, NULL, &message, &detector);
  if (status != MC_OK) fail_msg("%s: %s", mc_status_name(status), message.text);
  assert_string_equal(message.text, "");
  return detector;
}

static mc_detector *by_hand(void) { return created(white_cell_finder(), mean_color_classifier(8, NULL)); }
static mc_detector *shipped(void) { return created(model_file("face.onnx"), model_file("mask.onnx")); }

/* The rim of the network's input is gray, which the white cell finder scores 0.5: more is asked for. */
static void set_detection_size(mc_detector *detector, uint32_t size_px) {
  mc_options options;
  assert_int_equal(mc_detector_get_options(detector, &options), MC_OK);
  options.detection_size_px = size_px;
  options.min_face_score = 0.6f;
  assert_int_equal(mc_detector_set_options(detector, &options), MC_OK);
}

/* --- Pictures ---------------------------------------------------------------------------------------------------- */

static const size_t pixel_bytes[4] = {4, 3, 3, 1};

/* A plain picture; rgb is set red first. Free image.pixels with image_free. */
static mc_image image_new(uint32_t width, uint32_t height, mc_pixel_format format, size_t padding) {
  const size_t stride = width * pixel_bytes[format] + padding;
  uint8_t *pixels = malloc(stride * height);
  assert_non_null(pixels);
  memset(pixels, 0, stride * height);
  return (mc_image){.pixels = pixels, .width_px = width, .height_px = height, .stride_bytes = stride, .format = format};
}

static void image_free(mc_image *image) { free((void *)(uintptr_t)image->pixels); }

static void paint(const mc_image *image, uint32_t left, uint32_t top, uint32_t width, uint32_t height,
                  const uint8_t rgb[3]) {
  for (uint32_t y = top; y < top + height; y++) {
    for (uint32_t x = left; x < left + width; x++) {
      uint8_t *pixel = (uint8_t *)(uintptr_t)image->pixels + y * image->stride_bytes + x * pixel_bytes[image->format];
      for (size_t c = 0; c < (image->format == MC_GRAY8 ? 1 : 3); c++) {
        pixel[image->format == MC_BGR8 ? 2 - c : c] = rgb[c];
      }
    }
  }
}

static const uint8_t white[3] = {255, 255, 255};
static const uint8_t primaries[MC_LABEL_COUNT][3] = {{255, 0, 0}, {0, 255, 0}, {0, 0, 255}};

static void assert_distribution(const mc_face *face) {
  double sum = 0.0;
  for (size_t i = 0; i < MC_LABEL_COUNT; i++) {
    assert_true(face->probabilities[i] >= 0.0f && face->probabilities[i] <= 1.0f);
    assert_true(face->probabilities[face->label] >= face->probabilities[i]);
    sum += (double)face->probabilities[i];
  }
  assert_near(sum, 1.0, 1e-5);
}

static void assert_probabilities(const mc_face *face, double red, double green, double blue) {
  const double logits[MC_LABEL_COUNT] = {red, green, blue};
  const double sum = exp(red) + exp(green) + exp(blue);
  for (size_t i = 0; i < MC_LABEL_COUNT; i++) assert_near(face->probabilities[i], exp(logits[i]) / sum, 1e-4);
}

/* --- Detecting --------------------------------------------------------------------------------------------------- */

/* A white cell on a coloured ground, at several scales and in every format: box and probabilities as worked out by hand. */
static void test_place_and_label(void **state) {
  (void)state;
  mc_detector *detector = by_hand();
  set_detection_size(detector, 96);
  for (uint32_t scale = 1; scale <= 3; scale++) {
    for (int format = MC_RGBA8; format <= MC_BGR8; format++) {
      for (int label = 0; label < MC_LABEL_COUNT; label++) {
        mc_image image = image_new(96 * scale, 72 * scale, (mc_pixel_format)format, 5);
        paint(&image, 0, 0, image.width_px, image.height_px, primaries[label]);
        paint(&image, 40 * scale, 32 * scale, 8 * scale, 8 * scale, white); /* cell (4, 5) */
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
        image_free(&image);
      }
    }
  }
  mc_detector_destroy(detector);
}

/* The picture's size is no multiple of 32, so the network's input has a rim: it must be empty, whatever was there before. */
static void test_rim_is_empty(void **state) {
  (void)state;
  mc_detector *detector = by_hand();
  set_detection_size(detector, 96);
  mc_image full = image_new(96, 96, MC_RGB8, 0);
  paint(&full, 0, 0, 96, 96, white);
  mc_image part = image_new(96, 71, MC_RGB8, 0);
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
  assert_int_equal(mc_detector_detect(detector, &part, &result), MC_OK);
  assert_int_equal(result.face_count, 0);
  image_free(&full);
  image_free(&part);
  mc_detector_destroy(detector);
}

static void test_options_take_effect(void **state) {
  (void)state;
  mc_detector *detector = by_hand();
  mc_image image = image_new(160, 160, MC_GRAY8, 0);
  paint(&image, 16, 16, 8, 8, white);
  paint(&image, 120, 16, 8, 8, (const uint8_t[3]){150, 150, 150});
  paint(&image, 56, 104, 8, 8, white);
  paint(&image, 64, 104, 8, 8, white); /* neighbours: two boxes that overlap by half */
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
  mc_detector *detector = by_hand();
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

/* --- Labelling and classifying ----------------------------------------------------------------------------------- */

static void test_label(void **state) {
  (void)state;
  mc_detector *detector = by_hand();
  mc_image image = image_new(120, 40, MC_RGB8, 0);
  for (uint32_t i = 0; i < MC_LABEL_COUNT; i++) paint(&image, 40 * i, 0, 40, 40, primaries[i]);
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
  mc_detector *detector = by_hand();
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
  mc_detector *detector = by_hand();
  mc_image image = image_new(20, 10, MC_RGB8, 0);
  paint(&image, 0, 0, 20, 10, primaries[1]);
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
  mc_detector *detector = by_hand();
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

/* --- Models of one's own ----------------------------------------------------------------------------------------- */

static void assert_reads_red(bytes mask, double red, double green, double blue) {
  mc_detector *detector = created(white_cell_finder(), mask);
  mc_image image = image_new(16, 16, MC_RGB8, 0);
  paint(&image, 0, 0, 16, 16, primaries[0]);
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

static void assert_refused(bytes face, bytes mask, mc_status expected, const char *start, const char *part) {
  mc_detector *detector = NULL;
  mc_message message;
  const mc_status status = create(face, mask, NULL, &message, &detector);
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
  };
  for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
    const char *props[] = {bad[i][0], bad[i][1], NULL};
    assert_refused(white_cell_finder(), mean_color_classifier(5, (metadata)props), MC_ERROR_MODEL_INVALID,
                   "mask model: ", bad[i][0]);
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
  assert_int_equal(create(white_cell_finder(), mask, NULL, NULL, &detector), MC_OK);
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
  assert_refused(model_file("mask.onnx"), model_file("face.onnx"), MC_ERROR_MODEL_INVALID, "face model: ", "kind");
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
  assert_int_equal(create(model_file("face.onnx"), model_file("mask.onnx"), &options, &message, &detector),
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

/* --- The shipped networks ---------------------------------------------------------------------------------------- */

static void fill_noise(uint64_t *random, const mc_image *image) {
  uint8_t *pixels = (uint8_t *)(uintptr_t)image->pixels;
  for (size_t i = 0; i < image->stride_bytes * image->height_px; i++) pixels[i] = (uint8_t)random_below(random, 256);
}

static void assert_sound(const mc_image *image, const mc_result *result) {
  assert_true(result->face_count <= MC_MAX_FACES);
  for (size_t i = 0; i < result->face_count; i++) {
    const mc_face *face = &result->faces[i];
    assert_distribution(face);
    assert_true(face->score >= 0.0f && face->score <= 1.0f);
    assert_true(face->box.x >= 0.0f && face->box.y >= 0.0f && face->box.width > 0.0f && face->box.height > 0.0f);
    assert_true(face->box.x + face->box.width <= (float)image->width_px * 1.00001f);
    assert_true(face->box.y + face->box.height <= (float)image->height_px * 1.00001f);
  }
}

static void test_odd_pictures(void **state) {
  (void)state;
  uint64_t random = random_start();
  static const uint32_t sizes[][2] = {{1, 1}, {1, 10000}, {10000, 1}, {3, 2}, {33, 31}, {640, 480}, {1921, 1083}};
  mc_detector *detector = shipped();
  mc_options options;
  assert_int_equal(mc_detector_get_options(detector, &options), MC_OK);
  options.detection_size_px = 128;
  options.min_face_score = 0.0f; /* everything is a face */
  options.max_faces = 20;
  assert_int_equal(mc_detector_set_options(detector, &options), MC_OK);
  for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
    for (int kind = 0; kind < 3; kind++) {
      mc_image image = image_new(sizes[i][0], sizes[i][1], (mc_pixel_format)random_below(&random, 4), (size_t)kind);
      if (kind == 1) memset((void *)(uintptr_t)image.pixels, 255, image.stride_bytes * image.height_px);
      if (kind == 2) fill_noise(&random, &image);
      mc_result result;
      assert_int_equal(mc_detector_detect(detector, &image, &result), MC_OK);
      assert_sound(&image, &result);
      assert_int_equal(mc_detector_classify(detector, &image, &result), MC_OK);
      assert_sound(&image, &result);
      image_free(&image);
    }
  }
  mc_detector_destroy(detector);
}

/* Same picture, same bytes out; also after other sizes, and from another detector. */
static void test_determinism(void **state) {
  (void)state;
  uint64_t random = random_start();
  mc_detector *one = shipped();
  mc_detector *other = shipped();
  mc_image image = image_new(203, 151, MC_RGBA8, 0);
  mc_image small = image_new(50, 90, MC_RGBA8, 0);
  fill_noise(&random, &image);
  fill_noise(&random, &small);
  mc_options options;
  assert_int_equal(mc_detector_get_options(one, &options), MC_OK);
  options.min_face_score = 0.0f;
  options.detection_size_px = 160;
  assert_int_equal(mc_detector_set_options(one, &options), MC_OK);
  assert_int_equal(mc_detector_set_options(other, &options), MC_OK);
  mc_result first;
  mc_result again;
  mc_face kept[100];
  assert_int_equal(mc_detector_detect(one, &image, &first), MC_OK);
  assert_int_equal(first.face_count, 100);
  memcpy(kept, first.faces, sizeof(kept));
  assert_int_equal(mc_detector_detect(one, &small, &again), MC_OK);
  assert_int_equal(mc_detector_detect(one, &image, &again), MC_OK);
  assert_memory_equal(kept, again.faces, sizeof(kept));
  assert_int_equal(mc_detector_detect(other, &image, &again), MC_OK);
  assert_memory_equal(kept, again.faces, sizeof(kept));
  image_free(&image);
  image_free(&small);
  mc_detector_destroy(one);
  mc_detector_destroy(other);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_place_and_label),          cmocka_unit_test(test_rim_is_empty),
      cmocka_unit_test(test_options_take_effect),      cmocka_unit_test(test_options_are_checked),
      cmocka_unit_test(test_label),                    cmocka_unit_test(test_label_arguments),
      cmocka_unit_test(test_classify),                 cmocka_unit_test(test_image_arguments),
      cmocka_unit_test(test_metadata_takes_effect),    cmocka_unit_test(test_bad_metadata_is_refused),
      cmocka_unit_test(test_wrong_models_are_refused), cmocka_unit_test(test_cut_models_are_refused),
      cmocka_unit_test(test_metadata_can_be_read),
      cmocka_unit_test(test_odd_pictures),             cmocka_unit_test(test_determinism),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
