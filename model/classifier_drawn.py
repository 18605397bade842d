"""Validation portraits with drawn masks: one picture per face and way of wearing, the same on every run.

    python classifier_drawn.py CHECKPOINT DATA      # how many of each are answered rightly

Half are drawn by mask_drawing, half by mask_template; the faces are unmasked validation faces that
training never sees, and their pictures reach below the chin, where a pulled-down mask would be. Masks of both kinds
cover nose, mouth and chin or leave them free as they should.
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np
import torch

from classifier_accuracy import logits_of, wilson
from classifier_network import MaskClassifier
from classifier_samples import input_of, points_of, read_picture
from data import load_data, select
from mask_drawing import FacePose, Floats, draw_mask
from mask_fit import fitting_sheet
from mask_template import draw_template

SEED = 5
MIN_FACE_PX = 60.0
BELOW_CHIN = np.array([0, 1.7, 0.1], np.float32)  # in the units of mask_drawing
WEARS = {"correct": 2, "nose_out": 1, "mouth_only": 1, "chin": 1}  # way of wearing -> index of the right label


def drawn_validation(data: Path) -> dict[str, torch.Tensor]:
    """Way of wearing -> inputs [N, 3, 64, 64]; empty without portraits that have key points."""
    rng = np.random.default_rng(SEED)
    portraits = select(load_data(data), ("web", "celeb"), "val")
    inputs: dict[str, list[Floats]] = {wear: [] for wear in WEARS}
    index = 0
    for picture in (portraits[int(k)] for k in rng.permutation(len(portraits))):
        face = picture.faces[0]
        points = points_of(face)
        if points is None or face.label != "without_mask" or face.size_px < MIN_FACE_PX:
            continue
        pixels = read_picture(picture.path)
        if FacePose(points).project(BELOW_CHIN)[1] > len(pixels):
            continue
        index += 1
        for wear in WEARS:
            drawn = draw_template(pixels, points, wear, rng) if index % 2 else None
            if drawn is None:
                sheet = fitting_sheet(FacePose(points), wear, *pixels.shape[:2], rng)
                drawn = None if sheet is None else draw_mask(pixels, points, wear, rng, sheet=sheet)
            if drawn is not None:
                inputs[wear].append(input_of(drawn, face))
    return {wear: torch.from_numpy(np.stack(stack)) for wear, stack in inputs.items() if stack}


def drawn_hits(network: MaskClassifier, drawn: dict[str, torch.Tensor]) -> dict[str, tuple[int, int]]:
    """Way of wearing -> (right answers, faces)."""
    return {
        wear: (int((logits_of(network, inputs).argmax(1) == WEARS[wear]).sum()), len(inputs))
        for wear, inputs in drawn.items()
    }


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: classifier_drawn.py CHECKPOINT DATA")
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    model = MaskClassifier()
    model.load_state_dict(torch.load(sys.argv[1])["average"])
    for way, (hits, count) in drawn_hits(model.eval(), drawn_validation(Path(sys.argv[2]))).items():
        low, high = wilson(hits, count)
        print(f"{way:12} {hits / count:.3f} ({hits}/{count}) [{low:.3f}, {high:.3f}]")
