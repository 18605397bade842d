"""Training pictures for the face finder, made from the data folder: crops of scenes at many scales, mosaics,
pasted single faces, portraits that fill the frame, and pictures without a face."""
from __future__ import annotations

import math
import sys
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator

import data
from finder_faces import DRAWN_COUNT, Source, cut_out, drawn_faces, single
from finder_negatives import load_negatives, load_objects
from finder_pasting import log_uniform, overlaps, paste_face, paste_object, resize
from finder_photometry import vary
from pictures import check_faces, read_bgr, write_picture

PADDING = 127  # what lies outside of a picture; zero after normalisation, within rounding
_MIN_FACE_PX = 5.0  # smaller faces are neither asked for nor punished
_RARE_WEIGHT = 2.5  # faces without a correctly worn mask are one in five; scenes that show some come this much more often
_MIN_VISIBLE = 0.4  # share of a box that must lie inside; below, the face is neither asked for nor punished


@dataclass
class Sample:
    """image: BGR uint8 [S, S, 3], `filled` (width, height) px of it is picture, the rest padding at right and bottom.
    faces, ignored: float32 [n, 4] corners px, clipped to the picture."""

    image: np.ndarray
    faces: np.ndarray
    ignored: np.ndarray
    filled: tuple[int, int]


def _no_boxes() -> np.ndarray:
    return np.zeros((0, 4), np.float32)


def _window(source: Source, left: int, top: int, width: int, height: int, to_width: int, to_height: int) -> tuple[np.ndarray, np.ndarray]:
    """The part of a picture at (left, top), resized; what lies outside is PADDING. -> image, boxes (not clipped)."""
    rows, columns = source.image.shape[:2]
    x1, y1, x2, y2 = max(0, left), max(0, top), min(columns, left + width), min(rows, top + height)
    scale_x, scale_y = to_width / width, to_height / height
    boxes = (source.boxes - np.float32([left, top, left, top])) * np.float32([scale_x, scale_y, scale_x, scale_y])
    if (x1, y1, x2, y2) == (left, top, left + width, top + height):
        return resize(source.image[y1:y2, x1:x2], to_width, to_height), boxes
    image = np.full((to_height, to_width, 3), PADDING, np.uint8)
    a, b = round((x1 - left) * scale_x), round((y1 - top) * scale_y)
    c, d = min(to_width, round((x2 - left) * scale_x)), min(to_height, round((y2 - top) * scale_y))
    if x2 > x1 and y2 > y1 and c > a and d > b:
        image[b:d, a:c] = resize(source.image[y1:y2, x1:x2], c - a, d - b)
    return image, boxes


class SampleMaker:
    """All pictures decoded in memory (about 1.5 GB), and samples drawn from them with the caller's generator."""

    def __init__(self, pictures: list[data.Picture]) -> None:
        self._scenes: list[Source] = []
        self._scene_weights: list[float] = []
        self._portraits: list[Source] = []
        self._celebrities: list[Source] = []
        self._crops: list[Source] = []
        self._rare: list[Source] = []
        self._backgrounds: list[np.ndarray] = []
        for picture in data.select(pictures, ("scenes", "web", "celeb", "crops", "backgrounds"), "train"):
            self._add(picture)
        self._drawn = drawn_faces(pictures, DRAWN_COUNT, np.random.default_rng(11))
        self._negatives, self._objects = load_negatives(), load_objects()
        if not self._backgrounds:
            self._backgrounds = self._negatives or [np.full((64, 64, 3), PADDING, np.uint8)]
        self._has_single_faces = bool(self._portraits or self._celebrities or self._crops)
        if not self._scenes:
            raise data.DataError("the data folder holds no training scenes")
        self._scene_limits = np.cumsum(self._scene_weights) / sum(self._scene_weights)

    def _add(self, picture: data.Picture) -> None:
        image = read_bgr(picture.path)
        check_faces(picture, image)
        boxes = np.float32([f.corners for f in picture.faces]).reshape(-1, 4)
        rare = np.array([f.label != "mask_worn_correctly" for f in picture.faces], bool)
        weights = np.where(rare, _RARE_WEIGHT, 1.0)
        source = Source(image, boxes, weights / max(1.0, weights.sum()))
        if picture.source == "scenes":
            self._scenes.append(source)
            self._scene_weights.append(_RARE_WEIGHT if rare.any() else 1.0)
            self._rare += cut_out(image, boxes, rare)
        elif picture.source == "backgrounds":
            self._backgrounds.append(image)
        elif picture.faces_seen <= 1 and picture.faces[0].score >= 0.6:
            {"web": self._portraits, "celeb": self._celebrities, "crops": self._crops}[picture.source].append(single(image, boxes))

    def describe(self) -> str:
        return (f"{len(self._scenes)} scenes, {len(self._portraits)} + {len(self._celebrities)} + {len(self._crops)} single faces, "
                f"{len(self._drawn)} drawn on, {len(self._rare)} cut out of scenes, "
                f"{len(self._backgrounds)} + {len(self._negatives)} pictures without a face, {len(self._objects)} objects")

    def draw(self, side_px: int, rng: Generator, portraits: float = 0.12) -> Sample:
        """One sample of side_px x side_px; `portraits` is the share of single faces that fill the frame."""
        choice = rng.random()
        others = (1 - portraits) / 0.88
        filled = (side_px, side_px)
        if choice < 0.36 * others:
            if rng.random() < 0.2:
                image, boxes, filled = self._letterbox(self._scene(rng), side_px, rng)
            else:
                image, boxes = self._scene_part(side_px, side_px, rng)
                if rng.random() < 0.3:
                    image, boxes = self._with_pasted(image, boxes, int(rng.integers(1, 4)), rng)
        elif choice < 0.48 * others:
            image, boxes = self._mosaic(side_px, rng)
        elif choice < 0.69 * others + portraits and not self._has_single_faces:
            image, boxes = self._scene_part(side_px, side_px, rng)
        elif choice < 0.69 * others:
            image, boxes = self._with_pasted(self._backdrop(side_px, rng), _no_boxes(), int(rng.choice([1, 1, 2, 3, 4, 6, 8])), rng)
        elif choice < 0.69 * others + portraits:
            image, boxes, filled = self._portrait(side_px, rng)
        else:
            image, boxes = self._empty(side_px, rng)
        if self._objects and rng.random() < 0.15:
            image = image.copy()
            for _ in range(int(rng.integers(1, 4))):
                paste_object(image, boxes, self._pick(self._objects, rng), log_uniform(rng, 12, 0.8 * side_px), rng)
        return _finish(image, boxes, filled, rng)

    @staticmethod
    def _pick(items: list, rng: Generator):
        return items[int(rng.integers(len(items)))]

    def _scene(self, rng: Generator) -> Source:
        return self._scenes[int(np.searchsorted(self._scene_limits, rng.random()))]

    def _single_face(self, rng: Generator) -> Source:
        pools = [(0.34, self._portraits), (0.24, self._celebrities), (0.08, self._crops), (0.2, self._drawn), (0.14, self._rare)]
        pools = [(weight, pool) for weight, pool in pools if pool]
        weights = np.array([weight for weight, _ in pools])
        return self._pick(pools[int(rng.choice(len(pools), p=weights / weights.sum()))][1], rng)

    def _scene_part(self, width: int, height: int, rng: Generator) -> tuple[np.ndarray, np.ndarray]:
        scene = self._scene(rng)
        rows, columns = scene.image.shape[:2]
        fill = max(width, height) / (1.3 * max(rows, columns))  # smaller scales would leave large samples mostly empty
        scale = log_uniform(rng, min(2.0, max(0.5, fill)), 2.2)
        stretch = math.exp(rng.normal(0, 0.06))
        from_width, from_height = max(8, round(width / (scale * stretch))), max(8, round(height * stretch / scale))
        if len(scene.boxes) and rng.random() < 0.75:
            box = scene.boxes[int(rng.choice(len(scene.boxes), p=scene.weights))]
            left = (box[0] + box[2]) / 2 - from_width * rng.uniform(0.1, 0.9)
            top = (box[1] + box[3]) / 2 - from_height * rng.uniform(0.1, 0.9)
        else:
            left, top = rng.uniform(0, max(1, columns - from_width)), rng.uniform(0, max(1, rows - from_height))
        # Slide the window back over the picture where it fits, so that padding stays the exception.
        left = min(max(left, 0), columns - from_width) if from_width < columns else left * rng.random()
        top = min(max(top, 0), rows - from_height) if from_height < rows else top * rng.random()
        return _window(scene, round(left), round(top), from_width, from_height, width, height)

    def _mosaic(self, side: int, rng: Generator) -> tuple[np.ndarray, np.ndarray]:
        image = np.empty((side, side, 3), np.uint8)
        split_x, split_y = (int(side * rng.uniform(0.3, 0.7)) for _ in range(2))
        boxes = []
        for left, right in ((0, split_x), (split_x, side)):
            for top, bottom in ((0, split_y), (split_y, side)):
                part, found = self._scene_part(right - left, bottom - top, rng)
                image[top:bottom, left:right] = part
                limit = np.float32([right - left, bottom - top] * 2)
                clipped = np.clip(found, 0, limit)
                area = np.prod(found[:, 2:] - found[:, :2], 1)
                kept = np.prod(clipped[:, 2:] - clipped[:, :2], 1) > 0.25 * area
                boxes.append(clipped[kept] + np.float32([left, top, left, top]))
        return image, np.concatenate(boxes)

    def _backdrop(self, side: int, rng: Generator) -> np.ndarray:
        """side x side px without a face: from pictures without people, or the parts of scenes between the faces."""
        choice = rng.random()
        if choice < 0.4:
            for _ in range(12):
                scene = self._pick(self._scenes, rng)
                rows, columns = scene.image.shape[:2]
                extent = int(min(rows, columns) * rng.uniform(0.2, 0.9))
                left, top = int(rng.integers(0, columns - extent + 1)), int(rng.integers(0, rows - extent + 1))
                if not overlaps(np.float32([left, top, left + extent, top + extent]), list(scene.boxes)):
                    return resize(scene.image[top:top + extent, left:left + extent], side, side)
        pool = self._negatives if self._negatives and choice > 0.7 else self._backgrounds
        picture = self._pick(pool, rng)
        rows, columns = picture.shape[:2]
        scale = max(side / min(rows, columns), log_uniform(rng, 0.4, 2.0))
        extent = min(rows, columns, max(8, int(side / scale)))
        left, top = int(rng.integers(0, columns - extent + 1)), int(rng.integers(0, rows - extent + 1))
        image = resize(picture[top:top + extent, left:left + extent], side, side)
        turn = rng.random()
        return np.rot90(image, int(rng.integers(1, 4))).copy() if turn < 0.2 else image

    def _empty(self, side: int, rng: Generator) -> tuple[np.ndarray, np.ndarray]:
        if rng.random() < 0.3:  # several at once, so that many objects are seen at the small scales too
            half = side // 2
            tiles = [self._backdrop(half, rng) for _ in range(4)]
            return np.vstack([np.hstack(tiles[:2]), np.hstack(tiles[2:])]), _no_boxes()
        return self._backdrop(side, rng), _no_boxes()

    def _with_pasted(self, image: np.ndarray, boxes: np.ndarray, count: int, rng: Generator) -> tuple[np.ndarray, np.ndarray]:
        image = image.copy()
        for _ in range(count):
            boxes = paste_face(image, boxes, self._single_face(rng), log_uniform(rng, 10, min(420, 0.9 * image.shape[0])), rng)
        return image, boxes

    def _portrait(self, side: int, rng: Generator) -> tuple[np.ndarray, np.ndarray, tuple[int, int]]:
        """A whole picture of one face, as a close-up comes into the finder."""
        face = self._single_face(rng)
        if rng.random() < 0.6:
            return self._letterbox(face, side, rng)
        # Closer still: the face's longer side takes up to the whole frame and more.
        extent = float((face.boxes[0, 2:] - face.boxes[0, :2]).max()) / rng.uniform(0.45, 1.25)
        middle = (face.boxes[0, :2] + face.boxes[0, 2:]) / 2 + rng.normal(0, 0.08, 2) * extent
        left, top = (middle - extent / 2).round().astype(int)
        image, boxes = _window(face, int(left), int(top), max(8, round(extent)), max(8, round(extent)), side, side)
        return image, boxes, (side, side)

    def _letterbox(self, source: Source, side: int, rng: Generator) -> tuple[np.ndarray, np.ndarray, tuple[int, int]]:
        """The whole picture at the top left, its long side as long as the frame (half of the time a little shorter)."""
        rows, columns = source.image.shape[:2]
        scale = side * (rng.uniform(0.7, 1.0) if rng.random() < 0.5 else 1.0) / max(rows, columns)
        width, height = max(8, round(columns * scale)), max(8, round(rows * scale))
        image = np.full((side, side, 3), PADDING, np.uint8)
        image[:height, :width] = resize(source.image, width, height)
        return image, source.boxes * np.float32(scale), (width, height)


def _finish(image: np.ndarray, boxes: np.ndarray, filled: tuple[int, int], rng: Generator) -> Sample:
    side = image.shape[0]
    width, height = filled
    if rng.random() < 0.5:
        # Only the picture is mirrored: the padding stays at the right and at the bottom, as in the library.
        image = image.copy()
        image[:height, :width] = image[:height, :width][:, ::-1].copy()
        boxes = np.stack([width - boxes[:, 2], boxes[:, 1], width - boxes[:, 0], boxes[:, 3]], 1)
    image = vary(image, rng)
    if filled != (side, side):
        image = image.copy()
        image[height:] = PADDING
        image[:, width:] = PADDING
    boxes = boxes.astype(np.float32)
    clipped = np.clip(boxes, 0, np.float32([width, height, width, height]))
    area = np.prod(boxes[:, 2:] - boxes[:, :2], 1)
    seen = np.prod(clipped[:, 2:] - clipped[:, :2], 1)
    large = (clipped[:, 2:] - clipped[:, :2]).max(1, initial=0) >= _MIN_FACE_PX
    wanted = (seen > _MIN_VISIBLE * area) & large
    return Sample(image, clipped[wanted], clipped[~wanted & (seen > 0)], filled)


def main() -> None:
    """Writes a contact sheet of samples with their boxes: finder_samples.py DATA_FOLDER OUTPUT.png [SIDE_PX]"""
    if len(sys.argv) not in (3, 4):
        sys.exit(main.__doc__)
    side = int(sys.argv[3]) if len(sys.argv) == 4 else 256
    maker = SampleMaker(data.load_data(sys.argv[1]))
    print(maker.describe())
    rng = np.random.default_rng(3)
    tiles = []
    for _ in range(48):
        sample = maker.draw(side, rng)
        image = sample.image.copy()
        for boxes, colour in ((sample.faces, (0, 255, 0)), (sample.ignored, (0, 0, 255))):
            for x1, y1, x2, y2 in boxes.round().astype(int):
                cv2.rectangle(image, (int(x1), int(y1)), (int(x2), int(y2)), colour, 1)
        tiles.append(cv2.resize(image, (192, 192), interpolation=cv2.INTER_AREA))
    write_picture(sys.argv[2], np.vstack([np.hstack(tiles[i:i + 8]) for i in range(0, 48, 8)])[..., ::-1])


if __name__ == "__main__":
    main()
