#!/usr/bin/env bash
# npm run fuzz -- [--minutes N] [TARGET...]: fuzzes each target for an equal share of N minutes (default 10), with
# AddressSanitizer and UndefinedBehaviorSanitizer. What was learned stays in build/fuzz/corpus; a finding stops the run and
# lies in build/fuzz/findings.
set -euo pipefail
. "$(dirname "$0")/../../wasm/setup/common.sh"
cd "$repo"

minutes=10
targets=()
while [ $# -gt 0 ]; do
  case $1 in
    --minutes) minutes=$2 && shift ;;
    -*) echo "usage: npm run fuzz -- [--minutes N] [TARGET...]" >&2 && exit 2 ;;
    *) targets+=("$1") ;;
  esac
  shift
done
[ ${#targets[@]} -gt 0 ] || targets=(network detector picture exif calls tracks)

wasm/setup/packages.sh clang
wasm/setup/native.sh native-debug
wasm/setup/node-modules.sh
made_for build/fuzz "$repo" # see wasm/setup/build.sh
[ -e build/fuzz/build.ninja ] || cmake -S tests/fuzz -B build/fuzz -G Ninja -DCMAKE_C_COMPILER=clang -DCMAKE_BUILD_TYPE=None >/dev/null
ninja -C build/fuzz -j 2 >/dev/null

mkdir -p build/fuzz/corpus/picture build/fuzz/findings
node tests/fuzz/corpus.mjs build/fuzz/corpus
build/fuzz/seed_pictures build/fuzz/corpus/picture

# Inputs that are slow or take much memory are findings, too. The clock is the wall clock, hence 5 s: on a busy machine any input
# can take one.
limits=(-timeout=5 -report_slow_units=1 -rss_limit_mb=256 -malloc_limit_mb=256)
# The quarantine would count as memory used; a few frames of each allocation are enough to find it.
export ASAN_OPTIONS=quarantine_size_mb=8:allocator_release_to_os_interval_ms=500:detect_leaks=1:malloc_context_size=6
seconds=$(awk "BEGIN { print int($minutes * 60 / ${#targets[@]}) + 1 }")
for target in "${targets[@]}"; do
  case $target in
    network | detector) max_len=8192 ;;
    exif | calls) max_len=256 ;;
    tracks) max_len=512 ;;
    *) max_len=2048 ;;
  esac
  step "Fuzzing $target for $seconds s"
  log=build/fuzz/$target.log
  if ! "build/fuzz/fuzz_$target" -max_total_time="$seconds" -max_len=$max_len "${limits[@]}" -print_final_stats=1 \
    -artifact_prefix="build/fuzz/findings/$target-" "build/fuzz/corpus/$target" >"$log" 2>&1; then
    tail -n 60 "$log" >&2
    echo "A finding: build/fuzz/findings has the input, $log the whole report." >&2
    exit 1
  fi
  grep -E 'number_of_executed_units|average_exec_per_sec|slowest_unit|peak_rss' "$log" | sed 's/stat:://'
done
