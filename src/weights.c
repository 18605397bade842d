#include "weights.h"

#include <stdint.h>
#include <stdlib.h>

#include "xnn_memory.h"

typedef struct mc_weights_block {
  struct mc_weights_block *next;
  struct xnn_weights_cache_look_up_key key;
  bool found_first; /* XNNPACK looks for them before it packs: not so for depthwise convolutions */
} mc_weights_block;

/* Of the packed weights, from the block's start. */
#define OFFSET_BYTES 64u
_Static_assert(sizeof(mc_weights_block) <= OFFSET_BYTES, "the weights follow their block");

static float *packed(mc_weights_block *block) { return (void *)((char *)block + OFFSET_BYTES); }

static bool same_key(const struct xnn_weights_cache_look_up_key *a, const struct xnn_weights_cache_look_up_key *b) {
  return a->seed == b->seed && a->kernel == b->kernel && a->bias == b->bias;
}

static mc_weights_block *find(const mc_weights *weights, const struct xnn_weights_cache_look_up_key *key) {
  mc_weights_block *block = weights->blocks;
  while (block != NULL && !same_key(&block->key, key)) block = block->next;
  return block;
}

/* To XNNPACK, weights are known by an offset; here that is their address. */
static size_t offset_of(mc_weights_block *block) { return (size_t)(uintptr_t)packed(block); }

static void *address_of(void *context, size_t offset) {
  (void)context;
  return (void *)(uintptr_t)offset; /* NOLINT(performance-no-int-to-ptr) */
}

static size_t look_up(void *context, const struct xnn_weights_cache_look_up_key *key) {
  mc_weights *weights = context;
  mc_weights_block *block = find(weights, key);
  if (block != NULL) return offset_of(block);
  weights->missed = *key;
  return SIZE_MAX;
}

/* Whether the filter is gone, and this its packed form. */
static bool is_packed(const mc_weights *weights, const void *kernel) {
  for (mc_weights_block *block = weights->blocks; block != NULL; block = block->next) {
    if (packed(block) == kernel) return true;
  }
  return false;
}

static void *reserve(void *context, size_t bytes) {
  mc_weights *weights = context;
  if (is_packed(weights, weights->missed.kernel)) { /* Cannot be: an operation asks for the same weights each time. */
    weights->missed = (struct xnn_weights_cache_look_up_key){0};
    return NULL;
  }
  free(weights->reserved);
  weights->reserved = bytes <= SIZE_MAX - OFFSET_BYTES ? mc_xnn_memory_block(OFFSET_BYTES, OFFSET_BYTES + bytes) : NULL;
  return weights->reserved != NULL ? packed(weights->reserved) : NULL;
}

static size_t insert(void *context, const struct xnn_weights_cache_look_up_key *key, void *written, size_t bytes) {
  (void)bytes;
  mc_weights *weights = context;
  mc_weights_block *block = find(weights, key);
  if (block == NULL && weights->reserved != NULL && written == packed(weights->reserved)) {
    block = weights->reserved;
    *block = (mc_weights_block){.next = weights->blocks, .key = *key, .found_first = same_key(key, &weights->missed)};
    weights->blocks = block;
  } else {
    free(weights->reserved);
  }
  weights->reserved = NULL;
  weights->missed = (struct xnn_weights_cache_look_up_key){0};
  return block != NULL ? offset_of(block) : SIZE_MAX;
}

/* Weights can be used at once, and added at any time. */
static bool is_finalized(void *context) {
  (void)context;
  return true;
}

void mc_weights_init(mc_weights *weights) {
  *weights = (mc_weights){.provider = {.context = weights,
                                       .look_up = look_up,
                                       .reserve_space = reserve,
                                       .look_up_or_insert = insert,
                                       .is_finalized = is_finalized,
                                       .offset_to_addr = address_of}};
}

float *mc_weights_take(mc_weights *weights, const float *filter) {
  for (mc_weights_block *block = weights->blocks; block != NULL; block = block->next) {
    if (block->key.kernel != filter) continue;
    if (!block->found_first || packed(block) == filter) return NULL;
    block->key.kernel = packed(block);
    return packed(block);
  }
  return NULL;
}

void mc_weights_destroy(mc_weights *weights) {
  free(weights->reserved);
  while (weights->blocks != NULL) {
    mc_weights_block *next = weights->blocks->next;
    free(weights->blocks);
    weights->blocks = next;
  }
  weights->reserved = NULL;
}
