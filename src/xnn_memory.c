#define _POSIX_C_SOURCE 200112L /* posix_memalign; NOLINT(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
#include "xnn_memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define ALIGNMENT ((size_t)64) /* enough for all that XNNPACK aligns; each block has one such unit before it, with its size */

typedef struct reserve {
  char *bytes; /* NULL: nothing set aside */
  size_t size, used;
  bool failed;
} reserve;

static _Thread_local reserve spare;

/* A block from what was set aside, after the heap has failed. */
static void *spare_block(size_t size) {
  spare.failed = true;
  if (spare.bytes == NULL || size > spare.size) return NULL;
  const size_t start = (spare.used + 2 * ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  if (start > spare.size || size > spare.size - start) return NULL;
  memcpy(spare.bytes + start - sizeof size, &size, sizeof size);
  spare.used = start + size;
  return spare.bytes + start;
}

static bool is_spare(const void *memory) {
  const uintptr_t at = (uintptr_t)memory;
  const uintptr_t start = (uintptr_t)spare.bytes;
  return spare.bytes != NULL && at >= start && at < start + spare.size;
}

void *mc_xnn_memory_block(size_t alignment, size_t size) {
#ifdef __EMSCRIPTEN__
  (void)alignment; /* WebAssembly reads vectors from anywhere */
  return malloc(size);
#else
  void *memory = NULL;
  if (alignment == 0) return malloc(size);
  return posix_memalign(&memory, alignment, size) == 0 ? memory : NULL;
#endif
}

static void *aligned_allocate(void *context, size_t alignment, size_t size) {
  (void)context;
  void *memory = mc_xnn_memory_block(alignment, size);
  return memory != NULL ? memory : spare_block(size);
}

static void *allocate(void *context, size_t size) { return aligned_allocate(context, 0, size); }

static void *reallocate(void *context, void *memory, size_t size) {
  if (!is_spare(memory)) {
    void *moved = realloc(memory, size);
    spare.failed = spare.failed || moved == NULL;
    return moved;
  }
  size_t old = 0;
  memcpy(&old, (char *)memory - sizeof old, sizeof old);
  void *moved = allocate(context, size);
  if (moved != NULL) memcpy(moved, memory, old < size ? old : size);
  return moved;
}

static void deallocate(void *context, void *memory) {
  (void)context;
  if (!is_spare(memory)) free(memory);
}

const struct xnn_allocator mc_xnn_allocator = {
    .allocate = allocate,
    .reallocate = reallocate,
    .deallocate = deallocate,
    .aligned_allocate = aligned_allocate,
    .aligned_deallocate = deallocate,
};

bool mc_xnn_memory_start(size_t bytes) {
  void *memory = mc_xnn_memory_block(ALIGNMENT, bytes);
  if (memory == NULL) return false;
  spare = (reserve){.bytes = memory, .size = bytes};
  return true;
}

bool mc_xnn_memory_failed(void) { return spare.failed; }

void mc_xnn_memory_end(void) {
  free(spare.bytes);
  spare = (reserve){0};
}
