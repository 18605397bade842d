#!/usr/bin/env bash
# npm run bench: builds the package if needed, then measures it in Chromium; with --native the networks alone, without a browser.
set -euo pipefail
cd "$(dirname "$0")/../.."
if [ "${1-}" = --native ]; then exec bash tests/bench/native/run.sh "${@:2}"; fi
wasm/setup/packages.sh chromium fonts-dejavu-core
bash wasm/setup/build-package.sh
wasm/setup/build.sh wasm-relaxed network-bench
node tests/portrait/setup.mjs >/dev/null
exec node tests/bench/bench.mjs "$@"
