#!/usr/bin/env bash
# Fetches the third-party sources pinned in src/sources.json, checks their SHA-256 and unpacks them into $MASKCHECK_CACHE/sources.
# They are the original tarballs of Debian 13's source packages, from the mirror this machine uses.
set -euo pipefail
. "$(dirname "$0")/common.sh"
alone

# name, path in the mirror, SHA-256
sources=$(node -p 'Object.entries(require(process.argv[1])).map(([name, { debian, sha256 }]) => `${name} ${debian} ${sha256}`).join("\n")' \
  "$repo/src/sources.json")

while read -r name path sha256; do
  target=$MASKCHECK_CACHE/sources/$name
  [ -e "$target/.complete" ] && [ "$(cat "$target/.complete")" = "$sha256" ] && continue
  need_space 300 "$MASKCHECK_CACHE"
  step "Fetching the source of $name"
  base=$(debian_mirror)
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
  rm -rf "$target" "$target.top"
  mkdir -p "$target"
  # With the time of now: what was compiled from another version is older.
  tar -xmf "$tarball" -C "$target" --no-same-owner
  # Some tarballs have one folder at the top, some have none.
  if [ "$(ls -A "$target" | wc -l)" = 1 ]; then
    mv "$target"/* "$target.top" && rmdir "$target" && mv "$target.top" "$target"
  fi
  echo "$sha256" >"$target/.complete"
done <<<"$sources"
