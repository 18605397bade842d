#!/bin/sh
# Installs what training needs: PyTorch, OpenCV, NumPy and Matplotlib for Debian's Python, photographs without people and cut out objects.
# Safe to run again: it does nothing when all of it is there.
set -eu

packages="python3-torch python3-opencv python3-numpy python3-matplotlib gcompris-qt-data tuxpaint-stamps-default"

fail() {
    printf 'train:setup: %s\n' "$1" >&2
    exit 1
}

missing=""
for package in $packages; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing="$missing $package"
done

if [ -n "$missing" ]; then
    command -v apt-get >/dev/null 2>&1 || fail "apt-get not found; training is set up for Debian 12. Install by hand:$missing"
    if [ "$(id -u)" -eq 0 ]; then
        as_root=""
    elif command -v sudo >/dev/null 2>&1; then
        as_root="sudo"
    else
        fail "needs root or sudo to install:$missing"
    fi
    echo "train:setup: installing$missing"
    # shellcheck disable=SC2086 # both lists are meant to be split into words
    $as_root apt-get install -y --no-install-recommends $missing >/dev/null || {
        $as_root apt-get update || fail "apt-get update failed; check the network and /etc/apt/sources.list"
        $as_root apt-get install -y --no-install-recommends $missing || fail "could not install:$missing (disk full? not Debian 12?)"
    }
fi

/usr/bin/python3 -c 'import cv2, numpy, torch; print("train:setup: PyTorch", torch.__version__, "OpenCV", cv2.__version__, "NumPy", numpy.__version__)' ||
    fail "the packages are installed but /usr/bin/python3 cannot import them"
