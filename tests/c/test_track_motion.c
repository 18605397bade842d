/* Faces that move keep their numbers, on generated videos. */
#include "support_cmocka.h"

#include <float.h>
#include <math.h>

#include "support_random.h"
#include "support_video.h"

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
      video_add(v, face_at(xs[i] + jitter * random_normal(&v->random), ys[i] + jitter * random_normal(&v->random), size,
                     MC_WITHOUT_MASK));
    }
    video_shuffle(v);
    video_show(v, start_ms + t);
    if (left == 0) {
      left = video_id_near(v, xs[0], ys[0]);
      right = video_id_near(v, xs[1], ys[1]);
      assert_int_not_equal(left, right);
    }
    if (fabs(xs[0] - xs[1]) > size) {
      assert_int_equal(video_id_near(v, xs[0], ys[0]), left);
      assert_int_equal(video_id_near(v, xs[1], ys[1]), right);
    }
    t += FRAME_MS;
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
        video_add(v, face_at(x_of(i) + 3.0 * random_normal(&v->random),
                       y_of(i) + 3.0 * random_normal(&v->random), size, MC_WITHOUT_MASK));
      }
      video_shuffle(v);
      video_show(v, (double)n * steps_ms[s]);
      assert_int_equal(v->face_count, 12);
      for (size_t i = 0; i < 12; i++) {
        const uint32_t id = video_id_near(v, x_of(i), y_of(i));
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
      video_show_one(v, t, x, 200.0, 40.0);
      const uint32_t now = video_id_near(v, x, 200.0);
      if (now != id) numbers++;
      id = now;
      x += speed * FRAME_MS;
      speed = fmin(speed + 0.06, 0.7);
      t += FRAME_MS;
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
    video_show_one(v, t, x + 2.0 * random_normal(&v->random), y + 2.0 * random_normal(&v->random), 90.0);
    if (n == 0) id = video_id_near(v, x, y);
    assert_int_equal(v->face_count, 1);
    assert_int_equal(v->faces[0].track_id, id);
    const uint32_t kind = random_below(&v->random, 4); /* the same time again, and bursts */
    t += kind == 0 ? 0.0 : kind == 1 ? random_between(&v->random, 0.01, 2.0) : random_between(&v->random, 10.0, 180.0);
  }
}

/* A speed that is not a number would put the face anywhere. */
static void the_shortest_step_there_is_says_nothing_about_the_speed(void **state) {
  video *v = *state;
  video_show_one(v, 0.0, 200.0, 200.0, 80.0);
  video_show_one(v, DBL_TRUE_MIN, 204.0, 200.0, 80.0);
  for (int frame = 1; frame < 10; frame++) video_show_one(v, 50.0 * frame, 204.0, 200.0, 80.0);
  const uint32_t id = v->faces[0].track_id;
  video_show_none(v, 500.0);
  assert_int_equal(v->face_count, 1);
  assert_float_equal(v->faces[0].box.width, 80.0f, 1.0f);
  video_show_one(v, 550.0, 500.0, 200.0, 80.0); /* somebody else, at its height */
  assert_int_not_equal(video_id_near(v, 500.0, 200.0), id);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(crossing_faces_keep_their_numbers, video_set_up, video_tear_down),
      cmocka_unit_test_setup_teardown(jitter_changes_no_number, video_set_up, video_tear_down),
      cmocka_unit_test_setup_teardown(a_fast_face_keeps_its_number_only_with_prediction, video_set_up, video_tear_down),
      cmocka_unit_test_setup_teardown(uneven_times_change_no_number, video_set_up, video_tear_down),
      cmocka_unit_test_setup_teardown(the_shortest_step_there_is_says_nothing_about_the_speed, video_set_up, video_tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
