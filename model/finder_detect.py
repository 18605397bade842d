"""The finder's answer for one picture in Python: preprocessing, network, decoding, non-maximum suppression.
This is the readable twin of what the C library does."""
from __future__ import annotations

import numpy as np
import torch

from finder_network import FaceFinder, decode
from finder_pasting import resize

NMS_IOU = 0.45


def prepare(picture: np.ndarray, size_px: int) -> tuple[torch.Tensor, float]:
    """BGR uint8 [H, W, 3] -> input [1, 3, h, w] with long side size_px, and the scale that was applied."""
    rows, columns = picture.shape[:2]
    scale = size_px / max(rows, columns)
    width, height = max(1, round(columns * scale)), max(1, round(rows * scale))
    small = resize(picture, width, height)
    padded = np.zeros((1, 3, -(-height // 32) * 32, -(-width // 32) * 32), np.float32)
    padded[0, :, :height, :width] = small[:, :, ::-1].transpose(2, 0, 1).astype(np.float32) / 127.5 - 1
    return torch.from_numpy(padded), scale


def suppress(boxes: np.ndarray, scores: np.ndarray, iou: float = NMS_IOU) -> np.ndarray:
    """Greedy non-maximum suppression: boxes [n, 4], scores [n] -> kept indices, best first."""
    order = np.argsort(-scores, kind="stable")
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    kept = []
    while len(order):
        best, rest = order[0], order[1:]
        kept.append(best)
        side = np.minimum(boxes[best, 2:], boxes[rest, 2:]) - np.maximum(boxes[best, :2], boxes[rest, :2])
        both = np.prod(np.maximum(side, 0), 1)
        order = rest[both <= iou * (areas[best] + areas[rest] - both)]
    return np.array(kept, np.int64)


@torch.no_grad()
def detect(network: FaceFinder, picture: np.ndarray, size_px: int, min_score: float = 0.02) -> np.ndarray:
    """-> [n, 5]: corners in px of the picture (clamped to it) and score, best first. The network is in eval mode."""
    image, scale = prepare(picture, size_px)
    logits, boxes, _, _ = decode(network(image))
    scores = logits[0].sigmoid().numpy()
    chosen = scores >= min_score
    found, scores = boxes[0].numpy()[chosen], scores[chosen]
    kept = suppress(found, scores)
    rows, columns = picture.shape[:2]
    found = np.clip(found[kept] / scale, 0, [columns, rows, columns, rows])
    return np.concatenate([found, scores[kept, None]], 1)
