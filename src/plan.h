/* What the backend is to compute: a list of operations on tensors that lie in memory in a known order. It stands between
 * the ONNX graph and XNNPACK and knows nothing of either. Plans can be compared, so that a new size that changes nothing but
 * sizes does not need a new runtime. Internal to the engine. */
#ifndef MC_PLAN_H
#define MC_PLAN_H

#include "shapes.h"

typedef struct mc_plan_tensor {
  mc_shape shape;    /* in memory order, outermost axis first */
  const float *data; /* of a constant; NULL otherwise. MC_PLAN_SLACK_BYTES can be read behind it */
  uint32_t port;     /* graph input i: i; graph output i: input count + i; else MC_NONE */
} mc_plan_tensor;

typedef enum mc_plan_kind {
  MC_PLAN_NOTHING,      /* removed */
  MC_PLAN_CONVOLUTION,  /* input [N, H, W, C], filter [O, kH, kW, I / groups], with three inputs bias [O] */
  MC_PLAN_PRODUCT,      /* input [.., K], filter [N, K], with three inputs bias [N] */
  MC_PLAN_MAX_POOL,     /* [N, H, W, C] */
  MC_PLAN_AVERAGE_POOL, /* [N, H, W, C]; padding does not count */
  MC_PLAN_REDUCE,       /* mean or sum over the axes listed, which stay with size 1 */
  MC_PLAN_RESIZE,       /* [N, H, W, C], linearly to sizes[0] x sizes[1] */
  MC_PLAN_UNARY,
  MC_PLAN_BINARY,    /* numpy's broadcasting */
  MC_PLAN_SOFTMAX,   /* along the last axis */
  MC_PLAN_CONCAT,    /* along axes.values[0], 2 to 5 inputs */
  MC_PLAN_RESHAPE,   /* to the output's shape */
  MC_PLAN_TRANSPOSE, /* axis i of the output is axis axes.values[i] of the input */
  MC_PLAN_SLICE,     /* on axis i, sizes[i] elements from begin[i] on */
  MC_PLAN_PAD,       /* with clamp_min, begin[i] before and end[i] behind */
  MC_PLAN_COPY,
} mc_plan_kind;

typedef enum mc_plan_function {
  MC_FUNCTION_NONE,
  /* unary */
  MC_FUNCTION_CLAMP,
  MC_FUNCTION_LEAKY_RELU, /* slope alpha */
  MC_FUNCTION_ELU,        /* alpha */
  MC_FUNCTION_SIGMOID,
  MC_FUNCTION_HARD_SWISH,
  MC_FUNCTION_TANH,
  MC_FUNCTION_ABS,
  MC_FUNCTION_NEGATE,
  MC_FUNCTION_EXP,
  MC_FUNCTION_SQUARE_ROOT,
  /* binary */
  MC_FUNCTION_ADD,
  MC_FUNCTION_SUBTRACT,
  MC_FUNCTION_MULTIPLY,
  MC_FUNCTION_DIVIDE,
  MC_FUNCTION_MAXIMUM,
  MC_FUNCTION_MINIMUM,
  /* reduce */
  MC_FUNCTION_MEAN,
  MC_FUNCTION_SUM,
  /* resize: which points of the two pictures are the same */
  MC_FUNCTION_HALF_PIXEL,
  MC_FUNCTION_ALIGN_CORNERS,
  MC_FUNCTION_ASYMMETRIC,
} mc_plan_function;

/* A window that slides over the middle axes of [N, H, W, C]; index 0 is vertical. */
typedef struct mc_window {
  uint32_t kernel[2], stride[2], dilation[2], pad_begin[2], pad_end[2];
} mc_window;

#define MC_PLAN_MAX_INPUTS 5
#define MC_PLAN_SLACK_BYTES 128 /* kernels read in whole vectors */

/* Fields that a kind does not use are zero, so that operations compare byte by byte. */
typedef struct mc_plan_op {
  mc_plan_kind kind;
  mc_plan_function function;
  uint32_t inputs[MC_PLAN_MAX_INPUTS];
  uint32_t input_count;
  uint32_t output;
  uint32_t groups;            /* convolution */
  float clamp_min, clamp_max; /* convolution, product, pools: of the result, infinite for none; clamp: its bounds */
  float alpha;
  mc_window window;         /* convolution, pools */
  uint32_t rank;            /* of the lists below */
  size_t axes[MC_MAX_RANK]; /* reduce: ascending, [rank]; concat: [1]; transpose: [rank] */
  size_t begin[MC_MAX_RANK], end[MC_MAX_RANK];
  size_t sizes[MC_MAX_RANK]; /* reshape: new shape, with 0 for the first axis, which follows from the others; slice: 0 for all */
} mc_plan_op;

_Static_assert(sizeof(mc_plan_op) == 24 * sizeof(uint32_t) + sizeof(size_t[4][MC_MAX_RANK]), "padding would be compared");

typedef struct mc_plan {
  mc_arena arena; /* holds what the plan alone needs */
  mc_plan_tensor *tensors;
  size_t tensor_count, tensor_capacity;
  size_t input_count; /* the first tensors are the graph's inputs */
  bool spends_input;  /* the only input lies among what comes later, which may overwrite it */
  mc_plan_op *ops; /* in order of execution */
  size_t op_count, op_capacity;
  uint64_t macs;           /* of all convolutions and products */
  uint64_t steps;          /* of one run, as MC_MAX_STEPS counts them */
  uint64_t pointers;       /* that the backend holds, as MC_MAX_PLAN_POINTERS counts them */
  uint64_t elements;       /* of all tensors */
} mc_plan;

/* A plan with nothing in it; NULL when out of memory. */
mc_plan *mc_plan_new(void);
void mc_plan_destroy(mc_plan *plan); /* NULL is fine */

/* Adds a tensor of at most MC_MAX_ELEMENTS elements. `data` is NULL or stays valid as long as the plan.
 * MC_ERROR_OUT_OF_MEMORY; MC_ERROR_MODEL_UNSUPPORTED when the tensor, or all tensors together, are too large. */
mc_status mc_plan_add_tensor(mc_plan *plan, const mc_shape *shape, const float *data, uint32_t *tensor);

/* Adds a copy of `op`. MC_ERROR_OUT_OF_MEMORY. */
mc_status mc_plan_add_op(mc_plan *plan, const mc_plan_op *op);

/* Makes a complete plan shorter: merges clamps into the convolution, product, pool or clamp before them, and removes operations
 * on which no graph output depends. MC_ERROR_OUT_OF_MEMORY. */
mc_status mc_plan_finish(mc_plan *plan);

/* Whether both compute the same, apart from the shapes of tensors that are no constants. */
bool mc_plan_same_but_shapes(const mc_plan *a, const mc_plan *b);

/* Whether a plan can spend its input: there is one only, and the first operation reads it. */
bool mc_plan_can_spend_input(const mc_plan *plan);

size_t mc_plan_tensor_count_elements(const mc_plan_tensor *tensor);

#endif
