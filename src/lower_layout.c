/* Operators that move elements around, or only say differently what they are. */
#include <string.h>

#include "fold.h"
#include "lower.h"

/* Tries to see a reshape as relabelling: both shapes are cut into runs of axes with the same number of elements; where the
 * axes of each run of the input lie next to each other and in order, the result lies in a known order without any move. */
static bool relabel(const mc_lowered *in, const mc_shape *out, size_t order[MC_MAX_RANK]) {
  size_t run_of[MC_MAX_RANK] = {0};    /* of each input axis */
  size_t first[MC_MAX_RANK + 2] = {0}; /* output axis at which each run starts; a scalar has a run, too */
  size_t runs = 0;
  size_t i = 0;
  size_t j = 0;
  while (i < in->shape.rank || j < out->rank) {
    size_t left = 1;
    size_t right = 1;
    first[runs] = j;
    do { /* the shorter side grows until both hold as many elements */
      if (j >= out->rank || (i < in->shape.rank && left <= right)) {
        run_of[i] = runs;
        left *= in->shape.dims[i++];
      } else {
        right *= out->dims[j++];
      }
    } while (left != right && (i < in->shape.rank || j < out->rank));
    /* Axes of size 1 that follow belong to this run. */
    while (i < in->shape.rank && in->shape.dims[i] == 1) run_of[i++] = runs;
    while (j < out->rank && out->dims[j] == 1) j++;
    first[++runs] = j;
  }
  /* Runs in the order in which they lie; axes of size 1 lie anywhere. */
  size_t count = 0;
  bool placed[MC_MAX_RANK + 1] = {false};
  size_t last_axis = 0;
  size_t last_run = MC_NONE;
  for (size_t k = 0; k < in->shape.rank; k++) {
    const size_t axis = in->order[k];
    if (in->shape.dims[axis] == 1) continue;
    const size_t run = run_of[axis];
    if (run == last_run) {
      if (axis < last_axis) return false;
    } else {
      if (placed[run]) return false;
      placed[run] = true;
      for (size_t axis_out = first[run]; axis_out < first[run + 1]; axis_out++) order[count++] = axis_out;
    }
    last_run = run;
    last_axis = axis;
  }
  for (size_t run = 0; run < runs; run++) { /* those with nothing but axes of size 1 */
    if (placed[run]) continue;
    for (size_t axis_out = first[run]; axis_out < first[run + 1]; axis_out++) order[count++] = axis_out;
  }
  return true;
}

mc_status mc_lower_reshape(mc_lowering *lowering, const mc_node *node) {
  const mc_lowered *in = mc_lower_input(lowering, node, 0);
  const mc_constant *argument = NULL;
  mc_shape shape;
  MC_TRY(mc_lower_constant(lowering, node, 1, &argument));
  MC_TRY(mc_shape_reshape(node, &in->shape, argument, lowering->message, &shape));
  size_t order[MC_MAX_RANK] = {0};
  uint32_t tensor = in->tensor;
  if (in->constant == NULL && relabel(in, &shape, order)) return mc_lower_result(lowering, node, &shape, order, tensor);
  MC_TRY(mc_lower_arrange(lowering, node, in, mc_order_rows, &tensor));
  return mc_lower_result(lowering, node, &shape, mc_order_rows, tensor);
}

mc_status mc_lower_transpose(mc_lowering *lowering, const mc_node *node) {
  const mc_lowered *in = mc_lower_input(lowering, node, 0);
  size_t perm[MC_MAX_RANK];
  size_t order[MC_MAX_RANK] = {0};
  uint32_t tensor = in->tensor;
  MC_TRY(mc_shape_transpose(node, in->shape.rank, lowering->message, perm));
  if (in->constant != NULL) MC_TRY(mc_lower_arrange(lowering, node, in, in->order, &tensor));
  for (size_t i = 0; i < in->shape.rank; i++) {
    while (perm[order[i]] != in->order[i]) order[i]++; /* what axis order[i] is called now */
  }
  const mc_shape shape = mc_memory_shape(&in->shape, perm);
  return mc_lower_result(lowering, node, &shape, order, tensor);
}

mc_status mc_lower_cast(mc_lowering *lowering, const mc_node *node) {
  const mc_lowered *in = mc_lower_input(lowering, node, 0);
  int64_t to = 0;
  MC_TRY(mc_attribute_int(node, "to", &to, lowering->message));
  if (to != 1 || in->constant != NULL) {
    return mc_node_report(lowering->message, node, MC_ERROR_MODEL_UNSUPPORTED, "attribute 'to' is %lld", (long long)to);
  }
  return mc_lower_result(lowering, node, &in->shape, in->order, in->tensor);
}

mc_status mc_lower_shape(mc_lowering *lowering, const mc_node *node) {
  const mc_lowered *in = mc_lower_input(lowering, node, 0);
  mc_constant *dims = NULL;
  MC_TRY(mc_fold_shape(&lowering->plan->arena, node, in->shape.rank, in->shape.dims, lowering->message, &dims));
  mc_lower_known(lowering, node, dims);
  return MC_OK;
}

mc_status mc_lower_concat(mc_lowering *lowering, const mc_node *node) {
  const mc_lowered *first = mc_lower_input(lowering, node, 0);
  size_t axis = 0;
  MC_TRY(mc_attribute_axis(node, MC_NO_DEFAULT, first->shape.rank, &axis, lowering->message));
  /* All are brought into the order of the first that is not constant. */
  const size_t *order = mc_order_rows;
  for (size_t i = node->input_count; i-- > 0;) {
    const mc_lowered *in = mc_lower_input(lowering, node, i);
    if (in->shape.rank != first->shape.rank) {
      return mc_node_report(lowering->message, node, MC_ERROR_MODEL_INVALID, "input %zu has another rank", i);
    }
    if (in->constant == NULL) order = in->order;
  }
  size_t memory_axis = 0;
  while (order[memory_axis] != axis) memory_axis++;

  mc_shape shape = first->shape;
  uint32_t tensor = MC_NONE;
  mc_plan_op op = mc_lower_op(MC_PLAN_CONCAT, MC_NONE);
  op.input_count = 0;
  for (size_t i = 0; i < node->input_count; i++) {
    const mc_lowered *in = mc_lower_input(lowering, node, i);
    if (i > 0) MC_TRY(mc_shape_concat(node, &in->shape, i, axis, lowering->message, &shape));
    MC_TRY(mc_lower_arrange(lowering, node, in, order, &op.inputs[op.input_count]));
    tensor = op.inputs[op.input_count++];
    /* The backend takes five at a time: what there is becomes the first of the next five. */
    if (op.input_count > 1 && (op.input_count == MC_PLAN_MAX_INPUTS || i + 1 == node->input_count)) {
      const mc_shape memory = mc_memory_shape(&shape, order);
      op.rank = 1;
      op.axes[0] = memory_axis;
      MC_TRY(mc_lower_emit(lowering, node, &op, &memory, &tensor));
      op = mc_lower_op(MC_PLAN_CONCAT, tensor);
    }
  }
  return mc_lower_result(lowering, node, &shape, order, tensor);
}

/* `sizes` elements of each ONNX axis from `start` on become output `index`. */
static mc_status slice(mc_lowering *lowering, const mc_node *node, const mc_lowered *in, const mc_shape *shape,
                       const int64_t *start, size_t index) {
  uint32_t tensor = MC_NONE;
  MC_TRY(mc_lower_arrange(lowering, node, in, in->order, &tensor));
  const mc_shape memory = mc_memory_shape(shape, in->order);
  bool whole = true;
  mc_plan_op op = mc_lower_op(MC_PLAN_SLICE, tensor);
  op.rank = (uint32_t)memory.rank;
  for (size_t i = 0; i < memory.rank; i++) {
    const size_t axis = in->order[i];
    op.begin[i] = (size_t)start[axis];
    /* 0 stands for all there is: a plan for another batch size is then the same plan. */
    op.sizes[i] = shape->dims[axis] == in->shape.dims[axis] ? 0 : shape->dims[axis];
    whole = whole && op.sizes[i] == 0;
  }
  if (!whole) MC_TRY(mc_lower_emit(lowering, node, &op, &memory, &tensor));
  return mc_lower_nth_result(lowering, node, index, shape, in->order, tensor);
}

/* XNNPACK has no steps: [.., count * step, ..] is seen as [.., count, step, ..], of which the first of each step is taken. */
mc_status mc_lower_steps(mc_lowering *lowering, const mc_node *node, size_t axis, size_t begin, size_t step, size_t count,
                         uint32_t *tensor) {
  mc_shape shape = lowering->plan->tensors[*tensor].shape;
  const size_t size = shape.dims[axis];
  const uint64_t span = (uint64_t)count * step;
  if (begin == 0 && span == size && step == 1) return MC_OK;
  if (span > MC_MAX_ELEMENTS || (step != 1 && shape.rank == MC_MAX_RANK)) {
    return mc_node_report(lowering->message, node, MC_ERROR_MODEL_UNSUPPORTED, "steps of %zu over %zu axes", step, shape.rank);
  }
  const size_t there = span < size - begin ? (size_t)span : size - begin;
  if (there != size) {
    mc_plan_op op = mc_lower_op(MC_PLAN_SLICE, *tensor);
    op.rank = (uint32_t)shape.rank;
    op.begin[axis] = begin;
    op.sizes[axis] = shape.dims[axis] = there;
    MC_TRY(mc_lower_emit(lowering, node, &op, &shape, tensor));
  }
  if (there != span) {
    mc_plan_op op = mc_lower_op(MC_PLAN_PAD, *tensor);
    op.rank = (uint32_t)shape.rank;
    op.end[axis] = (size_t)span - there;
    shape.dims[axis] = (size_t)span;
    MC_TRY(mc_lower_emit(lowering, node, &op, &shape, tensor));
  }
  if (step == 1) return MC_OK;
  mc_shape split = {.rank = shape.rank + 1};
  for (size_t i = 0; i < split.rank; i++) {
    split.dims[i] = i < axis ? shape.dims[i] : i == axis ? count : i == axis + 1 ? step : shape.dims[i - 1];
  }
  MC_TRY(mc_lower_view(lowering, node, *tensor, &split, tensor));
  mc_plan_op op = mc_lower_op(MC_PLAN_SLICE, *tensor);
  op.rank = (uint32_t)split.rank;
  op.sizes[axis + 1] = split.dims[axis + 1] = 1;
  MC_TRY(mc_lower_emit(lowering, node, &op, &split, tensor));
  shape.dims[axis] = count;
  return mc_lower_view(lowering, node, *tensor, &shape, tensor);
}

mc_status mc_lower_slice(mc_lowering *lowering, const mc_node *node) {
  const mc_lowered *in = mc_lower_input(lowering, node, 0);
  const mc_constant *arguments[4] = {NULL}; /* starts, ends, axes, steps */
  int64_t start[MC_MAX_RANK];
  int64_t step[MC_MAX_RANK];
  mc_shape shape;
  for (size_t i = 0; i < 4; i++) MC_TRY(mc_lower_constant(lowering, node, 1 + i, &arguments[i]));
  MC_TRY(mc_shape_slice(node, &in->shape, arguments[0], arguments[1], arguments[2], arguments[3], lowering->message,
                        &shape, start, step));
  bool stepped = false;
  for (size_t i = 0; i < shape.rank; i++) {
    if (step[i] < 1 || shape.dims[i] == 0) {
      return mc_node_report(lowering->message, node, MC_ERROR_MODEL_UNSUPPORTED, "%s on axis %zu",
                            step[i] < 1 ? "steps backwards" : "nothing left", i);
    }
    stepped = stepped || step[i] != 1;
  }
  if (!stepped) return slice(lowering, node, in, &shape, start, 0);
  uint32_t tensor = MC_NONE;
  MC_TRY(mc_lower_arrange(lowering, node, in, in->order, &tensor));
  for (size_t i = 0; i < shape.rank; i++) {
    const size_t axis = in->order[i];
    MC_TRY(mc_lower_steps(lowering, node, i, (size_t)start[axis], (size_t)step[axis], shape.dims[axis], &tensor));
  }
  return mc_lower_result(lowering, node, &shape, in->order, tensor);
}

mc_status mc_lower_split(mc_lowering *lowering, const mc_node *node) {
  const mc_lowered *in = mc_lower_input(lowering, node, 0);
  const mc_constant *sizes = NULL;
  size_t axis = 0;
  MC_TRY(mc_lower_constant(lowering, node, 1, &sizes));
  MC_TRY(mc_attribute_axis(node, 0, in->shape.rank, &axis, lowering->message));
  if (node->output_count == 0) return MC_OK;
  if (sizes != NULL && !sizes->is_int) {
    return mc_node_report(lowering->message, node, MC_ERROR_MODEL_INVALID, "the sizes must be integers");
  }
  const mc_attribute *listed = mc_attribute_find(node, "split"); /* before operator set 13 */
  if (listed != NULL && listed->kind != MC_ATTRIBUTE_INTS) {
    return mc_node_report(lowering->message, node, MC_ERROR_MODEL_INVALID, "attribute 'split' has the wrong type");
  }
  const int64_t *given = sizes != NULL ? sizes->ints : listed != NULL ? listed->ints : NULL;
  const size_t given_count = sizes != NULL ? sizes->count : listed != NULL ? listed->count : node->output_count;
  const size_t even = (in->shape.dims[axis] + node->output_count - 1) / node->output_count;
  int64_t parts = (int64_t)node->output_count;
  MC_TRY(mc_attribute_int(node, "num_outputs", &parts, lowering->message));
  /* Only since operator set 18 the last part may be smaller. */
  const bool is_uneven = given == NULL && lowering->graph->opset < 18 && even * node->output_count != in->shape.dims[axis];
  if (parts != (int64_t)node->output_count || is_uneven) {
    return mc_node_report(lowering->message, node, MC_ERROR_MODEL_INVALID, "%zu outputs do not fit axis %zu of %zu",
                          node->output_count, axis, in->shape.dims[axis]);
  }
  int64_t start[MC_MAX_RANK] = {0};
  mc_shape shape = in->shape;
  size_t left = in->shape.dims[axis];
  for (size_t i = 0; i < node->output_count; i++) {
    const int64_t size = given == NULL ? (int64_t)(even < left ? even : left) : i < given_count ? given[i] : 0;
    if (size < 1 || (uint64_t)size > left || given_count != node->output_count) {
      return mc_node_report(lowering->message, node, MC_ERROR_MODEL_INVALID, "the parts do not fit axis %zu", axis);
    }
    shape.dims[axis] = (size_t)size;
    MC_TRY(slice(lowering, node, in, &shape, start, i));
    start[axis] += size;
    left -= (size_t)size;
  }
  if (left != 0) return mc_node_report(lowering->message, node, MC_ERROR_MODEL_INVALID, "the parts do not fill axis %zu", axis);
  return MC_OK;
}

mc_status mc_lower_pad(mc_lowering *lowering, const mc_node *node) {
  const mc_lowered *in = mc_lower_input(lowering, node, 0);
  const mc_constant *pads = NULL;
  const mc_constant *value = NULL;
  const mc_constant *argument = NULL;
  const char *mode = "constant";
  size_t axes[MC_MAX_RANK];
  size_t count = 0;
  MC_TRY(mc_attribute_string(node, "mode", &mode, lowering->message));
  MC_TRY(mc_lower_constant(lowering, node, 1, &pads));
  MC_TRY(mc_lower_constant(lowering, node, 2, &value));
  MC_TRY(mc_lower_constant(lowering, node, 3, &argument));
  if (argument != NULL) {
    MC_TRY(mc_shape_axes(node, argument, in->shape.rank, lowering->message, axes, &count));
  } else {
    for (; count < in->shape.rank; count++) axes[count] = count;
  }
  if (strcmp(mode, "constant") != 0) {
    return mc_node_report(lowering->message, node, MC_ERROR_MODEL_UNSUPPORTED, "attribute 'mode' is '%.40s'", mode);
  }
  if (pads == NULL || !pads->is_int || pads->count != 2 * count ||
      (value != NULL && (value->is_int || value->count != 1))) {
    return mc_node_report(lowering->message, node, MC_ERROR_MODEL_INVALID, "pads or value do not fit the input");
  }
  uint32_t tensor = MC_NONE;
  MC_TRY(mc_lower_arrange(lowering, node, in, in->order, &tensor));
  mc_shape shape = in->shape;
  mc_plan_op op = mc_lower_op(MC_PLAN_PAD, tensor);
  op.rank = (uint32_t)shape.rank;
  op.clamp_min = value != NULL ? value->floats[0] : 0;
  for (size_t k = 0; k < count; k++) {
    size_t memory_axis = 0;
    while (in->order[memory_axis] != axes[k]) memory_axis++;
    const int64_t begin = pads->ints[k];
    const int64_t end = pads->ints[count + k];
    if (begin < 0 || end < 0 || begin > (int64_t)MC_MAX_ELEMENTS || end > (int64_t)MC_MAX_ELEMENTS) {
      return mc_node_report(lowering->message, node, MC_ERROR_MODEL_UNSUPPORTED, "padding by %lld and %lld",
                            (long long)begin, (long long)end);
    }
    op.begin[memory_axis] = (size_t)begin;
    op.end[memory_axis] = (size_t)end;
    shape.dims[axes[k]] += (size_t)begin + (size_t)end;
  }
  const mc_shape memory = mc_memory_shape(&shape, in->order);
  MC_TRY(mc_lower_emit(lowering, node, &op, &memory, &tensor));
  return mc_lower_result(lowering, node, &shape, in->order, tensor);
}
