#!/usr/bin/env bash
# Static analysis of our C code and types of our JavaScript, once all is set up: npm run lint does that, and npm test.
set -euo pipefail
cd "$(dirname "$0")/.."
node_modules/.bin/tsc --noEmit
for script in wasm/setup/*.sh tests/*.sh tests/*/*.sh tests/*/*/*.sh model/*.sh web/*/*.sh .ci/run; do bash -n "$script"; done
cppcheck --std=c11 --enable=warning,performance,portability --suppress=missingIncludeSystem --error-exitcode=1 --quiet \
  -Iinclude -Isrc src/*.c wasm/exports.c
ls src/*.c src/xnnpack/*.c tests/c/*.c tests/conformance/*.c tests/bench/native/*.c tests/fuzz/*.c tests/soak/*.c | xargs -P 2 -n 1 clang-tidy --quiet -p build/native
# What only WebAssembly has is read as if it were native.
ls wasm/*.c tests/bench/*.c | xargs -P 2 -I {} clang-tidy --quiet {} -- -std=c11 -Iinclude -Isrc -Wno-unknown-attributes
