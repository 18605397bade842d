#!/usr/bin/env bash
# Static analysis of our C code and types of our JavaScript, once all is set up: npm run lint does that, and npm test.
set -euo pipefail
cd "$(dirname "$0")/.."
node_modules/.bin/tsc --noEmit
for script in wasm/setup/*.sh tests/*.sh tests/*/*.sh tests/*/*/*.sh model/*.sh web/*/*.sh .ci/run; do bash -n "$script"; done
cppcheck --std=c11 --enable=warning,performance,portability --suppress=missingIncludeSystem --error-exitcode=1 --quiet \
  -Iinclude -Isrc src/*.c wasm/exports.c
ls src/*.c src/xnnpack/*.c tests/c/*.c tests/conformance/*.c tests/bench/native/*.c tests/fuzz/fuzz*.c tests/fuzz/replay.c tests/soak/*.c | xargs -P 2 -n 1 clang-tidy --quiet -p build/native
