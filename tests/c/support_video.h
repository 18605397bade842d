/* A video of generated faces, and its tracks; what every frame must fulfil is checked as it is shown. */
#ifndef SUPPORT_VIDEO_H
#define SUPPORT_VIDEO_H

#include "support_tracks.h"

#define FRAME_MS (1000.0 / 15.0)

typedef struct video {
  mc_tracks tracks;
  mc_options options;
  uint64_t random;
  mc_face faces[MC_MAX_FACES]; /* the next frame's, then what the last one showed */
  size_t face_count;
} video;

/* For cmocka: a video without frames as the state of a test. */
int video_set_up(void **state);
int video_tear_down(void **state);

/* Adds a face to the next frame; the first after a frame was shown must follow face_count = 0. */
void video_add(video *v, mc_face face);
void video_shuffle(video *v);

/* Shows the frame of the faces added and leaves what came back. */
void video_show(video *v, double timestamp_ms);
void video_show_one(video *v, double timestamp_ms, double x, double y, double size);
void video_show_none(video *v, double timestamp_ms);

/* The number of the face whose centre is nearest; 0: there is none. */
uint32_t video_id_near(const video *v, double x, double y);

#endif
