#include <string.h>

#include "lower.h"

#define MAX_WINDOW 32768 /* of a kernel, stride, dilation or padding */

/* Two values of an attribute, one for each direction; `value` stays as it is when the attribute is absent. */
static mc_status read_pair(const mc_node *node, const char *name, int64_t least, mc_message *message, uint32_t value[2]) {
  int64_t values[MC_MAX_RANK];
  size_t count = 0;
  MC_TRY(mc_attribute_ints(node, name, MC_MAX_RANK, values, &count, message));
  if (count == 0) return MC_OK;
  if (count != 2) {
    return mc_node_report(message, node, MC_ERROR_MODEL_UNSUPPORTED, "attribute '%s' for %zu directions, not 2", name,
                          count);
  }
  for (size_t i = 0; i < 2; i++) {
    if (values[i] < least || values[i] > MAX_WINDOW) {
      return mc_node_report(message, node, MC_ERROR_MODEL_INVALID, "attribute '%s' has the value %lld", name,
                            (long long)values[i]);
    }
    value[i] = (uint32_t)values[i];
  }
  return MC_OK;
}

static mc_status read_pads(const mc_node *node, mc_message *message, mc_window *window) {
  int64_t pads[MC_MAX_RANK] = {0};
  size_t count = 0;
  MC_TRY(mc_attribute_ints(node, "pads", MC_MAX_RANK, pads, &count, message));
  if (count != 0 && count != 4) {
    return mc_node_report(message, node, MC_ERROR_MODEL_UNSUPPORTED, "attribute 'pads' has %zu values, not 4", count);
  }
  for (size_t i = 0; i < 4; i++) {
    if (pads[i] < 0 || pads[i] > MAX_WINDOW) {
      return mc_node_report(message, node, MC_ERROR_MODEL_UNSUPPORTED, "attribute 'pads' has the value %lld",
                            (long long)pads[i]);
    }
    *(i < 2 ? &window->pad_begin[i] : &window->pad_end[i - 2]) = (uint32_t)pads[i];
  }
  return MC_OK;
}

mc_status mc_window_read_plain(const mc_node *node, const size_t kernel[2], mc_message *message, mc_window *window) {
  mc_window w = {.stride = {1, 1}, .dilation = {1, 1}};
  MC_TRY(read_pair(node, "kernel_shape", 1, message, w.kernel));
  MC_TRY(read_pair(node, "strides", 1, message, w.stride));
  MC_TRY(read_pair(node, "dilations", 1, message, w.dilation));
  MC_TRY(read_pads(node, message, &w));
  for (size_t i = 0; i < 2; i++) {
    if (kernel[i] != 0) {
      if ((w.kernel[i] != 0 && w.kernel[i] != kernel[i]) || kernel[i] > MAX_WINDOW) {
        return mc_node_report(message, node, MC_ERROR_MODEL_INVALID, "kernel_shape does not fit the weights");
      }
      w.kernel[i] = (uint32_t)kernel[i];
    }
    if (w.kernel[i] == 0) return mc_node_report(message, node, MC_ERROR_MODEL_INVALID, "kernel_shape is missing");
  }
  *window = w;
  return MC_OK;
}

mc_status mc_window_read(const mc_node *node, const mc_shape *in, const size_t kernel[2], uint32_t *rounded_up,
                         mc_message *message, mc_window *window, size_t out[2]) {
  mc_window w = {.stride = {1, 1}, .dilation = {1, 1}};
  const char *auto_pad = "NOTSET";
  MC_TRY(mc_window_read_plain(node, kernel, message, &w));
  MC_TRY(mc_attribute_string(node, "auto_pad", &auto_pad, message));
  const bool same_upper = strcmp(auto_pad, "SAME_UPPER") == 0;
  const bool same_lower = strcmp(auto_pad, "SAME_LOWER") == 0;
  const bool valid = strcmp(auto_pad, "VALID") == 0;
  if (!same_upper && !same_lower && !valid && strcmp(auto_pad, "NOTSET") != 0) {
    return mc_node_report(message, node, MC_ERROR_MODEL_UNSUPPORTED, "attribute 'auto_pad' is '%.40s'", auto_pad);
  }
  for (size_t i = 0; i < 2; i++) {
    const size_t size = in->dims[2 + i];
    const size_t reach = (size_t)(w.kernel[i] - 1) * w.dilation[i] + 1;
    if (same_upper || same_lower) {
      out[i] = (size + w.stride[i] - 1) / w.stride[i];
      const size_t covered = (out[i] - 1) * w.stride[i] + reach;
      const size_t total = covered > size ? covered - size : 0;
      const size_t less = total / 2;
      w.pad_begin[i] = (uint32_t)(same_upper ? less : total - less);
      w.pad_end[i] = (uint32_t)(same_upper ? total - less : less);
      continue;
    }
    if (valid) w.pad_begin[i] = w.pad_end[i] = 0;
    const size_t padded = size + w.pad_begin[i] + w.pad_end[i];
    /* The windows inside, and how far one more would reach out at the end. */
    out[i] = padded < reach ? 0 : (padded - reach) / w.stride[i] + 1;
    const size_t over = out[i] * w.stride[i] + reach - padded;
    /* One more starts inside of the input or the padding before it. */
    if (rounded_up != NULL && over < w.stride[i] && out[i] * w.stride[i] < size + w.pad_begin[i]) {
      rounded_up[i] = (uint32_t)over;
      w.pad_end[i] += rounded_up[i];
      out[i]++;
    }
    if (out[i] == 0) {
      return mc_node_report(message, node, MC_ERROR_MODEL_UNSUPPORTED, "a kernel of %zu does not fit an input of %zu",
                            reach, padded);
    }
  }
  *window = w;
  return MC_OK;
}

mc_status mc_window_read_transposed(const mc_node *node, const mc_shape *in, const size_t kernel[2], mc_message *message,
                                    mc_window *window, size_t out[2]) {
  mc_window w = {.stride = {1, 1}, .dilation = {1, 1}};
  const char *auto_pad = "NOTSET";
  uint32_t added[2] = {0, 0};
  MC_TRY(mc_window_read_plain(node, kernel, message, &w));
  MC_TRY(read_pair(node, "output_padding", 0, message, added));
  MC_TRY(mc_attribute_string(node, "auto_pad", &auto_pad, message));
  if (strcmp(auto_pad, "VALID") == 0) {
    for (size_t i = 0; i < 2; i++) w.pad_begin[i] = w.pad_end[i] = 0;
  } else if (strcmp(auto_pad, "NOTSET") != 0) {
    return mc_node_report(message, node, MC_ERROR_MODEL_UNSUPPORTED, "attribute 'auto_pad' is '%.40s'", auto_pad);
  }
  if (mc_attribute_find(node, "output_shape") != NULL) {
    return mc_node_report(message, node, MC_ERROR_MODEL_UNSUPPORTED, "attribute 'output_shape'");
  }
  for (size_t i = 0; i < 2; i++) {
    const uint64_t pads = (uint64_t)w.pad_begin[i] + w.pad_end[i];
    const uint64_t reach = (uint64_t)(w.kernel[i] - 1) * w.dilation[i] + 1;
    const uint64_t whole = (uint64_t)(in->dims[2 + i] - 1) * w.stride[i] + reach + added[i];
    if (added[i] >= w.stride[i]) {
      return mc_node_report(message, node, MC_ERROR_MODEL_UNSUPPORTED, "attribute 'output_padding' is as large as the stride");
    }
    if (whole <= pads || whole - pads > MC_MAX_ELEMENTS) {
      return mc_node_report(message, node, MC_ERROR_MODEL_UNSUPPORTED, "a result with %s rows or columns",
                            whole <= pads ? "no" : "too many");
    }
    out[i] = (size_t)(whole - pads);
  }
  *window = w;
  return MC_OK;
}
