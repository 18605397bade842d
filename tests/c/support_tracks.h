/* Generated faces for the tests of tracks. */
#ifndef SUPPORT_TRACKS_H
#define SUPPORT_TRACKS_H

#include "tracks.h"

#define FRAME_WIDTH_PX 640u
#define FRAME_HEIGHT_PX 480u

/* The library's defaults, with the models' values filled in. */
mc_options track_options(void);

/* A face with its centre there, 0.9 of its probability on the label. */
mc_face face_at(double x, double y, double size, mc_label label);

/* softmax(logits), the label the most probable one. */
void set_logits(mc_face *face, const double logits[MC_LABEL_COUNT]);

/* Index of the face whose centre is nearest, or SIZE_MAX. */
size_t nearest_face(const mc_face *faces, size_t face_count, double x, double y);

/* A standard normal number. */
double random_normal(uint64_t *random);

#endif
