#include "support_cmocka.h"

#include <math.h>
#include <string.h>

#include "labels.h"
#include "support_random.h"

static void assert_distribution(const float probabilities[MC_LABEL_COUNT]) {
  double sum = 0.0;
  for (size_t i = 0; i < MC_LABEL_COUNT; i++) {
    assert_true(isfinite(probabilities[i]) && probabilities[i] >= 0.0f && probabilities[i] <= 1.0f);
    sum += (double)probabilities[i];
  }
  assert_true(fabs(sum - 1.0) < 1e-5);
}

static void test_against_definition(void **state) {
  (void)state;
  uint64_t random = random_start();
  for (int round = 0; round < 2000; round++) {
    float logits[MC_LABEL_COUNT];
    for (size_t i = 0; i < MC_LABEL_COUNT; i++) logits[i] = (float)random_between(&random, -20.0, 20.0);
    const float temperature = (float)random_between(&random, 0.2, 5.0);
    long double sum = 0.0L;
    for (size_t i = 0; i < MC_LABEL_COUNT; i++) sum += expl((long double)logits[i] / (long double)temperature);
    float found[MC_LABEL_COUNT];
    mc_label_probabilities(logits, MC_ACTIVATION_NONE, temperature, found);
    assert_distribution(found);
    for (size_t i = 0; i < MC_LABEL_COUNT; i++) {
      const long double expected = expl((long double)logits[i] / (long double)temperature) / sum;
      assert_true(fabsl((long double)found[i] - expected) < 1e-6L);
    }
  }
}

static void test_probabilities_pass_through(void **state) {
  (void)state;
  const float given[MC_LABEL_COUNT] = {0.7f, 0.1f, 0.2f};
  float found[MC_LABEL_COUNT];
  mc_label_probabilities(given, MC_ACTIVATION_SOFTMAX, 1.0f, found);
  for (size_t i = 0; i < MC_LABEL_COUNT; i++) assert_near(found[i], given[i], 1e-6);
  const float sure[MC_LABEL_COUNT] = {0.0f, 1.0f, 0.0f};
  mc_label_probabilities(sure, MC_ACTIVATION_SOFTMAX, 1.0f, found);
  assert_distribution(found);
  assert_near(found[1], 1.0, 1e-6);
}

static void test_always_finite(void **state) {
  (void)state;
  const float values[] = {0.0f, -0.0f, 1e-40f, 3.4e38f, -3.4e38f, INFINITY, -INFINITY, NAN};
  const size_t count = sizeof(values) / sizeof(*values);
  for (size_t i = 0; i < count * count * count; i++) {
    const float outputs[MC_LABEL_COUNT] = {values[i % count], values[i / count % count], values[i / count / count]};
    float found[MC_LABEL_COUNT];
    for (int activation = 0; activation <= 1; activation++) {
      mc_label_probabilities(outputs, (mc_activation)activation, 0.001f, found);
      assert_distribution(found);
      mc_label_probabilities(outputs, (mc_activation)activation, 1000.0f, found);
      assert_distribution(found);
    }
  }
  const float broken[MC_LABEL_COUNT] = {1.0f, NAN, 5.0f};
  float found[MC_LABEL_COUNT];
  mc_label_probabilities(broken, MC_ACTIVATION_NONE, 1.0f, found);
  assert_true(found[0] == found[1] && found[1] == found[2]);
  const float infinite[MC_LABEL_COUNT] = {1.0f, 2.0f, INFINITY};
  mc_label_probabilities(infinite, MC_ACTIVATION_NONE, 1.0f, found);
  assert_true(found[2] == 1.0f);
}

static void test_score_against_definition(void **state) {
  (void)state;
  uint64_t random = random_start();
  for (int round = 0; round < 2000; round++) {
    const float score = (float)random_between(&random, 1e-5, 1.0 - 1e-5);
    const float crop = (float)random_between(&random, -20.0, 20.0);
    const mc_score_weights weights = {.finder = random_between(&random, 0.0, 2.0),
                                      .crop = random_between(&random, 0.0, 2.0),
                                      .bias = random_between(&random, -5.0, 5.0)};
    const long double finder = logl((long double)score / (1.0L - (long double)score));
    const long double logit = weights.finder * finder + weights.crop * (long double)crop + weights.bias;
    assert_near(mc_label_score(score, crop, &weights), (double)(1.0L / (1.0L + expl(-logit))), 1e-6);
  }
}

static void test_score_is_always_in_range(void **state) {
  (void)state;
  const float scores[] = {0.0f, 1e-40f, 0.5f, 0.99999994f, 1.0f};
  const float crops[] = {0.0f, -0.0f, 1e-40f, 3.4e38f, -3.4e38f, INFINITY, -INFINITY, NAN};
  const double values[] = {0.0, 1e-300, 1.0, 1e6};
  for (size_t i = 0; i < (size_t)5 * 8 * 4 * 4 * 2; i++) {
    const mc_score_weights weights = {
        .finder = values[i / 40 % 4], .crop = values[i / 160 % 4], .bias = i < 640 ? 1e6 : -1e6};
    const float score = mc_label_score(scores[i % 5], crops[i / 5 % 8], &weights);
    assert_true(score >= 0.0f && score <= 1.0f);
  }
  const mc_score_weights both = {.finder = 1.0, .crop = 1.0, .bias = 0.0};
  assert_true(mc_label_score(0.5f, INFINITY, &both) == 1.0f);
  assert_true(mc_label_score(1.0f, -INFINITY, &both) == 0.0f);
  assert_true(mc_label_score(1.0f, NAN, &both) == 0.0f);
  assert_near(mc_label_score(1.0f, 0.0f, &both), 1.0 - 1e-6, 1e-7);
  assert_near(mc_label_score(0.0f, 0.0f, &both), 1e-6, 1e-9);
  const mc_score_weights finder_alone = {.finder = 1.0, .crop = 0.0, .bias = 0.0};
  assert_near(mc_label_score(0.3f, NAN, &finder_alone), 0.3, 1e-6);
  assert_near(mc_label_score(0.3f, INFINITY, &finder_alone), 0.3, 1e-6);
}

static void test_view(void **state) {
  (void)state;
  const mc_box box = {.x = 10.0f, .y = 20.0f, .width = 30.0f, .height = 50.0f};
  const mc_view view = mc_label_view(&box, 1.2);
  assert_near(view.width, 60.0, 1e-9);
  assert_near(view.height, 60.0, 1e-9);
  assert_near(view.x + view.width / 2.0, 25.0, 1e-9);
  assert_near(view.y + view.height / 2.0, 45.0, 1e-9);
}

static void test_best_and_names(void **state) {
  (void)state;
  assert_int_equal(mc_label_best((float[]){0.2f, 0.5f, 0.3f}), MC_MASK_WORN_INCORRECTLY);
  assert_int_equal(mc_label_best((float[]){0.1f, 0.1f, 0.8f}), MC_MASK_WORN_CORRECTLY);
  assert_int_equal(mc_label_best((float[]){0.4f, 0.4f, 0.2f}), MC_WITHOUT_MASK);
  assert_string_equal(mc_label_name(MC_WITHOUT_MASK), "without_mask");
  assert_string_equal(mc_label_name(MC_MASK_WORN_INCORRECTLY), "mask_worn_incorrectly");
  assert_string_equal(mc_label_name(MC_MASK_WORN_CORRECTLY), "mask_worn_correctly");
  assert_string_equal(mc_label_name((mc_label)9), "unknown");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_against_definition),       cmocka_unit_test(test_probabilities_pass_through),
      cmocka_unit_test(test_always_finite),            cmocka_unit_test(test_score_against_definition),
      cmocka_unit_test(test_score_is_always_in_range), cmocka_unit_test(test_view),
      cmocka_unit_test(test_best_and_names),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
