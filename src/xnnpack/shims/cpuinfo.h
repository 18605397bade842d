/* The questions that XNNPACK's src/configs asks the cpuinfo library on x86-64, answered by the compiler's own CPU detection.
 * The library itself is not in Debian in a version that fits. */
#ifndef MC_CPUINFO_H
#define MC_CPUINFO_H

#include <cpuid.h>
#include <stdbool.h>

#define MC_CPU_HAS(question, feature)                 \
  static inline bool cpuinfo_has_x86_##question(void) { \
    return __builtin_cpu_supports(feature) != 0;        \
  }

MC_CPU_HAS(ssse3, "ssse3")
MC_CPU_HAS(sse4_1, "sse4.1")
MC_CPU_HAS(avx, "avx")
MC_CPU_HAS(fma3, "fma")
MC_CPU_HAS(avx2, "avx2")
MC_CPU_HAS(gfni, "gfni")
MC_CPU_HAS(avx512f, "avx512f")
MC_CPU_HAS(avx512bw, "avx512bw")
MC_CPU_HAS(avx512dq, "avx512dq")
MC_CPU_HAS(avx512vl, "avx512vl")
MC_CPU_HAS(avx512vbmi, "avx512vbmi")
MC_CPU_HAS(avx512vnni, "avx512vnni")

#undef MC_CPU_HAS

/* Clang 14 knows these two by no name. Where AVX may be used the system saves its registers. */
static inline bool cpuinfo_has_x86_f16c(void) {
  unsigned eax, ebx, ecx, edx;
  return cpuinfo_has_x86_avx() && __get_cpuid(1, &eax, &ebx, &ecx, &edx) != 0 && (ecx >> 29 & 1) != 0;
}

static inline bool cpuinfo_has_x86_avxvnni(void) {
  unsigned eax, ebx, ecx, edx;
  return cpuinfo_has_x86_avx2() && __get_cpuid_count(7, 1, &eax, &ebx, &ecx, &edx) != 0 && (eax >> 4 & 1) != 0;
}

/* Not built: matrix tiles. XNNPACK also reads this as "has AVX10", which no kernel here needs. */
static inline bool cpuinfo_has_x86_amx_int8(void) {
  return false;
}

/* The one processor question for float32: the first Zen gets a matrix kernel of its own. */
enum cpuinfo_uarch { cpuinfo_uarch_unknown, cpuinfo_uarch_zen, cpuinfo_uarch_zen4, cpuinfo_uarch_dhyana };

struct cpuinfo_core {
  enum cpuinfo_uarch uarch;
};

static inline const struct cpuinfo_core *cpuinfo_get_core(unsigned index) {
  static const struct cpuinfo_core unknown = {cpuinfo_uarch_unknown}, zen = {cpuinfo_uarch_zen};
  (void)index;
  return __builtin_cpu_is("znver1") ? &zen : &unknown;
}

static inline bool cpuinfo_initialize(void) {
  __builtin_cpu_init();
  return true;
}

#endif
