/* The face finder: letterboxes a picture into its network's input, runs it, decodes the feature maps. Internal.
 *
 * Where the model asks for it (picture_scales), a picture is searched at half the size as well: faces that are too large for
 * the network's view at the one are found at the other. One non-maximum suppression follows. The half is the mean of two by two
 * of the input's values, so its cells are those of an input of the first size with strides twice as long. */
#ifndef MC_FACE_FINDER_H
#define MC_FACE_FINDER_H

#include "faces.h"
#include "image.h"
#include "metadata.h"

typedef struct mc_face_finder {
  mc_network *networks[MC_MAX_SCALES]; /* [model.picture_scales] alike, for two sizes that come in turns */
  mc_face_model model;
  mc_resampler resampler;
  size_t first; /* of the prepared picture: the networks from here on hold it, each at half the size of the one before */
  double x_scale, y_scale; /* of the prepared picture: from px of the first input to px of the picture */
  uint32_t width_px, height_px; /* of the prepared picture */
  mc_candidates candidates;
} mc_face_finder;

/* Loads the network into a zeroed finder. On failure the finder must still be destroyed; the message says why.
 * MC_ERROR_MODEL_INVALID, MC_ERROR_MODEL_UNSUPPORTED, MC_ERROR_OUT_OF_MEMORY. */
mc_status mc_face_finder_load(mc_face_finder *finder, const void *model, size_t model_bytes, mc_message *message);

/* Resizes the picture so that its long side is detection_size_px (a multiple of 32), places it top left in the network's
 * input and zeroes the rest; does the same at half the size if wants_scales, the model asks for it, and
 * detection_size_px is at least 512. The image has passed mc_image_check. */
mc_status mc_face_finder_prepare(mc_face_finder *finder, const mc_image *image, uint32_t detection_size_px,
                                 bool wants_scales);

/* Finds the faces of the prepared picture; options are the ones in force, all filled in. Writes box and score of each.
 * faces: [options->max_faces]. */
mc_status mc_face_finder_run(mc_face_finder *finder, const mc_options *options, mc_face *faces, size_t *face_count);

/* Frees what the finder holds. */
void mc_face_finder_destroy(mc_face_finder *finder);

#endif
