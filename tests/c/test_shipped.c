/* The shipped networks on odd pictures: sound answers, and always the same. */
#include "support_cmocka.h"

#include <string.h>

#include "maskcheck.h"
#include "support_detector.h"
#include "support_pictures.h"
#include "support_random.h"

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
  mc_detector *detector = detector_shipped();
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
  mc_detector *one = detector_shipped();
  mc_detector *other = detector_shipped();
  mc_image image = image_new(203, 151, MC_RGBA8, 0);
  mc_image small = image_new(50, 90, MC_RGBA8, 0);
  fill_noise(&random, &image);
  fill_noise(&random, &small);
  mc_options options;
  assert_int_equal(mc_detector_get_options(one, &options), MC_OK);
  options.min_face_score = 0.0f;
  options.detection_size_px = 320;
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
      cmocka_unit_test(test_odd_pictures),
      cmocka_unit_test(test_determinism),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
