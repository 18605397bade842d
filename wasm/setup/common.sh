# Shared by the set-up scripts: where things lie, progress and errors. Sourced, not run.

repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." >/dev/null && pwd)
MASKCHECK_CACHE=${MASKCHECK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/maskcheck}
case $MASKCHECK_CACHE in /*) ;; *) MASKCHECK_CACHE=$PWD/$MASKCHECK_CACHE ;; esac
export MASKCHECK_CACHE
toolchain_root=$MASKCHECK_CACHE/debian13
umask 022 # what root makes here is read by whoever builds
PATH=$PATH:/usr/sbin:/sbin # which su leaves out

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

# logged NAME COMMAND...: runs quietly, a dot every few seconds; on failure shows the log's end and returns the status. The dots are
# what runs in the background: what does so never hears of Ctrl+C.
logged() {
  local log=$MASKCHECK_CACHE/logs/$1.log status=0 start=$SECONDS dots
  shift
  mkdir -p "$MASKCHECK_CACHE/logs"
  while sleep 5 >/dev/null 2>&1 && kill -0 $$ 2>/dev/null; do printf '.' >&2; done 9>&- & # not one_at_a_time's
  dots=$!
  ("$@") >"$log" 2>&1 </dev/null || status=$?
  { kill $dots && wait $dots; } 2>/dev/null || true
  [ $((SECONDS - start)) -lt 5 ] || printf ' %s s\n' $((SECONDS - start)) >&2
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

# made_for FOLDER WHAT: empties a build folder that was made for something else.
made_for() {
  [ "$(cat "$1/.made-for" 2>/dev/null)" = "$2" ] && return
  rm -rf "$1"
  need_space 500 "$1"
  printf '%s\n' "$2" >"$1/.made-for"
}

# Starts the script anew, without arguments, and no second one until it ends: another clone may be filling the same cache.
alone() {
  [ "${MASKCHECK_ALONE:-}" != "$0" ] && command -v flock >/dev/null || return 0
  need_space 0 "$MASKCHECK_CACHE"
  MASKCHECK_ALONE=$0 exec flock --close "$MASKCHECK_CACHE/$(basename "$0").lock" "$0"
}

# one_at_a_time NAME: waits until nobody else does this in this clone, and keeps others waiting until the script ends.
one_at_a_time() {
  command -v flock >/dev/null || return 0
  mkdir -p "$repo/build"
  exec 9>"$repo/build/.$1.lock"
  flock 9
}

# The address of the Debian mirror that apt uses here; nothing if there is none. Cloud images name a file with a list of mirrors.
debian_mirror() {
  local base list
  base=$(apt-get indextargets --format '$(REPO_URI)|$(COMPONENT)|$(CREATED_BY)' 2>/dev/null |
    awk -F'|' '$2 == "main" && $3 == "Packages" && $1 !~ /security/ { print $1; exit }')
  case $base in
    mirror+file:*)
      list=${base#mirror+file:}
      awk '/^[^#]/ { print $1; exit }' "${list%/}"
      ;;
    *) printf %s "$base" ;;
  esac
}
