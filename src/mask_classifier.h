/* The mask classifier: resamples a square of the picture into its network's input and reads three probabilities. Any network with
 * one picture as input ([N, 3, S, S] or [N, S, S, 3]) and three numbers as output will do. If its metadata have 'face_score', it has a
 * second output 'face', a logit: whether the square shows a well placed face. Internal. */
#ifndef MC_MASK_CLASSIFIER_H
#define MC_MASK_CLASSIFIER_H

#include "image.h"
#include "metadata.h"

typedef struct mc_mask_classifier {
  mc_network *network;
  mc_mask_model model;
  mc_canvas canvas; /* the network's input */
  mc_resampler resampler;
} mc_mask_classifier;

/* Loads the network into a zeroed classifier, ready to run. On failure the classifier must still be destroyed; the message says
 * why. MC_ERROR_MODEL_INVALID, MC_ERROR_MODEL_UNSUPPORTED, MC_ERROR_OUT_OF_MEMORY. */
mc_status mc_mask_classifier_load(mc_mask_classifier *classifier, const void *model, size_t model_bytes,
                                  mc_message *message);

/* Labels what the view shows. The image has passed mc_image_check. */
mc_status mc_mask_classifier_run(mc_mask_classifier *classifier, const mc_image *image, const mc_view *view,
                                 float probabilities[MC_LABEL_COUNT]);

/* The score of the face that was labelled last, where the finder gave it finder_score [0, 1]: that very one if the network has
 * no 'face'. */
float mc_mask_classifier_score(const mc_mask_classifier *classifier, float finder_score);

/* Frees what the classifier holds. */
void mc_mask_classifier_destroy(mc_mask_classifier *classifier);

#endif
