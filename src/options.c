#include "options.h"

#include <math.h>

static const uint32_t default_max_faces = 100;
static const uint32_t detection_size_step_px = 32;

void mc_options_init(mc_options *options) {
  if (options == NULL) return;
  *options = (mc_options){.min_face_score = -1.0f,
                          .nms_iou = -1.0f,
                          .min_mask_probability = -1.0f,
                          .min_face_size_px = 0.0f,
                          .max_faces = default_max_faces,
                          .detection_size_px = 0};
}

/* NaN is in no range. */
static bool is_share_or_negative(float value) { return value <= 1.0f && isfinite(value); }

static bool are_valid(const mc_options *options) {
  return is_share_or_negative(options->min_face_score) && is_share_or_negative(options->nms_iou) &&
         is_share_or_negative(options->min_mask_probability) && isfinite(options->min_face_size_px) &&
         options->max_faces >= 1 && options->max_faces <= MC_MAX_FACES &&
         options->detection_size_px <= MC_MAX_DETECTION_SIZE_PX &&
         options->detection_size_px % detection_size_step_px == 0;
}

mc_status mc_options_resolve(const mc_options *options, const mc_face_model *face, const mc_mask_model *mask,
                             mc_options *resolved) {
  mc_options chosen;
  mc_options_init(&chosen);
  if (options != NULL) chosen = *options;
  if (!are_valid(&chosen)) return MC_ERROR_INVALID_ARGUMENT;
  if (chosen.min_face_score < 0.0f) chosen.min_face_score = face->min_score;
  if (chosen.nms_iou < 0.0f) chosen.nms_iou = face->nms_iou;
  if (chosen.min_mask_probability < 0.0f) chosen.min_mask_probability = mask->min_probability;
  if (chosen.min_face_size_px < 0.0f) chosen.min_face_size_px = 0.0f;
  if (chosen.detection_size_px == 0) chosen.detection_size_px = face->detection_size_px;
  *resolved = chosen;
  return MC_OK;
}
