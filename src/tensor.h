/* Where the elements of a tensor lie. Internal. */
#ifndef MC_TENSOR_H
#define MC_TENSOR_H

#include "network.h"

/* steps[axis] = distance in floats between neighbours along ONNX axis `axis`. */
void mc_tensor_steps(const mc_tensor *tensor, size_t steps[MC_MAX_RANK]);

/* Product of the dimensions; 0 while one is dynamic. */
size_t mc_tensor_elements(const mc_tensor *tensor);

#endif
