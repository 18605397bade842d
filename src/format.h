/* Text with numbers in it, for messages. Internal.
 *
 * C's own vsnprintf is not used for them: its floating point and wide characters are a twentieth of what a page downloads. */
#ifndef MC_FORMAT_H
#define MC_FORMAT_H

#include <stdarg.h>
#include <stddef.h>

/* Like vsnprintf, with %s, %.<digits>s, %d, %zu and %lld alone; a conversion that is not known ends the text. Writes at most
 * `capacity` >= 1 bytes with the final zero, and returns how long the text is, what was cut off not counted. */
size_t mc_format(char *text, size_t capacity, const char *format, va_list arguments)
    __attribute__((format(printf, 3, 0)));

#endif
