/* Repeatable random numbers for tests. */
#ifndef SUPPORT_RANDOM_H
#define SUPPORT_RANDOM_H

#include <stdint.h>

/* Starts a sequence and prints its seed: MASKCHECK_SEED, or a fixed one. */
uint64_t random_start(void);

uint32_t random_below(uint64_t *state, uint32_t limit); /* [0, limit) */
double random_between(uint64_t *state, double low, double high);

#endif
