#include "graph.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "format.h"
#include "message.h"

void mc_graph_destroy(mc_graph *graph) {
  if (graph == NULL) return;
  mc_arena_destroy(&graph->arena);
  free(graph);
}

bool mc_count_elements(size_t rank, const size_t *dims, size_t *count) {
  size_t product = 1;
  bool empty = false;
  for (size_t i = 0; i < rank; i++) {
    if (dims[i] == 0) {
      empty = true;
      continue;
    }
    if (dims[i] > MC_MAX_ELEMENTS / product) return false;
    product *= dims[i];
  }
  *count = empty ? 0 : product;
  return true;
}

mc_status mc_constant_new(mc_arena *arena, bool is_int, size_t rank, const size_t *dims, mc_constant **constant) {
  size_t count = 0;
  if (rank > MC_MAX_RANK || !mc_count_elements(rank, dims, &count)) return MC_ERROR_MODEL_INVALID;
  mc_constant *made = mc_arena_alloc(arena, 1, sizeof *made);
  void *data = mc_arena_alloc(arena, count, is_int ? sizeof(int64_t) : sizeof(float));
  if (made == NULL || data == NULL) return MC_ERROR_OUT_OF_MEMORY;
  made->is_int = is_int;
  made->rank = rank;
  for (size_t i = 0; i < rank; i++) made->dims[i] = dims[i];
  made->count = count;
  if (is_int) {
    made->ints = data;
  } else {
    made->floats = data;
  }
  *constant = made;
  return MC_OK;
}

/* --- Messages --- */

/* Whatever a model may have put into a text: only printable ASCII reaches a terminal or a page. */
static void make_safe(char *text) {
  for (; *text != '\0'; text++) {
    if (*text < 0x20 || *text > 0x7e) *text = '?';
  }
}

mc_status mc_report(mc_message *message, mc_status status, const char *format, ...) {
  if (message == NULL) return status;
  char text[sizeof message->text];
  va_list arguments;
  va_start(arguments, format);
  (void)mc_format(text, sizeof text, format, arguments);
  va_end(arguments);
  make_safe(text);
  return mc_refuse(message, status, text);
}

mc_status mc_node_report(mc_message *message, const mc_node *node, mc_status status, const char *format, ...) {
  if (message == NULL) return status;
  char text[sizeof message->text];
  va_list arguments;
  va_start(arguments, format);
  (void)mc_format(text, sizeof text, format, arguments);
  va_end(arguments);
  /* Names are cut so that the reason always fits. */
  return mc_report(message, status, "node '%.72s' (%.40s): %s", node->name, node->op_type, text);
}

/* --- Attributes --- */

const mc_attribute *mc_attribute_find(const mc_node *node, const char *name) {
  for (size_t i = 0; i < node->attribute_count; i++) {
    if (strcmp(node->attributes[i].name, name) == 0) return &node->attributes[i];
  }
  return NULL;
}

static mc_status find(const mc_node *node, const char *name, mc_attribute_kind kind, const mc_attribute **attribute,
                      mc_message *message) {
  *attribute = mc_attribute_find(node, name);
  if (*attribute != NULL && (*attribute)->kind != kind) {
    return mc_node_report(message, node, MC_ERROR_MODEL_INVALID, "attribute '%s' has the wrong type", name);
  }
  return MC_OK;
}

mc_status mc_attribute_int(const mc_node *node, const char *name, int64_t *value, mc_message *message) {
  const mc_attribute *attribute = NULL;
  MC_TRY(find(node, name, MC_ATTRIBUTE_INT, &attribute, message));
  if (attribute != NULL) *value = attribute->i;
  return MC_OK;
}

mc_status mc_attribute_float(const mc_node *node, const char *name, float *value, mc_message *message) {
  const mc_attribute *attribute = NULL;
  MC_TRY(find(node, name, MC_ATTRIBUTE_FLOAT, &attribute, message));
  if (attribute != NULL && !isfinite(attribute->f)) {
    return mc_node_report(message, node, MC_ERROR_MODEL_INVALID, "attribute '%s' is not finite", name);
  }
  if (attribute != NULL) *value = attribute->f;
  return MC_OK;
}

mc_status mc_attribute_string(const mc_node *node, const char *name, const char **value, mc_message *message) {
  const mc_attribute *attribute = NULL;
  MC_TRY(find(node, name, MC_ATTRIBUTE_STRING, &attribute, message));
  if (attribute != NULL) *value = attribute->s;
  return MC_OK;
}

mc_status mc_attribute_ints(const mc_node *node, const char *name, size_t capacity, int64_t *values, size_t *count,
                            mc_message *message) {
  const mc_attribute *attribute = NULL;
  *count = 0;
  MC_TRY(find(node, name, MC_ATTRIBUTE_INTS, &attribute, message));
  if (attribute == NULL) return MC_OK;
  if (attribute->count > capacity) {
    return mc_node_report(message, node, MC_ERROR_MODEL_UNSUPPORTED, "attribute '%s' has %zu values", name,
                          attribute->count);
  }
  for (size_t i = 0; i < attribute->count; i++) values[i] = attribute->ints[i];
  *count = attribute->count;
  return MC_OK;
}

mc_status mc_axis(const mc_node *node, int64_t axis, size_t rank, size_t *value, mc_message *message) {
  const int64_t signed_rank = (int64_t)rank;
  if (axis < -signed_rank || axis >= signed_rank) {
    return mc_node_report(message, node, MC_ERROR_MODEL_INVALID, "axis %lld is outside a tensor of rank %zu",
                          (long long)axis, rank);
  }
  *value = (size_t)(axis < 0 ? axis + signed_rank : axis);
  return MC_OK;
}

mc_status mc_attribute_axis(const mc_node *node, int64_t otherwise, size_t rank, size_t *value, mc_message *message) {
  int64_t axis = otherwise;
  MC_TRY(mc_attribute_int(node, "axis", &axis, message));
  if (axis == MC_NO_DEFAULT) return mc_node_report(message, node, MC_ERROR_MODEL_INVALID, "attribute 'axis' is missing");
  return mc_axis(node, axis, rank, value, message);
}
