/* A checked ONNX graph in memory, independent of the file it came from. Internal to the engine. */
#ifndef MC_GRAPH_H
#define MC_GRAPH_H

#include <stdarg.h>

#include "arena.h"
#include "bounds.h"
#include "network.h"

#define MC_NONE UINT32_MAX

#define MC_TRY(expression)                            \
  do {                                                \
    const mc_status status_of_try = (expression);     \
    if (status_of_try != MC_OK) return status_of_try; \
  } while (0)

/* A tensor whose value is known without running the network. Integer and bool tensors are held as int64, all others as
 * float32. A rank of 0 is a scalar. */
typedef struct mc_constant {
  bool is_int;
  size_t rank;
  size_t dims[MC_MAX_RANK];
  size_t count;    /* product of dims */
  float *floats;   /* [count], NULL if is_int */
  int64_t *ints;   /* [count], NULL unless is_int */
} mc_constant;

typedef enum mc_attribute_kind {
  MC_ATTRIBUTE_OTHER = 0, /* of a type no supported operator needs */
  MC_ATTRIBUTE_FLOAT,
  MC_ATTRIBUTE_INT,
  MC_ATTRIBUTE_STRING,
  MC_ATTRIBUTE_TENSOR,
  MC_ATTRIBUTE_FLOATS,
  MC_ATTRIBUTE_INTS,
} mc_attribute_kind;

typedef struct mc_attribute {
  const char *name;
  mc_attribute_kind kind;
  float f;
  int64_t i;
  const char *s;
  const mc_constant *tensor;
  const int64_t *ints; /* [count] */
  const float *floats; /* [count] */
  size_t count;
} mc_attribute;

struct mc_operator;

typedef struct mc_node {
  const char *name;      /* the file's, or the name of the first output */
  const char *op_type;
  const struct mc_operator *op; /* NULL once the node has been folded away */
  uint32_t *inputs;        /* [input_count] values; MC_NONE for an optional input left out */
  size_t input_count;
  const uint32_t *outputs; /* [output_count]; MC_NONE for an output nobody named */
  size_t output_count;
  const mc_attribute *attributes; /* [attribute_count] */
  size_t attribute_count;

  /* Filled in by mc_graph_simplify. */
  mc_constant *filter; /* Conv: [O, kH, kW, I / group]; Gemm, MatMul: [N, K]; else NULL */
  mc_constant *bias;   /* [O] or [N]; NULL for none */
} mc_node;

typedef struct mc_value {
  const char *name;
  const mc_constant *constant; /* initializer or folded constant; NULL if it depends on the inputs */
  uint32_t producer;           /* node; MC_NONE for inputs and initializers */
  uint32_t consumer_count;     /* uses by nodes and as graph output */
} mc_value;

/* A graph input or output. */
typedef struct mc_port {
  const char *name;
  uint32_t value;
  size_t rank;              /* inputs only */
  size_t dims[MC_MAX_RANK]; /* inputs only; 0 for a dynamic axis */
} mc_port;

typedef struct mc_metadata {
  const char *key, *value;
} mc_metadata;

typedef struct mc_graph {
  mc_arena arena; /* holds everything below */
  int64_t opset;
  mc_node *nodes; /* in an order in which every input comes before its use */
  size_t node_count;
  mc_value *values;
  size_t value_count;
  mc_port *inputs;
  size_t input_count;
  mc_port *outputs;
  size_t output_count;
  const mc_metadata *metadata;
  size_t metadata_count;
} mc_graph;

/* NULL is fine. */
void mc_graph_destroy(mc_graph *graph);

/* A zeroed tensor of the given shape, from `arena`. MC_ERROR_OUT_OF_MEMORY; MC_ERROR_MODEL_INVALID when it would have more
 * than MC_MAX_ELEMENTS elements or MC_MAX_RANK axes. */
mc_status mc_constant_new(mc_arena *arena, bool is_int, size_t rank, const size_t *dims, mc_constant **constant);

/* The product of dims; false when it exceeds MC_MAX_ELEMENTS. */
bool mc_count_elements(size_t rank, const size_t *dims, size_t *count);

/* Merges what costs nothing at run time, checks that every operator is known, and turns weights into the layouts the backend
 * reads: drops Identity and Dropout, computes what depends on constants alone, folds BatchNormalization into the convolution or
 * product before it. To be called once. */
mc_status mc_graph_simplify(mc_graph *graph, mc_message *message);

/* --- Messages. Each returns `status`. Text from the model is made safe to print. --------------------------------------------- */

mc_status mc_report(mc_message *message, mc_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Starts with "node 'name' (Operator): ". */
mc_status mc_node_report(mc_message *message, const mc_node *node, mc_status status, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* --- Attributes. Each leaves *value at its default when the attribute is absent; MC_ERROR_MODEL_INVALID when it has another
 * type than asked for. --------------------------------------------------------------------------------------------------------- */

const mc_attribute *mc_attribute_find(const mc_node *node, const char *name); /* NULL if absent */
mc_status mc_attribute_int(const mc_node *node, const char *name, int64_t *value, mc_message *message);
mc_status mc_attribute_float(const mc_node *node, const char *name, float *value, mc_message *message);
mc_status mc_attribute_string(const mc_node *node, const char *name, const char **value, mc_message *message);

/* `*count` ints, at most `capacity` of them; count 0 if absent. */
mc_status mc_attribute_ints(const mc_node *node, const char *name, size_t capacity, int64_t *values, size_t *count,
                            mc_message *message);

/* `axis` counted from the front, in [0, rank); MC_ERROR_MODEL_INVALID when it is outside [-rank, rank). */
mc_status mc_axis(const mc_node *node, int64_t axis, size_t rank, size_t *value, mc_message *message);

#define MC_NO_DEFAULT INT64_MIN

/* The attribute 'axis', the same way; MC_ERROR_MODEL_INVALID also where it is missing and `otherwise` is MC_NO_DEFAULT. */
mc_status mc_attribute_axis(const mc_node *node, int64_t otherwise, size_t rank, size_t *value, mc_message *message);

#endif
