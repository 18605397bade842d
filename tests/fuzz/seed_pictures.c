/* seed_pictures FOLDER: one small picture file of each kind that the decoder knows. */
#include <stdio.h>
#include <stdlib.h>

#include "support_files.h"
#include "support_jpeg.h"

static void save(const char *folder, const char *name, const uint8_t *bytes, size_t size) {
  char path[4096];
  (void)snprintf(path, sizeof path, "%s/seed-%s", folder, name);
  FILE *stream = fopen(path, "wb");
  if (stream == NULL || fwrite(bytes, 1, size, stream) != size || fclose(stream) != 0) {
    (void)fprintf(stderr, "cannot write %s\n", path);
    exit(1);
  }
}

static void save_made(const char *folder, const char *name, file made) {
  save(folder, name, made.bytes, made.size);
  free(made.bytes);
}

int main(int count, char **arguments) {
  if (count != 2) return 1;
  const char *folder = arguments[1];
  uint8_t pixels[6 * 5 * 4];
  uint16_t samples[6 * 5 * 3];
  uint8_t indices[6 * 5];
  const uint8_t palette[12] = {255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 9, 9};
  const uint8_t alpha[4] = {255, 128, 0, 1};
  for (size_t i = 0; i < sizeof pixels; i++) pixels[i] = (uint8_t)(i * 37);
  for (size_t i = 0; i < sizeof samples / 2; i++) samples[i] = (uint16_t)(i * 7919);
  for (size_t i = 0; i < sizeof indices; i++) indices[i] = (uint8_t)(i % 4);
  for (int channels = 1; channels <= 4; channels++) {
    char name[] = "png-?";
    name[4] = (char)('0' + channels);
    save_made(folder, name, file_png(pixels, 6, 5, channels));
  }
  save_made(folder, "png16", file_png16(samples, 6, 5));
  save_made(folder, "png-palette", file_png_palette(indices, 6, 5, palette, 4, NULL));
  save_made(folder, "png-palette-alpha", file_png_palette(indices, 6, 5, palette, 4, alpha));
  save_made(folder, "png-header", file_png_header(100000, 100000));
  save_made(folder, "bmp-3", file_bmp(pixels, 6, 5, 3));
  save_made(folder, "bmp-4", file_bmp(pixels, 6, 5, 4));
  save_made(folder, "gif", file_gif(indices, 6, 5, palette, -1));
  save_made(folder, "gif-transparent", file_gif(indices, 6, 5, palette, 2));
  save(folder, "jpeg-progressive", jpeg_progressive, sizeof jpeg_progressive);
  save(folder, "jpeg-restarts", jpeg_restarts, sizeof jpeg_restarts);
  save(folder, "jpeg-arithmetic", jpeg_arithmetic, sizeof jpeg_arithmetic);
  save(folder, "jpeg-cmyk", jpeg_cmyk, sizeof jpeg_cmyk);
  save_made(folder, "jpeg-turned", file_jpeg(jpeg_restarts, sizeof jpeg_restarts, 6));
  return 0;
}
