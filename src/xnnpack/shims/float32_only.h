/* Included before XNNPACK's subgraph and operator sources: takes out what float32 networks of our operators never reach, so that
 * the linker drops the kernels behind it. That is three quarters of the .wasm file. A new operator or data type of the engine
 * begins with removing its line here; what is still listed answers "unsupported" or, for a kernel table, NULL. */
#ifndef MC_FLOAT32_ONLY_H
#define MC_FLOAT32_ONLY_H

/* The declarations first: the macros below would mangle them. */
#include "xnnpack.h"
#include "xnnpack/config.h"
#include "xnnpack/internal.h"
#include "xnnpack/operator.h"
#include "xnnpack/reference-config.h"
#include "xnnpack/subgraph.h"

#ifdef MC_XNNPACK_SUBGRAPH
#define xnn_create_argmax_pooling2d_nhwc_f32(...) xnn_status_unsupported_parameter
#define xnn_create_average_pooling2d_nhwc_f16(...) xnn_status_unsupported_parameter
#define xnn_create_batch_matrix_multiply_nc_f16(...) xnn_status_unsupported_parameter
#define xnn_create_batch_matrix_multiply_nc_f32(...) xnn_status_unsupported_parameter
#define xnn_create_batch_matrix_multiply_nc_f32_const_weights(...) xnn_status_unsupported_parameter
#define xnn_create_batch_matrix_multiply_nc_qd8_f32_qc8w(...) xnn_status_unsupported_parameter
#define xnn_create_constant_pad_nd_x16(...) xnn_status_unsupported_parameter
#define xnn_create_constant_pad_nd_x8(...) xnn_status_unsupported_parameter
#define xnn_create_convert_nc_f16_qd8(...) xnn_status_unsupported_parameter
#define xnn_create_convert_nc_f32_qd8(...) xnn_status_unsupported_parameter
#define xnn_create_convert_nc_f32_qp8(...) xnn_status_unsupported_parameter
#define xnn_create_convolution2d_nchw_f16(...) xnn_status_unsupported_parameter
#define xnn_create_convolution2d_nchw_f32(...) xnn_status_unsupported_parameter
#define xnn_create_convolution2d_nhwc_f16(...) xnn_status_unsupported_parameter
#define xnn_create_convolution2d_nhwc_qd8_f16_qc8w(...) xnn_status_unsupported_parameter
#define xnn_create_convolution2d_nhwc_qd8_f32_qc8w(...) xnn_status_unsupported_parameter
#define xnn_create_convolution2d_nhwc_qs8(...) xnn_status_unsupported_parameter
#define xnn_create_convolution2d_nhwc_qs8_qc8w(...) xnn_status_unsupported_parameter
#define xnn_create_convolution2d_nhwc_qu8(...) xnn_status_unsupported_parameter
#define xnn_create_copy_nc_x16(...) xnn_status_unsupported_parameter
#define xnn_create_copy_nc_x8(...) xnn_status_unsupported_parameter
#define xnn_create_deconvolution2d_nhwc_f16(...) xnn_status_unsupported_parameter
#define xnn_create_deconvolution2d_nhwc_f32(...) xnn_status_unsupported_parameter
#define xnn_create_deconvolution2d_nhwc_qd8_f32_qc8w(...) xnn_status_unsupported_parameter
#define xnn_create_deconvolution2d_nhwc_qs8(...) xnn_status_unsupported_parameter
#define xnn_create_deconvolution2d_nhwc_qs8_qc8w(...) xnn_status_unsupported_parameter
#define xnn_create_deconvolution2d_nhwc_qu8(...) xnn_status_unsupported_parameter
#define xnn_create_depth_to_space_nchw2nhwc_x16(...) xnn_status_unsupported_parameter
#define xnn_create_depth_to_space_nchw2nhwc_x32(...) xnn_status_unsupported_parameter
#define xnn_create_depth_to_space_nhwc_x16(...) xnn_status_unsupported_parameter
#define xnn_create_depth_to_space_nhwc_x32(...) xnn_status_unsupported_parameter
#define xnn_create_depth_to_space_nhwc_x8(...) xnn_status_unsupported_parameter
#define xnn_create_dynamic_fully_connected_nc_f16(...) xnn_status_unsupported_parameter
#define xnn_create_dynamic_fully_connected_nc_f32(...) xnn_status_unsupported_parameter
#define xnn_create_fully_connected_nc_f16(...) xnn_status_unsupported_parameter
#define xnn_create_fully_connected_nc_f32_qc4w(...) xnn_status_unsupported_parameter
#define xnn_create_fully_connected_nc_f32_qc8w(...) xnn_status_unsupported_parameter
#define xnn_create_fully_connected_nc_pf32(...) xnn_status_unsupported_parameter
#define xnn_create_fully_connected_nc_qd8_f16_qb4w(...) xnn_status_unsupported_parameter
#define xnn_create_fully_connected_nc_qd8_f16_qc4w(...) xnn_status_unsupported_parameter
#define xnn_create_fully_connected_nc_qd8_f16_qc8w(...) xnn_status_unsupported_parameter
#define xnn_create_fully_connected_nc_qd8_f32_qb4w(...) xnn_status_unsupported_parameter
#define xnn_create_fully_connected_nc_qd8_f32_qc4w(...) xnn_status_unsupported_parameter
#define xnn_create_fully_connected_nc_qd8_f32_qc8w(...) xnn_status_unsupported_parameter
#define xnn_create_fully_connected_nc_qp8_f32_qb4w(...) xnn_status_unsupported_parameter
#define xnn_create_fully_connected_nc_qp8_f32_qc4w(...) xnn_status_unsupported_parameter
#define xnn_create_fully_connected_nc_qs8(...) xnn_status_unsupported_parameter
#define xnn_create_fully_connected_nc_qs8_qc8w(...) xnn_status_unsupported_parameter
#define xnn_create_fully_connected_nc_qu8(...) xnn_status_unsupported_parameter
#define xnn_create_max_pooling2d_nhwc_f16(...) xnn_status_unsupported_parameter
#define xnn_create_max_pooling2d_nhwc_s8(...) xnn_status_unsupported_parameter
#define xnn_create_max_pooling2d_nhwc_u8(...) xnn_status_unsupported_parameter
#define xnn_create_pack_lh_x32(...) xnn_status_unsupported_parameter
#define xnn_create_resize_bilinear2d_nchw_f16(...) xnn_status_unsupported_parameter
#define xnn_create_resize_bilinear2d_nchw_f32(...) xnn_status_unsupported_parameter
#define xnn_create_resize_bilinear2d_nhwc_f16(...) xnn_status_unsupported_parameter
#define xnn_create_resize_bilinear2d_nhwc_s8(...) xnn_status_unsupported_parameter
#define xnn_create_resize_bilinear2d_nhwc_u8(...) xnn_status_unsupported_parameter
#define xnn_create_rope_nthc_f16(...) xnn_status_unsupported_parameter
#define xnn_create_rope_nthc_f32(...) xnn_status_unsupported_parameter
#define xnn_create_scaled_dot_product_attention_nhtc_f16(...) xnn_status_unsupported_parameter
#define xnn_create_scaled_dot_product_attention_nhtc_f32(...) xnn_status_unsupported_parameter
#define xnn_create_slice_nd_x16(...) xnn_status_unsupported_parameter
#define xnn_create_slice_nd_x8(...) xnn_status_unsupported_parameter
#define xnn_create_softmax_nc_f16(...) xnn_status_unsupported_parameter
#define xnn_create_space_to_depth_nhwc_x16(...) xnn_status_unsupported_parameter
#define xnn_create_space_to_depth_nhwc_x32(...) xnn_status_unsupported_parameter
#define xnn_create_space_to_depth_nhwc_x8(...) xnn_status_unsupported_parameter
#define xnn_create_transpose_nd_x16(...) xnn_status_unsupported_parameter
#define xnn_create_transpose_nd_x8(...) xnn_status_unsupported_parameter
#define xnn_create_unpooling2d_nhwc_x32(...) xnn_status_unsupported_parameter

/* What is never created is never reshaped or set up. */
#define xnn_reshape_average_pooling2d_nhwc_f16(...) xnn_status_unsupported_parameter
#define xnn_reshape_convert_nc_f16_qd8(...) xnn_status_unsupported_parameter
#define xnn_reshape_convert_nc_f32_qd8(...) xnn_status_unsupported_parameter
#define xnn_reshape_convert_nc_f32_qp8(...) xnn_status_unsupported_parameter
#define xnn_reshape_convolution2d_nchw_f16(...) xnn_status_unsupported_parameter
#define xnn_reshape_convolution2d_nchw_f32(...) xnn_status_unsupported_parameter
#define xnn_reshape_convolution2d_nhwc_f16(...) xnn_status_unsupported_parameter
#define xnn_reshape_convolution2d_nhwc_qd8_f16_qc8w(...) xnn_status_unsupported_parameter
#define xnn_reshape_convolution2d_nhwc_qd8_f32_qc8w(...) xnn_status_unsupported_parameter
#define xnn_reshape_convolution2d_nhwc_qs8(...) xnn_status_unsupported_parameter
#define xnn_reshape_convolution2d_nhwc_qs8_qc8w(...) xnn_status_unsupported_parameter
#define xnn_reshape_convolution2d_nhwc_qu8(...) xnn_status_unsupported_parameter
#define xnn_reshape_dynamic_fully_connected_nc_f16(...) xnn_status_unsupported_parameter
#define xnn_reshape_dynamic_fully_connected_nc_f32(...) xnn_status_unsupported_parameter
#define xnn_reshape_fully_connected_nc_f16(...) xnn_status_unsupported_parameter
#define xnn_reshape_fully_connected_nc_f32_qc4w(...) xnn_status_unsupported_parameter
#define xnn_reshape_fully_connected_nc_f32_qc8w(...) xnn_status_unsupported_parameter
#define xnn_reshape_fully_connected_nc_qd8_f16_qb4w(...) xnn_status_unsupported_parameter
#define xnn_reshape_fully_connected_nc_qd8_f16_qc4w(...) xnn_status_unsupported_parameter
#define xnn_reshape_fully_connected_nc_qd8_f16_qc8w(...) xnn_status_unsupported_parameter
#define xnn_reshape_fully_connected_nc_qd8_f32_qb4w(...) xnn_status_unsupported_parameter
#define xnn_reshape_fully_connected_nc_qd8_f32_qc4w(...) xnn_status_unsupported_parameter
#define xnn_reshape_fully_connected_nc_qd8_f32_qc8w(...) xnn_status_unsupported_parameter
#define xnn_reshape_fully_connected_nc_qp8_f32_qb4w(...) xnn_status_unsupported_parameter
#define xnn_reshape_fully_connected_nc_qp8_f32_qc4w(...) xnn_status_unsupported_parameter
#define xnn_reshape_fully_connected_nc_qs8(...) xnn_status_unsupported_parameter
#define xnn_reshape_fully_connected_nc_qs8_qc8w(...) xnn_status_unsupported_parameter
#define xnn_reshape_fully_connected_nc_qu8(...) xnn_status_unsupported_parameter
#define xnn_reshape_max_pooling2d_nhwc_f16(...) xnn_status_unsupported_parameter
#define xnn_reshape_max_pooling2d_nhwc_s8(...) xnn_status_unsupported_parameter
#define xnn_reshape_max_pooling2d_nhwc_u8(...) xnn_status_unsupported_parameter
#define xnn_reshape_pack_lh_x32(...) xnn_status_unsupported_parameter
#define xnn_reshape_resize_bilinear2d_nchw_f16(...) xnn_status_unsupported_parameter
#define xnn_reshape_resize_bilinear2d_nchw_f32(...) xnn_status_unsupported_parameter
#define xnn_reshape_resize_bilinear2d_nhwc_f16(...) xnn_status_unsupported_parameter
#define xnn_reshape_resize_bilinear2d_nhwc_s8(...) xnn_status_unsupported_parameter
#define xnn_reshape_resize_bilinear2d_nhwc_u8(...) xnn_status_unsupported_parameter
#define xnn_reshape_softmax_nc_f16(...) xnn_status_unsupported_parameter
#define xnn_setup_average_pooling2d_nhwc_f16(...) xnn_status_unsupported_parameter
#define xnn_setup_convert_nc_f16_qd8(...) xnn_status_unsupported_parameter
#define xnn_setup_convert_nc_f32_qd8(...) xnn_status_unsupported_parameter
#define xnn_setup_convert_nc_f32_qp8(...) xnn_status_unsupported_parameter
#define xnn_setup_convolution2d_nchw_f16(...) xnn_status_unsupported_parameter
#define xnn_setup_convolution2d_nchw_f32(...) xnn_status_unsupported_parameter
#define xnn_setup_convolution2d_nhwc_f16(...) xnn_status_unsupported_parameter
#define xnn_setup_convolution2d_nhwc_qd8_f16_qc8w(...) xnn_status_unsupported_parameter
#define xnn_setup_convolution2d_nhwc_qd8_f32_qc8w(...) xnn_status_unsupported_parameter
#define xnn_setup_convolution2d_nhwc_qs8(...) xnn_status_unsupported_parameter
#define xnn_setup_convolution2d_nhwc_qs8_qc8w(...) xnn_status_unsupported_parameter
#define xnn_setup_convolution2d_nhwc_qu8(...) xnn_status_unsupported_parameter
#define xnn_setup_dynamic_fully_connected_nc_f16(...) xnn_status_unsupported_parameter
#define xnn_setup_dynamic_fully_connected_nc_f32(...) xnn_status_unsupported_parameter
#define xnn_setup_fully_connected_nc_f16(...) xnn_status_unsupported_parameter
#define xnn_setup_fully_connected_nc_f32_qc4w(...) xnn_status_unsupported_parameter
#define xnn_setup_fully_connected_nc_f32_qc8w(...) xnn_status_unsupported_parameter
#define xnn_setup_fully_connected_nc_qd8_f16_qb4w(...) xnn_status_unsupported_parameter
#define xnn_setup_fully_connected_nc_qd8_f16_qc4w(...) xnn_status_unsupported_parameter
#define xnn_setup_fully_connected_nc_qd8_f16_qc8w(...) xnn_status_unsupported_parameter
#define xnn_setup_fully_connected_nc_qd8_f32_qb4w(...) xnn_status_unsupported_parameter
#define xnn_setup_fully_connected_nc_qd8_f32_qc4w(...) xnn_status_unsupported_parameter
#define xnn_setup_fully_connected_nc_qd8_f32_qc8w(...) xnn_status_unsupported_parameter
#define xnn_setup_fully_connected_nc_qp8_f32_qb4w(...) xnn_status_unsupported_parameter
#define xnn_setup_fully_connected_nc_qp8_f32_qc4w(...) xnn_status_unsupported_parameter
#define xnn_setup_fully_connected_nc_qs8(...) xnn_status_unsupported_parameter
#define xnn_setup_fully_connected_nc_qs8_qc8w(...) xnn_status_unsupported_parameter
#define xnn_setup_fully_connected_nc_qu8(...) xnn_status_unsupported_parameter
#define xnn_setup_max_pooling2d_nhwc_f16(...) xnn_status_unsupported_parameter
#define xnn_setup_max_pooling2d_nhwc_s8(...) xnn_status_unsupported_parameter
#define xnn_setup_max_pooling2d_nhwc_u8(...) xnn_status_unsupported_parameter
#define xnn_setup_pack_lh_x32(...) xnn_status_unsupported_parameter
#define xnn_setup_resize_bilinear2d_nchw_f16(...) xnn_status_unsupported_parameter
#define xnn_setup_resize_bilinear2d_nchw_f32(...) xnn_status_unsupported_parameter
#define xnn_setup_resize_bilinear2d_nhwc_f16(...) xnn_status_unsupported_parameter
#define xnn_setup_resize_bilinear2d_nhwc_s8(...) xnn_status_unsupported_parameter
#define xnn_setup_resize_bilinear2d_nhwc_u8(...) xnn_status_unsupported_parameter
#define xnn_setup_softmax_nc_f16(...) xnn_status_unsupported_parameter
#endif

#ifdef MC_XNNPACK_ELEMENTWISE
#define xnn_init_binary_reference_config(...) NULL
#define xnn_init_f16_abs_config(...) NULL
#define xnn_init_f16_clamp_config(...) NULL
#define xnn_init_f16_elu_config(...) NULL
#define xnn_init_f16_f32acc_rdsum_config(...) NULL
#define xnn_init_f16_f32acc_rsum_config(...) NULL
#define xnn_init_f16_hswish_config(...) NULL
#define xnn_init_f16_lrelu_config(...) NULL
#define xnn_init_f16_neg_config(...) NULL
#define xnn_init_f16_rminmax_config(...) NULL
#define xnn_init_f16_rndd_config(...) NULL
#define xnn_init_f16_rndne_config(...) NULL
#define xnn_init_f16_rndu_config(...) NULL
#define xnn_init_f16_rsqrt_config(...) NULL
#define xnn_init_f16_sigmoid_config(...) NULL
#define xnn_init_f16_sqr_config(...) NULL
#define xnn_init_f16_sqrt_config(...) NULL
#define xnn_init_f16_tanh_config(...) NULL
#define xnn_init_f16_to_f32_cvt_config(...) NULL
#define xnn_init_f16_to_qs8_cvt_config(...) NULL
#define xnn_init_f16_vadd_config(...) NULL
#define xnn_init_f16_vdiv_config(...) NULL
#define xnn_init_f16_vmax_config(...) NULL
#define xnn_init_f16_vmin_config(...) NULL
#define xnn_init_f16_vmul_config(...) NULL
#define xnn_init_f16_vprelu_config(...) NULL
#define xnn_init_f16_vsqrdiff_config(...) NULL
#define xnn_init_f16_vsub_config(...) NULL
#define xnn_init_f32_gelu_config(...) NULL
#define xnn_init_f32_log_config(...) NULL
#define xnn_init_f32_rndd_config(...) NULL
#define xnn_init_f32_rndne_config(...) NULL
#define xnn_init_f32_rndu_config(...) NULL
#define xnn_init_f32_rsqrt_config(...) NULL
#define xnn_init_f32_sqr_config(...) NULL
#define xnn_init_f32_to_f16_cvt_config(...) NULL
#define xnn_init_f32_to_qp8_cvt_config(...) NULL
#define xnn_init_f32_to_qs8_cvt_config(...) NULL
#define xnn_init_f32_to_qu8_cvt_config(...) NULL
#define xnn_init_f32_vcopysign_config(...) NULL
#define xnn_init_f32_vprelu_config(...) NULL
#define xnn_init_f32_vsqrdiff_config(...) NULL
#define xnn_init_qs8_cvt_config(...) NULL
#define xnn_init_qs8_lrelu_config(...) NULL
#define xnn_init_qs8_rdsum_config(...) NULL
#define xnn_init_qs8_rsum_config(...) NULL
#define xnn_init_qs8_to_f16_cvt_config(...) NULL
#define xnn_init_qs8_to_f32_cvt_config(...) NULL
#define xnn_init_qs8_vadd_config(...) NULL
#define xnn_init_qs8_vmul_config(...) NULL
#define xnn_init_qu8_cvt_config(...) NULL
#define xnn_init_qu8_lrelu_config(...) NULL
#define xnn_init_qu8_rdsum_config(...) NULL
#define xnn_init_qu8_rsum_config(...) NULL
#define xnn_init_qu8_to_f32_cvt_config(...) NULL
#define xnn_init_qu8_vadd_config(...) NULL
#define xnn_init_qu8_vmul_config(...) NULL
#define xnn_init_s32_to_f32_cvt_config(...) NULL
#define xnn_init_s8_clamp_config(...) NULL
#define xnn_init_u8_clamp_config(...) NULL
#define xnn_init_unary_reference_config(...) NULL
#define xnn_init_x8_lut_config(...) NULL
#endif

#endif
