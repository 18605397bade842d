#include "image.h"

size_t mc_pixel_format_bytes(mc_pixel_format format) {
  switch (format) {
    case MC_RGBA8: return 4;
    case MC_RGB8:
    case MC_BGR8: return 3;
    case MC_GRAY8: return 1;
  }
  return 0;
}

mc_status mc_image_check(const mc_image *image) {
  if (image == NULL || image->pixels == NULL) return MC_ERROR_INVALID_ARGUMENT;
  const size_t pixel_bytes = mc_pixel_format_bytes(image->format);
  if (pixel_bytes == 0) return MC_ERROR_INVALID_ARGUMENT;
  const uint32_t width = image->width_px;
  const uint32_t height = image->height_px;
  if (width == 0 || height == 0) return MC_ERROR_IMAGE_INVALID;
  if (width > MC_MAX_IMAGE_SIDE_PX || height > MC_MAX_IMAGE_SIDE_PX) return MC_ERROR_IMAGE_TOO_LARGE;
  if (width > MC_MAX_IMAGE_PIXELS / height) return MC_ERROR_IMAGE_TOO_LARGE;
  const size_t row_bytes = width * pixel_bytes;
  const size_t stride = image->stride_bytes == 0 ? row_bytes : image->stride_bytes;
  if (stride < row_bytes) return MC_ERROR_INVALID_ARGUMENT;
  if (height > 1 && stride > ((size_t)PTRDIFF_MAX - row_bytes) / (height - 1)) return MC_ERROR_INVALID_ARGUMENT;
  return MC_OK;
}

void mc_canvas_clear_row(const mc_canvas *canvas, uint32_t y) {
  float *out = canvas->data + y * canvas->row_step;
  for (uint32_t x = 0; x < canvas->width_px; x++) {
    for (size_t c = 0; c < 3; c++) out[x * canvas->column_step + c * canvas->channel_step] = 0.0f;
  }
}

void mc_canvas_halve(const mc_canvas *canvas, const mc_canvas *half_size) {
  for (uint32_t y = 0; y < half_size->height_px; y++) {
    const float *in = canvas->data + 2 * (size_t)y * canvas->row_step;
    const float *below = in + canvas->row_step;
    float *out = half_size->data + y * half_size->row_step;
    for (uint32_t x = 0; x < half_size->width_px; x++) {
      for (size_t c = 0; c < 3; c++) {
        const size_t left = 2 * (size_t)x * canvas->column_step + c * canvas->channel_step;
        const size_t right = left + canvas->column_step;
        out[x * half_size->column_step + c * half_size->channel_step] =
            0.25f * (in[left] + in[right] + below[left] + below[right]);
      }
    }
  }
}

void mc_canvas_clear(const mc_canvas *canvas) {
  for (uint32_t y = 0; y < canvas->height_px; y++) mc_canvas_clear_row(canvas, y);
}
