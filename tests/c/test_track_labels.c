/* Probabilities and labels of tracks on generated videos. */
#include "support_cmocka.h"

#include <math.h>

#include "support_random.h"
#include "support_video.h"

/* One frame of one still face. */
static mc_face show(video *v, double timestamp_ms, mc_face found) {
  mc_face faces[MC_MAX_FACES] = {found};
  size_t count = 1;
  mc_tracks_update(&v->tracks, &v->options, timestamp_ms, FRAME_WIDTH_PX, FRAME_HEIGHT_PX, faces, &count);
  assert_int_equal(count, 1);
  const float *p = faces[0].probabilities;
  assert_float_equal(p[0] + p[1] + p[2], 1.0f, 1e-5f);
  return faces[0];
}

static mc_face with_logits(video *v, const double logits[MC_LABEL_COUNT], double noise) {
  mc_face face = face_at(320.0, 240.0, 100.0, MC_WITHOUT_MASK);
  double noisy[MC_LABEL_COUNT];
  for (size_t i = 0; i < MC_LABEL_COUNT; i++) noisy[i] = logits[i] + noise * random_normal(&v->random);
  set_logits(&face, noisy);
  return face;
}

static mc_face with_probabilities(float without, float incorrectly, float correctly) {
  mc_face face = face_at(320.0, 240.0, 100.0, MC_WITHOUT_MASK);
  face.probabilities[0] = without;
  face.probabilities[1] = incorrectly;
  face.probabilities[2] = correctly;
  return face;
}

/* --- A mask is pulled down --------------------------------------------------------------------------------------- */

static const double worn[MC_LABEL_COUNT] = {-2.0, 0.0, 3.0};
static const double under_the_nose[MC_LABEL_COUNT] = {0.0, 2.5, 0.0};

/* The mask moves from move_ms on for 200 ms. Returns how long after its end the label has followed for good. */
static double pull_down(video *v, double move_ms, double noise) {
  const double frame_ms = 1000.0 / 15.0;
  const double moving_ms = 200.0;
  mc_tracks_reset(&v->tracks);
  double changed_ms = -1.0;
  size_t changes = 0;
  mc_label label = MC_MASK_WORN_CORRECTLY;
  double t = 0.0;
  while (t < move_ms + 3000.0) {
    const double share = fmin(fmax((t - move_ms) / moving_ms, 0.0), 1.0);
    double logits[MC_LABEL_COUNT];
    for (size_t i = 0; i < MC_LABEL_COUNT; i++) logits[i] = worn[i] + share * (under_the_nose[i] - worn[i]);
    const mc_face face = show(v, t, with_logits(v, logits, noise));
    assert_int_equal(face.uncertain && t < 200.0, t < 200.0);
    if (t >= 200.0 && t <= move_ms) assert_false(face.uncertain);
    if (face.label != label) {
      changes++;
      changed_ms = t;
      label = face.label;
    }
    if (t >= move_ms + moving_ms + 500.0) assert_false(face.uncertain);
    t += frame_ms;
  }
  assert_int_equal(label, MC_MASK_WORN_INCORRECTLY);
  assert_int_equal(changes, 1);
  assert_true(changed_ms > move_ms);
  return changed_ms - move_ms - moving_ms;
}

static void the_label_follows_a_mask_pulled_down(void **state) {
  video *v = *state;
  double slowest_ms = 0.0;
  for (size_t i = 0; i < 500; i++) {
    const double after_ms = pull_down(v, random_between(&v->random, 1000.0, 4000.0), 0.5);
    slowest_ms = fmax(slowest_ms, after_ms);
  }
  print_message("the label followed at most %.0f ms after the movement ended\n", slowest_ms);
  assert_true(slowest_ms <= 500.0);
}

/* --- Noise ------------------------------------------------------------------------------------------------------- */

typedef struct flicker {
  size_t labels; /* changes of the label */
  size_t claims; /* changes between sure and uncertain */
} flicker;

static flicker count_changes(video *v, const double *logits, double noise, double frame_ms, double span_ms) {
  mc_tracks_reset(&v->tracks);
  flicker seen = {0};
  mc_face last = {0};
  double t = 0.0;
  while (t < span_ms) {
    const mc_face face = show(v, t, with_logits(v, logits, noise));
    if (t > 500.0) {
      if (face.label != last.label) seen.labels++;
      if (face.uncertain != last.uncertain) seen.claims++;
    }
    last = face;
    t += frame_ms;
  }
  return seen;
}

/* Two labels exactly alike, the worst case: moderate noise never changes the label, strong noise at least 25 times less often
 * than the frames alone would. What steadies a label is switched off one by one, so that each is seen to matter. */
static void noise_at_the_boundary_does_not_flicker(void **state) {
  video *v = *state;
  const double boundary[MC_LABEL_COUNT] = {-4.0, 0.0, 0.0};
  const double span_ms = 120000.0;
  const double frames_ms[] = {1000.0 / 30.0, 1000.0 / 15.0};
  for (size_t i = 0; i < 2; i++) {
    const mc_options options = v->options;
    const flicker moderate = count_changes(v, boundary, 0.2, frames_ms[i], span_ms);
    const flicker steady = count_changes(v, boundary, 0.5, frames_ms[i], span_ms);
    v->options.track_label_lead = 0.0f;
    const flicker no_lead = count_changes(v, boundary, 0.5, frames_ms[i], span_ms);
    v->options.track_smoothing_ms = 0.0f;
    const flicker raw = count_changes(v, boundary, 0.5, frames_ms[i], span_ms);
    v->options = options;
    print_message("label changes in 2 min at %.0f fps: %zu, without lead %zu, raw %zu\n", 1000.0 / frames_ms[i],
                  steady.labels, no_lead.labels, raw.labels);
    assert_true(raw.labels > 500);
    assert_true(no_lead.labels > 100);
    assert_true(25 * steady.labels < raw.labels);
    assert_int_equal(moderate.labels, 0);
  }
}

static void noise_at_the_threshold_does_not_flicker(void **state) {
  video *v = *state;
  const double threshold[MC_LABEL_COUNT] = {-4.0, log(0.4), log(0.6)};
  const flicker steady = count_changes(v, threshold, 0.4, 1000.0 / 15.0, 120000.0);
  v->options.track_label_lead = 0.0f;
  const flicker no_lead = count_changes(v, threshold, 0.4, 1000.0 / 15.0, 120000.0);
  print_message("sure or not, changes in 2 min: %zu, without lead %zu\n", steady.claims, no_lead.claims);
  assert_true(no_lead.claims > 50);
  assert_true(4 * steady.claims < no_lead.claims);
  assert_true(steady.labels <= 4);
}

/* --- Rules one by one -------------------------------------------------------------------------------------------- */

static void a_new_track_claims_nothing(void **state) {
  video *v = *state;
  double t = 0.0;
  while (t < 400.0) {
    const mc_face face = show(v, t, with_probabilities(0.0f, 0.01f, 0.99f));
    assert_int_equal(face.uncertain, t < 200.0);
    assert_int_equal(face.label, MC_MASK_WORN_CORRECTLY);
    t += 40.0;
  }
  mc_tracks_reset(&v->tracks);
  t = 0.0;
  while (t < 2000.0) {
    assert_true(show(v, t, with_probabilities(0.25f, 0.2f, 0.55f)).uncertain); /* below 0.6, however long */
    t += 40.0;
  }
  mc_tracks_reset(&v->tracks);
  v->options.track_sure_ms = 0.0f;
  assert_false(show(v, 0.0, with_probabilities(0.0f, 0.01f, 0.99f)).uncertain);
}

static void the_first_frames_count_alike(void **state) {
  video *v = *state;
  (void)show(v, 0.0, with_probabilities(1.0f, 0.0f, 0.0f));
  (void)show(v, 10.0, with_probabilities(0.0f, 1.0f, 0.0f));
  const mc_face face = show(v, 20.0, with_probabilities(0.0f, 1.0f, 0.0f));
  assert_float_equal(face.probabilities[0], 1.0f / 3.0f, 1e-5f);
  assert_int_equal(face.label, MC_MASK_WORN_INCORRECTLY); /* no hysteresis before anything was claimed */
}

static void the_frame_rate_does_not_matter(void **state) {
  video *v = *state;
  const double frames_ms[] = {100.0, 50.0, 20.0, 10.0, 4.0};
  for (size_t i = 0; i < 5; i++) {
    mc_tracks_reset(&v->tracks);
    mc_face face = {0};
    double t = 0.0;
    while (t <= 2000.0) {
      face = show(v, t, with_probabilities(1.0f, 0.0f, 0.0f));
      t += frames_ms[i];
    }
    while (t <= 2300.0) {
      face = show(v, t, with_probabilities(0.0f, 0.0f, 1.0f));
      t += frames_ms[i];
    }
    assert_float_equal(face.probabilities[0], (float)exp(-300.0 / 250.0), 1e-4f);
  }
}

static void the_same_time_again_does_not_make_a_label_stick(void **state) {
  video *v = *state;
  for (size_t i = 0; i < 10000; i++) (void)show(v, 0.0, with_probabilities(1.0f, 0.0f, 0.0f));
  mc_face face = {0};
  double t = 50.0;
  while (t <= 600.0) {
    face = show(v, t, with_probabilities(0.0f, 0.0f, 1.0f));
    t += 50.0;
  }
  assert_int_equal(face.label, MC_MASK_WORN_CORRECTLY);
  assert_false(face.uncertain);
}

static void a_label_stays_until_another_leads(void **state) {
  video *v = *state;
  double t = 0.0;
  while (t < 2000.0) {
    (void)show(v, t, with_probabilities(0.0f, 0.3f, 0.7f));
    t += 50.0;
  }
  mc_face face = {0};
  while (t < 6000.0) {
    face = show(v, t, with_probabilities(0.0f, 0.58f, 0.42f));
    t += 50.0;
  }
  assert_int_equal(face.label, MC_MASK_WORN_CORRECTLY);
  assert_true(face.uncertain);
  while (t < 10000.0) {
    face = show(v, t, with_probabilities(0.0f, 0.64f, 0.36f));
    t += 50.0;
  }
  assert_int_equal(face.label, MC_MASK_WORN_INCORRECTLY);
  assert_false(face.uncertain);
}

static void all_off_gives_each_frame_for_itself(void **state) {
  video *v = *state;
  v->options.track_smoothing_ms = v->options.track_label_lead = v->options.track_sure_ms = 0.0f;
  for (size_t n = 0; n < 200; n++) {
    const double logits[MC_LABEL_COUNT] = {0.0, 0.0, 0.0};
    const mc_face found = with_logits(v, logits, 2.0);
    const mc_face face = show(v, 30.0 * (double)n, found);
    for (size_t i = 0; i < MC_LABEL_COUNT; i++) {
      assert_float_equal(face.probabilities[i], found.probabilities[i], 1e-6f);
    }
    assert_int_equal(face.label, found.label);
    const float best = found.probabilities[found.label];
    if (fabsf(best - 0.6f) > 1e-5f) assert_int_equal(face.uncertain, best < 0.6f);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(the_label_follows_a_mask_pulled_down, video_set_up, video_tear_down),
      cmocka_unit_test_setup_teardown(noise_at_the_boundary_does_not_flicker, video_set_up, video_tear_down),
      cmocka_unit_test_setup_teardown(noise_at_the_threshold_does_not_flicker, video_set_up, video_tear_down),
      cmocka_unit_test_setup_teardown(a_new_track_claims_nothing, video_set_up, video_tear_down),
      cmocka_unit_test_setup_teardown(the_first_frames_count_alike, video_set_up, video_tear_down),
      cmocka_unit_test_setup_teardown(the_frame_rate_does_not_matter, video_set_up, video_tear_down),
      cmocka_unit_test_setup_teardown(the_same_time_again_does_not_make_a_label_stick, video_set_up, video_tear_down),
      cmocka_unit_test_setup_teardown(a_label_stays_until_another_leads, video_set_up, video_tear_down),
      cmocka_unit_test_setup_teardown(all_off_gives_each_frame_for_itself, video_set_up, video_tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
