"""Whether a drawn mask lies as its way of wearing says and can be seen, and sheets that do. Conventions as in mask_drawing."""

from __future__ import annotations

import numpy as np

from arrays import Floats
from mask_drawing import PROFILE_Y, PROFILE_Z, FacePose, choose_sheet, cover_of

# Points of the face on its midline that a mask covers and leaves free, by the way it is worn.
_MUST_COVER = {"correct": (0.55, 1.12, 1.4), "nose_out": (1.12, 1.4), "mouth_only": (1.12,), "chin": (1.8,)}
_MUST_SPARE = {"correct": (), "nose_out": (0.3, 0.67), "mouth_only": (0.3, 0.67), "chin": (0.3, 0.67, 1.0, 1.15)}
ATTEMPTS = 8  # at a mask that lies as it should
_MIN_SHOWN = 0.05  # of the square of a face's size: less of a mask is none to anybody


def lies_as_worn(cover: Floats, pose: FacePose, wear: str) -> bool:
    """Whether a mask that covers so much of the picture, [H, W] in [0, 1], lies as it should: a mean face and six points
    do not make every one land where its label says."""

    def covered(x: float, y: float) -> bool | None:
        z = float(np.interp(y, PROFILE_Y, PROFILE_Z)) if x == 0 else 0.0
        column, row = np.round(pose.project(np.array([x, y, z], np.float32))).astype(int)
        inside = 0 <= row < cover.shape[0] and 0 <= column < cover.shape[1]
        return bool(cover[row, column] > 0.5) if inside else None

    return (
        all(covered(0, y) is not False for y in _MUST_COVER[wear])
        and not any(covered(0, y) for y in _MUST_SPARE[wear])
        and not any(covered(x, -0.05) for x in (-0.5, 0, 0.5))
    )


def is_shown(cloth: Floats, size_px: float) -> bool:
    """Whether enough of a mask's cloth is in the picture, [H, W] in [0, 1]: one on the chin often lies below its border."""
    return bool(cloth.sum() >= _MIN_SHOWN * size_px**2)


def fitting_sheet(pose: FacePose, wear: str, height: int, width: int, rng: np.random.Generator) -> Floats | None:
    """Points as Sheet.points of a mask that lies as it should in a picture of this size, or None."""
    for _ in range(ATTEMPTS):
        sheet = choose_sheet(wear, "surgical", rng).points()
        if lies_as_worn(cover_of(pose.project(sheet), height, width), pose, wear):
            return sheet
    return None
