/* Internal. */
#ifndef MC_EXIF_H
#define MC_EXIF_H

#include <stddef.h>
#include <stdint.h>

/* Orientation in an EXIF block, tiff being what follows "Exif\0\0": [1, 8] as EXIF defines it, 1 (upright) if there is none or
 * the block is damaged. */
unsigned mc_exif_orientation(const uint8_t *tiff, size_t bytes);

#endif
