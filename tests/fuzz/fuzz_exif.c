/* An EXIF block. */
#include "exif.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const unsigned orientation = mc_exif_orientation(data, size);
  FUZZ_CHECK(orientation >= 1 && orientation <= 8);
  return 0;
}
