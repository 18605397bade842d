/* Frames of a video: faces anywhere, at any time, with any options. */
#include <math.h>

#include "fuzz.h"
#include "options.h"
#include "tracks.h"

static float share(fuzz_reader *r) { return (float)fuzz_u8(r) / 255; }

static float time_ms(fuzz_reader *r) {
  switch (fuzz_below(r, 4)) {
    case 0: return 0;
    case 1: return MC_MAX_TRACK_MS;
    default: return 4 * (float)fuzz_u8(r);
  }
}

static mc_options some_options(fuzz_reader *r) {
  mc_options options;
  mc_options_init(&options);
  options.nms_iou = share(r);
  options.min_mask_probability = share(r);
  options.max_faces = fuzz_below(r, 4) == 0 ? MC_MAX_FACES : 1 + fuzz_below(r, 20);
  options.track_min_iou = share(r);
  options.track_motion_ms = time_ms(r);
  options.track_smoothing_ms = time_ms(r);
  options.track_box_smoothing_ms = time_ms(r);
  options.track_label_lead = share(r);
  options.track_sure_ms = time_ms(r);
  options.track_keep_ms = time_ms(r);
  options.track_memory_ms = time_ms(r);
  options.track_gap_ms = time_ms(r);
  return options;
}

static mc_face some_face(fuzz_reader *r, float width, float height) {
  mc_face face = {.score = share(r)};
  face.box = (mc_box){.x = width * share(r) * 0.9f, .y = height * share(r) * 0.9f};
  face.box.width = fmaxf((width - face.box.x) * share(r), 1e-3f);
  face.box.height = fmaxf((height - face.box.y) * share(r), 1e-3f);
  float sum = 0;
  for (size_t i = 0; i < MC_LABEL_COUNT; i++) sum += face.probabilities[i] = 0.001f + share(r);
  for (size_t i = 0; i < MC_LABEL_COUNT; i++) face.probabilities[i] /= sum;
  return face;
}

static void check_faces(const mc_face *faces, size_t count, const mc_options *options, float width, float height) {
  FUZZ_CHECK(count <= options->max_faces);
  for (size_t i = 0; i < count; i++) {
    const mc_face *face = &faces[i];
    FUZZ_CHECK(fuzz_is_distribution(face->probabilities));
    FUZZ_CHECK((unsigned)face->label < MC_LABEL_COUNT && face->track_id != 0 && face->missed_ms >= 0);
    FUZZ_CHECK(face->score >= 0 && face->score <= 1.0001f);
    FUZZ_CHECK(face->box.x >= 0 && face->box.width > 0 && face->box.x + face->box.width <= width * 1.001f);
    FUZZ_CHECK(face->box.y >= 0 && face->box.height > 0 && face->box.y + face->box.height <= height * 1.001f);
    for (size_t k = 0; k < i && i < 50; k++) FUZZ_CHECK(faces[k].track_id != face->track_id);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static mc_tracks tracks;
  static mc_face faces[MC_MAX_FACES];
  fuzz_reader reader = {data, size};
  tracks.last_id = 0;
  mc_tracks_reset(&tracks);
  mc_options options = some_options(&reader);
  double now_ms = 0;
  uint32_t width = 640;
  uint32_t height = 480;
  for (int frame = 0; frame < 64 && reader.left > 0; frame++) {
    const uint32_t event = fuzz_below(&reader, 32);
    if (event == 0) now_ms = (double)fuzz_float(&reader);
    if (event == 1) width = 1 + fuzz_below(&reader, MC_MAX_IMAGE_SIDE_PX);
    if (event == 2) height = 1 + fuzz_below(&reader, MC_MAX_IMAGE_SIDE_PX);
    if (event == 3) options = some_options(&reader);
    if (event == 4) mc_tracks_reset(&tracks);
    if (!isfinite(now_ms)) now_ms = 0; /* refused before it gets here */
    size_t count = fuzz_below(&reader, 8);
    /* Those that the input does not tell are alike. */
    if (event == 5) count = fuzz_below(&reader, 64);
    if (event == 6 && frame % 16 == 0) count = fuzz_below(&reader, MC_MAX_FACES + 1);
    if (count > options.max_faces) count = options.max_faces;
    for (size_t i = 0; i < count; i++) faces[i] = some_face(&reader, (float)width, (float)height);
    mc_tracks_update(&tracks, &options, now_ms, width, height, faces, &count);
    check_faces(faces, count, &options, (float)width, (float)height);
    now_ms += fuzz_below(&reader, 100);
  }
  return 0;
}
