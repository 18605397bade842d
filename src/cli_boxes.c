#define _POSIX_C_SOURCE 200809L /* NOLINT(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
#include "cli_boxes.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli_file.h"
#include "cli_output.h"

static bool complain(const char *path, size_t line, const char *reason) {
  (void)fputs("maskcheck: ", stderr);
  mc_cli_print_name(stderr, path);
  (void)fprintf(stderr, ":%zu: ", line);
  mc_cli_print_name(stderr, reason); /* jansson quotes the line */
  (void)fputc('\n', stderr);
  return false;
}

static bool read_box(const json_t *face, mc_box *box) {
  const json_t *inner = json_object_get(face, "box");
  if (inner != NULL) face = inner;
  static const char *const keys[4] = {"x", "y", "width", "height"};
  float numbers[4];
  for (size_t i = 0; i < 4; i++) {
    const json_t *number = json_object_get(face, keys[i]);
    if (!json_is_number(number)) return false;
    numbers[i] = (float)json_number_value(number);
    if (!isfinite(numbers[i])) return false;
  }
  *box = (mc_box){.x = numbers[0], .y = numbers[1], .width = numbers[2], .height = numbers[3]};
  return box->width > 0.0f && box->height > 0.0f;
}

/* NULL: read, else the reason. What was taken in is the caller's to free. */
static const char *read_picture(const json_t *object, mc_cli_picture_boxes *picture) {
  const json_t *file = json_object_get(object, "file");
  const json_t *faces = json_object_get(object, "faces");
  if (!json_is_string(file)) return "\"file\" is missing or not a string";
  if (!json_is_array(faces)) return "\"faces\" is missing or not an array";
  const size_t count = json_array_size(faces);
  if (count > MC_MAX_FACES) return "more than 1000 faces";
  picture->file = strdup(json_string_value(file));
  picture->boxes = malloc((count + 1) * sizeof(mc_box));
  if (picture->file == NULL || picture->boxes == NULL) return "out of memory";
  for (; picture->count < count; picture->count++) {
    if (!read_box(json_array_get(faces, picture->count), &picture->boxes[picture->count])) {
      return "a face needs the numbers \"x\", \"y\", \"width\" and \"height\", the last two above 0";
    }
  }
  return NULL;
}

static bool read_line(const char *path, size_t number, const char *line, size_t length, mc_cli_boxes *boxes) {
  if (strspn(line, " \t\r") >= length) return true;
  json_error_t error;
  json_t *object = json_loadb(line, length, 0, &error);
  if (object == NULL) return complain(path, number, error.text);
  mc_cli_picture_boxes *grown = realloc(boxes->pictures, (boxes->count + 1) * sizeof(*grown));
  const char *reason = "out of memory";
  if (grown != NULL) {
    boxes->pictures = grown;
    grown[boxes->count] = (mc_cli_picture_boxes){0};
    reason = read_picture(object, &grown[boxes->count++]);
  }
  json_decref(object);
  return reason == NULL ? true : complain(path, number, reason);
}

bool mc_cli_boxes_read(const char *path, mc_cli_boxes *boxes) {
  size_t bytes = 0;
  char *text = mc_cli_file_read(path, &bytes);
  if (text == NULL) {
    return mc_cli_complain(path, strerror(errno));
  }
  mc_cli_boxes read = {0};
  bool good = true;
  size_t number = 1;
  for (char *line = text; good && line < text + bytes; number++) {
    char *end = memchr(line, '\n', bytes - (size_t)(line - text));
    const size_t length = end == NULL ? bytes - (size_t)(line - text) : (size_t)(end - line);
    good = read_line(path, number, line, length, &read);
    line += length + 1;
  }
  free(text);
  if (!good) {
    mc_cli_boxes_destroy(&read);
    return false;
  }
  *boxes = read;
  return true;
}

const mc_cli_picture_boxes *mc_cli_boxes_find(const mc_cli_boxes *boxes, const char *picture) {
  const size_t length = strlen(picture);
  const mc_cli_picture_boxes *best = NULL;
  size_t best_length = 0;
  for (size_t i = 0; i < boxes->count; i++) {
    const char *file = boxes->pictures[i].file;
    const size_t file_length = strlen(file);
    if (file_length > length || file_length <= best_length) continue;
    if (strcmp(picture + length - file_length, file) != 0) continue;
    if (file_length < length && picture[length - file_length - 1] != '/') continue;
    best = &boxes->pictures[i];
    best_length = file_length;
  }
  return best;
}

void mc_cli_boxes_destroy(mc_cli_boxes *boxes) {
  for (size_t i = 0; i < boxes->count; i++) {
    free(boxes->pictures[i].file);
    free(boxes->pictures[i].boxes);
  }
  free(boxes->pictures);
  *boxes = (mc_cli_boxes){0};
}
