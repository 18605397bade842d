"""Photographs without people, beside the data folder's own: animals, tools, buildings, landscapes, cut out objects.

Debian's `gcompris-qt-data` carries about 250 such photographs (free licences, listed in the package's copyright
file) inside Qt resource files; `tuxpaint-stamps-default` cut out objects as PNG with alpha. Animals' faces and round objects are what a face finder mistakes for people.
"""
from __future__ import annotations

import hashlib
import re
import sys
from pathlib import Path

import cv2
import numpy as np

RESOURCE_FOLDER = Path("/usr/share/gcompris-qt/rcc")
_RESOURCES = ("categorization", "clickgame", "erase", "explore_farm_animals", "explore_monuments", "explore_world_animals")
STAMP_FOLDER = Path("/usr/share/tuxpaint/stamps")
_STAMPS = ("animals", "food", "hobbies", "household", "plants", "sports", "town/houses", "town/roadsigns", "vehicles")
_MAX_STAMP_PX = 400
_PICTURE_START = re.compile(b"RIFF....WEBP|\xff\xd8\xff[\xe0\xe1\xdb]", re.DOTALL)
_MAX_FILE_BYTES = 3_000_000
_MIN_SIDE_PX = 180
_MAX_LONG_SIDE_PX = 800
# Pictures that do show faces (carved or painted ones too): SHA-1 of the decoded, shrunk picture, first 12 digits.
_EXCLUDED = frozenset({"32b9a731ec8e", "bc5af309651f", "08dd1bdf0658", "a8d30f860618"})


def fingerprint(image: np.ndarray) -> str:
    return hashlib.sha1(image.tobytes()).hexdigest()[:12]


def load_negatives() -> list[np.ndarray]:
    """BGR pictures [H, W, 3] uint8; empty with a warning where the package is not installed."""
    if not RESOURCE_FOLDER.is_dir():
        print("warning: gcompris-qt-data is not installed (npm run train:setup); training with fewer negatives", file=sys.stderr)
        return []
    pictures = []
    seen: set[str] = set()
    for name in _RESOURCES:
        data = (RESOURCE_FOLDER / f"{name}.rcc").read_bytes()
        for match in _PICTURE_START.finditer(data):
            start = match.start()
            encoded = np.frombuffer(data[start:start + _MAX_FILE_BYTES], np.uint8)
            image = cv2.imdecode(encoded, cv2.IMREAD_COLOR)
            if image is None or min(image.shape[:2]) < _MIN_SIDE_PX:
                continue
            scale = _MAX_LONG_SIDE_PX / max(image.shape[:2])
            if scale < 1:
                image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            key = fingerprint(image)
            if key not in seen and key not in _EXCLUDED:
                seen.add(key)
                pictures.append(image)
    return pictures


def load_objects() -> list[np.ndarray]:
    """BGRA objects [H, W, 4] uint8, trimmed; empty with a warning where the package is not installed."""
    if not STAMP_FOLDER.is_dir():
        print("warning: tuxpaint-stamps-default is not installed (npm run train:setup); training without pasted objects", file=sys.stderr)
        return []
    objects = []
    for path in sorted(path for name in _STAMPS for path in (STAMP_FOLDER / name).rglob("*.png")):
        image = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        if image is None or image.ndim != 3 or image.shape[2] != 4 or image.dtype != np.uint8 or "cartoon" in path.parts:
            continue
        shown = np.argwhere(image[..., 3] > 16)
        if not len(shown):
            continue
        (top, left), (bottom, right) = shown.min(0), shown.max(0) + 1
        image = image[top:bottom, left:right]
        scale = _MAX_STAMP_PX / max(image.shape[:2])
        if scale < 1:
            image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        if min(image.shape[:2]) >= 16:
            objects.append(image)
    return objects
