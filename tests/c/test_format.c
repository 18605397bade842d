/* mc_format against vsnprintf, for the conversions it has. */
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "format.h"
#include "support_cmocka.h"

static void check(size_t capacity, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void check(size_t capacity, const char *format, ...) {
  char text[256];
  char expected[256];
  memset(text, '#', sizeof text);
  va_list arguments;
  va_start(arguments, format);
  const size_t length = mc_format(text, capacity, format, arguments);
  va_end(arguments);
  va_start(arguments, format);
  (void)vsnprintf(expected, capacity, format, arguments);
  va_end(arguments);
  assert_string_equal(text, expected);
  assert_int_equal(length, strlen(expected));
  assert_int_equal(text[capacity], '#');
}

static void writes_what_printf_writes(void **state) {
  (void)state;
  check(200, "nothing to fill in");
  check(200, "%s and %.3s, %.10s, %.0s|", "text", "cut short", "left", "out");
  check(200, "%d %d %d %d", 0, -7, INT_MAX, INT_MIN);
  check(200, "%zu, %zu and %zu", (size_t)0, (size_t)90210, SIZE_MAX);
  check(200, "%lld, %lld and %lld", 0LL, LLONG_MAX, LLONG_MIN);
  check(200, "node '%.72s' (%.40s): axis %zu of %zu", "name", "Conv", (size_t)3, (size_t)2);
}

static void stops_at_the_end(void **state) {
  (void)state;
  for (size_t capacity = 1; capacity < 20; capacity++) check(capacity, "ab%scd%dxy", "text", -12345);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(writes_what_printf_writes),
      cmocka_unit_test(stops_at_the_end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
