"""Accuracy of mask labels: the numbers of the model card, from probabilities and true labels."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator

import numpy as np
import torch
from numpy.typing import NDArray

from classifier_network import CLASSES, MaskClassifier
from classifier_samples import input_of
from data import DataError, label_index, load_data, select
from pictures import read_picture

SMALL_FACE_PX = 20


@dataclass(frozen=True)
class ValidationSet:
    """inputs [N, 3, 64, 64], labels [N], sources [N] (scenes, web, crops, celeb), sizes [N] in px."""

    inputs: torch.Tensor
    labels: NDArray[np.int64]
    sources: NDArray[np.str_]
    sizes: NDArray[np.float64]

    def part(self, name: str) -> NDArray[np.bool_]:
        """A mask over the faces: `all`, `scenes`, `scenes >= 20 px`, `single faces` or a source."""
        if name == "all":
            return np.ones(len(self.labels), bool)
        if name == "scenes >= 20 px":
            return (self.sources == "scenes") & (self.sizes >= SMALL_FACE_PX)
        if name == "single faces":
            return self.sources != "scenes"
        return self.sources == name

    def parts(self, *names: str) -> Iterator[tuple[str, NDArray[np.bool_]]]:
        """Those that have faces, with their names."""
        return ((name, part) for name in names if (part := self.part(name)).any())


def validation_set(data: Path) -> ValidationSet:
    """Every labelled validation face, cropped the way the library does it, labels as they came. Raises DataError without any in scenes,
    to which the threshold of uncertain labels and the second look are fitted."""
    inputs, labels, sources, sizes = [], [], [], []
    for picture in select(load_data(data), ("scenes", "web", "crops", "celeb"), "val"):
        pixels = read_picture(picture.path)
        for face in picture.faces:
            inputs.append(input_of(pixels, face))
            labels.append(label_index(face.label))
            sources.append(picture.source)
            sizes.append(face.size_px)
    if "scenes" not in sources:
        raise DataError(f"{data}: no faces in validation scenes")
    return ValidationSet(torch.from_numpy(np.stack(inputs)), np.array(labels), np.array(sources), np.array(sizes))


def answers_of(network: MaskClassifier, inputs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """[N, 3, 64, 64] -> both outputs, [N, 3] and [N, 1], in batches, in evaluation mode."""
    was_training = network.training
    network.eval()
    with torch.no_grad():
        answers = [network(chunk) for chunk in inputs.split(128)]
    network.train(was_training)
    logits, face = (torch.cat(parts).float() for parts in zip(*answers))
    return logits, face


def logits_of(network: MaskClassifier, inputs: torch.Tensor) -> torch.Tensor:
    """[N, 3, 64, 64] -> [N, 3]: what of a mask is to be seen."""
    return answers_of(network, inputs)[0]


def wilson(hits: int, count: int) -> tuple[float, float]:
    """95 % interval of a proportion."""
    if count == 0:
        return 0.0, 1.0
    z, share = 1.96, hits / count
    centre = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return max(0.0, centre - half), min(1.0, centre + half)


def expected_calibration_error(probabilities: NDArray[np.float64], labels: NDArray[np.int64], bins: int = 15) -> float:
    """Mean gap between the top probability and how often it is right, over equal-width bins."""
    top, right = probabilities.max(1), probabilities.argmax(1) == labels
    index = np.minimum((top * bins).astype(int), bins - 1)
    gaps = [abs(top[index == b].sum() - right[index == b].sum()) for b in range(bins)]
    return float(sum(gaps) / len(labels))


def fitted_temperature(logits: torch.Tensor, labels: NDArray[np.int64]) -> float:
    """The divisor of the logits with the least cross-entropy."""
    target = torch.from_numpy(labels)
    choices = np.exp(np.linspace(math.log(0.3), math.log(4.0), 260))
    losses = [torch.nn.functional.cross_entropy(logits / t, target).item() for t in choices]
    return float(choices[int(np.argmin(losses))])


def confusion(predicted: NDArray[np.int64], labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """[true, predicted] counts."""
    table = np.zeros((len(CLASSES), len(CLASSES)), np.int64)
    np.add.at(table, (labels, predicted), 1)
    return table


def summary(table: NDArray[np.int64]) -> tuple[float, float, list[float]]:
    """Accuracy, balanced accuracy over the classes that occur, and recalls (nan where none occurs)."""
    counts = table.sum(1)
    recalls = [table[k, k] / counts[k] if counts[k] else math.nan for k in range(len(CLASSES))]
    return float(np.trace(table) / counts.sum()), float(np.nanmean(recalls)), recalls


def report_line(name: str, predicted: NDArray[np.int64], labels: NDArray[np.int64]) -> str:
    table = confusion(predicted, labels)
    accuracy, balanced, recalls = summary(table)
    shown = " / ".join("-" if math.isnan(r) else f"{r:.3f}" for r in recalls)
    return f"{name:16} n {len(labels):5} accuracy {accuracy:.4f} balanced {balanced:.3f} recall {shown}"
