/* Building an mc_message. Internal. NULL messages are fine everywhere. */
#ifndef MC_MESSAGE_H
#define MC_MESSAGE_H

#include "maskcheck.h"

void mc_message_clear(mc_message *message);

/* Appends text, control characters replaced by '?'. What does not fit is cut off, never inside a UTF-8 character. */
void mc_message_add(mc_message *message, const char *text);

/* Puts text before what is there. */
void mc_message_prefix(mc_message *message, const char *text);

/* Replaces what is there by text; returns status. */
mc_status mc_refuse(mc_message *message, mc_status status, const char *text);

#endif
