/* Picture files decoded, and what their pixels are. */
#ifndef SUPPORT_DECODING_H
#define SUPPORT_DECODING_H

#include "maskcheck.h"
#include "support_files.h"

/* Decodes a copy of exactly that size, so that the sanitizer sees a read too many. */
mc_status decode(const uint8_t *bytes, size_t size, mc_picture *picture);

/* Decodes a file that has to be good, and frees it. */
mc_picture decode_good(file made);

void assert_color(const mc_picture *picture, uint32_t x, uint32_t y, int red, int green, int blue, int slack);

#endif
