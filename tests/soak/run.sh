#!/usr/bin/env bash
# npm run soak -- [FRAMES [CYCLES [BROWSER_FRAMES]]]: long runs natively and in Chromium; 100000, 1000 and 10000 by default.
set -euo pipefail
. "$(dirname "$0")/../../wasm/setup/common.sh"
cd "$repo"
wasm/setup/packages.sh chromium
wasm/setup/native.sh native
wasm/setup/webassembly.sh
wasm/setup/node-modules.sh
node tests/portrait/setup.mjs >/dev/null
node web/build.mjs
build/native/tests/soak "${1:-100000}" "${2:-1000}"
MASKCHECK_SOAK_FRAMES=${3:-10000} node --test --test-reporter=spec tests/browser/soak.test.mjs
