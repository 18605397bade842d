#!/usr/bin/env bash
# build.sh PRESET [TARGET]: configures and builds a CMake preset; the WebAssembly ones with the toolchain's compiler.
set -euo pipefail
. "$(dirname "$0")/common.sh"
cd "$repo"
preset=$1 target=${2:-all}

case $preset in
  wasm-*)
    run=("$repo/wasm/setup/in-toolchain.sh") configure=(emcmake cmake)
    if "${run[@]}" --own-emcc; then compiler="$(command -v emcc) $(emcc -dumpversion)"; else compiler=$(cat "$toolchain_root/.complete"); fi
    ;;
  *) run=(env) configure=(cmake) compiler= ;;
esac
one_at_a_time "$preset"
# ninja's file has the clone's own path in it, and in a copy of it would go on building the first one.
made_for "build/$preset" "$repo $compiler $(sha256sum <CMakePresets.json)"
if ! [ -e "build/$preset/build.ninja" ]; then
  step "Configuring $preset"
  logged "configure-$preset" "${run[@]}" "${configure[@]}" --preset "$preset" ||
    fail "configuring the $preset build" "CMake stopped, see above" "mend what it names, then run this again"
fi

step "Building $preset"
mkdir -p "$MASKCHECK_CACHE/logs"
log=$MASKCHECK_CACHE/logs/build-$preset.log
"${run[@]}" ninja -C "build/$preset" "$target" >"$log" 2>&1 </dev/null &
ninja=$!
# ninja's own counter, every ten seconds.
shown=
while kill -0 $ninja 2>/dev/null; do
  for _ in 1 2 3 4 5 6 7 8 9 10; do kill -0 $ninja 2>/dev/null && sleep 1; done
  count=$(grep -ao '^\[[0-9]*/[0-9]*\]' "$log" | tail -n 1 || true)
  [ -z "$count" ] || [ "$count" = "$shown" ] || printf '%s ' "$count" >&2
  shown=$count
done
[ -z "$shown" ] || echo >&2
wait $ninja || {
  grep -aA 20 '^FAILED' "$log" >&2 || tail -n 25 "$log" >&2
  fail "building $preset" "the compiler stopped, see above; the whole log is $log" "mend what it names, then run this again"
}
