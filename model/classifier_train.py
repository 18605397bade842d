"""Trains the mask classifier.

    python classifier_train.py --data DIR --cache DIR [--finder FILE] [--steps N] [--seed N]
        [--start FILE.onnx [--start-share SHARE]] [--teachers FILE.onnx ...] [--radius RADIUS]

The finder's file is its checkpoint or face.onnx; without one only the labels are learned, no second look. Training starts from
scratch, or from the weights of an exported file. With teachers, exported files too, half of what is asked for of real faces is what
those say of them, and of mixtures of two faces all of it. With a radius gradients are taken where, that far from the weights, the
loss of half of the batch is worst: that finds flat minima, which hold better on other pictures. The cache folder takes the drawn
pool, what the finder takes for faces, log.jsonl (one line of numbers per stretch of steps) and a checkpoint every few minutes; run
again, training goes on from there. What a step sees depends only on the seed and its number: a run that starts from another one's
file should have a seed of its own. While cooling down it sees more faces from scenes, half of them undistorted, as they will be met.
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
from torch.utils.data import DataLoader

from classifier_accuracy import ValidationSet, confusion, logits_of, summary, validation_set
from classifier_batches import BATCH, Batches
from classifier_drawn import drawn_hits, drawn_validation
from classifier_face_score import Candidates, face_score_report
from classifier_network import MaskClassifier, input_of_views, layers
from classifier_objective import Asked, Hints, asked_of, loss_of, taught
from classifier_teachers import Teachers
from layer_table import total
from onnx_weights import start_from
from sharpness import where_worst
from train_speed import cores, keep_memory

SEED = 7
STEPS = 26000
COOL_DOWN_STEPS = 6000  # the last of them
LEARNING_RATE = 2.5e-3
WARM_UP_STEPS = 300
WEIGHT_DECAY = 0.02
UNMIXED_STEPS = 1500  # the last of them: norms settle on faces as they are
EMA_DECAY = 0.999
SAVE_EVERY = 250
REPORT_EVERY = 1000
START_BATCHES = 8  # by which the norms of a file's weights are set
SETTLING_BATCHES = 16  # by which those of a mean are: they are not the mean of the norms


def yield_to_training(_worker: int) -> None:
    """Layers wait for their slowest thread: samples are made only while no layer wants the core."""
    os.nice(10)


class RunningAverage:
    """Exponential moving average of a network's weights and statistics."""

    def __init__(self, network: nn.Module) -> None:
        self.network = copy.deepcopy(network).eval()

    def update(self, network: nn.Module, step: int) -> None:
        decay = min(EMA_DECAY, (1 + step) / (20 + step))
        self.mix(network.state_dict(), 1 - decay)

    def mix(self, weights: dict[str, Tensor], share: float) -> None:
        """The mean with other weights and statistics, which count for `share` in it; counters are theirs."""
        for name, kept in self.network.state_dict().items():
            if kept.dtype.is_floating_point:
                kept.lerp_(weights[name], share)
            else:
                kept.copy_(weights[name])

    def settle(self, inputs: Tensor) -> None:
        """Gives the norms the statistics that these inputs have."""
        norms = [module for module in self.network.modules() if isinstance(module, nn.BatchNorm2d)]
        for norm in norms:
            norm.reset_running_stats()
            norm.momentum = None  # the mean of all that it sees
            norm.train()
        with torch.no_grad():
            for part in inputs.split(BATCH):
                self.network(part)
        self.network.eval()


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
    for name, part in validation.parts("all", "scenes", "scenes >= 20 px", "celeb", "web"):
        accuracy, balanced, recalls = summary(confusion(predicted[part], validation.labels[part]))
        shown = [None if math.isnan(recall) else round(recall, 4) for recall in recalls]
        out[name] = {"n": int(part.sum()), "accuracy": round(accuracy, 4), "balanced": round(balanced, 4), "recalls": shown}
    for wear, (hits, count) in drawn_hits(network, drawn).items():
        out[f"drawn {wear}"] = {"n": count, "accuracy": round(hits / count, 4)}
    if candidates is not None:
        out["faces"] = face_score_report(network, candidates)
    return out


def train(options: argparse.Namespace) -> None:
    """Trains from scratch or from the weights of a file, or from the last checkpoint on."""
    data, cache, finder, steps, seed = options.data, options.cache, options.finder, options.steps, options.seed
    torch.manual_seed(seed)
    network = MaskClassifier().to(memory_format=torch.channels_last)
    print("multiply-adds %d, parameters %d" % total(layers(network)), flush=True)
    batches = Batches(data, cache, finder, steps - COOL_DOWN_STEPS, seed)
    checkpoint = cache / "checkpoint.pt"
    if options.start is not None and not checkpoint.is_file():
        views = torch.cat([batches[step].views for step in range(START_BATCHES)])
        start_from(network, options.start, input_of_views(views))
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
    for step, batch in enumerate(loader, first):
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step, steps)
        asked = asked_of(batch)
        if teachers is not None:
            asked = taught(asked, batch, teachers, seed << 32 | step if step < steps - UNMIXED_STEPS else None)
        optimizer.zero_grad(set_to_none=True)
        half = Asked(*(part[: BATCH // 2] for part in asked))
        with where_worst(network, parameters, lambda: loss_of(network, hints, half), options.radius):
            loss = loss_of(network, hints, asked)
            loss.backward()
        nn.utils.clip_grad_norm_(parameters, 5.0)
        optimizer.step()
        average.update(network, step)
        losses.append(loss.item())
        done = step + 1
        if done % SAVE_EVERY == 0 or done == steps:
            pace = (done - first) * BATCH / (time.monotonic() - started)
            record = {"step": done, "loss": round(float(np.mean(losses)), 4), "faces_per_s": round(pace)}
            losses.clear()
            if done % REPORT_EVERY == 0 or done == steps:
                record["val"] = measured(average.network, validation, drawn, candidates)
            if done == steps and options.start_share > 0:
                average.mix(origin, options.start_share)
                average.settle(input_of_views(torch.cat([batches[step].views for step in range(steps - SETTLING_BATCHES, steps)])))
                record["val of the mean"] = measured(average.network, validation, drawn, candidates)
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
    parser.add_argument("--radius", type=float, default=0.0)
    parser.add_argument("--seed", type=int, default=SEED)
    arguments = parser.parse_args()
    torch.set_num_threads(cores())
    cv2.setNumThreads(1)
    keep_memory()
    train(arguments)
