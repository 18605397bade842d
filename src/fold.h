/* Operators on constants, computed at load or, for what depends on shapes, when a size is set. Internal to the engine. */
#ifndef MC_FOLD_H
#define MC_FOLD_H

#include "graph.h"

/* Computes the first output of `node` from constant inputs ([node->input_count]; NULL where left out), into `arena`.
 * *result stays NULL, with MC_OK, for an operator or element type that is not computed here.
 * MC_ERROR_MODEL_INVALID, MC_ERROR_MODEL_UNSUPPORTED, MC_ERROR_OUT_OF_MEMORY. */
mc_status mc_fold(mc_arena *arena, const mc_node *node, const mc_constant *const *inputs, mc_message *message,
                  mc_constant **result);

/* Shape: the dims of a tensor as a constant. */
mc_status mc_fold_shape(mc_arena *arena, const mc_node *node, size_t rank, const size_t *dims, mc_message *message,
                        mc_constant **result);

#endif
