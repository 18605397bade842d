/* Runs plans on XNNPACK. Internal to the engine. */
#ifndef MC_BACKEND_H
#define MC_BACKEND_H

#include "plan.h"

typedef struct mc_backend mc_backend;

/* Turns a plan into something that runs. The plan's constants must stay where they are as long as the backend lives.
 * MC_ERROR_OUT_OF_MEMORY; MC_ERROR_INTERNAL when XNNPACK refuses what the plan asks for. */
mc_status mc_backend_create(const mc_plan *plan, mc_backend **backend);

/* Sets the sizes of the plan's tensors (those it was created with, or those of a plan that is the same but for shapes) and the
 * memory of the ports: buffers[port], each with MC_PLAN_SLACK_BYTES behind it that can be read. To be called at least once.
 * MC_ERROR_OUT_OF_MEMORY; MC_ERROR_INTERNAL, after which only mc_backend_destroy may be called. */
mc_status mc_backend_set(mc_backend *backend, const mc_plan *plan, float *const *buffers);

/* Reads the input buffers, fills the output buffers; allocates nothing. MC_ERROR_INTERNAL. */
mc_status mc_backend_run(mc_backend *backend);

/* NULL is fine. */
void mc_backend_destroy(mc_backend *backend);

#endif
