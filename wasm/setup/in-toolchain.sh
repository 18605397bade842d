#!/usr/bin/env bash
# in-toolchain.sh COMMAND...: runs a command where emcc is: here, if PATH has one that is new enough, otherwise inside
# set-up's Debian 13, with this repository, the cache and the current folder at their own paths.
# in-toolchain.sh --own-emcc: says by its exit status whether PATH's emcc will be used.
set -euo pipefail
. "$(dirname "$0")/common.sh"

own_emcc() {
  local version
  command -v emcc >/dev/null && command -v cmake >/dev/null && command -v ninja >/dev/null && command -v protoc-c >/dev/null || return 1
  version=$(emcc -dumpversion 2>/dev/null) || return 1
  version=${version%%[!0-9.]*}
  printf '3.1.60\n%s\n' "$version" | sort --version-sort --check=quiet
}

if [ "${1-}" = --own-emcc ]; then own_emcc && exit 0 || exit 1; fi
if own_emcc; then exec "$@"; fi

# The mounts live in a namespace of this one command: nothing to undo afterwards, nothing to redo after a reboot.
as_root env ROOT="$toolchain_root" REPO="$repo" CACHE="$MASKCHECK_CACHE" USER_ID="$(id -u):$(id -g)" FOLDER="$PWD" \
  unshare --mount --propagation private bash -c '
    set -e
    mount -t proc proc "$ROOT/proc"
    mount --rbind /dev "$ROOT/dev"
    for folder in "$REPO" "$CACHE/sources"; do
      mkdir -p "$ROOT$folder"
      mount --bind "$folder" "$ROOT$folder"
    done
    exec chroot --userspec="$USER_ID" "$ROOT" /usr/bin/env -i HOME=/tmp LANG=C.UTF-8 MASKCHECK_CACHE="$CACHE" \
      PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
      sh -c "cd \"\$0\" && exec \"\$@\"" "$FOLDER" "$@"
  ' in-toolchain "$@"
