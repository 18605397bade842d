#include "face_finder.h"

#include <math.h>

#include "message.h"
#include "tensor.h"

static const size_t input_step_px = 32; /* both sides of the input are multiples: the coarsest stride */
static const size_t trial_size_px = 64; /* input for a look at the outputs' shapes */
static const uint32_t min_scaled_size_px = 512;   /* below, half the size adds nothing */
static const float min_half_size_face_px = 32.0f; /* at half the size; smaller faces are found better at the whole */

static mc_status resize(mc_network *network, size_t height, size_t width, mc_message *message) {
  const size_t dims[4] = {1, 3, height, width};
  return mc_network_resize(network, 0, dims, 4, message);
}

static bool is_free_or(size_t dim, size_t expected) { return dim == 0 || dim == expected; }

static mc_status check_input(const mc_network *network, mc_message *message) {
  if (mc_network_input_count(network) != 1 || mc_network_output_count(network) != MC_HEAD_COUNT) {
    return mc_refuse(message, MC_ERROR_MODEL_INVALID, "a face finder has one input and three outputs");
  }
  const mc_tensor *input = mc_network_input(network, 0);
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

static bool has_heads(const mc_network *network, const mc_face_model *model) {
  const mc_tensor *input = mc_network_input(network, 0);
  for (size_t i = 0; i < MC_HEAD_COUNT; i++) {
    if (!is_head(mc_network_output(network, i), input, model->strides_px[i])) return false;
  }
  return true;
}

mc_status mc_face_finder_load(mc_face_finder *finder, const void *model, size_t model_bytes, mc_message *message) {
  mc_status status = mc_network_create(model, model_bytes, message, &finder->networks[0]);
  mc_network *network = finder->networks[0];
  if (status == MC_OK) status = mc_metadata_read_face(network, message, &finder->model);
  if (status == MC_OK) status = check_input(network, message);
  if (status == MC_OK) mc_network_spend_input(network);
  if (status == MC_OK) status = resize(network, trial_size_px, trial_size_px, message);
  if (status == MC_OK && !has_heads(network, &finder->model)) {
    return mc_refuse(message, MC_ERROR_MODEL_INVALID,
                  "a face finder's outputs are [1, 5, height / stride, width / stride] in the order of its strides");
  }
  if (status != MC_OK) return status;
  /* The last one is there already: it is all that a video needs, the others cost memory when pictures come. */
  const size_t last = finder->model.picture_scales - 1;
  finder->networks[0] = NULL;
  finder->networks[last] = network;
  for (size_t i = 0; status == MC_OK && i < last; i++) status = mc_network_create_twin(network, &finder->networks[i]);
  return status;
}

static uint32_t scaled(uint32_t size_px, double scale) { return (uint32_t)fmax(1.0, round((double)size_px * scale)); }

static size_t padded(uint32_t size_px) { return (size_px + input_step_px - 1) / input_step_px * input_step_px; }

/* The network's input at a size, as a canvas with its paddings. */
static mc_status open_input(mc_face_finder *finder, mc_network *network, size_t height, size_t width,
                            mc_canvas *canvas) {
  const mc_status status = resize(network, height, width, NULL);
  if (status != MC_OK) return status;
  if (!has_heads(network, &finder->model)) return MC_ERROR_MODEL_INVALID;
  const mc_tensor *input = mc_network_input(network, 0);
  size_t steps[MC_MAX_RANK] = {0};
  mc_tensor_steps(input, steps);
  *canvas = (mc_canvas){.data = input->data,
                        .width_px = (uint32_t)width,
                        .height_px = (uint32_t)height,
                        .row_step = steps[2],
                        .column_step = steps[3],
                        .channel_step = steps[1]};
  return MC_OK;
}

/* Zeroes what lies to the right of and below the first width x height px, and returns those. */
static mc_canvas clear_paddings(const mc_canvas *canvas, uint32_t width, uint32_t height) {
  mc_canvas right = *canvas;
  right.data += width * canvas->column_step;
  right.width_px -= width;
  right.height_px = height;
  mc_canvas_clear(&right);
  mc_canvas below = *canvas;
  below.data += height * canvas->row_step;
  below.height_px -= height;
  mc_canvas_clear(&below);
  mc_canvas filled = *canvas;
  filled.width_px = width;
  filled.height_px = height;
  return filled;
}

/* Fills the input of each network after the first one in use from that of the one before. */
static mc_status prepare_halves(mc_face_finder *finder, mc_canvas whole) {
  for (size_t i = finder->first + 1; i < finder->model.picture_scales; i++) {
    const uint32_t width = whole.width_px / 2;
    const uint32_t height = whole.height_px / 2;
    mc_canvas half;
    const mc_status status = open_input(finder, finder->networks[i], padded(height), padded(width), &half);
    if (status != MC_OK) return status;
    const mc_canvas filled = clear_paddings(&half, width, height);
    mc_canvas_halve(&whole, &filled);
    whole = half;
  }
  return MC_OK;
}

mc_status mc_face_finder_prepare(mc_face_finder *finder, const mc_image *image, uint32_t detection_size_px,
                                 bool wants_scales) {
  const uint32_t long_side = image->width_px > image->height_px ? image->width_px : image->height_px;
  const double scale = (double)detection_size_px / (double)long_side;
  const uint32_t width = scaled(image->width_px, scale);
  const uint32_t height = scaled(image->height_px, scale);
  const bool one = !wants_scales || detection_size_px < min_scaled_size_px;
  finder->first = one ? finder->model.picture_scales - 1 : 0;
  mc_canvas input;
  mc_status status = open_input(finder, finder->networks[finder->first], padded(height), padded(width), &input);
  if (status != MC_OK) return status;
  const mc_canvas picture = clear_paddings(&input, width, height);
  const mc_view view = {.x = 0.0, .y = 0.0, .width = (double)image->width_px, .height = (double)image->height_px};
  status = mc_resampler_run(&finder->resampler, image, &view, &finder->model.normalization, &picture);
  if (status == MC_OK) status = prepare_halves(finder, input);
  if (status != MC_OK) return status;
  finder->x_scale = view.width / (double)width;
  finder->y_scale = view.height / (double)height;
  finder->width_px = image->width_px;
  finder->height_px = image->height_px;
  return MC_OK;
}

mc_status mc_face_finder_run(mc_face_finder *finder, const mc_options *options, mc_face *faces, size_t *face_count) {
  finder->candidates.count = 0;
  for (size_t i = finder->first; i < finder->model.picture_scales; i++) {
    const mc_status status = mc_network_run(finder->networks[i]);
    if (status != MC_OK) return status;
    const uint32_t ratio = 1U << (i - finder->first);
    const float min_size_px = ratio == 1 ? 0.0f : min_half_size_face_px * (float)ratio;
    for (size_t head = 0; head < MC_HEAD_COUNT; head++) {
      mc_candidates_add(&finder->candidates, mc_network_output(finder->networks[i], head),
                        finder->model.strides_px[head] * ratio, min_size_px, options->min_face_score);
    }
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
  for (size_t i = 0; i < MC_MAX_SCALES; i++) { /* twins before the network they read */
    mc_network_destroy(finder->networks[i]);
    finder->networks[i] = NULL;
  }
  mc_resampler_destroy(&finder->resampler);
}
