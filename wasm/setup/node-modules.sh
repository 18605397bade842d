#!/usr/bin/env bash
# Installs the development dependencies if package-lock.json has changed since the last time.
set -euo pipefail
. "$(dirname "$0")/common.sh"
cd "$repo"
one_at_a_time node-modules
cmp -s package-lock.json node_modules/.maskcheck-lock && exit 0
step "Installing development dependencies from npm"
logged npm-ci npm ci --include=dev --ignore-scripts || fail "npm ci" "npm stopped, see above" "check the network, then run this again"
cp package-lock.json node_modules/.maskcheck-lock
