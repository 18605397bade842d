/* XNNPACK's memory. Some of its functions do not look whether they got what they asked for: they crash, or go on and silently
 * leave something out. So while it builds a network or sets sizes, memory is set aside in advance, from which small requests are
 * served once the heap is used up; and it is kept whether that has happened. All of this is for each thread. Internal to the
 * engine. */
#ifndef MC_XNN_MEMORY_H
#define MC_XNN_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <xnnpack.h>

/* malloc and its like; for xnn_initialize. */
extern const struct xnn_allocator mc_xnn_allocator;

/* From the heap alone, for what outlives a failure; to be freed with free. */
void *mc_xnn_memory_block(size_t alignment, size_t size);

/* Sets `bytes` bytes aside; false when there is not even that. Larger requests than this that fail, fail for XNNPACK, too. */
bool mc_xnn_memory_start(size_t bytes);

/* Whether a request could not be served from the heap since the start. What XNNPACK has made since is then to be destroyed, and
 * that before the end. */
bool mc_xnn_memory_failed(void);

/* Gives back what was set aside. */
void mc_xnn_memory_end(void);

#endif
