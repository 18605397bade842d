/* The outside of a picture file, looked at before anything is decoded: its size, whether it is whole, which way is up. Internal.
 * All offsets are checked; the work is linear in the file's size. */
#ifndef MC_CONTAINER_H
#define MC_CONTAINER_H

#include "maskcheck.h"

#define MC_PNG_PALETTE_BYTES ((size_t)768) /* 256 colours */

typedef struct mc_container {
  uint32_t width_px, height_px; /* as stored, before the orientation is applied; >= 1, within the limits */
  unsigned orientation;         /* [1, 8] as EXIF defines it; of JPEG and PNG, 1 for the others */
  size_t palette_at;            /* of a PNG's chunk with fewer than 256 colours; 0: there is none, or no pixel is an index */
  size_t background_at;         /* of a GIF's index of the colour beyond its frame, if it is not 0 */
} mc_container;

/* MC_ERROR_IMAGE_INVALID: not a JPEG, PNG, BMP or GIF file; cut off; so short that it cannot hold the pixels that it claims; a JPEG
 * without a scan of one of its components, with a segment that the decoder does not know, or in CMYK without saying how its inks are
 * stored; a palette of no or half a colour, or with more transparencies than colours. MC_ERROR_IMAGE_TOO_LARGE: more pixels than we
 * decode. */
mc_status mc_container_read(const uint8_t *file, size_t file_bytes, mc_container *container);

#endif
