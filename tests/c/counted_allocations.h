/* Counts what a program takes from the heap: the linker sends every call of malloc and its like, XNNPACK's too, through here. Only
 * for programs that are linked so (tests/CMakeLists.txt). */
#ifndef COUNTED_ALLOCATIONS_H
#define COUNTED_ALLOCATIONS_H

#include <stddef.h>

/* Since the start. */
size_t counted_allocations(void);

#endif
