/* Weights packed for XNNPACK's kernels: once for all runtimes that compute with the same constants, whatever their sizes. Not for
 * several threads at a time. Internal to the engine. */
#ifndef MC_WEIGHTS_H
#define MC_WEIGHTS_H

#include <stddef.h>
#include <xnnpack.h>

typedef struct mc_weights {
  struct xnn_weights_cache_provider provider; /* for xnn_create_runtime_v4; its context is this struct, which must not move */
  struct mc_weights_block *blocks;
  struct mc_weights_block *reserved; /* being written, not yet one of the above */
  struct xnn_weights_cache_look_up_key missed; /* what was looked up last, if in vain */
} mc_weights;

void mc_weights_init(mc_weights *weights);

/* The packed form of `filter`, which from now on stands for it: what was packed from the one is found under the other, and the
 * filter is not read again. It is at least as long. NULL, and nothing has changed, if there is none, or if XNNPACK packs these
 * weights for each runtime anew. */
float *mc_weights_take(mc_weights *weights, const float *filter);

/* After all runtimes that compute with them. */
void mc_weights_destroy(mc_weights *weights);

#endif
