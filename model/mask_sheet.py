"""A contact sheet of what the drawing code makes, on heads that are drawn as well: no photograph is needed or shown.

    python mask_sheet.py report/drawn-masks.jpg

Rows: masks laid over the face (mask_drawing), flat masks (mask_template), what is no mask, and masks as of other people's
tools (crude_masks), which are for measuring alone; columns: the ways of wearing them.
"""

from __future__ import annotations

import sys

import cv2
import numpy as np

from arrays import Pixels
from classifier_occluders import NEGATIVES
from crude_masks import CRUDE, WAYS
from drawn_head import Look, draw_head
from mask_drawing import WEARS, FacePose, draw_mask
from mask_template import draw_template
from pictures import write_picture

SEED = 11
TILE_PX, UNIT_PX = 132, 34.0
TITLE_PX = 16
JPEG_QUALITY = 60
COLUMNS = tuple(wear for wear in WEARS for _ in range(2))
LOOKS = (
    Look(), Look(yaw=14, skin=(141, 92, 66), hair=(26, 22, 20), shirt=(150, 62, 54)),
    Look(yaw=-18, skin=(206, 152, 116), hair=(40, 34, 32), shirt=(60, 104, 84)),
    Look(pitch=8, skin=(240, 204, 182), hair=(180, 142, 90)),
)


def titled(tile: Pixels, title: str) -> Pixels:
    out = cv2.copyMakeBorder(tile, TITLE_PX, 0, 0, 0, cv2.BORDER_CONSTANT, value=(255, 255, 255))
    cv2.putText(out, title, (3, TITLE_PX - 4), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (30, 30, 30), 1, cv2.LINE_AA)
    return out


def sheet() -> Pixels:
    """The whole contact sheet, RGB."""
    rng = np.random.default_rng(SEED)
    heads = [draw_head(look, TILE_PX, UNIT_PX, SEED) for look in LOOKS]
    rows = []
    for row, draw in enumerate((draw_mask, draw_mask, draw_template, draw_template)):
        tiles = []
        for column, wear in enumerate(COLUMNS):
            head, points = heads[(row + column) % len(heads)]
            # Flat masks do not hang from an ear, and now and then none fits.
            flat = draw_template(head, points, wear, rng) if draw is draw_template and wear != "one_ear" else None
            masked = draw_mask(head, points, wear, rng) if flat is None else flat
            tiles.append(titled(masked.pixels, wear.replace("_", " ")))
        rows.append(np.hstack(tiles))
    tiles = []
    for column, name in enumerate((list(NEGATIVES) * 2)[: len(COLUMNS)]):
        head, points = heads[column % len(heads)]
        tiles.append(titled(NEGATIVES[name](head, FacePose(points), rng), name))
    rows.append(np.hstack(tiles))
    for draw_crudely in CRUDE.values():
        tiles = []
        for column, way in enumerate(way for way in WAYS for _ in range(2)):
            head, points = heads[column % len(heads)]
            tiles.append(titled(draw_crudely(head, points, way, rng).pixels, way.replace("_", " ")))
        rows.append(np.hstack(tiles))
    return np.vstack(rows)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: mask_sheet.py PICTURE")
    write_picture(sys.argv[1], sheet(), JPEG_QUALITY)
