/* The functions that JavaScript calls (web/lib/runtime.js is the only caller): the API of maskcheck.h behind numbers
 * and addresses alone, so that no struct layout is known outside of C.
 *
 * A session is a detector with what its last call left behind:
 * - mc_session_report: the numbers of the last successful call, float64, see there;
 * - mc_session_message: what the last failed load said.
 * Addresses given by JavaScript come from mc_memory_allocate. A NULL session is a mistake of runtime.js alone and is
 * answered with MC_ERROR_INVALID_ARGUMENT. One thread. */
#include "maskcheck.h"

#include <stdlib.h>

#define EXPORT(name) __attribute__((export_name(#name))) name

enum { OPTION_COUNT = 16, REPORT_HEAD = 5, REPORT_FACE = 12 };

typedef struct mc_session {
  mc_detector *detector; /* NULL until loaded */
  mc_picture picture;    /* of the last mc_session_decode */
  mc_message message;
  double *report; /* [report_capacity] */
  size_t report_capacity;
} mc_session;

void *mc_memory_allocate(size_t bytes);
void mc_memory_free(void *memory);
const char *mc_library_version(void);
const char *mc_error_name(int32_t status);
const char *mc_error_text(int32_t status);
mc_session *mc_session_create(void);
void mc_session_destroy(mc_session *session);
mc_status mc_session_load(mc_session *session, const void *face_model, size_t face_model_bytes, const void *mask_model,
                          size_t mask_model_bytes, const double *options);
mc_status mc_session_set_options(mc_session *session, const double *options);
const char *mc_session_metadata(const mc_session *session, int32_t model, const char *key);
mc_status mc_session_decode(mc_session *session, const void *file, size_t file_bytes);
mc_status mc_session_detect(mc_session *session, const uint8_t *rgba, uint32_t width_px, uint32_t height_px);
mc_status mc_session_detect_video(mc_session *session, const uint8_t *rgba, uint32_t width_px, uint32_t height_px,
                                  double timestamp_ms);
mc_status mc_session_reset_video(mc_session *session);
mc_status mc_session_label(mc_session *session, const uint8_t *rgba, uint32_t width_px, uint32_t height_px,
                           const mc_box *boxes, size_t box_count);
mc_status mc_session_classify(mc_session *session, const uint8_t *rgba, uint32_t width_px, uint32_t height_px);
const double *mc_session_report(const mc_session *session);
const char *mc_session_message(const mc_session *session);

/* NULL: out of memory. */
void *EXPORT(mc_memory_allocate)(size_t bytes) { return malloc(bytes); }

void EXPORT(mc_memory_free)(void *memory) { free(memory); }

const char *EXPORT(mc_library_version)(void) { return mc_version(); }

const char *EXPORT(mc_error_name)(int32_t status) { return mc_status_name((mc_status)status); }

const char *EXPORT(mc_error_text)(int32_t status) { return mc_status_text((mc_status)status); }

/* Makes room for count numbers; what was in the report is lost. */
static bool report_reserve(mc_session *session, size_t count) {
  if (count <= session->report_capacity) return true;
  double *report = malloc(count * sizeof(double));
  if (report == NULL) return false;
  free(session->report);
  session->report = report;
  session->report_capacity = count;
  return true;
}

/* NULL: out of memory. */
mc_session *EXPORT(mc_session_create)(void) {
  mc_session *session = calloc(1, sizeof(*session));
  if (session == NULL) return NULL;
  /* Room for most pictures at once, so that a frame with one face more allocates nothing. */
  if (!report_reserve(session, REPORT_HEAD + 100 * REPORT_FACE)) {
    free(session);
    return NULL;
  }
  return session;
}

void EXPORT(mc_session_destroy)(mc_session *session) {
  if (session == NULL) return;
  mc_detector_destroy(session->detector);
  mc_picture_destroy(&session->picture);
  free(session->report);
  free(session);
}

static void read_float(double value, float *option) {
  if (!(value < 0)) *option = (float)value;
}

/* False: NaN or larger than an option can be. */
static bool read_whole(double value, uint32_t limit, uint32_t *option) {
  if (!(value <= limit)) return false;
  if (value >= 0) *option = (uint32_t)value;
  return true;
}

/* options: [OPTION_COUNT] in the order of mc_options, a negative number means the default. */
static bool options_read(const double *values, mc_options *options) {
  mc_options_init(options);
  if (values == NULL) return true;
  read_float(values[0], &options->min_face_score);
  read_float(values[1], &options->nms_iou);
  read_float(values[2], &options->min_mask_probability);
  read_float(values[3], &options->min_face_size_px);
  read_float(values[7], &options->track_min_iou);
  read_float(values[8], &options->track_motion_ms);
  read_float(values[9], &options->track_smoothing_ms);
  read_float(values[10], &options->track_box_smoothing_ms);
  read_float(values[11], &options->track_label_lead);
  read_float(values[12], &options->track_sure_ms);
  read_float(values[13], &options->track_keep_ms);
  read_float(values[14], &options->track_memory_ms);
  read_float(values[15], &options->track_gap_ms);
  return read_whole(values[4], MC_MAX_FACES, &options->max_faces) &&
         read_whole(values[5], MC_MAX_DETECTION_SIZE_PX, &options->detection_size_px) &&
         read_whole(values[6], MC_MAX_DETECTION_SIZE_PX, &options->video_detection_size_px);
}

static mc_status options_report(mc_session *session) {
  mc_options options;
  mc_status status = mc_detector_get_options(session->detector, &options);
  if (status != MC_OK) return status;
  session->report[0] = (double)options.min_face_score;
  session->report[1] = (double)options.nms_iou;
  session->report[2] = (double)options.min_mask_probability;
  session->report[3] = (double)options.min_face_size_px;
  session->report[4] = (double)options.max_faces;
  session->report[5] = (double)options.detection_size_px;
  session->report[6] = (double)options.video_detection_size_px;
  session->report[7] = (double)options.track_min_iou;
  session->report[8] = (double)options.track_motion_ms;
  session->report[9] = (double)options.track_smoothing_ms;
  session->report[10] = (double)options.track_box_smoothing_ms;
  session->report[11] = (double)options.track_label_lead;
  session->report[12] = (double)options.track_sure_ms;
  session->report[13] = (double)options.track_keep_ms;
  session->report[14] = (double)options.track_memory_ms;
  session->report[15] = (double)options.track_gap_ms;
  return MC_OK;
}

/* Loads both networks, in place of earlier ones. Report: the options in force, as mc_session_set_options. */
mc_status EXPORT(mc_session_load)(mc_session *session, const void *face_model, size_t face_model_bytes,
                                  const void *mask_model, size_t mask_model_bytes, const double *options) {
  mc_options read;
  if (session == NULL) return MC_ERROR_INVALID_ARGUMENT;
  session->message = (mc_message){0}; /* of an earlier file */
  if (!options_read(options, &read)) return MC_ERROR_INVALID_ARGUMENT;
  mc_detector *detector = NULL;
  mc_status status = mc_detector_create(face_model, face_model_bytes, mask_model, mask_model_bytes, &read,
                                        &session->message, &detector);
  if (status != MC_OK) return status;
  mc_detector_destroy(session->detector);
  session->detector = detector;
  return options_report(session);
}

/* options: [OPTION_COUNT] float64, in the order of mc_options; a negative one means the default. Report: [OPTION_COUNT],
 * the options in force, in the same order. */
mc_status EXPORT(mc_session_set_options)(mc_session *session, const double *options) {
  mc_options read;
  if (session == NULL || session->detector == NULL || !options_read(options, &read)) return MC_ERROR_INVALID_ARGUMENT;
  mc_status status = mc_detector_set_options(session->detector, &read);
  return status == MC_OK ? options_report(session) : status;
}

/* See mc_detector_metadata. */
const char *EXPORT(mc_session_metadata)(const mc_session *session, int32_t model, const char *key) {
  return session == NULL ? NULL : mc_detector_metadata(session->detector, (mc_model)model, key);
}

/* Decodes a picture file; its pixels stay until the next decode or destroy.
 * Report: [3], address of the RGBA pixels, width_px, height_px. */
mc_status EXPORT(mc_session_decode)(mc_session *session, const void *file, size_t file_bytes) {
  if (session == NULL) return MC_ERROR_INVALID_ARGUMENT;
  mc_picture_destroy(&session->picture);
  mc_status status = mc_picture_decode(file, file_bytes, &session->picture);
  if (status != MC_OK) return status;
  session->report[0] = (double)(uintptr_t)session->picture.rgba;
  session->report[1] = (double)session->picture.width_px;
  session->report[2] = (double)session->picture.height_px;
  return MC_OK;
}

/* [5 + 12 * face_count]: face_count, preprocess_ms, faces_ms, masks_ms, total_ms, then of each face
 * x, y, width, height, score, three probabilities, label, uncertain (0 or 1), track_id, missed_ms. */
static mc_status result_report(mc_session *session, const mc_result *result) {
  if (!report_reserve(session, REPORT_HEAD + result->face_count * REPORT_FACE)) return MC_ERROR_OUT_OF_MEMORY;
  double *out = session->report;
  *out++ = (double)result->face_count;
  *out++ = result->timings.preprocess_ms;
  *out++ = result->timings.faces_ms;
  *out++ = result->timings.masks_ms;
  *out++ = result->timings.total_ms;
  for (size_t i = 0; i < result->face_count; i++) {
    const mc_face *face = &result->faces[i];
    *out++ = (double)face->box.x;
    *out++ = (double)face->box.y;
    *out++ = (double)face->box.width;
    *out++ = (double)face->box.height;
    *out++ = (double)face->score;
    for (size_t label = 0; label < MC_LABEL_COUNT; label++) *out++ = (double)face->probabilities[label];
    *out++ = (double)face->label;
    *out++ = face->uncertain ? 1.0 : 0.0;
    *out++ = (double)face->track_id;
    *out++ = (double)face->missed_ms;
  }
  return MC_OK;
}

static mc_image image_of(const uint8_t *rgba, uint32_t width_px, uint32_t height_px) {
  return (mc_image){.pixels = rgba, .width_px = width_px, .height_px = height_px, .format = MC_RGBA8};
}

/* rgba: [height_px, width_px, 4] uint8. Report of this and of the other three: see result_report. */
mc_status EXPORT(mc_session_detect)(mc_session *session, const uint8_t *rgba, uint32_t width_px, uint32_t height_px) {
  if (session == NULL) return MC_ERROR_INVALID_ARGUMENT;
  mc_image image = image_of(rgba, width_px, height_px);
  mc_result result;
  mc_status status = mc_detector_detect(session->detector, &image, &result);
  return status == MC_OK ? result_report(session, &result) : status;
}

mc_status EXPORT(mc_session_detect_video)(mc_session *session, const uint8_t *rgba, uint32_t width_px,
                                          uint32_t height_px, double timestamp_ms) {
  if (session == NULL) return MC_ERROR_INVALID_ARGUMENT;
  mc_image image = image_of(rgba, width_px, height_px);
  mc_result result;
  mc_status status = mc_detector_detect_video(session->detector, &image, timestamp_ms, &result);
  return status == MC_OK ? result_report(session, &result) : status;
}

/* No report. */
mc_status EXPORT(mc_session_reset_video)(mc_session *session) {
  return session == NULL ? MC_ERROR_INVALID_ARGUMENT : mc_detector_reset_video(session->detector);
}

/* boxes: [box_count, 4] float32, x, y, width, height in px: the layout of mc_box, pinned below. */
mc_status EXPORT(mc_session_label)(mc_session *session, const uint8_t *rgba, uint32_t width_px, uint32_t height_px,
                                   const mc_box *boxes, size_t box_count) {
  _Static_assert(sizeof(mc_box) == 4 * sizeof(float), "mc_box is four packed floats");
  if (session == NULL) return MC_ERROR_INVALID_ARGUMENT;
  mc_image image = image_of(rgba, width_px, height_px);
  mc_result result;
  mc_status status = mc_detector_label(session->detector, &image, boxes, box_count, &result);
  return status == MC_OK ? result_report(session, &result) : status;
}

mc_status EXPORT(mc_session_classify)(mc_session *session, const uint8_t *rgba, uint32_t width_px,
                                      uint32_t height_px) {
  if (session == NULL) return MC_ERROR_INVALID_ARGUMENT;
  mc_image image = image_of(rgba, width_px, height_px);
  mc_result result;
  mc_status status = mc_detector_classify(session->detector, &image, &result);
  return status == MC_OK ? result_report(session, &result) : status;
}

/* The numbers of the last successful call; valid until the next one. */
const double *EXPORT(mc_session_report)(const mc_session *session) { return session == NULL ? NULL : session->report; }

/* UTF-8, of the last load; empty if it went well. */
const char *EXPORT(mc_session_message)(const mc_session *session) {
  return session == NULL ? "" : session->message.text;
}
