#include "counted_allocations.h"

#include <errno.h>
#include <stdlib.h>

/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): the linker's names */
static size_t allocations;
static size_t fail_at; /* 0: never */
static bool fail_after;
static bool failed;

static bool counts(void) {
  allocations++;
  const bool fails = fail_at != 0 && (allocations == fail_at || (fail_after && allocations > fail_at));
  failed = failed || fails;
  return !fails;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
int __real_posix_memalign(void **memory, size_t alignment, size_t size);
void *__real_memalign(size_t alignment, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
int __wrap_posix_memalign(void **memory, size_t alignment, size_t size);
void *__wrap_memalign(size_t alignment, size_t size);

void *__wrap_malloc(size_t size) {
  return counts() ? __real_malloc(size) : NULL;
}

void *__wrap_calloc(size_t count, size_t size) {
  return counts() ? __real_calloc(count, size) : NULL;
}

void *__wrap_realloc(void *memory, size_t size) {
  return counts() ? __real_realloc(memory, size) : NULL;
}

int __wrap_posix_memalign(void **memory, size_t alignment, size_t size) {
  return counts() ? __real_posix_memalign(memory, alignment, size) : ENOMEM;
}

void *__wrap_memalign(size_t alignment, size_t size) {
  return counts() ? __real_memalign(alignment, size) : NULL;
}
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */

size_t counted_allocations(void) { return allocations; }

void counted_allocations_fail(size_t first, bool all) {
  fail_at = first == 0 ? 0 : allocations + first;
  fail_after = all;
  failed = false;
}

bool counted_allocations_failed(void) { return failed; }
