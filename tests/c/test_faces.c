/* Feature maps into boxes, against a naive decoder and suppression. No network is needed. */
#include "support_cmocka.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "faces.h"
#include "support_random.h"

enum { LOGIT, DX, DY, LOG_WIDTH, LOG_HEIGHT };

static const mc_face_rules keep_all = {.nms_iou = 1.0f,
                                       .max_faces = MC_MAX_FACES,
                                       .x_scale = 1.0,
                                       .y_scale = 1.0,
                                       .width_px = 1000,
                                       .height_px = 1000};

static mc_candidates *candidates_new(void) {
  mc_candidates *candidates = calloc(1, sizeof(*candidates));
  assert_non_null(candidates);
  return candidates;
}

/* A head whose cells are all far from being a face. */
static mc_tensor head_make(size_t rows, size_t columns, bool planes) {
  mc_tensor head = {.name = "head", .rank = 4, .dims = {1, MC_FACE_CHANNELS, rows, columns}, .stored = {0, 2, 3, 1}};
  if (planes) {
    for (size_t i = 0; i < 4; i++) head.stored[i] = i;
  }
  head.data = calloc(rows * columns * MC_FACE_CHANNELS, sizeof(float));
  assert_non_null(head.data);
  for (size_t i = 0; i < rows * columns; i++) head.data[planes ? i : i * MC_FACE_CHANNELS] = -20.0f;
  return head;
}

static float *head_at(const mc_tensor *head, size_t channel, size_t row, size_t column) {
  const size_t rows = head->dims[2];
  const size_t columns = head->dims[3];
  return head->stored[1] == 1 ? &head->data[(channel * rows + row) * columns + column]
                              : &head->data[(row * columns + column) * MC_FACE_CHANNELS + channel];
}

static void head_set(const mc_tensor *head, size_t row, size_t column, const float values[MC_FACE_CHANNELS]) {
  for (size_t c = 0; c < MC_FACE_CHANNELS; c++) *head_at(head, c, row, column) = values[c];
}

static void test_one_cell(void **state) {
  (void)state;
  for (int planes = 0; planes <= 1; planes++) {
    mc_tensor head = head_make(7, 9, planes == 1);
    head_set(&head, 2, 5, (float[]){2.0f, 0.25f, -0.5f, 1.0f, 0.5f});
    mc_candidates *candidates = candidates_new();
    mc_candidates_add(candidates, &head, 16, 0.0f, 0.5f);
    mc_face faces[MC_MAX_FACES];
    assert_int_equal(mc_faces_select(candidates, &keep_all, faces), 1);
    const double width = exp(1.0) * 16.0;
    const double height = exp(0.5) * 16.0;
    assert_near(faces[0].box.x, (5.5 + 0.25) * 16.0 - width / 2.0, 1e-3);
    assert_near(faces[0].box.y, (2.5 - 0.5) * 16.0 - height / 2.0, 1e-3);
    assert_near(faces[0].box.width, width, 1e-3);
    assert_near(faces[0].box.height, height, 1e-3);
    assert_near(faces[0].score, 1.0 / (1.0 + exp(-2.0)), 1e-6);
    assert_int_equal(candidates->count, 0);
    free(candidates);
    free(head.data);
  }
}

static size_t count_at(float logit, float min_score) {
  mc_tensor head = head_make(1, 1, false);
  *head_at(&head, LOGIT, 0, 0) = logit;
  mc_candidates *candidates = candidates_new();
  mc_candidates_add(candidates, &head, 8, 0.0f, min_score);
  const size_t count = candidates->count;
  free(candidates);
  free(head.data);
  return count;
}

static void test_threshold(void **state) {
  (void)state;
  assert_int_equal(count_at(0.0f, 0.5f), 1); /* exactly min_score counts */
  assert_int_equal(count_at(-1e-3f, 0.5f), 0);
  assert_int_equal(count_at(-100.0f, 0.0f), 1);
  assert_int_equal(count_at(-INFINITY, 0.0f), 1);
  assert_int_equal(count_at(5.0f, 1.0f), 0);
  assert_int_equal(count_at(40.0f, 1.0f), 1);
  assert_int_equal(count_at(NAN, 0.0f), 0);
  for (int percent = 1; percent < 100; percent++) {
    const float score = (float)percent / 100.0f;
    const float logit = (float)log((double)score / (1.0 - (double)score));
    assert_int_equal(count_at(logit + 1e-4f, score), 1);
    assert_int_equal(count_at(logit - 1e-4f, score), 0);
  }
}

static void test_broken_numbers(void **state) {
  (void)state;
  const float bad[] = {NAN, INFINITY, -INFINITY};
  for (size_t channel = DX; channel <= LOG_HEIGHT; channel++) {
    for (size_t i = 0; i < 3; i++) {
      mc_tensor head = head_make(3, 3, false);
      *head_at(&head, LOGIT, 1, 1) = 3.0f;
      *head_at(&head, channel, 1, 1) = bad[i];
      mc_candidates *candidates = candidates_new();
      mc_candidates_add(candidates, &head, 8, 0.0f, 0.5f);
      /* Infinite logarithms are held at the limit like any large one. */
      const bool held = channel >= LOG_WIDTH && !isnan(bad[i]);
      assert_int_equal(candidates->count, held ? 1 : 0);
      mc_face faces[MC_MAX_FACES];
      const size_t count = mc_faces_select(candidates, &keep_all, faces);
      for (size_t k = 0; k < count; k++) assert_true(isfinite(faces[k].box.width) && isfinite(faces[k].box.height));
      free(candidates);
      free(head.data);
    }
  }
}

static void test_clamped_to_the_picture(void **state) {
  (void)state;
  mc_tensor head = head_make(4, 4, false);
  head_set(&head, 0, 0, (float[]){1.0f, 0.0f, 0.0f, 2.0f, 2.0f});    /* reaches out at the top left */
  head_set(&head, 3, 3, (float[]){2.0f, 0.0f, 0.0f, 99.0f, -99.0f}); /* held to exp(6) and exp(-6) */
  head_set(&head, 1, 1, (float[]){3.0f, 50.0f, 0.0f, 0.0f, 0.0f});   /* wholly outside */
  mc_candidates *candidates = candidates_new();
  mc_candidates_add(candidates, &head, 8, 0.0f, 0.5f);
  assert_int_equal(candidates->count, 3);
  const mc_face_rules rules = {
      .nms_iou = 0.5f, .max_faces = 10, .x_scale = 2.0, .y_scale = 3.0, .width_px = 100, .height_px = 90};
  mc_face faces[10];
  assert_int_equal(mc_faces_select(candidates, &rules, faces), 2);
  const double half = exp(2.0) * 4.0;
  assert_near(faces[0].box.x, 0.0, 0.0);
  assert_near(faces[0].box.y, 0.0, 0.0);
  assert_near(faces[0].box.width, (4.0 + half) * 2.0, 1e-3);
  assert_near(faces[0].box.height, 90.0, 1e-3);
  assert_near(faces[1].box.x, 0.0, 0.0);
  assert_near(faces[1].box.width, 100.0, 0.0);
  assert_near(faces[1].box.height, exp(-6.0) * 8.0 * 3.0, 1e-3);
  free(candidates);
  free(head.data);
}

static void test_size_and_count_limits(void **state) {
  (void)state;
  mc_tensor head = head_make(1, 6, false);
  for (size_t i = 0; i < 6; i++) {
    head_set(&head, 0, i, (float[]){(float)i, 0.0f, 5.0f, logf((float)(i + 1) / 8.0f), logf((float)(i + 1) / 8.0f)});
  }
  mc_candidates *candidates = candidates_new();
  mc_face_rules rules = keep_all;
  mc_face faces[MC_MAX_FACES];
  rules.min_size_px = 2.9f;
  mc_candidates_add(candidates, &head, 8, 0.0f, 0.5f);
  assert_int_equal(mc_faces_select(candidates, &rules, faces), 4); /* 3, 4, 5 and 6 px */
  for (size_t limit = 1; limit <= 4; limit++) {
    rules.max_faces = limit;
    faces[limit].score = -1.0f;
    mc_candidates_add(candidates, &head, 8, 0.0f, 0.5f);
    assert_int_equal(mc_faces_select(candidates, &rules, faces), limit);
    for (size_t i = 0; i < limit; i++) assert_near(faces[i].box.width, 6.0 - (double)i, 1e-4); /* largest first */
    if (limit < 4) assert_true(faces[limit].score == -1.0f);
  }
  free(candidates);
  free(head.data);
}

/* Of a face that is cut off by the picture's edge, too, the longer side counts. */
static void test_longer_side_counts(void **state) {
  (void)state;
  mc_tensor head = head_make(1, 2, false);
  head_set(&head, 0, 0, (float[]){1.0f, 0.0f, 5.0f, logf(0.25f), logf(1.0f)}); /* 2 x 8 px */
  head_set(&head, 0, 1, (float[]){1.0f, 5.0f, 5.0f, logf(1.0f), logf(0.25f)}); /* 8 x 2 px */
  mc_candidates *candidates = candidates_new();
  mc_candidates_add(candidates, &head, 8, 0.0f, 0.5f);
  mc_face_rules rules = keep_all;
  rules.min_size_px = 7.9f;
  mc_face faces[MC_MAX_FACES];
  assert_int_equal(mc_faces_select(candidates, &rules, faces), 2);
  free(candidates);
  free(head.data);
}

/* 1 allows every overlap, that of equal boxes, too. */
static void test_equal_boxes(void **state) {
  (void)state;
  mc_tensor head = head_make(1, 2, false);
  head_set(&head, 0, 0, (float[]){1.0f, 5.5f, 5.0f, 0.0f, 0.0f});
  head_set(&head, 0, 1, (float[]){2.0f, 4.5f, 5.0f, 0.0f, 0.0f});
  mc_candidates *candidates = candidates_new();
  mc_face_rules rules = keep_all;
  mc_face faces[MC_MAX_FACES];
  mc_candidates_add(candidates, &head, 8, 0.0f, 0.5f);
  assert_int_equal(mc_faces_select(candidates, &rules, faces), 2);
  rules.nms_iou = 0.99f;
  mc_candidates_add(candidates, &head, 8, 0.0f, 0.5f);
  assert_int_equal(mc_faces_select(candidates, &rules, faces), 1);
  free(candidates);
  free(head.data);
}

/* --- Random maps against a naive decoder ------------------------------------------------------------------------- */

typedef struct naive_box {
  double x1, y1, x2, y2, logit;
} naive_box;

static int by_logit(const void *a, const void *b) {
  const double left = ((const naive_box *)a)->logit;
  const double right = ((const naive_box *)b)->logit;
  return left > right ? -1 : left < right ? 1 : 0;
}

static double naive_iou(const naive_box *a, const naive_box *b) {
  const double width = fmax(0.0, fmin(a->x2, b->x2) - fmax(a->x1, b->x1));
  const double height = fmax(0.0, fmin(a->y2, b->y2) - fmax(a->y1, b->y1));
  const double areas = (a->x2 - a->x1) * (a->y2 - a->y1) + (b->x2 - b->x1) * (b->y2 - b->y1);
  return width * height / (areas - width * height);
}

static size_t naive_decode(const mc_tensor *head, double stride, double min_score, naive_box *boxes) {
  size_t count = 0;
  for (size_t row = 0; row < head->dims[2]; row++) {
    for (size_t column = 0; column < head->dims[3]; column++) {
      const double logit = *head_at(head, LOGIT, row, column);
      if (1.0 / (1.0 + exp(-logit)) < min_score) continue;
      const double x = ((double)column + 0.5 + *head_at(head, DX, row, column)) * stride;
      const double y = ((double)row + 0.5 + *head_at(head, DY, row, column)) * stride;
      const double width = exp(*head_at(head, LOG_WIDTH, row, column)) * stride;
      const double height = exp(*head_at(head, LOG_HEIGHT, row, column)) * stride;
      boxes[count++] = (naive_box){x - width / 2, y - height / 2, x + width / 2, y + height / 2, logit};
    }
  }
  return count;
}

static size_t naive_suppress(naive_box *boxes, size_t count, double max_iou, bool *doubtful) {
  qsort(boxes, count, sizeof(*boxes), by_logit);
  size_t kept = 0;
  for (size_t i = 0; i < count; i++) {
    bool keep = true;
    for (size_t k = 0; k < kept; k++) {
      const double iou = naive_iou(&boxes[i], &boxes[k]);
      if (fabs(iou - max_iou) < 1e-5) *doubtful = true; /* float and double may disagree */
      if (iou > max_iou) keep = false;
    }
    if (keep) boxes[kept++] = boxes[i];
  }
  return kept;
}

static void test_against_naive(void **state) {
  (void)state;
  uint64_t random = random_start();
  int compared = 0;
  for (int round = 0; round < 300; round++) {
    mc_tensor head = head_make(1 + random_below(&random, 13), 1 + random_below(&random, 13), round % 2 == 0);
    for (size_t row = 0; row < head.dims[2]; row++) {
      for (size_t column = 0; column < head.dims[3]; column++) {
        float values[MC_FACE_CHANNELS];
        for (size_t c = 0; c < MC_FACE_CHANNELS; c++) values[c] = (float)random_between(&random, -2.0, 2.0);
        head_set(&head, row, column, values);
      }
    }
    const float min_score = (float)random_between(&random, 0.1, 0.9);
    naive_box expected[169];
    bool doubtful = false;
    size_t kept = naive_decode(&head, 8.0, (double)min_score, expected);
    mc_face_rules rules = keep_all;
    rules.nms_iou = (float)random_between(&random, 0.0, 1.0);
    rules.width_px = rules.height_px = 30000; /* shifted so far in that nothing is clamped, see below */
    for (size_t row = 0; row < head.dims[2]; row++) {
      for (size_t column = 0; column < head.dims[3]; column++) {
        *head_at(&head, DX, row, column) += 64.0f;
        *head_at(&head, DY, row, column) += 64.0f;
      }
    }
    kept = naive_suppress(expected, kept, (double)rules.nms_iou, &doubtful);
    mc_candidates *candidates = candidates_new();
    mc_candidates_add(candidates, &head, 8, 0.0f, min_score);
    mc_face faces[MC_MAX_FACES];
    const size_t count = mc_faces_select(candidates, &rules, faces);
    if (!doubtful) {
      compared++;
      assert_int_equal(count, kept);
      for (size_t i = 0; i < count; i++) {
        bool found = false;
        for (size_t k = 0; k < kept && !found; k++) {
          found = fabs((double)faces[i].box.x - 512.0 - expected[k].x1) < 1e-2 &&
                  fabs((double)faces[i].box.y - 512.0 - expected[k].y1) < 1e-2 &&
                  fabs((double)faces[i].score - 1.0 / (1.0 + exp(-expected[k].logit))) < 1e-5;
        }
        assert_true(found);
        if (i == 0) continue;
        assert_true(faces[i].box.width * faces[i].box.height <= faces[i - 1].box.width * faces[i - 1].box.height);
      }
    }
    free(candidates);
    free(head.data);
  }
  assert_true(compared > 250);
}

/* A model that fires everywhere: bounded, and the best survive, however small. */
static void test_flood(void **state) {
  (void)state;
  uint64_t random = random_start();
  mc_tensor head = head_make(300, 300, false);
  for (size_t i = 0; i < (size_t)300 * 300; i++) {
    float *cell = head.data + i * MC_FACE_CHANNELS;
    cell[LOGIT] = (float)random_between(&random, 0.0, 1.0);
    cell[LOG_WIDTH] = cell[LOG_HEIGHT] = -1.0f;
  }
  *head_at(&head, LOGIT, 299, 299) = 2.0f;
  *head_at(&head, LOGIT, 0, 0) = 3.0f;
  *head_at(&head, LOG_WIDTH, 0, 0) = *head_at(&head, LOG_HEIGHT, 0, 0) = -2.0f;
  mc_candidates *candidates = candidates_new();
  mc_candidates_add(candidates, &head, 8, 0.0f, 0.0f);
  assert_int_equal(candidates->count, MC_MAX_CANDIDATES);
  float worst = INFINITY;
  size_t better = 0;
  for (size_t i = 0; i < candidates->count; i++) worst = fminf(worst, candidates->items[i].logit);
  for (size_t i = 0; i < (size_t)300 * 300; i++) better += head.data[i * MC_FACE_CHANNELS] > worst;
  assert_in_range(better, MC_MAX_CANDIDATES - 200, MC_MAX_CANDIDATES); /* up to ties at the border */
  mc_face_rules rules = keep_all;
  rules.width_px = rules.height_px = 2400;
  mc_face faces[MC_MAX_FACES];
  assert_int_equal(mc_faces_select(candidates, &rules, faces), MC_MAX_FACES);
  assert_float_equal(faces[MC_MAX_FACES - 1].score, 1.0f / (1.0f + expf(-3.0f)), 1e-6f); /* the smallest of all */
  free(candidates);
  free(head.data);
}

/* Of boxes in each other the best scored stays; what lies in one that goes stays, too. */
static void test_nested(void **state) {
  (void)state;
  const mc_face whole = {.box = {.x = 0, .y = 0, .width = 100, .height = 100}, .score = 0.8f};
  const mc_face beside = {.box = {.x = 90, .y = 0, .width = 100, .height = 100}, .score = 0.7f};
  mc_face part = {.box = {.x = 70, .y = 40, .width = 34, .height = 40}, .score = 0.9f}; /* 30 of 34 columns in whole, 14 in beside */
  const mc_face apart = {.box = {.x = 5, .y = 5, .width = 20, .height = 20}, .score = 0.6f}; /* in whole */
  mc_face faces[] = {whole, beside, part, apart};
  assert_true(mc_faces_nest(faces, 2, &part.box, 0.8f));
  assert_false(mc_faces_nest(faces, 2, &part.box, 0.9f));
  assert_false(mc_faces_nest(faces + 1, 1, &part.box, 0.8f));
  assert_true(mc_faces_nest(&part, 1, &whole.box, 0.8f));

  assert_int_equal(mc_faces_drop_nested(faces, 4, 1.0f), 4);
  assert_int_equal(mc_faces_drop_nested(faces, 4, 0.8f), 3);
  assert_near(faces[0].score, beside.score, 0);
  assert_near(faces[1].score, part.score, 0);
  assert_near(faces[2].score, apart.score, 0);

  part.score = whole.score; /* the first stays */
  mc_face equal[] = {whole, beside, part, apart};
  assert_int_equal(mc_faces_drop_nested(equal, 4, 0.8f), 2);
  assert_near(equal[0].box.width, whole.box.width, 0);
  assert_near(equal[1].score, beside.score, 0);
  assert_int_equal(mc_faces_drop_nested(equal, 0, 0.8f), 0);
}

/* The same cells, added in another order of heads, give the same faces in the same order. */
static void test_order_of_arrival_does_not_matter(void **state) {
  (void)state;
  mc_tensor left = head_make(2, 2, false);
  mc_tensor right = head_make(2, 2, false);
  for (size_t i = 0; i < 4; i++) {
    head_set(&left, i / 2, i % 2, (float[]){1.0f, 0.0f, 0.0f, 0.0f, 0.0f});
    head_set(&right, i / 2, i % 2, (float[]){1.0f, 0.3f, 0.3f, 0.0f, 0.0f}); /* overlaps with equal score */
  }
  mc_face_rules rules = keep_all;
  rules.nms_iou = 0.2f;
  mc_candidates *candidates = candidates_new();
  mc_face one[MC_MAX_FACES];
  mc_face other[MC_MAX_FACES];
  memset(one, 0, sizeof(one));
  memset(other, 0, sizeof(other));
  mc_candidates_add(candidates, &left, 8, 0.0f, 0.5f);
  mc_candidates_add(candidates, &right, 8, 0.0f, 0.5f);
  const size_t count = mc_faces_select(candidates, &rules, one);
  mc_candidates_add(candidates, &right, 8, 0.0f, 0.5f);
  mc_candidates_add(candidates, &left, 8, 0.0f, 0.5f);
  assert_int_equal(mc_faces_select(candidates, &rules, other), count);
  for (size_t i = 0; i < count; i++) {
    assert_memory_equal(&one[i].box, &other[i].box, sizeof(mc_box));
    if (i > 0) assert_true(one[i].box.y > one[i - 1].box.y || one[i].box.x > one[i - 1].box.x); /* top left first */
  }
  free(candidates);
  free(left.data);
  free(right.data);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_one_cell),
      cmocka_unit_test(test_threshold),
      cmocka_unit_test(test_broken_numbers),
      cmocka_unit_test(test_clamped_to_the_picture),
      cmocka_unit_test(test_size_and_count_limits),
      cmocka_unit_test(test_longer_side_counts),
      cmocka_unit_test(test_equal_boxes),
      cmocka_unit_test(test_against_naive),
      cmocka_unit_test(test_flood),
      cmocka_unit_test(test_nested),
      cmocka_unit_test(test_order_of_arrival_does_not_matter),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
