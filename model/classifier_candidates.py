"""What a face finder takes for a face and is none: crops that teach the classifier's second output to look twice.

    python classifier_candidates.py --data DIR --cache DIR --finder FILE

stores them in the cache folder.

Three kinds, from training pictures: `candidate`, the finder's answers down to low scores that overlap no labelled face;
`window`, boxes anywhere beside the faces; `misplaced`, boxes that hold a face badly. `Crop.placed` is the wanted answer.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import Callable, Iterator

import cv2
import numpy as np
import torch

from arrays import Pixels
from classifier_samples import Crop, crop_of, made_once, placed_target
from data import Face, load_data, select
from finder_detect import detect
from finder_evaluate import iou
from finder_negatives import load_negatives, load_objects
from finder_network import load_finder
from finder_pasting import blend, log_uniform, resize
from pictures import read_picture

Boxes = np.ndarray  # [n, 4] corners px
Finder = Callable[[Pixels, int], np.ndarray]

SEED = 31
SIZES_PX = (320, 416, 640, 960)  # long sides at which pictures are searched
MIN_SCORE = 0.15
MOST_ANSWERS = 25  # of one picture
MOST_LIKELY_FACES = 0.6  # an answer in a scene that scores more often shows a face that nobody labelled
CLEAR_IOU = 0.3  # an answer that overlaps every labelled face by less is none
MIN_BOX_PX = 9.0
COMPOSITES = 400
WINDOWS_PER_PICTURE = 8
MISPLACED_PER_FACE = 3
MOST_FACES_PER_SCENE = 8  # of which misplaced boxes are made
UNLABELLED = ""
SHARES = {"candidate": 0.25, "window": 0.04, "misplaced": 0.08}  # beside those of the labelled faces


def face_of(box: np.ndarray) -> Face:
    x1, y1, x2, y2 = (float(v) for v in box[:4])
    return Face(x1, y1, x2 - x1, y2 - y1, UNLABELLED)


def finder_of(checkpoint: Path) -> Finder:
    """(RGB picture, long side) -> [n, 5] corners and score."""
    network = load_finder(checkpoint)
    return lambda picture, size_px: detect(network, np.ascontiguousarray(picture[..., ::-1]), size_px, MIN_SCORE, 1)


def answers_beside(picture: Pixels, boxes: Boxes, finder: Finder) -> np.ndarray:
    """The finder's answers at all sizes that overlap no box: [n, 5], each place once, best first."""
    found = np.concatenate([finder(picture, size) for size in SIZES_PX])
    found = found[np.argsort(-found[:, 4], kind="stable")]
    kept: list[np.ndarray] = []
    for answer in found:
        if len(kept) == MOST_ANSWERS:
            break
        if (answer[2:4] - answer[:2]).max() < MIN_BOX_PX or (len(boxes) and iou(answer, boxes).max() >= CLEAR_IOU):
            continue
        if not kept or iou(answer, np.stack(kept)).max() < 0.6:
            kept.append(answer)
    return np.stack(kept) if kept else np.zeros((0, 5), np.float32)


def windows(picture: Pixels, boxes: Boxes, count: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Boxes of all sizes that overlap no face."""
    rows, columns = picture.shape[:2]
    out = []
    for _ in range(count):
        side = math.exp(rng.uniform(math.log(12), math.log(max(13, 0.8 * min(rows, columns)))))
        aspect = math.exp(rng.normal(0, 0.15))
        x, y = rng.uniform(-0.1 * side, columns - 0.9 * side), rng.uniform(-0.1 * side, rows - 0.9 * side)
        box = np.float32([x, y, x + side / aspect, y + side])
        if not len(boxes) or iou(box, boxes).max() < 0.15:
            out.append(box)
    return out


def misplaced(picture: Pixels, boxes: Boxes, index: int, rng: np.random.Generator) -> list[Crop]:
    """Boxes that hold a labelled face too loosely, too tightly or beside the middle."""
    x1, y1, x2, y2 = boxes[index]
    size, middle = np.array([x2 - x1, y2 - y1]), np.array([x1 + x2, y1 + y2]) / 2
    out = []
    for _ in range(MISPLACED_PER_FACE):
        spread = rng.uniform(0.1, 0.6)
        half = size * np.exp(rng.normal(0, spread) + rng.normal(0, 0.1, 2)) / 2
        centre = np.clip(middle + size * rng.normal(0, spread * 0.7, 2), 0, [picture.shape[1], picture.shape[0]])
        box = np.concatenate([centre - half, centre + half]).astype(np.float32)
        target = placed_target(float(iou(box, boxes).max()))
        if target < 1 and max(half) * 2 >= MIN_BOX_PX:
            crop = crop_of(picture, face_of(box))
            crop.placed = target
            out.append(crop)
    return out


def composites(photographs: list[Pixels], rng: np.random.Generator) -> Iterator[tuple[Pixels, list[np.ndarray]]]:
    """Pictures with cut out objects on them, and the objects' boxes."""
    objects = load_objects()
    if not objects or not photographs:
        return
    for _ in range(COMPOSITES):
        if rng.random() < 0.5:
            ground = photographs[int(rng.integers(len(photographs)))]
            picture = cv2.resize(ground, (480, 480), interpolation=cv2.INTER_AREA)
        else:
            picture = np.full((480, 480, 3), rng.integers(0, 256, 3), np.uint8)
        boxes = []
        for _ in range(int(rng.integers(2, 7))):
            stamp = objects[int(rng.integers(len(objects)))]
            scale = log_uniform(rng, 20, 400) / max(stamp.shape[:2])
            height, width = (max(4, round(n * scale)) for n in stamp.shape[:2])
            small = resize(stamp, width, height)[..., [2, 1, 0, 3]]
            row, column = int(rng.integers(0, 481 - height)), int(rng.integers(0, 481 - width))
            box = blend(picture, small[..., :3], small[..., 3].astype(np.float32) / 255, column, row)
            if box is not None:
                boxes.append(box)
        yield picture, boxes


def rejected_crops(data: Path, finder: Finder) -> dict[str, list[Crop]]:
    """Kind -> crops, the same on every run."""
    rng = np.random.default_rng(SEED)
    out: dict[str, list[Crop]] = {"candidate": [], "window": [], "misplaced": []}

    def add(kind: str, picture: Pixels, box: np.ndarray) -> None:
        if min(box[2] - box[0], box[3] - box[1]) >= 0.3 * MIN_BOX_PX:
            crop = crop_of(picture, face_of(box))
            crop.placed = 0.0
            out[kind].append(crop)

    pictures = load_data(data)
    none = np.zeros((0, 4), np.float32)
    for picture in select(pictures, ("scenes", "web", "crops", "celeb"), "train"):
        if picture.source != "scenes" and picture.faces_seen > 1:
            continue
        pixels = read_picture(picture.path)
        boxes = np.float32([f.corners for f in picture.faces]).reshape(-1, 4)
        if picture.source == "scenes":
            for answer in answers_beside(pixels, boxes, finder):
                if answer[4] < MOST_LIKELY_FACES:
                    add("candidate", pixels, answer)
            for box in windows(pixels, boxes, WINDOWS_PER_PICTURE, rng):
                add("window", pixels, box)
        large = [k for k, face in enumerate(picture.faces) if face.size_px >= 14]
        rng.shuffle(large)
        chance = 1.0 if picture.source == "scenes" else 0.5
        for index in large[:MOST_FACES_PER_SCENE]:
            if rng.random() < chance:
                out["misplaced"] += misplaced(pixels, boxes, index, rng)
    photographs = [read_picture(p.path) for p in select(pictures, "backgrounds", "train")] + [p[..., ::-1] for p in load_negatives()]
    for pixels in photographs:
        for answer in answers_beside(pixels, none, finder):
            add("candidate", pixels, answer)
        for box in windows(pixels, none, 2 * WINDOWS_PER_PICTURE, rng):
            add("window", pixels, box)
    for pixels, boxes in composites(photographs, rng):
        for answer in answers_beside(pixels, none, finder):
            add("candidate", pixels, answer)
        for box in boxes:
            add("window", pixels, box)
    return out


def training_rejects(data: Path, cache: Path, finder: Path | None) -> dict[str, list[Crop]]:
    """Kind -> crops; searched for once, with the finder's checkpoint, then read from the cache folder. Nothing without either."""
    stored = cache / f"rejects-{SEED}.pickle"
    if finder is None and not stored.is_file():
        return {}
    return made_once(stored, lambda: rejected_crops(data, finder_of(finder)))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--finder", type=Path, required=True)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    for kind, found in training_rejects(arguments.data, arguments.cache, arguments.finder).items():
        print(f"{kind:10} {len(found):6}")
