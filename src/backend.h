/* Runs plans on XNNPACK. Internal to the engine. */
#ifndef MC_BACKEND_H
#define MC_BACKEND_H

#include "plan.h"
#include "weights.h"

typedef struct mc_backend mc_backend;

/* A backend with nothing to run yet. What it packs of weights goes into `weights`, which outlives it.
 * MC_ERROR_OUT_OF_MEMORY; MC_ERROR_INTERNAL. */
mc_status mc_backend_create(mc_weights *weights, mc_backend **backend);

/* Makes it run `plan` instead of what it ran before; the memory it works in is kept, and grows if need be. The plan's constants
 * must stay where they are until the next plan or destroy.
 * MC_ERROR_OUT_OF_MEMORY; MC_ERROR_INTERNAL when XNNPACK refuses what the plan asks for: there is nothing to run then. */
mc_status mc_backend_load(mc_backend *backend, const mc_plan *plan);

/* Sets the sizes of the plan's tensors (those it was loaded with, or those of a plan that is the same but for shapes) and the
 * memory of the ports: buffers[port], each with MC_PLAN_SLACK_BYTES behind it that can be read; that of an input which the plan
 * spends is not looked at. To be called after each load.
 * MC_ERROR_OUT_OF_MEMORY; MC_ERROR_INTERNAL, after which there is nothing to run. */
mc_status mc_backend_set(mc_backend *backend, const mc_plan *plan, float *const *buffers);

/* Where an input that the plan spends lies, until sizes are set again. */
float *mc_backend_spent_input(const mc_backend *backend);

/* Reads the input buffers, fills the output buffers; allocates nothing. MC_ERROR_INTERNAL. */
mc_status mc_backend_run(mc_backend *backend);

/* NULL is fine. */
void mc_backend_destroy(mc_backend *backend);

#endif
