/* A picture file. */
#include "fuzz.h"
#include "maskcheck.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  mc_picture picture = {0};
  const mc_status status = mc_picture_decode(data, size, &picture);
  if (status != MC_OK) {
    FUZZ_CHECK(picture.rgba == NULL);
    FUZZ_CHECK(status == MC_ERROR_IMAGE_INVALID || status == MC_ERROR_IMAGE_TOO_LARGE || status == MC_ERROR_OUT_OF_MEMORY);
    return 0;
  }
  FUZZ_CHECK(picture.width_px >= 1 && picture.width_px <= MC_MAX_IMAGE_SIDE_PX);
  FUZZ_CHECK(picture.height_px >= 1 && picture.height_px <= MC_MAX_IMAGE_SIDE_PX);
  const size_t pixels = (size_t)picture.width_px * picture.height_px;
  FUZZ_CHECK(pixels <= MC_MAX_IMAGE_PIXELS);
  unsigned opaque = 255;
  for (size_t i = 0; i < pixels; i += 1 + pixels / 4096) opaque &= picture.rgba[4 * i + 3];
  FUZZ_CHECK(opaque == 255);
  mc_picture_destroy(&picture);
  return 0;
}
