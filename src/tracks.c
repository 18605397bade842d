#include "tracks.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "faces.h"
#include "labels.h"

static const size_t no_face = SIZE_MAX;
static const double min_step_ms = 1e-3; /* a shorter time between two frames says nothing about speeds */

/* --- Boxes ------------------------------------------------------------------------------------------------------- */

/* Intersection over union, [0, 1]; 0 for boxes that are not finite. */
static float overlap(const mc_box *a, const mc_box *b) {
  const float shared = mc_box_shared_area(a, b);
  const float all = a->width * a->height + b->width * b->height - shared;
  return all > 0.0f ? shared / all : 0.0f;
}

/* The box after the track's centre has moved on for some time. */
static mc_box moved(const mc_box *box, const mc_track *track, double elapsed_ms) {
  mc_box moved = *box;
  moved.x += (float)(track->x_px_per_ms * elapsed_ms);
  moved.y += (float)(track->y_px_per_ms * elapsed_ms);
  return moved;
}

/* Cuts off what lies outside of the frame. False: nothing is left. */
static bool clamp_box(mc_box *box, const mc_tracks *tracks) {
  const float x1 = fmaxf(box->x, 0.0f);
  const float y1 = fmaxf(box->y, 0.0f);
  const float x2 = fminf(box->x + box->width, (float)tracks->width_px);
  const float y2 = fminf(box->y + box->height, (float)tracks->height_px);
  *box = (mc_box){.x = x1, .y = y1, .width = x2 - x1, .height = y2 - y1};
  return box->width > 0.0f && box->height > 0.0f;
}

static float blend(float from, float to, double share) { return from + (float)share * (to - from); }

/* --- Times ------------------------------------------------------------------------------------------------------- */

/* Share of a new value in an exponential mean, [0, 1]; the same mean over time whatever the frame rate. */
static double share_of_new(double elapsed_ms, float time_constant_ms) {
  return time_constant_ms > 0.0f ? -expm1(-elapsed_ms / (double)time_constant_ms) : 1.0;
}

/* How long a missed track is shown. */
static double keep_ms(const mc_options *options) {
  return (double)fminf(options->track_keep_ms, options->track_memory_ms);
}

/* Whether the track has been seen for long enough to be believed. */
static bool is_settled(const mc_track *track, const mc_options *options) {
  return track->found_ms - track->sighted_ms >= (double)options->track_sure_ms;
}

/* --- Matching ---------------------------------------------------------------------------------------------------- */

/* Lists the track's best faces among the free ones. */
static void choose(mc_tracks *tracks, size_t index, const mc_options *options, double now_ms, const mc_face *faces,
                   size_t face_count) {
  const mc_track *track = &tracks->items[index];
  mc_track_choices *choices = &tracks->choices[index];
  const mc_box expected = moved(&track->found, track, now_ms - track->found_ms);
  choices->count = choices->at = 0;
  for (size_t i = 0; i < face_count; i++) {
    if (tracks->is_taken[i]) continue;
    const float found = overlap(&expected, &faces[i].box);
    if (!(found > 0.0f) || found < options->track_min_iou) continue;
    size_t place = choices->count;
    while (place > 0 && choices->best[place - 1].overlap < found) place--;
    if (place == MC_TRACK_CHOICES) continue;
    if (choices->count < MC_TRACK_CHOICES) choices->count++;
    memmove(&choices->best[place + 1], &choices->best[place], (choices->count - 1 - place) * sizeof choices->best[0]);
    choices->best[place].face = (uint32_t)i;
    choices->best[place].overlap = found;
  }
}

/* The face the track would take or has taken, or none. */
static size_t chosen(const mc_track_choices *choices) {
  return choices->at < choices->count ? choices->best[choices->at].face : no_face;
}

/* The track with the greatest overlap among those that still wait, or the count. */
static size_t next_to_match(const mc_tracks *tracks, const bool *is_matched) {
  size_t best = tracks->count;
  float most = 0.0f;
  for (size_t i = 0; i < tracks->count; i++) {
    const mc_track_choices *choices = &tracks->choices[i];
    if (is_matched[i] || choices->at == choices->count || !(choices->best[choices->at].overlap > most)) continue;
    best = i;
    most = choices->best[choices->at].overlap;
  }
  return best;
}

/* Leaves in choices the face of each track, or none, and in is_taken which faces have a track. */
static void match(mc_tracks *tracks, const mc_options *options, double now_ms, const mc_face *faces,
                  size_t face_count) {
  bool is_matched[MC_MAX_FACES] = {false};
  memset(tracks->is_taken, 0, sizeof(tracks->is_taken));
  for (size_t i = 0; i < tracks->count; i++) choose(tracks, i, options, now_ms, faces, face_count);
  for (size_t i = next_to_match(tracks, is_matched); i < tracks->count; i = next_to_match(tracks, is_matched)) {
    is_matched[i] = true;
    tracks->is_taken[chosen(&tracks->choices[i])] = true;
    for (size_t k = 0; k < tracks->count; k++) {
      mc_track_choices *others = &tracks->choices[k];
      if (is_matched[k]) continue;
      while (others->at < others->count && tracks->is_taken[chosen(others)]) others->at++;
      if (others->at == MC_TRACK_CHOICES) choose(tracks, k, options, now_ms, faces, face_count);
    }
  }
}

/* --- One track --------------------------------------------------------------------------------------------------- */

/* The mean starts from no movement: a first step between two frames close in time says little about the speed. */
static void learn_motion(mc_track *track, const mc_options *options, double elapsed_ms, const mc_box *found) {
  if (!(options->track_motion_ms > 0.0f)) {
    track->x_px_per_ms = track->y_px_per_ms = 0.0;
  } else if (elapsed_ms >= min_step_ms) {
    const mc_box *last = &track->found;
    const double share = share_of_new(elapsed_ms, options->track_motion_ms);
    const double x_step = (double)(found->x + 0.5f * found->width - last->x - 0.5f * last->width);
    const double y_step = (double)(found->y + 0.5f * found->height - last->y - 0.5f * last->height);
    track->x_px_per_ms += share * (x_step / elapsed_ms - track->x_px_per_ms);
    track->y_px_per_ms += share * (y_step / elapsed_ms - track->y_px_per_ms);
  }
}

static void smooth_box(const mc_tracks *tracks, mc_track *track, const mc_options *options, double elapsed_ms,
                       const mc_face *found) {
  mc_box *box = &track->face.box;
  const double share = track->frames == 1 ? 1.0 : share_of_new(elapsed_ms, options->track_box_smoothing_ms);
  *box = moved(box, track, elapsed_ms);
  *box = (mc_box){.x = blend(box->x, found->box.x, share),
                  .y = blend(box->y, found->box.y, share),
                  .width = blend(box->width, found->box.width, share),
                  .height = blend(box->height, found->box.height, share)};
  if (!(share < 1.0) || !clamp_box(box, tracks)) *box = found->box;
  track->face.score = blend(track->face.score, found->score, share);
}

/* A plain mean of the first frames, so that the very first one has no more weight than others, then an exponential one. */
static void smooth_probabilities(mc_track *track, const mc_options *options, double elapsed_ms, const float *found) {
  const double share = fmax(share_of_new(elapsed_ms, options->track_smoothing_ms), 1.0 / (double)track->frames);
  for (size_t i = 0; i < MC_LABEL_COUNT; i++) {
    track->face.probabilities[i] = blend(track->face.probabilities[i], found[i], share);
  }
}

static void relabel(mc_track *track, const mc_options *options) {
  mc_face *face = &track->face;
  const bool is_settled_now = is_settled(track, options);
  const bool is_first = track->frames == 1;
  const mc_label best = mc_label_best(face->probabilities);
  const float lead = face->probabilities[best] - face->probabilities[face->label];
  const bool changes = best != face->label && (!is_settled_now || is_first || lead > options->track_label_lead);
  /* A claim is withdrawn later than it is made, or it would come and go at the threshold. */
  const bool was_claimed = !is_first && !changes && !face->uncertain;
  const float slack = was_claimed ? 0.5f * options->track_label_lead : 0.0f;
  if (changes) face->label = best;
  face->uncertain = !is_settled_now || face->probabilities[face->label] < options->min_mask_probability - slack;
}

/* Goes on with a face that was found now. */
static void follow(const mc_tracks *tracks, mc_track *track, const mc_options *options, const mc_face *found) {
  const double now_ms = tracks->timestamp_ms;
  const double elapsed_ms = now_ms - track->found_ms;
  if (!track->is_found && elapsed_ms > keep_ms(options)) {
    track->sighted_ms = now_ms;
    track->frames = 0;
  }
  if (track->frames < UINT32_MAX) track->frames++;
  learn_motion(track, options, elapsed_ms, &found->box);
  smooth_box(tracks, track, options, elapsed_ms, found);
  smooth_probabilities(track, options, elapsed_ms, found->probabilities);
  track->is_found = true;
  track->found = found->box;
  track->found_ms = now_ms;
  relabel(track, options);
}

/* --- All tracks -------------------------------------------------------------------------------------------------- */

static void remove_track(mc_tracks *tracks, size_t index) {
  tracks->count--;
  memmove(&tracks->items[index], &tracks->items[index + 1], (tracks->count - index) * sizeof(*tracks->items));
}

/* The tracks that have been missed for too long. */
static void forget(mc_tracks *tracks, const mc_options *options, double now_ms) {
  size_t kept = 0;
  for (size_t i = 0; i < tracks->count; i++) {
    const mc_track *track = &tracks->items[i];
    const bool is_over = !track->is_found && now_ms - track->found_ms > (double)options->track_memory_ms;
    if (!is_over) tracks->items[kept++] = *track;
  }
  tracks->count = kept;
}

/* The least recently found of the missed tracks. There is one: a full list and a face without track are more than
 * MC_MAX_FACES faces otherwise. */
static size_t longest_missed(const mc_tracks *tracks) {
  size_t oldest = 0;
  for (size_t i = 1; i < tracks->count; i++) {
    const mc_track *track = &tracks->items[i];
    if (track->is_found) continue;
    if (tracks->items[oldest].is_found || track->found_ms < tracks->items[oldest].found_ms) oldest = i;
  }
  return oldest;
}

static void begin(mc_tracks *tracks, const mc_options *options, const mc_face *found) {
  if (tracks->count == MC_MAX_FACES) remove_track(tracks, longest_missed(tracks));
  if (++tracks->last_id == 0) tracks->last_id = 1; /* 0 means no track */
  mc_track *track = &tracks->items[tracks->count++];
  *track = (mc_track){.id = tracks->last_id,
                      .is_found = true,
                      .face = *found,
                      .found = found->box,
                      .found_ms = tracks->timestamp_ms,
                      .sighted_ms = tracks->timestamp_ms};
  track->face.track_id = track->id;
  track->face.missed_ms = 0.0f;
  follow(tracks, track, options, found);
}

/* --- The result -------------------------------------------------------------------------------------------------- */

static bool is_covered(const mc_box *box, const mc_tracks *tracks, float max_iou) {
  for (size_t i = 0; i < tracks->count; i++) {
    const mc_track *track = &tracks->items[i];
    if (!track->is_found) continue;
    if (overlap(box, &track->face.box) > max_iou) return true;
    if (mc_faces_nest(&track->face, 1, box, fmaxf(MC_NESTED_COVER, max_iou))) return true;
  }
  return false;
}

/* Where a missed face is now, if it is still to be shown. */
static bool expect(const mc_tracks *tracks, const mc_track *track, const mc_options *options, mc_face *face) {
  const double missed_ms = tracks->timestamp_ms - track->found_ms;
  if (!is_settled(track, options) || !(options->track_keep_ms > 0.0f) || missed_ms > keep_ms(options)) return false;
  *face = track->face;
  face->missed_ms = fmaxf((float)missed_ms, FLT_MIN); /* 0 means found, also where two frames have the same time */
  face->box = moved(&face->box, track, missed_ms);
  return clamp_box(&face->box, tracks) && !is_covered(&face->box, tracks, options->nms_iou);
}

/* Found faces first: expected ones take only the room that is left. */
static size_t show(const mc_tracks *tracks, const mc_options *options, mc_face *faces) {
  size_t count = 0;
  for (size_t i = 0; i < tracks->count; i++) {
    const mc_track *track = &tracks->items[i];
    if (track->is_found) count = mc_faces_insert(faces, count, options->max_faces, &track->face);
  }
  for (size_t i = 0; i < tracks->count && count < options->max_faces; i++) {
    const mc_track *track = &tracks->items[i];
    mc_face face;
    if (!track->is_found && expect(tracks, track, options, &face)) {
      count = mc_faces_insert(faces, count, options->max_faces, &face);
    }
  }
  return count;
}

void mc_tracks_reset(mc_tracks *tracks) { tracks->count = 0; }

/* Whether the frame does not go on from the last one. */
static bool is_break(const mc_tracks *tracks, const mc_options *options, double timestamp_ms, uint32_t width_px,
                     uint32_t height_px) {
  const double step_ms = timestamp_ms - tracks->timestamp_ms;
  const bool jumps = options->track_gap_ms > 0.0f && step_ms > (double)options->track_gap_ms;
  return step_ms < 0.0 || jumps || width_px != tracks->width_px || height_px != tracks->height_px;
}

void mc_tracks_update(mc_tracks *tracks, const mc_options *options, double timestamp_ms, uint32_t width_px,
                      uint32_t height_px, mc_face *faces, size_t *face_count) {
  if (is_break(tracks, options, timestamp_ms, width_px, height_px)) mc_tracks_reset(tracks);
  tracks->timestamp_ms = timestamp_ms;
  tracks->width_px = width_px;
  tracks->height_px = height_px;
  forget(tracks, options, timestamp_ms);
  match(tracks, options, timestamp_ms, faces, *face_count);
  for (size_t i = 0; i < tracks->count; i++) {
    mc_track *track = &tracks->items[i];
    const size_t face = chosen(&tracks->choices[i]);
    if (face == no_face) {
      track->is_found = false;
    } else {
      follow(tracks, track, options, &faces[face]);
    }
  }
  for (size_t i = 0; i < *face_count; i++) {
    if (!tracks->is_taken[i]) begin(tracks, options, &faces[i]);
  }
  *face_count = show(tracks, options, faces);
}
