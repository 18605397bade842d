/* The outside of a picture file, looked at before anything is decoded: its size, whether it is whole, which way is up. Internal.
 * All offsets are checked; the work is linear in the file's size. */
#ifndef MC_CONTAINER_H
#define MC_CONTAINER_H

#include "maskcheck.h"

#define MC_PNG_PALETTE_BYTES ((size_t)768) /* 256 colours */

typedef struct mc_container {
  uint32_t width_px, height_px; /* as stored, before the orientation is applied; >= 1, within the limits */
  unsigned orientation;         /* [1, 8] as EXIF defines it; of JPEG and PNG, 1 for the others */
  struct {
    uint32_t left_px, top_px, right_px, bottom_px;
  } drawn;           /* where the file has pixels; beyond it there are none. More than the picture but in GIF files */
  size_t palette_at; /* of a PNG chunk with fewer colours than indices can name; 0: none */
} mc_container;

/* MC_ERROR_IMAGE_INVALID: not a JPEG, PNG, BMP or GIF file; cut off; so short that it cannot hold the pixels that it claims; a JPEG
 * without a scan of one of its components, or a CMYK JPEG that does not say how its inks are stored. MC_ERROR_IMAGE_TOO_LARGE: more pixels than we decode. */
mc_status mc_container_read(const uint8_t *file, size_t file_bytes, mc_container *container);

#endif
