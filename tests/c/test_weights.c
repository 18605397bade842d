/* Packed weights as XNNPACK asks for them: each is packed once, found under the filter it was made from, and then under itself. */
#include "support_cmocka.h"

#include <string.h>

#include "weights.h"

typedef struct xnn_weights_cache_look_up_key key;

/* What XNNPACK does for weights that it looks for first; whether it had to pack them. */
static bool ask(mc_weights *weights, key wanted, float value, const float **found) {
  struct xnn_weights_cache_provider *p = &weights->provider;
  size_t offset = p->look_up(p->context, &wanted);
  const bool missed = offset == SIZE_MAX;
  float *room = NULL;
  if (missed) {
    room = p->reserve_space(p->context, 4 * sizeof *room);
    assert_non_null(room);
    for (size_t i = 0; i < 4; i++) room[i] = value;
  }
  offset = p->look_up_or_insert(p->context, &wanted, room, 4 * sizeof *room);
  assert_int_not_equal(offset, SIZE_MAX);
  *found = p->offset_to_addr(p->context, offset);
  return missed;
}

/* The same for depthwise convolutions: it packs, and then looks whether that was necessary. */
static const float *pack_anyway(mc_weights *weights, key wanted, float value) {
  struct xnn_weights_cache_provider *p = &weights->provider;
  float *room = p->reserve_space(p->context, 4 * sizeof *room);
  assert_non_null(room);
  for (size_t i = 0; i < 4; i++) room[i] = value;
  return p->offset_to_addr(p->context, p->look_up_or_insert(p->context, &wanted, room, 4 * sizeof *room));
}

static void test_each_is_packed_once(void **state) {
  (void)state;
  const float filters[2][4] = {{0}};
  const float bias[1] = {0};
  mc_weights weights;
  mc_weights_init(&weights);
  assert_true(weights.provider.is_finalized(&weights));
  const key keys[] = {{1, filters[0], bias}, {1, filters[1], bias}, {2, filters[0], bias}, {1, filters[0], NULL}};
  for (int again = 0; again <= 1; again++) {
    for (size_t i = 0; i < 4; i++) {
      const float *found = NULL;
      assert_int_equal(ask(&weights, keys[i], (float)i, &found), again == 0);
      assert_true(found[0] == (float)i && found[3] == (float)i);
    }
  }
  mc_weights_destroy(&weights);
}

static void test_filters_that_are_taken_are_found_packed(void **state) {
  (void)state;
  const float filter[4] = {0};
  const float *found = NULL;
  mc_weights weights;
  mc_weights_init(&weights);
  assert_null(mc_weights_take(&weights, filter));
  assert_true(ask(&weights, (key){1, filter, NULL}, 5, &found));
  float *packed = mc_weights_take(&weights, filter);
  assert_ptr_equal(packed, found);
  assert_null(mc_weights_take(&weights, filter));
  assert_null(mc_weights_take(&weights, packed));
  assert_false(ask(&weights, (key){1, packed, NULL}, 6, &found));
  assert_ptr_equal(packed, found);
  assert_true(packed[0] == 5);

  /* What is packed already cannot be packed in another way; all else can. */
  struct xnn_weights_cache_provider *p = &weights.provider;
  assert_int_equal(p->look_up(p->context, &(key){2, packed, NULL}), SIZE_MAX);
  assert_null(p->reserve_space(p->context, sizeof(float)));
  assert_true(ask(&weights, (key){2, filter, NULL}, 7, &found));
  mc_weights_destroy(&weights);
}

static void test_depthwise_filters_stay(void **state) {
  (void)state;
  const float filter[4] = {0};
  mc_weights weights;
  mc_weights_init(&weights);
  const float *first = pack_anyway(&weights, (key){1, filter, NULL}, 5);
  assert_null(mc_weights_take(&weights, filter));
  assert_ptr_equal(pack_anyway(&weights, (key){1, filter, NULL}, 5), first);
  assert_non_null(weights.provider.reserve_space(&weights, sizeof(float))); /* a runtime that failed then leaves this behind */
  mc_weights_destroy(&weights);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_each_is_packed_once),
      cmocka_unit_test(test_filters_that_are_taken_are_found_packed),
      cmocka_unit_test(test_depthwise_filters_stay),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
