#include "support_cmocka.h"

#include <stdbool.h>
#include <string.h>

#include "exif.h"
#include "support_random.h"

typedef struct tiff {
  uint8_t bytes[256];
  size_t size;
  bool big_endian;
} tiff;

static void put(tiff *block, uint32_t value, size_t width) {
  for (size_t i = 0; i < width; i++) {
    const size_t shift = 8 * (block->big_endian ? width - 1 - i : i);
    block->bytes[block->size++] = (uint8_t)(value >> shift);
  }
}

static void put_entry(tiff *block, uint32_t tag, uint32_t type, uint32_t value) {
  put(block, tag, 2);
  put(block, type, 2);
  put(block, 1, 4);
  put(block, value, 2);
  put(block, 0, 2);
}

/* An orientation between two other entries. */
static tiff block_with(uint32_t orientation, uint32_t type, bool big_endian) {
  tiff block = {.big_endian = big_endian};
  block.bytes[0] = block.bytes[1] = big_endian ? 'M' : 'I';
  block.size = 2;
  put(&block, 42, 2);
  put(&block, 10, 4); /* the directory does not follow at once */
  put(&block, 0xFFFF, 2);
  put(&block, 3, 2);
  put_entry(&block, 0x010F, 2, 7);
  put_entry(&block, 0x0112, type, orientation);
  put_entry(&block, 0x0128, 3, 2);
  put(&block, 0, 4);
  return block;
}

static void test_both_byte_orders(void **state) {
  (void)state;
  for (uint32_t orientation = 1; orientation <= 8; orientation++) {
    for (int big = 0; big <= 1; big++) {
      const tiff block = block_with(orientation, 3, big == 1);
      assert_int_equal(mc_exif_orientation(block.bytes, block.size), orientation);
    }
  }
}

static void test_nonsense_is_upright(void **state) {
  (void)state;
  const uint32_t values[] = {0, 9, 255, 65535};
  for (size_t i = 0; i < 4; i++) {
    const tiff block = block_with(values[i], 3, false);
    assert_int_equal(mc_exif_orientation(block.bytes, block.size), 1);
  }
  const tiff other_type = block_with(6, 2, true);
  assert_int_equal(mc_exif_orientation(other_type.bytes, other_type.size), 1);
  tiff mixed = block_with(6, 3, true);
  mixed.bytes[1] = 'I';
  assert_int_equal(mc_exif_orientation(mixed.bytes, mixed.size), 1);
  tiff far_away = block_with(6, 3, false);
  memset(far_away.bytes + 4, 0xFF, 4);
  assert_int_equal(mc_exif_orientation(far_away.bytes, far_away.size), 1);
  assert_int_equal(mc_exif_orientation((const uint8_t *)"", 0), 1);
}

/* Every cut and many random damages: never a read outside (the sanitizer watches), never a value out of range. */
static void test_damage(void **state) {
  (void)state;
  uint64_t random = random_start();
  const tiff whole = block_with(6, 3, false);
  for (size_t size = 0; size <= whole.size; size++) {
    uint8_t exact[256];
    memcpy(exact, whole.bytes, size);
    const unsigned found = mc_exif_orientation(exact, size);
    assert_true(found == 1 || found == 6);
  }
  for (int round = 0; round < 20000; round++) {
    tiff damaged = whole;
    for (int k = 0; k < 3; k++) damaged.bytes[random_below(&random, (uint32_t)whole.size)] = (uint8_t)random_below(&random, 256);
    assert_in_range(mc_exif_orientation(damaged.bytes, damaged.size), 1, 8);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_both_byte_orders),
      cmocka_unit_test(test_nonsense_is_upright),
      cmocka_unit_test(test_damage),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
