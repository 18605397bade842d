/* What a model says about itself in metadata_props, read into numbers and checked. Internal.
 *
 * Every key may be missing (a model of one's own) and has the default given here; one that is there must be well formed.
 * Numbers are decimal with a point, whatever the process's locale.
 */
#ifndef MC_METADATA_H
#define MC_METADATA_H

#include "image.h"
#include "labels.h"
#include "network.h"

#define MC_HEAD_COUNT 3
#define MC_MAX_SCALES 2

typedef struct mc_face_model {
  mc_normalization normalization;     /* mean, std: 127.5; color: RGB */
  uint32_t strides_px[MC_HEAD_COUNT]; /* strides: 8,16,32; of the outputs in their order */
  uint32_t detection_size_px;         /* detection_size_picture: 640 */
  uint32_t video_detection_size_px;   /* detection_size_video: 320 */
  uint32_t picture_scales;            /* picture_scales: 1; 2: a picture is searched at half the size, too */
  float min_score;                    /* min_face_score: 0.5 */
  float nms_iou;                      /* nms_iou: 0.45 */
} mc_face_model;

typedef struct mc_mask_model {
  mc_normalization normalization;   /* as above */
  uint32_t input_px;                /* input_size: 0, the graph knows */
  double crop_scale;                /* crop_scale: 1.3; side of the crop in longer sides of the box */
  float temperature;                /* temperature: 1 */
  float min_probability;            /* min_mask_probability: 0.6 */
  mc_activation activation;         /* activation: none; or softmax, if the graph ends in one */
  mc_label order[MC_LABEL_COUNT];   /* classes: the label of each output; in mc_label's order */
  bool scores_faces;                /* whether face_score is there: the graph has an output 'face', too */
  mc_score_weights score_weights;   /* face_score: of the finder's score, of that output, and the bias */
  float min_candidate_score;        /* min_candidate_score: needed beside face_score, otherwise not read and 1 */
} mc_mask_model;

/* MC_ERROR_MODEL_INVALID: a key is malformed or out of range, or the model is of the other kind;
 * MC_ERROR_MODEL_UNSUPPORTED: made for another version. The message names the key. */
mc_status mc_metadata_read_face(const mc_network *network, mc_message *message, mc_face_model *model);
mc_status mc_metadata_read_mask(const mc_network *network, mc_message *message, mc_mask_model *model);

/* Reads `count` numbers separated by commas, nothing else but spaces around them. */
bool mc_metadata_parse_numbers(const char *text, size_t count, double *numbers);

#endif
