#!/usr/bin/env bash
# npm start: sets up what is missing, builds the page and serves it.
set -euo pipefail
. "$(dirname "$0")/common.sh"
cd "$repo"
wasm/setup/webassembly.sh
step "Setting up the sample pictures"
{ wasm/setup/node-modules.sh && node tests/portrait/setup.mjs >/dev/null; } || step "The page goes without sample pictures, see above"
node web/build.mjs --page
exec node web/serve.mjs "$@"
