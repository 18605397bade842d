/* A plan's operations as XNNPACK operators that are created, set up and run one by one, the way one would drive XNNPACK by hand
 * for a network known in advance: what our engine is measured against. Benchmarks only. */
#ifndef MC_BY_HAND_H
#define MC_BY_HAND_H

#include "plan.h"

typedef struct by_hand by_hand;

/* `plan` stays the caller's and outlives the result. MC_ERROR_MODEL_UNSUPPORTED: an operation that the shipped networks do not
 * have. */
mc_status by_hand_create(const mc_plan *plan, by_hand **made);

/* Where a tensor's elements are while it is in use. */
float *by_hand_tensor(by_hand *runner, uint32_t tensor);

/* Runs operation `index` of the plan; those before it have been run. */
mc_status by_hand_run(by_hand *runner, size_t index);

/* NULL is fine. */
void by_hand_destroy(by_hand *runner);

#endif
