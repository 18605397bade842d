"""Pasting into training pictures: single faces, and objects that are none."""
from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.random import Generator

from finder_faces import Source


def log_uniform(rng: Generator, low: float, high: float) -> float:
    return math.exp(rng.uniform(math.log(low), math.log(high)))


def resize(image: np.ndarray, width: int, height: int) -> np.ndarray:
    """Area averaging when shrinking, bilinear when enlarging: what the library does."""
    shrinks = width * height < image.shape[0] * image.shape[1]
    return cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)


def overlaps(box: np.ndarray, others: list[np.ndarray] | np.ndarray) -> bool:
    return any(min(box[2], o[2]) > max(box[0], o[0]) and min(box[3], o[3]) > max(box[1], o[1]) for o in others)


def blend(image: np.ndarray, patch: np.ndarray, alpha: np.ndarray, left: int, top: int) -> np.ndarray | None:
    """Lays a patch [h, w, 3] with alpha [h, w] in [0, 1] onto the image, in place. -> the corners it took, or None outside."""
    rows, columns = image.shape[:2]
    height, width = patch.shape[:2]
    x1, y1, x2, y2 = max(0, left), max(0, top), min(columns, left + width), min(rows, top + height)
    if x2 - x1 < 3 or y2 - y1 < 3:
        return None
    weight = alpha[y1 - top:y2 - top, x1 - left:x2 - left, None]
    below = image[y1:y2, x1:x2]
    above = patch[y1 - top:y2 - top, x1 - left:x2 - left].astype(np.float32)
    image[y1:y2, x1:x2] = (below + (above - below) * weight).astype(np.uint8)
    return np.float32([x1, y1, x2, y2])


def _outline(patch: np.ndarray, box: np.ndarray, rng: Generator) -> tuple[np.ndarray, np.ndarray]:
    """Turns some faces a little and gives the patch an outline: hard, soft, or an oval about the head.
    -> patch [h, w, 3], alpha [h, w] float32 in [0, 1]."""
    height, width = patch.shape[:2]
    middle = (box[:2] + box[2:]) / 2
    if rng.random() < 0.3:
        turn = cv2.getRotationMatrix2D((float(middle[0]), float(middle[1])), rng.normal(0, 12), 1.0)
        patch = cv2.warpAffine(patch, turn, (width, height), borderMode=cv2.BORDER_REPLICATE)
    alpha = np.ones((height, width), np.float32)
    choice = rng.random()
    if choice < 0.35:
        alpha[:] = 0
        half = (box[2:] - box[:2]) / 2 * rng.uniform(1.15, 1.5)
        cv2.ellipse(alpha, (int(middle[0]), int(middle[1])), (max(2, int(half[0])), max(2, int(half[1]))), 0, 0, 360, 1.0, -1)
        alpha = cv2.GaussianBlur(alpha, (0, 0), max(0.5, 0.04 * float(half.max())))
    elif choice < 0.65:
        edge = max(1, int(0.06 * min(height, width)))
        alpha[:edge] = alpha[-edge:] = 0
        alpha[:, :edge] = alpha[:, -edge:] = 0
        alpha = cv2.blur(alpha, (2 * edge + 1, 2 * edge + 1))
    return patch, alpha


def paste_face(image: np.ndarray, boxes: np.ndarray, face: Source, size_px: float, rng: Generator) -> np.ndarray:
    """Lays a single face, its box size_px long, somewhere onto the image, in place, but on no other face and never under one.
    -> boxes [n, 4] or [n + 1, 4]."""
    side_y, side_x = image.shape[:2]
    scale = size_px / float((face.boxes[0, 2:] - face.boxes[0, :2]).max())
    width, height = (max(4, round(n * scale)) for n in (face.image.shape[1], face.image.shape[0]))
    if max(width, height) > 2 * max(side_x, side_y):
        return boxes
    box = face.boxes[0] * scale
    patch, alpha = _outline(resize(face.image, width, height), box, rng)
    middle = (box[:2] + box[2:]) / 2
    left = int(rng.uniform(0.0, 1.0) * side_x - middle[0])
    top = int(rng.uniform(0.0, 1.0) * side_y - middle[1])
    placed = box + np.float32([left, top, left, top])
    if overlaps(np.float32([left, top, left + width, top + height]), boxes):
        return boxes
    if blend(image, patch, alpha, left, top) is None:
        return boxes
    return np.concatenate([boxes, placed[None]]).astype(np.float32)


def paste_object(image: np.ndarray, boxes: np.ndarray, stamp: np.ndarray, size_px: float, rng: Generator) -> None:
    """Lays an object (BGRA, cut out) somewhere beside the faces of the image, in place."""
    scale = size_px / max(stamp.shape[:2])
    small = resize(stamp, max(4, round(stamp.shape[1] * scale)), max(4, round(stamp.shape[0] * scale)))
    height, width = small.shape[:2]
    left = int(rng.uniform(0, 1) * image.shape[1] - width / 2)
    top = int(rng.uniform(0, 1) * image.shape[0] - height / 2)
    if not overlaps(np.float32([left, top, left + width, top + height]), boxes):
        blend(image, small[..., :3], small[..., 3].astype(np.float32) / 255, left, top)
