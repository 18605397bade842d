"""Batches of distorted faces, as the training of the mask classifier sees them."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from classifier_candidates import SHARES as REJECTED_SHARES, training_rejects
from classifier_pool import REAL, SHARES, UNKNOWN, covered_in_groups, labels_of_groups, training_groups
from classifier_samples import distorted_input
from data import load_data, select
from light import relit
from pictures import read_picture

BATCH = 160
NO_LABEL = -1
SHARP = (0.2, 0.5)  # share of undistorted views: at the constant rate, and while cooling down


class Batch(NamedTuple):
    """N views of faces, and what is known about them."""

    views: Tensor  # uint8 [N, 64, 64, 3]
    unlit: Tensor  # the same before their light was changed
    labels: Tensor  # [N]; NO_LABEL: no face, or a badly placed one
    real: Tensor  # bool [N]: a face nobody drew or laid, with a label
    placed: Tensor  # [N], from 0 to 1: how well the view holds a face
    points: Tensor  # [N, 12]: key points in the view, from -1 to 1; NaN: not known
    covered: Tensor  # [N, 3]: whether nose, mouth and chin are; UNKNOWN: not known


class Batches(Dataset):
    """Batch number `step`, the same on every run. From step `cool_down` on groups have other shares, and more views are
    undistorted."""

    def __init__(self, data: Path, cache: Path, finder: Path | None, cool_down: int, seed: int) -> None:
        self._seed, self._cool_down = seed, cool_down
        faces = {name: crops for name, crops in training_groups(data, cache).items() if crops}
        rejects = {name: crops for name, crops in training_rejects(data, cache, finder).items() if crops}
        self._crops = [*faces.values(), *rejects.values()]
        labels = labels_of_groups()
        self._labels = np.array([labels[name] for name in faces] + [NO_LABEL] * len(rejects))
        self._real = np.array([name in REAL for name in faces] + [False] * len(rejects))
        covered = covered_in_groups()
        self._covered = np.array([covered[name] for name in faces] + [(UNKNOWN,) * 3] * len(rejects), np.float32)
        shares = np.array([SHARES[name][1:] for name in faces] + [(REJECTED_SHARES[name],) * 2 for name in rejects])
        self._shares = shares / shares.sum(0)  # [groups, 2]: as SHARP
        pictures = select(load_data(data), ("scenes", "backgrounds"), "train")
        self._backgrounds = [read_picture(picture.path) for picture in pictures[::3]]

    def __getitem__(self, step: int) -> Batch:
        rng = np.random.default_rng([self._seed, step])
        phase = int(step >= self._cool_down)
        groups = rng.choice(len(self._crops), BATCH, p=self._shares[:, phase])
        views, unlit, placed, points = [], [], [], []
        for group in groups:
            crops = self._crops[group]
            view, well, seen_at = distorted_input(crops[int(rng.integers(len(crops)))], rng, self._backgrounds, SHARP[phase])
            views.append(relit(view, rng))
            unlit.append(view)
            placed.append(well)
            points.append(seen_at)
        return Batch(
            torch.from_numpy(np.stack(views)), torch.from_numpy(np.stack(unlit)), torch.from_numpy(self._labels[groups]),
            torch.from_numpy(self._real[groups]), torch.tensor(placed), torch.from_numpy(np.stack(points)).flatten(1), torch.from_numpy(self._covered[groups]),
        )
