"""Faces that training scenes show too rarely: with something drawn on them, or cut out of scenes."""
from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator

import classifier_occluders as occluders
import data
from classifier_samples import points_of
from mask_drawing import FacePose, draw_mask
from pictures import read_picture

DRAWN_COUNT = 2_400
_WEARS = {"correct": 0.25, "nose_out": 0.25, "chin": 0.17, "mouth_only": 0.1, "one_ear": 0.05, "none": 0.18}
_MIN_DRAWN_ON_PX = 40.0
_MIN_CUT_PX = 18.0
_SURROUNDINGS = 0.6  # what is cut out around a face, in box sides


@dataclass
class Source:
    image: np.ndarray  # BGR uint8 [H, W, 3]
    boxes: np.ndarray  # [n, 4] corners px
    weights: np.ndarray  # [n], sum 1: how often a crop is centred on each box


def single(image: np.ndarray, box: np.ndarray) -> Source:
    """A picture of one face."""
    return Source(image, np.float32(box).reshape(1, 4), np.ones(1))


def drawn_faces(pictures: list[data.Picture], count: int, rng: Generator) -> list[Source]:
    """Unmasked single faces with drawn masks in all ways of wearing them, or with a hand, beard, cup or scarf."""
    usable = [p for p in data.select(pictures, ("web", "celeb"), "train")
              if p.faces_seen <= 1 and p.faces[0].label == "without_mask" and p.faces[0].keypoints and p.faces[0].size_px >= _MIN_DRAWN_ON_PX]
    if not usable:
        return []
    chosen = rng.integers(len(usable), size=count)
    wears = rng.choice(list(_WEARS), size=count, p=list(_WEARS.values()))
    sources = []
    for index, wear in zip(chosen, wears):
        face = usable[int(index)].faces[0]
        points = points_of(face)
        assert points is not None
        pixels = read_picture(usable[int(index)].path)
        if rng.random() < 0.15:
            pixels = occluders.glasses(pixels, FacePose(points), rng)
        if wear == "none":
            pixels = list(occluders.NEGATIVES.values())[int(rng.integers(len(occluders.NEGATIVES)))](pixels, FacePose(points), rng)
        else:
            pixels = draw_mask(pixels, points, str(wear), rng).pixels
        sources.append(single(cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), np.float32(face.corners)))
    return sources


def cut_out(image: np.ndarray, boxes: np.ndarray, wanted: np.ndarray) -> list[Source]:
    """The wanted faces (bool [n]) of a scene with their surroundings, where these hold no other face."""
    rows, columns = image.shape[:2]
    found = []
    for index in np.flatnonzero(wanted):
        box = boxes[index]
        side = float((box[2:] - box[:2]).max())
        x1, y1 = np.maximum(0, np.floor(box[:2] - _SURROUNDINGS * side)).astype(int)
        x2, y2 = np.minimum([columns, rows], np.ceil(box[2:] + _SURROUNDINGS * side)).astype(int)
        others = np.delete(boxes, index, 0)
        apart = (others[:, 0] >= x2) | (others[:, 2] <= x1) | (others[:, 1] >= y2) | (others[:, 3] <= y1)
        if side >= _MIN_CUT_PX and apart.all():
            found.append(single(image[y1:y2, x1:x2].copy(), box - np.float32([x1, y1, x1, y1])))
    return found
