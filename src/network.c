#include "network.h"

#include <stdlib.h>
#include <string.h>

#include "backend.h"
#include "lower.h"
#include "onnx.h"
#include "pack.h"

struct mc_network {
  mc_graph *graph;     /* once it has been simplified, only its weights change: where they lie */
  bool is_twin;        /* the graph and the weights are another network's */
  mc_weights own;      /* empty in a twin */
  mc_weights *weights; /* packed: what is in there need not be in the graph */
  bool spends_input;
  mc_shape *shapes;    /* [inputs] as asked for; sizes of 0 until then */
  mc_tensor *tensors;  /* [inputs + outputs] */
  float **buffers;     /* [inputs + outputs] */
  size_t *buffer_elements;
  mc_plan *plan;       /* what the backend is loaded with, and constants that it reads; NULL if it is not */
  mc_backend *backend;
  bool ready;          /* whether everything has been set up for `shapes` */
};

static size_t port_count(const mc_network *network) {
  return network->graph->input_count + network->graph->output_count;
}

static mc_status no_memory(mc_message *message) { return mc_report(message, MC_ERROR_OUT_OF_MEMORY, "no memory"); }

/* Buffers only grow, so that going back and forth between sizes settles. */
static mc_status reserve(mc_network *network, size_t port, size_t elements, mc_message *message) {
  if (network->buffer_elements[port] >= elements) return MC_OK;
  free(network->buffers[port]);
  network->buffer_elements[port] = 0;
  network->buffers[port] = calloc(elements + MC_PLAN_SLACK_BYTES / sizeof(float), sizeof(float));
  if (network->buffers[port] == NULL) return no_memory(message);
  network->buffer_elements[port] = elements;
  return MC_OK;
}

static mc_status set_tensors(mc_network *network, const mc_lowered *lowered, bool spends_input, mc_message *message) {
  for (size_t i = 0; i < port_count(network); i++) {
    size_t count = 0;
    (void)mc_count_elements(lowered[i].shape.rank, lowered[i].shape.dims, &count);
    MC_TRY(reserve(network, i, spends_input && i == 0 ? 0 : count, message));
    mc_tensor *tensor = &network->tensors[i];
    tensor->data = network->buffers[i];
    tensor->rank = lowered[i].shape.rank;
    memcpy(tensor->dims, lowered[i].shape.dims, sizeof tensor->dims);
    memcpy(tensor->stored, lowered[i].order, sizeof tensor->stored);
  }
  return MC_OK;
}

/* Gives up the constants of the graph that the backend has just packed, and will find packed for any other size. */
static void drop_packed(mc_network *network) {
  mc_graph *graph = network->graph;
  for (size_t i = 0; i < graph->node_count; i++) {
    mc_node *node = &graph->nodes[i];
    /* How a ConvTranspose is packed can depend on the size. */
    if (node->op == NULL || node->filter == NULL || node->op->lower == mc_lower_deconvolution) continue;
    const float *elements = node->filter->floats;
    float *packed = mc_weights_take(network->weights, elements);
    if (packed == NULL) continue;
    for (size_t k = 0; k < network->plan->tensor_count; k++) {
      if (network->plan->tensors[k].data == elements) network->plan->tensors[k].data = packed;
    }
    mc_pack_replace(graph, node, packed);
  }
}

/* Makes the backend compute `plan`, which it takes over: with the runtime there is, if only shapes have changed. */
static mc_status set_plan(mc_network *network, mc_plan *plan, mc_message *message) {
  mc_status status = MC_OK;
  if (network->plan != NULL && mc_plan_same_but_shapes(network->plan, plan)) {
    for (size_t i = 0; i < plan->tensor_count; i++) network->plan->tensors[i].shape = plan->tensors[i].shape;
    network->plan->macs = plan->macs;
    mc_plan_destroy(plan);
  } else {
    mc_plan *old = network->plan;
    network->plan = plan;
    status = mc_backend_load(network->backend, plan);
    mc_plan_destroy(old);
    if (status == MC_OK) drop_packed(network);
  }
  if (status == MC_OK) status = mc_backend_set(network->backend, network->plan, network->buffers);
  if (status == MC_OK) {
    if (network->plan->spends_input) network->tensors[0].data = mc_backend_spent_input(network->backend);
    return MC_OK;
  }
  mc_plan_destroy(network->plan);
  network->plan = NULL;
  if (status == MC_ERROR_OUT_OF_MEMORY) return no_memory(message);
  return mc_report(message, status, "the backend refuses the network");
}

static bool has_all_sizes(const mc_network *network) {
  for (size_t i = 0; i < network->graph->input_count; i++) {
    for (size_t k = 0; k < network->shapes[i].rank; k++) {
      if (network->shapes[i].dims[k] == 0) return false;
    }
  }
  return true;
}

/* Works everything out for network->shapes, once all are known. */
static mc_status update(mc_network *network, mc_message *message) {
  network->ready = false;
  if (!has_all_sizes(network)) return MC_OK;
  mc_plan *plan = NULL;
  mc_lowered *lowered = calloc(port_count(network), sizeof *lowered);
  if (lowered == NULL) return no_memory(message);
  mc_status status =
      mc_lower(network->graph, network->shapes, message, lowered, lowered + network->graph->input_count, &plan);
  if (status == MC_OK) {
    plan->spends_input = network->spends_input && mc_plan_can_spend_input(plan);
    status = set_tensors(network, lowered, plan->spends_input, message);
    if (status != MC_OK) mc_plan_destroy(plan);
  }
  free(lowered);
  if (status == MC_OK) status = set_plan(network, plan, message);
  network->ready = status == MC_OK;
  return status;
}

/* What is known of the inputs and outputs before any size is; false when out of memory. */
static bool make_tensors(mc_network *network) {
  const mc_graph *graph = network->graph;
  const size_t ports = port_count(network);
  network->shapes = calloc(graph->input_count, sizeof *network->shapes);
  network->tensors = calloc(ports, sizeof *network->tensors);
  network->buffers = calloc(ports, sizeof *network->buffers);
  network->buffer_elements = calloc(ports, sizeof *network->buffer_elements);
  if (network->shapes == NULL || network->tensors == NULL || network->buffers == NULL ||
      network->buffer_elements == NULL) {
    return false;
  }
  for (size_t i = 0; i < graph->input_count; i++) {
    const mc_port *port = &graph->inputs[i];
    network->shapes[i].rank = port->rank;
    memcpy(network->shapes[i].dims, port->dims, sizeof port->dims);
    network->tensors[i] = (mc_tensor){.name = port->name, .rank = port->rank};
    memcpy(network->tensors[i].dims, port->dims, sizeof port->dims);
    memcpy(network->tensors[i].stored, mc_order_rows, sizeof network->tensors[i].stored);
  }
  for (size_t i = 0; i < graph->output_count; i++) {
    network->tensors[graph->input_count + i].name = graph->outputs[i].name;
  }
  return true;
}

/* From the graph on. */
static mc_status start(mc_network *network, mc_message *message) {
  const mc_status status = mc_backend_create(network->weights, &network->backend);
  if (status != MC_OK) return mc_report(message, status, "the backend does not start");
  return make_tensors(network) ? update(network, message) : no_memory(message);
}

mc_status mc_network_create(const void *model, size_t model_bytes, mc_message *message, mc_network **network) {
  if (message != NULL) message->text[0] = '\0';
  if (model == NULL || network == NULL) return mc_report(message, MC_ERROR_INVALID_ARGUMENT, "no model");
  mc_network *made = calloc(1, sizeof *made);
  if (made == NULL) return no_memory(message);
  made->weights = &made->own;
  mc_weights_init(made->weights);
  mc_status status = mc_onnx_read(model, model_bytes, message, &made->graph);
  if (status == MC_OK) status = mc_graph_simplify(made->graph, message);
  if (status == MC_OK) status = start(made, message);
  if (status != MC_OK) {
    mc_network_destroy(made);
    return status;
  }
  *network = made;
  return MC_OK;
}

mc_status mc_network_create_twin(const mc_network *network, mc_network **twin) {
  mc_network *made = calloc(1, sizeof *made);
  if (made == NULL) return MC_ERROR_OUT_OF_MEMORY;
  made->graph = network->graph;
  made->weights = network->weights;
  made->is_twin = true;
  made->spends_input = network->spends_input;
  const mc_status status = start(made, NULL);
  if (status != MC_OK) {
    mc_network_destroy(made);
    return status;
  }
  *twin = made;
  return MC_OK;
}

mc_status mc_network_resize(mc_network *network, size_t index, const size_t *dims, size_t rank, mc_message *message) {
  if (message != NULL) message->text[0] = '\0';
  if (network == NULL || dims == NULL || index >= network->graph->input_count ||
      rank != network->graph->inputs[index].rank) {
    return mc_report(message, MC_ERROR_INVALID_ARGUMENT, "no such input, or another rank");
  }
  const mc_port *port = &network->graph->inputs[index];
  mc_shape *shape = &network->shapes[index];
  bool same = true;
  for (size_t i = 0; i < rank; i++) {
    if (dims[i] == 0 || dims[i] > MC_MAX_ELEMENTS || (port->dims[i] != 0 && port->dims[i] != dims[i])) {
      return mc_report(message, MC_ERROR_INVALID_ARGUMENT, "input '%.72s': axis %zu cannot have size %zu", port->name, i,
                       dims[i]);
    }
    same = same && shape->dims[i] == dims[i];
  }
  if (same && network->ready) return MC_OK;
  memcpy(shape->dims, dims, rank * sizeof *dims);
  return update(network, message);
}

void mc_network_spend_input(mc_network *network) { network->spends_input = true; }

size_t mc_network_input_count(const mc_network *network) { return network->graph->input_count; }

size_t mc_network_output_count(const mc_network *network) { return network->graph->output_count; }

const mc_tensor *mc_network_input(const mc_network *network, size_t index) { return &network->tensors[index]; }

const mc_tensor *mc_network_output(const mc_network *network, size_t index) {
  return &network->tensors[network->graph->input_count + index];
}

const char *mc_network_metadata(const mc_network *network, const char *key) {
  for (size_t i = 0; i < network->graph->metadata_count; i++) {
    if (strcmp(network->graph->metadata[i].key, key) == 0) return network->graph->metadata[i].value;
  }
  return NULL;
}

mc_status mc_network_run(mc_network *network) {
  if (network == NULL || !network->ready) return MC_ERROR_INVALID_ARGUMENT;
  return mc_backend_run(network->backend);
}

uint64_t mc_network_macs(const mc_network *network) { return network->ready ? network->plan->macs : 0; }

void mc_network_destroy(mc_network *network) {
  if (network == NULL) return;
  mc_backend_destroy(network->backend);
  mc_plan_destroy(network->plan);
  for (size_t i = 0; network->buffers != NULL && i < port_count(network); i++) free(network->buffers[i]);
  free(network->buffers);
  free(network->buffer_elements);
  free(network->tensors);
  free(network->shapes);
  mc_weights_destroy(&network->own);
  if (!network->is_twin) mc_graph_destroy(network->graph);
  free(network);
}
