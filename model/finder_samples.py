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
from finder_negatives import load_negatives
from finder_photometry import vary

PADDING = 127  # what lies outside of a picture; zero after normalisation, within rounding
_MIN_FACE_PX = 5.0  # smaller faces are neither asked for nor punished
_RARE_WEIGHT = 2.0  # faces without a correctly worn mask are one in five; scenes that show some come this much more often
_MIN_VISIBLE = 0.4  # share of a box that must lie inside; below, the face is neither asked for nor punished


@dataclass
class Sample:
    """image: BGR uint8 [S, S, 3], `filled` (width, height) px of it is picture, the rest padding at right and bottom.
    faces, ignored: float32 [n, 4] corners px, clipped to the picture."""

    image: np.ndarray
    faces: np.ndarray
    ignored: np.ndarray
    filled: tuple[int, int]


@dataclass
class _Source:
    image: np.ndarray
    boxes: np.ndarray  # [n, 4] corners px
    weights: np.ndarray  # [n], sum 1: how often a crop is centred on each box


def _no_boxes() -> np.ndarray:
    return np.zeros((0, 4), np.float32)


def _log_uniform(rng: Generator, low: float, high: float) -> float:
    return math.exp(rng.uniform(math.log(low), math.log(high)))


def resize(image: np.ndarray, width: int, height: int) -> np.ndarray:
    """Area averaging when shrinking, bilinear when enlarging: what the library does."""
    shrinks = width * height < image.shape[0] * image.shape[1]
    return cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)


def _window(source: _Source, left: int, top: int, width: int, height: int, to_width: int, to_height: int) -> tuple[np.ndarray, np.ndarray]:
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


def _overlaps(box: np.ndarray, others: list[np.ndarray]) -> bool:
    return any(min(box[2], o[2]) > max(box[0], o[0]) and min(box[3], o[3]) > max(box[1], o[1]) for o in others)


class SampleMaker:
    """All pictures decoded in memory (about 1.5 GB), and samples drawn from them with the caller's generator."""

    def __init__(self, pictures: list[data.Picture]) -> None:
        self._scenes: list[_Source] = []
        self._scene_weights: list[float] = []
        self._portraits: list[_Source] = []
        self._celebrities: list[_Source] = []
        self._crops: list[_Source] = []
        self._backgrounds: list[np.ndarray] = []
        for picture in data.select(pictures, ("scenes", "web", "celeb", "crops", "backgrounds"), "train"):
            self._add(picture)
        self._negatives = load_negatives()
        if not self._backgrounds:
            self._backgrounds = self._negatives or [np.full((64, 64, 3), PADDING, np.uint8)]
        self._has_single_faces = bool(self._portraits or self._celebrities or self._crops)
        if not self._scenes:
            raise data.DataError("the data folder holds no training scenes")
        self._scene_limits = np.cumsum(self._scene_weights) / sum(self._scene_weights)

    def _add(self, picture: data.Picture) -> None:
        image = cv2.imread(str(picture.path), cv2.IMREAD_COLOR)
        if image is None:
            raise data.DataError(f"{picture.path}: not a readable picture")
        boxes = np.float32([f.corners for f in picture.faces]).reshape(-1, 4)
        rare = np.array([f.label != "mask_worn_correctly" for f in picture.faces], bool)
        weights = np.where(rare, _RARE_WEIGHT, 1.0)
        source = _Source(image, boxes, weights / max(1.0, weights.sum()))
        if picture.source == "scenes":
            self._scenes.append(source)
            self._scene_weights.append(_RARE_WEIGHT if rare.any() else 1.0)
        elif picture.source == "backgrounds":
            self._backgrounds.append(image)
        elif picture.faces_seen <= 1 and picture.faces[0].score >= 0.6:
            {"web": self._portraits, "celeb": self._celebrities, "crops": self._crops}[picture.source].append(source)

    def describe(self) -> str:
        return (f"{len(self._scenes)} scenes, {len(self._portraits)} + {len(self._celebrities)} + {len(self._crops)} single faces, "
                f"{len(self._backgrounds)} + {len(self._negatives)} pictures without a face")

    def draw(self, side_px: int, rng: Generator, portraits: float = 0.12) -> Sample:
        """One sample of side_px x side_px; `portraits` is the share of single faces that fill the frame."""
        choice = rng.random()
        others = (1 - portraits) / 0.88
        filled = (side_px, side_px)
        if choice < 0.40 * others:
            if rng.random() < 0.2:
                image, boxes, filled = self._letterbox(self._scene(rng), side_px, rng)
            else:
                image, boxes = self._scene_part(side_px, side_px, rng)
        elif choice < 0.53 * others:
            image, boxes = self._mosaic(side_px, rng)
        elif choice < 0.72 * others + portraits and not self._has_single_faces:
            image, boxes = self._scene_part(side_px, side_px, rng)
        elif choice < 0.72 * others:
            image, boxes = self._pasted(side_px, rng)
        elif choice < 0.72 * others + portraits:
            image, boxes, filled = self._portrait(side_px, rng)
        else:
            image, boxes = self._empty(side_px, rng)
        return _finish(image, boxes, filled, rng)

    @staticmethod
    def _pick(items: list, rng: Generator):
        return items[int(rng.integers(len(items)))]

    def _scene(self, rng: Generator) -> _Source:
        return self._scenes[int(np.searchsorted(self._scene_limits, rng.random()))]

    def _single_face(self, rng: Generator) -> _Source:
        pools = [(0.5, self._portraits), (0.38, self._celebrities), (0.12, self._crops)]
        pools = [(weight, pool) for weight, pool in pools if pool]
        weights = np.array([weight for weight, _ in pools])
        return self._pick(pools[int(rng.choice(len(pools), p=weights / weights.sum()))][1], rng)

    def _scene_part(self, width: int, height: int, rng: Generator) -> tuple[np.ndarray, np.ndarray]:
        scene = self._scene(rng)
        rows, columns = scene.image.shape[:2]
        fill = max(width, height) / (1.3 * max(rows, columns))  # smaller scales would leave large samples mostly empty
        scale = _log_uniform(rng, min(2.0, max(0.5, fill)), 2.2)
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
                if not _overlaps(np.float32([left, top, left + extent, top + extent]), list(scene.boxes)):
                    return resize(scene.image[top:top + extent, left:left + extent], side, side)
        pool = self._negatives if self._negatives and choice > 0.7 else self._backgrounds
        picture = self._pick(pool, rng)
        rows, columns = picture.shape[:2]
        scale = max(side / min(rows, columns), _log_uniform(rng, 0.4, 2.0))
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

    def _pasted(self, side: int, rng: Generator) -> tuple[np.ndarray, np.ndarray]:
        image = self._backdrop(side, rng).copy()
        boxes: list[np.ndarray] = []
        taken: list[np.ndarray] = []
        for _ in range(int(rng.choice([1, 1, 2, 3, 4, 6, 8]))):
            face = self._single_face(rng)
            target = _log_uniform(rng, 10, min(420, 0.9 * side))
            scale = target / float((face.boxes[0, 2:] - face.boxes[0, :2]).max())
            width, height = (max(4, round(n * scale)) for n in (face.image.shape[1], face.image.shape[0]))
            if max(width, height) > 2 * side:
                continue
            patch, box = resize(face.image, width, height), face.boxes[0] * scale
            patch, alpha, box = _patch(patch, box, rng)
            middle = (box[:2] + box[2:]) / 2
            left = int(rng.uniform(0.0, 1.0) * side - middle[0])
            top = int(rng.uniform(0.0, 1.0) * side - middle[1])
            placed = box + np.float32([left, top, left, top])
            margin = (placed[2:] - placed[:2]) * 0.25
            area = np.concatenate([placed[:2] - margin, placed[2:] + margin])
            x1, y1, x2, y2 = max(0, left), max(0, top), min(side, left + width), min(side, top + height)
            if x2 - x1 < 3 or y2 - y1 < 3 or _overlaps(area, taken) or _overlaps(np.float32([x1, y1, x2, y2]), boxes):
                continue
            weight = alpha[y1 - top:y2 - top, x1 - left:x2 - left, None]
            below = image[y1:y2, x1:x2]
            image[y1:y2, x1:x2] = (below + (patch[y1 - top:y2 - top, x1 - left:x2 - left].astype(np.float32) - below) * weight).astype(np.uint8)
            boxes.append(placed)
            taken.append(area)
        return image, np.float32(boxes).reshape(-1, 4)

    def _portrait(self, side: int, rng: Generator) -> tuple[np.ndarray, np.ndarray, tuple[int, int]]:
        """A whole picture of one face, as a close-up comes into the finder."""
        face = self._single_face(rng)
        if rng.random() < 0.6:
            return self._letterbox(face, side, rng)
        # Closer still: the face's longer side takes up to the whole frame.
        extent = float((face.boxes[0, 2:] - face.boxes[0, :2]).max()) / rng.uniform(0.45, 1.0)
        middle = (face.boxes[0, :2] + face.boxes[0, 2:]) / 2 + rng.normal(0, 0.06, 2) * extent
        left, top = (middle - extent / 2).round().astype(int)
        image, boxes = _window(face, int(left), int(top), max(8, round(extent)), max(8, round(extent)), side, side)
        return image, boxes, (side, side)

    def _letterbox(self, source: _Source, side: int, rng: Generator) -> tuple[np.ndarray, np.ndarray, tuple[int, int]]:
        """The whole picture at the top left, its long side as long as the frame (half of the time a little shorter)."""
        rows, columns = source.image.shape[:2]
        scale = side * (rng.uniform(0.7, 1.0) if rng.random() < 0.5 else 1.0) / max(rows, columns)
        width, height = max(8, round(columns * scale)), max(8, round(rows * scale))
        image = np.full((side, side, 3), PADDING, np.uint8)
        image[:height, :width] = resize(source.image, width, height)
        return image, source.boxes * np.float32(scale), (width, height)


def _patch(patch: np.ndarray, box: np.ndarray, rng: Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Turns some faces a little and gives the patch an outline: hard, soft, or an oval about the head.
    -> patch [h, w, 3], alpha [h, w] float32 in [0, 1], box."""
    height, width = patch.shape[:2]
    middle = (box[:2] + box[2:]) / 2
    if rng.random() < 0.3:
        turn = cv2.getRotationMatrix2D((float(middle[0]), float(middle[1])), rng.normal(0, 12), 1.0)
        patch = cv2.warpAffine(patch, turn, (width, height), borderMode=cv2.BORDER_REPLICATE)
    alpha = np.ones((height, width), np.float32)
    choice = rng.random()
    if choice < 0.35:
        alpha[:] = 0
        half = (box[2:] - box[:2]) / 2 * rng.uniform(1.15, 1.5)
        cv2.ellipse(alpha, (int(middle[0]), int(middle[1])), (max(2, int(half[0])), max(2, int(half[1]))), 0, 0, 360, 1.0, -1)
        alpha = cv2.GaussianBlur(alpha, (0, 0), max(0.5, 0.04 * float(half.max())))
    elif choice < 0.65:
        edge = max(1, int(0.06 * min(height, width)))
        alpha[:edge] = alpha[-edge:] = 0
        alpha[:, :edge] = alpha[:, -edge:] = 0
        alpha = cv2.blur(alpha, (2 * edge + 1, 2 * edge + 1))
    return patch, alpha, box


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
    cv2.imwrite(sys.argv[2], np.vstack([np.hstack(tiles[i:i + 8]) for i in range(0, 48, 8)]))


if __name__ == "__main__":
    main()
