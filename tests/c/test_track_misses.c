/* Faces that are missed for a while, on generated videos. */
#include "support_cmocka.h"

#include <math.h>

#include "support_video.h"

/* A face moves for a second, is missed for missed_ms, comes back. */
static void miss(video *v, double missed_ms, bool number_stays, bool is_still_sure) {
  mc_tracks_reset(&v->tracks);
  const double speed = 0.1;
  double t = 0.0;
  while (t < 1000.0) {
    video_show_one(v, t, 150.0 + speed * t, 200.0, 80.0);
    t += 50.0;
  }
  const double seen_ms = t - 50.0;
  const uint32_t id = v->faces[0].track_id;
  assert_false(v->faces[0].uncertain);
  while (t < seen_ms + missed_ms) {
    video_show_none(v, t);
    if (t - seen_ms > (double)v->options.track_keep_ms) {
      assert_int_equal(v->face_count, 0);
    } else {
      assert_int_equal(v->face_count, 1);
      assert_int_equal(v->faces[0].track_id, id);
      assert_float_equal(v->faces[0].missed_ms, (float)(t - seen_ms), 0.01f);
      assert_float_equal(v->faces[0].box.x, (float)(110.0 + speed * t), 4.0f);
      assert_int_equal(v->faces[0].label, MC_MASK_WORN_CORRECTLY);
      assert_float_equal(v->faces[0].score, 0.9f, 1e-6f);
    }
    t += 50.0;
  }
  video_show_one(v, t, 150.0 + speed * t, 200.0, 80.0);
  assert_int_equal(v->face_count, 1);
  assert_float_equal(v->faces[0].missed_ms, 0.0f, 0.0f);
  assert_int_equal(v->faces[0].track_id == id, number_stays);
  assert_int_equal(!v->faces[0].uncertain, is_still_sure);
}

static void short_misses_are_bridged(void **state) {
  video *v = *state;
  miss(v, 100.0, true, true);
  miss(v, 300.0, true, true);
  miss(v, 600.0, true, false);
  miss(v, 950.0, true, false);
  miss(v, 1000.0, true, false);
  miss(v, 1200.0, false, false);
}

static void bridging_can_be_switched_off(void **state) {
  video *v = *state;
  v->options.track_keep_ms = 0.0f;
  miss(v, 100.0, true, false);
  v->options.track_keep_ms = 300.0f;
  v->options.track_memory_ms = 0.0f;
  mc_tracks_reset(&v->tracks);
  video_show_one(v, 0.0, 100.0, 100.0, 50.0);
  video_show_one(v, 300.0, 100.0, 100.0, 50.0);
  const uint32_t id = v->faces[0].track_id;
  video_show_none(v, 350.0);
  assert_int_equal(v->face_count, 0);
  video_show_one(v, 400.0, 100.0, 100.0, 50.0);
  assert_int_not_equal(v->faces[0].track_id, id);
}

static void a_flash_is_not_kept(void **state) {
  video *v = *state;
  video_show_one(v, 0.0, 300.0, 200.0, 80.0);
  assert_true(v->faces[0].uncertain);
  video_show_none(v, 50.0);
  assert_int_equal(v->face_count, 0);
}

static void a_face_that_leaves_is_gone(void **state) {
  video *v = *state;
  double t = 0.0;
  double x = 400.0;
  while (x < 640.0) {
    v->face_count = 0;
    mc_face face = face_at(x, 200.0, 80.0, MC_WITHOUT_MASK);
    face.box.width = fminf(face.box.width, (float)FRAME_WIDTH_PX - face.box.x);
    video_add(v, face);
    video_show(v, t);
    assert_int_equal(v->face_count, 1);
    t += FRAME_MS;
    x += 20.0;
  }
  const uint32_t id = v->faces[0].track_id;
  const double left_ms = t;
  while (t < left_ms + 2000.0) {
    video_show_none(v, t);
    if (t - left_ms > 300.0) assert_int_equal(v->face_count, 0);
    t += FRAME_MS;
  }
  video_show_one(v, t, 600.0, 200.0, 80.0);
  assert_int_not_equal(v->faces[0].track_id, id);
}

static void an_expected_face_is_not_shown_over_a_found_one(void **state) {
  video *v = *state;
  double t = 0.0;
  while (t < 500.0) {
    v->face_count = 0;
    video_add(v, face_at(200.0, 200.0, 80.0, MC_WITHOUT_MASK));
    video_add(v, face_at(400.0, 200.0, 60.0, MC_WITHOUT_MASK));
    video_show(v, t);
    t += 50.0;
  }
  const uint32_t large = video_id_near(v, 200.0, 200.0);
  video_show_one(v, 500.0, 400.0, 200.0, 60.0);
  assert_int_equal(v->face_count, 2);
  assert_int_equal(v->faces[0].track_id, large);
  v->options.max_faces = 1; /* the found one is smaller, but really there */
  video_show_one(v, 550.0, 400.0, 200.0, 60.0);
  assert_int_equal(v->face_count, 1);
  assert_float_equal(v->faces[0].missed_ms, 0.0f, 0.0f);
  v->options.max_faces = 100;
  v->options.track_min_iou = 0.9f; /* so that the face beside it is another one */
  v->face_count = 0;
  video_add(v, face_at(210.0, 200.0, 80.0, MC_WITHOUT_MASK));
  video_show(v, 600.0);
  assert_int_equal(v->face_count, 2);
  assert_int_not_equal(video_id_near(v, 210.0, 200.0), large);
}

static void an_expected_face_is_not_shown_within_a_found_one(void **state) {
  video *v = *state;
  for (int frame = 0; frame < 12; frame++) video_show_one(v, 33.0 * frame, 320.0, 220.0, 40.0);
  const uint32_t small = v->faces[0].track_id;
  video_show_one(v, 33.0 * 12, 300.0, 200.0, 200.0); /* somebody steps before the small face */
  assert_int_equal(v->face_count, 1);
  assert_int_not_equal(v->faces[0].track_id, small);
}

/* Clocks of browsers are coarse. */
static void a_face_missed_at_the_time_it_was_found_is_shown_as_missed(void **state) {
  video *v = *state;
  for (int frame = 0; frame < 10; frame++) video_show_one(v, 50.0 * frame, 200.0, 200.0, 80.0);
  video_show_none(v, 450.0);
  assert_int_equal(v->face_count, 1);
  assert_true(v->faces[0].missed_ms > 0.0f);
  v->options.track_keep_ms = 0.0f;
  video_show_none(v, 450.0);
  assert_int_equal(v->face_count, 0);
}

/* What was seen before says nothing about the mask now. */
static void a_face_found_again_late_is_judged_anew(void **state) {
  video *v = *state;
  for (int n = 0; n < 20; n++) video_show_one(v, 50.0 * n, 200.0, 200.0, 80.0);
  assert_int_equal(v->faces[0].label, MC_MASK_WORN_CORRECTLY);
  const uint32_t id = v->faces[0].track_id;
  for (int n = 20; n < 30; n++) video_show_none(v, 50.0 * n);
  const mc_face now = face_at(200.0, 200.0, 80.0, MC_WITHOUT_MASK);
  v->face_count = 0;
  video_add(v, now);
  video_show(v, 1500.0);
  assert_int_equal(v->faces[0].track_id, id);
  assert_int_equal(v->faces[0].label, MC_WITHOUT_MASK);
  assert_true(v->faces[0].uncertain);
  for (size_t i = 0; i < MC_LABEL_COUNT; i++) assert_float_equal(v->faces[0].probabilities[i], now.probabilities[i], 1e-6f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(short_misses_are_bridged, video_set_up, video_tear_down),
      cmocka_unit_test_setup_teardown(bridging_can_be_switched_off, video_set_up, video_tear_down),
      cmocka_unit_test_setup_teardown(a_flash_is_not_kept, video_set_up, video_tear_down),
      cmocka_unit_test_setup_teardown(a_face_missed_at_the_time_it_was_found_is_shown_as_missed, video_set_up, video_tear_down),
      cmocka_unit_test_setup_teardown(a_face_found_again_late_is_judged_anew, video_set_up, video_tear_down),
      cmocka_unit_test_setup_teardown(a_face_that_leaves_is_gone, video_set_up, video_tear_down),
      cmocka_unit_test_setup_teardown(an_expected_face_is_not_shown_over_a_found_one, video_set_up, video_tear_down),
      cmocka_unit_test_setup_teardown(an_expected_face_is_not_shown_within_a_found_one, video_set_up, video_tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
