#include "labels.h"

#include <math.h>

const char *mc_label_name(mc_label label) {
  switch (label) {
    case MC_WITHOUT_MASK:
      return "without_mask";
    case MC_MASK_WORN_INCORRECTLY:
      return "mask_worn_incorrectly";
    case MC_MASK_WORN_CORRECTLY:
      return "mask_worn_correctly";
  }
  return "unknown";
}

mc_view mc_label_view(const mc_box *box, double scale) {
  const double x = (double)box->x;
  const double y = (double)box->y;
  const double width = (double)box->width;
  const double height = (double)box->height;
  const double side = scale * fmax(width, height);
  return (mc_view){.x = x + 0.5 * (width - side), .y = y + 0.5 * (height - side), .width = side, .height = side};
}

void mc_label_probabilities(const float outputs[MC_LABEL_COUNT], mc_activation activation, float temperature,
                            float probabilities[MC_LABEL_COUNT]) {
  double logits[MC_LABEL_COUNT];
  double highest = -HUGE_VAL;
  for (size_t i = 0; i < MC_LABEL_COUNT; i++) {
    double value = (double)outputs[i];
    if (isnan(value)) value = 0.0;
    if (activation == MC_ACTIVATION_SOFTMAX) value = log(fmin(fmax(value, 1e-30), 1.0));
    logits[i] = fmin(fmax(value, -1e38), 1e38) / (double)temperature;
    highest = fmax(highest, logits[i]);
  }
  const bool broken = isnan(outputs[0]) || isnan(outputs[1]) || isnan(outputs[2]);
  double sum = 0.0;
  for (size_t i = 0; i < MC_LABEL_COUNT; i++) {
    logits[i] = broken ? 1.0 : exp(logits[i] - highest);
    sum += logits[i];
  }
  for (size_t i = 0; i < MC_LABEL_COUNT; i++) probabilities[i] = (float)(logits[i] / sum);
}

float mc_label_score(float score, float crop_logit, const mc_score_weights *weights) {
  const double share = fmin(fmax((double)score, 1e-6), 1.0 - 1e-6);
  const double crop = isnan(crop_logit) ? -1e38 : fmin(fmax((double)crop_logit, -1e38), 1e38);
  const double logit = weights->finder * log(share / (1.0 - share)) + weights->crop * crop + weights->bias;
  return (float)(1.0 / (1.0 + exp(-logit)));
}

mc_label mc_label_best(const float probabilities[MC_LABEL_COUNT]) {
  mc_label best = MC_WITHOUT_MASK;
  for (int i = 1; i < MC_LABEL_COUNT; i++) {
    if (probabilities[i] > probabilities[best]) best = (mc_label)i;
  }
  return best;
}
