/* How much a model may ask for. A file of a few bytes can describe any amount of work, so everything that a file does not pay
 * for with its own size is bounded here. The fuzz targets are compiled with smaller numbers: to them, a model that costs no
 * more than these is no finding. Internal to the engine. */
#ifndef MC_BOUNDS_H
#define MC_BOUNDS_H

#include <stddef.h>
#include <stdint.h>

/* Elements of one tensor: 256 MiB as float32. */
#ifndef MC_MAX_ELEMENTS
#define MC_MAX_ELEMENTS ((size_t)1 << 26)
#endif

/* Elements of all tensors of a network together, few of which are in memory at the same time: 3 GiB as float32. The backend adds
 * some room for each and for the operation under way, and does not look whether its sums overflow 32 bits. */
#ifndef MC_MAX_PLAN_ELEMENTS
#define MC_MAX_PLAN_ELEMENTS ((uint64_t)3 << 28)
#endif

/* Operations of a network, for which XNNPACK's planning of memory takes time that grows with their square: 2 s for so many. */
#ifndef MC_MAX_PLAN_OPS
#define MC_MAX_PLAN_OPS ((size_t)4096)
#endif

/* Channels that the backend's kernels compute together; fewer take them as long. */
#define MC_LANES ((size_t)16)

/* Steps of one run: multiply-accumulates and what pools and resizings read, with channels rounded up to MC_LANES, and what means
 * read. Ten to thirty seconds on one core. */
#ifndef MC_MAX_STEPS
#define MC_MAX_STEPS ((uint64_t)1 << 38)
#endif

/* Pointers that the backend may hold for one convolution, pool or resizing, output pixels x kernel, and for all of a network:
 * 2 GiB where a pointer has 8 bytes. */
#ifndef MC_MAX_WINDOW_POINTERS
#define MC_MAX_WINDOW_POINTERS ((uint64_t)1 << 27)
#endif
#ifndef MC_MAX_PLAN_POINTERS
#define MC_MAX_PLAN_POINTERS ((uint64_t)1 << 28)
#endif

/* Below it stays the side of what is resized linearly: the backend takes no more. */
#ifndef MC_MAX_RESIZED_SIDE
#define MC_MAX_RESIZED_SIDE ((size_t)1 << 24)
#endif

/* Memory for what is computed from constants and shapes alone, in bytes: at load beyond a few times the file's size, and
 * for each size of the input. */
#ifndef MC_LOAD_BYTES
#define MC_LOAD_BYTES ((size_t)1 << 26)
#endif
#ifndef MC_PLAN_BYTES
#define MC_PLAN_BYTES ((size_t)1 << 28)
#endif

#endif
