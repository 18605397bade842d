"""What the training of the mask classifier asks for, and the loss where the answer is another."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from classifier_batches import NO_LABEL, Batch
from classifier_network import CLASSES, HEAD_CHANNELS, MaskClassifier, input_of_views
from classifier_pool import UNKNOWN
from classifier_teachers import Teachers, mixtures
from data import KEYPOINTS
from train_speed import quick_arithmetic

LABEL_SMOOTHING = 0.04
TAUGHT = 0.5  # share of the teachers' answer in what is asked for of real faces; the rest is the label
FACE_LOSS = 1.0  # weight of the second output beside the labels
POINTS_LOSS = 2.0  # weight of the key points, which only training asks for
COVERED_LOSS = 0.5  # and of what is covered, likewise


class Hints(nn.Module):
    """What only training asks the network for: where key points are, and which of nose, mouth and chin a mask covers.

    A label alone does not say what to look at."""

    def __init__(self) -> None:
        super().__init__()
        self.points = nn.Linear(HEAD_CHANNELS, 2 * len(KEYPOINTS))
        self.covered = nn.Linear(HEAD_CHANNELS, 3)

    def loss(self, pooled: Tensor, points: Tensor, covered: Tensor) -> Tensor:
        """pooled [N, HEAD_CHANNELS], points [N, 12] with NaN and covered [N, 3] with UNKNOWN where nothing is known."""
        known, sure = ~torch.isnan(points), covered != UNKNOWN
        found = nn.functional.smooth_l1_loss(self.points(pooled)[known], points[known], beta=0.05, reduction="sum")
        seen = nn.functional.binary_cross_entropy_with_logits(self.covered(pooled)[sure], covered[sure], reduction="sum")
        # Other data may have no key points at all.
        return POINTS_LOSS * found / known.sum().clamp(min=1) + COVERED_LOSS * seen / sure.sum().clamp(min=1)


class Asked(NamedTuple):
    """Inputs, and what is to be said of them. The last M are mixtures, of which only the label is asked for."""

    inputs: Tensor  # [N + M, 3, 64, 64]
    wanted: Tensor  # [N + M, 3]: probabilities of the labels
    labelled: Tensor  # bool [N + M]: whether there is a label, and `wanted` means something
    placed: Tensor  # these three as in Batch
    points: Tensor
    covered: Tensor


def asked_of(batch: Batch) -> Asked:
    """The labels, smoothed."""
    wanted = nn.functional.one_hot(batch.labels.clamp(min=0), len(CLASSES)) * (1 - LABEL_SMOOTHING) + LABEL_SMOOTHING / len(CLASSES)
    return Asked(input_of_views(batch.views), wanted, batch.labels != NO_LABEL, batch.placed, batch.points, batch.covered)


def taught(asked: Asked, batch: Batch, teachers: Teachers, mixing_seed: int | None) -> Asked:
    """The same, but of real faces half of what is wanted is the teachers' answer, given before their light was changed; with a seed
    mixtures of them are added."""
    faces, shown = asked.inputs[batch.real], input_of_views(batch.unlit[batch.real])
    mixed, mixed_shown = (part[:0] if mixing_seed is None else mixtures(part, mixing_seed) for part in (faces, shown))
    with quick_arithmetic():
        answers, mixed_answers = teachers.answers(torch.cat([shown, mixed_shown])).split([len(shown), len(mixed_shown)])
    wanted = asked.wanted.clone()
    wanted[batch.real] = wanted[batch.real].lerp(answers, TAUGHT)
    return asked._replace(
        inputs=torch.cat([asked.inputs, mixed]), wanted=torch.cat([wanted, mixed_answers]),
        labelled=torch.cat([asked.labelled, torch.ones(len(mixed), dtype=torch.bool)]),
    )


def loss_of(network: MaskClassifier, hints: Hints, asked: Asked) -> Tensor:
    count = len(asked.placed)  # the mixtures come after these
    with quick_arithmetic():
        pooled = network.pooled(asked.inputs)
        logits, face = network.output(pooled).float(), network.face(pooled[:count]).float().squeeze(1)
    loss = nn.functional.cross_entropy(logits[asked.labelled], asked.wanted[asked.labelled])
    loss = loss + FACE_LOSS * nn.functional.binary_cross_entropy_with_logits(face, asked.placed)
    return loss + hints.loss(pooled[:count].float(), asked.points, asked.covered)
