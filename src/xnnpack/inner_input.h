/* Inputs that lie in a runtime's workspace, which XNNPACK's interface does not know: a value of the subgraph that is neither external
 * nor any operation's result. XNNPACK plans memory for it from the first operation on if that is the one to read it; a run may put
 * something else there afterwards. Internal. */
#ifndef MC_INNER_INPUT_H
#define MC_INNER_INPUT_H

#include <xnnpack.h>

/* Sets the size of value `id`, before xnn_reshape_runtime. */
void mc_inner_input_resize(xnn_runtime_t runtime, uint32_t id, size_t rank, const size_t *dims);

/* Where it lies, after xnn_reshape_runtime, and until any runtime of the same workspace is reshaped. */
float *mc_inner_input_data(xnn_runtime_t runtime, uint32_t id);

#endif
