"""A head that is drawn, not photographed: rounded shapes in three dimensions, seen from any side under any light.

For examples that may be shown. Face units as in mask_drawing: the eyes are 1 apart, the origin is between them, x to the
picture's right, y down, z towards the camera.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from arrays import Floats, Pixels
from mask_drawing import MEAN_FACE

_FINER = 2  # pixels are means of so many rays squared
_STEPS = 48
_NEAR, _FAR = 3.0, -3.5  # z between which a ray is followed
_SKIN, _HAIR, _SHIRT, _EYE = range(4)
_BACKGROUND = ((152, 164, 172), (196, 204, 208))  # top, bottom


@dataclass(frozen=True)
class Look:
    """Colours are RGB; angles in degrees: yaw to the picture's right, pitch down; light from (x, y, z)."""

    skin: tuple[int, int, int] = (224, 178, 150)
    hair: tuple[int, int, int] = (70, 48, 34)
    shirt: tuple[int, int, int] = (72, 92, 128)
    yaw: float = 0.0
    pitch: float = 0.0
    light: tuple[float, float, float] = (-0.5, -0.7, 0.9)
    brightness: float = 1.0


def _ellipsoid(p: Floats, centre: tuple[float, float, float], radii: tuple[float, float, float]) -> Floats:
    """Roughly the distance of points [N, 3] to an ellipsoid's surface, negative inside."""
    scaled = (p - np.float32(centre)) / np.float32(radii)
    length = np.sqrt((scaled * scaled).sum(1)) + 1e-6
    slope = np.sqrt(((scaled / np.float32(radii)) ** 2).sum(1)) + 1e-6
    return length * (length - 1) / slope


def _join(a: Floats, b: Floats, soft: float) -> Floats:
    """The union of two shapes, its seam rounded."""
    h = np.maximum(soft - np.abs(a - b), 0) / soft
    return np.minimum(a, b) - h * h * soft / 4


def _carve(a: Floats, b: Floats, soft: float) -> Floats:
    return -_join(-a, b, soft)


def _distances(p: Floats) -> Floats:
    """[N, 3] -> [4, N]: distance to skin, hair, shirt and eyes."""
    q = np.concatenate([np.abs(p[:, :1]), p[:, 1:]], 1)  # left and right are alike
    skin = _ellipsoid(p, (0, -0.35, -0.85), (1.06, 1.35, 1.05))
    skin = _join(skin, _ellipsoid(p, (0, 0.75, -0.62), (0.92, 1.1, 0.86)), 0.35)
    skin = _join(skin, _ellipsoid(p, (0, 1.55, -0.08), (0.34, 0.26, 0.26)), 0.4)
    skin = _join(skin, _ellipsoid(q, (0.52, 0.5, -0.12), (0.36, 0.3, 0.26)), 0.35)
    skin = _carve(skin, _ellipsoid(q, (0.5, 0.02, 0.22), (0.29, 0.17, 0.2)), 0.25)
    skin = _join(skin, _ellipsoid(p, (0, 0.33, 0.14), (0.12, 0.42, 0.24)), 0.18)
    skin = _join(skin, _ellipsoid(p, (0, 0.62, 0.33), (0.17, 0.13, 0.2)), 0.14)
    skin = _join(skin, _ellipsoid(q, (0.17, 0.68, 0.22), (0.11, 0.09, 0.14)), 0.08)
    skin = _join(skin, _ellipsoid(p, (0, 1.06, 0.16), (0.34, 0.07, 0.14)), 0.1)
    skin = _join(skin, _ellipsoid(p, (0, 1.2, 0.14), (0.28, 0.08, 0.15)), 0.1)
    skin = _join(skin, _ellipsoid(q, (1.06, 0.2, -0.85), (0.1, 0.33, 0.2)), 0.08)
    skin = _join(skin, _ellipsoid(p, (0, 2.2, -0.95), (0.56, 1.3, 0.56)), 0.2)
    hair = _ellipsoid(p, (0, -0.45, -0.95), (1.2, 1.4, 1.2))
    hairline = -0.72 + 0.25 * p[:, 0] ** 2 + 1.1 * np.minimum(p[:, 2] + 0.25, 0) ** 2
    hair = np.maximum(hair, (p[:, 1] - hairline) * 0.6)
    shirt = _join(_ellipsoid(p, (0, 3.75, -1.0), (2.5, 1.1, 0.9)), _ellipsoid(p, (0, 2.95, -1.0), (0.85, 0.35, 0.75)), 0.5)
    eyes = _ellipsoid(q, (0.5, 0.02, -0.07), (0.2, 0.16, 0.2))
    return np.stack([skin, hair, shirt, eyes])


def _spot(p: Floats, x: float, y: float, half_width: float, half_height: float, soft: float = 0.3) -> Floats:
    """[N] coverage of an oval painted on the front of the face, on both sides where x is not 0."""
    away = np.hypot((np.abs(p[:, 0]) - x) / half_width, (p[:, 1] - y) / half_height)
    return np.clip((1 + soft - away) / (2 * soft), 0, 1) * (p[:, 2] > -0.4)


def _paint(p: Floats, part: NDArray[np.int64], look: Look, rng: np.random.Generator) -> Floats:
    """[N, 3] colours of points on the surfaces."""
    skin, hair = np.float32(look.skin), np.float32(look.hair)
    colours = np.stack([skin, hair, np.float32(look.shirt), np.float32((238, 236, 232))])[part]

    def blend(tone: Floats, cover: Floats, only: int) -> None:
        weight = (cover * (part == only))[:, None]
        colours[:] = colours * (1 - weight) + np.float32(tone) * weight

    blend(skin * (1.0, 0.8, 0.78), 0.4 * _spot(p, 0.55, 0.62, 0.35, 0.3, 0.9), _SKIN)  # cheeks
    blend(skin * (0.86, 0.52, 0.52), 0.85 * _spot(p, 0, 1.13, 0.38, 0.15), _SKIN)  # lips
    blend(skin * 0.35, _spot(p, 0, 1.125, 0.33, 0.016, 0.6), _SKIN)
    blend(hair * 0.9, 0.85 * _spot(p, 0.5, -0.28, 0.3, 0.06, 0.5), _SKIN)  # brows
    blend(skin * 0.4, _spot(p, 0.11, 0.755, 0.055, 0.035, 0.6), _SKIN)  # nostrils
    blend(np.float32((58, 44, 36)), _spot(p, 0.5, 0.01, 0.085, 0.085, 0.15), _EYE)
    blend(np.float32((12, 10, 10)), _spot(p, 0.5, 0.01, 0.04, 0.04, 0.2), _EYE)
    blend(hair * 0.5, _spot(p, 0.5, -0.1, 0.23, 0.03, 0.6), _EYE)  # lashes
    strands = np.sin(p[:, 0] * 43 + np.sin(p[:, 1] * 9) * 2) * 0.1 * (part == _HAIR)
    return colours * (1 + strands + rng.normal(0, 0.018, len(p)))[:, None]


def _turn(look: Look) -> Floats:
    """[3, 3]: face units to the camera's."""
    yaw, pitch = math.radians(look.yaw), math.radians(look.pitch)
    sideways = np.array([[math.cos(yaw), 0, math.sin(yaw)], [0, 1, 0], [-math.sin(yaw), 0, math.cos(yaw)]])
    nod = np.array([[1, 0, 0], [0, math.cos(pitch), math.sin(pitch)], [0, -math.sin(pitch), math.cos(pitch)]])
    return (nod @ sideways).astype(np.float32)


def draw_head(look: Look, side_px: int, unit_px: float, seed: int = 0) -> tuple[Pixels, Floats]:
    """-> RGB [side_px, side_px, 3], key points [6, 2] px in the order of data.KEYPOINTS. A face unit is unit_px."""
    rng = np.random.default_rng(seed)
    side = side_px * _FINER
    turn = _turn(look)
    columns, rows = np.meshgrid(np.arange(side, dtype=np.float32), np.arange(side, dtype=np.float32))
    middle = np.float32([side / 2 / _FINER, side_px * 0.42])
    x = ((columns.ravel() + 0.5) / _FINER - middle[0]) / unit_px
    y = ((rows.ravel() + 0.5) / _FINER - middle[1]) / unit_px
    reached = np.full(side * side, _NEAR, np.float32)
    active = np.arange(side * side)
    hit = np.zeros(side * side, bool)
    # The middle of the head, not the point between the eyes, stays in place when it turns.
    pivot = np.float32([0, 0.35, -0.6])

    def to_face(which: NDArray[np.int64]) -> Floats:
        return np.stack([x[which], y[which] - pivot[1], reached[which]], 1) @ turn + pivot

    for _ in range(_STEPS):
        distance = _distances(to_face(active)).min(0)
        hit[active[distance < 0.004]] = True
        reached[active] -= 0.8 * np.maximum(distance, 0.002)
        active = active[(distance >= 0.004) & (reached[active] > _FAR)]
    found = np.flatnonzero(hit)
    p = to_face(found)
    all_distances = _distances(p)
    slope = np.stack([_distances(p + step).min(0) - _distances(p - step).min(0) for step in np.eye(3, dtype=np.float32) * 0.015], 1)
    normal = (slope / (np.linalg.norm(slope, axis=1, keepdims=True) + 1e-6)) @ turn.T
    light = np.float32(look.light) / np.linalg.norm(look.light)
    hollow = np.clip(_distances(p + 0.18 * slope / 0.03).min(0) / 0.18, 0.25, 1)
    shine = np.clip((normal * (light + np.float32([0, 0, 1]))).sum(1) / np.linalg.norm(light + np.float32([0, 0, 1])), 0, 1) ** 24
    lit = (0.42 + 0.68 * np.clip(normal @ light, 0, 1)) * (0.55 + 0.45 * hollow)
    top, bottom = (np.float32(tone) for tone in _BACKGROUND)
    image = (top + (bottom - top) * (rows.ravel() / side)[:, None]).astype(np.float32)
    part = all_distances.argmin(0)
    image[found] = _paint(p, part, look, rng) * lit[:, None] + 26 * shine[:, None] * (part != _SHIRT)[:, None]
    image = cv2.resize(image.reshape(side, side, 3), (side_px, side_px), interpolation=cv2.INTER_AREA)
    image = cv2.GaussianBlur(image, (0, 0), 0.6) * look.brightness + rng.normal(0, 2, image.shape)
    points = (MEAN_FACE - pivot) @ turn.T
    return np.clip(image, 0, 255).astype(np.uint8), points[:, :2] * unit_px + middle + np.float32([0, pivot[1] * unit_px])
