#!/usr/bin/env bash
# npm start: sets up what is missing, builds the page and serves it.
set -euo pipefail
. "$(dirname "$0")/common.sh"
cd "$repo"
wasm/setup/webassembly.sh
node web/build.mjs --page
exec node web/serve.mjs "$@"
