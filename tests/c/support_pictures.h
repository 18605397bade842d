/* Pictures painted for tests. */
#ifndef SUPPORT_PICTURES_H
#define SUPPORT_PICTURES_H

#include "maskcheck.h"

extern const uint8_t white[3];
extern const uint8_t primaries[MC_LABEL_COUNT][3]; /* red, green, blue */

/* A black picture with `padding` bytes behind each row. Free it with image_free. */
mc_image image_new(uint32_t width, uint32_t height, mc_pixel_format format, size_t padding);
void image_free(mc_image *image);

/* A rectangle in one colour, red first whatever the format; in gray pictures only red counts. */
void image_paint(const mc_image *image, uint32_t left, uint32_t top, uint32_t width, uint32_t height,
                 const uint8_t rgb[3]);

#endif
