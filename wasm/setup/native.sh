#!/usr/bin/env bash
# native.sh [PRESET...]: sets up and builds the native library and command line.
set -euo pipefail
. "$(dirname "$0")/common.sh"
cd "$repo"
wasm/setup/packages.sh gcc g++ cmake ninja-build protobuf-c-compiler libjansson-dev xz-utils
wasm/setup/sources.sh
for preset in "${@:-native}"; do wasm/setup/build.sh "$preset"; done
