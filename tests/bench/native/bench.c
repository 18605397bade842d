/* How fast the engine runs a network, against XNNPACK driven by hand: bench-native MODEL HEIGHT WIDTH [ROUNDS]
 *
 * Both run in turn, ROUNDS times, on the same random feature map; a third run takes the time of each operation. Medians are
 * printed, and how far the two results differ, which must be nearly nothing. A network with operations that the shipped ones do
 * not have runs in the engine alone. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "by_hand.h"
#include "clock.h"
#include "lower.h"
#include "onnx.h"
#include "tensor.h"

#define MAX_PORTS 32

static void die(const char *why) {
  (void)fprintf(stderr, "bench-native: %s\n", why);
  exit(1);
}

static void check(mc_status status, const mc_message *message) {
  if (status != MC_OK) die(message->text);
}

static void *read_file(const char *path, size_t *size) {
  FILE *file = fopen(path, "rb");
  if (file == NULL || fseek(file, 0, SEEK_END) != 0) die("cannot open the model");
  const long end = ftell(file);
  if (end <= 0 || fseek(file, 0, SEEK_SET) != 0) die("cannot read the model");
  void *bytes = malloc((size_t)end);
  if (bytes == NULL || fread(bytes, 1, (size_t)end, file) != (size_t)end) die("cannot read the model");
  (void)fclose(file);
  *size = (size_t)end;
  return bytes;
}

/* A network in the engine, and its plan driven by hand. */
typedef struct pair {
  mc_network *network;
  mc_graph *graph;
  mc_plan *plan;
  mc_lowered inputs[MAX_PORTS], outputs[MAX_PORTS];
  by_hand *hand; /* NULL: not all of the plan can be driven by hand */
} pair;

static pair load(const char *path, size_t height, size_t width) {
  pair p = {0};
  mc_message message = {{0}};
  size_t size = 0;
  void *model = read_file(path, &size);
  check(mc_network_create(model, size, &message, &p.network), &message);
  check(mc_onnx_read(model, size, &message, &p.graph), &message);
  check(mc_graph_simplify(p.graph, &message), &message);
  free(model);
  if (p.graph->input_count != 1 || p.graph->output_count > MAX_PORTS || p.graph->inputs[0].rank != 4) {
    die("the network must have one input, a picture or a feature map");
  }
  const size_t *dims = p.graph->inputs[0].dims;
  const bool rows_first = dims[3] == 3;
  const mc_shape shape = rows_first ? (mc_shape){.rank = 4, .dims = {1, height, width, 3}}
                                    : (mc_shape){.rank = 4, .dims = {1, dims[1], height, width}};
  check(mc_network_resize(p.network, 0, shape.dims, 4, &message), &message);
  check(mc_lower(p.graph, &shape, &message, p.inputs, p.outputs, &p.plan), &message);
  const mc_status status = by_hand_create(p.plan, &p.hand);
  if (status != MC_OK && status != MC_ERROR_MODEL_UNSUPPORTED) die("XNNPACK fails");
  return p;
}

static void unload(pair *p) {
  by_hand_destroy(p->hand);
  mc_plan_destroy(p->plan);
  mc_graph_destroy(p->graph);
  mc_network_destroy(p->network);
}

/* The same numbers for both; they agree on the order in which the input lies. */
static void fill(const pair *p) {
  const mc_tensor *input = mc_network_input(p->network, 0);
  float *other = p->hand != NULL ? by_hand_tensor(p->hand, p->inputs[0].tensor) : NULL;
  uint32_t state = 1;
  for (size_t i = 0; i < mc_tensor_elements(input); i++) {
    state = state * 1664525U + 1013904223U;
    input->data[i] = (float)(state >> 8) / (float)(1U << 23) - 1.0f;
    if (other != NULL) other[i] = input->data[i];
  }
}

static double largest_difference(const pair *p) {
  double largest = 0.0;
  for (size_t i = 0; i < mc_network_output_count(p->network); i++) {
    const mc_tensor *output = mc_network_output(p->network, i);
    const float *other = by_hand_tensor(p->hand, p->outputs[i].tensor);
    for (size_t k = 0; k < mc_tensor_elements(output); k++) {
      largest = fmax(largest, fabs((double)output->data[k] - (double)other[k]));
    }
  }
  return largest;
}

static int compare(const void *a, const void *b) {
  const double x = *(const double *)a;
  const double y = *(const double *)b;
  return (x > y) - (x < y);
}

static double quantile(double *values, size_t count, double share) {
  qsort(values, count, sizeof *values, compare);
  return values[(size_t)((double)(count - 1) * share)];
}

static void run_all(const pair *p) {
  for (size_t i = 0; i < p->plan->op_count; i++) {
    if (by_hand_run(p->hand, i) != MC_OK) die("XNNPACK fails");
  }
}

/* --- What there is to an operation --- */

static const char *describe(const pair *p, const mc_plan_op *op, char text[32]) {
  const mc_window *w = &op->window;
  switch (op->kind) {
    case MC_PLAN_CONVOLUTION: {
      const bool depthwise = op->groups > 1 && p->plan->tensors[op->inputs[1]].shape.dims[3] == 1;
      (void)snprintf(text, 32, "%s %ux%u%s", depthwise ? "depthwise" : "convolution", w->kernel[0], w->kernel[1],
                     w->stride[0] > 1 ? ", halved" : "");
      return text;
    }
    case MC_PLAN_PRODUCT: return "product";
    case MC_PLAN_REDUCE: return "mean";
    case MC_PLAN_BINARY: return op->function == MC_FUNCTION_ADD ? "add" : "repeat";
    case MC_PLAN_RESHAPE: return NULL;
    default: return "other";
  }
}

static uint64_t macs_of(const pair *p, const mc_plan_op *op) {
  if (op->kind != MC_PLAN_CONVOLUTION && op->kind != MC_PLAN_PRODUCT) return 0;
  const mc_plan_tensor *filter = &p->plan->tensors[op->inputs[1]];
  return mc_plan_tensor_count_elements(&p->plan->tensors[op->output]) *
         (mc_plan_tensor_count_elements(filter) / filter->shape.dims[0]);
}

static const char *shape_text(const mc_shape *shape, char text[40]) {
  size_t at = 0;
  text[0] = '\0';
  for (size_t i = 0; i < shape->rank && at < 30; i++) {
    at += (size_t)snprintf(text + at, 40 - at, "%s%zu", i > 0 ? "x" : "", shape->dims[i]);
  }
  return text;
}

/* What one operation, or all of a kind, took. */
typedef struct row {
  char what[32];
  double macs, ms;
} row;

static void print_row(const row *r, const char *from, const char *to, double total_ms) {
  (void)printf("%-22s %-16s %-16s %8.3f %8.4f %8.1f %5.1f%%\n", r->what, from, to, r->macs / 1e6, r->ms,
               2e-6 * r->macs / r->ms, 100.0 * r->ms / total_ms);
}

/* `rows`: [op_count]; operations of the same kind become one. */
static void print_kinds(row *rows, size_t count, double total_ms) {
  for (size_t i = 0; i < count; i++) {
    if (rows[i].ms < 0.0) continue;
    size_t members = 1;
    for (size_t k = i + 1; k < count; k++) {
      if (rows[k].ms < 0.0 || strcmp(rows[k].what, rows[i].what) != 0) continue;
      rows[i].macs += rows[k].macs;
      rows[i].ms += rows[k].ms;
      rows[k].ms = -1.0; /* counted */
      members++;
    }
    char text[32];
    (void)snprintf(text, sizeof text, "all %zu", members);
    print_row(&rows[i], text, "", total_ms);
  }
}

/* `times`: [op_count][rounds] */
static void print_operations(const pair *p, double *times, size_t rounds) {
  row *rows = calloc(p->plan->op_count, sizeof *rows);
  if (rows == NULL) die("out of memory");
  double total = 0.0;
  for (size_t i = 0; i < p->plan->op_count; i++) {
    const mc_plan_op *op = &p->plan->ops[i];
    char name[32];
    const char *what = describe(p, op, name);
    rows[i] = (row){.macs = (double)macs_of(p, op), .ms = what == NULL ? -1.0 : quantile(&times[i * rounds], rounds, 0.5)};
    if (what == NULL) continue;
    (void)snprintf(rows[i].what, sizeof rows[i].what, "%s", what);
    total += rows[i].ms;
  }
  (void)printf("%-22s %-16s %-16s %8s %8s %8s %6s\n", "operation", "from", "to", "M MACs", "ms", "GFLOP/s", "share");
  for (size_t i = 0; i < p->plan->op_count; i++) {
    const mc_plan_op *op = &p->plan->ops[i];
    char from[40];
    char to[40];
    if (rows[i].ms < 0.0) continue;
    print_row(&rows[i], shape_text(&p->plan->tensors[op->inputs[0]].shape, from),
              shape_text(&p->plan->tensors[op->output].shape, to), total);
  }
  print_kinds(rows, p->plan->op_count, total);
  free(rows);
}

static void print_median(const char *name, const pair *p, double *times, size_t rounds) {
  const double median = quantile(times, rounds, 0.5);
  (void)printf("%-7s %9.4f ms (p90 %9.4f), %5.1f GFLOP/s\n", name, median, quantile(times, rounds, 0.9),
               2e-6 * (double)p->plan->macs / median);
}

int main(int argc, char **argv) {
  const long height = argc > 3 ? strtol(argv[2], NULL, 10) : 0;
  const long width = argc > 3 ? strtol(argv[3], NULL, 10) : 0;
  const long asked = argc > 4 ? strtol(argv[4], NULL, 10) : 200;
  if (height < 1 || width < 1 || asked < 1) die("usage: bench-native MODEL HEIGHT WIDTH [ROUNDS]");
  const size_t rounds = (size_t)asked;
  pair p = load(argv[1], (size_t)height, (size_t)width);
  const size_t op_count = p.plan->op_count;
  double *ours = calloc(rounds, sizeof(double));
  double *hand = calloc(rounds, sizeof(double));
  double *times = calloc(rounds * op_count, sizeof(double));
  if (ours == NULL || hand == NULL || times == NULL) die("out of memory");
  fill(&p);
  double difference = 0.0;
  for (size_t round = 0; round < rounds + 3; round++) { /* the first three warm up */
    const size_t at = round < 3 ? 0 : round - 3;
    fill(&p); /* before each run: its memory may have been used again by hand, and the caches are then alike */
    double start = mc_clock_ms();
    if (mc_network_run(p.network) != MC_OK) die("the network fails");
    ours[at] = mc_clock_ms() - start;
    if (p.hand == NULL) continue;
    fill(&p);
    start = mc_clock_ms();
    run_all(&p);
    hand[at] = mc_clock_ms() - start;
    difference = fmax(difference, largest_difference(&p));
    fill(&p);
    for (size_t i = 0; i < op_count; i++) {
      start = mc_clock_ms();
      if (by_hand_run(p.hand, i) != MC_OK) die("XNNPACK fails");
      times[i * rounds + at] = mc_clock_ms() - start;
    }
  }
  if (p.hand != NULL) print_operations(&p, times, rounds);
  (void)printf("%s, %ld x %ld: %.1f M MACs\n", argv[1], width, height, (double)p.plan->macs / 1e6);
  print_median("engine", &p, ours, rounds);
  if (p.hand != NULL) {
    print_median("by hand", &p, hand, rounds);
    (void)printf("ratio   %9.3f, results differ by %.1e at most\n", quantile(ours, rounds, 0.5) / quantile(hand, rounds, 0.5),
                 difference);
  }
  free(ours);
  free(hand);
  free(times);
  unload(&p);
  return difference < 1e-3 ? 0 : 1;
}
