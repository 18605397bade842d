/* XNNPACK takes its load-and-splat matrix kernels only where the browser reports more than four cores. They are the faster
 * ones on fewer cores too, and asking the browser would cost an import, so the question is answered here. */
int emscripten_num_logical_cores(void);

int emscripten_num_logical_cores(void) {
  return 8;
}
