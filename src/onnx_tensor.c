#include "onnx_tensor.h"

#include <string.h>

/* ONNX files are little-endian, and so is every machine this runs on (WebAssembly, x86, ARM as configured in practice). */

static float half_to_float(uint16_t half) {
  const uint32_t sign = (uint32_t)(half & 0x8000u) << 16;
  const uint32_t exponent = (half >> 10) & 0x1fu;
  const uint32_t mantissa = half & 0x3ffu;
  if (exponent == 0) { /* zero or subnormal: mantissa * 2^-24 */
    const float magnitude = (float)mantissa * 0x1p-24f;
    return sign != 0 ? -magnitude : magnitude;
  }
  const uint32_t bits = sign | (exponent == 0x1f ? 0x7f800000u : (exponent + 112) << 23) | mantissa << 13;
  float value = 0;
  memcpy(&value, &bits, sizeof value);
  return value;
}

/* Bytes of one element in raw_data; 0 for types that cannot be read. */
static size_t element_bytes(int32_t type) {
  switch (type) {
    case MC_ONNX_BOOL: return 1;
    case MC_ONNX_FLOAT16: return 2;
    case MC_ONNX_FLOAT:
    case MC_ONNX_INT32: return 4;
    case MC_ONNX_INT64:
    case MC_ONNX_DOUBLE: return 8;
    default: return 0;
  }
}

static void copy_raw(int32_t type, const uint8_t *raw, mc_constant *constant) {
  for (size_t i = 0; i < constant->count; i++) {
    switch (type) {
      case MC_ONNX_BOOL: constant->ints[i] = raw[i] != 0; break;
      case MC_ONNX_FLOAT16: {
        uint16_t half = 0;
        memcpy(&half, raw + i * sizeof half, sizeof half);
        constant->floats[i] = half_to_float(half);
        break;
      }
      case MC_ONNX_INT32: {
        int32_t value = 0;
        memcpy(&value, raw + i * sizeof value, sizeof value);
        constant->ints[i] = value;
        break;
      }
      case MC_ONNX_DOUBLE: {
        double value = 0;
        memcpy(&value, raw + i * sizeof value, sizeof value);
        constant->floats[i] = (float)value;
        break;
      }
      case MC_ONNX_INT64: memcpy(&constant->ints[i], raw + i * sizeof(int64_t), sizeof(int64_t)); break;
      default: memcpy(&constant->floats[i], raw + i * sizeof(float), sizeof(float)); break;
    }
  }
}

/* How many elements the typed field for `type` holds. */
static size_t typed_count(const Onnx__TensorProto *tensor, int32_t type) {
  switch (type) {
    case MC_ONNX_FLOAT: return tensor->n_float_data;
    case MC_ONNX_DOUBLE: return tensor->n_double_data;
    case MC_ONNX_INT64: return tensor->n_int64_data;
    default: return tensor->n_int32_data;
  }
}

static void copy_typed(const Onnx__TensorProto *tensor, int32_t type, mc_constant *constant) {
  for (size_t i = 0; i < constant->count; i++) {
    switch (type) {
      case MC_ONNX_FLOAT: constant->floats[i] = tensor->float_data[i]; break;
      case MC_ONNX_DOUBLE: constant->floats[i] = (float)tensor->double_data[i]; break;
      case MC_ONNX_FLOAT16: constant->floats[i] = half_to_float((uint16_t)tensor->int32_data[i]); break;
      case MC_ONNX_INT64: constant->ints[i] = tensor->int64_data[i]; break;
      case MC_ONNX_BOOL: constant->ints[i] = tensor->int32_data[i] != 0; break;
      default: constant->ints[i] = tensor->int32_data[i]; break;
    }
  }
}

mc_status mc_onnx_tensor(mc_arena *arena, const Onnx__TensorProto *tensor, const char *name, mc_message *message,
                         mc_constant **constant) {
  if (tensor->data_location != 0) {
    return mc_report(message, MC_ERROR_MODEL_UNSUPPORTED, "tensor '%.72s': data in another file", name);
  }
  const int32_t type = tensor->data_type;
  const size_t bytes = element_bytes(type);
  if (bytes == 0) {
    return mc_report(message, MC_ERROR_MODEL_UNSUPPORTED, "tensor '%.72s': element type %d not supported", name,
                     (int)type);
  }
  if (tensor->n_dims > MC_MAX_RANK) {
    return mc_report(message, MC_ERROR_MODEL_UNSUPPORTED, "tensor '%.72s': rank %zu not supported", name,
                     tensor->n_dims);
  }
  size_t dims[MC_MAX_RANK] = {0};
  for (size_t i = 0; i < tensor->n_dims; i++) {
    if (tensor->dims[i] < 0 || (uint64_t)tensor->dims[i] > MC_MAX_ELEMENTS) {
      return mc_report(message, MC_ERROR_MODEL_INVALID, "tensor '%.72s': size of axis %zu is out of range", name, i);
    }
    dims[i] = (size_t)tensor->dims[i];
  }
  /* The data is compared with the shape before memory is taken for it: a short file cannot ask for a large tensor. */
  size_t count = 0;
  if (!mc_count_elements(tensor->n_dims, dims, &count)) {
    return mc_report(message, MC_ERROR_MODEL_INVALID, "tensor '%.72s': too large", name);
  }
  const bool raw = tensor->has_raw_data;
  const size_t present = raw ? tensor->raw_data.len : typed_count(tensor, type);
  const size_t expected = raw ? count * bytes : count;
  if (present != expected) {
    return mc_report(message, MC_ERROR_MODEL_INVALID, "tensor '%.72s': %zu %s of data where the shape asks for %zu", name,
                     present, raw ? "bytes" : "elements", expected);
  }
  const bool is_int = type == MC_ONNX_INT32 || type == MC_ONNX_INT64 || type == MC_ONNX_BOOL;
  const mc_status status = mc_constant_new(arena, is_int, tensor->n_dims, dims, constant);
  if (status != MC_OK) return mc_report(message, status, "tensor '%.72s': no memory", name);
  if (raw) {
    copy_raw(type, tensor->raw_data.data, *constant);
  } else {
    copy_typed(tensor, type, *constant);
  }
  return MC_OK;
}
