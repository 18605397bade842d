/* Included before XNNPACK's gemm-config.c on the web. That file asks the browser for its number of cores, by JavaScript in C, and
 * takes the load-and-splat matrix kernels only where there are more than four. They are the faster ones on fewer cores too, so
 * the answer is a fixed one, and the import goes. */
#include <emscripten.h>

#undef EM_JS
#define EM_JS(type, name, parameters, ...) \
  static inline type name parameters { return 8; }
