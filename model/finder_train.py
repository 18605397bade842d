"""Trains the face finder.

    finder_train.py DATA_FOLDER CHECKPOINT_FOLDER [--steps N] [--seed N] [--start FILE.onnx] [--radius RADIUS]

From scratch the learning rate is constant after a short warm-up, falls to zero in a line, and does so a second time. From the weights of
an exported file on it falls from the first step. With a radius gradients are taken where, that far from the weights, the loss of half of
the samples is worst: that finds flat minima, which hold better on other pictures. The folder holds `last.pt` (written every 500 steps;
run again with the same options, training resumes from it) and `log.jsonl` (losses, and AP50 on validation). What is seen depends on the
seed: a run that starts from another one's file should have a seed of its own; the order of additions depends on the number of cores, too.
"""
from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor

import data
from finder_evaluate import Validation
from finder_loss import finder_loss
from finder_network import FaceFinder
from finder_samples import Sample, SampleMaker
from onnx_weights import start_from
from sharpness import where_worst
from train_speed import cores, keep_memory, quick_arithmetic

SEED = 20
STEPS = 33_000
PEAK_RATE = 4e-3
# (step, share of the peak rate)
RATE_POINTS = ((-1, 0.0), (299, 1.0), (10_000, 1.0), (20_000, 0.0), (20_300, 0.75), (24_000, 0.75), (STEPS, 0.0))
WEIGHT_DECAY = 0.02
ONWARD_RATE_POINTS = ((-1, 0.0), (299, 0.6), (STEPS, 0.0))
AVERAGE_DECAY = 0.999
# Side of the samples in px, samples per step. Each step costs about the same.
SHAPES = ((256, 16), (384, 8), (512, 5), (640, 3))
# From which step on: share of the steps by shape, share of portraits that fill the frame in samples of LARGE_PX and more.
# Small faces come first: they teach the shared layers most per second.
STAGES = ((0, (0.56, 0.18, 0.12, 0.14), 0.12), (2_500, (0.48, 0.18, 0.14, 0.20), 0.24))
LARGE_PX = 512
START_SIDE, START_SAMPLES = 256, 64  # of the samples by which the norms of a file's weights are set
CHECKPOINT_EVERY = 500
EVALUATE_EVERY = 2_000


def rate(step: int, steps: int, onward: bool) -> float:
    """The learning rate of a step; a run of another length stretches the schedule. onward: from the weights of a file on."""
    at, shares = zip(*(ONWARD_RATE_POINTS if onward else RATE_POINTS))
    return PEAK_RATE * float(np.interp(step * STEPS / steps, at, shares))


def batch(samples: list[Sample]) -> torch.Tensor:
    """-> [N, 3, S, S] RGB in [-1, 1], channels last in memory."""
    pixels = np.ascontiguousarray(np.stack([s.image for s in samples])[..., ::-1])
    return torch.from_numpy(pixels).permute(0, 3, 1, 2).float().div_(127.5).sub_(1)


def draw_step(maker: SampleMaker, step: int, rng: np.random.Generator) -> list[Sample]:
    """The samples of one step, all of one shape."""
    _, shares, portraits = [stage for stage in STAGES if stage[0] <= step][-1]
    side, count = SHAPES[int(rng.choice(len(SHAPES), p=shares))]
    if side < LARGE_PX:
        return [maker.draw(side, rng) for _ in range(count)]
    return [maker.draw(side, rng, portraits) for _ in range(count)]


class Trainer:
    """start: an exported file whose weights the first step takes. radius: that of sharpness.py, or 0."""

    def __init__(self, folder: Path, maker: SampleMaker, seed: int, start: Path | None, radius: float) -> None:
        self._file = folder / "last.pt"
        self._radius = radius
        torch.manual_seed(seed)
        self.rng = np.random.default_rng(seed)
        self.network = FaceFinder()
        if start is not None and not self._file.is_file():
            images = batch([maker.draw(START_SIDE, self.rng) for _ in range(START_SAMPLES)])
            start_from(self.network, start, images)
        self.network.to(memory_format=torch.channels_last)
        self.average = {name: value.clone() for name, value in self.network.state_dict().items()}
        plain = [p for p in self.network.parameters() if p.dim() == 1]
        weights = [p for p in self.network.parameters() if p.dim() > 1]
        self._optimiser = torch.optim.AdamW(
            [{"params": weights, "weight_decay": WEIGHT_DECAY}, {"params": plain, "weight_decay": 0.0}], lr=PEAK_RATE)
        self.step = 0
        if self._file.is_file():
            state = torch.load(self._file, map_location="cpu")
            self.network.load_state_dict(state["network"])
            self.average = state["average"]
            self._optimiser.load_state_dict(state["optimiser"])
            self.rng.bit_generator.state = state["rng"]
            self.step = state["step"]

    def save(self) -> None:
        partial = self._file.with_suffix(".partial")
        torch.save({"network": self.network.state_dict(), "average": self.average, "optimiser": self._optimiser.state_dict(),
                    "rng": self.rng.bit_generator.state, "step": self.step}, partial)
        partial.replace(self._file)

    def _losses(self, samples: list[Sample]) -> tuple[Tensor, Tensor]:
        """-> score loss, box loss."""
        # The 256 px batches stay exact. The others need bfloat16 on a single thread, where PyTorch has slow code for fewer than 16 samples.
        with quick_arithmetic(samples[0].image.shape[0] > SHAPES[0][0]):
            maps = self.network(batch(samples))
        return finder_loss(
            tuple(m.float() for m in maps), [torch.from_numpy(s.faces) for s in samples], [torch.from_numpy(s.ignored) for s in samples])

    def learn(self, samples: list[Sample], learning_rate: float) -> tuple[float, float]:
        """One step. -> score loss, box loss."""
        for group in self._optimiser.param_groups:
            group["lr"] = learning_rate
        self.network.train()
        self._optimiser.zero_grad(set_to_none=True)
        half = samples[: (len(samples) + 1) // 2]
        with where_worst(self.network, list(self.network.parameters()), lambda: sum(self._losses(half)), self._radius):
            score_loss, box_loss = self._losses(samples)
            (score_loss + box_loss).backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 10.0)
        self._optimiser.step()
        self.step += 1
        keep = min(AVERAGE_DECAY, self.step / (self.step + 50))
        with torch.no_grad():
            for name, value in self.network.state_dict().items():
                if value.dtype.is_floating_point:
                    self.average[name].mul_(keep).add_(value, alpha=1 - keep)
                else:
                    self.average[name].copy_(value)
        return float(score_loss), float(box_loss)

    def averaged(self) -> FaceFinder:
        network = FaceFinder()
        network.load_state_dict(self.average)
        return network.eval()


def note(folder: Path, line: dict[str, object]) -> None:
    with open(folder / "log.jsonl", "a", encoding="utf-8") as log:
        log.write(json.dumps(line) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--start", type=Path, metavar="FILE.onnx")
    parser.add_argument("--radius", type=float, default=0.0)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    keep_memory()
    torch.set_num_threads(cores())
    cv2.setNumThreads(1)
    pictures = data.load_data(options.data)
    validation, maker = Validation(pictures), SampleMaker(pictures)
    print(maker.describe(), flush=True)
    trainer = Trainer(options.folder, maker, options.seed, options.start, options.radius)
    if trainer.step >= options.steps:
        raise SystemExit(f"{options.folder} is at step {trainer.step} already: ask for more steps, or take another folder")
    sums, started = np.zeros(2), time.monotonic()
    while trainer.step < options.steps:
        samples = draw_step(maker, trainer.step, trainer.rng)
        sums += trainer.learn(samples, rate(trainer.step, options.steps, options.start is not None))
        done = trainer.step == options.steps
        if trainer.step % 100 == 0:
            print(f"{trainer.step} score loss {sums[0] / 100:.3f} box loss {sums[1] / 100:.3f}, "
                  f"{(time.monotonic() - started) / 100:.3f} s per step", flush=True)
            note(options.folder, {"step": trainer.step, "score_loss": sums[0] / 100, "box_loss": sums[1] / 100})
            sums, started = np.zeros(2), time.monotonic()
        if trainer.step % CHECKPOINT_EVERY == 0 or done:
            trainer.save()
        if trainer.step % EVALUATE_EVERY == 0 or done:
            table = validation.table(validation.scenes(trainer.averaged(), 416))
            print(f"{trainer.step} AP50 at 416 px:", " ".join(f"{v:.3f}" for v in table), flush=True)
            note(options.folder, {"step": trainer.step, "ap50_at_416": table})
            started = time.monotonic()


if __name__ == "__main__":
    main()
