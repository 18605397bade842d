#include "container.h"

#include <string.h>

#include "exif.h"

/* Most pixels that one byte of a file can stand for: JPEG spends at least one bit on a block of 64 pixels; deflate shrinks by
 * 1032 at most, and a PNG pixel has at least one bit; GIF spends at least 12 bits on a run of at most 4096 pixels once its table
 * of runs is full, and more before. A file that claims more is refused before memory is set aside. */
#define MC_JPEG_PIXELS_PER_BYTE 512u
#define MC_PNG_PIXELS_PER_BYTE 8256u
#define MC_GIF_PIXELS_PER_BYTE 2731u
#define MC_BMP_PIXELS_PER_BYTE 8u

/* A scan of a few bytes makes the decoder go over the whole picture: pixels times scans, some seconds on one core. A progressive
 * photo has about ten scans, so that the largest picture may have some more. */
#define MC_MAX_JPEG_SCANNED_PIXELS ((uint64_t)1 << 31)

typedef struct mc_bytes {
  const uint8_t *at;
  size_t size;
} mc_bytes;

/* The reads below are all preceded by a check of the size. */
static uint32_t big16(const uint8_t *at) { return (uint32_t)at[0] << 8 | at[1]; }
static uint32_t big32(const uint8_t *at) { return big16(at) << 16 | big16(at + 2); }
static uint32_t little16(const uint8_t *at) { return (uint32_t)at[1] << 8 | at[0]; }
static uint32_t little32(const uint8_t *at) { return little16(at + 2) << 16 | little16(at); }

static bool starts_with(mc_bytes bytes, const void *prefix, size_t size) {
  return bytes.size >= size && memcmp(bytes.at, prefix, size) == 0;
}

static bool skip(mc_bytes *bytes, size_t count) {
  if (count > bytes->size) return false;
  bytes->at += count;
  bytes->size -= count;
  return true;
}

/* --- JPEG -------------------------------------------------------------------------------------------------------- */

enum { JPEG_END = 0xD9, JPEG_SCAN = 0xDA, JPEG_EXIF = 0xE1, JPEG_ADOBE = 0xEE };

static bool is_frame(unsigned marker) {
  return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

static bool is_restart(unsigned marker) { return marker >= 0xD0 && marker <= 0xD7; }

/* At others the decoder stops, content with what it has. */
static bool is_decoded(unsigned marker) {
  return is_frame(marker) || marker == 0xC4 || marker == JPEG_SCAN || marker == 0xDB || marker == 0xDC || marker == 0xDD ||
         (marker >= 0xE0 && marker <= 0xEF) || marker == 0xFE;
}

/* Moves to behind the next marker; in a scan's data, stuffed zeros and restarts are not markers. 0: the file ends. */
static unsigned next_marker(mc_bytes *file) {
  for (;;) {
    const uint8_t *found = file->size == 0 ? NULL : memchr(file->at, 0xFF, file->size);
    if (found == NULL) return 0;
    skip(file, (size_t)(found - file->at));
    while (file->size > 0 && *file->at == 0xFF) skip(file, 1);
    if (file->size == 0) return 0;
    const unsigned marker = *file->at;
    skip(file, 1);
    if (marker != 0 && !is_restart(marker)) return marker;
  }
}

enum { JPEG_MOST_COMPONENTS = 4 };

/* Which components, one bit each, a scan draws: a count, two bytes for each, then the first of its frequencies. From 1 on they are
 * detail to be added to what another scan draws. */
static unsigned drawn_by_scan(mc_bytes scan, const uint8_t *ids, unsigned components) {
  const size_t count = scan.size == 0 ? 0 : scan.at[0];
  if (scan.size < 2 + 2 * count || scan.at[1 + 2 * count] != 0) return 0;
  unsigned drawn = 0;
  for (size_t i = 0; i < count; i++) {
    for (unsigned k = 0; k < components; k++) drawn |= (scan.at[1 + 2 * i] == ids[k] ? 1U : 0U) << k;
  }
  return drawn;
}

static mc_status read_jpeg(mc_bytes file, mc_container *container) {
  static const uint8_t exif[6] = {'E', 'x', 'i', 'f', 0, 0};
  uint8_t ids[JPEG_MOST_COMPONENTS] = {0};
  unsigned components = 0;
  unsigned drawn = 0;
  bool adobe = false;
  bool has_exif = false;
  uint64_t scans = 0;
  const uint8_t *const start = file.at;
  skip(&file, 2);
  for (;;) {
    const unsigned marker = next_marker(&file);
    if (marker == 0) return MC_ERROR_IMAGE_INVALID;
    if (marker == JPEG_END) break;
    if (!is_decoded(marker) || file.size < 2) return MC_ERROR_IMAGE_INVALID;
    const size_t length = big16(file.at);
    if (length < 2 || length > file.size) return MC_ERROR_IMAGE_INVALID;
    const mc_bytes segment = {file.at + 2, length - 2};
    skip(&file, length);
    if (is_frame(marker)) {
      /* One only, or the decoder would go by the first, and we by the last. */
      if (segment.size < 6 || components != 0) return MC_ERROR_IMAGE_INVALID;
      container->height_px = big16(segment.at + 1);
      container->width_px = big16(segment.at + 3);
      components = segment.at[5];
      if (components > JPEG_MOST_COMPONENTS || segment.size < 6 + (size_t)3 * components) return MC_ERROR_IMAGE_INVALID;
      for (size_t k = 0; k < components; k++) ids[k] = segment.at[6 + 3 * k];
    } else if (marker == JPEG_EXIF && !has_exif && starts_with(segment, exif, sizeof(exif))) {
      has_exif = true; /* others are its continuation */
      container->orientation = mc_exif_orientation(segment.at + sizeof(exif), segment.size - sizeof(exif));
    } else if (marker == JPEG_ADOBE && starts_with(segment, "Adobe", 5)) {
      adobe = true;
    } else if (marker == JPEG_SCAN) {
      scans++;
      drawn |= drawn_by_scan(segment, ids, components);
    }
  }
  container->end = (size_t)(file.at - start);
  if (drawn != (1U << components) - 1) return MC_ERROR_IMAGE_INVALID;
  const uint64_t pixels = (uint64_t)container->width_px * container->height_px; /* more than we decode is told by check_size */
  if (pixels <= MC_MAX_IMAGE_PIXELS && scans * pixels > MC_MAX_JPEG_SCANNED_PIXELS) return MC_ERROR_IMAGE_INVALID;
  /* Without Adobe's note nobody knows whether four channels are CMYK, and which way round. */
  return components == 0 || (components == 4 && !adobe) ? MC_ERROR_IMAGE_INVALID : MC_OK;
}

/* --- PNG, BMP, GIF ----------------------------------------------------------------------------------------------- */

static mc_status read_png(mc_bytes file, mc_container *container) {
  if (file.size < 26 || memcmp(file.at + 12, "IHDR", 4) != 0) return MC_ERROR_IMAGE_INVALID;
  container->width_px = big32(file.at + 16);
  container->height_px = big32(file.at + 20);
  return MC_OK;
}

enum { MOST_COLOURS = 256, PNG_PALETTE_BYTES = 3 * MOST_COLOURS };

/* The decoder takes colours that a palette lacks from memory never written: they are added, black. */
static mc_mending longer_png_palette(size_t chunk_at, size_t length) {
  const size_t end = chunk_at + 8 + length;
  return (mc_mending){.kept = end,
                      .added = PNG_PALETTE_BYTES - length,
                      .resumed = end,
                      .patched_at = chunk_at,
                      .patch = {0, 0, PNG_PALETTE_BYTES >> 8, PNG_PALETTE_BYTES & 0xFF},
                      .patch_bytes = 4};
}

/* Chunks: length, type, data, checksum. The decoder takes memory for a length before it looks for the data. */
static mc_status read_png_chunks(mc_bytes file, mc_container *container) {
  const uint8_t *start = file.at;
  const bool is_indexed = start[25] == 3;
  size_t colours = 0;
  skip(&file, 8);
  while (file.size >= 8) {
    const size_t length = big32(file.at);
    if (memcmp(file.at + 4, "IEND", 4) == 0) return MC_OK;
    if (file.size < 12 || length > file.size - 12) return MC_ERROR_IMAGE_INVALID;
    /* Seen to here, because the decoder gets a longer palette. */
    if (is_indexed && memcmp(file.at + 4, "PLTE", 4) == 0) {
      if (length == 0 || length % 3 != 0) return MC_ERROR_IMAGE_INVALID;
      colours = length / 3;
      if (length < PNG_PALETTE_BYTES) container->mending = longer_png_palette((size_t)(file.at - start), length);
    }
    if (is_indexed && memcmp(file.at + 4, "tRNS", 4) == 0 && length > colours) return MC_ERROR_IMAGE_INVALID;
    if (memcmp(file.at + 4, "eXIf", 4) == 0) container->orientation = mc_exif_orientation(file.at + 8, length);
    skip(&file, 12 + length);
  }
  return MC_ERROR_IMAGE_INVALID;
}

/* As for PNG. The palette reaches from the header to the pixels; of an old file the decoder takes it for shorter by twelve bytes. */
static mc_status lengthen_bmp_palette(size_t header_end, bool old, size_t pixels_at, mc_mending *mending) {
  const size_t colour_bytes = old ? 3 : 4;
  const size_t colours = pixels_at < header_end ? 0 : (pixels_at - header_end) / colour_bytes;
  if (colours == 0) return MC_ERROR_IMAGE_INVALID;
  const size_t kept = header_end + colour_bytes * (colours < MOST_COLOURS ? colours : MOST_COLOURS);
  const size_t end = header_end + colour_bytes * MOST_COLOURS + (old ? 12 : 0);
  *mending = (mc_mending){.kept = kept,
                          .added = end - kept,
                          .resumed = pixels_at,
                          .patched_at = 10,
                          .patch = {(uint8_t)end, (uint8_t)(end >> 8), 0, 0},
                          .patch_bytes = 4};
  return MC_OK;
}

static mc_status read_bmp(mc_bytes file, mc_container *container) {
  if (file.size < 26) return MC_ERROR_IMAGE_INVALID;
  const uint64_t pixels_at = little32(file.at + 10);
  const uint32_t header_bytes = little32(file.at + 14);
  const bool old = header_bytes == 12;
  if (!old && file.size < 34) return MC_ERROR_IMAGE_INVALID;
  const uint32_t height = old ? little16(file.at + 20) : little32(file.at + 22);
  container->width_px = old ? little16(file.at + 18) : little32(file.at + 18);
  container->height_px = height > INT32_MAX && height != 0 ? 0U - height : height; /* negative: top row first */
  const uint64_t bits = old ? little16(file.at + 24) : little16(file.at + 28);
  const uint64_t row_bytes = (container->width_px * bits + 31) / 32 * 4;
  if (container->height_px != 0 && row_bytes > file.size / container->height_px) return MC_ERROR_IMAGE_INVALID;
  if (pixels_at + row_bytes * container->height_px > file.size) return MC_ERROR_IMAGE_INVALID;
  if (bits >= 16) return MC_OK;
  /* The longest header there is; the decoder refuses others, too. */
  if (header_bytes > 124) return MC_ERROR_IMAGE_INVALID;
  return lengthen_bmp_palette(14 + (size_t)header_bytes, old, (size_t)pixels_at, &container->mending);
}

/* Blocks of up to 255 bytes, closed by an empty one. */
static bool skip_gif_blocks(mc_bytes *file) {
  while (file->size > 0) {
    const size_t length = *file->at;
    if (!skip(file, 1 + length)) return false;
    if (length == 0) return true;
  }
  return false;
}

static size_t gif_palette_bytes(unsigned flags) { return (flags & 0x80) != 0 ? 3U << ((flags & 7) + 1) : 0; }

/* Up to the end of the first frame; later ones are not looked at. */
static mc_status read_gif(mc_bytes file, mc_container *container) {
  if (file.size < 13) return MC_ERROR_IMAGE_INVALID;
  container->width_px = little16(file.at + 6);
  container->height_px = little16(file.at + 8);
  /* The decoder exchanges red and blue of what lies beyond the frame, which has to be transparent: its colour becomes the first. */
  if (file.at[11] != 0) container->mending = (mc_mending){.kept = file.size, .resumed = file.size, .patched_at = 11, .patch_bytes = 1};
  if (!skip(&file, 13 + gif_palette_bytes(file.at[10]))) return MC_ERROR_IMAGE_INVALID;
  while (file.size >= 10) {
    if (*file.at == 0x21) { /* extension: a kind, then blocks */
      skip(&file, 2);
      if (!skip_gif_blocks(&file)) return MC_ERROR_IMAGE_INVALID;
    } else if (*file.at == 0x2C) { /* frame: place, palette, code size, blocks */
      if (!skip(&file, 10 + gif_palette_bytes(file.at[9]) + 1)) return MC_ERROR_IMAGE_INVALID;
      return skip_gif_blocks(&file) ? MC_OK : MC_ERROR_IMAGE_INVALID;
    } else {
      return MC_ERROR_IMAGE_INVALID;
    }
  }
  return MC_ERROR_IMAGE_INVALID;
}

/* ----------------------------------------------------------------------------------------------------------------- */

static mc_status check_size(const mc_container *container, size_t file_bytes, uint64_t pixels_per_byte) {
  const uint64_t width = container->width_px;
  const uint64_t height = container->height_px;
  if (width == 0 || height == 0) return MC_ERROR_IMAGE_INVALID;
  if (width > MC_MAX_IMAGE_SIDE_PX || height > MC_MAX_IMAGE_SIDE_PX || width * height > MC_MAX_IMAGE_PIXELS) {
    return MC_ERROR_IMAGE_TOO_LARGE;
  }
  return width * height / pixels_per_byte > file_bytes ? MC_ERROR_IMAGE_INVALID : MC_OK;
}

mc_status mc_container_read(const uint8_t *file, size_t file_bytes, mc_container *container) {
  static const uint8_t jpeg[3] = {0xFF, 0xD8, 0xFF};
  static const uint8_t png[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
  const mc_bytes bytes = {file, file_bytes};
  mc_container read = {.orientation = 1};
  uint64_t pixels_per_byte = MC_BMP_PIXELS_PER_BYTE;
  mc_status status = MC_ERROR_IMAGE_INVALID;
  if (starts_with(bytes, jpeg, sizeof(jpeg))) {
    status = read_jpeg(bytes, &read);
    pixels_per_byte = MC_JPEG_PIXELS_PER_BYTE;
  } else if (starts_with(bytes, png, sizeof(png))) {
    status = read_png(bytes, &read);
    pixels_per_byte = MC_PNG_PIXELS_PER_BYTE;
  } else if (starts_with(bytes, "GIF87a", 6) || starts_with(bytes, "GIF89a", 6)) {
    status = read_gif(bytes, &read);
    pixels_per_byte = MC_GIF_PIXELS_PER_BYTE;
  } else if (starts_with(bytes, "BM", 2)) {
    status = read_bmp(bytes, &read);
  }
  if (status == MC_OK) status = check_size(&read, file_bytes, pixels_per_byte);
  if (status == MC_OK && starts_with(bytes, png, sizeof(png))) status = read_png_chunks(bytes, &read);
  if (status == MC_OK) *container = read;
  return status;
}
