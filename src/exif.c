#include "exif.h"

#include <stdbool.h>

enum { TAG_ORIENTATION = 0x0112, TYPE_SHORT = 3, ENTRY_BYTES = 12 };

typedef struct mc_tiff {
  const uint8_t *bytes;
  size_t size;
  bool big_endian;
} mc_tiff;

/* 0 where the block ends earlier. */
static uint32_t read(const mc_tiff *tiff, size_t at, size_t width) {
  if (at > tiff->size || width > tiff->size - at) return 0;
  uint32_t value = 0;
  for (size_t i = 0; i < width; i++) {
    const size_t from = tiff->big_endian ? i : width - 1 - i;
    value = value << 8 | tiff->bytes[at + from];
  }
  return value;
}

unsigned mc_exif_orientation(const uint8_t *tiff, size_t bytes) {
  mc_tiff block = {.bytes = tiff, .size = bytes, .big_endian = bytes > 0 && tiff[0] == 'M'};
  const uint32_t order = block.big_endian ? 0x4D4D : 0x4949;
  if (read(&block, 0, 2) != order || read(&block, 2, 2) != 42) return 1;
  const size_t directory = read(&block, 4, 4);
  const size_t entries = read(&block, directory, 2);
  for (size_t i = 0; i < entries; i++) {
    const size_t entry = directory + 2 + i * ENTRY_BYTES;
    if (entry > bytes) break; /* it claims more entries than it has */
    if (read(&block, entry, 2) != TAG_ORIENTATION) continue;
    const uint32_t value = read(&block, entry + 8, 2);
    return read(&block, entry + 2, 2) == TYPE_SHORT && value >= 1 && value <= 8 ? value : 1;
  }
  return 1;
}
