/* soak FRAMES CYCLES: a long day. Frames of changing size and face count through one detector, detectors made and destroyed,
 * several threads with a detector each. Prints what it measured; fails where memory grows or answers differ. */
#define _DEFAULT_SOURCE /* mallinfo2; NOLINT(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
#include <malloc.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "maskcheck.h"

enum { MAX_FILE_BYTES = 1 << 24, SIDE_PX = 256, THREADS = 4, SIZES = 7, SHARES = 10, MIN_TIMED_FRAMES = 10000 };

static const double growth_limit_mb = 1.0;
static const double slowing_limit = 1.05;

static _Noreturn void fail(const char *what) {
  (void)printf("FAILED: %s\n", what);
  exit(1);
}

typedef struct file {
  void *bytes;
  size_t size;
} file;

static file read_file(const char *path) {
  FILE *stream = fopen(path, "rb");
  if (stream == NULL) fail(path);
  file read = {.bytes = malloc(MAX_FILE_BYTES)};
  if (read.bytes == NULL) fail("memory for a model");
  read.size = fread(read.bytes, 1, MAX_FILE_BYTES, stream);
  (void)fclose(stream);
  return read;
}

/* Small networks that see faces in noise, or those of the package. */
static mc_detector *create(const char *face_path, const char *mask_path) {
  file face = read_file(face_path);
  file mask = read_file(mask_path);
  mc_detector *detector = NULL;
  mc_options options;
  mc_options_init(&options);
  options.detection_size_px = 160;
  if (mc_detector_create(face.bytes, face.size, mask.bytes, mask.size, &options, NULL, &detector) != MC_OK) fail("create");
  free(face.bytes);
  free(mask.bytes);
  return detector;
}

static mc_detector *create_small(void) {
  return create(MC_MODEL_DIR "/../tests/fuzz/models/face.onnx", MC_MODEL_DIR "/../tests/fuzz/models/mask.onnx");
}

static mc_detector *create_shipped(void) { return create(MC_MODEL_DIR "/face.onnx", MC_MODEL_DIR "/mask.onnx"); }

#ifdef __SANITIZE_ADDRESS__
size_t __sanitizer_get_current_allocated_bytes(void); /* NOLINT(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
static double heap_mb(void) { return (double)__sanitizer_get_current_allocated_bytes() / 1048576.0; }
#else
static double heap_mb(void) { return (double)(mallinfo2().uordblks + mallinfo2().hblkhd) / 1048576.0; }
#endif

static double resident_mb(void) {
  char line[256] = "";
  FILE *stream = fopen("/proc/self/statm", "r");
  if (stream == NULL || fgets(line, sizeof line, stream) == NULL) fail("/proc/self/statm");
  (void)fclose(stream);
  const char *second = strchr(line, ' '); /* pages in all, pages resident */
  if (second == NULL) fail("/proc/self/statm");
  return (double)strtol(second, NULL, 10) * (double)sysconf(_SC_PAGESIZE) / 1048576.0;
}

/* The frame of this number: one of SIZES sizes, noise that is brighter or darker. */
static mc_image frame_of(size_t number, uint8_t *pixels) {
  static const uint32_t sizes[SIZES][2] = {{256, 144}, {144, 256}, {256, 256}, {31, 77}, {200, 40}, {1, 1}, {160, 120}};
  uint32_t state = (uint32_t)(number % 1000) * 2654435761u + 1;
  const uint32_t brightness = (uint32_t)(number / 7) % 4;
  mc_image image = {.pixels = pixels, .width_px = sizes[number % SIZES][0], .height_px = sizes[number % SIZES][1],
                    .format = MC_GRAY8};
  for (size_t i = 0; i < (size_t)image.width_px * image.height_px; i++) {
    state = state * 1664525u + 1013904223u;
    pixels[i] = (uint8_t)((state >> 24) >> brightness);
  }
  return image;
}

static int by_size(const void *a, const void *b) {
  const double x = *(const double *)a;
  const double y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Median of `count` times. */
static double median(double *times, size_t count) {
  qsort(times, count, sizeof *times, by_size);
  return times[count / 2];
}

/* The best of three neighbouring shares, so that other work on the machine is not taken for slowing. */
static double best(const double *medians) { return fmin(fmin(medians[0], medians[1]), medians[2]); }

static void run_frames(size_t frames) {
  static uint8_t pixels[SIDE_PX * SIDE_PX];
  mc_detector *detector = create_small();
  mc_detector *other = create_shipped(); /* in between, on every 16th frame */
  double *times = calloc(frames, sizeof *times);
  if (times == NULL) fail("memory for the times");
  size_t most = 0;
  size_t least = SIZE_MAX;
  const size_t share = frames / SHARES;
  double heap = 0;
  double resident = 0;
  for (size_t i = 0; i < frames; i++) {
    if (i == share) {
      heap = heap_mb();
      resident = resident_mb();
    }
    const mc_image image = frame_of(i, pixels);
    mc_result result;
    const double start = mc_clock_ms();
    if (mc_detector_detect_video(detector, &image, (double)i * 33, &result) != MC_OK) fail("detect_video");
    times[i] = mc_clock_ms() - start;
    if (result.face_count > most) most = result.face_count;
    if (result.face_count < least) least = result.face_count;
    if (i % 16 == 0 && mc_detector_detect(other, &image, &result) != MC_OK) fail("detect");
  }
  const double grown = heap_mb() - heap;
  const double resident_grown = resident_mb() - resident;
  double medians[SHARES];
  for (size_t i = 0; i < SHARES; i++) medians[i] = median(times + i * share, share);
  const double first = best(medians);
  const double last = best(medians + SHARES - 3);
  (void)printf("%zu frames: %zu to %zu faces, heap grew by %.3f MB, resident by %.3f MB, median frame %.3f ms in the best of the "
               "first three tenths, %.3f ms in the best of the last three (%+.1f %%)\n",
               frames, least, most, grown, resident_grown, first, last, 100 * (last / first - 1));
  free(times);
  mc_detector_destroy(detector);
  mc_detector_destroy(other);
  if (grown > growth_limit_mb) fail("the heap grows");
  if (frames >= MIN_TIMED_FRAMES && last > slowing_limit * first) fail("frames take longer and longer");
  if (most == least) fail("the number of faces does not change");
}

static void run_cycles(size_t cycles) {
  static uint8_t pixels[SIDE_PX * SIDE_PX];
  double heap = 0;
  double resident = 0;
  const double start = mc_clock_ms();
  for (size_t i = 0; i < cycles; i++) {
    mc_detector *detector = create_shipped();
    const mc_image image = frame_of(i, pixels);
    mc_result result;
    if (mc_detector_detect(detector, &image, &result) != MC_OK) fail("detect");
    mc_detector_destroy(detector);
    if (i == cycles / SHARES) {
      heap = heap_mb();
      resident = resident_mb();
    }
  }
  const double grown = heap_mb() - heap;
  (void)printf("%zu detectors made and destroyed: heap grew by %.3f MB, resident by %.3f MB, %.1f ms each\n", cycles, grown,
               resident_mb() - resident, (mc_clock_ms() - start) / (double)cycles);
  if (grown > growth_limit_mb) fail("the heap grows");
}

typedef struct worker {
  pthread_t thread;
  size_t frames;
  uint64_t hash; /* of all answers */
} worker;

static void *work(void *argument) {
  worker *w = argument;
  uint8_t *pixels = malloc((size_t)SIDE_PX * SIDE_PX);
  if (pixels == NULL) fail("memory for a frame");
  mc_detector *detectors[2] = {create_small(), create_shipped()};
  for (size_t i = 0; i < w->frames; i++) {
    const mc_image image = frame_of(i, pixels);
    for (size_t k = 0; k < 2; k++) {
      mc_result result;
      if (mc_detector_detect(detectors[k], &image, &result) != MC_OK) fail("detect in a thread");
      for (size_t f = 0; f < result.face_count; f++) {
        const mc_face *face = &result.faces[f];
        const float values[] = {face->box.x, face->box.y, face->score, face->probabilities[0], face->probabilities[1]};
        uint32_t bits[sizeof values / sizeof *values];
        memcpy(bits, values, sizeof values);
        for (size_t n = 0; n < sizeof bits / sizeof *bits; n++) w->hash = (w->hash ^ bits[n]) * 1099511628211u;
      }
    }
  }
  mc_detector_destroy(detectors[0]);
  mc_detector_destroy(detectors[1]);
  free(pixels);
  return NULL;
}

static void run_threads(size_t frames) {
  worker workers[THREADS];
  for (size_t i = 0; i < THREADS; i++) {
    workers[i] = (worker){.frames = frames, .hash = 1};
    if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0) fail("a thread");
  }
  for (size_t i = 0; i < THREADS; i++) {
    if (pthread_join(workers[i].thread, NULL) != 0) fail("a thread");
    if (workers[i].hash != workers[0].hash || workers[i].hash == 1) fail("threads have different answers");
  }
  (void)printf("%d threads with two detectors each, %zu frames: the same answers\n", THREADS, frames);
}

int main(int count, char **arguments) {
  if (count != 3) {
    (void)printf("usage: soak FRAMES CYCLES\n");
    return 2;
  }
  const size_t frames = strtoul(arguments[1], NULL, 10);
  const size_t cycles = strtoul(arguments[2], NULL, 10);
  if (frames < SHARES || cycles < SHARES) fail("at least ten of each are needed");
  run_threads(frames < 4000 ? frames / 10 : 400);
  run_frames(frames);
  run_cycles(cycles);
  return 0;
}
