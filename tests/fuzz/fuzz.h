/* What the fuzz targets share. A target is one file with the entry point of libFuzzer; the same file, with replay.c in place
 * of libFuzzer, replays the regression cases in every build. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* libFuzzer's names. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

/* Ends the program: what must hold for every input does not. */
#define FUZZ_CHECK(condition) \
  do {                        \
    if (!(condition)) fuzz_fail(#condition, __FILE__, __LINE__); \
  } while (0)
_Noreturn void fuzz_fail(const char *condition, const char *file, int line);

/* An input read as numbers; zeros once it has ended. */
typedef struct fuzz_reader {
  const uint8_t *at;
  size_t left;
} fuzz_reader;

uint8_t fuzz_u8(fuzz_reader *reader);
uint32_t fuzz_u32(fuzz_reader *reader);
float fuzz_float(fuzz_reader *reader); /* any: NaN and infinities, too */
uint32_t fuzz_below(fuzz_reader *reader, uint32_t limit); /* [0, limit) */

/* Mutates an ONNX file field by field, so that it stays a file that parses; returns its new size, at most max_size, or 0 where
 * the file does not parse or grew too large. */
size_t fuzz_mutate_onnx(uint8_t *data, size_t size, size_t max_size, unsigned seed);

/* Three probabilities, finite, in [0, 1], with the sum 1 +- 1e-5. */
bool fuzz_is_distribution(const float *probabilities);

#endif
