/* Included before XNNPACK's gemm-config.c on the web: puts our convolution of pictures (kernels/narrow_convolution.h) in front of
 * XNNPACK's kernel. */
#ifdef __wasm_relaxed_simd__
#define xnn_f32_igemm_minmax_ukernel_4x8__wasmrelaxedsimd_fma_loadsplat mc_narrow_clamp
#define xnn_f32_igemm_relu_ukernel_4x8__wasmrelaxedsimd_fma_loadsplat mc_narrow_relu
#else
#define xnn_f32_igemm_minmax_ukernel_4x8__wasmsimd_x86_loadsplat mc_narrow_clamp
#define xnn_f32_igemm_relu_ukernel_4x8__wasmsimd_loadsplat mc_narrow_relu
#endif
