#!/usr/bin/env bash
# npm run bench: builds the package if needed, then measures it in Chromium; with
# --native the networks alone, with --operators one operator at a time, both without a browser.
set -euo pipefail
cd "$(dirname "$0")/../.."
case ${1-} in --native | --operators) exec bash tests/bench/native/run.sh "$@" ;; esac
wasm/setup/packages.sh chromium fonts-dejavu-core
bash wasm/setup/build-package.sh
wasm/setup/build.sh wasm-relaxed network-bench
node tests/portrait/setup.mjs >/dev/null
exec node tests/bench/bench.mjs "$@"
