/* One face at a time: which square of the picture the mask classifier sees, and what its three numbers mean. Internal. */
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

/* The most probable one; the first of equals. */
mc_label mc_label_best(const float probabilities[MC_LABEL_COUNT]);

#endif
