#include "message.h"

#include <string.h>

void mc_message_clear(mc_message *message) {
  if (message != NULL) memset(message->text, 0, sizeof(message->text));
}

void mc_message_add(mc_message *message, const char *text) {
  if (message == NULL) return;
  size_t length = strlen(message->text);
  const size_t limit = sizeof(message->text) - 1;
  for (; *text != '\0' && length < limit; text++) {
    const unsigned char byte = (unsigned char)*text;
    const bool control = byte < 0x20 || byte == 0x7F;
    message->text[length++] = (char)(control ? '?' : *text);
  }
  if (*text != '\0') {
    /* Cut: text stands at the first byte left out. If that is a continuation byte, its character goes as a whole. */
    if (((unsigned char)*text & 0xC0) == 0x80) {
      while (length > 0 && ((unsigned char)message->text[length - 1] & 0xC0) == 0x80) length--;
      if (length > 0) length--;
    }
  }
  message->text[length] = '\0';
}

void mc_message_prefix(mc_message *message, const char *text) {
  if (message == NULL) return;
  const mc_message rest = *message;
  mc_message_clear(message);
  mc_message_add(message, text);
  mc_message_add(message, rest.text);
}

mc_status mc_refuse(mc_message *message, mc_status status, const char *text) {
  mc_message_clear(message);
  mc_message_add(message, text);
  return status;
}
