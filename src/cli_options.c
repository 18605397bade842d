#include "cli_options.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

const char mc_cli_usage[] =
    "usage: maskcheck [options] PICTURE...\n"
    "\n"
    "Finds the faces in JPEG, PNG, BMP and GIF pictures and says of each one whether a mask\n"
    "is not worn (without_mask), worn incorrectly or worn correctly. - is standard input.\n"
    "\n"
    "  --json                 print one JSON object per picture, one per line\n"
    "  --min-face-score F     leave out faces with a score below F, 0 to 1\n"
    "  --max-faces N          keep the N largest faces, 1 to 1000 (default 100)\n"
    "  --size PX              search in the picture resized to PX on its long side,\n"
    "                         a multiple of 32 up to 4096\n"
    "  --boxes FILE.jsonl     do not search: label the boxes in FILE.jsonl, one line a picture:\n"
    "                         {\"file\": \"a.jpg\", \"faces\": [{\"x\": 1, \"y\": 2, \"width\": 30, \"height\": 40}]}\n"
    "                         Without a PICTURE, all files in it are done; relative names start from\n"
    "                         the folder of FILE.jsonl.\n"
    "  --crop                 do not search: each picture shows one face and little else\n"
    "  --face-model FILE      ONNX file of the face finder\n"
    "  --mask-model FILE      ONNX file of the mask classifier\n"
    "  -h, --help\n"
    "  --version\n"
    "\n"
    "Exit code: 0; 1 if a picture could not be read or checked; 2 if nothing could be done.\n";

static bool complain(const char *flag, const char *expected) {
  (void)fprintf(stderr, "maskcheck: --%s: %s\n", flag, expected);
  return false;
}

static bool read_share(const char *flag, const char *text, float *share) {
  char *end = NULL;
  const double value = strtod(text, &end);
  if (end == text || *end != '\0' || !(value >= 0.0 && value <= 1.0)) {
    return complain(flag, "a number from 0 to 1 is expected");
  }
  *share = (float)value;
  return true;
}

static bool read_whole(const char *flag, const char *text, unsigned long low, unsigned long high, unsigned long step,
                       const char *expected, uint32_t *whole) {
  char *end = NULL;
  errno = 0;
  const unsigned long value = strtoul(text, &end, 10);
  const bool digits = text[0] >= '0' && text[0] <= '9'; /* strtoul takes signs and spaces */
  if (!digits || *end != '\0' || errno != 0 || value < low || value > high || value % step != 0) {
    return complain(flag, expected);
  }
  *whole = (uint32_t)value;
  return true;
}

static bool read_flag(int flag, const char *value, mc_cli_options *options) {
  switch (flag) {
    case 'j':
      options->json = true;
      return true;
    case 'c':
      options->crop = true;
      return true;
    case 'h':
      options->help = true;
      return true;
    case 'v':
      options->version = true;
      return true;
    case 's':
      return read_share("min-face-score", value, &options->detector.min_face_score);
    case 'n':
      return read_whole("max-faces", value, 1, MC_MAX_FACES, 1, "a whole number from 1 to 1000 is expected",
                        &options->detector.max_faces);
    case 'p':
      return read_whole("size", value, 32, MC_MAX_DETECTION_SIZE_PX, 32,
                        "a multiple of 32 from 32 to 4096 is expected", &options->detector.detection_size_px);
    case 'b':
      options->boxes_file = value;
      return true;
    case 'F':
      options->face_model = value;
      return true;
    case 'M':
      options->mask_model = value;
      return true;
    default:
      return false; /* getopt_long has said why */
  }
}

bool mc_cli_options_read(int argc, char **argv, mc_cli_options *options) {
  static const struct option flags[] = {
      {"json", no_argument, NULL, 'j'},
      {"min-face-score", required_argument, NULL, 's'},
      {"max-faces", required_argument, NULL, 'n'},
      {"size", required_argument, NULL, 'p'},
      {"boxes", required_argument, NULL, 'b'},
      {"crop", no_argument, NULL, 'c'},
      {"face-model", required_argument, NULL, 'F'},
      {"mask-model", required_argument, NULL, 'M'},
      {"help", no_argument, NULL, 'h'},
      {"version", no_argument, NULL, 'v'},
      {NULL, 0, NULL, 0},
  };
  mc_cli_options read = {0};
  mc_options_init(&read.detector);
  for (;;) {
    const int flag = getopt_long(argc, argv, "h", flags, NULL);
    if (flag == -1) break;
    if (!read_flag(flag, optarg, &read)) return false;
  }
  read.pictures = argv + optind;
  read.picture_count = (size_t)(argc - optind);
  if (read.crop && read.boxes_file != NULL) {
    (void)fprintf(stderr, "maskcheck: --crop and --boxes exclude each other\n");
    return false;
  }
  if (read.picture_count == 0 && read.boxes_file == NULL && !read.help && !read.version) {
    (void)fprintf(stderr, "maskcheck: no picture given\n");
    return false;
  }
  *options = read;
  return true;
}
