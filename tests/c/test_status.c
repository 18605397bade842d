#include "support_cmocka.h"

#include <stdio.h>
#include <string.h>

#include "maskcheck.h"
#include "message.h"

static void test_names(void **state) {
  (void)state;
#define VALUE(constant, value, name, text) value,
  static const int values[] = {MC_STATUS_LIST(VALUE)};
  enum { STATUS_COUNT = sizeof(values) / sizeof(*values) };
  for (int i = 0; i < STATUS_COUNT; i++) {
    assert_int_equal(values[i], i);
    const char *name = mc_status_name((mc_status)i);
    assert_string_not_equal(name, "unknown");
    assert_true(strlen(mc_status_text((mc_status)i)) > 5);
    for (int k = 0; k < i; k++) assert_string_not_equal(name, mc_status_name((mc_status)k));
  }
  assert_string_equal(mc_status_name(MC_OK), "ok");
  assert_string_equal(mc_status_name(MC_ERROR_MODEL_INVALID), "model_invalid");
  assert_string_equal(mc_status_name((mc_status)STATUS_COUNT), "unknown");
  assert_string_equal(mc_status_name((mc_status)-1), "unknown");
  assert_string_equal(mc_status_text((mc_status)1000), "unknown");
}

static void test_version(void **state) {
  (void)state;
  char expected[32];
  (void)snprintf(expected, sizeof(expected), "%d.%d.%d", MC_VERSION_MAJOR, MC_VERSION_MINOR, MC_VERSION_PATCH);
  assert_string_equal(mc_version(), expected);
}

static void test_message(void **state) {
  (void)state;
  mc_message message;
  assert_int_equal(mc_refuse(&message, MC_ERROR_INTERNAL, "a\tb\x7f\x1b[31m"), MC_ERROR_INTERNAL);
  assert_string_equal(message.text, "a?b??[31m");
  mc_message_prefix(&message, "x: ");
  assert_string_equal(message.text, "x: a?b??[31m");
  mc_message_clear(&message);
  assert_string_equal(message.text, "");
  assert_int_equal(mc_refuse(NULL, MC_OK, "nowhere to go"), MC_OK);
  mc_message_prefix(NULL, "nor this");
}

/* Cut at the end of the buffer, but never inside a character. */
static void test_message_is_cut(void **state) {
  (void)state;
  static const char *const characters[] = {"a", "\xC3\xA4", "\xE2\x82\xAC", "\xF0\x9F\x98\xB7"};
  for (size_t i = 0; i < 4; i++) {
    for (size_t shift = 0; shift < 4; shift++) {
      mc_message message;
      mc_message_clear(&message);
      for (size_t k = 0; k < shift; k++) mc_message_add(&message, ".");
      char text[sizeof(message.text) * 4 + 1] = "";
      const size_t bytes = strlen(characters[i]);
      for (size_t k = 0; k < sizeof(message.text); k++) memcpy(text + k * bytes, characters[i], bytes);
      mc_message_add(&message, text);
      const size_t length = strlen(message.text);
      assert_true(length < sizeof(message.text) && length + 4 >= sizeof(message.text));
      assert_int_equal((length - shift) % bytes, 0);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_names),
      cmocka_unit_test(test_version),
      cmocka_unit_test(test_message),
      cmocka_unit_test(test_message_is_cut),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
