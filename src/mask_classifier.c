#include "mask_classifier.h"

#include "message.h"
#include "tensor.h"

#define MC_MAX_INPUT_PX 1024u

/* Gives the input its size: one face, channels where the graph has 3, the side from the graph or else the metadata. */
static mc_status set_size(mc_mask_classifier *classifier, mc_message *message) {
  if (mc_network_input_count(classifier->network) != 1 || mc_network_output_count(classifier->network) != 1) {
    return mc_refuse(message, MC_ERROR_MODEL_INVALID, "a mask classifier has one input and one output");
  }
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
  if (status == MC_OK) status = set_size(classifier, message);
  if (status == MC_OK && mc_tensor_elements(mc_network_output(classifier->network, 0)) != MC_LABEL_COUNT) {
    return mc_refuse(message, MC_ERROR_MODEL_INVALID, "a mask classifier's output has three numbers for a face");
  }
  return status;
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

void mc_mask_classifier_destroy(mc_mask_classifier *classifier) {
  mc_network_destroy(classifier->network);
  mc_resampler_destroy(&classifier->resampler);
  classifier->network = NULL;
}
