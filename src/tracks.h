/* Follows faces from frame to frame of a video: numbers them, steadies their probabilities and labels, and bridges short
 * misses. Knows boxes, probabilities and times alone, no pixels. Internal.
 *
 * A face of a frame continues the track whose predicted box it overlaps most, taken pair by pair from the greatest overlap
 * down; equal overlaps go to the older track, then to the earlier face. All times are those of the frames, so nothing
 * depends on the clock or on the frame rate, and the same frames always give the same result.
 */
#ifndef MC_TRACKS_H
#define MC_TRACKS_H

#include "maskcheck.h"

typedef struct mc_track {
  uint32_t id;
  bool is_found;       /* in the last frame */
  mc_face face;        /* as it was shown when last found: all smoothing done */
  mc_box found;        /* where it was last found, not smoothed */
  double found_ms;     /* when that was */
  double sighted_ms;   /* when its present sighting began; a miss longer than track_keep_ms ends one */
  uint32_t frames;     /* of the present sighting in which it was found; stays at its largest value */
  double x_px_per_ms, y_px_per_ms; /* of its centre */
} mc_track;

/* What the matching of one frame needs of each track: the faces that overlap its prediction enough, best first. Where all
 * tracks are after the same faces, a list is made anew only when all in it are taken. */
#define MC_TRACK_CHOICES 8
typedef struct mc_track_choices {
  struct {
    uint32_t face;
    float overlap; /* (0, 1] */
  } best[MC_TRACK_CHOICES];
  uint32_t count;
  uint32_t at; /* the first that is free; count: none is */
} mc_track_choices;

/* Zeroed: no frame seen yet. Takes no other memory. */
typedef struct mc_tracks {
  size_t count;
  uint32_t last_id;
  double timestamp_ms; /* of the last frame, like its size */
  uint32_t width_px, height_px;
  mc_track items[MC_MAX_FACES]; /* oldest first */
  mc_track_choices choices[MC_MAX_FACES];
  bool is_taken[MC_MAX_FACES]; /* of the faces of the frame */
} mc_tracks;

/* Forgets all tracks; the next frame begins a new video. Numbers go on where they were. */
void mc_tracks_reset(mc_tracks *tracks);

/* Takes in the next frame of width_px x height_px.
 * faces: [MC_MAX_FACES], in: the *face_count <= options->max_faces faces found in the frame with their probabilities; out:
 * the faces to show, largest first, at most options->max_faces. See mc_detector_detect_video for what is in them.
 * options: in force, nothing left to the models. timestamp_ms: finite. */
void mc_tracks_update(mc_tracks *tracks, const mc_options *options, double timestamp_ms, uint32_t width_px,
                      uint32_t height_px, mc_face *faces, size_t *face_count);

#endif
