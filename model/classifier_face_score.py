"""The score of a face from both networks: what the finder says and what the classifier's second look says.

score = sigmoid(w_finder * logit(finder's score) + w_crop * face + bias); the three numbers are fitted to the finder's
answers on the validation pictures and stored in the file's metadata, key `face_score`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from classifier_accuracy import answers_of
from classifier_candidates import face_of
from classifier_network import MaskClassifier
from classifier_samples import input_of
from data import Picture, load_data, select
from finder_detect import detect, smaller, suppress
from finder_evaluate import SIZES_PX as FACE_SIZES_PX, average_precision, iou, recalls
from finder_network import FaceFinder, load_finder
from pictures import read_bgr

SEARCHES = ((640, 2), (320, 1))  # long side, scales: pictures and video
MIN_SCORE = 0.1
THRESHOLD = 0.5
MAX_NESTED_COVER = 0.8  # as in the C library


@dataclass(frozen=True)
class Search:
    """The finder's answers [n, 5] of every picture, and the classifier's input for each of all of them."""

    found: list[np.ndarray]
    inputs: torch.Tensor


def search(network: FaceFinder, pictures: list[np.ndarray], size_px: int, scales: int) -> Search:
    """pictures: BGR."""
    found = [detect(network, picture, size_px, MIN_SCORE, scales) for picture in pictures]
    inputs = [input_of(picture[..., ::-1], face_of(box)) for picture, boxes in zip(pictures, found) for box in boxes]
    return Search(found, torch.from_numpy(np.stack(inputs)) if inputs else torch.zeros(0))


class Candidates:
    """What the finder answers for the validation scenes and for pictures without people."""

    def __init__(self, data: Path, checkpoint: Path) -> None:
        network = load_finder(checkpoint)
        pictures = load_data(data)
        scenes: list[Picture] = select(pictures, "scenes", "val")
        self.truth = [np.float32([f.corners for f in p.faces]).reshape(-1, 4) for p in scenes]
        self.masked = [np.array([f.label == "mask_worn_correctly" for f in p.faces], bool) for p in scenes]
        images = [read_bgr(p.path) for p in scenes]
        empty = [read_bgr(p.path) for p in select(pictures, "backgrounds", "val")]
        self.scenes = [search(network, images, *how) for how in SEARCHES]
        self.backgrounds = [search(network, empty, *how) for how in SEARCHES]


def evidence(network: MaskClassifier, searched: Search) -> np.ndarray:
    """[n, 3] for all answers of a search: logit of the finder's score, the second look, 1."""
    if not len(searched.inputs):
        return np.zeros((0, 3))
    scores = np.clip(np.concatenate(searched.found)[:, 4].astype(np.float64), 1e-6, 1 - 1e-6)
    face = answers_of(network, searched.inputs)[1][:, 0].double().numpy()
    return np.stack([np.log(scores / (1 - scores)), face, np.ones(len(face))], 1)


def hits(found: list[np.ndarray], truth: list[np.ndarray]) -> np.ndarray:
    """Which answers hold a labelled face: [n] in [0, 1]."""
    return np.concatenate([
        np.array([len(boxes) > 0 and iou(answer, boxes).max() >= 0.5 for answer in answers], np.float64)
        for answers, boxes in zip(found, truth)
    ])


def fitted_weights(evidences: list[np.ndarray], targets: list[np.ndarray]) -> np.ndarray:
    """[3]: logistic regression by Newton's method, with a little decay."""
    x, y = np.concatenate(evidences), np.concatenate(targets)
    weights = np.zeros(3)
    for _ in range(30):
        p = 1 / (1 + np.exp(-x @ weights))
        gradient = x.T @ (y - p) - 1e-3 * weights
        curvature = (x * (p * (1 - p))[:, None]).T @ x + 1e-3 * np.eye(3)
        weights = weights + np.linalg.solve(curvature, gradient)
    return weights


def rescored(searched: Search, evidences: np.ndarray, weights: np.ndarray) -> list[np.ndarray]:
    """The answers with their new scores, picture by picture; of those in each other the best."""
    scores = 1 / (1 + np.exp(-evidences @ weights))
    ends = np.cumsum([len(answers) for answers in searched.found])
    out = []
    for answers, part in zip(searched.found, np.split(scores, ends[:-1])):
        kept = suppress(answers[:, :4], part, MAX_NESTED_COVER, smaller)
        out.append(np.concatenate([answers[kept, :4], part[kept, None]], 1))
    return out


def face_score_report(network: MaskClassifier, candidates: Candidates) -> dict[str, list]:
    """Fitted weights; by long side AP50 at FACE_SIZES_PX, recalls of masked and other faces, false faces without people."""
    known = [evidence(network, searched) for searched in candidates.scenes]
    none = [evidence(network, searched) for searched in candidates.backgrounds]
    targets = [hits(searched.found, candidates.truth) for searched in candidates.scenes]
    weights = np.round(fitted_weights(known + none, targets + [np.zeros(len(e)) for e in none]), 3)
    out: dict[str, list] = {"face_score": weights.tolist()}
    for (size_px, _), searched, empty, seen, unseen in zip(SEARCHES, candidates.scenes, candidates.backgrounds, known, none):
        found = rescored(searched, seen, weights)
        out[f"AP50 {size_px}"] = [round(average_precision(found, candidates.truth, size), 4) for size in FACE_SIZES_PX]
        out[f"recall {size_px}"] = [round(share, 4) for share in recalls(found, candidates.truth, candidates.masked, THRESHOLD)]
        out[f"false {size_px}"] = [int(sum((boxes[:, 4] >= THRESHOLD).sum() for boxes in rescored(empty, unseen, weights)))]
    return out
