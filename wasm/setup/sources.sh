#!/usr/bin/env bash
# Fetches the pinned third-party sources, checks their SHA-256 and unpacks them into $MASKCHECK_CACHE/sources.
# They are the original tarballs of Debian 13's source packages, from the mirror this machine uses.
set -euo pipefail
. "$(dirname "$0")/common.sh"

# name, path in the mirror, SHA-256
sources='
xnnpack main/x/xnnpack/xnnpack_0.0~git20241108.4ea82e5.orig.tar.xz 90bde2caef0f880f627bab0dc805a86c4b8070cd98e3243db3046ab3f3be1a99
pthreadpool main/p/pthreadpool/pthreadpool_0.0~git20240616.560c60d.orig.tar.xz 4cc3cbd933b28131d2a34edc54f76af9fb41bc490af5eae1a5bd3cd07ea90708
fxdiv main/f/fxdiv/fxdiv_0.0~git20200417.b408327.orig.tar.xz 7953482badaf4cb34026c3487c257b8e4ab2df061c019bd6fabbbc12ad52c44b
stb main/libs/libstb/libstb_0.0~git20241109.5c20573+ds.orig.tar.xz a3a5820445a7dd063516bb542a5cd54ced8efc9c5a30bfbaae1bab6dec2c1a74
protobufc main/p/protobuf-c/protobuf-c_1.5.1.orig.tar.gz 20d1dc257da96f8ddff8be4dd9779215bbd0a6069ed53bbe9de38fa7629be06b
cmocka main/c/cmocka/cmocka_1.1.7.orig.tar.xz 810570eb0b8d64804331f82b29ff47c790ce9cd6b163e98d47a4807047ecad82
'

mirror() {
  apt-get indextargets --format '$(REPO_URI)|$(COMPONENT)|$(CREATED_BY)' 2>/dev/null |
    awk -F'|' '$2 == "main" && $3 == "Packages" && $1 !~ /security/ { print $1; exit }'
}

while read -r name path sha256; do
  [ -n "$name" ] || continue
  target=$MASKCHECK_CACHE/sources/$name
  [ -e "$target/.complete" ] && [ "$(cat "$target/.complete")" = "$sha256" ] && continue
  need_space 300 "$MASKCHECK_CACHE"
  step "Fetching the source of $name"
  base=$(mirror)
  [ -n "$base" ] || fail "fetching the source of $name" "no Debian mirror is configured for apt" \
    "run apt-get update, or build with network access to the projects' own sites (see src/sources.cmake)"
  tarball=$MASKCHECK_CACHE/downloads/$(basename "$path")
  mkdir -p "$MASKCHECK_CACHE/downloads"
  if ! { [ -e "$tarball" ] && echo "$sha256  $tarball" | sha256sum --check --status; }; then
    # Certain characters travel escaped in addresses.
    address=$base/pool/$(printf %s "$path" | sed 's/~/%7e/g; s/+/%2b/g')
    logged "download-$name" /usr/lib/apt/apt-helper download-file "${address//\/\/pool/\/pool}" "$tarball" "SHA256:$sha256" ||
      fail "fetching the source of $name" "the mirror did not give a file with SHA-256 $sha256" \
        "check the network; if the mirror has dropped the file, see src/sources.cmake for its other home"
  fi
  rm -rf "$target"
  mkdir -p "$target"
  tar -xf "$tarball" -C "$target" --no-same-owner
  # Some tarballs have one folder at the top, some have none.
  if [ "$(ls -A "$target" | wc -l)" = 1 ]; then
    mv "$target"/* "$target.top" && rmdir "$target" && mv "$target.top" "$target"
  fi
  echo "$sha256" >"$target/.complete"
done <<<"$sources"
