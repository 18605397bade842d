/* Counts what a program takes from the heap, and can refuse it: the linker sends every call of malloc and its like, XNNPACK's too, through here. Only
 * for programs that are linked so (tests/CMakeLists.txt). */
#ifndef COUNTED_ALLOCATIONS_H
#define COUNTED_ALLOCATIONS_H

#include <stdbool.h>
#include <stddef.h>

/* Since the start. */
size_t counted_allocations(void);

/* From now on, allocation `first` (1 is the next one) fails, and if `all` is true those after it, too; 0: none. */
void counted_allocations_fail(size_t first, bool all);

/* Whether one has failed since the last call of counted_allocations_fail. */
bool counted_allocations_failed(void);

#endif
