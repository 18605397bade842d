"""Validation portraits with drawn masks: one picture per face and way of wearing, the same on every run.

    python classifier_drawn.py DATA OUT      # writes them as a data folder of which npm run accuracy -- --data OUT tells the answers

Drawn by the code that draws for the training, in both its styles (`own-WAY`), and by crude_masks, which no training sees
(`polygon-WAY`, `pleated-WAY`). The faces are unmasked validation faces that training never sees, and their pictures reach
below the chin, where a pulled-down mask would be; faces of whose mask the picture shows too little are left out. Our own
masks cover nose, mouth and chin or leave them free as they should.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Iterator

import cv2
import numpy as np
import torch

from arrays import Floats, Pixels
from classifier_accuracy import logits_of
from classifier_network import CLASSES, MaskClassifier
from classifier_samples import input_of, points_of
from crude_masks import CRUDE, WAYS
from data import DataError, Face, load_data, select
from mask_drawing import FacePose, draw_mask
from mask_fit import fitting_sheet, is_shown
from mask_template import draw_template
from pictures import read_picture, write_picture

SEED = 5
MIN_FACE_PX = 60.0
BELOW_CHIN = np.array([0, 1.7, 0.1], np.float32)  # in the units of mask_drawing
WEARS = {"correct": 2, "nose_out": 1, "mouth_only": 1, "chin": 1}  # way of wearing -> index of the right label


def portraits(data: Path, rng: np.random.Generator) -> list[tuple[Pixels, Face, Floats]]:
    """Unmasked validation portraits that reach below the chin, in a random order: picture, face, its key points."""
    out = []
    pictures = select(load_data(data), ("web", "celeb"), "val")
    for picture in (pictures[int(k)] for k in rng.permutation(len(pictures))):
        face = picture.faces[0]
        points = points_of(face)
        if points is None or face.label != "without_mask" or face.size_px < MIN_FACE_PX:
            continue
        pixels = read_picture(picture.path)
        if FacePose(points).project(BELOW_CHIN)[1] <= len(pixels):
            out.append((pixels, face, points))
    return out


def own_masks(faces: list[tuple[Pixels, Face, Floats]], rng: np.random.Generator) -> Iterator[tuple[int, str, Pixels]]:
    """Index of the portrait, way of wearing, and the portrait with our mask, flat on every other one; not where none lies as it should
    or too little of it is seen."""
    for index, (pixels, face, points) in enumerate(faces):
        for wear in WEARS:
            drawn = draw_template(pixels, points, wear, rng) if index % 2 == 0 else None
            if drawn is None:
                sheet = fitting_sheet(FacePose(points), wear, *pixels.shape[:2], rng)
                drawn = None if sheet is None else draw_mask(pixels, points, wear, rng, sheet=sheet)
            if drawn is not None and is_shown(drawn.cloth, face.size_px):
                yield index, wear, drawn.pixels


def drawn_validation(data: Path) -> dict[str, torch.Tensor]:
    """Way of wearing -> inputs [N, 3, 64, 64] of our own masks; empty without portraits that have key points."""
    rng = np.random.default_rng(SEED)
    inputs: dict[str, list[Floats]] = {wear: [] for wear in WEARS}
    faces = portraits(data, rng)
    for index, wear, drawn in own_masks(faces, rng):
        inputs[wear].append(input_of(drawn, faces[index][1]))
    return {wear: torch.from_numpy(np.stack(stack)) for wear, stack in inputs.items() if stack}


def drawn_hits(network: MaskClassifier, drawn: dict[str, torch.Tensor]) -> dict[str, tuple[int, int]]:
    """Way of wearing -> (right answers, faces)."""
    return {
        wear: (int((logits_of(network, inputs).argmax(1) == WEARS[wear]).sum()), len(inputs))
        for wear, inputs in drawn.items()
    }


def write_data_folder(data: Path, out: Path) -> int:
    """All portraits with all masks as PNG with labels, in the layout of data.py; returns how many."""
    lines: list[str] = []
    rng = np.random.default_rng(SEED)  # the same pictures of our own masks as in drawn_validation
    faces = portraits(data, rng)
    if not faces:
        raise DataError(f"{data}: no unmasked validation portraits with key points that reach below the chin")

    def add(tool: str, way: str, index: int, pixels: Pixels) -> None:
        face = faces[index][1]
        name = f"images/{tool}-{way}/{index:04}.png"
        path = out / "faces" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_picture(path, pixels)
        box = {"x": face.x, "y": face.y, "width": face.width, "height": face.height, "score": 1}
        label = CLASSES[2 if way == "correct" else 1]
        lines.append(json.dumps({"file": name, "split": "val", "label": label, "box": box}))

    for index, wear, drawn in own_masks(faces, rng):
        add("own", wear, index, drawn)
    for number, (tool, draw) in enumerate(CRUDE.items()):
        rng = np.random.default_rng([SEED, number])
        for index, (pixels, face, points) in enumerate(faces):
            for way in WAYS:
                drawn = draw(pixels, points, way, rng)
                if is_shown(drawn.cloth, face.size_px):
                    add(tool, way, index, drawn.pixels)
    (out / "faces" / "labels.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return len(lines)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: classifier_drawn.py DATA OUT")
    cv2.setNumThreads(1)
    print(write_data_folder(Path(sys.argv[1]), Path(sys.argv[2])), "pictures")
