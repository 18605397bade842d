# Shared by the set-up scripts: where things lie, progress and errors. Sourced, not run.

repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
MASKCHECK_CACHE=${MASKCHECK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/maskcheck}
export MASKCHECK_CACHE
toolchain_root=$MASKCHECK_CACHE/debian13

step() { printf '\033[1m==> %s\033[0m\n' "$*" >&2; }

# fail "what failed" "why or what was missing" "what to do"
fail() {
  printf '\nSet-up failed: %s\n  Cause: %s\n  To do: %s\n' "$1" "$2" "$3" >&2
  exit 1
}

# Runs a command with root's rights, by sudo where needed.
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else fail "running '$1' as root" "you are not root and there is no sudo" "run this again as root, or install sudo"
  fi
}

# logged NAME COMMAND...: runs quietly, a dot every few seconds; on failure shows the log's end and returns the status.
logged() {
  local log=$MASKCHECK_CACHE/logs/$1.log status
  shift
  mkdir -p "$MASKCHECK_CACHE/logs"
  "$@" >"$log" 2>&1 </dev/null &
  local pid=$! seconds=0
  while kill -0 $pid 2>/dev/null; do
    sleep 1
    seconds=$((seconds + 1))
    [ $((seconds % 5)) = 0 ] && printf '.' >&2
  done
  wait $pid && status=0 || status=$?
  [ $seconds -ge 5 ] && printf ' %s s\n' $seconds >&2
  [ $status = 0 ] || { printf -- '--- end of %s\n' "$log" >&2; tail -n 25 "$log" >&2; }
  return $status
}

need_space() { # need_space MIB FOLDER
  mkdir -p "$2" 2>/dev/null || fail "making the folder $2" "it cannot be written" "set MASKCHECK_CACHE to a folder you can write"
  local free
  free=$(df -Pm "$2" | awk 'NR==2{print $4}')
  [ "$free" -ge "$1" ] || fail "making room in $2" "$free MiB are free, $1 MiB are needed" \
    "free some space, or set MASKCHECK_CACHE to a folder on a larger disk"
}

# Starts the script anew, without arguments, and no second one until it ends: another clone may be filling the same cache.
alone() {
  [ "${MASKCHECK_ALONE:-}" != "$0" ] && command -v flock >/dev/null || return 0
  need_space 0 "$MASKCHECK_CACHE"
  MASKCHECK_ALONE=$0 exec flock --close "$MASKCHECK_CACHE/$(basename "$0").lock" "$0"
}

# The address of the Debian mirror that apt uses here; nothing if there is none.
debian_mirror() {
  apt-get indextargets --format '$(REPO_URI)|$(COMPONENT)|$(CREATED_BY)' 2>/dev/null |
    awk -F'|' '$2 == "main" && $3 == "Packages" && $1 !~ /security/ { print $1; exit }'
}
