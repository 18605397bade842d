/* Numbers that are none, pictures of any shape, options at their limits: answers stay finite, in range, and always the same. */
#include "support_cmocka.h"

#include <stdlib.h>
#include <string.h>

#include "maskcheck.h"
#include "support_detector.h"
#include "support_model.h"
#include "support_random.h"

enum { NOISE_SIDE_PX = 160 };

/* Fires on noise; the shipped finder rightly finds no face there. */
static mc_detector *create_small(void) {
  return detector_of(model_file("../tests/fuzz/models/face.onnx"), model_file("../tests/fuzz/models/mask.onnx"));
}

static void check_faces(const mc_result *result, const mc_image *image) {
  for (size_t i = 0; i < result->face_count; i++) {
    const mc_face *face = &result->faces[i];
    double sum = 0;
    for (size_t k = 0; k < MC_LABEL_COUNT; k++) {
      assert_true(face->probabilities[k] >= 0 && face->probabilities[k] <= 1);
      sum += (double)face->probabilities[k];
    }
    assert_near(sum, 1, 1e-5);
    assert_true(face->score >= 0 && face->score <= 1);
    assert_true(face->box.x >= 0 && face->box.x + face->box.width <= (float)image->width_px * 1.0001f);
    assert_true(face->box.y >= 0 && face->box.y + face->box.height <= (float)image->height_px * 1.0001f);
  }
}

/* Detects, labels and classifies; returns how many faces were found. */
static size_t look(mc_detector *detector, const mc_image *image) {
  const mc_box boxes[] = {{0, 0, 1, 1}, {-1e30f, -1e30f, 2e30f, 2e30f}, {5, 5, 1e-30f, 1e-30f}, {3e38f, 3e38f, 3e38f, 3e38f}};
  mc_result result;
  assert_int_equal(mc_detector_classify(detector, image, &result), MC_OK);
  check_faces(&result, image);
  assert_int_equal(mc_detector_label(detector, image, boxes, sizeof boxes / sizeof boxes[0], &result), MC_OK);
  const mc_image anywhere = {.width_px = UINT32_MAX, .height_px = UINT32_MAX};
  for (size_t i = 0; i < result.face_count; i++) {
    const mc_result one = {.faces = &(mc_face){.score = 1,
                                               .probabilities = {result.faces[i].probabilities[0],
                                                                 result.faces[i].probabilities[1],
                                                                 result.faces[i].probabilities[2]}},
                           .face_count = 1};
    check_faces(&one, &anywhere);
  }
  assert_int_equal(mc_detector_detect(detector, image, &result), MC_OK);
  check_faces(&result, image);
  return result.face_count;
}

static mc_image noise(void) {
  static uint8_t pixels[NOISE_SIDE_PX * NOISE_SIDE_PX * 3];
  uint64_t state = 1;
  for (size_t i = 0; i < sizeof pixels; i++) pixels[i] = (uint8_t)random_below(&state, 256);
  return (mc_image){.pixels = pixels, .width_px = NOISE_SIDE_PX, .height_px = NOISE_SIDE_PX, .format = MC_RGB8};
}

/* --- Weights --- */

/* The model with `value` in place of every `step`-th float of its raw tensors. */
static bytes with_weights(bytes model, float value, size_t step) {
  Onnx__ModelProto *proto = onnx__model_proto__unpack(NULL, model.size, model.data);
  assert_non_null(proto);
  size_t changed = 0;
  for (size_t i = 0; i < proto->graph->n_initializer; i++) {
    Onnx__TensorProto *tensor = proto->graph->initializer[i];
    if (tensor->data_type != 1 || !tensor->has_raw_data) continue;
    for (size_t at = 0; at + sizeof value <= tensor->raw_data.len; at += step * sizeof value, changed++) {
      memcpy(tensor->raw_data.data + at, &value, sizeof value);
    }
  }
  assert_true(changed >= 3);
  free(model.data);
  bytes packed = {.size = onnx__model_proto__get_packed_size(proto)};
  packed.data = malloc(packed.size);
  assert_non_null(packed.data);
  (void)onnx__model_proto__pack(proto, packed.data);
  onnx__model_proto__free_unpacked(proto, NULL);
  return packed;
}

static void test_weights(void **state) {
  (void)state;
  static const float values[] = {NAN, INFINITY, -INFINITY, 1e-42f, -1e-42f, 3e38f, -3e38f, 0};
  static const size_t steps[] = {1, 7, 1000000};
  const mc_image image = noise();
  for (size_t v = 0; v < sizeof values / sizeof values[0]; v++) {
    for (size_t s = 0; s < sizeof steps / sizeof steps[0]; s++) {
      bytes face = with_weights(model_file("../tests/fuzz/models/face.onnx"), values[v], steps[s]);
      bytes mask = with_weights(model_file("../tests/fuzz/models/mask.onnx"), values[v], steps[s]);
      mc_detector *detector = detector_of(face, mask);
      (void)look(detector, &image);
      mc_detector_destroy(detector);
    }
  }
}

/* --- Pictures --- */

static void test_pictures(void **state) {
  (void)state;
  static const uint32_t sizes[][2] = {{1, 1}, {1, 10000}, {10000, 1}, {2, 3}, {33, 31}, {319, 7}, {640, 480}};
  static const size_t channels[] = {4, 3, 3, 1};
  mc_detector *small = create_small();
  mc_detector *shipped = detector_shipped();
  uint64_t random = random_start();
  for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
    for (uint32_t format = 0; format < 4; format++) {
      for (int kind = 0; kind < 3; kind++) { /* black, white, noise */
        const size_t count = (size_t)sizes[i][0] * sizes[i][1] * channels[format];
        uint8_t *pixels = malloc(count);
        assert_non_null(pixels);
        for (size_t k = 0; k < count; k++) pixels[k] = (uint8_t)(kind == 2 ? random_below(&random, 256) : kind == 1 ? 255 : 0);
        const mc_image image = {.pixels = pixels, .width_px = sizes[i][0], .height_px = sizes[i][1],
                                .format = (mc_pixel_format)format};
        (void)look(small, &image);
        if (format == 0 || i + 1 < sizeof sizes / sizeof sizes[0]) (void)look(shipped, &image);
        free(pixels);
      }
    }
  }
  mc_detector_destroy(small);
  mc_detector_destroy(shipped);
}

/* The same picture with padding between its rows gives the same bytes. */
static void test_stride(void **state) {
  (void)state;
  const mc_image plain = noise();
  mc_detector *detector = create_small();
  mc_result result;
  assert_int_equal(mc_detector_detect(detector, &plain, &result), MC_OK);
  assert_true(result.face_count > 0);
  const size_t count = result.face_count;
  mc_face faces[MC_MAX_FACES];
  memcpy(faces, result.faces, count * sizeof *faces);
  const size_t row = (size_t)NOISE_SIDE_PX * 3;
  static const size_t paddings[] = {1, 16, 4096};
  for (size_t i = 0; i < 3; i++) {
    /* As the last row needs no padding behind it, there is none. */
    const size_t stride = row + paddings[i];
    uint8_t *padded = malloc(stride * (NOISE_SIDE_PX - 1) + row);
    assert_non_null(padded);
    memset(padded, 0xAA, stride * (NOISE_SIDE_PX - 1) + row);
    for (size_t y = 0; y < NOISE_SIDE_PX; y++) memcpy(padded + y * stride, plain.pixels + y * row, row);
    mc_image image = plain;
    image.pixels = padded;
    image.stride_bytes = stride;
    assert_int_equal(mc_detector_detect(detector, &image, &result), MC_OK);
    assert_int_equal(result.face_count, count);
    assert_memory_equal(result.faces, faces, count * sizeof *faces);
    free(padded);
  }
  mc_detector_destroy(detector);
}

static void test_frame_of_8k(void **state) {
  (void)state;
  const mc_image frame = {.pixels = calloc(7680, 4320), .width_px = 7680, .height_px = 4320, .format = MC_GRAY8};
  assert_non_null(frame.pixels);
  mc_detector *small = create_small();
  mc_detector *shipped = detector_shipped();
  (void)look(small, &frame);
  assert_int_equal(look(shipped, &frame), 0);
  mc_detector_destroy(small);
  mc_detector_destroy(shipped);
  free((void *)(uintptr_t)frame.pixels);
}

/* --- Options --- */

typedef struct float_option {
  size_t offset;
  float high; /* the low end is 0; below means the default */
} float_option;

static void set_float(mc_options *options, size_t offset, float value) {
  memcpy((char *)options + offset, &value, sizeof value);
}

static void test_options(void **state) {
  (void)state;
  static const float_option list[] = {
      {offsetof(mc_options, min_face_score), 1},
      {offsetof(mc_options, nms_iou), 1},
      {offsetof(mc_options, min_mask_probability), 1},
      {offsetof(mc_options, min_face_size_px), 0},
      {offsetof(mc_options, track_min_iou), 1},
      {offsetof(mc_options, track_motion_ms), MC_MAX_TRACK_MS},
      {offsetof(mc_options, track_smoothing_ms), MC_MAX_TRACK_MS},
      {offsetof(mc_options, track_box_smoothing_ms), MC_MAX_TRACK_MS},
      {offsetof(mc_options, track_label_lead), 1},
      {offsetof(mc_options, track_sure_ms), MC_MAX_TRACK_MS},
      {offsetof(mc_options, track_keep_ms), MC_MAX_TRACK_MS},
      {offsetof(mc_options, track_memory_ms), MC_MAX_TRACK_MS},
      {offsetof(mc_options, track_gap_ms), MC_MAX_TRACK_MS},
  };
  const mc_image image = noise();
  mc_detector *detector = create_small();
  mc_options options;
  double now_ms = 0;
  mc_result result;
  for (size_t i = 0; i < sizeof list / sizeof list[0]; i++) {
    const float high = list[i].high > 0 ? list[i].high : 3e38f;
    const float good[] = {0, high, -1, -0.0f, 1e-42f, -3e38f, high / 3};
    for (size_t k = 0; k < sizeof good / sizeof good[0]; k++) {
      mc_options_init(&options);
      options.max_faces = k % 2 == 0 ? MC_MAX_FACES : 1;
      set_float(&options, list[i].offset, good[k]);
      assert_int_equal(mc_detector_set_options(detector, &options), MC_OK);
      (void)look(detector, &image);
      for (int frame = 0; frame < 3; frame++) {
        now_ms += 33;
        assert_int_equal(mc_detector_detect_video(detector, &image, now_ms, &result), MC_OK);
        check_faces(&result, &image);
        assert_true(result.face_count <= options.max_faces);
      }
    }
    const float bad[] = {NAN, INFINITY, -INFINITY, nextafterf(high, INFINITY)};
    for (size_t k = 0; k < (list[i].high > 0 ? 4 : 3); k++) {
      mc_options_init(&options);
      set_float(&options, list[i].offset, bad[k]);
      assert_int_equal(mc_detector_set_options(detector, &options), MC_ERROR_INVALID_ARGUMENT);
    }
  }
  static const uint32_t bad_sizes[] = {1, 31, 33, MC_MAX_DETECTION_SIZE_PX + 32, UINT32_MAX};
  for (size_t i = 0; i < sizeof bad_sizes / sizeof bad_sizes[0]; i++) {
    mc_options_init(&options);
    options.detection_size_px = bad_sizes[i];
    assert_int_equal(mc_detector_set_options(detector, &options), MC_ERROR_INVALID_ARGUMENT);
  }
  static const uint32_t good_sizes[] = {32, MC_MAX_DETECTION_SIZE_PX};
  for (size_t i = 0; i < 2; i++) {
    mc_options_init(&options);
    options.detection_size_px = good_sizes[i];
    assert_int_equal(mc_detector_set_options(detector, &options), MC_OK);
    (void)look(detector, &image);
  }
  mc_detector_destroy(detector);
}

/* --- The same again --- */

/* Two detectors, each twice, with other pictures in between: the same bytes. */
static void check_same(mc_detector *(*make)(void)) {
  const mc_image image = noise();
  const mc_image other = {.pixels = image.pixels, .width_px = 50, .height_px = 90, .format = MC_GRAY8};
  mc_detector *detectors[2] = {make(), make()};
  const mc_box boxes[] = {{10, 20, 60, 60}, {0, 0, 160, 160}, {-20, 100, 90, 90}};
  mc_face first[MC_MAX_FACES];
  size_t first_count = 0;
  mc_face labelled[3];
  for (int round = 0; round < 4; round++) {
    mc_detector *detector = detectors[round % 2];
    mc_result result;
    assert_int_equal(mc_detector_detect(detector, &image, &result), MC_OK);
    if (round == 0) {
      first_count = result.face_count;
      memcpy(first, result.faces, first_count * sizeof *first);
    }
    assert_int_equal(result.face_count, first_count);
    for (size_t i = 0; i < first_count; i++) {
      assert_memory_equal(&result.faces[i].box, &first[i].box, sizeof first[i].box);
      assert_memory_equal(&result.faces[i].score, &first[i].score, sizeof first[i].score);
      assert_memory_equal(result.faces[i].probabilities, first[i].probabilities, sizeof first[i].probabilities);
    }
    assert_int_equal(mc_detector_label(detector, &image, boxes, 3, &result), MC_OK);
    for (size_t i = 0; i < 3; i++) {
      if (round == 0) labelled[i] = result.faces[i];
      assert_memory_equal(result.faces[i].probabilities, labelled[i].probabilities, sizeof labelled[i].probabilities);
    }
    assert_int_equal(mc_detector_detect(detector, &other, &result), MC_OK);
  }
  mc_detector_destroy(detectors[0]);
  mc_detector_destroy(detectors[1]);
}

static void test_same_again(void **state) {
  (void)state;
  check_same(create_small);
  check_same(detector_shipped);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_weights),     cmocka_unit_test(test_pictures), cmocka_unit_test(test_stride),
      cmocka_unit_test(test_frame_of_8k), cmocka_unit_test(test_options),  cmocka_unit_test(test_same_again),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
