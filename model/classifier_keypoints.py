"""Key points for the faces of scenes, which come with boxes only: with them, real masks far away can be laid elsewhere.

    python classifier_keypoints.py --data DIR --cache DIR [--sheet look.png]

A network like the classifier's learns them from the single faces (their key points come from other finders) at all
resolutions, then looks at the training scenes. The result stays in the cache folder. Nose and mouth cannot be seen behind a
mask; what is learned is where they should be.
"""

from __future__ import annotations

import argparse
import json
import math
from pathlib import Path
from typing import Union

import cv2
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

from arrays import Floats, Pixels
from classifier_network import CROP_SCALE, HEAD_CHANNELS, INPUT_SIZE_PX, MaskClassifier, input_of_views
from classifier_samples import MIRRORED, OUTSIDE, Crop, crop_of, degrade, input_of, points_of, recolour
from data import KEYPOINTS, Face, Picture, load_data, select
from pictures import read_picture, write_picture
from train_speed import cores, keep_memory, quick_arithmetic

SEED = 43
STEPS = 2400
BATCH = 128
LEARNING_RATE = 3e-3
MIN_FACE_PX = 18.0  # smaller faces of scenes get none
# File name of a scene -> key points [6][2] px of each of its faces, None for small ones.
ScenePoints = dict[str, list[Union[list[list[float]], None]]]


def sample(crop: Crop, rng: np.random.Generator) -> tuple[Pixels, Floats]:
    """A random view of a face, uint8 [64, 64, 3], and its key points [6, 2] in the view, from -1 to 1."""
    assert crop.keypoints is not None
    shrink = min(1.0, math.exp(rng.uniform(math.log(16), math.log(70))) / crop.side)
    pixels = cv2.resize(crop.pixels, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    pixels = degrade(recolour(pixels, rng), rng)
    scale = np.array([pixels.shape[1] / crop.pixels.shape[1], pixels.shape[0] / crop.pixels.shape[0]])
    centre = (np.array([crop.x, crop.y]) + crop.side * np.clip(rng.normal(0, 0.06, 2), -0.15, 0.15)) * scale
    side = crop.side * shrink * CROP_SCALE * rng.uniform(0.85, 1.2)
    angle = math.radians(rng.normal(0, 10))
    mirror = -1.0 if rng.random() < 0.5 else 1.0
    zoom = INPUT_SIZE_PX / side
    turn = zoom * np.array([[mirror * math.cos(angle), -math.sin(angle)], [mirror * math.sin(angle), math.cos(angle)]])
    matrix = np.concatenate([turn, (INPUT_SIZE_PX / 2 - turn @ centre)[:, None]], 1).astype(np.float32)
    view = cv2.warpAffine(pixels, matrix, (INPUT_SIZE_PX, INPUT_SIZE_PX), flags=cv2.INTER_LINEAR, borderValue=(OUTSIDE,) * 3)
    points = (crop.keypoints * scale) @ matrix[:, :2].T + matrix[:, 2]
    if mirror < 0:
        points = points[list(MIRRORED)]
    return view, (points / INPUT_SIZE_PX * 2 - 1).astype(np.float32)


def teaching(pictures: list[Picture]) -> list[Picture]:
    """The single training faces that have key points."""
    return [p for p in select(pictures, ("web", "crops", "celeb"), "train") if p.faces[0].keypoints is not None]


class Batches(Dataset):
    """Batch number `step`: uint8 [BATCH, 64, 64, 3] and key points [BATCH, 12]."""

    def __init__(self, pictures: list[Picture]) -> None:
        self._crops = [crop_of(read_picture(p.path), p.faces[0]) for p in teaching(pictures)]

    def __getitem__(self, step: int) -> tuple[torch.Tensor, torch.Tensor]:
        rng = np.random.default_rng([SEED, step])
        chosen = [sample(self._crops[int(k)], rng) for k in rng.integers(len(self._crops), size=BATCH)]
        return torch.from_numpy(np.stack([view for view, _ in chosen])), torch.from_numpy(np.stack([p for _, p in chosen])).flatten(1)


def new_network() -> MaskClassifier:
    network = MaskClassifier(dropout=0.0)
    network.output = nn.Linear(HEAD_CHANNELS, 2 * len(KEYPOINTS))
    return network


def train(pictures: list[Picture], steps: int) -> MaskClassifier:
    torch.manual_seed(SEED)
    network = new_network().to(memory_format=torch.channels_last).train()
    optimizer = torch.optim.AdamW(network.parameters(), lr=LEARNING_RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LEARNING_RATE, steps, pct_start=0.1)
    loader = DataLoader(Batches(pictures), batch_size=None, sampler=range(steps), num_workers=1, prefetch_factor=4)
    for step, (views, points) in enumerate(loader, 1):
        with quick_arithmetic():
            found, _ = network(input_of_views(views))
        loss = nn.functional.smooth_l1_loss(found.float(), points, beta=0.05)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        schedule.step()
        if step % 200 == 0:
            print(f"step {step} of {steps}: loss {loss.item():.4f}", flush=True)
    return network.eval()


def points_in(network: MaskClassifier, pixels: Pixels, face: Face) -> Floats:
    """[6, 2] px of the picture, the mean of what is seen in the crop and in its mirror image."""
    crop = torch.from_numpy(input_of(pixels, face))
    with torch.no_grad():
        seen = network(torch.stack([crop, crop.flip(2)]))[0].numpy().reshape(2, len(KEYPOINTS), 2)
    mirrored = seen[1][list(MIRRORED)] * np.float32([-1, 1])
    middle = np.array([face.x + face.width / 2, face.y + face.height / 2])
    return ((seen[0] + mirrored) / 2 * face.size_px * CROP_SCALE / 2 + middle).astype(np.float32)


def error(network: MaskClassifier, pictures: list[Picture]) -> float:
    """Median distance to the key points of single validation faces, as a share of the face's longer side."""
    faces = [p for p in select(pictures, ("web", "celeb"), "val") if p.faces[0].keypoints is not None]
    distances = []
    for picture in faces:
        face = picture.faces[0]
        distances.append(np.linalg.norm(points_in(network, read_picture(picture.path), face) - points_of(face), axis=1) / face.size_px)
    return float(np.median(distances))


def scene_keypoints(data: Path, cache: Path, steps: int = STEPS) -> ScenePoints:
    """The key points of all training scenes: learned once, then read from the cache folder. Nothing without single faces."""
    stored = cache / f"keypoints-{SEED}.json"
    if stored.is_file():
        print(f"read from {stored}: delete it to learn it anew", flush=True)
        return json.loads(stored.read_text(encoding="utf-8"))
    pictures = load_data(data)
    if not teaching(pictures):
        print("no single faces with key points to learn from", flush=True)
        return {}
    network = train(pictures, steps)
    print(f"median error {error(network, pictures):.3f} of a face's size", flush=True)
    out = {}
    for picture in select(pictures, "scenes", "train"):
        pixels = read_picture(picture.path)
        out[picture.path.name] = [
            points_in(network, pixels, face).round(2).tolist() if face.size_px >= MIN_FACE_PX else None for face in picture.faces
        ]
    cache.mkdir(parents=True, exist_ok=True)
    stored.write_text(json.dumps(out), encoding="utf-8")
    return out


def contact_sheet(data: Path, points: ScenePoints, columns: int = 16, rows: int = 8, tile_px: int = 96) -> Pixels:
    """Random faces of training scenes with their key points, RGB."""
    rng = np.random.default_rng(SEED)
    scenes = select(load_data(data), "scenes", "train")
    tiles: list[Pixels] = []
    for picture in (scenes[int(k)] for k in rng.permutation(len(scenes))):
        for face, found in zip(picture.faces, points[picture.path.name]):
            if found is None or len(tiles) == columns * rows:
                continue
            pixels = np.clip(input_of(read_picture(picture.path), face).transpose(1, 2, 0) * 127.5 + 127.5, 0, 255).astype(np.uint8)
            tile = cv2.resize(pixels, (tile_px, tile_px))
            corner = np.array([face.x + face.width / 2, face.y + face.height / 2]) - face.size_px * CROP_SCALE / 2
            for x, y in (np.array(found) - corner) * tile_px / (face.size_px * CROP_SCALE):
                cv2.circle(tile, (round(x), round(y)), 2, (0, 255, 0), -1)
            tiles.append(tile)
    tiles += [np.zeros((tile_px, tile_px, 3), np.uint8)] * (columns * rows - len(tiles))
    return np.vstack([np.hstack(tiles[row * columns : (row + 1) * columns]) for row in range(rows)])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--sheet", type=Path)
    arguments = parser.parse_args()
    torch.set_num_threads(cores())
    keep_memory()
    cv2.setNumThreads(1)
    learned = scene_keypoints(arguments.data, arguments.cache, arguments.steps)
    print(f"{sum(points is not None for faces in learned.values() for points in faces)} faces")
    if arguments.sheet and learned:
        write_picture(arguments.sheet, contact_sheet(arguments.data, learned))
