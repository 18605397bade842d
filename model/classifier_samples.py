"""From pictures to network inputs: the crop as the C library takes it, and its distorted copies.

Pictures are RGB uint8 [H, W, 3]; network inputs are float32 [3, 64, 64] in [-1, 1], where 0 also
stands for what lies outside of the picture.
"""

from __future__ import annotations

import math
import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

import cv2
import numpy as np

from arrays import Floats, Pixels
from classifier_network import CROP_SCALE, INPUT_SIZE_PX
from data import KEYPOINTS, Face

MIRRORED = (1, 0, 2, 3, 5, 4)  # KEYPOINTS in a mirrored picture
OUTSIDE = 127  # the pixel value nearest to 0 after normalisation
KEPT_SCALE = 1.9  # side of what is kept around a face over its longer side: room for jitter
KEPT_SIZE_PX = 128  # larger surroundings are shrunk to this


def points_of(face: Face) -> Floats | None:
    """[6, 2] px in the order of KEYPOINTS, or None where the face has none."""
    if face.keypoints is None:
        return None
    return np.array([face.keypoints[name] for name in KEYPOINTS], np.float32)


def sampling_matrix(start: float, side: float, count: int, length: int) -> Floats:
    """[count, length]: one axis of a resampling of [start, start + side) to `count` values.

    Shrinking averages over the exact stretch of source pixels, and rows sum to less than 1 where they reach over the
    border: there the picture is 0. Enlarging is linear between their centres and clamped at the border; rows whose own
    centre is beyond it are 0.
    """
    step = side / count
    source = np.arange(length, dtype=np.float64)[None]
    if step > 1:
        low = start + step * np.arange(count, dtype=np.float64)[:, None]
        covered = np.minimum(low + step, source + 1) - np.maximum(low, source)
        return (np.clip(covered, 0, None) / step).astype(np.float32)
    centre = start + step * (np.arange(count, dtype=np.float64)[:, None] + 0.5)
    inside = (centre >= 0) & (centre < length)
    weights = np.clip(1 - np.abs(np.clip(centre - 0.5, 0, length - 1) - source), 0, None)
    return (weights * inside).astype(np.float32)


def input_of(picture: Pixels, face: Face) -> Floats:
    """The network's input for a box of a picture, [3, 64, 64]: what inference computes."""
    side = max(face.width, face.height) * CROP_SCALE
    x = face.x + face.width / 2 - side / 2
    y = face.y + face.height / 2 - side / 2
    # A margin of two pixels: enlarging looks at neighbours.
    left, top = (max(0, math.floor(start) - 2) for start in (x, y))
    picture = picture[top : max(top, math.ceil(y + side) + 2), left : max(left, math.ceil(x + side) + 2)]
    x, y = x - left, y - top
    across = sampling_matrix(x, side, INPUT_SIZE_PX, picture.shape[1])
    down = sampling_matrix(y, side, INPUT_SIZE_PX, picture.shape[0])
    normal = (picture.astype(np.float32) - 127.5) / 127.5
    return np.einsum("ih,hwc,jw->cij", down, normal, across, optimize=True)


@dataclass
class Crop:
    """A face with surroundings, at the picture's resolution or smaller. `x, y, side` are the face's
    centre and longer side in px of `pixels`, which end where the picture ends. `placed` says how well
    the box holds a face, from 0, not at all, to 1; views reach down to `lowest`, a y in px, where it is given."""

    pixels: Pixels
    x: float
    y: float
    side: float
    keypoints: Floats | None = None
    placed: float = 1.0
    lowest: float | None = None


def placed_target(iou: float) -> float:
    """How well a box with this overlap with a face holds it: nothing below 0.3, perfectly from 0.6 on."""
    return float(np.clip((iou - 0.3) / 0.3, 0, 1))


def made_once(stored: Path, make: Callable[[], dict[str, list[Crop]]]) -> dict[str, list[Crop]]:
    """Crops by group: read from the file if it is there, otherwise made and written to it."""
    if stored.is_file():
        print(f"read from {stored}: delete it to make it anew", flush=True)
        with stored.open("rb") as stream:
            return pickle.load(stream)  # our own file
    crops = make()
    stored.parent.mkdir(parents=True, exist_ok=True)
    partial = stored.with_suffix(".partial")
    with partial.open("wb") as stream:
        pickle.dump(crops, stream, protocol=5)
    partial.replace(stored)
    return crops


def crop_of(picture: Pixels, face: Face) -> Crop:
    """Cuts a face and its surroundings out of a picture."""
    half = face.size_px * KEPT_SCALE / 2
    centre_x, centre_y = face.x + face.width / 2, face.y + face.height / 2
    height, width = picture.shape[:2]
    x1, y1 = max(0, math.floor(centre_x - half)), max(0, math.floor(centre_y - half))
    x2, y2 = min(width, math.ceil(centre_x + half)), min(height, math.ceil(centre_y + half))
    pixels = picture[y1:max(y2, y1 + 1), x1:max(x2, x1 + 1)]
    scale_x = scale_y = min(1.0, KEPT_SIZE_PX / (2 * half))
    if scale_x < 1:
        size = (max(1, round(pixels.shape[1] * scale_x)), max(1, round(pixels.shape[0] * scale_y)))
        scale_x, scale_y = size[0] / pixels.shape[1], size[1] / pixels.shape[0]
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    points = points_of(face)
    if points is not None:
        points = (points - [x1, y1]) * [scale_x, scale_y]
    return Crop(
        np.ascontiguousarray(pixels), (centre_x - x1) * scale_x, (centre_y - y1) * scale_y,
        face.size_px * scale_x, points,
    )


def recolour(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Exposure, contrast, gamma, colour of the light, saturation."""
    if rng.random() < 0.08:
        pixels = cv2.cvtColor(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    elif rng.random() < 0.25:
        grey = cv2.cvtColor(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
        amount = rng.uniform(0.4, 1.35)
        pixels = cv2.addWeighted(pixels, amount, grey, 1 - amount, 0)
    level = np.linspace(0, 1, 256, dtype=np.float32)
    curve = level ** math.exp(rng.normal(0, 0.18))
    contrast, exposure = math.exp(rng.normal(0, 0.14)), math.exp(rng.normal(0, 0.14))
    if rng.random() < 0.07:
        exposure *= rng.uniform(0.35, 0.75)  # low light
    curve = ((curve - 0.45) * contrast + 0.45) * exposure + rng.normal(0, 0.05)
    cast = np.exp(rng.normal(0, 0.07, 3)) if rng.random() < 0.6 else np.ones(3)
    table = np.clip(curve[:, None] * cast * 255 + 0.5, 0, 255).astype(np.uint8)
    return cv2.LUT(pixels, table[None])


def degrade(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Blur, shake, noise and compression at the resolution at which the face was seen."""
    if rng.random() < 0.25:
        pixels = cv2.GaussianBlur(pixels, (0, 0), rng.uniform(0.3, 1.1) * max(1.0, len(pixels) / 48))
    if rng.random() < 0.07:
        length = int(rng.integers(2, max(3, len(pixels) // 9)))
        angle = rng.uniform(0, math.pi)
        kernel = np.zeros((2 * length + 1, 2 * length + 1), np.float32)
        reach = np.array([math.cos(angle), math.sin(angle)]) * length / 2
        start, end = np.round(length - reach).astype(int), np.round(length + reach).astype(int)
        cv2.line(kernel, start.tolist(), end.tolist(), 1.0, 1)
        pixels = cv2.filter2D(pixels, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REPLICATE)
    if rng.random() < 0.3:
        noise = rng.standard_normal(pixels.shape, np.float32) * rng.uniform(1, 9)
        if rng.random() < 0.5:
            noise = noise[..., :1]
        pixels = np.clip(pixels + noise, 0, 255).astype(np.uint8)
    if rng.random() < 0.45:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(22, 92))]
        compressed = cv2.imencode(".jpg", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), quality)[1]
        pixels = cv2.cvtColor(cv2.imdecode(compressed, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
    return pixels


def distorted_input(
    crop: Crop, rng: np.random.Generator, backgrounds: list[Pixels], sharp: float = 0.0
) -> tuple[Pixels, float, Floats]:
    """A random view of a face as training sees it: uint8 [64, 64, 3], not yet normalised; how well it is placed; and its
    key points in the view, [6, 2], from -1 to 1, NaN where it has none.

    `sharp` is the share of the views that are neither shrunk nor blurred nor compressed."""
    keep = sharp > 0 and rng.random() < sharp
    pixels = recolour(crop.pixels, rng)
    native = crop.side * CROP_SCALE
    seen = min(native, 96.0)  # px across the crop, before it becomes the network's input
    if not keep and rng.random() < 0.5 and native > 16:
        seen = math.exp(rng.uniform(math.log(15), math.log(seen)))
    size = max(8, round(seen))
    finer = max(1, round(native / size))  # warpAffine only interpolates: shrink by averaging afterwards

    side = crop.side * CROP_SCALE * rng.uniform(0.76, 1.24)
    stretch = math.exp(rng.normal(0, 0.06))
    shift = crop.side * np.clip(rng.normal(0, 0.055, 2), -0.15, 0.15)
    if crop.lowest is not None:  # the label would be wrong for what is left
        shift[1] += np.clip(crop.lowest - (crop.y + shift[1] + side / stretch / 2), 0, 0.3 * crop.side)
    extent = side / CROP_SCALE / crop.side  # of the box that this view is the crop of, in the face's
    width, height = np.clip((1 + extent) / 2 - np.abs(shift) / crop.side, 0, min(1.0, extent))
    overlap = width * height / (1 + extent**2 - width * height)
    angle = math.radians(np.clip(rng.normal(0, 9), -25, 25)) if rng.random() < 0.7 else 0.0
    mirror = -1.0 if rng.random() < 0.5 else 1.0
    full = size * finer
    # From the output's pixel centres to the crop's: WARP_INVERSE_MAP.
    across = side / full * stretch * mirror * np.array([math.cos(angle), math.sin(angle)])
    down = side / full / stretch * np.array([-math.sin(angle), math.cos(angle)])
    centre = np.array([crop.x, crop.y]) + shift - 0.5
    matrix = np.stack([across, down, centre - (across + down) * (full - 1) / 2], 1).astype(np.float32)

    border = rng.random()
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    if border < 0.5:
        view = cv2.warpAffine(pixels, matrix, (full, full), flags=flags, borderMode=cv2.BORDER_CONSTANT, borderValue=(OUTSIDE,) * 3)
    elif border < 0.75 or not backgrounds:
        view = cv2.warpAffine(pixels, matrix, (full, full), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    else:  # the picture of the face lies on another picture
        behind = backgrounds[int(rng.integers(len(backgrounds)))]
        span = int(rng.integers(24, min(behind.shape[:2])))
        row, column = (int(rng.integers(0, extent - span + 1)) for extent in behind.shape[:2])
        view = cv2.resize(behind[row : row + span, column : column + span], (full, full), interpolation=cv2.INTER_AREA)
        view = cv2.warpAffine(pixels, matrix, (full, full), dst=view, flags=flags, borderMode=cv2.BORDER_TRANSPARENT)
    if finer > 1:
        view = cv2.resize(view, (size, size), interpolation=cv2.INTER_AREA)
    if not keep:
        view = degrade(view, rng)
    if size > INPUT_SIZE_PX:
        view = cv2.resize(view, (INPUT_SIZE_PX, INPUT_SIZE_PX), interpolation=cv2.INTER_AREA)
    elif size < INPUT_SIZE_PX:
        kind = cv2.INTER_CUBIC if rng.random() < 0.12 else cv2.INTER_LINEAR
        view = cv2.resize(view, (INPUT_SIZE_PX, INPUT_SIZE_PX), interpolation=kind)
    if rng.random() < 0.12:  # something small in front of the face
        height, width = rng.integers(4, 16, 2)
        row, column = rng.integers(0, INPUT_SIZE_PX - 4, 2)
        view[row : row + height, column : column + width] = rng.integers(0, 256, 3)
    points = np.full((len(KEYPOINTS), 2), np.nan, np.float32)
    if crop.keypoints is not None:
        seen_at = np.linalg.solve(matrix[:, :2], (crop.keypoints - 0.5 - matrix[:, 2]).T).T
        points = ((seen_at + 0.5) / full * 2 - 1).astype(np.float32)
        if mirror < 0:
            points = points[list(MIRRORED)]
    return view, crop.placed * placed_target(overlap), points
