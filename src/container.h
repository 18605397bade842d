/* The outside of a picture file, looked at before anything is decoded: its size, whether it is whole, which way is up. Internal.
 * All offsets are checked; the work is linear in the file's size. */
#ifndef MC_CONTAINER_H
#define MC_CONTAINER_H

#include "maskcheck.h"

#define MC_MOST_ADDED_BYTES ((size_t)1036)

/* How to make a copy of which the decoder makes no mistakes: the file up to `kept`, `added` zeros, the file from `resumed` on; at
 * `patched_at` bytes of `patch` in place of those there. */
typedef struct mc_mending {
  size_t kept, added, resumed;
  size_t patched_at;
  uint8_t patch[4];
  size_t patch_bytes; /* 0: the file is good as it is */
} mc_mending;

typedef struct mc_container {
  uint32_t width_px, height_px; /* as stored, before the orientation is applied; >= 1, within the limits */
  unsigned orientation;         /* [1, 8] as EXIF defines it; of JPEG and PNG, 1 for the others */
  size_t end;                   /* of a JPEG: behind its last marker; 0 for the others */
  mc_mending mending;
} mc_container;

/* MC_ERROR_IMAGE_INVALID: not a JPEG, PNG, BMP or GIF file; cut off; so short that it cannot hold the pixels that it claims; a JPEG
 * without a scan of one of its components, with a segment that the decoder does not know, or in CMYK without saying how its inks are
 * stored; a PNG's palette of no or half a colour, or with more transparencies than colours; a BMP's of none.
 * MC_ERROR_IMAGE_TOO_LARGE: more pixels than we decode. */
mc_status mc_container_read(const uint8_t *file, size_t file_bytes, mc_container *container);

#endif
