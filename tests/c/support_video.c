#include "support_video.h"

#include <stdlib.h>

#include "support_cmocka.h"
#include "support_random.h"

int video_set_up(void **state) {
  video *made = calloc(1, sizeof(*made));
  assert_non_null(made);
  made->options = track_options();
  made->random = random_start();
  *state = made;
  return 0;
}

int video_tear_down(void **state) {
  free(*state);
  return 0;
}

void video_add(video *v, mc_face face) { v->faces[v->face_count++] = face; }

void video_shuffle(video *v) {
  for (size_t i = v->face_count; i > 1; i--) {
    const size_t other = random_below(&v->random, (uint32_t)i);
    const mc_face face = v->faces[i - 1];
    v->faces[i - 1] = v->faces[other];
    v->faces[other] = face;
  }
}

void video_show(video *v, double timestamp_ms) {
  mc_tracks_update(&v->tracks, &v->options, timestamp_ms, FRAME_WIDTH_PX, FRAME_HEIGHT_PX, v->faces, &v->face_count);
  assert_true(v->face_count <= v->options.max_faces);
  for (size_t i = 0; i < v->face_count; i++) {
    const mc_face *face = &v->faces[i];
    assert_int_not_equal(face->track_id, 0);
    assert_true(face->missed_ms >= 0.0f);
    assert_true(face->box.x >= 0.0f && face->box.x + face->box.width <= (float)FRAME_WIDTH_PX * 1.00001f);
    assert_true(face->box.y >= 0.0f && face->box.y + face->box.height <= (float)FRAME_HEIGHT_PX * 1.00001f);
    for (size_t k = 0; k < i; k++) assert_int_not_equal(face->track_id, v->faces[k].track_id);
    if (i > 0) {
      const mc_box *larger = &v->faces[i - 1].box;
      assert_true(larger->width * larger->height >= face->box.width * face->box.height);
    }
  }
}

void video_show_one(video *v, double timestamp_ms, double x, double y, double size) {
  v->face_count = 0;
  video_add(v, face_at(x, y, size, MC_MASK_WORN_CORRECTLY));
  video_show(v, timestamp_ms);
}

void video_show_none(video *v, double timestamp_ms) {
  v->face_count = 0;
  video_show(v, timestamp_ms);
}

uint32_t video_id_near(const video *v, double x, double y) {
  const size_t face = nearest_face(v->faces, v->face_count, x, y);
  return face == SIZE_MAX ? 0 : v->faces[face].track_id;
}
