#include "support_files.h"

#include <stdlib.h>
#include <string.h>

#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STBI_WRITE_NO_STDIO
#include <stb_image_write.h>

void file_append(file *made, const void *bytes, size_t size) {
  uint8_t *grown = realloc(made->bytes, made->size + size + 1);
  if (grown == NULL) abort();
  memcpy(grown + made->size, bytes, size);
  made->bytes = grown;
  made->size += size;
}

void file_append_byte(file *made, unsigned byte) {
  const uint8_t value = (uint8_t)byte;
  file_append(made, &value, 1);
}

static void append_number(file *made, uint32_t number, size_t bytes, int big_endian) {
  for (size_t i = 0; i < bytes; i++) file_append_byte(made, number >> 8 * (big_endian ? bytes - 1 - i : i));
}

static void write_to(void *context, void *bytes, int size) { file_append(context, bytes, (size_t)size); }

file file_png(const uint8_t *pixels, uint32_t width, uint32_t height, int channels) {
  file made = {0};
  if (stbi_write_png_to_func(write_to, &made, (int)width, (int)height, channels, pixels, 0) == 0) abort();
  return made;
}

file file_bmp(const uint8_t *pixels, uint32_t width, uint32_t height, int channels) {
  file made = {0};
  if (stbi_write_bmp_to_func(write_to, &made, (int)width, (int)height, channels, pixels) == 0) abort();
  return made;
}

/* An EXIF block of one entry, all but the six bytes of its name. */
static void append_exif(file *made, unsigned orientation) {
  file_append(made, "MM\0\x2A\0\0\0\x08" "\0\x01\x01\x12\0\x03\0\0\0\x01\0", 19);
  file_append_byte(made, orientation);
  file_append(made, "\0\0\0\0\0\0", 6);
}

/* --- PNG in forms that stb_image_write does not know; checksums are left 0, which stb_image does not look at --------- */

static void append_chunk(file *made, const char *type, const void *bytes, size_t size) {
  append_number(made, (uint32_t)size, 4, 1);
  file_append(made, type, 4);
  file_append(made, bytes, size);
  append_number(made, 0, 4, 1);
}

file file_png_turned(const uint8_t *pixels, uint32_t width, uint32_t height, int channels, unsigned orientation) {
  enum { BEFORE = 33 }; /* signature and header */
  file plain = file_png(pixels, width, height, channels);
  file exif = {0};
  file made = {0};
  append_exif(&exif, orientation);
  file_append(&made, plain.bytes, BEFORE);
  append_chunk(&made, "eXIf", exif.bytes, exif.size);
  file_append(&made, plain.bytes + BEFORE, plain.size - BEFORE);
  free(exif.bytes);
  free(plain.bytes);
  return made;
}

static file png_start(uint32_t width, uint32_t height, unsigned depth, unsigned color) {
  file made = {0};
  file header = {0};
  file_append(&made, "\x89PNG\r\n\x1A\n", 8);
  append_number(&header, width, 4, 1);
  append_number(&header, height, 4, 1);
  file_append_byte(&header, depth);
  file_append_byte(&header, color);
  append_number(&header, 0, 3, 1);
  append_chunk(&made, "IHDR", header.bytes, header.size);
  free(header.bytes);
  return made;
}

/* rows: filter byte and samples of each row, all together. */
static void png_finish(file *made, file *rows) {
  int size = 0;
  unsigned char *packed = stbi_zlib_compress(rows->bytes, (int)rows->size, &size, 8);
  if (packed == NULL) abort();
  append_chunk(made, "IDAT", packed, (size_t)size);
  append_chunk(made, "IEND", "", 0);
  free(packed);
  free(rows->bytes);
}

file file_png_header(uint32_t width, uint32_t height) { return png_start(width, height, 8, 6); }

file file_png16(const uint16_t *samples, uint32_t width, uint32_t height) {
  file made = png_start(width, height, 16, 2);
  file rows = {0};
  for (uint32_t y = 0; y < height; y++) {
    file_append_byte(&rows, 0);
    for (uint32_t x = 0; x < 3 * width; x++) append_number(&rows, samples[3 * width * y + x], 2, 1);
  }
  png_finish(&made, &rows);
  return made;
}

file file_png_palette(const uint8_t *indices, uint32_t width, uint32_t height, const uint8_t *palette, uint32_t colors,
                      const uint8_t *alpha) {
  file made = png_start(width, height, 8, 3);
  append_chunk(&made, "PLTE", palette, (size_t)3 * colors);
  if (alpha != NULL) append_chunk(&made, "tRNS", alpha, colors);
  file rows = {0};
  for (uint32_t y = 0; y < height; y++) {
    file_append_byte(&rows, 0);
    file_append(&rows, indices + (size_t)width * y, width);
  }
  png_finish(&made, &rows);
  return made;
}

/* --- BMP with a palette ------------------------------------------------------------------------------------------- */

static void append_zeros(file *made, size_t count) {
  for (size_t i = 0; i < count; i++) file_append_byte(made, 0);
}

file file_bmp_palette(const uint8_t *indices, uint32_t width, uint32_t height, unsigned bits, const uint8_t *palette,
                      uint32_t colors, uint32_t header_bytes, uint32_t gap) {
  const int old = header_bytes == 12;
  const size_t side_bytes = old ? 2 : 4;
  file made = {0};
  file_append(&made, "BM\0\0\0\0\0\0\0\0", 10);
  append_number(&made, 14 + header_bytes + colors * (old ? 3 : 4) + gap, 4, 0);
  append_number(&made, header_bytes, 4, 0);
  append_number(&made, width, side_bytes, 0);
  append_number(&made, height, side_bytes, 0);
  append_number(&made, 1, 2, 0);
  append_number(&made, bits, 2, 0);
  append_zeros(&made, 14 + header_bytes - made.size);
  for (size_t i = 0; i < colors; i++) {
    for (size_t c = 0; c < 3; c++) file_append_byte(&made, palette[3 * i + 2 - c]);
    if (!old) file_append_byte(&made, 0);
  }
  append_zeros(&made, gap);
  for (size_t y = height; y-- > 0;) { /* the bottom row first */
    const size_t start = made.size;
    append_zeros(&made, ((size_t)width * bits + 31) / 32 * 4);
    for (size_t x = 0; x < width; x++) {
      made.bytes[start + x * bits / 8] |= (uint8_t)(indices[width * y + x] << (8 - bits - x * bits % 8));
    }
  }
  return made;
}

/* --- JPEG with EXIF ---------------------------------------------------------------------------------------------- */

file file_jpeg(const uint8_t *plain, size_t size, unsigned orientation) {
  file made = {0};
  file_append(&made, plain, 2); /* start of image, then our block, then the rest */
  file_append(&made,
              "\xFF\xE1\0\x22"
              "Exif\0\0",
              10);
  append_exif(&made, orientation);
  file_append(&made, plain + 2, size - 2);
  return made;
}

/* --- GIF --------------------------------------------------------------------------------------------------------- */

/* Codes of 3 bits with a clear before every two pixels, so that the table never grows: LZW without compression. */
static void append_gif_pixels(file *made, const uint8_t *indices, size_t count) {
  enum { CLEAR = 4, END = 5, CODE_BITS = 3 };
  uint8_t block[255];
  size_t used = 0;
  uint32_t bits = 0;
  unsigned bit_count = 0;
  file_append_byte(made, 2); /* bits of a pixel */
  for (size_t i = 0; i <= 3 * ((count + 1) / 2); i++) {
    const size_t pixel = i / 3 * 2 + i % 3 - 1;
    unsigned code = i % 3 == 0 ? CLEAR : pixel < count ? indices[pixel] : END;
    if (i == 3 * ((count + 1) / 2)) code = END;
    bits |= code << bit_count;
    bit_count += CODE_BITS;
    const int last = i == 3 * ((count + 1) / 2);
    while (bit_count >= 8 || (last && bit_count > 0)) {
      block[used++] = (uint8_t)bits;
      bits >>= 8;
      bit_count = bit_count > 8 ? bit_count - 8 : 0;
      if (used == sizeof(block)) {
        file_append_byte(made, 255);
        file_append(made, block, used);
        used = 0;
      }
    }
  }
  if (used > 0) {
    file_append_byte(made, (unsigned)used);
    file_append(made, block, used);
  }
  file_append_byte(made, 0);
}

file file_gif(const uint8_t *indices, uint16_t width, uint16_t height, const uint8_t *palette, int transparent) {
  file made = {0};
  file_append(&made, "GIF89a", 6);
  append_number(&made, width, 2, 0);
  append_number(&made, height, 2, 0);
  file_append(&made, "\x91\0\0", 3); /* palette of 4 */
  file_append(&made, palette, 12);
  if (transparent >= 0) {
    file_append(&made, "\x21\xF9\x04\x01\0\0", 6);
    file_append_byte(&made, (unsigned)transparent);
    file_append_byte(&made, 0);
  }
  file_append_byte(&made, 0x2C);
  append_number(&made, 0, 4, 0);
  append_number(&made, width, 2, 0);
  append_number(&made, height, 2, 0);
  file_append_byte(&made, 0);
  append_gif_pixels(&made, indices, (size_t)width * height);
  file_append_byte(&made, 0x3B);
  return made;
}
