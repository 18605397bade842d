#!/usr/bin/env bash
# packages.sh PACKAGE...: installs the Debian packages that are missing.
set -euo pipefail
. "$(dirname "$0")/common.sh"

missing=()
for package in "$@"; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
[ ${#missing[@]} = 0 ] && exit 0

command -v apt-get >/dev/null || fail "installing packages" "this machine has no apt-get; missing: ${missing[*]}" \
  "use Debian 12, in a container if need be (see README.md)"
step "Installing Debian packages: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
# Waits for another one: apt's own patience is for dpkg's lock alone.
update_lists() {
  local said
  for _ in {1..60}; do
    said=$(as_root env LC_ALL=C apt-get update 2>&1) && return 0
    printf '%s\n' "$said"
    case $said in *"Could not get lock"*) sleep 5 ;; *) return 1 ;; esac
  done
  return 1
}
logged apt-update update_lists || fail "updating the package lists" "the Debian mirror did not answer" \
  "check the network and /etc/apt, then run this again"
logged apt-install as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
  -o DPkg::Lock::Timeout=300 "${missing[@]}" ||
  fail "installing ${missing[*]}" "apt-get refused, see above" "mend what it names, then run this again"
