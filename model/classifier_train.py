"""Trains the mask classifier.

    python classifier_train.py --data DIR --cache DIR [--finder FILE] [--steps N] [--seed N]
        [--start FILE.onnx [--start-share SHARE]] [--teachers FILE.onnx ...]

The finder's file is its checkpoint or face.onnx; without one only the labels are learned, no second look. Training starts from
scratch, or from the weights of an exported file. With teachers, exported files too, half of what is asked for of real faces is what
those say of them, and of mixtures of two faces all of it. The cache folder takes the drawn pool, what the finder takes for faces,
log.jsonl (one line of numbers per stretch of steps) and a checkpoint every few minutes; run again, training goes on from there. What
a step sees depends only on the seed and its number: a run that starts from another one's file should have a seed of its own. While
cooling down it sees more faces from scenes, half of them undistorted, as they will be met.
The weights that count are the running average (EMA) at the last step, or its mean with those of the start, which count for
--start-share in it; validation is only reported.
"""

from __future__ import annotations

import argparse
import copy
import json
import math
import os
import time
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from classifier_accuracy import ValidationSet, confusion, logits_of, summary, validation_set
from classifier_candidates import SHARES as REJECTED_SHARES, training_rejects
from classifier_drawn import drawn_hits, drawn_validation
from classifier_face_score import Candidates, face_score_report
from classifier_network import CLASSES, HEAD_CHANNELS, MaskClassifier, input_of_views, layers
from classifier_pool import REAL, SHARES, UNKNOWN, covered_in_groups, labels_of_groups, training_groups
from classifier_samples import distorted_input, read_picture
from classifier_teachers import Teachers, mixtures
from data import KEYPOINTS, load_data, select
from layer_table import total
from onnx_weights import load_weights, settle_norms
from train_speed import cores, keep_memory, quick_arithmetic

SEED = 7
STEPS = 26000
COOL_DOWN_STEPS = 6000  # the last of them
BATCH = 160
LEARNING_RATE = 2.5e-3
SHARP = (0.2, 0.5)  # share of undistorted views: at the constant rate, and while cooling down
WARM_UP_STEPS = 300
WEIGHT_DECAY = 0.02
LABEL_SMOOTHING = 0.04
NO_LABEL = -1
TAUGHT = 0.5  # share of the teachers' answer in what is asked for of real faces; the rest is the label
UNMIXED_STEPS = 1500  # the last of them: norms settle on faces as they are
FACE_LOSS = 1.0  # weight of the second output beside the labels
POINTS_LOSS = 2.0  # weight of the key points, which only training asks for
COVERED_LOSS = 0.5  # and of what is covered, likewise
EMA_DECAY = 0.999
SAVE_EVERY = 250
REPORT_EVERY = 1000
START_BATCHES = 8  # by which the norms of a file's weights are set


class Batches(Dataset):
    """Batch number `step`, the same on every run: uint8 [BATCH, 64, 64, 3], labels [BATCH] (NO_LABEL: no face, or a
    badly placed one), whether a face is a real one with a label [BATCH], how well it is placed [BATCH], its key points [BATCH, 12]
    (NaN: not known) and whether nose, mouth and chin are covered [BATCH, 3]."""

    def __init__(self, data: Path, cache: Path, finder: Path | None, steps: int, seed: int) -> None:
        self._seed, self._cool_down = seed, steps - COOL_DOWN_STEPS
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

    def __getitem__(self, step: int) -> tuple[Tensor, ...]:
        rng = np.random.default_rng([self._seed, step])
        phase = int(step >= self._cool_down)
        groups = rng.choice(len(self._crops), BATCH, p=self._shares[:, phase])
        views, placed, points = [], [], []
        for group in groups:
            crops = self._crops[group]
            view, well, seen_at = distorted_input(crops[int(rng.integers(len(crops)))], rng, self._backgrounds, SHARP[phase])
            views.append(view)
            placed.append(well)
            points.append(seen_at)
        return (
            torch.from_numpy(np.stack(views)), torch.from_numpy(self._labels[groups]), torch.from_numpy(self._real[groups]),
            torch.tensor(placed), torch.from_numpy(np.stack(points)).flatten(1), torch.from_numpy(self._covered[groups]),
        )


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


def yield_to_training(_worker: int) -> None:
    """Layers wait for their slowest thread: samples are made only while no layer wants the core."""
    os.nice(10)


class RunningAverage:
    """Exponential moving average of a network's weights and statistics."""

    def __init__(self, network: nn.Module) -> None:
        self.network = copy.deepcopy(network).eval()

    def update(self, network: nn.Module, step: int) -> None:
        decay = min(EMA_DECAY, (1 + step) / (20 + step))
        with torch.no_grad():
            for kept, new in zip(self.network.state_dict().values(), network.state_dict().values()):
                if kept.dtype.is_floating_point:
                    kept.lerp_(new, 1 - decay)
                else:
                    kept.copy_(new)

    def mix(self, weights: dict[str, Tensor], share: float) -> None:
        """The mean with other weights, which count for `share` in it."""
        for name, kept in self.network.state_dict().items():
            if kept.dtype.is_floating_point:
                kept.lerp_(weights[name], share)


def learning_rate(step: int, steps: int) -> float:
    """Linear warm-up, constant, down to zero in a line.

    As long as the rate is constant, a run can go on from its checkpoint with another number of steps.
    """
    return LEARNING_RATE * min(1.0, (step + 1) / WARM_UP_STEPS, (steps - step) / COOL_DOWN_STEPS)


def measured(
    network: MaskClassifier, validation: ValidationSet, drawn: dict[str, Tensor], candidates: Candidates | None
) -> dict[str, dict]:
    """Accuracy of the parts of the validation faces, of the drawn portraits and of the second look, ready for the log."""
    predicted = logits_of(network, validation.inputs).argmax(1).numpy()
    out: dict[str, dict] = {}
    for name in ("all", "scenes", "scenes >= 20 px", "celeb", "web"):
        part = validation.part(name)
        if part.any():
            accuracy, balanced, recalls = summary(confusion(predicted[part], validation.labels[part]))
            shown = [None if math.isnan(recall) else round(recall, 4) for recall in recalls]
            out[name] = {"n": int(part.sum()), "accuracy": round(accuracy, 4), "balanced": round(balanced, 4), "recalls": shown}
    for wear, (hits, count) in drawn_hits(network, drawn).items():
        out[f"drawn {wear}"] = {"n": count, "accuracy": round(hits / count, 4)}
    if candidates is not None:
        out["faces"] = face_score_report(network, candidates)
    return out


def wanted_labels(labels: Tensor) -> Tensor:
    """Smoothed [N, 3]; where there is no label it means nothing."""
    return nn.functional.one_hot(labels.clamp(min=0), len(CLASSES)) * (1 - LABEL_SMOOTHING) + LABEL_SMOOTHING / len(CLASSES)


def train(options: argparse.Namespace) -> None:
    """Trains from scratch or from the weights of a file, or from the last checkpoint on."""
    data, cache, finder, steps, seed = options.data, options.cache, options.finder, options.steps, options.seed
    torch.manual_seed(seed)
    network = MaskClassifier().to(memory_format=torch.channels_last)
    print("multiply-adds %d, parameters %d" % total(layers(network)), flush=True)
    batches = Batches(data, cache, finder, steps, seed)
    checkpoint = cache / "checkpoint.pt"
    if options.start is not None and not checkpoint.is_file():
        views = torch.cat([batches[step][0] for step in range(START_BATCHES)])
        load_weights(network, options.start, input_of_views(views[:1]))
        settle_norms(network, input_of_views(views))
    origin = copy.deepcopy(network.state_dict())
    teachers = Teachers(options.teachers) if options.teachers else None
    average, hints = RunningAverage(network), Hints()
    parameters = [*network.parameters(), *hints.parameters()]
    decayed = [p for p in parameters if p.ndim > 1]
    plain = [p for p in parameters if p.ndim <= 1]
    optimizer = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": WEIGHT_DECAY}, {"params": plain, "weight_decay": 0.0}], lr=LEARNING_RATE
    )
    validation, drawn = validation_set(data), drawn_validation(data)
    candidates = Candidates(data, finder) if finder else None
    first = 0
    if checkpoint.is_file():
        state = torch.load(checkpoint)
        network.load_state_dict(state["network"])
        average.network.load_state_dict(state["average"])
        hints.load_state_dict(state["hints"])
        optimizer.load_state_dict(state["optimizer"])
        origin = state["origin"]
        first = state["step"]
        if first >= steps:
            raise SystemExit(f"{checkpoint} is at step {first} already: ask for more steps, or take another cache folder")
        print(f"going on from step {first}", flush=True)
    loader = DataLoader(batches, batch_size=None, sampler=range(first, steps), num_workers=cores(), prefetch_factor=4, worker_init_fn=yield_to_training)
    network.train()
    started, losses = time.monotonic(), []
    for step, (views, labels, real, placed, points, covered) in enumerate(loader, first):
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step, steps)
        inputs, wanted, labelled = input_of_views(views), wanted_labels(labels), labels != NO_LABEL
        if teachers is not None:
            faces = inputs[real]
            mixed = mixtures(faces, seed << 32 | step) if step < steps - UNMIXED_STEPS else faces[:0]
            with quick_arithmetic():
                answers, mixed_answers = teachers.answers(torch.cat([faces, mixed])).split([len(faces), len(mixed)])
            wanted[real] = wanted[real].lerp(answers, TAUGHT)
            inputs, wanted = torch.cat([inputs, mixed]), torch.cat([wanted, mixed_answers])
            labelled = torch.cat([labelled, torch.ones(len(mixed), dtype=torch.bool)])
        with quick_arithmetic():
            pooled = network.pooled(inputs)
            logits, face = network.output(pooled).float(), network.face(pooled[:BATCH]).float().squeeze(1)
        loss = nn.functional.cross_entropy(logits[labelled], wanted[labelled])
        loss = loss + FACE_LOSS * nn.functional.binary_cross_entropy_with_logits(face, placed)
        loss = loss + hints.loss(pooled[:BATCH].float(), points, covered)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, 5.0)
        optimizer.step()
        average.update(network, step)
        losses.append(loss.item())
        done = step + 1
        if done == steps:
            average.mix(origin, options.start_share)
        if done % SAVE_EVERY == 0 or done == steps:
            pace = (done - first) * BATCH / (time.monotonic() - started)
            record = {"step": done, "loss": round(float(np.mean(losses)), 4), "faces_per_s": round(pace)}
            losses.clear()
            if done % REPORT_EVERY == 0 or done == steps:
                record["val"] = measured(average.network, validation, drawn, candidates)
            with (cache / "log.jsonl").open("a", encoding="utf-8") as log:
                log.write(json.dumps(record) + "\n")
            print(json.dumps(record), flush=True)
            partial = checkpoint.with_suffix(".partial")
            torch.save(
                {"step": done, "network": network.state_dict(), "origin": origin,
                 "average": average.network.state_dict(), "hints": hints.state_dict(), "optimizer": optimizer.state_dict()}, partial,
            )
            partial.replace(checkpoint)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--finder", type=Path)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--start", type=Path)
    parser.add_argument("--start-share", type=float, default=0.0)
    parser.add_argument("--teachers", type=Path, nargs="+")
    parser.add_argument("--seed", type=int, default=SEED)
    arguments = parser.parse_args()
    torch.set_num_threads(cores())
    cv2.setNumThreads(1)
    keep_memory()
    train(arguments)
