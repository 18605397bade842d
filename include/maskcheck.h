/* maskcheck: finds faces in a picture and says how each one wears a face mask.
 *
 * The whole public C API. Everything else in src/ may change without notice.
 *
 *   mc_options options;
 *   mc_options_init(&options);
 *   mc_detector *detector = NULL;
 *   mc_message message;
 *   mc_status status = mc_detector_create(face, face_bytes, mask, mask_bytes, &options, &message, &detector);
 *   ...
 *   mc_result result;
 *   status = mc_detector_detect(detector, &image, &result);
 *   for (size_t i = 0; i < result.face_count; i++) use(&result.faces[i]);
 *   mc_detector_destroy(detector);
 *
 * Conventions
 * - Every function that can fail returns mc_status; its outputs come last and are untouched on failure.
 * - Sizes in bytes and counts are size_t, picture sizes are uint32_t px. Box coordinates are px of the picture that
 *   was passed in, origin at its top left corner, x to the right, y down.
 * - The caller owns what it passes in; the library keeps no pointer to it after the call returns.
 * - A detector may be used by one thread at a time; different detectors are independent. There are no globals
 *   to set up and nothing is printed.
 * - Models and pictures may come from strangers: they are checked before use, and a bad one gives an error.
 */
#ifndef MASKCHECK_H
#define MASKCHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MC_VERSION_MAJOR 0
#define MC_VERSION_MINOR 1
#define MC_VERSION_PATCH 0

/* One list makes the enum, mc_status_name and mc_status_text: X(constant, value, name, text). The names are stable and
 * are the error codes of the JavaScript library. */
#define MC_STATUS_LIST(X)                                                                                             \
  X(MC_OK, 0, "ok", "no error")                                                                                       \
  X(MC_ERROR_INVALID_ARGUMENT, 1, "invalid_argument", "an argument or option is null, not a number or out of range")  \
  X(MC_ERROR_OUT_OF_MEMORY, 2, "out_of_memory", "memory could not be allocated")                                      \
  X(MC_ERROR_MODEL_INVALID, 3, "model_invalid", "the model is not a well-formed ONNX file of the expected kind")      \
  X(MC_ERROR_MODEL_UNSUPPORTED, 4, "model_unsupported", "the model uses an operator, attribute or shape not supported") \
  X(MC_ERROR_IMAGE_INVALID, 5, "image_invalid", "the picture is empty, truncated, or not in a known format")          \
  X(MC_ERROR_IMAGE_TOO_LARGE, 6, "image_too_large", "the picture is larger than 32768 px a side or 128 Mpx")          \
  X(MC_ERROR_INTERNAL, 7, "internal", "the inference backend failed; this is a bug in maskcheck")

typedef enum mc_status {
#define MC_STATUS_ENUM(constant, value, name, text) constant = (value),
  MC_STATUS_LIST(MC_STATUS_ENUM)
#undef MC_STATUS_ENUM
} mc_status;

/* Static, never NULL; "unknown" for a value outside the list. */
const char *mc_status_name(mc_status status); /* "model_invalid" */
const char *mc_status_text(mc_status status); /* a sentence for people */

/* "0.1.0", static. */
const char *mc_version(void);

/* What went wrong in detail, for people: names the node, operator and attribute of a model that was refused. */
typedef struct mc_message {
  char text[256]; /* UTF-8, NUL-terminated, empty on success; control characters from a model are replaced */
} mc_message;

/* --- Pictures ---------------------------------------------------------------------------------------------------- */

#define MC_MAX_IMAGE_SIDE_PX 32768u
#define MC_MAX_IMAGE_PIXELS 134217728u /* 128 Mpx: 512 MiB as RGBA */

typedef enum mc_pixel_format {
  MC_RGBA8 = 0, /* 4 bytes a pixel; alpha is ignored */
  MC_RGB8 = 1,  /* 3 bytes */
  MC_BGR8 = 2,  /* 3 bytes */
  MC_GRAY8 = 3, /* 1 byte */
} mc_pixel_format;

/* A view of pixels owned by the caller: rows top to bottom, [height_px, width_px, channels] uint8, sRGB. */
typedef struct mc_image {
  const uint8_t *pixels;
  uint32_t width_px;    /* [1, MC_MAX_IMAGE_SIDE_PX] */
  uint32_t height_px;   /* [1, MC_MAX_IMAGE_SIDE_PX] */
  size_t stride_bytes;  /* from one row to the next, >= width_px * channels; 0 means exactly that */
  mc_pixel_format format;
} mc_image;

/* A decoded picture file, RGBA, upright: EXIF orientation is already applied. Free with mc_picture_destroy. */
typedef struct mc_picture {
  uint8_t *rgba; /* [height_px, width_px, 4] uint8, no padding between rows */
  uint32_t width_px;
  uint32_t height_px;
} mc_picture;

/* Decodes a JPEG (baseline or progressive), PNG, BMP or GIF (first frame; not those whose encoder goes on after 4096 codes
 * without a new table) file held in memory. Transparent pixels are put on white. Sizes are checked before any pixel memory is
 * allocated.
 * MC_ERROR_IMAGE_INVALID: not such a file, or damaged. MC_ERROR_IMAGE_TOO_LARGE, MC_ERROR_OUT_OF_MEMORY. */
mc_status mc_picture_decode(const void *file, size_t file_bytes, mc_picture *picture);

/* Frees the pixels and zeroes the struct; a zeroed or NULL picture is fine. */
void mc_picture_destroy(mc_picture *picture);

/* --- Detector ---------------------------------------------------------------------------------------------------- */

/* The three answers, in the order of all probability arrays. */
typedef enum mc_label {
  MC_WITHOUT_MASK = 0,
  MC_MASK_WORN_INCORRECTLY = 1,
  MC_MASK_WORN_CORRECTLY = 2,
} mc_label;
#define MC_LABEL_COUNT 3

/* "without_mask", "mask_worn_incorrectly" or "mask_worn_correctly"; static; "unknown" for other values. */
const char *mc_label_name(mc_label label);

/* Set all fields with mc_options_init, then change what you need. A negative float and a zero detection size mean "the
 * default". */
typedef struct mc_options {
  float min_face_score;         /* [0, 1], faces with a lower score are left out; default: the face model's own */
  float nms_iou;                /* [0, 1], of two boxes that overlap more, before they are cut at the picture's border, the lower
                                   scored goes, and of two of which one covers more than 0.8 (or this, where that is more) of
                                   the other; default: the face model's own */
  float min_mask_probability;   /* [0, 1], faces whose best label has less are marked uncertain; default: the mask model's own */
  float min_face_size_px;       /* >= 0, faces whose longer side is shorter are left out, px of the picture; default 0 */
  uint32_t max_faces;           /* [1, MC_MAX_FACES], the largest are kept; default 100 */
  uint32_t detection_size_px;   /* multiple of 32 in [32, MC_MAX_DETECTION_SIZE_PX], or 0: long side of the resized picture
                                   in which faces are searched; from 512 on half of it is searched, too, for large faces, if
                                   the face model wants it; default: the face model's own for pictures (640) */
  uint32_t video_detection_size_px; /* the same for mc_detector_detect_video, never with a half; default: the face model's own
                                       for video (320) */

  /* Of mc_detector_detect_video alone. Times are those of the frames, [0, MC_MAX_TRACK_MS]. */
  float track_min_iou;          /* [0, 1], a face whose box overlaps the one expected of a track less is not that track's;
                                   0: any overlap will do; default 0.1 */
  float track_motion_ms;        /* time constant of the mean speed by which a track's next box is expected; 0: it is expected
                                   where it was last; default 150 */
  float track_smoothing_ms;     /* time constant of the mean of a track's probabilities; 0: those of the frame alone;
                                   default 250 */
  float track_box_smoothing_ms; /* time constant of the mean of box and score; 0: those of the frame alone; default 0, because
                                   a steady box is seldom worth being off the face by a little */
  float track_label_lead;       /* [0, 1], another label must be this much more probable than the present one to take its
                                   place; a label once sure becomes uncertain this / 2 below min_mask_probability; 0: the
                                   label is the most probable one; default 0.25 */
  float track_sure_ms;          /* a track is uncertain until it has been seen for so long; 0: sure from its first frame;
                                   default 200 */
  float track_keep_ms;          /* a face that is no longer found is shown for so long where it is expected; 0: not at all;
                                   default 300; no longer than track_memory_ms */
  float track_memory_ms;        /* a face found again after so long still has its number; 0: a face missed in one frame gets a
                                   new one; default 1000 */
  float track_gap_ms;           /* a longer step from one frame to the next begins a new video; 0: never; default 2000 */
} mc_options;
#define MC_MAX_TRACK_MS 60000.0f
#define MC_MAX_FACES 1000u
#define MC_MAX_DETECTION_SIZE_PX 4096u

void mc_options_init(mc_options *options);

typedef struct mc_box {
  float x, y, width, height; /* px of the picture; detected boxes lie inside the picture */
} mc_box;

typedef struct mc_face {
  mc_box box;
  float score;                          /* [0, 1], that this is a face: the face finder's word, and the mask classifier's if
                                           its model has one; 1 from mc_detector_label and mc_detector_classify */
  float probabilities[MC_LABEL_COUNT];  /* [0, 1], sum 1 */
  mc_label label;                       /* the most probable one; of a video's face see mc_detector_detect_video */
  bool uncertain;                       /* probabilities[label] < min_mask_probability; of a video's face see there */
  uint32_t track_id;                    /* number of a video's face, the same in all its frames; 0 in single pictures */
  float missed_ms;                      /* >= 0, since a video's face was last found; 0: found in this frame */
} mc_face;

/* Wall-clock time of one call, ms. */
typedef struct mc_timings {
  double preprocess_ms; /* resizing for the face finder, at both sizes */
  double faces_ms;      /* finding, at both sizes */
  double masks_ms;      /* cropping and labelling all faces, and candidates that then were none */
  double total_ms;
} mc_timings;

typedef struct mc_result {
  const mc_face *faces; /* largest box first (given boxes: in the caller's order); owned by the detector, valid until its
                           next call or destroy; NULL only if face_count is 0 */
  size_t face_count;
  mc_timings timings;
} mc_result;

typedef struct mc_detector mc_detector;

/* Loads both networks. face_model and mask_model are whole ONNX files, used only during the call.
 * options may be NULL (all defaults); message may be NULL, otherwise it is always written.
 * Free the detector with mc_detector_destroy.
 * MC_ERROR_MODEL_INVALID, MC_ERROR_MODEL_UNSUPPORTED (message names the cause), MC_ERROR_INVALID_ARGUMENT,
 * MC_ERROR_OUT_OF_MEMORY. */
mc_status mc_detector_create(const void *face_model, size_t face_model_bytes, const void *mask_model,
                             size_t mask_model_bytes, const mc_options *options, mc_message *message,
                             mc_detector **detector);

/* Replaces all options; on failure the old ones stay. */
mc_status mc_detector_set_options(mc_detector *detector, const mc_options *options);

/* The options in force, with the models' own values filled in. */
mc_status mc_detector_get_options(const mc_detector *detector, mc_options *options);

/* Value of a key of a model's metadata_props, such as "license", "training_data" or "accuracy": UTF-8, NUL-terminated, owned by
 * the detector; NULL if absent. It is what the file says about itself, unchecked: show it as plain text. */
typedef enum mc_model {
  MC_FACE_MODEL = 0,
  MC_MASK_MODEL = 1,
} mc_model;
const char *mc_detector_metadata(const mc_detector *detector, mc_model model, const char *key);

/* Finds and labels the faces of a picture. A later call of the same picture size allocates nothing.
 *
 * A mask model whose metadata have 'face_score' = "finder,crop,bias" says in a second output 'face' what it thinks of each crop, and
 * the score is sigmoid(finder * logit(the face finder's score) + crop * face + bias). All boxes with at least the smaller of its
 * 'min_candidate_score' and min_face_score as the finder's score are looked at then (the best MC_MAX_FACES of them), largest first,
 * until max_faces have a new score of at least min_face_score; those that lie in a larger one are looked at in any case, and do not
 * count. */
mc_status mc_detector_detect(mc_detector *detector, const mc_image *image, mc_result *result);

/* As mc_detector_detect, for one frame after the other of one video: faces keep their number, labels do not flicker. A later
 * call of the same frame size allocates nothing.
 *
 * timestamp_ms: of the frame, finite. Steps may be irregular. A step back or one longer than track_gap_ms begins a new video,
 * and so does a frame of another size; all faces are new then. Numbers are not used again by this detector.
 *
 * Of each face
 * - probabilities are the track's mean over time (track_smoothing_ms);
 * - after a track's first track_sure_ms label stays until another one leads clearly (track_label_lead), so for a moment it may not
 *   be the most probable;
 * - uncertain is true in a track's first track_sure_ms, and then where probabilities[label] is below
 *   min_mask_probability; a label that was sure stays so for track_label_lead / 2 below it;
 * - a face that was shown for at least track_sure_ms and is then missed stays in the result for track_keep_ms: missed_ms says
 *   since when, its box moves on as it moved before, everything else is as it was last. It does not take the place of a
 *   found face (max_faces), nor is it shown where a found face covers it (nms_iou) or out of the picture.
 *
 * mc_detector_detect and the others may be called in between, they leave the video's tracks alone. */
mc_status mc_detector_detect_video(mc_detector *detector, const mc_image *image, double timestamp_ms,
                                   mc_result *result);

/* The next frame of mc_detector_detect_video begins a new video, whatever its time. */
mc_status mc_detector_reset_video(mc_detector *detector);

/* Labels faces at given boxes, [box_count], px, all fields finite, width and height > 0; a box may reach out of the picture.
 * One face per box comes back, in the same order. max_faces does not apply; box_count <= MC_MAX_FACES. */
mc_status mc_detector_label(mc_detector *detector, const mc_image *image, const mc_box *boxes, size_t box_count,
                            mc_result *result);

/* Labels a picture that shows one face and little else: the whole picture, centred in a square, is the classifier's input.
 * One face comes back, its box is the picture. */
mc_status mc_detector_classify(mc_detector *detector, const mc_image *image, mc_result *result);

/* NULL is fine. */
void mc_detector_destroy(mc_detector *detector);

#ifdef __cplusplus
}
#endif

#endif
