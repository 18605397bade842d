/* What XNNPACK's interface does not know of a runtime. Internal.
 *
 * Inner inputs lie in a runtime's workspace: a value of the subgraph that is neither external nor any operation's result. XNNPACK
 * plans memory for it from the first operation on if that is the one to read it; a run may put something else there afterwards. */
#ifndef MC_RUNTIME_INSIDE_H
#define MC_RUNTIME_INSIDE_H

#include <stdint.h>
#include <xnnpack.h>

/* A flag of xnn_create_runtime_v4: operations are run as they are defined. Otherwise XNNPACK
 * - merges a pad or a copy that reads an inner input into a later operation, and may put something else there before that;
 * - gives a convolution that has got a pad's zeros other weights for another size of the input, when the filter is gone;
 * - spoils a convolution's own zeros while merging a clamp, unless its lower bound is 0, and clamps that do not overlap. */
extern const uint32_t mc_no_fusion;

/* Sets the size of value `id`, before xnn_reshape_runtime. */
void mc_inner_input_resize(xnn_runtime_t runtime, uint32_t id, size_t rank, const size_t *dims);

/* Where it lies, after xnn_reshape_runtime, and until any runtime of the same workspace is reshaped. */
float *mc_inner_input_data(xnn_runtime_t runtime, uint32_t id);

/* Makes the next xnn_reshape_runtime plan memory whatever has grown. By itself XNNPACK keeps the plan where nothing has: a sum that
 * took the place of a summand of its size would do so still when that is a row or a column of it. */
void mc_runtime_forget_plan(xnn_runtime_t runtime);

#endif
