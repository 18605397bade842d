#!/usr/bin/env bash
# npm run valgrind: valgrind's look at one detect with the networks of the package, and at the regression cases of fuzzing. It
# sees what the sanitizers do not, XNNPACK's own accesses and memory that was never written.
set -euo pipefail
. "$(dirname "$0")/../wasm/setup/common.sh"
cd "$repo"
wasm/setup/packages.sh valgrind
wasm/setup/native.sh native
wasm/setup/node-modules.sh
portrait=$(node tests/portrait/setup.mjs)
check=(valgrind --quiet --error-exitcode=9 --leak-check=full --show-leak-kinds=definite,indirect,possible)
step "One detect"
"${check[@]}" build/native/maskcheck --face-model model/face.onnx --mask-model model/mask.onnx --json "$portrait"
for target in network detector picture exif calls tracks; do
  step "Regression cases, $target"
  "${check[@]}" build/native/tests/fuzz/replay_$target "tests/fuzz/regressions/$target"
done
