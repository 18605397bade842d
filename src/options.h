/* Checking mc_options and filling in the models' own values. Internal. */
#ifndef MC_OPTIONS_H
#define MC_OPTIONS_H

#include "metadata.h"

/* MC_ERROR_INVALID_ARGUMENT: a field is not a number or out of its range. NULL options: all defaults. */
mc_status mc_options_resolve(const mc_options *options, const mc_face_model *face, const mc_mask_model *mask,
                             mc_options *resolved);

#endif
