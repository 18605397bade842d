#!/usr/bin/env bash
# run.sh --native [ROUNDS]: the shipped networks in the engine and in XNNPACK driven by hand, and what each of their operations
# takes; natively, and in Node as WebAssembly.
# run.sh --operators [--rounds N]: one operator at a time.
set -euo pipefail
cd "$(dirname "$0")/../../.."
wasm/setup/packages.sh gcc g++ cmake ninja-build protobuf-c-compiler libjansson-dev xz-utils
wasm/setup/sources.sh
wasm/setup/build.sh native bench-native
wasm/setup/toolchain.sh
for variant in simd relaxed; do wasm/setup/build.sh "wasm-$variant" bench-native; done

if [ "${1-}" = --operators ]; then
  wasm/setup/node-modules.sh
  exec node tests/bench/native/operators.mjs "${@:2}"
fi
rounds=${2:-300}
for network in "face.onnx 480 640" "face.onnx 256 320" "mask.onnx 64 64"; do
  read -r file height width <<<"$network"
  printf '\nnative:\n'
  build/native/bench-native "model/$file" "$height" "$width" "$rounds"
  for variant in simd relaxed; do
    printf '\nwasm-%s in Node:\n' "$variant"
    node --experimental-wasm-relaxed-simd "build/wasm-$variant/bench-native.js" "model/$file" "$height" "$width" "$rounds" | tail -n 4
  done
done
