#include "face_finder.h"

#include <math.h>

#include "message.h"
#include "tensor.h"

static const size_t input_step_px = 32; /* both sides of the input are multiples: the coarsest stride */
static const size_t trial_size_px = 64; /* input for a look at the outputs' shapes */

static mc_status resize(mc_face_finder *finder, size_t height, size_t width, mc_message *message) {
  const size_t dims[4] = {1, 3, height, width};
  return mc_network_resize(finder->network, 0, dims, 4, message);
}

static bool is_free_or(size_t dim, size_t expected) { return dim == 0 || dim == expected; }

static mc_status check_input(const mc_face_finder *finder, mc_message *message) {
  if (mc_network_input_count(finder->network) != 1 || mc_network_output_count(finder->network) != MC_HEAD_COUNT) {
    return mc_refuse(message, MC_ERROR_MODEL_INVALID, "a face finder has one input and three outputs");
  }
  const mc_tensor *input = mc_network_input(finder->network, 0);
  if (input->rank != 4 || !is_free_or(input->dims[0], 1) || !is_free_or(input->dims[1], 3)) {
    return mc_refuse(message, MC_ERROR_MODEL_INVALID, "a face finder's input is [1, 3, height, width]");
  }
  if (input->dims[2] != 0 || input->dims[3] != 0) {
    return mc_refuse(message, MC_ERROR_MODEL_UNSUPPORTED, "a face finder's input height and width must be dynamic");
  }
  return MC_OK;
}

static bool is_head(const mc_tensor *output, const mc_tensor *input, uint32_t stride_px) {
  return output->rank == 4 && output->dims[0] == 1 && output->dims[1] == MC_FACE_CHANNELS &&
         output->dims[2] == input->dims[2] / stride_px && output->dims[3] == input->dims[3] / stride_px;
}

static bool has_heads(const mc_face_finder *finder) {
  const mc_tensor *input = mc_network_input(finder->network, 0);
  for (size_t i = 0; i < MC_HEAD_COUNT; i++) {
    if (!is_head(mc_network_output(finder->network, i), input, finder->model.strides_px[i])) return false;
  }
  return true;
}

mc_status mc_face_finder_load(mc_face_finder *finder, const void *model, size_t model_bytes, mc_message *message) {
  mc_status status = mc_network_create(model, model_bytes, message, &finder->network);
  if (status == MC_OK) status = mc_metadata_read_face(finder->network, message, &finder->model);
  if (status == MC_OK) status = check_input(finder, message);
  if (status == MC_OK) status = resize(finder, trial_size_px, trial_size_px, message);
  if (status == MC_OK && !has_heads(finder)) {
    return mc_refuse(message, MC_ERROR_MODEL_INVALID,
                  "a face finder's outputs are [1, 5, height / stride, width / stride] in the order of its strides");
  }
  return status;
}

static uint32_t scaled(uint32_t size_px, double scale) { return (uint32_t)fmax(1.0, round((double)size_px * scale)); }

static size_t padded(uint32_t size_px) { return (size_px + input_step_px - 1) / input_step_px * input_step_px; }

mc_status mc_face_finder_prepare(mc_face_finder *finder, const mc_image *image, uint32_t detection_size_px) {
  const uint32_t long_side = image->width_px > image->height_px ? image->width_px : image->height_px;
  const double scale = (double)detection_size_px / (double)long_side;
  const uint32_t width = scaled(image->width_px, scale);
  const uint32_t height = scaled(image->height_px, scale);
  mc_status status = resize(finder, padded(height), padded(width), NULL);
  if (status != MC_OK) return status;
  const mc_tensor *input = mc_network_input(finder->network, 0);
  if (!has_heads(finder)) return MC_ERROR_MODEL_INVALID;

  size_t steps[MC_MAX_RANK] = {0};
  mc_tensor_steps(input, steps);
  const mc_canvas picture = {.data = input->data,
                             .width_px = width,
                             .height_px = height,
                             .row_step = steps[2],
                             .column_step = steps[3],
                             .channel_step = steps[1]};
  mc_canvas right = picture;
  right.data += width * steps[3];
  right.width_px = (uint32_t)input->dims[3] - width;
  mc_canvas below = picture;
  below.data += height * steps[2];
  below.width_px = (uint32_t)input->dims[3];
  below.height_px = (uint32_t)input->dims[2] - height;
  mc_canvas_clear(&right);
  mc_canvas_clear(&below);

  const mc_view view = {.x = 0.0, .y = 0.0, .width = (double)image->width_px, .height = (double)image->height_px};
  status = mc_resampler_run(&finder->resampler, image, &view, &finder->model.normalization, &picture);
  if (status != MC_OK) return status;
  finder->x_scale = view.width / (double)width;
  finder->y_scale = view.height / (double)height;
  finder->width_px = image->width_px;
  finder->height_px = image->height_px;
  return MC_OK;
}

mc_status mc_face_finder_run(mc_face_finder *finder, const mc_options *options, mc_face *faces, size_t *face_count) {
  const mc_status status = mc_network_run(finder->network);
  if (status != MC_OK) return status;
  finder->candidates.count = 0;
  for (size_t i = 0; i < MC_HEAD_COUNT; i++) {
    mc_candidates_add(&finder->candidates, mc_network_output(finder->network, i), finder->model.strides_px[i],
                      options->min_face_score);
  }
  const mc_face_rules rules = {.nms_iou = options->nms_iou,
                               .min_size_px = options->min_face_size_px,
                               .max_faces = options->max_faces,
                               .x_scale = finder->x_scale,
                               .y_scale = finder->y_scale,
                               .width_px = finder->width_px,
                               .height_px = finder->height_px};
  *face_count = mc_faces_select(&finder->candidates, &rules, faces);
  return MC_OK;
}

void mc_face_finder_destroy(mc_face_finder *finder) {
  mc_network_destroy(finder->network);
  mc_resampler_destroy(&finder->resampler);
  finder->network = NULL;
}
