#include "support_pictures.h"

#include <stdlib.h>

#include "support_cmocka.h"

const uint8_t white[3] = {255, 255, 255};
const uint8_t primaries[MC_LABEL_COUNT][3] = {{255, 0, 0}, {0, 255, 0}, {0, 0, 255}};

static const size_t pixel_bytes[4] = {4, 3, 3, 1};

mc_image image_new(uint32_t width, uint32_t height, mc_pixel_format format, size_t padding) {
  const size_t stride = width * pixel_bytes[format] + padding;
  const uint8_t *pixels = calloc(height, stride);
  assert_non_null(pixels);
  return (mc_image){.pixels = pixels, .width_px = width, .height_px = height, .stride_bytes = stride, .format = format};
}

void image_free(mc_image *image) { free((void *)(uintptr_t)image->pixels); }

void image_paint(const mc_image *image, uint32_t left, uint32_t top, uint32_t width, uint32_t height,
                 const uint8_t rgb[3]) {
  for (uint32_t y = top; y < top + height; y++) {
    for (uint32_t x = left; x < left + width; x++) {
      uint8_t *pixel = (uint8_t *)(uintptr_t)image->pixels + y * image->stride_bytes + x * pixel_bytes[image->format];
      for (size_t c = 0; c < (image->format == MC_GRAY8 ? 1 : 3); c++) {
        pixel[image->format == MC_BGR8 ? 2 - c : c] = rgb[c];
      }
    }
  }
}
