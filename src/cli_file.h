/* Files and paths for the program. */
#ifndef MC_CLI_FILE_H
#define MC_CLI_FILE_H

#include <stdbool.h>
#include <stddef.h>

/* A whole file (-: standard input) and a NUL behind it; NULL: errno says why (EFBIG above 1 GiB). Free it. */
char *mc_cli_file_read(const char *path, size_t *bytes);

/* `name` as seen from the folder that `beside` lies in; an absolute name stays. NULL: out of memory. Free it. */
char *mc_cli_path_beside(const char *beside, const char *name);

/* Where a model that comes with the program lies: in ../share/maskcheck beside the installed program, or in ../../model beside the
 * one in the build folder. NULL: in neither, or out of memory. Free it. */
char *mc_cli_model_path(const char *name);

#endif
