#include "arena.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Builds with sanitizers give each thing a block of its own, to see where one is overrun. */
#ifndef MC_ARENA_BLOCK_BYTES
#define MC_ARENA_BLOCK_BYTES 8192u
#endif

typedef struct mc_arena_block {
  struct mc_arena_block *next;
  size_t used, size; /* bytes after the header */
  bool alone;        /* made for one thing */
} mc_arena_block;

/* From this size on, things get a block of their own. */
#define ALONE_BYTES (MC_ARENA_BLOCK_BYTES / 8)

/* Where a block's memory starts: behind the header, aligned. */
#define ALIGNMENT _Alignof(max_align_t)
#define HEADER_BYTES ((sizeof(mc_arena_block) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT)

void mc_arena_init(mc_arena *arena, size_t budget_bytes) {
  arena->blocks = NULL;
  arena->left_bytes = budget_bytes;
}

void *mc_arena_alloc(mc_arena *arena, size_t count, size_t size) {
  if (size != 0 && count > (SIZE_MAX / 4) / size) return NULL;
  size_t bytes = count * size;
  bytes = bytes == 0 ? ALIGNMENT : (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  if (bytes > arena->left_bytes) return NULL;

  const bool alone = bytes > ALONE_BYTES;
  mc_arena_block *block = arena->blocks;
  if (alone || block == NULL || block->size - block->used < bytes) {
    const size_t block_bytes = alone ? bytes : MC_ARENA_BLOCK_BYTES;
    block = calloc(1, HEADER_BYTES + block_bytes);
    if (block == NULL) return NULL;
    block->size = block_bytes;
    block->alone = alone;
    if (alone && arena->blocks != NULL) { /* behind the block in use */
      block->next = arena->blocks->next;
      arena->blocks->next = block;
    } else {
      block->next = arena->blocks;
      arena->blocks = block;
    }
  }
  void *memory = (char *)block + HEADER_BYTES + block->used;
  block->used += bytes;
  arena->left_bytes -= bytes;
  return memory;
}

char *mc_arena_string(mc_arena *arena, const char *text) {
  const size_t bytes = strlen(text) + 1;
  char *copy = mc_arena_alloc(arena, bytes, 1);
  if (copy != NULL) memcpy(copy, text, bytes);
  return copy;
}

void mc_arena_release(mc_arena *arena, const void *memory) {
  mc_arena_block **place = &arena->blocks;
  while (*place != NULL && (const char *)*place + HEADER_BYTES != memory) place = &(*place)->next;
  mc_arena_block *block = *place;
  if (block == NULL || !block->alone) return;
  *place = block->next;
  free(block);
}

void mc_arena_destroy(mc_arena *arena) {
  for (mc_arena_block *block = arena->blocks; block != NULL;) {
    mc_arena_block *next = block->next;
    free(block);
    block = next;
  }
  arena->blocks = NULL;
}
