#include "metadata.h"

#include <math.h>
#include <string.h>

#include "message.h"

/* --- Text -------------------------------------------------------------------------------------------------------- */

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static void skip_spaces(const char **at) {
  while (**at == ' ') (*at)++;
}

/* [+-] digits [. digits] [e [+-] digits]; strtod would follow the process's locale. */
static bool parse_number(const char **at, double *number) {
  const char *c = *at;
  const bool negative = *c == '-';
  if (*c == '-' || *c == '+') c++;
  double mantissa = 0.0;
  int exponent = 0;
  bool digits = false;
  for (; is_digit(*c); c++, digits = true) mantissa = mantissa * 10.0 + (double)(*c - '0');
  if (*c == '.') {
    for (c++; is_digit(*c) && exponent > -400; c++, digits = true) {
      mantissa = mantissa * 10.0 + (double)(*c - '0');
      exponent--;
    }
  }
  if (!digits) return false;
  if (*c == 'e' || *c == 'E') {
    c++;
    const int sign = *c == '-' ? -1 : 1;
    if (*c == '-' || *c == '+') c++;
    if (!is_digit(*c)) return false;
    int power = 0;
    for (; is_digit(*c); c++) power = power < 1000 ? power * 10 + (*c - '0') : power;
    exponent += sign * power;
  }
  const double value = exponent < 0 ? mantissa / pow(10.0, -exponent) : mantissa * pow(10.0, exponent);
  *number = negative ? -value : value;
  *at = c;
  return true;
}

bool mc_metadata_parse_numbers(const char *text, size_t count, double *numbers) {
  for (size_t i = 0; i < count; i++) {
    skip_spaces(&text);
    if (!parse_number(&text, &numbers[i]) || !isfinite(numbers[i])) return false;
    skip_spaces(&text);
    const char expected = i + 1 < count ? ',' : '\0';
    if (*text != expected) return false;
    if (expected != '\0') text++;
  }
  return true;
}

/* --- Keys -------------------------------------------------------------------------------------------------------- */

/* One model's metadata and where complaints go; after the first complaint, status stays. */
typedef struct mc_reader {
  const mc_network *network;
  mc_message *message;
  mc_status status;
} mc_reader;

static void complain(mc_reader *reader, mc_status status, const char *key, const char *expected) {
  if (reader->status != MC_OK) return;
  reader->status = status;
  mc_message_clear(reader->message);
  mc_message_add(reader->message, "metadata '");
  mc_message_add(reader->message, key);
  mc_message_add(reader->message, "': ");
  mc_message_add(reader->message, expected);
}

/* A missing key leaves the default that is in numbers. */
static void read_numbers(mc_reader *reader, const char *key, size_t count, double low, double high, double *numbers,
                         const char *expected) {
  const char *text = mc_network_metadata(reader->network, key);
  if (text == NULL) return;
  double read[MC_HEAD_COUNT];
  bool good = mc_metadata_parse_numbers(text, count, read);
  for (size_t i = 0; good && i < count; i++) good = read[i] >= low && read[i] <= high;
  if (good) {
    memcpy(numbers, read, count * sizeof(*read));
  } else {
    complain(reader, MC_ERROR_MODEL_INVALID, key, expected);
  }
}

static double read_number(mc_reader *reader, const char *key, double low, double high, double number,
                          const char *expected) {
  read_numbers(reader, key, 1, low, high, &number, expected);
  return number;
}

static uint32_t read_whole(mc_reader *reader, const char *key, double low, double high, double step, double number,
                           const char *expected) {
  const double read = read_number(reader, key, low, high, number, expected);
  if (fmod(read, step) != 0.0) complain(reader, MC_ERROR_MODEL_INVALID, key, expected);
  return (uint32_t)read;
}

/* Index of the value among the choices, 0 if the key is missing. */
static size_t read_choice(mc_reader *reader, const char *key, const char *const *choices, size_t count,
                          const char *expected) {
  const char *text = mc_network_metadata(reader->network, key);
  if (text == NULL) return 0;
  for (size_t i = 0; i < count; i++) {
    if (strcmp(text, choices[i]) == 0) return i;
  }
  complain(reader, MC_ERROR_MODEL_INVALID, key, expected);
  return 0;
}

static void read_kind(mc_reader *reader, const char *kind, const char *expected) {
  const char *found = mc_network_metadata(reader->network, "maskcheck.kind");
  if (found != NULL && strcmp(found, kind) != 0) {
    complain(reader, MC_ERROR_MODEL_INVALID, "maskcheck.kind", expected);
  }
  const char *version = mc_network_metadata(reader->network, "maskcheck.version");
  if (version != NULL && strcmp(version, "1") != 0) {
    complain(reader, MC_ERROR_MODEL_UNSUPPORTED, "maskcheck.version", "only version 1 is known");
  }
}

static mc_normalization read_normalization(mc_reader *reader) {
  double mean[3] = {127.5, 127.5, 127.5};
  double std[3] = {127.5, 127.5, 127.5};
  read_numbers(reader, "mean", 3, -1e6, 1e6, mean, "three numbers expected, like 127.5,127.5,127.5");
  read_numbers(reader, "std", 3, 1e-6, 1e6, std, "three numbers above 0 expected, like 127.5,127.5,127.5");
  static const char *const colors[] = {"RGB", "BGR"};
  mc_normalization normalization = {.bgr = read_choice(reader, "color", colors, 2, "RGB or BGR expected") == 1};
  for (size_t c = 0; c < 3; c++) {
    normalization.mean[c] = (float)mean[c];
    normalization.std[c] = (float)std[c];
  }
  return normalization;
}

/* classes: the three names in any order, separated by commas. */
static void read_classes(mc_reader *reader, mc_label order[MC_LABEL_COUNT]) {
  for (int i = 0; i < MC_LABEL_COUNT; i++) order[i] = (mc_label)i;
  const char *text = mc_network_metadata(reader->network, "classes");
  if (text == NULL) return;
  unsigned seen = 0;
  for (int i = 0; i < MC_LABEL_COUNT; i++) {
    const size_t length = strcspn(text, ",");
    for (int k = 0; k < MC_LABEL_COUNT; k++) {
      const char *name = mc_label_name((mc_label)k);
      if (strlen(name) != length || strncmp(name, text, length) != 0) continue;
      order[i] = (mc_label)k;
      seen |= 1U << k;
    }
    text += length;
    if (*text == ',' && i + 1 < MC_LABEL_COUNT) text++;
  }
  if (seen != 7U || *text != '\0') {
    complain(reader, MC_ERROR_MODEL_INVALID, "classes",
             "without_mask, mask_worn_incorrectly and mask_worn_correctly expected, separated by commas");
  }
}

/* face_score and min_candidate_score: neither says anything without the other. */
static void read_face_score(mc_reader *reader, mc_mask_model *model) {
  model->scores_faces = mc_network_metadata(reader->network, "face_score") != NULL;
  model->min_candidate_score = 1.0f;
  if (!model->scores_faces) return;
  static const char *const expected = "two weights of at least 0 and a bias expected, like 1,0.5,-0.2";
  double numbers[3] = {0.0};
  read_numbers(reader, "face_score", 3, -1e6, 1e6, numbers, expected);
  if (numbers[0] < 0.0 || numbers[1] < 0.0) complain(reader, MC_ERROR_MODEL_INVALID, "face_score", expected);
  model->score_weights = (mc_score_weights){.finder = numbers[0], .crop = numbers[1], .bias = numbers[2]};
  static const char *const share = "a number from 0 to 1 expected beside 'face_score'";
  const double least = read_number(reader, "min_candidate_score", 0.0, 1.0, -1.0, share);
  if (least < 0.0) complain(reader, MC_ERROR_MODEL_INVALID, "min_candidate_score", share);
  model->min_candidate_score = (float)least;
}

mc_status mc_metadata_read_face(const mc_network *network, mc_message *message, mc_face_model *model) {
  mc_reader reader = {.network = network, .message = message, .status = MC_OK};
  mc_face_model read = {0};
  read_kind(&reader, "face", "this is not a face finder");
  read.normalization = read_normalization(&reader);
  double strides[MC_HEAD_COUNT] = {8.0, 16.0, 32.0};
  read_numbers(&reader, "strides", MC_HEAD_COUNT, 1.0, 32.0, strides, "three strides in px expected, like 8,16,32");
  for (size_t i = 0; i < MC_HEAD_COUNT; i++) {
    if (fmod(strides[i], 1.0) != 0.0 || fmod(32.0, strides[i]) != 0.0) {
      complain(&reader, MC_ERROR_MODEL_INVALID, "strides", "they must divide 32");
    }
    read.strides_px[i] = (uint32_t)strides[i];
  }
  read.detection_size_px = read_whole(&reader, "detection_size_picture", 32.0, (double)MC_MAX_DETECTION_SIZE_PX, 32.0,
                                      640.0, "a multiple of 32 up to 4096 expected");
  read.video_detection_size_px = read_whole(&reader, "detection_size_video", 32.0, (double)MC_MAX_DETECTION_SIZE_PX,
                                            32.0, 320.0, "a multiple of 32 up to 4096 expected");
  read.picture_scales =
      read_whole(&reader, "picture_scales", 1.0, (double)MC_MAX_SCALES, 1.0, 1.0, "1 or 2 expected");
  read.min_score = (float)read_number(&reader, "min_face_score", 0.0, 1.0, 0.5, "a number from 0 to 1 expected");
  read.nms_iou = (float)read_number(&reader, "nms_iou", 0.0, 1.0, 0.45, "a number from 0 to 1 expected");
  if (reader.status == MC_OK) *model = read;
  return reader.status;
}

mc_status mc_metadata_read_mask(const mc_network *network, mc_message *message, mc_mask_model *model) {
  mc_reader reader = {.network = network, .message = message, .status = MC_OK};
  mc_mask_model read = {0};
  read_kind(&reader, "mask", "this is not a mask classifier");
  read.normalization = read_normalization(&reader);
  read.input_px = read_whole(&reader, "input_size", 1.0, 1024.0, 1.0, 0.0, "a whole number of px up to 1024 expected");
  read.crop_scale = read_number(&reader, "crop_scale", 0.1, 10.0, 1.3, "a number from 0.1 to 10 expected");
  read.temperature =
      (float)read_number(&reader, "temperature", 1e-3, 1e3, 1.0, "a number from 0.001 to 1000 expected");
  read.min_probability =
      (float)read_number(&reader, "min_mask_probability", 0.0, 1.0, 0.6, "a number from 0 to 1 expected");
  static const char *const activations[] = {"none", "softmax"};
  read.activation = (mc_activation)read_choice(&reader, "activation", activations, 2, "none or softmax expected");
  read_classes(&reader, read.order);
  read_face_score(&reader, &read);
  if (reader.status == MC_OK) *model = read;
  return reader.status;
}
