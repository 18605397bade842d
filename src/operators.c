/* The operators of ONNX that the engine knows. */
#include <string.h>

#include "lower.h"

#define ANY UINT32_MAX

const mc_operator *mc_operator_find(const char *op_type) {
  static const uint32_t spatial = MC_OPERATOR_SPATIAL;
  static const uint32_t elementwise = MC_OPERATOR_ELEMENTWISE;
  static const mc_operator table[] = {
      {"Abs", 1, 1, mc_lower_elementwise, elementwise},
      {"Add", 2, 2, mc_lower_arithmetic, elementwise},
      {"AveragePool", 1, 1, mc_lower_average_pool, spatial},
      {"BatchNormalization", 5, 5, mc_lower_batch_normalization, elementwise},
      {"Cast", 1, 1, mc_lower_cast, 0},
      {"Ceil", 1, 1, NULL, 0},
      {"Clip", 1, 3, mc_lower_clip, elementwise},
      {"Concat", 1, ANY, mc_lower_concat, elementwise},
      {"Constant", 0, 0, NULL, 0},
      {"ConstantOfShape", 1, 1, NULL, 0},
      {"Conv", 2, 3, mc_lower_convolution, spatial},
      {"ConvTranspose", 2, 3, mc_lower_deconvolution, spatial},
      {"Div", 2, 2, mc_lower_arithmetic, elementwise},
      {"Dropout", 1, 3, NULL, 0},
      {"Elu", 1, 1, mc_lower_elementwise, elementwise},
      {"Exp", 1, 1, mc_lower_elementwise, elementwise},
      {"Expand", 2, 2, mc_lower_expand, elementwise},
      {"Flatten", 1, 1, mc_lower_reshape, 0},
      {"Floor", 1, 1, NULL, 0},
      {"Gather", 2, 2, NULL, 0},
      {"Gemm", 2, 3, mc_lower_product, 0},
      {"GlobalAveragePool", 1, 1, mc_lower_global_pool, spatial},
      {"GlobalMaxPool", 1, 1, mc_lower_global_pool, spatial},
      {"HardSigmoid", 1, 1, mc_lower_hard_sigmoid, elementwise},
      {"HardSwish", 1, 1, mc_lower_elementwise, elementwise},
      {"Identity", 1, 1, NULL, 0},
      {"LeakyRelu", 1, 1, mc_lower_elementwise, elementwise},
      {"MatMul", 2, 2, mc_lower_product, 0},
      {"Max", 1, ANY, mc_lower_arithmetic, elementwise},
      {"MaxPool", 1, 1, mc_lower_max_pool, spatial},
      {"Min", 1, ANY, mc_lower_arithmetic, elementwise},
      {"Mul", 2, 2, mc_lower_arithmetic, elementwise},
      {"Neg", 1, 1, mc_lower_elementwise, elementwise},
      {"Pad", 1, 4, mc_lower_pad, elementwise},
      {"PRelu", 2, 2, mc_lower_prelu, elementwise},
      {"Pow", 2, 2, mc_lower_power, elementwise},
      {"Reciprocal", 1, 1, mc_lower_power, elementwise},
      {"ReduceL1", 1, 2, mc_lower_reduce, 0},
      {"ReduceL2", 1, 2, mc_lower_reduce, 0},
      {"ReduceMax", 1, 2, mc_lower_reduce, 0},
      {"ReduceMean", 1, 2, mc_lower_reduce, 0},
      {"ReduceMin", 1, 2, mc_lower_reduce, 0},
      {"ReduceSum", 1, 2, mc_lower_reduce, 0},
      {"ReduceSumSquare", 1, 2, mc_lower_reduce, 0},
      {"Relu", 1, 1, mc_lower_elementwise, elementwise},
      {"Reshape", 2, 2, mc_lower_reshape, 0},
      {"Resize", 1, 4, mc_lower_resize, spatial},
      {"Shape", 1, 1, mc_lower_shape, 0},
      {"Sigmoid", 1, 1, mc_lower_elementwise, elementwise},
      {"Slice", 3, 5, mc_lower_slice, elementwise},
      {"Softmax", 1, 1, mc_lower_softmax, 0},
      {"Split", 1, 2, mc_lower_split, elementwise},
      {"Sqrt", 1, 1, mc_lower_elementwise, elementwise},
      {"Squeeze", 1, 2, mc_lower_reshape, 0},
      {"Sub", 2, 2, mc_lower_arithmetic, elementwise},
      {"Sum", 1, ANY, mc_lower_arithmetic, elementwise},
      {"Tanh", 1, 1, mc_lower_elementwise, elementwise},
      {"Transpose", 1, 1, mc_lower_transpose, 0},
      {"Unsqueeze", 1, 2, mc_lower_reshape, 0},
  };
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    if (strcmp(table[i].op_type, op_type) == 0) return &table[i];
  }
  return NULL;
}
