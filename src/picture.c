#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "container.h"

/* No single block is larger than 16-bit RGBA of the largest picture, whatever a compressed stream unpacks to. */
#define MC_MAX_BLOCK_BYTES ((size_t)8 * MC_MAX_IMAGE_PIXELS + 65536u)

/* Nor much larger than this picture and its file need: twice 16-bit RGBA, since blocks grow by doubling, of whole JPEG blocks. */
static _Thread_local size_t most_bytes;

/* The decoder itself does not always tell that memory was what it lacked. */
static _Thread_local bool no_memory;

/* Zeroed: of what a damaged file leaves out the decoder would give what was in memory, an earlier picture perhaps. */
static void *allocate(size_t bytes) {
  if (bytes > most_bytes) return NULL;
  void *block = calloc(1, bytes);
  no_memory = no_memory || block == NULL;
  return block;
}

static void *reallocate(void *block, size_t bytes) {
  if (bytes > most_bytes) return NULL;
  void *moved = realloc(block, bytes);
  no_memory = no_memory || moved == NULL;
  return moved;
}

#define STBI_MALLOC(bytes) allocate(bytes)
#define STBI_REALLOC(block, bytes) reallocate(block, bytes)
#define STBI_FREE(block) free(block)
#define STBI_ONLY_JPEG
#define STBI_ONLY_PNG
#define STBI_ONLY_BMP
#define STBI_ONLY_GIF
#define STBI_NO_STDIO
#define STBI_NO_FAILURE_STRINGS
#define STBI_MAX_DIMENSIONS MC_MAX_IMAGE_SIDE_PX
#define STB_IMAGE_STATIC
#define STB_IMAGE_IMPLEMENTATION
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#endif
#include <stb_image.h>
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

static size_t bytes_for(const mc_container *container, size_t file_bytes) {
  const uint64_t pixels = ((uint64_t)container->width_px + 32) * ((uint64_t)container->height_px + 32);
  const uint64_t bytes = 16 * pixels + 4 * (uint64_t)file_bytes + 65536;
  return bytes < MC_MAX_BLOCK_BYTES ? (size_t)bytes : MC_MAX_BLOCK_BYTES;
}

static void put_on_white(uint8_t *rgba, size_t pixel_count) {
  for (uint8_t *pixel = rgba; pixel < rgba + 4 * pixel_count; pixel += 4) {
    const unsigned alpha = pixel[3];
    if (alpha == 255) continue;
    for (size_t c = 0; c < 3; c++) pixel[c] = (uint8_t)((pixel[c] * alpha + 255 * (255 - alpha) + 127) / 255);
    pixel[3] = 255;
  }
}

static uint8_t *mended_copy(const uint8_t *file, size_t *file_bytes, const mc_mending *mending) {
  const size_t resumed_at = mending->kept + mending->added;
  const size_t rest = *file_bytes - mending->resumed;
  uint8_t *copy = calloc(1, resumed_at + rest);
  if (copy == NULL) return NULL;
  memcpy(copy, file, mending->kept);
  memcpy(copy + resumed_at, file + mending->resumed, rest);
  memcpy(copy + mending->patched_at, mending->patch, mending->patch_bytes);
  *file_bytes = resumed_at + rest;
  return copy;
}

/* A copy that stands upright. [height, width] turns into [width, height] for orientations above 4. */
static uint8_t *turn(const uint8_t *rgba, uint32_t width, uint32_t height, unsigned orientation) {
  /* Sides are >= 1. NOLINTNEXTLINE(clang-analyzer-optin.portability.UnixAPI) */
  uint8_t *turned = malloc((size_t)width * height * 4);
  if (turned == NULL) return NULL;
  const bool swapped = orientation > 4;
  const bool from_right = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool from_bottom = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  const uint32_t out_width = swapped ? height : width;
  const uint32_t out_height = swapped ? width : height;
  uint8_t *out = turned;
  for (uint32_t y = 0; y < out_height; y++) {
    for (uint32_t x = 0; x < out_width; x++, out += 4) {
      const uint32_t across = swapped ? y : x;
      const uint32_t down = swapped ? x : y;
      const size_t column = from_right ? width - 1 - across : across;
      const size_t row = from_bottom ? height - 1 - down : down;
      memcpy(out, rgba + (row * width + column) * 4, 4);
    }
  }
  return turned;
}

mc_status mc_picture_decode(const void *file, size_t file_bytes, mc_picture *picture) {
  if (file == NULL || picture == NULL) return MC_ERROR_INVALID_ARGUMENT;
  if (file_bytes > INT_MAX - MC_MOST_ADDED_BYTES) return MC_ERROR_IMAGE_TOO_LARGE;
  mc_container container;
  mc_status status = mc_container_read(file, file_bytes, &container);
  if (status != MC_OK) return status;

  uint8_t *copy = NULL;
  if (container.mending.patch_bytes > 0) {
    copy = mended_copy(file, &file_bytes, &container.mending);
    if (copy == NULL) return MC_ERROR_OUT_OF_MEMORY;
  }
  int width = 0;
  int height = 0;
  int channels = 0;
  no_memory = false;
  most_bytes = bytes_for(&container, file_bytes);
  stbi__context source;
  stbi__start_mem(&source, copy != NULL ? copy : file, (int)file_bytes);
  uint8_t *rgba = stbi__load_and_postprocess_8bit(&source, &width, &height, &channels, 4);
  const size_t read = (size_t)(source.img_buffer - source.img_buffer_original);
  free(copy);
  if (rgba == NULL) return no_memory ? MC_ERROR_OUT_OF_MEMORY : MC_ERROR_IMAGE_INVALID;
  /* At a damaged segment of a JPEG the decoder stops, content with what it has. */
  const bool is_whole = container.end == 0 || read == container.end;
  if (!is_whole || (uint32_t)width != container.width_px || (uint32_t)height != container.height_px) {
    free(rgba);
    return MC_ERROR_IMAGE_INVALID;
  }
  put_on_white(rgba, (size_t)container.width_px * container.height_px);

  if (container.orientation != 1) {
    uint8_t *upright = turn(rgba, container.width_px, container.height_px, container.orientation);
    free(rgba);
    if (upright == NULL) return MC_ERROR_OUT_OF_MEMORY;
    rgba = upright;
  }
  const bool swapped = container.orientation > 4;
  *picture = (mc_picture){.rgba = rgba,
                          .width_px = swapped ? container.height_px : container.width_px,
                          .height_px = swapped ? container.width_px : container.height_px};
  return MC_OK;
}

void mc_picture_destroy(mc_picture *picture) {
  if (picture == NULL) return;
  free(picture->rgba);
  *picture = (mc_picture){0};
}
