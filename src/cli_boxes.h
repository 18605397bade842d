/* Face boxes from a JSON Lines file: {"file": "a.jpg", "faces": [{"x", "y", "width", "height"}]}, px. Each face may also be an
 * object with such a "box", as in the program's own output; other keys are ignored. */
#ifndef MC_CLI_BOXES_H
#define MC_CLI_BOXES_H

#include "maskcheck.h"

typedef struct mc_cli_picture_boxes {
  char *file;
  mc_box *boxes; /* [count] */
  size_t count;
} mc_cli_picture_boxes;

typedef struct mc_cli_boxes {
  mc_cli_picture_boxes *pictures; /* [count], in the file's order */
  size_t count;
} mc_cli_boxes;

/* false: the file cannot be read or is malformed, and a message naming file and line is on stderr. */
bool mc_cli_boxes_read(const char *path, mc_cli_boxes *boxes);

/* The boxes of the picture: those whose "file" is its path or else the longest end of it, from a slash on. NULL: none. */
const mc_cli_picture_boxes *mc_cli_boxes_find(const mc_cli_boxes *boxes, const char *picture);

void mc_cli_boxes_destroy(mc_cli_boxes *boxes);

#endif
