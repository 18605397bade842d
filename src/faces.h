/* The face finder's feature maps into boxes. Internal.
 *
 * Each cell of a map of stride s (px of the network's input) says (logit, dx, dy, log_w, log_h):
 *   score = sigmoid(logit)
 *   centre = ((column + 0.5 + dx) * s, (row + 0.5 + dy) * s)
 *   size = (exp(log_w) * s, exp(log_h) * s), the logarithms held in [-6, 6]
 */
#ifndef MC_FACES_H
#define MC_FACES_H

#include "network.h"

#define MC_FACE_CHANNELS 5
#define MC_NESTED_COVER 0.8f /* of two boxes one that covers more of the other lies on the same face, whatever nms_iou says */
#define MC_MAX_CANDIDATES 5000 /* the best are kept; bounds the work that a model which fires everywhere can cause */

typedef struct mc_candidate {
  float x1, y1, x2, y2; /* px of the network's input, not clamped */
  float logit;
} mc_candidate;

/* Start from count 0. A heap, worst candidate first, until mc_faces_select. */
typedef struct mc_candidates {
  size_t count;
  mc_candidate items[MC_MAX_CANDIDATES];
} mc_candidates;

/* Adds the cells that score at least min_score and whose longer side is at least min_size_px. head: [1, MC_FACE_CHANNELS, rows,
 * columns] in any memory order. Cells that are not finite are left out. Candidates of one call to mc_faces_select may come from
 * inputs of several sizes: strides and sizes are then in px of one of them. */
void mc_candidates_add(mc_candidates *candidates, const mc_tensor *head, uint32_t stride_px, float min_size_px,
                       float min_score);

typedef struct mc_face_rules {
  float nms_iou;     /* [0, 1]; of two boxes that overlap more, the lower scored goes */
  float min_size_px; /* of the longer side, px of the picture */
  size_t max_faces;
  double x_scale, y_scale; /* from px of the network's input to px of the picture */
  uint32_t width_px, height_px; /* of the picture */
} mc_face_rules;

/* Non-maximum suppression; then boxes in px of the picture, clamped to it, without empty and small ones; of the
 * best MC_MAX_FACES the largest max_faces, largest first (equal areas: higher score, then top left first). Writes box and
 * score of each face and returns how many. faces: [max_faces]. The candidates are used up. */
size_t mc_faces_select(mc_candidates *candidates, const mc_face_rules *rules, mc_face *faces);

/* Puts a face into its place in that order. faces: [limit], `count` of them there already; a full list loses its last. Returns
 * the new count. */
size_t mc_faces_insert(mc_face *faces, size_t count, size_t limit, const mc_face *face);

/* The area that both boxes cover; 0 if one is not finite. */
float mc_box_shared_area(const mc_box *a, const mc_box *b);

/* Whether a box lies in that of one of the faces, or that in it: one covers more than max_cover of the other. */
bool mc_faces_nest(const mc_face *faces, size_t count, const mc_box *box, float max_cover);

/* Greedy: the best scored stays, those that nest with it go; the order stays. faces: [count], at most MC_MAX_FACES. Returns the new
 * count. */
size_t mc_faces_drop_nested(mc_face *faces, size_t count, float max_cover);

#endif
