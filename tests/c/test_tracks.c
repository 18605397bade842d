/* Numbers and boxes of tracks on generated videos. */
#include "support_cmocka.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support_random.h"
#include "support_tracks.h"

static const double frame_ms = 1000.0 / 15.0;

typedef struct video {
  mc_tracks tracks;
  mc_options options;
  uint64_t random;
  mc_face faces[MC_MAX_FACES]; /* the next frame's, then what the last one showed */
  size_t face_count;
} video;

static int set_up(void **state) {
  video *made = calloc(1, sizeof(*made));
  assert_non_null(made);
  made->options = track_options();
  made->random = random_start();
  *state = made;
  return 0;
}

static int tear_down(void **state) {
  free(*state);
  return 0;
}

static void add(video *v, mc_face face) { v->faces[v->face_count++] = face; }

static void shuffle(video *v) {
  for (size_t i = v->face_count; i > 1; i--) {
    const size_t other = random_below(&v->random, (uint32_t)i);
    const mc_face face = v->faces[i - 1];
    v->faces[i - 1] = v->faces[other];
    v->faces[other] = face;
  }
}

/* Shows the frame of the faces added and leaves what came back; the next add must follow a clear. */
static void show(video *v, double timestamp_ms) {
  mc_tracks_update(&v->tracks, &v->options, timestamp_ms, FRAME_WIDTH_PX, FRAME_HEIGHT_PX, v->faces, &v->face_count);
  assert_true(v->face_count <= v->options.max_faces);
  for (size_t i = 0; i < v->face_count; i++) {
    const mc_face *face = &v->faces[i];
    assert_int_not_equal(face->track_id, 0);
    assert_true(face->missed_ms >= 0.0f);
    assert_true(face->box.x >= 0.0f && face->box.x + face->box.width <= (float)FRAME_WIDTH_PX * 1.00001f);
    assert_true(face->box.y >= 0.0f && face->box.y + face->box.height <= (float)FRAME_HEIGHT_PX * 1.00001f);
    for (size_t k = 0; k < i; k++) assert_int_not_equal(face->track_id, v->faces[k].track_id);
    if (i > 0) {
      const mc_box *larger = &v->faces[i - 1].box;
      assert_true(larger->width * larger->height >= face->box.width * face->box.height);
    }
  }
}

static void show_one(video *v, double timestamp_ms, double x, double y, double size) {
  v->face_count = 0;
  add(v, face_at(x, y, size, MC_MASK_WORN_CORRECTLY));
  show(v, timestamp_ms);
}

static void show_none(video *v, double timestamp_ms) {
  v->face_count = 0;
  show(v, timestamp_ms);
}

static uint32_t id_near(const video *v, double x, double y) {
  const size_t face = nearest_face(v->faces, v->face_count, x, y);
  return face == SIZE_MAX ? 0 : v->faces[face].track_id;
}

/* --- Movement ---------------------------------------------------------------------------------------------------- */

/* Two faces walk through each other; while they overlap much, the face finder's own suppression leaves only one. */
static void cross(video *v, double start_ms, double speed_px_per_ms, double y_offset) {
  const double size = 80.0;
  const double span_ms = 480.0 / speed_px_per_ms;
  const bool left_is_in_front = random_below(&v->random, 2) == 0;
  uint32_t left = 0;
  uint32_t right = 0;
  double t = 0.0;
  while (t < span_ms) {
    const double xs[2] = {80.0 + speed_px_per_ms * t, 560.0 - speed_px_per_ms * t};
    const double ys[2] = {200.0, 200.0 + y_offset};
    const double shared = fmax(0.0, size - fabs(xs[0] - xs[1])) * fmax(0.0, size - y_offset);
    const bool is_hidden = shared / (2.0 * size * size - shared) > 0.45;
    v->face_count = 0;
    for (size_t i = 0; i < 2; i++) {
      if (is_hidden && (i == 0) != left_is_in_front) continue;
      const double jitter = 0.02 * size;
      add(v, face_at(xs[i] + jitter * random_normal(&v->random), ys[i] + jitter * random_normal(&v->random), size,
                     MC_WITHOUT_MASK));
    }
    shuffle(v);
    show(v, start_ms + t);
    if (left == 0) {
      left = id_near(v, xs[0], ys[0]);
      right = id_near(v, xs[1], ys[1]);
      assert_int_not_equal(left, right);
    }
    if (fabs(xs[0] - xs[1]) > size) {
      assert_int_equal(id_near(v, xs[0], ys[0]), left);
      assert_int_equal(id_near(v, xs[1], ys[1]), right);
    }
    t += frame_ms;
  }
}

static void crossing_faces_keep_their_numbers(void **state) {
  video *v = *state;
  for (size_t i = 0; i < 200; i++) {
    cross(v, 10000.0 * (double)i, random_between(&v->random, 0.12, 0.5), random_between(&v->random, 0.0, 40.0));
  }
}

/* Twelve places, four in a row. */
static double x_of(size_t place) { return 100.0 + 100.0 * (double)(place % 4); }

static double y_of(size_t place) {
  const size_t row = place / 4;
  return 100.0 + 100.0 * (double)row;
}

static void jitter_changes_no_number(void **state) {
  video *v = *state;
  const double steps_ms[] = {1000.0 / 60.0, 1000.0 / 15.0, 200.0};
  for (size_t s = 0; s < 3; s++) {
    uint32_t ids[12] = {0};
    mc_tracks_reset(&v->tracks);
    for (size_t n = 0; n < 300; n++) {
      v->face_count = 0;
      for (size_t i = 0; i < 12; i++) {
        const double size = 60.0 * (1.0 + 0.05 * random_normal(&v->random));
        add(v, face_at(x_of(i) + 3.0 * random_normal(&v->random),
                       y_of(i) + 3.0 * random_normal(&v->random), size, MC_WITHOUT_MASK));
      }
      shuffle(v);
      show(v, (double)n * steps_ms[s]);
      assert_int_equal(v->face_count, 12);
      for (size_t i = 0; i < 12; i++) {
        const uint32_t id = id_near(v, x_of(i), y_of(i));
        if (n == 0) ids[i] = id;
        assert_int_equal(id, ids[i]);
      }
    }
  }
}

static void a_fast_face_keeps_its_number_only_with_prediction(void **state) {
  video *v = *state;
  for (int with = 0; with < 2; with++) {
    v->options.track_motion_ms = with ? 150.0f : 0.0f;
    mc_tracks_reset(&v->tracks);
    size_t numbers = 0;
    uint32_t id = 0;
    double x = 40.0;
    double speed = 0.1; /* px per ms, becoming faster than a face's width per frame */
    double t = 0.0;
    while (x < 600.0) {
      show_one(v, t, x, 200.0, 40.0);
      const uint32_t now = id_near(v, x, 200.0);
      if (now != id) numbers++;
      id = now;
      x += speed * frame_ms;
      speed = fmin(speed + 0.06, 0.7);
      t += frame_ms;
    }
    if (with) assert_int_equal(numbers, 1);
    else assert_true(numbers > 3);
  }
}

static void uneven_times_change_no_number(void **state) {
  video *v = *state;
  uint32_t id = 0;
  double t = 0.0;
  for (size_t n = 0; n < 2000; n++) {
    const double x = 320.0 + 150.0 * sin(t / 900.0);
    const double y = 240.0 + 100.0 * cos(t / 700.0);
    show_one(v, t, x + 2.0 * random_normal(&v->random), y + 2.0 * random_normal(&v->random), 90.0);
    if (n == 0) id = id_near(v, x, y);
    assert_int_equal(v->face_count, 1);
    assert_int_equal(v->faces[0].track_id, id);
    const uint32_t kind = random_below(&v->random, 4); /* the same time again, and bursts */
    t += kind == 0 ? 0.0 : kind == 1 ? random_between(&v->random, 0.01, 2.0) : random_between(&v->random, 10.0, 180.0);
  }
}

/* --- Misses ------------------------------------------------------------------------------------------------------ */

/* A face moves for a second, is missed for missed_ms, comes back. */
static void miss(video *v, double missed_ms, bool number_stays, bool is_still_sure) {
  mc_tracks_reset(&v->tracks);
  const double speed = 0.1;
  double t = 0.0;
  while (t < 1000.0) {
    show_one(v, t, 150.0 + speed * t, 200.0, 80.0);
    t += 50.0;
  }
  const double seen_ms = t - 50.0;
  const uint32_t id = v->faces[0].track_id;
  assert_false(v->faces[0].uncertain);
  while (t < seen_ms + missed_ms) {
    show_none(v, t);
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
  show_one(v, t, 150.0 + speed * t, 200.0, 80.0);
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
  miss(v, 1200.0, false, false);
}

static void bridging_can_be_switched_off(void **state) {
  video *v = *state;
  v->options.track_keep_ms = 0.0f;
  miss(v, 100.0, true, false);
  v->options.track_keep_ms = 300.0f;
  v->options.track_memory_ms = 0.0f;
  mc_tracks_reset(&v->tracks);
  show_one(v, 0.0, 100.0, 100.0, 50.0);
  show_one(v, 300.0, 100.0, 100.0, 50.0);
  const uint32_t id = v->faces[0].track_id;
  show_none(v, 350.0);
  assert_int_equal(v->face_count, 0);
  show_one(v, 400.0, 100.0, 100.0, 50.0);
  assert_int_not_equal(v->faces[0].track_id, id);
}

static void a_flash_is_not_kept(void **state) {
  video *v = *state;
  show_one(v, 0.0, 300.0, 200.0, 80.0);
  assert_true(v->faces[0].uncertain);
  show_none(v, 50.0);
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
    add(v, face);
    show(v, t);
    assert_int_equal(v->face_count, 1);
    t += frame_ms;
    x += 20.0;
  }
  const uint32_t id = v->faces[0].track_id;
  const double left_ms = t;
  while (t < left_ms + 2000.0) {
    show_none(v, t);
    if (t - left_ms > 300.0) assert_int_equal(v->face_count, 0);
    t += frame_ms;
  }
  show_one(v, t, 600.0, 200.0, 80.0);
  assert_int_not_equal(v->faces[0].track_id, id);
}

static void an_expected_face_is_not_shown_over_a_found_one(void **state) {
  video *v = *state;
  double t = 0.0;
  while (t < 500.0) {
    v->face_count = 0;
    add(v, face_at(200.0, 200.0, 80.0, MC_WITHOUT_MASK));
    add(v, face_at(400.0, 200.0, 60.0, MC_WITHOUT_MASK));
    show(v, t);
    t += 50.0;
  }
  const uint32_t large = id_near(v, 200.0, 200.0);
  show_one(v, 500.0, 400.0, 200.0, 60.0);
  assert_int_equal(v->face_count, 2);
  assert_int_equal(v->faces[0].track_id, large);
  v->options.max_faces = 1; /* the found one is smaller, but really there */
  show_one(v, 550.0, 400.0, 200.0, 60.0);
  assert_int_equal(v->face_count, 1);
  assert_float_equal(v->faces[0].missed_ms, 0.0f, 0.0f);
  v->options.max_faces = 100;
  v->options.track_min_iou = 0.9f; /* so that the face beside it is another one */
  v->face_count = 0;
  add(v, face_at(210.0, 200.0, 80.0, MC_WITHOUT_MASK));
  show(v, 600.0);
  assert_int_equal(v->face_count, 2);
  assert_int_not_equal(id_near(v, 210.0, 200.0), large);
}

/* --- Breaks and limits ------------------------------------------------------------------------------------------- */

static void a_break_makes_all_faces_new(void **state) {
  video *v = *state;
  const double times_ms[] = {1000.0, 1050.0, 1000.0 /* back */, 1050.0, 3100.0 /* a gap */, 5000.0};
  const bool is_new[] = {true, false, true, false, true, false};
  uint32_t last = 0;
  for (size_t i = 0; i < 6; i++) {
    show_one(v, times_ms[i], 100.0, 100.0, 50.0);
    assert_int_equal(v->faces[0].track_id > last, is_new[i]);
    last = v->faces[0].track_id;
  }
  v->options.track_gap_ms = 0.0f;
  show_one(v, 1e9, 100.0, 100.0, 50.0);
  assert_int_equal(v->faces[0].track_id, last);
  mc_tracks_update(&v->tracks, &v->options, 1e9, FRAME_HEIGHT_PX, FRAME_WIDTH_PX, v->faces, &v->face_count);
  assert_int_not_equal(v->faces[0].track_id, last);
  last = v->faces[0].track_id;
  mc_tracks_reset(&v->tracks);
  mc_tracks_update(&v->tracks, &v->options, 1e9, FRAME_HEIGHT_PX, FRAME_WIDTH_PX, v->faces, &v->face_count);
  assert_int_not_equal(v->faces[0].track_id, last);
}

static void extreme_times_do_no_harm(void **state) {
  video *v = *state;
  v->options.track_gap_ms = 0.0f;
  const double times_ms[] = {-1.7e308, -1.0, 0.0, 5e-324, 1e-300, 1.0, 1.7e308, 1.7e308};
  for (size_t i = 0; i < 8; i++) {
    show_one(v, times_ms[i], 100.0 + (double)i, 100.0, 50.0);
    assert_true(v->face_count >= 1);
    for (size_t k = 0; k < MC_LABEL_COUNT; k++) assert_true(isfinite(v->faces[0].probabilities[k]));
  }
}

/* All places are taken by faces, then all faces are elsewhere. */
static void more_faces_than_tracks_push_out_the_longest_missed(void **state) {
  video *v = *state;
  v->options.max_faces = MC_MAX_FACES;
  v->options.track_sure_ms = 0.0f;
  uint32_t most = 0;
  for (size_t n = 0; n < 6; n++) {
    v->face_count = 0;
    for (size_t i = 0; i < MC_MAX_FACES; i++) {
      const size_t row = i / 50;
      const size_t turn = n / 2 % 2;
      const double x = 10.0 + 12.0 * (double)(i % 50) + 6.0 * (double)turn;
      const double y = 10.0 + 20.0 * (double)row + 10.0 * (double)turn;
      add(v, face_at(x, y, 5.0, MC_WITHOUT_MASK));
    }
    show(v, 50.0 * (double)n);
    assert_int_equal(v->face_count, MC_MAX_FACES);
    for (size_t i = 0; i < MC_MAX_FACES; i++) {
      const bool is_new = v->faces[i].track_id > most;
      assert_int_equal(is_new, n % 2 == 0);
    }
    for (size_t i = 0; i < MC_MAX_FACES; i++) most = v->faces[i].track_id > most ? v->faces[i].track_id : most;
  }
  assert_int_equal(most, 3 * MC_MAX_FACES);
}

static void numbers_skip_zero_when_they_start_again(void **state) {
  video *v = *state;
  v->tracks.last_id = UINT32_MAX;
  show_one(v, 0.0, 100.0, 100.0, 50.0);
  assert_int_equal(v->faces[0].track_id, 1);
}

static void boxes_can_be_smoothed(void **state) {
  video *v = *state;
  double jump[2] = {0.0, 0.0};
  for (int smooth = 0; smooth < 2; smooth++) {
    v->options.track_box_smoothing_ms = smooth ? 150.0f : 0.0f;
    mc_tracks_reset(&v->tracks);
    double last = 0.0;
    for (size_t n = 0; n < 300; n++) {
      const double x = 100.0 + 1.0 * (double)n;
      show_one(v, (double)n * frame_ms, x + 3.0 * random_normal(&v->random), 200.0, 80.0);
      const double off = (double)v->faces[0].box.x + 40.0 - x; /* no lag behind a steady movement */
      if (n > 10) assert_true(fabs(off) < 20.0);
      if (n > 0) jump[smooth] += fabs(off - last) / 300.0;
      last = off;
    }
  }
  print_message("mean jump from frame to frame %.2f px, smoothed %.2f px\n", jump[0], jump[1]);
  assert_true(jump[1] < 0.6 * jump[0]);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(crossing_faces_keep_their_numbers, set_up, tear_down),
      cmocka_unit_test_setup_teardown(jitter_changes_no_number, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_fast_face_keeps_its_number_only_with_prediction, set_up, tear_down),
      cmocka_unit_test_setup_teardown(uneven_times_change_no_number, set_up, tear_down),
      cmocka_unit_test_setup_teardown(short_misses_are_bridged, set_up, tear_down),
      cmocka_unit_test_setup_teardown(bridging_can_be_switched_off, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_flash_is_not_kept, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_face_that_leaves_is_gone, set_up, tear_down),
      cmocka_unit_test_setup_teardown(an_expected_face_is_not_shown_over_a_found_one, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_break_makes_all_faces_new, set_up, tear_down),
      cmocka_unit_test_setup_teardown(extreme_times_do_no_harm, set_up, tear_down),
      cmocka_unit_test_setup_teardown(more_faces_than_tracks_push_out_the_longest_missed, set_up, tear_down),
      cmocka_unit_test_setup_teardown(numbers_skip_zero_when_they_start_again, set_up, tear_down),
      cmocka_unit_test_setup_teardown(boxes_can_be_smoothed, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
