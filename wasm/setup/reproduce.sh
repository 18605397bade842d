#!/usr/bin/env bash
# npm run reproduce: builds both WebAssembly files again, in another folder, and compares them with those in build/.
# Takes a few minutes, because XNNPACK is compiled twice.
set -euo pipefail
. "$(dirname "$0")/common.sh"
cd "$repo"
wasm/setup/webassembly.sh
copy=$(mktemp -d "${TMPDIR:-/tmp}/maskcheck-another-folder-XXXXXX")
trap 'rm -rf "$copy"' EXIT
git ls-files -z --cached --others --exclude-standard -- CMakeLists.txt CMakePresets.json include src tests wasm |
  xargs -0 cp --parents --target-directory="$copy"
"$copy/wasm/setup/webassembly.sh"
for preset in wasm-simd wasm-relaxed; do
  cmp "build/$preset/maskcheck.wasm" "$copy/build/$preset/maskcheck.wasm" || fail "reproducing $preset" \
    "the same sources gave other bytes in $copy" "look for paths, times or an order of files in the two builds"
  sha256sum "build/$preset/maskcheck.wasm"
done
step "Both are the same, byte for byte"
