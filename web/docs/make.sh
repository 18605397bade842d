#!/usr/bin/env bash
# npm run docs: the API reference in web/demo/dist/api, from the package's types and the C header.
# TypeDoc is fetched when it is run: it wants another TypeScript than the one that checks this repository.
set -euo pipefail
. "$(dirname "$0")/../../wasm/setup/common.sh"
cd "$repo"
wasm/setup/build-package.sh
mkdir -p build/docs
{
  printf -- '---\ntitle: C API\n---\n\nThe whole of `include/maskcheck.h`:\n\n```c\n'
  cat include/maskcheck.h
  printf '```\n'
} >build/docs/c-api.md
npm exec --yes --package=typedoc@0.28.20 --package=typescript@5.9.3 -- typedoc --options web/docs/typedoc.json
