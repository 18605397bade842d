"""The finder's answer for one picture in Python: preprocessing, network, decoding, non-maximum suppression; at two scales for
a picture. This is the readable twin of what the C library does."""
from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import torch
from torch.nn.functional import avg_pool2d, pad

from finder_network import FaceFinder, decode
from finder_pasting import resize

NMS_IOU = 0.45
MIN_SCALED_SIZE_PX = 512  # long side from which on a picture is searched at half the size, too
MIN_HALF_SIZE_FACE_PX = 32  # longer side of a box found there, in px at half the size


def prepare(picture: np.ndarray, size_px: int) -> tuple[torch.Tensor, tuple[float, float]]:
    """BGR uint8 [H, W, 3] -> input [1, 3, h, w] with long side size_px, and what was applied to x and to y."""
    rows, columns = picture.shape[:2]
    scale = size_px / max(rows, columns)
    width, height = (max(1, math.floor(side * scale + 0.5)) for side in (columns, rows))
    small = resize(picture, width, height)
    padded = np.zeros((1, 3, -(-height // 32) * 32, -(-width // 32) * 32), np.float32)
    padded[0, :, :height, :width] = small[:, :, ::-1].transpose(2, 0, 1).astype(np.float32) / 127.5 - 1
    return torch.from_numpy(padded), (width / columns, height / rows)


def halve(image: torch.Tensor) -> torch.Tensor:
    """Input [1, 3, h, w] -> input at half the size: means of two by two, padded to multiples of 32."""
    half = avg_pool2d(image, 2)
    return pad(half, (0, -half.shape[3] % 32, 0, -half.shape[2] % 32))


def union(area: float, areas: np.ndarray, both: np.ndarray) -> np.ndarray:
    return area + areas - both


def smaller(area: float, areas: np.ndarray, both: np.ndarray) -> np.ndarray:
    return np.minimum(area, areas)


def suppress(boxes: np.ndarray, scores: np.ndarray, limit: float = NMS_IOU, whole: Callable[..., np.ndarray] = union) -> np.ndarray:
    """Greedy non-maximum suppression: boxes [n, 4], scores [n] -> kept indices, best first. `limit`: share of `whole` that
    two kept ones have in common at most."""
    order = np.argsort(-scores, kind="stable")
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    kept = []
    while len(order):
        best, rest = order[0], order[1:]
        kept.append(best)
        side = np.minimum(boxes[best, 2:], boxes[rest, 2:]) - np.maximum(boxes[best, :2], boxes[rest, :2])
        both = np.prod(np.maximum(side, 0), 1)
        order = rest[both <= limit * whole(areas[best], areas[rest], both)]
    return np.array(kept, np.int64)


def answers(network: FaceFinder, image: torch.Tensor, min_score: float) -> tuple[np.ndarray, np.ndarray]:
    """Input [1, 3, h, w] -> boxes [n, 4] in its px and scores [n] of all cells that score enough."""
    logits, boxes, _, _ = decode(network(image))
    scores = logits[0].sigmoid().numpy()
    chosen = scores >= min_score
    return boxes[0].numpy()[chosen], scores[chosen]


@torch.no_grad()
def detect(network: FaceFinder, picture: np.ndarray, size_px: int, min_score: float = 0.02, scales: int = 2) -> np.ndarray:
    """-> [n, 5]: corners in px of the picture (clamped to it) and score, best first. The network is in eval mode. scales: 2 for
    a picture, 1 for a frame of a video."""
    image, (across, down) = prepare(picture, size_px)
    found, scores = answers(network, image, min_score)
    if scales == 2 and size_px >= MIN_SCALED_SIZE_PX:
        larger, their_scores = answers(network, halve(image), min_score)
        chosen = (larger[:, 2:] - larger[:, :2]).max(1, initial=0) >= MIN_HALF_SIZE_FACE_PX
        found = np.concatenate([found, 2 * larger[chosen]])
        scores = np.concatenate([scores, their_scores[chosen]])
    kept = suppress(found, scores)
    rows, columns = picture.shape[:2]
    found = np.clip(found[kept] / [across, down, across, down], 0, [columns, rows, columns, rows])
    return np.concatenate([found, scores[kept, None]], 1)
