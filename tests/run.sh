#!/usr/bin/env bash
# npm test: sets up and builds everything, then runs every test; arguments go to node's test runner.
set -euo pipefail
. "$(dirname "$0")/../wasm/setup/common.sh"
cd "$repo"
wasm/setup/packages.sh chromium firefox-esr libwebkit2gtk-4.1-0 xvfb xauth fonts-dejavu-core clang-tidy cppcheck
wasm/setup/native.sh native native-debug
wasm/setup/webassembly.sh all
wasm/setup/node-modules.sh
node tests/portrait/setup.mjs >/dev/null
node web/build.mjs

step "Testing"
export MASKCHECK_REFERENCE_MODELS=${MASKCHECK_REFERENCE_MODELS:-$repo/../shared/reference-models}
# A file that hangs fails after a quarter of an hour.
exec node --test --test-timeout=900000 --test-concurrency=2 --test-reporter=spec "$@" \
  tests/*.test.mjs tests/js/*.test.mjs tests/conformance/*.test.mjs tests/browser/*.test.mjs tests/package/*.test.mjs tests/bundlers/*.test.mjs
