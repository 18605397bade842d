#include "cli_output.h"

#include <math.h>
#include <string.h>

enum { PX_DECIMALS = 3, SHARE_DECIMALS = 6, MS_DECIMALS = 3 };

/* Halves go away from zero, as the Node program's do, where printf takes the even neighbour. What is printed comes from float32:
 * only halves are moved over one, and from 2^24 on there are none. */
static double halves_up(double value) {
  return value == 0.0 || fabs(value) >= 0x1p24 ? value : nextafter(value, copysign(INFINITY, value));
}

/* The program never sets a locale, so the decimal point is a point. */
static void print_number(FILE *out, double value, int decimals) {
  char text[64];
  (void)snprintf(text, sizeof(text), "%.*f", decimals, halves_up(value));
  size_t length = strlen(text);
  while (length > 0 && text[length - 1] == '0') length--;
  if (length > 0 && text[length - 1] == '.') length--;
  text[length] = '\0';
  (void)fputs(strcmp(text, "-0") == 0 ? "0" : text, out);
}

/* Bytes of the well-formed UTF-8 character at text; 0: none starts here. */
static size_t character_bytes(const unsigned char *text) {
  if (text[0] < 0x80) return 1;
  const size_t bytes = text[0] >= 0xF0 ? 4 : text[0] >= 0xE0 ? 3 : 2;
  if (text[0] < 0xC2 || text[0] > 0xF4) return 0;
  for (size_t i = 1; i < bytes; i++) {
    if ((text[i] & 0xC0) != 0x80) return 0; /* the NUL at the end too */
  }
  if (text[0] == 0xE0 && text[1] < 0xA0) return 0; /* overlong */
  if (text[0] == 0xED && text[1] > 0x9F) return 0; /* surrogate */
  if (text[0] == 0xF0 && text[1] < 0x90) return 0;
  if (text[0] == 0xF4 && text[1] > 0x8F) return 0;
  return bytes;
}

static const char replacement[] = "\xEF\xBF\xBD";

void mc_cli_print_json_string(FILE *out, const char *text) {
  (void)fputc('"', out);
  for (const unsigned char *at = (const unsigned char *)text; *at != '\0';) {
    const size_t bytes = character_bytes(at);
    if (bytes == 0) {
      (void)fputs(replacement, out);
      at++;
      continue;
    }
    if (*at == '"' || *at == '\\') {
      (void)fprintf(out, "\\%c", *at);
    } else if (*at < 0x20) {
      (void)fprintf(out, "\\u%04x", *at);
    } else {
      (void)fwrite(at, 1, bytes, out);
    }
    at += bytes;
  }
  (void)fputc('"', out);
}

void mc_cli_print_name(FILE *out, const char *text) {
  for (const unsigned char *at = (const unsigned char *)text; *at != '\0';) {
    const size_t bytes = character_bytes(at);
    const bool is_c1 = bytes == 2 && at[0] == 0xC2 && at[1] <= 0x9F; /* U+0080 to U+009F, controls as well */
    if (bytes == 0) {
      (void)fputs(replacement, out);
    } else if (at[0] < 0x20 || at[0] == 0x7F || is_c1) {
      (void)fputc('?', out);
    } else {
      (void)fwrite(at, 1, bytes, out);
    }
    at += bytes == 0 ? 1 : bytes;
  }
}

bool mc_cli_complain(const char *name, const char *reason) {
  (void)fputs("maskcheck: ", stderr);
  mc_cli_print_name(stderr, name);
  (void)fprintf(stderr, ": %s\n", reason);
  return false;
}

static void print_field(FILE *out, const char *name, double value, int decimals) {
  (void)fputs(name, out);
  print_number(out, value, decimals);
}

static void print_face(FILE *out, const mc_face *face) {
  print_field(out, "{\"box\":{\"x\":", (double)face->box.x, PX_DECIMALS);
  print_field(out, ",\"y\":", (double)face->box.y, PX_DECIMALS);
  print_field(out, ",\"width\":", (double)face->box.width, PX_DECIMALS);
  print_field(out, ",\"height\":", (double)face->box.height, PX_DECIMALS);
  print_field(out, "},\"score\":", (double)face->score, SHARE_DECIMALS);
  (void)fprintf(out, ",\"mask\":{\"value\":\"%s\"", mc_label_name(face->label));
  print_field(out, ",\"probability\":", (double)face->probabilities[face->label], SHARE_DECIMALS);
  (void)fputs("},\"probabilities\":{", out);
  for (int i = 0; i < MC_LABEL_COUNT; i++) {
    (void)fprintf(out, "%s\"%s\":", i == 0 ? "" : ",", mc_label_name((mc_label)i));
    print_number(out, (double)face->probabilities[i], SHARE_DECIMALS);
  }
  (void)fprintf(out, "},\"uncertain\":%s}", face->uncertain ? "true" : "false");
}

void mc_cli_print_json(FILE *out, const char *file, uint32_t width_px, uint32_t height_px, const mc_result *result) {
  (void)fputs("{\"file\":", out);
  mc_cli_print_json_string(out, file);
  (void)fprintf(out, ",\"width\":%lu,\"height\":%lu,\"faces\":[", (unsigned long)width_px, (unsigned long)height_px);
  for (size_t i = 0; i < result->face_count; i++) {
    if (i > 0) (void)fputc(',', out);
    print_face(out, &result->faces[i]);
  }
  print_field(out, "],\"timings\":{\"preprocess\":", result->timings.preprocess_ms, MS_DECIMALS);
  print_field(out, ",\"faces\":", result->timings.faces_ms, MS_DECIMALS);
  print_field(out, ",\"masks\":", result->timings.masks_ms, MS_DECIMALS);
  print_field(out, ",\"total\":", result->timings.total_ms, MS_DECIMALS);
  (void)fputs("}}\n", out);
}

void mc_cli_print_text(FILE *out, const char *file, const mc_result *result) {
  if (result->face_count == 0) {
    mc_cli_print_name(out, file);
    (void)fputs(": no face\n", out);
  }
  for (size_t i = 0; i < result->face_count; i++) {
    const mc_face *face = &result->faces[i];
    mc_cli_print_name(out, file);
    (void)fprintf(out, ": %s %.3f at %.0f,%.0f %.0fx%.0f, face %.3f%s\n", mc_label_name(face->label),
            halves_up((double)face->probabilities[face->label]), halves_up((double)face->box.x),
            halves_up((double)face->box.y), halves_up((double)face->box.width), halves_up((double)face->box.height),
            halves_up((double)face->score), face->uncertain ? ", uncertain" : "");
  }
}
