#!/usr/bin/env bash
# build.sh PRESET...: configures and builds CMake presets; the WebAssembly ones with the toolchain's compiler.
set -euo pipefail
. "$(dirname "$0")/common.sh"
cd "$repo"

for preset in "$@"; do
  case $preset in
    wasm-*) run=("$repo/wasm/setup/in-toolchain.sh") configure=(emcmake cmake) ;;
    *) run=(env) configure=(cmake) ;;
  esac
  [ -e "build/$preset/build.ninja" ] || need_space 500 "$repo/build"
  step "Building $preset"
  mkdir -p "$MASKCHECK_CACHE/logs"
  log=$MASKCHECK_CACHE/logs/build-$preset.log
  if ! [ -e "build/$preset/build.ninja" ]; then
    logged "configure-$preset" "${run[@]}" "${configure[@]}" --preset "$preset" ||
      fail "configuring the $preset build" "CMake stopped, see above" "mend what it names, then run this again"
  fi
  # ninja's own lines show the progress, one a second at most.
  "${run[@]}" env NINJA_STATUS='[%f/%t] ' ninja -C "build/$preset" 2>&1 | tee "$log" |
    awk '/^\[[0-9]+\/[0-9]+\]/ { if (systime() != last) { printf "\r%s   ", $1 > "/dev/stderr"; last = systime() } }' ||
    { echo >&2; grep -A 20 'FAILED' "$log" >&2 || tail -n 25 "$log" >&2
      fail "building $preset" "the compiler stopped, see above" "mend what it names; the whole log is $log"; }
  printf '\r%*s\r' 20 '' >&2
done
