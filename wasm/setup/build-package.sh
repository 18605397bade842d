#!/usr/bin/env bash
# npm run build: fills dist/ (the npm package) and web/demo/dist/ (the page).
set -euo pipefail
. "$(dirname "$0")/common.sh"
cd "$repo"
wasm/setup/webassembly.sh
wasm/setup/node-modules.sh
node tests/portrait/setup.mjs >/dev/null || step "No portrait, see above: the page is built without sample pictures"
node web/build.mjs
