/* Memory that is freed all at once. Many small things with the same lifetime need no free of their own, and an arena's
 * budget bounds what a hostile file can ask for. */
#ifndef MC_ARENA_H
#define MC_ARENA_H

#include <stddef.h>

typedef struct mc_arena {
  struct mc_arena_block *blocks; /* newest first */
  size_t left_bytes;             /* of the budget */
} mc_arena;

/* An arena that gives out at most `budget_bytes` in all. Cannot fail; nothing is allocated yet. */
void mc_arena_init(mc_arena *arena, size_t budget_bytes);

/* `count` zeroed elements of `size` bytes, aligned for every type; NULL when out of memory or over the budget. Never NULL for
 * a count of 0. */
void *mc_arena_alloc(mc_arena *arena, size_t count, size_t size);

/* A NUL-terminated copy of `text`; NULL when out of memory. */
char *mc_arena_string(mc_arena *arena, const char *text);

/* Frees one thing before the others, if it is large; small ones stay until the end. The budget stays as it is. */
void mc_arena_release(mc_arena *arena, const void *memory);

void mc_arena_destroy(mc_arena *arena);

#endif
