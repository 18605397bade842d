/* Which depthwise kernels XNNPACK takes for float32 on the web: ours for windows of up to nine taps, its own for larger ones.
 * CMakeLists.txt gives XNNPACK's function of this name another one, and the linker drops it. */
#include "depthwise.h"
#include "xnnpack/config.h"
#include "xnnpack/microparams-init.h"

#ifdef __wasm_relaxed_simd__
#define LARGE(kind) xnn_f32_dwconv_##kind##_5f5m5l4c4s4r__wasmrelaxedsimd_fma
#define LARGE_CLAMP LARGE(minmax_ukernel)
#else
#define LARGE(kind) xnn_f32_dwconv_##kind##_5f5m5l4c4s4r__wasmsimd
#define LARGE_CLAMP xnn_f32_dwconv_minmax_ukernel_5f5m5l4c4s4r__wasmsimd_arm
#endif

static const struct xnn_dwconv_config configs[XNN_MAX_F32_DWCONV_UKERNELS] = {
    {
        .minmax.unipass = (xnn_dwconv_unipass_ukernel_fn)mc_depthwise_clamp,
        .linear.unipass = (xnn_dwconv_unipass_ukernel_fn)mc_depthwise_linear,
        .init.f32 = xnn_init_f32_minmax_scalar_params,
        .channel_tile = MC_DEPTHWISE_CHANNELS,
        .channel_subtile = MC_DEPTHWISE_CHANNELS,
        .channel_round = 1,
        .primary_tile = MC_DEPTHWISE_TAPS,
    },
    {
        .minmax.multipass = (xnn_dwconv_multipass_ukernel_fn)LARGE_CLAMP,
        .linear.multipass = (xnn_dwconv_multipass_ukernel_fn)LARGE(ukernel),
        .init.f32 = xnn_init_f32_minmax_scalar_params,
        .channel_tile = 4,
        .channel_subtile = 4,
        .channel_round = 4,
        .primary_tile = 5,
        .middle_tile = 5,
        .last_tile = 5,
    },
};

/* Again, because XNNPACK's declaration says nothing about parameters. */
const struct xnn_dwconv_config *xnn_init_f32_dwconv_config(void);

const struct xnn_dwconv_config *xnn_init_f32_dwconv_config(void) { return configs; }
