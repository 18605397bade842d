#!/usr/bin/env bash
# npm run reproduce -- [PRESET...]: builds the WebAssembly files (both, or those named) again, in another folder, and compares
# them with those in build/. Takes about a minute for each, because XNNPACK is compiled again, too.
set -euo pipefail
. "$(dirname "$0")/common.sh"
cd "$repo"
[ $# -gt 0 ] || set -- wasm-simd wasm-relaxed
wasm/setup/packages.sh ca-certificates xz-utils
wasm/setup/sources.sh
wasm/setup/toolchain.sh

copy=$(mktemp -d "${TMPDIR:-/tmp}/maskcheck-another-folder-XXXXXX")
trap 'rm -rf "$copy"; rmdir "$toolchain_root$copy" 2>/dev/null || true' EXIT
git ls-files -z --cached --others --exclude-standard -- CMakeLists.txt CMakePresets.json include src tests wasm |
  xargs -0 cp --parents --target-directory="$copy"
export CCACHE_DISABLE=1 # an object from a cache shows nothing
for preset; do
  wasm/setup/build.sh "$preset" maskcheck-wasm
  "$copy/wasm/setup/build.sh" "$preset" maskcheck-wasm
  cmp "build/$preset/maskcheck.wasm" "$copy/build/$preset/maskcheck.wasm" || fail "reproducing $preset" \
    "the same sources gave other bytes in $copy" "look for paths, times or an order of files in the two builds"
  sha256sum "build/$preset/maskcheck.wasm"
done
step "The same in both folders, byte for byte: $*"
