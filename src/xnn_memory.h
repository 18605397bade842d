/* XNNPACK's memory. Some of its functions succeed after an allocation has failed, and then leave out what the memory was for;
 * so whether one failed is kept here, for each thread. Internal to the engine. */
#ifndef MC_XNN_MEMORY_H
#define MC_XNN_MEMORY_H

#include <stdbool.h>
#include <xnnpack.h>

/* malloc and its like; for xnn_initialize. */
extern const struct xnn_allocator mc_xnn_allocator;

/* From here on, no allocation of this thread has failed. */
void mc_xnn_memory_start(void);

/* Whether one has failed since. */
bool mc_xnn_memory_failed(void);

#endif
