#include <math.h>
#include <stdlib.h>

#include "clock.h"
#include "face_finder.h"
#include "mask_classifier.h"
#include "message.h"
#include "options.h"
#include "tracks.h"

struct mc_detector {
  mc_options options; /* in force: nothing left to the models */
  mc_face_finder finder;
  mc_mask_classifier classifier;
  mc_face faces[MC_MAX_FACES];
  mc_tracks tracks; /* of the video */
};

/* Completes what a failed load left in the message. */
static mc_status explain(mc_message *message, mc_status status, const char *prefix) {
  if (message != NULL && message->text[0] == '\0') mc_message_add(message, mc_status_text(status));
  mc_message_prefix(message, prefix);
  return status;
}

static mc_status load(mc_detector *detector, const void *face_model, size_t face_model_bytes, const void *mask_model,
                      size_t mask_model_bytes, const mc_options *options, mc_message *message) {
  /* The larger one first: the memory it no longer needs, once it is there, has room for the other. */
  mc_status status = mc_mask_classifier_load(&detector->classifier, mask_model, mask_model_bytes, message);
  if (status != MC_OK) return explain(message, status, "mask model: ");
  status = mc_face_finder_load(&detector->finder, face_model, face_model_bytes, message);
  if (status != MC_OK) return explain(message, status, "face model: ");
  status = mc_options_resolve(options, &detector->finder.model, &detector->classifier.model, &detector->options);
  if (status != MC_OK) return mc_refuse(message, status, "an option is not a number or out of range");
  return MC_OK;
}

mc_status mc_detector_create(const void *face_model, size_t face_model_bytes, const void *mask_model,
                             size_t mask_model_bytes, const mc_options *options, mc_message *message,
                             mc_detector **detector) {
  mc_message_clear(message);
  if (face_model == NULL || mask_model == NULL || detector == NULL) {
    return mc_refuse(message, MC_ERROR_INVALID_ARGUMENT, "a model or the place for the detector is NULL");
  }
  mc_detector *created = calloc(1, sizeof(*created));
  if (created == NULL) return mc_refuse(message, MC_ERROR_OUT_OF_MEMORY, mc_status_text(MC_ERROR_OUT_OF_MEMORY));
  const mc_status status =
      load(created, face_model, face_model_bytes, mask_model, mask_model_bytes, options, message);
  if (status != MC_OK) {
    mc_detector_destroy(created);
    return status;
  }
  mc_message_clear(message);
  *detector = created;
  return MC_OK;
}

mc_status mc_detector_set_options(mc_detector *detector, const mc_options *options) {
  if (detector == NULL || options == NULL) return MC_ERROR_INVALID_ARGUMENT;
  return mc_options_resolve(options, &detector->finder.model, &detector->classifier.model, &detector->options);
}

mc_status mc_detector_get_options(const mc_detector *detector, mc_options *options) {
  if (detector == NULL || options == NULL) return MC_ERROR_INVALID_ARGUMENT;
  *options = detector->options;
  return MC_OK;
}

const char *mc_detector_metadata(const mc_detector *detector, mc_model model, const char *key) {
  if (detector == NULL || key == NULL) return NULL;
  switch (model) {
    case MC_FACE_MODEL: return mc_network_metadata(detector->finder.networks[0], key);
    case MC_MASK_MODEL: return mc_network_metadata(detector->classifier.network, key);
  }
  return NULL;
}

/* The crop's side is scale times the longer side of the face's box. */
static mc_status label(mc_detector *detector, const mc_image *image, double scale, mc_face *face) {
  const mc_view view = mc_label_view(&face->box, scale);
  const mc_status status = mc_mask_classifier_run(&detector->classifier, image, &view, face->probabilities);
  if (status != MC_OK) return status;
  face->label = mc_label_best(face->probabilities);
  face->uncertain = face->probabilities[face->label] < detector->options.min_mask_probability;
  return MC_OK;
}

/* Finds what may be a face: the mask classifier may know better than the finder's score. */
static mc_status find_candidates(mc_detector *detector, size_t *count) {
  mc_options options = detector->options;
  options.min_face_score = fminf(options.min_face_score, detector->classifier.model.min_candidate_score);
  options.max_faces = MC_MAX_FACES;
  return mc_face_finder_run(&detector->finder, &options, detector->faces, count);
}

/* Leaves in detector->faces, largest first, the faces among the candidates there. They take the place of candidates that have
 * been looked at. Of boxes in each other, which overlap too little for the finder's suppression, the second look knows the better
 * one: a part of a face that fills the picture looks like a face at one scale, the whole at the other. */
static mc_status label_candidates(mc_detector *detector, const mc_image *image, size_t candidate_count,
                                  size_t *face_count) {
  const mc_options *options = &detector->options;
  const float max_cover = fmaxf(MC_NESTED_COVER, options->nms_iou);
  size_t count = 0;
  size_t apart = 0; /* of them, in none that is larger */
  for (size_t i = 0; i < candidate_count; i++) {
    mc_face face = detector->faces[i];
    const bool is_nested = mc_faces_nest(detector->faces, count, &face.box, max_cover);
    if (!is_nested && apart == options->max_faces) continue;
    const mc_status status = label(detector, image, detector->classifier.model.crop_scale, &face);
    if (status != MC_OK) return status;
    face.score = mc_mask_classifier_score(&detector->classifier, face.score);
    if (face.score >= options->min_face_score) {
      count = mc_faces_insert(detector->faces, count, MC_MAX_FACES, &face);
      if (!is_nested) apart++;
    }
  }
  count = mc_faces_drop_nested(detector->faces, count, max_cover);
  *face_count = count < options->max_faces ? count : options->max_faces;
  return MC_OK;
}

static mc_result result_of(const mc_detector *detector, size_t face_count, mc_timings timings) {
  return (mc_result){.faces = detector->faces, .face_count = face_count, .timings = timings};
}

static mc_status check_call(const mc_detector *detector, const mc_image *image, const mc_result *result) {
  if (detector == NULL || result == NULL) return MC_ERROR_INVALID_ARGUMENT;
  return mc_image_check(image);
}

/* Leaves in detector->faces what a picture shows. */
static mc_status find_and_label(mc_detector *detector, const mc_image *image, uint32_t detection_size_px,
                                bool wants_scales, mc_result *result) {
  const double start = mc_clock_ms();
  mc_status status = mc_face_finder_prepare(&detector->finder, image, detection_size_px, wants_scales);
  if (status != MC_OK) return status;
  const double prepared = mc_clock_ms();
  size_t candidate_count = 0;
  status = find_candidates(detector, &candidate_count);
  if (status != MC_OK) return status;
  const double found = mc_clock_ms();
  size_t face_count = 0;
  status = label_candidates(detector, image, candidate_count, &face_count);
  if (status != MC_OK) return status;
  const double labelled = mc_clock_ms();
  *result = result_of(detector, face_count,
                      (mc_timings){.preprocess_ms = prepared - start,
                                   .faces_ms = found - prepared,
                                   .masks_ms = labelled - found,
                                   .total_ms = labelled - start});
  return MC_OK;
}

mc_status mc_detector_detect(mc_detector *detector, const mc_image *image, mc_result *result) {
  const mc_status status = check_call(detector, image, result);
  if (status != MC_OK) return status;
  return find_and_label(detector, image, detector->options.detection_size_px, true, result);
}

mc_status mc_detector_detect_video(mc_detector *detector, const mc_image *image, double timestamp_ms,
                                   mc_result *result) {
  mc_status status = check_call(detector, image, result);
  if (status != MC_OK) return status;
  if (!isfinite(timestamp_ms)) return MC_ERROR_INVALID_ARGUMENT;
  status = find_and_label(detector, image, detector->options.video_detection_size_px, false, result);
  if (status != MC_OK) return status;
  mc_tracks_update(&detector->tracks, &detector->options, timestamp_ms, image->width_px, image->height_px,
                   detector->faces, &result->face_count);
  return MC_OK;
}

mc_status mc_detector_reset_video(mc_detector *detector) {
  if (detector == NULL) return MC_ERROR_INVALID_ARGUMENT;
  mc_tracks_reset(&detector->tracks);
  return MC_OK;
}

static bool is_box(const mc_box *box) {
  return isfinite(box->x) && isfinite(box->y) && isfinite(box->width) && isfinite(box->height) && box->width > 0.0f &&
         box->height > 0.0f;
}

mc_status mc_detector_label(mc_detector *detector, const mc_image *image, const mc_box *boxes, size_t box_count,
                            mc_result *result) {
  mc_status status = check_call(detector, image, result);
  if (status != MC_OK) return status;
  if (box_count > MC_MAX_FACES || (boxes == NULL && box_count > 0)) return MC_ERROR_INVALID_ARGUMENT;
  for (size_t i = 0; i < box_count; i++) {
    if (!is_box(&boxes[i])) return MC_ERROR_INVALID_ARGUMENT;
  }
  const double start = mc_clock_ms();
  for (size_t i = 0; i < box_count; i++) {
    detector->faces[i] = (mc_face){.box = boxes[i], .score = 1.0f};
    status = label(detector, image, detector->classifier.model.crop_scale, &detector->faces[i]);
    if (status != MC_OK) return status;
  }
  const double spent = mc_clock_ms() - start;
  *result = result_of(detector, box_count, (mc_timings){.masks_ms = spent, .total_ms = spent});
  return MC_OK;
}

mc_status mc_detector_classify(mc_detector *detector, const mc_image *image, mc_result *result) {
  mc_status status = check_call(detector, image, result);
  if (status != MC_OK) return status;
  const double start = mc_clock_ms();
  mc_face *face = &detector->faces[0];
  *face = (mc_face){.box = {.width = (float)image->width_px, .height = (float)image->height_px}, .score = 1.0f};
  status = label(detector, image, 1.0, face);
  if (status != MC_OK) return status;
  const double spent = mc_clock_ms() - start;
  *result = result_of(detector, 1, (mc_timings){.masks_ms = spent, .total_ms = spent});
  return MC_OK;
}

void mc_detector_destroy(mc_detector *detector) {
  if (detector == NULL) return;
  mc_face_finder_destroy(&detector->finder);
  mc_mask_classifier_destroy(&detector->classifier);
  free(detector);
}
