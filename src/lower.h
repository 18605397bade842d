/* From the ONNX graph, at known input sizes, to a plan. Internal to the engine.
 *
 * ONNX says what a tensor's axes are, but the plan's tensors can lie in memory in any order of axes. A lowered value keeps
 * both: its ONNX shape and the order in which it lies. An operator asks for the order it needs (convolutions and pools: [N, H,
 * W, C]); only where that differs from how the value lies does a transposition reach the plan. Transpose itself, and Reshape,
 * Flatten and so on where possible, just relabel. */
#ifndef MC_LOWER_H
#define MC_LOWER_H

#include "plan.h"

typedef struct mc_lowered {
  const mc_constant *constant; /* if known now; there is no tensor then */
  mc_shape shape;              /* ONNX's */
  size_t order[MC_MAX_RANK];   /* memory axis i is ONNX axis order[i] */
  uint32_t tensor;             /* holds the elements in that order; its own shape may be any with as many elements */
} mc_lowered;

typedef struct mc_lowering {
  mc_graph *graph;
  mc_plan *plan;
  mc_lowered *values; /* [graph->value_count] */
  bool *set;          /* [graph->value_count]; whether values[i] has been worked out */
  mc_message *message;
} mc_lowering;

typedef mc_status (*mc_lower_function)(mc_lowering *lowering, const mc_node *node);

/* What the engine knows about an ONNX operator. */
typedef struct mc_operator {
  const char *op_type;
  uint32_t min_inputs, max_inputs; /* how many must and may be there */
  mc_lower_function lower;         /* NULL: works on constants and shapes only */
  uint32_t flags;
} mc_operator;

enum {
  MC_OPERATOR_SPATIAL = 1,     /* wants its input as [N, H, W, C] */
  MC_OPERATOR_ELEMENTWISE = 2, /* works in any order of axes */
};

/* NULL for an operator that is not supported. */
const mc_operator *mc_operator_find(const char *op_type);

/* Works out the whole graph. input_shapes: [graph->input_count], all sizes >= 1.
 * MC_ERROR_MODEL_INVALID, MC_ERROR_MODEL_UNSUPPORTED, MC_ERROR_OUT_OF_MEMORY; outputs: [graph->output_count], set on success,
 * as is *plan, which the caller destroys. */
mc_status mc_lower(mc_graph *graph, const mc_shape *input_shapes, mc_message *message, mc_lowered *inputs,
                   mc_lowered *outputs, mc_plan **plan);

/* --- For the operators' own files ---------------------------------------------------------------------------------------------- */

/* Input `index`, NULL if left out. */
const mc_lowered *mc_lower_input(const mc_lowering *lowering, const mc_node *node, size_t index);

/* Input `index` as a constant: NULL if left out. MC_ERROR_MODEL_UNSUPPORTED if it is known only at run time. */
mc_status mc_lower_constant(mc_lowering *lowering, const mc_node *node, size_t index, const mc_constant **constant);

/* Sets the first output: a tensor with the given ONNX shape, lying in `order`. */
mc_status mc_lower_result(mc_lowering *lowering, const mc_node *node, const mc_shape *shape, const size_t *order,
                          uint32_t tensor);

/* The same for output `index`. */
mc_status mc_lower_nth_result(mc_lowering *lowering, const mc_node *node, size_t index, const mc_shape *shape,
                              const size_t *order, uint32_t tensor);

/* Sets the first output to a constant. */
void mc_lower_known(mc_lowering *lowering, const mc_node *node, const mc_constant *constant);

/* `value` rearranged to lie in `order`, in a tensor of just that shape; a constant becomes a tensor of the plan. */
mc_status mc_lower_arrange(mc_lowering *lowering, const mc_node *node, const mc_lowered *value, const size_t *order,
                           uint32_t *tensor);

/* Input `index` as [N, H, W, C]; it must have rank 4. */
mc_status mc_lower_feature_map(mc_lowering *lowering, const mc_node *node, size_t index, mc_shape *shape, uint32_t *tensor);

/* The same elements as `tensor` with another shape. Nothing is added to the plan when the shape is the same already. */
mc_status mc_lower_view(mc_lowering *lowering, const mc_node *node, uint32_t tensor, const mc_shape *shape, uint32_t *view);

/* A new tensor of the plan of `shape`, in memory order; the message is filled in when it does not fit. */
mc_status mc_lower_tensor(mc_lowering *lowering, const mc_node *node, const mc_shape *shape, const float *data,
                          uint32_t *tensor);

/* A constant tensor whose elements are all `value`. */
mc_status mc_lower_fill(mc_lowering *lowering, const mc_node *node, const mc_shape *shape, float value, uint32_t *tensor);

/* Channels as the backend's kernels count them. */
static inline uint64_t mc_whole_lanes(size_t channels) { return (channels + MC_LANES - 1) / MC_LANES * MC_LANES; }

/* Counts what a pool or a resizing, about to be emitted, asks of the backend: pointers for one picture, read for each of them. */
void mc_lower_count_window(mc_lowering *lowering, uint64_t pointers, size_t pictures, size_t channels);

/* Adds an operation whose result has `shape`, in memory order. op->output is filled in. */
mc_status mc_lower_emit(mc_lowering *lowering, const mc_node *node, mc_plan_op *op, const mc_shape *shape,
                        uint32_t *tensor);

/* An operation of the given kind on `tensor` with nothing else set. */
mc_plan_op mc_lower_op(mc_plan_kind kind, uint32_t tensor);

/* function(tensor): for clamp with bounds low and high, otherwise with alpha = low. */
mc_status mc_lower_unary(mc_lowering *lowering, const mc_node *node, mc_plan_function function, float low, float high,
                         uint32_t tensor, uint32_t *result);

/* function(a, b) with broadcasting, both in memory order. */
mc_status mc_lower_binary(mc_lowering *lowering, const mc_node *node, mc_plan_function function, uint32_t a, uint32_t b,
                          uint32_t *result);

/* Along a memory axis, `count` elements from `begin` on, `step` apart; the last may lie behind the end by less than a step.
 * Nothing is added to the plan when that is all of them. */
mc_status mc_lower_steps(mc_lowering *lowering, const mc_node *node, size_t axis, size_t begin, size_t step, size_t count,
                         uint32_t *tensor);

/* The shape of a value as it lies in memory in `order`. */
mc_shape mc_memory_shape(const mc_shape *shape, const size_t *order);

extern const size_t mc_order_rows[MC_MAX_RANK]; /* as ONNX has it: {0, 1, 2, ...} */
extern const size_t mc_order_nhwc[MC_MAX_RANK]; /* {0, 2, 3, 1} */

/* lower_conv.c */
mc_status mc_lower_convolution(mc_lowering *lowering, const mc_node *node);
mc_status mc_lower_deconvolution(mc_lowering *lowering, const mc_node *node);
mc_status mc_lower_product(mc_lowering *lowering, const mc_node *node);
mc_status mc_lower_batch_normalization(mc_lowering *lowering, const mc_node *node);

/* lower_pool.c */
mc_status mc_lower_max_pool(mc_lowering *lowering, const mc_node *node);
mc_status mc_lower_average_pool(mc_lowering *lowering, const mc_node *node);

/* lower_reduce.c */
mc_status mc_lower_global_pool(mc_lowering *lowering, const mc_node *node);
mc_status mc_lower_reduce(mc_lowering *lowering, const mc_node *node);

/* lower_resize.c */
mc_status mc_lower_resize(mc_lowering *lowering, const mc_node *node);

/* lower_elementwise.c */
mc_status mc_lower_elementwise(mc_lowering *lowering, const mc_node *node);
mc_status mc_lower_clip(mc_lowering *lowering, const mc_node *node);
mc_status mc_lower_hard_sigmoid(mc_lowering *lowering, const mc_node *node);
mc_status mc_lower_arithmetic(mc_lowering *lowering, const mc_node *node);
mc_status mc_lower_expand(mc_lowering *lowering, const mc_node *node);
mc_status mc_lower_power(mc_lowering *lowering, const mc_node *node);
mc_status mc_lower_prelu(mc_lowering *lowering, const mc_node *node);
mc_status mc_lower_softmax(mc_lowering *lowering, const mc_node *node);

/* lower_layout.c */
mc_status mc_lower_reshape(mc_lowering *lowering, const mc_node *node);
mc_status mc_lower_transpose(mc_lowering *lowering, const mc_node *node);
mc_status mc_lower_concat(mc_lowering *lowering, const mc_node *node);
mc_status mc_lower_slice(mc_lowering *lowering, const mc_node *node);
mc_status mc_lower_split(mc_lowering *lowering, const mc_node *node);
mc_status mc_lower_pad(mc_lowering *lowering, const mc_node *node);
mc_status mc_lower_cast(mc_lowering *lowering, const mc_node *node);
mc_status mc_lower_shape(mc_lowering *lowering, const mc_node *node); /* Shape: its result is known now */

/* window.c: the sliding window of Conv and the pools. */

/* Reads kernel_shape (default: `kernel`, unless 0), strides, dilations, pads and auto_pad of a node that works on `in` =
 * [N, C, H, W], and works out the size of the result. rounded_up: NULL, or the size is rounded up, and here is what was
 * added to pad_end for it, [2], zeros before. */
mc_status mc_window_read(const mc_node *node, const mc_shape *in, const size_t kernel[2], uint32_t *rounded_up,
                         mc_message *message, mc_window *window, size_t out[2]);

/* The same for ConvTranspose, whose strides and pads are those of the result. */
mc_status mc_window_read_transposed(const mc_node *node, const mc_shape *in, const size_t kernel[2], mc_message *message,
                                    mc_window *window, size_t out[2]);

/* What is known of a window without the size of the input: all but what auto_pad says. */
mc_status mc_window_read_plain(const mc_node *node, const size_t kernel[2], mc_message *message, mc_window *window);

#endif
