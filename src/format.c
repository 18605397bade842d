#include "format.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

typedef struct writer {
  char *text;
  size_t length, limit;
} writer;

static void put(writer *w, const char *bytes, size_t count) {
  for (size_t i = 0; i < count && w->length < w->limit; i++) w->text[w->length++] = bytes[i];
}

static void put_number(writer *w, uint64_t magnitude, bool negative) {
  char digits[20]; /* 2^64 has as many */
  size_t at = sizeof digits;
  do {
    digits[--at] = (char)('0' + magnitude % 10);
    magnitude /= 10;
  } while (magnitude != 0);
  if (negative) put(w, "-", 1);
  put(w, &digits[at], sizeof digits - at);
}

static void put_signed(writer *w, int64_t number) {
  put_number(w, number < 0 ? 0 - (uint64_t)number : (uint64_t)number, number < 0);
}

static bool starts(const char *text, const char *with) { return strncmp(text, with, strlen(with)) == 0; }

size_t mc_format(char *text, size_t capacity, const char *format, va_list arguments) {
  writer w = {.text = text, .limit = capacity - 1};
  for (; *format != '\0'; format++) {
    if (*format != '%') {
      put(&w, format, 1);
      continue;
    }
    format++;
    size_t limit = SIZE_MAX;
    if (*format == '.') {
      limit = 0;
      for (format++; *format >= '0' && *format <= '9'; format++) limit = 10 * limit + (size_t)(*format - '0');
    }
    if (*format == 's') {
      const char *string = va_arg(arguments, const char *);
      const size_t length = strlen(string);
      put(&w, string, length < limit ? length : limit);
    } else if (*format == 'd') {
      put_signed(&w, va_arg(arguments, int));
    } else if (starts(format, "zu")) {
      put_number(&w, va_arg(arguments, size_t), false);
      format += 1;
    } else if (starts(format, "lld")) {
      put_signed(&w, va_arg(arguments, long long));
      format += 2;
    } else {
      break;
    }
  }
  text[w.length] = '\0';
  return w.length;
}
