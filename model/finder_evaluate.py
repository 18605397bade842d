"""Measures a checkpoint on the validation split in Python: AP50 by face size, recall, false alarms by threshold.

    finder_evaluate.py CHECKPOINT DATA_FOLDER [--sizes 640 416 320] [--scales 1]

As pictures are searched, at two scales; with --scales 1 as frames of a video are.

The measure of record is `npm run accuracy`, which runs the shipped file through the C library; this one steers training.
"""
from __future__ import annotations

import argparse
import math

import numpy as np
import torch

import data
from finder_detect import detect
from finder_network import FaceFinder, load_finder
from pictures import read_bgr

SIZES_PX = (0, 16, 32, 64)  # face sizes (longer side, px of the picture) the table is split by
_THRESHOLDS = (0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7)


def iou(box: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Of one box with others, corners: [n]."""
    side = np.maximum(np.minimum(box[2:4], boxes[:, 2:4]) - np.maximum(box[:2], boxes[:, :2]), 0)
    both = side[:, 0] * side[:, 1]
    area = (box[2] - box[0]) * (box[3] - box[1]) + np.prod(boxes[:, 2:4] - boxes[:, :2], 1)
    return both / (area - both + 1e-9)


def average_precision(found: list[np.ndarray], truth: list[np.ndarray], min_size_px: float) -> float:
    """Area under the precision-recall curve at IoU 0.5. Labelled faces below min_size_px are ignored together with the
    answers that match them; so are unmatched answers below it. nan where there is no face to find."""
    wanted = sum(int(((t[:, 2:] - t[:, :2]).max(1, initial=0) >= min_size_px).sum()) for t in truth)
    used = [np.zeros(len(t), bool) for t in truth]
    hits = []
    for _, n, k in sorted(((-d[k, 4], n, k) for n, d in enumerate(found) for k in range(len(d)))):
        box, boxes = found[n][k], truth[n]
        overlap = np.where(used[n], -1, iou(box, boxes)) if len(boxes) else np.zeros(0)
        best = int(overlap.argmax()) if len(boxes) else -1
        if best >= 0 and overlap[best] >= 0.5:
            used[n][best] = True
            if (boxes[best, 2:] - boxes[best, :2]).max() >= min_size_px:
                hits.append(1)
        elif max(box[2] - box[0], box[3] - box[1]) >= min_size_px:
            hits.append(0)
    if not wanted:
        return math.nan
    if not hits:
        return 0.0
    correct = np.cumsum(hits)
    precision = np.maximum.accumulate((correct / np.arange(1, len(hits) + 1))[::-1])[::-1]
    recall = correct / wanted
    return float(np.sum(np.diff(np.concatenate([[0], recall])) * precision))


def recalls(
    found: list[np.ndarray], truth: list[np.ndarray], masked: list[np.ndarray], threshold: float, min_size_px: float = 32
) -> tuple[float, float]:
    """Share of labelled faces >= min_size_px found with at least this score: with a correctly worn mask, and the others."""
    seen: dict[bool, list[bool]] = {True: [], False: []}
    for answers, boxes, are_masked in zip(found, truth, masked):
        answers = answers[answers[:, 4] >= threshold]
        for box, is_masked in zip(boxes, are_masked):
            if (box[2:] - box[:2]).max() >= min_size_px:
                seen[bool(is_masked)].append(bool(len(answers)) and bool((iou(box, answers) >= 0.5).any()))
    return tuple(float(np.mean(seen[kind])) if seen[kind] else float("nan") for kind in (True, False))


class Validation:
    """The validation pictures, decoded once."""

    def __init__(self, pictures: list[data.Picture], scales: int = 2) -> None:
        self._scales = scales
        scenes = data.select(pictures, "scenes", "val")
        self._scenes = [read_bgr(p.path) for p in scenes]
        self.truth = [np.float32([f.corners for f in p.faces]).reshape(-1, 4) for p in scenes]
        self.masked = [np.array([f.label == "mask_worn_correctly" for f in p.faces], bool) for p in scenes]
        self._backgrounds = [read_bgr(p.path) for p in data.select(pictures, "backgrounds", "val")]
        singles = data.select(pictures, ("web", "celeb", "crops"), "val")
        self._singles = [(read_bgr(p.path), np.float32([p.faces[0].corners]), p.source) for p in singles]

    def _detect(self, network: FaceFinder, image: np.ndarray, size_px: int, min_score: float = 0.02) -> np.ndarray:
        return detect(network, image, size_px, min_score, self._scales)

    def scenes(self, network: FaceFinder, size_px: int) -> list[np.ndarray]:
        return [self._detect(network, image, size_px) for image in self._scenes]

    def table(self, found: list[np.ndarray]) -> list[float]:
        return [average_precision(found, self.truth, size) for size in SIZES_PX]

    def f1(self, found: list[np.ndarray], threshold: float) -> float:
        """Of faces >= 16 px at IoU 0.5."""
        hits = wanted = answered = 0
        for answers, boxes in zip(found, self.truth):
            answers = answers[answers[:, 4] >= threshold]
            used = np.zeros(len(boxes), bool)
            large = (boxes[:, 2:] - boxes[:, :2]).max(1, initial=0) >= 16
            wanted += int(large.sum())
            for box in answers:
                overlap = np.where(used, -1, iou(box, boxes)) if len(boxes) else np.zeros(0)
                if len(boxes) and overlap.max() >= 0.5:
                    used[overlap.argmax()] = True
                    hits += int(large[overlap.argmax()])
                    answered += int(large[overlap.argmax()])
                else:
                    answered += int((box[2:4] - box[:2]).max() >= 16)
        return 2 * hits / max(1, wanted + answered)

    def false_alarms(self, network: FaceFinder, size_px: int) -> np.ndarray:
        """Scores of all answers on pictures without people."""
        return np.concatenate([self._detect(network, image, size_px, 0.2)[:, 4] for image in self._backgrounds] or [np.zeros(0)])

    @property
    def backgrounds(self) -> int:
        return len(self._backgrounds)

    def single_recall(self, network: FaceFinder, size_px: int, threshold: float) -> dict[str, float]:
        """Share of single-face pictures whose face is found, by source."""
        seen: dict[str, list[bool]] = {}
        for image, box, source in self._singles:
            answers = self._detect(network, image, size_px, threshold)
            seen.setdefault(source, []).append(bool(len(answers)) and bool((iou(box[0], answers) >= 0.5).any()))
        return {source: float(np.mean(values)) for source, values in seen.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint")
    parser.add_argument("data")
    parser.add_argument("--sizes", type=int, nargs="+", default=[640, 416, 320])
    parser.add_argument("--scales", type=int, choices=(1, 2), default=2)
    parser.add_argument("--singles", action="store_true", help="also the single-face pictures (minutes)")
    options = parser.parse_args()
    torch.set_num_threads(1)
    network = load_finder(options.checkpoint)
    validation = Validation(data.load_data(options.data), options.scales)
    for size in options.sizes:
        found = validation.scenes(network, size)
        alarms = validation.false_alarms(network, size)
        print(f"long side {size}: AP50 all/>=16/>=32/>=64 px", " ".join(f"{v:.3f}" for v in validation.table(found)))
        for threshold in _THRESHOLDS:
            masked, other = recalls(found, validation.truth, validation.masked, threshold)
            print(f"  score >= {threshold:.2f}: F1 {validation.f1(found, threshold):.3f}, recall >= 32 px masked {masked:.3f} others {other:.3f}, "
                  f"false faces per background {np.sum(alarms >= threshold) / max(1, validation.backgrounds):.3f}")
        if options.singles:
            print("  single faces found at 0.5:", validation.single_recall(network, size, 0.5), flush=True)


if __name__ == "__main__":
    main()
