#include "tensor.h"

void mc_tensor_steps(const mc_tensor *tensor, size_t steps[MC_MAX_RANK]) {
  size_t step = 1;
  for (size_t i = tensor->rank; i-- > 0;) {
    const size_t axis = tensor->stored[i];
    steps[axis] = step;
    step *= tensor->dims[axis];
  }
}

size_t mc_tensor_elements(const mc_tensor *tensor) {
  size_t elements = 1;
  for (size_t i = 0; i < tensor->rank; i++) elements *= tensor->dims[i];
  return elements;
}
