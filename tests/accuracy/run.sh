#!/usr/bin/env bash
# npm run accuracy: builds the native command line if needed, then measures the shipped networks with it.
set -euo pipefail
cd "$(dirname "$0")/../.."
wasm/setup/native.sh
wasm/setup/node-modules.sh
exec node tests/accuracy/accuracy.mjs "$@"
