#include "maskcheck.h"

#define MC_TEXT_OF(number) #number
#define MC_VERSION_TEXT(major, minor, patch) MC_TEXT_OF(major) "." MC_TEXT_OF(minor) "." MC_TEXT_OF(patch)

const char *mc_status_name(mc_status status) {
  switch (status) {
#define MC_STATUS_CASE(constant, value, name, text) \
  case constant:                                    \
    return name;
    MC_STATUS_LIST(MC_STATUS_CASE)
#undef MC_STATUS_CASE
  }
  return "unknown";
}

const char *mc_status_text(mc_status status) {
  switch (status) {
#define MC_STATUS_CASE(constant, value, name, text) \
  case constant:                                    \
    return text;
    MC_STATUS_LIST(MC_STATUS_CASE)
#undef MC_STATUS_CASE
  }
  return "unknown";
}

const char *mc_version(void) { return MC_VERSION_TEXT(MC_VERSION_MAJOR, MC_VERSION_MINOR, MC_VERSION_PATCH); }
