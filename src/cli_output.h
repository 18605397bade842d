/* What the program prints; the Node program prints the same.
 *
 * JSON: {"file", "width", "height", "faces": [{"box": {"x", "y", "width", "height"}, "score", "mask": {"value", "probability"},
 * "probabilities": {"without_mask", "mask_worn_incorrectly", "mask_worn_correctly"}, "uncertain"}],
 * "timings": {"preprocess", "faces", "masks", "total"}}, in px and ms, without spaces. Boxes and times are rounded to 3 decimals,
 * scores and probabilities to 6, and trailing zeros left out.
 * For people: one line a face, "FILE: LABEL PROBABILITY at X,Y WIDTHxHEIGHT, face SCORE[, uncertain]".
 */
#ifndef MC_CLI_OUTPUT_H
#define MC_CLI_OUTPUT_H

#include <stdio.h>

#include "maskcheck.h"

/* file need not be UTF-8. */
void mc_cli_print_json(FILE *out, const char *file, uint32_t width_px, uint32_t height_px, const mc_result *result);
void mc_cli_print_text(FILE *out, const char *file, const mc_result *result);

/* text between quotes; bytes that are not UTF-8 become U+FFFD. */
void mc_cli_print_json_string(FILE *out, const char *text);

/* A file's name for people: control characters become '?', so that a name cannot steer the terminal. */
void mc_cli_print_name(FILE *out, const char *text);

/* What is wrong with a file, to stderr. Returns false. */
bool mc_cli_complain(const char *name, const char *reason);

#endif
