#include "faces.h"

#include "tensor.h"

#include <math.h>
#include <string.h>

static const float log_size_limit = 6.0f;

/* --- Candidates: a bounded heap ---------------------------------------------------------------------------------- */

/* A total order, so that the outcome does not depend on the order of arrival. */
static bool is_worse(const mc_candidate *a, const mc_candidate *b) {
  if (a->logit != b->logit) return a->logit < b->logit;
  if (a->y1 != b->y1) return a->y1 > b->y1;
  if (a->x1 != b->x1) return a->x1 > b->x1;
  if (a->y2 != b->y2) return a->y2 > b->y2;
  return a->x2 > b->x2;
}

static void sink(mc_candidate *items, size_t count, size_t at) {
  const mc_candidate moved = items[at];
  for (;;) {
    size_t child = 2 * at + 1;
    if (child >= count) break;
    if (child + 1 < count && is_worse(&items[child + 1], &items[child])) child++;
    if (!is_worse(&items[child], &moved)) break;
    items[at] = items[child];
    at = child;
  }
  items[at] = moved;
}

static void rise(mc_candidate *items, size_t at) {
  const mc_candidate moved = items[at];
  while (at > 0) {
    const size_t parent = (at - 1) / 2;
    if (!is_worse(&moved, &items[parent])) break;
    items[at] = items[parent];
    at = parent;
  }
  items[at] = moved;
}

static void add(mc_candidates *candidates, const mc_candidate *candidate) {
  if (candidates->count < MC_MAX_CANDIDATES) {
    candidates->items[candidates->count] = *candidate;
    rise(candidates->items, candidates->count++);
  } else if (is_worse(&candidates->items[0], candidate)) {
    candidates->items[0] = *candidate;
    sink(candidates->items, candidates->count, 0);
  }
}

/* Best first. The standard library's qsort may allocate. */
static void sort_best_first(mc_candidates *candidates) {
  mc_candidate *items = candidates->items;
  for (size_t end = candidates->count; end > 1; end--) {
    const mc_candidate worst = items[0];
    items[0] = items[end - 1];
    sink(items, end - 1, 0);
    items[end - 1] = worst;
  }
}

/* --- Decoding ---------------------------------------------------------------------------------------------------- */

static float score_of(float logit) { return 1.0f / (1.0f + expf(-logit)); }

/* A little below the logit of the score: rounding must not lose a cell that score_of puts at min_score. */
static float least_logit(float min_score) {
  if (min_score >= 0.999999f) return 13.0f;
  return (float)(log((double)min_score / (1.0 - (double)min_score)) - 1e-3);
}

static float clamp(float value, float low, float high) { return fminf(fmaxf(value, low), high); }

void mc_candidates_add(mc_candidates *candidates, const mc_tensor *head, uint32_t stride_px, float min_size_px,
                       float min_score) {
  const float min_logit = least_logit(min_score);
  const float stride = (float)stride_px;
  size_t steps[MC_MAX_RANK] = {0};
  mc_tensor_steps(head, steps);
  const size_t channel = steps[1];
  for (size_t row = 0; row < head->dims[2]; row++) {
    for (size_t column = 0; column < head->dims[3]; column++) {
      const float *cell = head->data + row * steps[2] + column * steps[3];
      const float logit = cell[0];
      if (!(logit >= min_logit)) continue; /* NaN too */
      if (!(score_of(logit) >= min_score)) continue;
      const float x = ((float)column + 0.5f + cell[channel]) * stride;
      const float y = ((float)row + 0.5f + cell[2 * channel]) * stride;
      const float half_width = 0.5f * stride * expf(clamp(cell[3 * channel], -log_size_limit, log_size_limit));
      const float half_height = 0.5f * stride * expf(clamp(cell[4 * channel], -log_size_limit, log_size_limit));
      if (2.0f * fmaxf(half_width, half_height) < min_size_px) continue;
      if (!isfinite(x) || !isfinite(y) || isnan(cell[3 * channel]) || isnan(cell[4 * channel])) continue;
      add(candidates, &(mc_candidate){.x1 = x - half_width,
                                      .y1 = y - half_height,
                                      .x2 = x + half_width,
                                      .y2 = y + half_height,
                                      .logit = logit});
    }
  }
}

/* --- Selection --------------------------------------------------------------------------------------------------- */

static float area_of(const mc_candidate *box) { return (box->x2 - box->x1) * (box->y2 - box->y1); }

static float overlap(const mc_candidate *a, const mc_candidate *b) {
  const float width = fminf(a->x2, b->x2) - fmaxf(a->x1, b->x1);
  const float height = fminf(a->y2, b->y2) - fmaxf(a->y1, b->y1);
  if (!(width > 0.0f && height > 0.0f)) return 0.0f;
  const float shared = width * height;
  return shared / (area_of(a) + area_of(b) - shared);
}

/* Greedy: the best stays, what overlaps it too much goes. items: best first; the kept ones move to the front. */
static size_t suppress(mc_candidate *items, size_t count, float max_iou) {
  size_t kept = 0;
  for (size_t i = 0; i < count; i++) {
    bool free_of_others = true;
    for (size_t k = 0; k < kept && free_of_others; k++) free_of_others = !(overlap(&items[i], &items[k]) > max_iou);
    if (free_of_others) items[kept++] = items[i];
  }
  return kept;
}

static bool comes_before(const mc_face *a, const mc_face *b) {
  const float a_area = a->box.width * a->box.height;
  const float b_area = b->box.width * b->box.height;
  if (a_area != b_area) return a_area > b_area;
  if (a->score != b->score) return a->score > b->score;
  if (a->box.y != b->box.y) return a->box.y < b->box.y;
  return a->box.x < b->box.x;
}

size_t mc_faces_insert(mc_face *faces, size_t count, size_t limit, const mc_face *face) {
  size_t low = 0;
  size_t high = count;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (comes_before(face, &faces[middle])) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  if (low == limit) return count;
  const size_t moved = (count < limit ? count : limit - 1) - low;
  memmove(&faces[low + 1], &faces[low], moved * sizeof(*faces));
  faces[low] = *face;
  return count < limit ? count + 1 : count;
}

float mc_box_shared_area(const mc_box *a, const mc_box *b) {
  const float width = fminf(a->x + a->width, b->x + b->width) - fmaxf(a->x, b->x);
  const float height = fminf(a->y + a->height, b->y + b->height) - fmaxf(a->y, b->y);
  const bool is_finite = isfinite(a->x + a->y + b->x + b->y); /* fminf and fmaxf would drop what is none */
  return is_finite && width > 0.0f && height > 0.0f ? width * height : 0.0f;
}

static bool is_nested(const mc_box *a, const mc_box *b, float max_cover) {
  return mc_box_shared_area(a, b) > max_cover * fminf(a->width * a->height, b->width * b->height);
}

bool mc_faces_nest(const mc_face *faces, size_t count, const mc_box *box, float max_cover) {
  for (size_t i = 0; i < count; i++) {
    if (is_nested(&faces[i].box, box, max_cover)) return true;
  }
  return false;
}

/* The best scored of those that are left, the first of several; count if none is. */
static size_t best_left(const mc_face *faces, size_t count, const bool *is_settled) {
  size_t best = count;
  for (size_t i = 0; i < count; i++) {
    if (!is_settled[i] && (best == count || faces[i].score > faces[best].score)) best = i;
  }
  return best;
}

size_t mc_faces_drop_nested(mc_face *faces, size_t count, float max_cover) {
  bool is_settled[MC_MAX_FACES] = {false};
  bool is_dropped[MC_MAX_FACES] = {false};
  for (size_t best = best_left(faces, count, is_settled); best < count; best = best_left(faces, count, is_settled)) {
    is_settled[best] = true;
    for (size_t i = 0; i < count; i++) {
      if (!is_settled[i] && is_nested(&faces[i].box, &faces[best].box, max_cover)) is_settled[i] = is_dropped[i] = true;
    }
  }
  size_t kept = 0;
  for (size_t i = 0; i < count; i++) {
    if (!is_dropped[i]) faces[kept++] = faces[i];
  }
  return kept;
}

size_t mc_faces_select(mc_candidates *candidates, const mc_face_rules *rules, mc_face *faces) {
  sort_best_first(candidates);
  const size_t kept = suppress(candidates->items, candidates->count, rules->nms_iou);
  candidates->count = 0;
  const float width = (float)rules->width_px;
  const float height = (float)rules->height_px;
  size_t usable = 0; /* no more than the best: a flood of large doubtful boxes would drive out small faces */
  size_t count = 0;
  for (size_t i = 0; i < kept && usable < MC_MAX_FACES; i++) {
    const mc_candidate *item = &candidates->items[i];
    const float x1 = clamp((float)(item->x1 * rules->x_scale), 0.0f, width);
    const float y1 = clamp((float)(item->y1 * rules->y_scale), 0.0f, height);
    const float x2 = clamp((float)(item->x2 * rules->x_scale), 0.0f, width);
    const float y2 = clamp((float)(item->y2 * rules->y_scale), 0.0f, height);
    mc_face face = {.box = {.x = x1, .y = y1, .width = x2 - x1, .height = y2 - y1}, .score = score_of(item->logit)};
    if (!(face.box.width > 0.0f && face.box.height > 0.0f)) continue;
    if (fmaxf(face.box.width, face.box.height) < rules->min_size_px) continue;
    count = mc_faces_insert(faces, count, rules->max_faces, &face);
    usable++;
  }
  return count;
}
