#include "support_tracks.h"

#include <math.h>

#include "labels.h"
#include "options.h"
#include "support_random.h"

mc_options track_options(void) {
  const mc_face_model face = {
      .detection_size_px = 640, .video_detection_size_px = 320, .min_score = 0.5f, .nms_iou = 0.45f};
  const mc_mask_model mask = {.min_probability = 0.6f};
  mc_options options;
  (void)mc_options_resolve(NULL, &face, &mask, &options);
  return options;
}

mc_face face_at(double x, double y, double size, mc_label label) {
  mc_face face = {.box = {.x = (float)(x - 0.5 * size),
                          .y = (float)(y - 0.5 * size),
                          .width = (float)size,
                          .height = (float)size},
                  .score = 0.9f,
                  .label = label};
  for (size_t i = 0; i < MC_LABEL_COUNT; i++) face.probabilities[i] = i == (size_t)label ? 0.9f : 0.05f;
  return face;
}

void set_logits(mc_face *face, const double logits[MC_LABEL_COUNT]) {
  const float outputs[MC_LABEL_COUNT] = {(float)logits[0], (float)logits[1], (float)logits[2]};
  mc_label_probabilities(outputs, MC_ACTIVATION_NONE, 1.0f, face->probabilities);
  face->label = mc_label_best(face->probabilities);
}

size_t nearest_face(const mc_face *faces, size_t face_count, double x, double y) {
  size_t best = SIZE_MAX;
  double least = HUGE_VAL;
  for (size_t i = 0; i < face_count; i++) {
    const mc_box *box = &faces[i].box;
    const double distance = hypot((double)(box->x + 0.5f * box->width) - x, (double)(box->y + 0.5f * box->height) - y);
    if (distance < least) {
      best = i;
      least = distance;
    }
  }
  return best;
}

double random_normal(uint64_t *random) {
  const double pi = 3.14159265358979323846;
  const double radius = sqrt(-2.0 * log(1.0 - random_between(random, 0.0, 1.0)));
  return radius * cos(2.0 * pi * random_between(random, 0.0, 1.0));
}
