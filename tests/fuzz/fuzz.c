#include "fuzz.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void fuzz_fail(const char *condition, const char *file, int line) {
  (void)fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, condition);
  abort();
}

uint8_t fuzz_u8(fuzz_reader *reader) {
  if (reader->left == 0) return 0;
  reader->left--;
  return *reader->at++;
}

uint32_t fuzz_u32(fuzz_reader *reader) {
  uint32_t value = 0;
  for (size_t i = 0; i < 4; i++) value |= (uint32_t)fuzz_u8(reader) << 8 * i;
  return value;
}

float fuzz_float(fuzz_reader *reader) {
  const uint32_t bits = fuzz_u32(reader);
  float value = 0;
  memcpy(&value, &bits, sizeof value);
  return value;
}

uint32_t fuzz_below(fuzz_reader *reader, uint32_t limit) {
  return limit <= 256 ? fuzz_u8(reader) % limit : fuzz_u32(reader) % limit;
}

bool fuzz_is_distribution(const float *probabilities) {
  double sum = 0;
  for (size_t i = 0; i < 3; i++) {
    if (!(probabilities[i] >= 0 && probabilities[i] <= 1)) return false;
    sum += (double)probabilities[i];
  }
  return fabs(sum - 1) <= 1e-5;
}
