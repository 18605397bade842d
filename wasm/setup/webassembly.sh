#!/usr/bin/env bash
# Everything up to the two compiled WebAssembly files.
set -euo pipefail
here=$(dirname "$0")
"$here/packages.sh" ca-certificates xz-utils
"$here/sources.sh"
"$here/toolchain.sh"
# The page and the package need the library alone; the tests add theirs to the same build.
"$here/build.sh" wasm-simd "${1:-maskcheck-wasm}"
"$here/build.sh" wasm-relaxed "${1:-maskcheck-wasm}"
