/* Picture files made in memory. */
#ifndef SUPPORT_FILES_H
#define SUPPORT_FILES_H

#include <stddef.h>
#include <stdint.h>

typedef struct file {
  uint8_t *bytes; /* free() */
  size_t size;
} file;

void file_append(file *made, const void *bytes, size_t size);
void file_append_byte(file *made, unsigned byte);

/* pixels: [height, width, channels]; channels 1 (gray), 2 (gray, alpha), 3 or 4. */
file file_png(const uint8_t *pixels, uint32_t width, uint32_t height, int channels);
/* With an eXIf chunk that says how it is turned. */
file file_png_turned(const uint8_t *pixels, uint32_t width, uint32_t height, int channels, unsigned orientation);
/* depth 16; samples: [height, width, 3], native byte order. */
file file_png16(const uint16_t *samples, uint32_t width, uint32_t height);
/* indices: [height, width]; palette: [colors, 3]; alpha: [colors] or NULL. */
file file_png_palette(const uint8_t *indices, uint32_t width, uint32_t height, const uint8_t *palette, uint32_t colors,
                      const uint8_t *alpha);
/* A header that claims any size, with no pixels behind it. */
file file_png_header(uint32_t width, uint32_t height);
file file_bmp(const uint8_t *pixels, uint32_t width, uint32_t height, int channels);
/* indices: [height, width], of 1, 4 or 8 bits; palette: [colors, 3]; a header of 12, 40, 108 or 124 bytes; `gap` bytes between the
 * palette and the pixels. */
file file_bmp_palette(const uint8_t *indices, uint32_t width, uint32_t height, unsigned bits, const uint8_t *palette,
                      uint32_t colors, uint32_t header_bytes, uint32_t gap);
/* The JPEG file with an EXIF block in front that says how it is turned. */
file file_jpeg(const uint8_t *plain, size_t size, unsigned orientation);
/* indices below 4; palette: [4, 3]; transparent: an index, or -1. */
file file_gif(const uint8_t *indices, uint16_t width, uint16_t height, const uint8_t *palette, int transparent);

#endif
