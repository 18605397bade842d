/* The API's structs: options, image descriptors, boxes and times of any value, in any order of calls, on a detector with two
 * small models. The input is read as numbers. One detector serves many inputs, because to make one takes longer than to call
 * it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "maskcheck.h"

#define FUZZ_MAX_PIXEL_BYTES 65536u
#define FUZZ_MAX_BOXES 8u
#define FUZZ_MAX_SIDE_PX 48u /* of most pictures */
#define FUZZ_MAX_DETECTION_SIZE_PX 96u /* larger ones are only slower */
#define FUZZ_SCALED_SIZE_PX 512u       /* but from here on a picture is searched at two sizes */

typedef struct file {
  uint8_t bytes[16384];
  size_t size;
} file;

static void read_file(const char *path, file *read) {
  FILE *stream = fopen(path, "rb");
  if (stream == NULL) fuzz_fail("the model can be opened", path, 0);
  read->size = fread(read->bytes, 1, sizeof read->bytes, stream);
  (void)fclose(stream);
}

/* Mostly a sensible number, sometimes any. */
static float some_float(fuzz_reader *r, float limit) {
  switch (fuzz_below(r, 4)) {
    case 0: return fuzz_float(r);
    case 1: return limit;
    case 2: return -1;
    default: return limit * (float)fuzz_u8(r) / 255;
  }
}

static uint32_t some_size(fuzz_reader *r) {
  switch (fuzz_below(r, 8)) {
    case 0: return fuzz_u32(r);
    case 1: return 0;
    case 2: return fuzz_below(r, 8) == 0 ? FUZZ_SCALED_SIZE_PX : 32;
    default: return 32 * fuzz_below(r, 1 + FUZZ_MAX_DETECTION_SIZE_PX / 32);
  }
}

static mc_options some_options(fuzz_reader *r) {
  mc_options options;
  mc_options_init(&options);
  options.min_face_score = some_float(r, 1);
  options.nms_iou = some_float(r, 1);
  options.min_mask_probability = some_float(r, 1);
  options.min_face_size_px = some_float(r, 100);
  options.max_faces = fuzz_below(r, 4) == 0 ? fuzz_u32(r) : 1 + fuzz_below(r, MC_MAX_FACES);
  options.detection_size_px = some_size(r);
  options.video_detection_size_px = some_size(r);
  if (fuzz_below(r, 2) == 0) return options;
  options.track_min_iou = some_float(r, 1);
  options.track_motion_ms = some_float(r, MC_MAX_TRACK_MS);
  options.track_smoothing_ms = some_float(r, MC_MAX_TRACK_MS);
  options.track_box_smoothing_ms = some_float(r, MC_MAX_TRACK_MS);
  options.track_label_lead = some_float(r, 1);
  options.track_sure_ms = some_float(r, MC_MAX_TRACK_MS);
  options.track_keep_ms = some_float(r, MC_MAX_TRACK_MS);
  options.track_memory_ms = some_float(r, MC_MAX_TRACK_MS);
  options.track_gap_ms = some_float(r, MC_MAX_TRACK_MS);
  return options;
}

/* An image whose pixels are there if the descriptor is valid. False: it would be a valid one with too many pixels to make. */
static bool some_image(fuzz_reader *r, mc_image *image, uint8_t **pixels) {
  static const uint32_t sides[] = {0, 1, 2, 31, 33, 100, 10000, MC_MAX_IMAGE_SIDE_PX, MC_MAX_IMAGE_SIDE_PX + 1, UINT32_MAX};
  static const size_t channels[] = {4, 3, 3, 1};
  const uint32_t kind = fuzz_below(r, 6);
  *image = (mc_image){.width_px = kind == 0 ? sides[fuzz_below(r, 10)] : 1 + fuzz_below(r, FUZZ_MAX_SIDE_PX),
                      .height_px = kind == 1 ? sides[fuzz_below(r, 10)] : 1 + fuzz_below(r, FUZZ_MAX_SIDE_PX),
                      .format = (mc_pixel_format)(kind == 2 ? fuzz_u32(r) : fuzz_below(r, 4))};
  const size_t row = (size_t)image->width_px * ((uint32_t)image->format < 4 ? channels[image->format] : 1);
  if (kind == 3) image->stride_bytes = (size_t)fuzz_u32(r) << fuzz_below(r, 33);
  if (kind == 4) image->stride_bytes = row + fuzz_below(r, 64);
  const size_t stride = image->stride_bytes == 0 ? row : image->stride_bytes;
  const bool is_valid = image->width_px >= 1 && image->width_px <= MC_MAX_IMAGE_SIDE_PX && image->height_px >= 1 &&
                        image->height_px <= MC_MAX_IMAGE_SIDE_PX && (uint32_t)image->format < 4 && stride >= row &&
                        (uint64_t)image->width_px * image->height_px <= MC_MAX_IMAGE_PIXELS;
  size_t bytes = 1;
  if (is_valid) {
    if (image->height_px > 1 && stride > FUZZ_MAX_PIXEL_BYTES) {
      /* Nothing can be that far apart: it must be refused, or there is no way to make it. */
      if (stride <= ((size_t)PTRDIFF_MAX - row) / (image->height_px - 1)) return false;
    } else {
      bytes = stride * (image->height_px - 1) + row;
      if (bytes > FUZZ_MAX_PIXEL_BYTES) return false;
    }
  }
  *pixels = malloc(bytes);
  if (*pixels == NULL) return false;
  memset(*pixels, fuzz_u8(r), bytes);
  for (size_t i = 0; i < bytes && r->left > 0 && i < 64; i++) (*pixels)[i * 977 % bytes] = fuzz_u8(r);
  image->pixels = *pixels;
  return true;
}

static void check_result(const mc_result *result, const mc_image *image, const mc_options *options, bool is_inside) {
  FUZZ_CHECK(result->face_count <= MC_MAX_FACES);
  if (is_inside) FUZZ_CHECK(result->face_count <= options->max_faces);
  for (size_t i = 0; i < result->face_count; i++) {
    const mc_face *face = &result->faces[i];
    FUZZ_CHECK(fuzz_is_distribution(face->probabilities));
    FUZZ_CHECK(face->score >= 0 && face->score <= 1 && face->missed_ms >= 0);
    FUZZ_CHECK((unsigned)face->label < MC_LABEL_COUNT);
    if (!is_inside) continue;
    FUZZ_CHECK(face->box.x >= 0 && face->box.width > 0 && face->box.y >= 0 && face->box.height > 0);
    FUZZ_CHECK(face->box.x + face->box.width <= (float)image->width_px * 1.0001f);
    FUZZ_CHECK(face->box.y + face->box.height <= (float)image->height_px * 1.0001f);
    if (i > 0) {
      const mc_box *before = &result->faces[i - 1].box;
      FUZZ_CHECK(before->width * before->height >= face->box.width * face->box.height);
    }
  }
}

static void set_options(mc_detector *detector, fuzz_reader *r) {
  mc_options before;
  mc_options after;
  const mc_options asked = some_options(r);
  FUZZ_CHECK(mc_detector_get_options(detector, &before) == MC_OK);
  const mc_status status = mc_detector_set_options(detector, &asked);
  FUZZ_CHECK(mc_detector_get_options(detector, &after) == MC_OK);
  if (status == MC_OK) {
    FUZZ_CHECK(after.min_face_score >= 0 && after.min_face_score <= 1 && after.max_faces >= 1 && after.max_faces <= MC_MAX_FACES);
    FUZZ_CHECK(after.detection_size_px >= 32 && after.detection_size_px <= MC_MAX_DETECTION_SIZE_PX);
  } else {
    /* Options of four bytes each, without gaps; two NaN alike are alike. */
    const bool same = memcmp(&before, &after, sizeof before) == 0; /* NOLINT(bugprone-suspicious-memory-comparison,cert-exp42-c,cert-flp37-c) */
    FUZZ_CHECK(status == MC_ERROR_INVALID_ARGUMENT && same);
  }
}

static bool is_slow(uint32_t size_px) { return size_px > FUZZ_MAX_DETECTION_SIZE_PX && size_px != FUZZ_SCALED_SIZE_PX; }

static void look(mc_detector *detector, fuzz_reader *r, uint32_t call) {
  mc_options options;
  FUZZ_CHECK(mc_detector_get_options(detector, &options) == MC_OK);
  if (is_slow(options.detection_size_px) || is_slow(options.video_detection_size_px)) return;
  mc_image image;
  uint8_t *pixels = NULL;
  if (!some_image(r, &image, &pixels)) return;
  mc_result result = {.face_count = 12345};
  mc_status status = MC_OK;
  if (call == 0) {
    status = mc_detector_detect(detector, &image, &result);
  } else if (call == 1) {
    const double times[] = {(double)fuzz_u32(r) / 1000, (double)fuzz_float(r), -1e308, 1e308};
    status = mc_detector_detect_video(detector, &image, times[fuzz_below(r, 4)], &result);
  } else if (call == 2) {
    mc_box boxes[FUZZ_MAX_BOXES];
    const size_t count = fuzz_below(r, FUZZ_MAX_BOXES + 1);
    for (size_t i = 0; i < count; i++) {
      boxes[i] = (mc_box){some_float(r, 50), some_float(r, 50), some_float(r, 50), some_float(r, 50)};
    }
    status = mc_detector_label(detector, &image, boxes, count, &result);
  } else {
    status = mc_detector_classify(detector, &image, &result);
  }
  if (status == MC_OK) {
    check_result(&result, &image, &options, call <= 1);
  } else {
    FUZZ_CHECK(result.face_count == 12345);
    /* The largest size of a square picture is beyond the bounds that the targets are built with. */
    const bool is_large = options.detection_size_px == FUZZ_SCALED_SIZE_PX || options.video_detection_size_px == FUZZ_SCALED_SIZE_PX;
    FUZZ_CHECK(status == MC_ERROR_INVALID_ARGUMENT || status == MC_ERROR_IMAGE_INVALID || status == MC_ERROR_IMAGE_TOO_LARGE ||
               (status == MC_ERROR_MODEL_UNSUPPORTED && is_large));
  }
  free(pixels);
}

static mc_detector *create(void) {
  static file face;
  static file mask;
  if (face.size == 0) read_file(FUZZ_MODEL_DIR "/face.onnx", &face);
  if (mask.size == 0) read_file(FUZZ_MODEL_DIR "/mask.onnx", &mask);
  mc_detector *detector = NULL;
  FUZZ_CHECK(mc_detector_create(face.bytes, face.size, mask.bytes, mask.size, NULL, NULL, &detector) == MC_OK);
  return detector;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static mc_detector *detector;
  fuzz_reader reader = {data, size};
  if (detector == NULL || fuzz_below(&reader, 64) == 0) {
    mc_detector_destroy(detector);
    detector = create();
  }
  /* As good as new: what an input does depends on it alone. */
  mc_options options;
  mc_options_init(&options);
  FUZZ_CHECK(mc_detector_set_options(detector, &options) == MC_OK);
  FUZZ_CHECK(mc_detector_reset_video(detector) == MC_OK);
  for (int i = 0; i < 12 && reader.left > 0; i++) {
    const uint32_t call = fuzz_below(&reader, 6);
    if (call == 5) {
      set_options(detector, &reader);
    } else if (call == 4) {
      FUZZ_CHECK(mc_detector_reset_video(detector) == MC_OK);
    } else {
      look(detector, &reader, call);
    }
  }
  return 0;
}
