#include "options.h"

#include <math.h>
#include <stddef.h>

static const uint32_t detection_size_step_px = 32;

/* Below 0 and, of sizes of detection, 0: the model's own. */
static const mc_options defaults = {.min_face_score = -1.0f,
                                    .nms_iou = -1.0f,
                                    .min_mask_probability = -1.0f,
                                    .min_face_size_px = 0.0f,
                                    .max_faces = 100,
                                    .detection_size_px = 0,
                                    .video_detection_size_px = 0,
                                    .track_min_iou = 0.1f,
                                    .track_motion_ms = 150.0f,
                                    .track_smoothing_ms = 250.0f,
                                    .track_box_smoothing_ms = 0.0f,
                                    .track_label_lead = 0.25f,
                                    .track_sure_ms = 200.0f,
                                    .track_keep_ms = 300.0f,
                                    .track_memory_ms = 1000.0f,
                                    .track_gap_ms = 2000.0f};

void mc_options_init(mc_options *options) {
  if (options != NULL) *options = defaults;
}

/* NaN is in no range. */
static bool is_share_or_negative(float value) { return value <= 1.0f && isfinite(value); }

static bool is_time_or_negative(float value) { return value <= MC_MAX_TRACK_MS && isfinite(value); }

static bool is_detection_size(uint32_t size_px) {
  return size_px <= MC_MAX_DETECTION_SIZE_PX && size_px % detection_size_step_px == 0;
}

static bool are_valid(const mc_options *options) {
  return is_share_or_negative(options->min_face_score) && is_share_or_negative(options->nms_iou) &&
         is_share_or_negative(options->min_mask_probability) && isfinite(options->min_face_size_px) &&
         options->max_faces >= 1 && options->max_faces <= MC_MAX_FACES &&
         is_detection_size(options->detection_size_px) && is_detection_size(options->video_detection_size_px) &&
         is_share_or_negative(options->track_min_iou) && is_time_or_negative(options->track_motion_ms) &&
         is_time_or_negative(options->track_smoothing_ms) && is_time_or_negative(options->track_box_smoothing_ms) &&
         is_share_or_negative(options->track_label_lead) && is_time_or_negative(options->track_sure_ms) &&
         is_time_or_negative(options->track_keep_ms) && is_time_or_negative(options->track_memory_ms) &&
         is_time_or_negative(options->track_gap_ms);
}

static void fill(float *value, float instead) {
  if (*value < 0.0f) *value = instead;
}

mc_status mc_options_resolve(const mc_options *options, const mc_face_model *face, const mc_mask_model *mask,
                             mc_options *resolved) {
  mc_options chosen = options == NULL ? defaults : *options;
  if (!are_valid(&chosen)) return MC_ERROR_INVALID_ARGUMENT;
  fill(&chosen.min_face_score, face->min_score);
  fill(&chosen.nms_iou, face->nms_iou);
  fill(&chosen.min_mask_probability, mask->min_probability);
  fill(&chosen.min_face_size_px, defaults.min_face_size_px);
  if (chosen.detection_size_px == 0) chosen.detection_size_px = face->detection_size_px;
  if (chosen.video_detection_size_px == 0) chosen.video_detection_size_px = face->video_detection_size_px;
  fill(&chosen.track_min_iou, defaults.track_min_iou);
  fill(&chosen.track_motion_ms, defaults.track_motion_ms);
  fill(&chosen.track_smoothing_ms, defaults.track_smoothing_ms);
  fill(&chosen.track_box_smoothing_ms, defaults.track_box_smoothing_ms);
  fill(&chosen.track_label_lead, defaults.track_label_lead);
  fill(&chosen.track_sure_ms, defaults.track_sure_ms);
  fill(&chosen.track_keep_ms, defaults.track_keep_ms);
  fill(&chosen.track_memory_ms, defaults.track_memory_ms);
  fill(&chosen.track_gap_ms, defaults.track_gap_ms);
  *resolved = chosen;
  return MC_OK;
}
