"""A contact sheet of what the drawing code makes, on a face that is itself drawn: no photograph is needed or shown.

    python mask_sheet.py report/drawn-masks.jpg

Rows: masks laid over the face (mask_drawing), flat masks (mask_template); columns: the ways of wearing them.
The last row shows what is no mask.
"""

from __future__ import annotations

import sys

import cv2
import numpy as np

from classifier_occluders import NEGATIVES
from mask_drawing import WEARS, FacePose, Floats, Picture, draw_mask
from mask_template import draw_template

SEED = 11
TILE_PX = 144
FINER = 4  # the face is painted at this many times its size
TITLE_PX = 16
COLUMNS = tuple(wear for wear in WEARS for _ in range(2))
# Centre between the eyes and px per face unit, in the units of mask_drawing.
EYES_AT, UNIT_PX = (72.0, 62.0), 30.0
KEYPOINTS: Floats = np.array([[57, 62], [87, 62], [72, 81], [72, 96], [42, 67], [102, 67]], np.float32)


def drawn_face(skin: tuple[int, int, int], hair: tuple[int, int, int]) -> Picture:
    """A face from the front on a grey-blue wall, [TILE_PX, TILE_PX, 3] RGB, its key points at KEYPOINTS."""
    size = TILE_PX * FINER
    canvas = np.full((size, size, 3), (176, 186, 194), np.uint8)
    skin_tone = np.array(skin, np.float32)

    def ellipse(x: float, y: float, half_width: float, half_height: float, tone: Floats | tuple[int, int, int]) -> None:
        centre = (round((EYES_AT[0] + x * UNIT_PX) * FINER), round((EYES_AT[1] + y * UNIT_PX) * FINER))
        axes = (max(1, round(half_width * UNIT_PX * FINER)), max(1, round(half_height * UNIT_PX * FINER)))
        cv2.ellipse(canvas, centre, axes, 0, 0, 360, [float(v) for v in np.clip(tone, 0, 255)], -1, cv2.LINE_AA)

    ellipse(0, 3.1, 2.1, 1.25, (70, 84, 110))  # shoulders
    ellipse(0, 1.9, 0.55, 0.75, skin_tone * 0.8)  # neck
    ellipse(0, -0.35, 1.2, 1.25, hair)
    for side in (-1, 1):
        ellipse(side * 1.02, 0.2, 0.13, 0.26, skin_tone * 0.9)
    for step in range(10):  # light falls from the middle to the sides
        shrink = 1 - 0.035 * step
        ellipse(0, 0.15, 1.0 * shrink, 1.5 * shrink, skin_tone * (0.88 + 0.018 * step))
    ellipse(0, -1.05, 0.85, 0.42, hair)
    for side in (-0.5, 0.5):
        ellipse(side, -0.2, 0.24, 0.045, hair)
        ellipse(side, 0, 0.19, 0.095, (245, 244, 240))
        ellipse(side, 0, 0.09, 0.09, (62, 52, 46))
        ellipse(side * 0.24, 0.72, 0.06, 0.035, skin_tone * 0.55)  # nostrils
    ellipse(0, 0.42, 0.07, 0.3, skin_tone * 1.08)  # bridge and tip of the nose
    ellipse(0, 0.63, 0.13, 0.1, skin_tone * 1.1)
    ellipse(0, 1.12, 0.36, 0.1, (176, 84, 84))
    ellipse(0, 1.115, 0.3, 0.015, (110, 50, 52))
    soft = cv2.GaussianBlur(canvas, (0, 0), FINER)
    return cv2.resize(soft, (TILE_PX, TILE_PX), interpolation=cv2.INTER_AREA)


def titled(tile: Picture, title: str) -> Picture:
    out = cv2.copyMakeBorder(tile, TITLE_PX, 0, 0, 0, cv2.BORDER_CONSTANT, value=(255, 255, 255))
    cv2.putText(out, title, (3, TITLE_PX - 4), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (30, 30, 30), 1, cv2.LINE_AA)
    return out


def sheet() -> Picture:
    """The whole contact sheet, RGB."""
    rng = np.random.default_rng(SEED)
    faces = [
        drawn_face((232, 190, 164), (92, 62, 40)), drawn_face((141, 92, 66), (28, 22, 20)),
        drawn_face((206, 152, 116), (40, 34, 32)), drawn_face((241, 206, 184), (186, 150, 96)),
    ]
    rows = []
    for row, draw in enumerate((draw_mask, draw_mask, draw_template, draw_template)):
        tiles = []
        for column, wear in enumerate(COLUMNS):
            face = faces[(row + column) % len(faces)]
            # Flat masks do not hang from an ear, and now and then none fits.
            flat = draw_template(face, KEYPOINTS, wear, rng) if draw is draw_template and wear != "one_ear" else None
            tiles.append(titled(draw_mask(face, KEYPOINTS, wear, rng) if flat is None else flat, wear.replace("_", " ")))
        rows.append(np.hstack(tiles))
    pose = FacePose(KEYPOINTS)
    names = (list(NEGATIVES) * 2)[: len(COLUMNS)]
    rows.append(np.hstack([titled(NEGATIVES[name](faces[k % 4], pose, rng), name) for k, name in enumerate(names)]))
    return np.vstack(rows)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: mask_sheet.py PICTURE")
    if not cv2.imwrite(sys.argv[1], cv2.cvtColor(sheet(), cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 60]):
        sys.exit(f"error: cannot write {sys.argv[1]}")
