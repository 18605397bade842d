/* The command line of `maskcheck`. Only the program, not the library. */
#ifndef MC_CLI_OPTIONS_H
#define MC_CLI_OPTIONS_H

#include "maskcheck.h"

typedef struct mc_cli_options {
  mc_options detector;
  bool json;              /* one JSON object a picture instead of one line a face */
  bool crop;              /* each picture is one face crop */
  bool help, version;
  const char *boxes_file; /* NULL: search for faces */
  const char *face_model; /* NULL: the one that comes with the program */
  const char *mask_model;
  char **pictures;        /* [picture_count], part of argv */
  size_t picture_count;
} mc_cli_options;

extern const char mc_cli_usage[];

/* false: something is wrong with the flags, and a message is on stderr. argv is permuted and must outlive the options. */
bool mc_cli_options_read(int argc, char **argv, mc_cli_options *options);

#endif
