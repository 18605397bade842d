#include "mask_classifier.h"

#include <string.h>

#include "message.h"
#include "tensor.h"

#define MC_MAX_INPUT_PX 1024u

static mc_status check_ports(const mc_mask_classifier *classifier, mc_message *message) {
  const mc_network *network = classifier->network;
  const bool scores = classifier->model.scores_faces;
  if (mc_network_input_count(network) == 1 && mc_network_output_count(network) == (scores ? 2 : 1) &&
      (!scores || strcmp(mc_network_output(network, 1)->name, "face") == 0)) {
    return MC_OK;
  }
  return mc_refuse(message, MC_ERROR_MODEL_INVALID,
                   "a mask classifier has one input and one output; with metadata 'face_score' a second output 'face'");
}

/* Gives the input its size: one face, channels where the graph has 3, the side from the graph or else the metadata. */
static mc_status set_size(mc_mask_classifier *classifier, mc_message *message) {
  const mc_tensor *input = mc_network_input(classifier->network, 0);
  const bool first = input->rank == 4 && input->dims[1] == 3;
  const bool last = !first && input->rank == 4 && input->dims[3] == 3;
  if (!(first || last) || input->dims[0] > 1) {
    return mc_refuse(message, MC_ERROR_MODEL_INVALID, "a mask classifier's input is [N, 3, S, S] or [N, S, S, 3]");
  }
  const size_t height_axis = first ? 2 : 1;
  const size_t width_axis = first ? 3 : 2;
  const size_t known = input->dims[height_axis] != 0 ? input->dims[height_axis] : input->dims[width_axis];
  const size_t side = known != 0 ? known : classifier->model.input_px;
  if (side == 0) {
    return mc_refuse(message, MC_ERROR_MODEL_INVALID, "the input's size is dynamic and metadata 'input_size' is missing");
  }
  if (side > MC_MAX_INPUT_PX) return mc_refuse(message, MC_ERROR_MODEL_UNSUPPORTED, "the input is larger than 1024 px");
  if ((input->dims[height_axis] != 0 && input->dims[height_axis] != side) ||
      (input->dims[width_axis] != 0 && input->dims[width_axis] != side)) {
    return mc_refuse(message, MC_ERROR_MODEL_UNSUPPORTED, "the input must be square");
  }
  if (classifier->model.input_px != 0 && classifier->model.input_px != side) {
    return mc_refuse(message, MC_ERROR_MODEL_INVALID, "metadata 'input_size' is not the graph's input size");
  }
  size_t dims[4] = {1, side, side, side};
  dims[first ? 1 : 3] = 3;
  const mc_status status = mc_network_resize(classifier->network, 0, dims, 4, message);
  if (status != MC_OK) return status;

  input = mc_network_input(classifier->network, 0);
  size_t steps[MC_MAX_RANK] = {0};
  mc_tensor_steps(input, steps);
  classifier->canvas = (mc_canvas){.data = input->data,
                                   .width_px = (uint32_t)side,
                                   .height_px = (uint32_t)side,
                                   .row_step = steps[height_axis],
                                   .column_step = steps[width_axis],
                                   .channel_step = steps[first ? 1 : 3]};
  return MC_OK;
}

mc_status mc_mask_classifier_load(mc_mask_classifier *classifier, const void *model, size_t model_bytes,
                                  mc_message *message) {
  mc_status status = mc_network_create(model, model_bytes, message, &classifier->network);
  if (status == MC_OK) status = mc_metadata_read_mask(classifier->network, message, &classifier->model);
  if (status == MC_OK) status = check_ports(classifier, message);
  if (status == MC_OK) status = set_size(classifier, message);
  if (status != MC_OK) return status;
  if (mc_tensor_elements(mc_network_output(classifier->network, 0)) != MC_LABEL_COUNT) {
    return mc_refuse(message, MC_ERROR_MODEL_INVALID, "a mask classifier's output has three numbers for a face");
  }
  if (classifier->model.scores_faces && mc_tensor_elements(mc_network_output(classifier->network, 1)) != 1) {
    return mc_refuse(message, MC_ERROR_MODEL_INVALID, "a mask classifier's output 'face' has one number for a face");
  }
  return MC_OK;
}

mc_status mc_mask_classifier_run(mc_mask_classifier *classifier, const mc_image *image, const mc_view *view,
                                 float probabilities[MC_LABEL_COUNT]) {
  const mc_mask_model *model = &classifier->model;
  mc_status status = mc_resampler_run(&classifier->resampler, image, view, &model->normalization, &classifier->canvas);
  if (status == MC_OK) status = mc_network_run(classifier->network);
  if (status != MC_OK) return status;
  /* All axes but one have length 1, so the three lie side by side in any memory order. */
  const float *outputs = mc_network_output(classifier->network, 0)->data;
  float in_order[MC_LABEL_COUNT];
  for (size_t i = 0; i < MC_LABEL_COUNT; i++) in_order[model->order[i]] = outputs[i];
  mc_label_probabilities(in_order, model->activation, model->temperature, probabilities);
  return MC_OK;
}

float mc_mask_classifier_score(const mc_mask_classifier *classifier, float finder_score) {
  const mc_mask_model *model = &classifier->model;
  if (!model->scores_faces) return finder_score;
  return mc_label_score(finder_score, mc_network_output(classifier->network, 1)->data[0], &model->score_weights);
}

void mc_mask_classifier_destroy(mc_mask_classifier *classifier) {
  mc_network_destroy(classifier->network);
  mc_resampler_destroy(&classifier->resampler);
  classifier->network = NULL;
}
