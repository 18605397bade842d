/* Breaks in a video, limits of what tracks are, and smoothed boxes. */
#include "support_cmocka.h"

#include <math.h>

#include "faces.h"
#include "support_random.h"
#include "support_video.h"

static void a_break_makes_all_faces_new(void **state) {
  video *v = *state;
  const double times_ms[] = {1000.0, 1050.0, 1000.0 /* back */, 1050.0, 3100.0 /* a gap */, 5100.0 /* just none */};
  const bool is_new[] = {true, false, true, false, true, false};
  uint32_t last = 0;
  for (size_t i = 0; i < 6; i++) {
    video_show_one(v, times_ms[i], 100.0, 100.0, 50.0);
    assert_int_equal(v->faces[0].track_id > last, is_new[i]);
    last = v->faces[0].track_id;
  }
  v->options.track_gap_ms = 0.0f;
  video_show_one(v, 1e9, 100.0, 100.0, 50.0);
  assert_int_equal(v->faces[0].track_id, last);
  const uint32_t sizes[][2] = {{FRAME_HEIGHT_PX, FRAME_WIDTH_PX}, {FRAME_WIDTH_PX, FRAME_WIDTH_PX}, {FRAME_WIDTH_PX, FRAME_HEIGHT_PX},
                               {FRAME_HEIGHT_PX, FRAME_HEIGHT_PX}, {FRAME_HEIGHT_PX, FRAME_WIDTH_PX}};
  for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
    mc_tracks_update(&v->tracks, &v->options, 1e9, sizes[i][0], sizes[i][1], v->faces, &v->face_count);
    assert_int_not_equal(v->faces[0].track_id, last);
    last = v->faces[0].track_id;
  }
  mc_tracks_reset(&v->tracks);
  mc_tracks_update(&v->tracks, &v->options, 1e9, FRAME_HEIGHT_PX, FRAME_WIDTH_PX, v->faces, &v->face_count);
  assert_int_not_equal(v->faces[0].track_id, last);
}

static void extreme_times_do_no_harm(void **state) {
  video *v = *state;
  v->options.track_gap_ms = 0.0f;
  const double times_ms[] = {-1.7e308, -1.0, 0.0, 5e-324, 1e-300, 1.0, 1.7e308, 1.7e308};
  for (size_t i = 0; i < 8; i++) {
    video_show_one(v, times_ms[i], 100.0 + (double)i, 100.0, 50.0);
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
      video_add(v, face_at(x, y, 5.0, MC_WITHOUT_MASK));
    }
    video_show(v, 50.0 * (double)n);
    assert_int_equal(v->face_count, MC_MAX_FACES);
    for (size_t i = 0; i < MC_MAX_FACES; i++) {
      const bool is_new = v->faces[i].track_id > most;
      assert_int_equal(is_new, n % 2 == 0);
    }
    for (size_t i = 0; i < MC_MAX_FACES; i++) most = v->faces[i].track_id > most ? v->faces[i].track_id : most;
  }
  assert_int_equal(most, 3 * MC_MAX_FACES);
}

#define CROWD ((size_t)60)

static float overlap_of(const mc_box *a, const mc_box *b) {
  const float shared = mc_box_shared_area(a, b);
  return shared / (a->width * a->height + b->width * b->height - shared);
}

/* For each face the index of the track that takes it, or CROWD: all pairs, from the greatest overlap down. */
static void match_all_pairs(const mc_box *tracks, const mc_box *faces, float least, size_t *taken_by) {
  bool is_matched[CROWD] = {false};
  for (size_t i = 0; i < CROWD; i++) taken_by[i] = CROWD;
  for (;;) {
    size_t track = CROWD;
    size_t face = CROWD;
    float most = 0.0f;
    for (size_t i = 0; i < CROWD; i++) {
      for (size_t k = 0; k < CROWD && !is_matched[i]; k++) {
        const float found = overlap_of(&tracks[i], &faces[k]);
        if (taken_by[k] != CROWD || !(found > most) || found < least) continue;
        track = i;
        face = k;
        most = found;
      }
    }
    if (track == CROWD) return;
    is_matched[track] = true;
    taken_by[face] = track;
  }
}

/* Faces that all overlap each other: most tracks get none of those that they would rather have. */
static void a_crowd_is_matched_from_the_greatest_overlap_down(void **state) {
  video *v = *state;
  v->options.max_faces = MC_MAX_FACES;
  v->options.track_motion_ms = v->options.track_sure_ms = 0.0f;
  mc_box before[CROWD]; /* that of number i + 1 */
  for (size_t n = 0; n < 8; n++) {
    mc_box boxes[CROWD];
    size_t taken_by[CROWD];
    v->face_count = 0;
    for (size_t i = 0; i < CROWD; i++) {
      const double x = random_between(&v->random, 290.0, 350.0);
      video_add(v, face_at(x, 240.0, random_between(&v->random, 140.0, 280.0), MC_WITHOUT_MASK));
      boxes[i] = v->faces[i].box;
    }
    if (n > 0) match_all_pairs(before, boxes, v->options.track_min_iou, taken_by);
    video_show(v, 50.0 * (double)n);
    assert_int_equal(v->face_count, CROWD);
    for (size_t k = 0; k < CROWD; k++) {
      size_t shown = 0;
      while (v->faces[shown].box.x != boxes[k].x || v->faces[shown].box.width != boxes[k].width) assert_true(++shown < CROWD);
      const uint32_t id = v->faces[shown].track_id;
      if (n > 0) assert_int_equal(id, taken_by[k] + 1);
      before[id - 1] = boxes[k];
    }
  }
}

static void numbers_skip_zero_when_they_start_again(void **state) {
  video *v = *state;
  v->tracks.last_id = UINT32_MAX;
  video_show_one(v, 0.0, 100.0, 100.0, 50.0);
  assert_int_equal(v->faces[0].track_id, 1);
}

/* With the box, and like it that of the frame by default. */
static void the_score_is_that_of_the_frames(void **state) {
  video *v = *state;
  for (int smooth = 0; smooth < 2; smooth++) {
    v->options.track_box_smoothing_ms = smooth ? 150.0f : 0.0f;
    mc_tracks_reset(&v->tracks);
    for (size_t n = 0; n < 2; n++) {
      v->face_count = 0;
      mc_face face = face_at(200.0, 200.0, 80.0, MC_WITHOUT_MASK);
      face.score = n == 0 ? 0.9f : 0.5f;
      video_add(v, face);
      video_show(v, 150.0 * (double)n);
    }
    const float expected = smooth ? 0.5f + 0.4f * expf(-1.0f) : 0.5f;
    assert_float_equal(v->faces[0].score, expected, 1e-6f);
  }
}

/* Expected further on than there is picture, found at its edge. */
static void smoothed_boxes_stay_in_the_frame(void **state) {
  video *v = *state;
  v->options.track_box_smoothing_ms = 1000.0f;
  for (size_t n = 0; n < 40; n++) {
    const double x = fmin(300.0 + 20.0 * (double)n, 600.0);
    video_show_one(v, (double)n * FRAME_MS, x, 200.0, 80.0); /* looks at the box */
  }
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
      video_show_one(v, (double)n * FRAME_MS, x + 3.0 * random_normal(&v->random), 200.0, 80.0);
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
      cmocka_unit_test_setup_teardown(a_break_makes_all_faces_new, video_set_up, video_tear_down),
      cmocka_unit_test_setup_teardown(extreme_times_do_no_harm, video_set_up, video_tear_down),
      cmocka_unit_test_setup_teardown(more_faces_than_tracks_push_out_the_longest_missed, video_set_up, video_tear_down),
      cmocka_unit_test_setup_teardown(a_crowd_is_matched_from_the_greatest_overlap_down, video_set_up, video_tear_down),
      cmocka_unit_test_setup_teardown(numbers_skip_zero_when_they_start_again, video_set_up, video_tear_down),
      cmocka_unit_test_setup_teardown(the_score_is_that_of_the_frames, video_set_up, video_tear_down),
      cmocka_unit_test_setup_teardown(smoothed_boxes_stay_in_the_frame, video_set_up, video_tear_down),
      cmocka_unit_test_setup_teardown(boxes_can_be_smoothed, video_set_up, video_tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
