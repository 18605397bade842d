/* Gives files, or all files of folders, to a fuzz target, one after the other. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

static size_t replayed;

static void replay_file(const char *path, FILE *stream) {
  uint8_t *data = NULL;
  size_t size = 0;
  for (size_t more = 1; more > 0; size += more) {
    uint8_t *grown = realloc(data, size + 65536);
    if (grown == NULL) fuzz_fail("memory for a file", __FILE__, __LINE__);
    data = grown;
    more = fread(data + size, 1, 65536, stream);
  }
  (void)printf("%s\n", path);
  (void)fflush(stdout);
  /* A copy of just that size: reading behind it is noticed. */
  uint8_t *exact = malloc(size > 0 ? size : 1);
  if (exact == NULL) fuzz_fail("memory for a file", __FILE__, __LINE__);
  memcpy(exact, data, size);
  free(data);
  (void)LLVMFuzzerTestOneInput(exact, size);
  free(exact);
  replayed++;
}

static void replay(const char *path) {
  DIR *folder = opendir(path);
  if (folder == NULL) {
    FILE *stream = fopen(path, "rb");
    if (stream == NULL) fuzz_fail("the file can be opened", path, 0);
    replay_file(path, stream);
    (void)fclose(stream);
    return;
  }
  for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
    if (entry->d_name[0] == '.') continue;
    char inner[4096];
    if (snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name) < (int)sizeof inner) replay(inner);
  }
  (void)closedir(folder);
}

int main(int count, char **arguments) {
  for (int i = 1; i < count; i++) replay(arguments[i]);
  (void)printf("%zu files\n", replayed);
  return replayed > 0 ? 0 : 1;
}
