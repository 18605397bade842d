/* Internal. */
#ifndef MC_CLOCK_H
#define MC_CLOCK_H

/* Monotonic wall-clock time, ms since some fixed moment. */
double mc_clock_ms(void);

#endif
