/* Two of XNNPACK's WebAssembly kernels include the Arm header by mistake; all they need is this one. */
#include <wasm_simd128.h>
