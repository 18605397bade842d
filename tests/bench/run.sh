#!/usr/bin/env bash
# npm run bench: builds the package if needed, then measures it in Chromium; with
# --native the networks alone, with --operators one operator at a time, both without a browser; with --engines in Firefox and WebKit, too.
set -euo pipefail
cd "$(dirname "$0")/../.."
case ${1-} in --native | --operators) exec bash tests/bench/native/run.sh "$@" ;; esac
wasm/setup/packages.sh chromium fonts-dejavu-core
bash wasm/setup/build-package.sh
wasm/setup/build.sh wasm-relaxed network-bench
node tests/portrait/setup.mjs >/dev/null
if [ "${1-}" = --engines ]; then
  wasm/setup/packages.sh firefox-esr libwebkit2gtk-4.1-0 xvfb xauth
  exec node tests/bench/engines.mjs "${@:2}"
fi
exec node tests/bench/bench.mjs "$@"
