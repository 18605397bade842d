#include "support_random.h"

#include <stdio.h>
#include <stdlib.h>

uint64_t random_start(void) {
  const char *chosen = getenv("MASKCHECK_SEED");
  const uint64_t seed = chosen == NULL ? 20240229u : strtoull(chosen, NULL, 10);
  printf("MASKCHECK_SEED=%llu\n", (unsigned long long)seed);
  return seed * 2 + 1; /* never 0 */
}

/* Marsaglia's xorshift64*, upper half. */
static uint32_t next(uint64_t *state) {
  *state ^= *state >> 12;
  *state ^= *state << 25;
  *state ^= *state >> 27;
  return (uint32_t)((*state * 2685821657736338717u) >> 32);
}

uint32_t random_below(uint64_t *state, uint32_t limit) {
  return (uint32_t)(((uint64_t)next(state) * limit) >> 32);
}

double random_between(uint64_t *state, double low, double high) {
  return low + (high - low) * ((double)next(state) / 4294967296.0);
}
