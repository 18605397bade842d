/* Pictures into network inputs: one resampler for the letterboxed frame and for the crop around a face. Internal.
 *
 * Each axis on its own: where the picture shrinks, a target pixel is the average of the area it covers; where it grows
 * (or stays), bilinear interpolation with half-pixel centres, clamped at the picture's edges. What lies outside of the
 * picture is 0 after normalisation, also as part of an averaged area.
 */
#ifndef MC_IMAGE_H
#define MC_IMAGE_H

#include "maskcheck.h"

/* MC_OK, or why the picture cannot be used: MC_ERROR_INVALID_ARGUMENT (NULL, unknown format, stride too small or so large
 * that the picture exceeds memory), MC_ERROR_IMAGE_INVALID (empty), MC_ERROR_IMAGE_TOO_LARGE. */
mc_status mc_image_check(const mc_image *image);

/* A rectangle in px of the picture; may reach outside. All finite, width and height > 0. */
typedef struct mc_view {
  double x, y, width, height;
} mc_view;

/* Where normalised pixels go: [height_px, width_px, 3] float32, the three axes in any memory order. */
typedef struct mc_canvas {
  float *data;
  uint32_t width_px;  /* [1, MC_MAX_IMAGE_SIDE_PX] */
  uint32_t height_px; /* [1, MC_MAX_IMAGE_SIDE_PX] */
  size_t row_step;    /* in floats */
  size_t column_step;
  size_t channel_step;
} mc_canvas;

/* Value of channel c = (pixel - mean[c]) / std[c], pixel in [0, 255], std > 0. */
typedef struct mc_normalization {
  float mean[3];
  float std[3];
  bool bgr; /* channel order of the canvas and of mean and std: blue first instead of red first */
} mc_normalization;

/* A run of source pixels and its weights, for one target pixel along one axis. */
typedef struct mc_span {
  uint32_t first;   /* source pixel */
  uint32_t count;   /* 0: the target pixel lies outside of the picture */
  size_t weights;   /* index of the first weight in mc_axis.weights */
  float weight_sum; /* < 1 where the area reaches outside */
} mc_span;

/* Coefficients of one axis, kept until something in the key changes. */
typedef struct mc_axis {
  uint32_t source_px, target_px; /* the key: 0 before the first use */
  double begin_px, extent_px;
  uint32_t longest;              /* most pixels in a span */
  bool inside;                   /* no span is long or reaches out of the picture: their weights are padded to one length */
  uint32_t whole_step;           /* source pixels in every span, all of the same weight, one after the other; 0: otherwise */
  mc_span *spans;                /* [target_px] */
  size_t span_capacity;
  float *weights;
  size_t weight_capacity;
} mc_axis;

/* Tables and row buffers. Start from {0}; free with mc_resampler_destroy. For a given size of picture and canvas only the
 * first run allocates, whatever the views. */
typedef struct mc_resampler {
  mc_axis columns, rows;
  float *row; /* a source row, or the sum of some, and target rows */
  size_t row_capacity;
} mc_resampler;

/* Fills the whole canvas with the view. The image has passed mc_image_check. MC_ERROR_OUT_OF_MEMORY. */
mc_status mc_resampler_run(mc_resampler *resampler, const mc_image *image, const mc_view *view,
                           const mc_normalization *normalization, const mc_canvas *canvas);

void mc_resampler_destroy(mc_resampler *resampler);

/* Each pixel of half_size becomes the mean of two by two of canvas, whose sides are twice as long. */
void mc_canvas_halve(const mc_canvas *canvas, const mc_canvas *half_size);

/* Zeroes the whole canvas, or one row of it; sizes may be 0 here. */
void mc_canvas_clear(const mc_canvas *canvas);
void mc_canvas_clear_row(const mc_canvas *canvas, uint32_t y);

/* Bytes of one pixel; 0 for an unknown format. */
size_t mc_pixel_format_bytes(mc_pixel_format format);

#endif
