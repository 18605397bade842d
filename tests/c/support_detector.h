/* Two networks whose answers can be worked out by hand, and detectors of these and others. */
#ifndef SUPPORT_DETECTOR_H
#define SUPPORT_DETECTOR_H

#include "maskcheck.h"
#include "support_model.h"

#define WHITE_FACE_PX 24

/* A face finder that takes every white cell of 8 x 8 px (of its input) for the middle of a face of WHITE_FACE_PX square: the logit is
 * 20 * the mean of the cell's values in [-1, 1]. The heads of stride 16 and 32 are silent. */
bytes white_cell_finder(void);

/* key, value, key, value, ..., NULL */
typedef const char *const *metadata;

/* The same for faces of another size, and with metadata. */
bytes white_cell_finder_with(uint32_t face_px, metadata props);

/* A classifier whose three outputs are the means of the three channels of its input [1, 3, size, size]; size 0: dynamic. */
bytes mean_color_classifier(int64_t size, metadata props);

/* The same for an input that lies channels last, [1, size, size, 3]. */
bytes mean_color_classifier_nhwc(int64_t size, metadata props);

/* The same with a second output `name` of `numbers` per picture, each weights[0 to 2] on those means, plus weights[3]. */
bytes two_look_classifier(const char *name, size_t numbers, const float weights[4], metadata props);

/* mc_detector_create; frees the models. */
mc_status detector_try(bytes face, bytes mask, const mc_options *options, mc_message *message, mc_detector **detector);

/* A detector with default options; frees the models, ends the test if they are refused. */
mc_detector *detector_of(bytes face, bytes mask);
mc_detector *detector_by_hand(void); /* of the two networks above, 8 x 8 px for the classifier */
mc_detector *detector_shipped(void); /* of the networks of the package */

/* Three probabilities in [0, 1] that sum to 1, the label the greatest of them. */
void assert_distribution(const mc_face *face);

/* softmax of these three. */
void assert_probabilities(const mc_face *face, double red, double green, double blue);

#endif
