/* Two model files: make a detector, look at a picture. The input is the face model's size as four little-endian bytes, the face
 * model, the mask model. */
#include <string.h>

#include "fuzz.h"
#include "maskcheck.h"

#define FUZZ_MAX_FILE_BYTES 1048576u

static uint32_t face_bytes(const uint8_t *data, size_t size) {
  fuzz_reader reader = {data, size};
  const uint32_t asked = fuzz_u32(&reader);
  return asked < reader.left ? asked : (uint32_t)reader.left;
}

static void check_result(const mc_result *result, const mc_image *image) {
  for (size_t i = 0; i < result->face_count; i++) {
    const mc_face *face = &result->faces[i];
    FUZZ_CHECK(fuzz_is_distribution(face->probabilities));
    FUZZ_CHECK(face->score >= 0 && face->score <= 1);
    FUZZ_CHECK(face->box.x >= 0 && face->box.width > 0 && face->box.x + face->box.width <= (float)image->width_px + 0.01f);
    FUZZ_CHECK(face->box.y >= 0 && face->box.height > 0 && face->box.y + face->box.height <= (float)image->height_px + 0.01f);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size < 4 || size > FUZZ_MAX_FILE_BYTES) return 0;
  const uint32_t face = face_bytes(data, size);
  mc_detector *detector = NULL;
  mc_message message;
  mc_options options;
  mc_options_init(&options);
  const bool at_two_sizes = size % 8 == 0; /* from 512 px on, if the model asks for it; slower */
  options.detection_size_px = at_two_sizes ? 512 : 64;
  options.video_detection_size_px = 32;
  mc_status status = mc_detector_create(data + 4, face, data + 4 + face, size - 4 - face, &options, &message, &detector);
  if (status != MC_OK) {
    FUZZ_CHECK(detector == NULL && message.text[0] != '\0');
    FUZZ_CHECK(status == MC_ERROR_MODEL_INVALID || status == MC_ERROR_MODEL_UNSUPPORTED || status == MC_ERROR_OUT_OF_MEMORY);
    return 0;
  }
  static uint8_t pixels[48][64][4];
  for (size_t i = 0; i < sizeof pixels; i++) ((uint8_t *)pixels)[i] = (uint8_t)(i * 2654435761u >> 13);
  mc_image image = {.pixels = (const uint8_t *)pixels, .width_px = 64, .height_px = 48, .format = MC_RGBA8};
  if (at_two_sizes) image.height_px = 12; /* the input stays below the bounds that the target is built with */
  mc_result result;
  const mc_box box = {10, 1, 30, 10};
  for (int i = 0; i < 2; i++) {
    status = mc_detector_detect(detector, &image, &result);
    if (status == MC_OK) check_result(&result, &image);
    FUZZ_CHECK(status == MC_OK || status == MC_ERROR_MODEL_UNSUPPORTED || status == MC_ERROR_MODEL_INVALID);
    status = mc_detector_detect_video(detector, &image, 10.0 * i, &result);
    if (status == MC_OK) check_result(&result, &image);
    FUZZ_CHECK(mc_detector_label(detector, &image, &box, 1, &result) == MC_OK);
    check_result(&result, &image);
  }
  mc_detector_destroy(detector);
  return 0;
}

#ifdef FUZZING
#include <stdlib.h>

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed) {
  if (size < 8 || seed % 8 == 0) return LLVMFuzzerMutate(data, size, max_size);
  /* One of the two is mutated, apart from the other. */
  const size_t face = face_bytes(data, size);
  const size_t mask = size - 4 - face;
  const bool second = seed % 2 == 0;
  uint8_t *kept = malloc(max_size);
  uint8_t *mutated = malloc(max_size);
  if (kept == NULL || mutated == NULL) abort();
  const size_t kept_bytes = second ? face : mask;
  size_t mutated_bytes = second ? mask : face;
  memcpy(kept, data + 4 + (second ? 0 : face), kept_bytes);
  memcpy(mutated, data + 4 + (second ? face : 0), mutated_bytes);
  mutated_bytes = fuzz_mutate_onnx(mutated, mutated_bytes, max_size - 4 - kept_bytes, seed / 16);
  size_t result = 0;
  if (mutated_bytes != 0) {
    const size_t first_bytes = second ? kept_bytes : mutated_bytes;
    for (size_t i = 0; i < 4; i++) data[i] = (uint8_t)(first_bytes >> 8 * i);
    memcpy(data + 4, second ? kept : mutated, first_bytes);
    memcpy(data + 4 + first_bytes, second ? mutated : kept, second ? mutated_bytes : kept_bytes);
    result = 4 + kept_bytes + mutated_bytes;
  }
  free(kept);
  free(mutated);
  return result != 0 ? result : LLVMFuzzerMutate(data, size, max_size);
}
#endif
