"""The training set of the mask classifier: crops of real faces and a pool of drawn ones.

    python classifier_pool.py --data DIR --cache DIR [--sheet look.png]

draws the pool and stores it; --sheet writes some crops of every group to look at.

Every crop belongs to a group; training takes a fixed share of each batch from every group (SHARES),
so that neither rare labels nor sources that are too easy decide what is learned.
"""

from __future__ import annotations

import argparse
import math
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import Union

import cv2
import numpy as np
from numpy.typing import NDArray

import classifier_occluders as occluders
from arrays import Floats, Pixels
from classifier_keypoints import ScenePoints, scene_keypoints
from classifier_labels import training_label
from classifier_samples import KEPT_SCALE, OUTSIDE, Crop, crop_of, made_once
from data import KEYPOINTS, Picture, label_index, load_data, select
from face_laying import lay_face
from mask_drawing import FacePose, draw_mask, sample_cloth
from mask_fit import is_shown
from mask_template import draw_template
from pictures import check_faces, read_picture, write_picture
from train_speed import cores

SEED = 41
VARIANTS = 72000
VARIANTS_A_PART = 500
MIN_FACE_PX = 9.0
MIN_DRAWN_ON_PX = 28.0  # smaller unmasked faces are not worth drawing on
TEMPLATE_SHARE = 0.4  # of the drawn masks: flat ones, see mask_template
MIN_MOVED_PX = 14.0  # smaller incorrect faces are not moved to others
FAR_SHARE = 0.6  # of the masked faces that parts are laid over: from scenes

# group -> (label, its share of a batch at the constant rate, and while cooling down)
SHARES: dict[str, tuple[str, float, float]] = {
    "scene_without": ("without_mask", 0.10, 0.15),
    "web_without": ("without_mask", 0.05, 0.05),
    "celeb_without": ("without_mask", 0.10, 0.10),
    "drawn_without": ("without_mask", 0.08, 0.06),
    "laid_without": ("without_mask", 0.05, 0.04),
    "scene_incorrect": ("mask_worn_incorrectly", 0.06, 0.07),
    "web_incorrect": ("mask_worn_incorrectly", 0.04, 0.04),
    "drawn_nose_out": ("mask_worn_incorrectly", 0.075, 0.07),
    "drawn_mouth_only": ("mask_worn_incorrectly", 0.028, 0.024),
    "drawn_one_ear": ("mask_worn_incorrectly", 0.007, 0.006),
    "drawn_chin": ("mask_worn_incorrectly", 0.08, 0.07),
    "laid_incorrect": ("mask_worn_incorrectly", 0.035, 0.03),
    "laid_chin": ("mask_worn_incorrectly", 0.025, 0.015),
    "moved_incorrect": ("mask_worn_incorrectly", 0.04, 0.04),
    "scene_correct": ("mask_worn_correctly", 0.18, 0.30),
    "web_correct": ("mask_worn_correctly", 0.11, 0.10),
    "drawn_correct": ("mask_worn_correctly", 0.06, 0.05),
    "laid_correct": ("mask_worn_correctly", 0.09, 0.08),
}
REAL = tuple(name for name in SHARES if name.startswith(("scene_", "web_", "celeb_")))  # nothing drawn, laid or moved
# Whether nose, mouth and chin are covered in groups of incorrectly worn masks; in the others it is not known.
COVERED = {
    "drawn_nose_out": (0, 1, 1), "drawn_mouth_only": (0, 1, 0), "drawn_one_ear": (0, 0, 0), "drawn_chin": (0, 0, 1),
    "laid_incorrect": (0, 1, 1), "laid_chin": (0, 0, 1),
}
UNKNOWN = -1
# What a variant shows; 'laid' ones come from pairs of real pictures.
WEAR_SHARES = {
    "correct": 0.17, "nose_out": 0.17, "chin": 0.16, "mouth_only": 0.07, "one_ear": 0.02, "none": 0.11, "laid": 0.30,
}
# Laid variants: group, share, what the face below and the donor wear, parts of the donor's face that are laid.
LAID: tuple[tuple[str, float, str, str, tuple[str, ...]], ...] = (
    ("laid_incorrect", 0.17, "correct", "without", ("nose",)),
    ("laid_chin", 0.15, "correct", "without", ("mouth",)),
    ("laid_correct", 0.06, "correct", "without", ("bridge",)),
    ("laid_correct", 0.27, "correct", "correct", ("nose", "mouth", "lower half")),
    ("laid_correct", 0.05, "without", "correct", ("lower half",)),
    ("laid_without", 0.13, "without", "without", ("nose", "mouth", "lower half")),
    ("moved_incorrect", 0.17, "without", "incorrect", ("lower half",)),
)
DONORS_TRIED = 16
CHIN: Floats = np.array([0, 1.95, 0.1], np.float32)  # in the units of mask_drawing; views of a mask at the chin show it
NEGATIVE_SHARES = {"hand": 0.27, "scarf": 0.18, "microphone": 0.12, "beard": 0.18, "shadow": 0.13, "cup": 0.12}

Groups = dict[str, list[Crop]]
Faces = tuple[list[Crop], Union[NDArray[np.float64], None]]  # and how likely each is to be taken
_SUFFIX = {"without_mask": "without", "mask_worn_incorrectly": "incorrect", "mask_worn_correctly": "correct"}


def real_crops(pictures: list[Picture], scene_points: ScenePoints) -> Groups:
    """Crops of every labelled training face, by group."""
    groups: Groups = {name: [] for name in SHARES}
    for picture in select(pictures, ("scenes", "web", "crops", "celeb"), "train"):
        pixels = None
        points = scene_points.get(picture.path.name) if picture.source == "scenes" else None
        for index, face in enumerate(picture.faces):
            if points is not None and points[index] is not None:
                face = replace(face, keypoints=dict(zip(KEYPOINTS, points[index])))
            label = face.label if picture.source == "scenes" else training_label(picture)
            if label is None or face.size_px < MIN_FACE_PX:
                continue
            if pixels is None:
                pixels = read_picture(picture.path)
                check_faces(picture, pixels)
            source = {"scenes": "scene", "crops": "web"}.get(picture.source, picture.source)
            if source == "celeb" and label != "without_mask":
                source = "web"
            groups[f"{source}_{_SUFFIX[label]}"].append(crop_of(pixels, face))
    return groups


def extended(crop: Crop, rng: np.random.Generator) -> Crop:
    """The crop continued beyond the picture's border by its smoothed edge, below a chin a neck, or by nothing."""
    side = round(crop.side * KEPT_SCALE)
    left, top = max(0, round(side / 2 - crop.x)), max(0, round(side / 2 - crop.y))
    height, width = crop.pixels.shape[:2]
    right, bottom = max(0, side - left - width), max(0, side - top - height)
    if not (left or top or right or bottom):
        return crop
    if rng.random() < 0.35:
        tone = int(rng.choice([OUTSIDE, OUTSIDE, 0, 255]))
        out = cv2.copyMakeBorder(crop.pixels, top, bottom, left, right, cv2.BORDER_CONSTANT, value=(tone,) * 3)
    else:
        grown = cv2.copyMakeBorder(crop.pixels, top, bottom, left, right, cv2.BORDER_REPLICATE)
        soft = cv2.GaussianBlur(grown, (0, 0), max(1.0, crop.side * 0.06)).astype(np.float32)
        soft += rng.standard_normal(soft.shape, np.float32) * 3
        out = np.clip(soft, 0, 255).astype(np.uint8)
        out[top : top + height, left : left + width] = crop.pixels
    points = None if crop.keypoints is None else crop.keypoints + np.float32([left, top])
    return Crop(out, crop.x + left, crop.y + top, crop.side, points)


def worn_crop(pixels: Pixels, crop: Crop, pose: FacePose, wear: str) -> Crop:
    """The crop with other pixels; views of a mask on the chin have to show it."""
    lowest = float(pose.project(CHIN)[1]) if wear == "chin" else None
    return Crop(pixels, crop.x, crop.y, crop.side, crop.keypoints, lowest=lowest)


def drawn_variant(crop: Crop, wear: str, cloths: list[Floats], rng: np.random.Generator) -> tuple[str, Crop] | None:
    """One face of the pool and its group: a mask worn in the given way, or something that is none.

    None where too little of the mask is seen."""
    assert crop.keypoints is not None
    # The chin is often cut off by the border; there little of a mask on the chin is to be seen.
    chin = FacePose(crop.keypoints).project(np.array([0, rng.uniform(1.5, 1.65), 0.2], np.float32))
    if rng.random() < (0.75 if wear == "chin" and chin[1] > crop.pixels.shape[0] else 0.5):
        crop = extended(crop, rng)
    assert crop.keypoints is not None
    pixels: Pixels = crop.pixels
    pose = FacePose(crop.keypoints)
    if rng.random() < 0.12:
        pixels = occluders.glasses(pixels, pose, rng)
    if wear == "none":
        name = str(rng.choice(list(NEGATIVE_SHARES), p=list(NEGATIVE_SHARES.values())))
        pixels = occluders.NEGATIVES[name](pixels, pose, rng)
        group = "drawn_without"
    else:
        under = rng.random()
        if under < 0.08:
            pixels = occluders.beard(pixels, pose, rng)
        elif under < 0.14:
            pixels = occluders.scarf(pixels, pose, rng)
        cloth = cloths[int(rng.integers(len(cloths)))] if cloths else None
        masked = None
        if wear != "one_ear" and rng.random() < TEMPLATE_SHARE:
            masked = draw_template(pixels, crop.keypoints, wear, rng, sampled=cloth)
        if masked is None:
            masked = draw_mask(pixels, crop.keypoints, wear, rng, sampled=cloth)
        if not is_shown(masked.cloth, crop.side):
            return None
        pixels = masked.pixels
        if rng.random() < 0.08:
            pixels = occluders.shadow(pixels, pose, rng)
        elif rng.random() < 0.05:
            pixels = occluders.microphone(pixels, pose, rng)
        group = f"drawn_{wear}"
    return group, worn_crop(pixels, crop, pose, wear)


def shrunk(crop: Crop, factor: float) -> Crop:
    """The crop at `factor` of its resolution."""
    assert crop.keypoints is not None
    height, width = crop.pixels.shape[:2]
    size = max(2, round(width * factor)), max(2, round(height * factor))
    x, y = size[0] / width, size[1] / height
    pixels = cv2.resize(crop.pixels, size, interpolation=cv2.INTER_AREA)
    return Crop(pixels, crop.x * x, crop.y * y, crop.side * x, crop.keypoints * np.array([x, y], np.float32))


def picked(faces: Faces, rng: np.random.Generator) -> Crop:
    crops, chances = faces
    return crops[int(rng.choice(len(crops), p=chances))]


def laid_variant(worn: dict[str, Faces], rng: np.random.Generator) -> tuple[str, Crop] | None:
    """A face with part of a donor's over it, see LAID; `worn` holds faces by what they wear."""
    group, _, below, donors, parts = LAID[int(rng.choice(len(LAID), p=[row[1] for row in LAID]))]
    part = str(rng.choice(parts))
    face = picked(worn[below], rng)
    assert face.keypoints is not None
    face_scale_px = FacePose(face.keypoints).scale_px
    for _ in range(DONORS_TRIED):
        donor = picked(worn[donors], rng)
        assert donor.keypoints is not None
        finer = face_scale_px / FacePose(donor.keypoints).scale_px
        crop, donor = (shrunk(face, 1 / finer), donor) if finer > 1 else (face, shrunk(donor, finer))
        assert crop.keypoints is not None and donor.keypoints is not None
        pixels = lay_face(crop.pixels, crop.keypoints, donor.pixels, donor.keypoints, part, rng)
        if pixels is not None:
            return group, worn_crop(pixels, crop, FacePose(crop.keypoints), "chin" if group in ("laid_chin", "moved_incorrect") else "")
    return None


class Painter:
    """Draws faces: the real ones of `groups` with masks, with what is none, or with parts of one another."""

    def __init__(self, groups: Groups) -> None:
        def usable(names: tuple[str, ...], smallest_px: float) -> list[Crop]:
            return [c for name in names for c in groups[name] if c.keypoints is not None and c.side >= smallest_px]

        unmasked = usable(("web_without", "celeb_without", "scene_without"), MIN_DRAWN_ON_PX)
        near, far = usable(("web_correct",), MIN_DRAWN_ON_PX), usable(("scene_correct",), MIN_FACE_PX)
        incorrect = usable(("scene_incorrect", "web_incorrect"), MIN_MOVED_PX)
        self._cloths = [sample_cloth(c.pixels, c.keypoints) for c in near if c.keypoints is not None]
        # Pictures that show more than the face itself are rarer and worth more; a chin needs a neck below it.
        room = np.array([min(c.pixels.shape[:2]) / c.side for c in unmasked])
        chance = np.clip(room - 0.8, 0.15, 1.0)
        below = np.array([len(c.pixels) > FacePose(c.keypoints).project(CHIN)[1] for c in unmasked])
        chance_chin = chance * np.where(below, 4.0, 1.0)
        shares = [np.full(len(crops), share / max(1, len(crops))) for crops, share in ((near, 1 - FAR_SHARE), (far, FAR_SHARE))]
        chance_masked = np.concatenate(shares)
        self._unmasked: Faces = (unmasked, chance / chance.sum())
        self._with_chin: Faces = (unmasked, chance_chin / chance_chin.sum())
        masked: Faces = (near + far, chance_masked / max(chance_masked.sum(), 1e-9))
        self._worn = {"without": self._with_chin, "correct": masked, "incorrect": (incorrect, None)}
        self.can_draw, self._can_lay = bool(unmasked), bool(near + far) and bool(incorrect)

    def draw(self, count: int, rng: np.random.Generator) -> Groups:
        """At most `count` crops; fewer where a mask did not fit."""
        out: Groups = {name: [] for name in SHARES}
        for wear in rng.choice(list(WEAR_SHARES), size=count, p=list(WEAR_SHARES.values())):
            if wear == "laid":
                made = laid_variant(self._worn, rng) if self._can_lay else None
            else:
                face = picked(self._with_chin if wear == "chin" else self._unmasked, rng)
                made = drawn_variant(face, str(wear), self._cloths, rng)
            if made is not None:
                out[made[0]].append(made[1])
        return out


_painter: Painter  # of a process that draws


def _keep_painter(painter: Painter) -> None:
    global _painter
    _painter = painter
    cv2.setNumThreads(1)


def _draw_part(part: int) -> Groups:
    return _painter.draw(VARIANTS_A_PART, np.random.default_rng([SEED, part]))


def with_drawn(groups: Groups, count: int) -> Groups:
    """Copies of the groups with about `count` drawn crops, by all cores, the same on any number of them."""
    painter = Painter(groups)
    out = {name: list(crops) for name, crops in groups.items()}
    if not painter.can_draw:
        return out

    parts = range(math.ceil(count / VARIANTS_A_PART))
    # Forked: the painter is there already.
    with ProcessPoolExecutor(cores(), get_context("fork"), _keep_painter, (painter,)) as drawing:
        for part, drawn in zip(parts, drawing.map(_draw_part, parts)):
            for name, crops in drawn.items():
                out[name] += crops
            if part % 8 == 0:
                print(f"drawn {part * VARIANTS_A_PART} of {count}", flush=True)
    return out


def training_groups(data: Path, cache: Path) -> Groups:
    """All training crops by group; drawn once, then read from the cache folder."""
    stored = cache / f"pool-{SEED}-{VARIANTS}.pickle"
    return made_once(stored, lambda: with_drawn(real_crops(load_data(data), scene_keypoints(data, cache)), VARIANTS))


def labels_of_groups() -> dict[str, int]:
    return {name: label_index(label) for name, (label, _, _) in SHARES.items()}


def covered_in_groups() -> dict[str, tuple[int, int, int]]:
    """Whether nose, mouth and chin are covered by a mask: 0, 1 or UNKNOWN."""
    by_label = {"without_mask": (0, 0, 0), "mask_worn_incorrectly": (UNKNOWN,) * 3, "mask_worn_correctly": (1, 1, 1)}
    return {name: COVERED.get(name, by_label[label]) for name, (label, _, _) in SHARES.items()}


def contact_sheet(groups: Groups, columns: int = 16, tile_px: int = 96) -> Pixels:
    """One row of random crops for every group, RGB."""
    rng = np.random.default_rng(SEED)
    rows = []
    for crops in filter(None, groups.values()):
        chosen = [crops[int(index)] for index in rng.integers(len(crops), size=columns)]
        rows.append(np.hstack([cv2.resize(c.pixels, (tile_px, tile_px), interpolation=cv2.INTER_AREA) for c in chosen]))
    return np.vstack(rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--sheet", type=Path)
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    pool = training_groups(arguments.data, arguments.cache)
    for group, crops in pool.items():
        print(f"{group:16} {len(crops):6}")
    if arguments.sheet:
        write_picture(arguments.sheet, contact_sheet(pool))
