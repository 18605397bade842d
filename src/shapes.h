/* Shape rules that hold for constants and for run-time tensors alike. Internal to the engine.
 * Each names the node in `message` when it fails; MC_ERROR_MODEL_INVALID unless said otherwise. */
#ifndef MC_SHAPES_H
#define MC_SHAPES_H

#include "graph.h"

typedef struct mc_shape {
  size_t rank;
  size_t dims[MC_MAX_RANK];
} mc_shape;

/* Reshape, Flatten, Squeeze and Unsqueeze: the new shape of a tensor of shape `in`. `argument` is the second input (shape or
 * axes), NULL if absent. The element count stays the same and within MC_MAX_ELEMENTS. */
mc_status mc_shape_reshape(const mc_node *node, const mc_shape *in, const mc_constant *argument, mc_message *message,
                           mc_shape *out);

/* Transpose: axis i of the result is axis perm[i] of the input. */
mc_status mc_shape_transpose(const mc_node *node, size_t rank, mc_message *message, size_t perm[MC_MAX_RANK]);

bool mc_shape_same(const mc_shape *a, const mc_shape *b);

/* Elementwise operators with two inputs: numpy's broadcasting. */
mc_status mc_shape_broadcast(const mc_node *node, const mc_shape *a, const mc_shape *b, mc_message *message, mc_shape *out);

/* Concat along `axis`: checks that input `index` agrees with the `sum` of those before it elsewhere, and adds it. */
mc_status mc_shape_concat(const mc_node *node, const mc_shape *next, size_t index, size_t axis, mc_message *message,
                          mc_shape *sum);

/* Slice (operator sets 10 and later, everything as inputs): on axis i, elements start[i], start[i] + step[i], ... of which
 * there are out->dims[i]. axes and steps may be NULL. */
mc_status mc_shape_slice(const mc_node *node, const mc_shape *in, const mc_constant *starts, const mc_constant *ends,
                         const mc_constant *axes, const mc_constant *steps, mc_message *message, mc_shape *out,
                         int64_t start[MC_MAX_RANK], int64_t step[MC_MAX_RANK]);

/* A list of axes from an attribute (old operator sets) or an input: axes[*count] from the front, each at most once. `rank` is
 * that of the tensor they point into. count 0 if neither is there. */
mc_status mc_shape_axes(const mc_node *node, const mc_constant *argument, size_t rank, mc_message *message,
                        size_t axes[MC_MAX_RANK], size_t *count);

#endif
