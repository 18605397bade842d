/* cmocka and what it wants included before it. */
#ifndef SUPPORT_CMOCKA_H
#define SUPPORT_CMOCKA_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <math.h>

#include <cmocka.h>

/* cmocka's assert_float_equal works in float. */
#define assert_near(found, expected, tolerance) \
  assert_true(fabs((double)(found) - (double)(expected)) <= (double)(tolerance))

#endif
