/* One face at a time: which square of the picture the mask classifier sees, and what its numbers mean. Internal. */
#ifndef MC_LABELS_H
#define MC_LABELS_H

#include "image.h"

/* What the classifier's three outputs are. */
typedef enum mc_activation {
  MC_ACTIVATION_NONE = 0,    /* logits */
  MC_ACTIVATION_SOFTMAX = 1, /* probabilities: the graph ends in a Softmax */
} mc_activation;

/* The square of side scale * longer side around the box's centre. Box: finite, width and height > 0; scale > 0. */
mc_view mc_label_view(const mc_box *box, double scale);

/* softmax(logits / temperature), temperature > 0. Always finite with sum 1: infinite outputs count as very large ones, and one
 * that is not a number (a broken model) makes all three equal. */
void mc_label_probabilities(const float outputs[MC_LABEL_COUNT], mc_activation activation, float temperature,
                            float probabilities[MC_LABEL_COUNT]);

/* How much the finder's score and the classifier's look at the crop say about a face. */
typedef struct mc_score_weights {
  double finder, crop; /* finite, >= 0 */
  double bias;         /* finite */
} mc_score_weights;

/* sigmoid(finder * logit(score) + crop * crop_logit + bias), in [0, 1]. score: the finder's, [0, 1], held off both ends by
 * 1e-6. An infinite crop_logit counts as a very large one, and one that is not a number as -infinity. */
float mc_label_score(float score, float crop_logit, const mc_score_weights *weights);

/* The most probable one; the first of equals. */
mc_label mc_label_best(const float probabilities[MC_LABEL_COUNT]);

#endif
