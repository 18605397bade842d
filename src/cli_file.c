#define _POSIX_C_SOURCE 200809L /* NOLINT(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
#include "cli_file.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const size_t max_file_bytes = (size_t)1 << 30;

/* Reads to the end; what is read so far is always the caller's to free. */
static bool read_all(FILE *file, char **content, size_t *bytes) {
  size_t capacity = 0;
  for (;;) {
    if (capacity - *bytes < 2) {
      if (capacity >= max_file_bytes) {
        errno = EFBIG;
        return false;
      }
      capacity = capacity == 0 ? 65536 : capacity * 2;
      char *grown = realloc(*content, capacity);
      if (grown == NULL) return false;
      *content = grown;
    }
    const size_t count = fread(*content + *bytes, 1, capacity - *bytes - 1, file);
    *bytes += count;
    (*content)[*bytes] = '\0';
    if (count == 0) return ferror(file) == 0;
  }
}

char *mc_cli_file_read(const char *path, size_t *bytes) {
  FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
  if (file == NULL) return NULL;
  char *content = NULL;
  size_t count = 0;
  const bool good = read_all(file, &content, &count);
  const int reason = errno;
  if (file != stdin) (void)fclose(file);
  if (!good) {
    free(content);
    errno = reason;
    return NULL;
  }
  *bytes = count;
  return content;
}

char *mc_cli_path_beside(const char *beside, const char *name) {
  if (strchr(beside, '/') == NULL) beside = "./"; /* or a file of the name - would be standard input */
  const char *slash = strrchr(beside, '/');
  const size_t folder = name[0] == '/' ? 0 : (size_t)(slash - beside) + 1;
  const size_t length = strlen(name);
  char *path = malloc(folder + length + 1);
  if (path == NULL) return NULL;
  memcpy(path, beside, folder);
  memcpy(path + folder, name, length + 1);
  return path;
}

char *mc_cli_model_path(const char *name) {
  static const char *const folders[] = {"../share/maskcheck/", "../../model/"};
  char program[4096];
  const ssize_t length = readlink("/proc/self/exe", program, sizeof(program) - 1);
  if (length <= 0) return NULL;
  program[length] = '\0';
  for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
    char relative[256];
    (void)snprintf(relative, sizeof(relative), "%s%s", folders[i], name);
    char *path = mc_cli_path_beside(program, relative);
    if (path == NULL || access(path, R_OK) == 0) return path;
    free(path);
  }
  return NULL;
}
