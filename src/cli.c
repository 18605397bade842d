/* maskcheck, the command line program: pictures in, labelled faces out. See mc_cli_usage. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli_boxes.h"
#include "cli_file.h"
#include "cli_options.h"
#include "cli_output.h"

enum { EXIT_ALL_WELL = 0, EXIT_SOME_FAILED = 1, EXIT_NOTHING_DONE = 2 };

typedef struct mc_cli {
  mc_cli_options options;
  mc_detector *detector;
  mc_cli_boxes boxes;
} mc_cli;

/* --- Models ------------------------------------------------------------------------------------------------------ */

/* NULL: a message is on stderr. */
static char *read_model(const char *chosen, const char *shipped_name, size_t *bytes) {
  char *shipped = chosen == NULL ? mc_cli_model_path(shipped_name) : NULL;
  const char *path = chosen == NULL ? shipped : chosen;
  char *model = NULL;
  if (path == NULL) {
    mc_cli_complain(shipped_name, "not found beside the program; name it with --face-model or --mask-model");
  } else {
    model = mc_cli_file_read(path, bytes);
    if (model == NULL) mc_cli_complain(path, strerror(errno));
  }
  free(shipped);
  return model;
}

static bool load_detector(mc_cli *cli) {
  size_t face_bytes = 0;
  size_t mask_bytes = 0;
  char *face = read_model(cli->options.face_model, "face.onnx", &face_bytes);
  char *mask = face == NULL ? NULL : read_model(cli->options.mask_model, "mask.onnx", &mask_bytes);
  bool good = false;
  if (mask != NULL) {
    mc_message message;
    good = mc_detector_create(face, face_bytes, mask, mask_bytes, &cli->options.detector, &message, &cli->detector) ==
           MC_OK;
    if (!good) (void)fprintf(stderr, "maskcheck: %s\n", message.text);
  }
  free(face);
  free(mask);
  return good;
}

/* --- Pictures ---------------------------------------------------------------------------------------------------- */

static mc_status check(mc_cli *cli, const mc_picture *picture, const mc_cli_picture_boxes *boxes, mc_result *result) {
  const mc_image image = {.pixels = picture->rgba,
                          .width_px = picture->width_px,
                          .height_px = picture->height_px,
                          .format = MC_RGBA8};
  if (cli->options.crop) return mc_detector_classify(cli->detector, &image, result);
  if (boxes != NULL) return mc_detector_label(cli->detector, &image, boxes->boxes, boxes->count, result);
  return mc_detector_detect(cli->detector, &image, result);
}

/* path: where the picture lies; name: what it is called in the output. boxes: NULL to search. */
static bool do_picture(mc_cli *cli, const char *path, const char *name, const mc_cli_picture_boxes *boxes) {
  size_t bytes = 0;
  char *file = mc_cli_file_read(path, &bytes);
  if (file == NULL) return mc_cli_complain(name, strerror(errno));
  mc_picture picture = {0};
  mc_status status = mc_picture_decode(file, bytes, &picture);
  free(file);
  mc_result result;
  if (status == MC_OK) status = check(cli, &picture, boxes, &result);
  if (status != MC_OK) {
    mc_cli_complain(name, mc_status_text(status));
  } else if (cli->options.json) {
    mc_cli_print_json(stdout, name, picture.width_px, picture.height_px, &result);
  } else {
    mc_cli_print_text(stdout, name, &result);
  }
  mc_picture_destroy(&picture);
  return status == MC_OK;
}

static bool do_given_pictures(mc_cli *cli) {
  bool good = true;
  for (size_t i = 0; i < cli->options.picture_count; i++) {
    const char *path = cli->options.pictures[i];
    const mc_cli_picture_boxes *boxes = NULL;
    if (cli->options.boxes_file != NULL) {
      boxes = mc_cli_boxes_find(&cli->boxes, path);
      if (boxes == NULL) {
        good = mc_cli_complain(path, "no line for it in the boxes file");
        continue;
      }
    }
    if (!do_picture(cli, path, path, boxes)) good = false;
  }
  return good;
}

static bool do_listed_pictures(mc_cli *cli) {
  bool good = true;
  for (size_t i = 0; i < cli->boxes.count; i++) {
    const mc_cli_picture_boxes *boxes = &cli->boxes.pictures[i];
    char *path = mc_cli_path_beside(cli->options.boxes_file, boxes->file);
    if (path == NULL) return mc_cli_complain(boxes->file, strerror(ENOMEM));
    if (!do_picture(cli, path, boxes->file, boxes)) good = false;
    free(path);
  }
  return good;
}

int main(int argc, char **argv) {
  mc_cli cli = {0};
  if (!mc_cli_options_read(argc, argv, &cli.options)) {
    (void)fputs(mc_cli_usage, stderr);
    return EXIT_NOTHING_DONE;
  }
  if (cli.options.help) (void)fputs(mc_cli_usage, stdout);
  if (cli.options.version) (void)printf("maskcheck %s\n", mc_version());
  if (cli.options.help || cli.options.version) return EXIT_ALL_WELL;

  int code = EXIT_NOTHING_DONE;
  if ((cli.options.boxes_file == NULL || mc_cli_boxes_read(cli.options.boxes_file, &cli.boxes)) &&
      load_detector(&cli)) {
    const bool good = cli.options.picture_count > 0 ? do_given_pictures(&cli) : do_listed_pictures(&cli);
    code = good ? EXIT_ALL_WELL : EXIT_SOME_FAILED;
    if (fflush(stdout) != 0 || ferror(stdout) != 0) {
      mc_cli_complain("standard output", "could not be written");
      code = EXIT_SOME_FAILED;
    }
  }
  mc_detector_destroy(cli.detector);
  mc_cli_boxes_destroy(&cli.boxes);
  return code;
}
