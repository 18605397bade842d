#define _POSIX_C_SOURCE 200112L /* posix_memalign; NOLINT(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
#include "xnn_memory.h"

#include <stdlib.h>

static _Thread_local bool failed;

static void *note(void *memory) {
  if (memory == NULL) failed = true;
  return memory;
}

static void *allocate(void *context, size_t size) {
  (void)context;
  return note(malloc(size));
}

static void *reallocate(void *context, void *memory, size_t size) {
  (void)context;
  return note(realloc(memory, size));
}

static void deallocate(void *context, void *memory) {
  (void)context;
  free(memory);
}

static void *aligned_allocate(void *context, size_t alignment, size_t size) {
  (void)context;
#ifdef __EMSCRIPTEN__
  (void)alignment; /* WebAssembly reads vectors from anywhere */
  return note(malloc(size));
#else
  void *memory = NULL;
  return note(posix_memalign(&memory, alignment, size) == 0 ? memory : NULL);
#endif
}

const struct xnn_allocator mc_xnn_allocator = {
    .allocate = allocate,
    .reallocate = reallocate,
    .deallocate = deallocate,
    .aligned_allocate = aligned_allocate,
    .aligned_deallocate = deallocate,
};

void mc_xnn_memory_start(void) { failed = false; }

bool mc_xnn_memory_failed(void) { return failed; }
