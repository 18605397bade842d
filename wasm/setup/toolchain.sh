#!/usr/bin/env bash
# Provides Emscripten: one from PATH if it is new enough, otherwise Debian 13's in a folder of its own, since Debian 12's
# is too old for relaxed SIMD and a newer one cannot be installed beside Debian 12's system libraries.
set -euo pipefail
. "$(dirname "$0")/common.sh"

"$(dirname "$0")/in-toolchain.sh" --own-emcc && exit 0

# Versions and SHA-256 of the packages that decide what the compiler puts out (amd64).
pinned='
emscripten 3.1.69+dfsg-3 d2ac788b952c56ab6736b4db2ac0825aa63cfb4c08b8abaefe19e324779d1b2d
binaryen 120-4 47be56009e56170f4338a0154fbff2028bd607bc3c8b6a5414658a985bef6470
clang-19 1:19.1.7-3+b1 bbb74458d782b7792b61b0eed92746df5e6d033778c045cf8c2b3835b7c4efc4
lld-19 1:19.1.7-3+b1 756a805e8811d527dd2b5417f016c9342b8631fa9c1ddcd56265c13ae33bf3a4
llvm-19 1:19.1.7-3+b1 0b1b7263f4f45e261099240fdbf00fc14b42b88410fd829e041bf83ea45866cb
libllvm19 1:19.1.7-3+b1 db0d614d61345ca710fb73e75105f1ec6e38898fa7b3aa99fa7eb7d8b0a11d57
libclang-cpp19 1:19.1.7-3+b1 a7d2b6df51050834f6ea5c0d5e34869c2298b0bcdaa91eff17ba3db2cd545c47
'

# What is there was made from this list.
[ "$(cat "$toolchain_root/.complete" 2>/dev/null)" = "$(sha256sum <<<"$pinned")" ] && exit 0

alone

[ -e /etc/debian_version ] || fail "installing Emscripten" "this is not a Debian system and no emcc >= 3.1.60 is on PATH" \
  "install Emscripten (emsdk) and put it on PATH"
as_root true || fail "installing Emscripten" "you may not act as root, see above" "run this again as root, or as a user who may use sudo"
# The compiler runs where this is allowed; better said now than after 2 GB.
as_root unshare --mount --propagation private mount -t proc proc /proc 2>/dev/null || fail "installing Emscripten" \
  "this container may not mount file systems" "start it with that right (docker run --privileged)"
"$(dirname "$0")/packages.sh" debootstrap
need_space 3000 "$MASKCHECK_CACHE"

mirror=$(debian_mirror)
[ -n "$mirror" ] || fail "installing Emscripten" "no Debian mirror is configured for apt" "run apt-get update"

as_root rm -rf "$toolchain_root"
step "Setting up a small Debian 13 for Emscripten in $toolchain_root (about a minute, 2 GB)"
# debootstrap checks the release's signature with the archive keyring, and every package's hash with that. What it mounts goes with it,
# however it ends.
logged debootstrap as_root unshare --mount --propagation private debootstrap --variant=minbase --include=ca-certificates trixie "$toolchain_root" "$mirror" ||
  fail "setting up Debian 13" "debootstrap stopped, see above" "check the network and that the mirror carries trixie"

step "Installing Emscripten 3.1.69"
inside() { as_root chroot "$toolchain_root" env DEBIAN_FRONTEND=noninteractive LANG=C.UTF-8 "$@"; }
# No service may start in there.
printf '#!/bin/sh\nexit 101\n' | as_root tee "$toolchain_root/usr/sbin/policy-rc.d" >/dev/null
as_root chmod +x "$toolchain_root/usr/sbin/policy-rc.d"
logged toolchain-update inside apt-get update || fail "updating Debian 13's package lists" "see above" "run this again"

architecture=$(dpkg --print-architecture)
specs=()
while read -r package version sha256; do
  [ -n "$package" ] || continue
  specs+=("$package=$version")
  [ "$architecture" = amd64 ] || continue
  # apt itself checks each download against this index, so checking the index checks the package.
  offered=$(inside apt-cache show "$package=$version" 2>/dev/null | awk '/^SHA256:/{print $2; exit}')
  [ "$offered" = "$sha256" ] || fail "installing $package $version" "the mirror offers ${offered:-no such version} instead of SHA-256 $sha256" \
    "put an Emscripten >= 3.1.60 on PATH, or renew the pinned list in wasm/setup/toolchain.sh"
done <<<"$pinned"
logged toolchain-install inside apt-get install -y --no-install-recommends "${specs[@]}" cmake ninja-build protobuf-c-compiler ||
  fail "installing Emscripten" "apt-get stopped inside $toolchain_root, see above" "run this again"
inside apt-get clean
sha256sum <<<"$pinned" | as_root tee "$toolchain_root/.complete" >/dev/null
