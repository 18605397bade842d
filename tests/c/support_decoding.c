#include "support_decoding.h"

#include <stdlib.h>
#include <string.h>

#include "support_cmocka.h"

mc_status decode(const uint8_t *bytes, size_t size, mc_picture *picture) {
  uint8_t *exact = malloc(size + (size == 0));
  assert_non_null(exact);
  memcpy(exact, bytes, size);
  const mc_status status = mc_picture_decode(exact, size, picture);
  free(exact);
  return status;
}

mc_picture decode_good(file made) {
  mc_picture picture = {0};
  assert_int_equal(decode(made.bytes, made.size, &picture), MC_OK);
  free(made.bytes);
  return picture;
}

static const uint8_t *pixel_at(const mc_picture *picture, uint32_t x, uint32_t y) {
  return picture->rgba + ((size_t)y * picture->width_px + x) * 4;
}

void assert_color(const mc_picture *picture, uint32_t x, uint32_t y, int red, int green, int blue, int slack) {
  const uint8_t *pixel = pixel_at(picture, x, y);
  assert_in_range(pixel[0] + slack, red, red + 2 * slack);
  assert_in_range(pixel[1] + slack, green, green + 2 * slack);
  assert_in_range(pixel[2] + slack, blue, blue + 2 * slack);
  assert_int_equal(pixel[3], 255);
}

