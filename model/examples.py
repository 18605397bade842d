"""A sheet of drawn people with the networks' answers: what the shipped files get right and wrong, without a photograph.

    examples.py [--program ../build/native/maskcheck] [--output report/examples.jpg]

Rows: how the mask is worn, and what is none; columns: pose, light and size. Nothing is chosen by its answer. Frames are green
for right answers, orange for right ones that are marked uncertain, red for wrong ones.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from pathlib import Path

import cv2
import numpy as np

from arrays import Floats, Pixels
from classifier_occluders import NEGATIVES
from data import LABELS
from drawn_head import Look, draw_head
from mask_drawing import FacePose, draw_mask
from pictures import write_picture

SEED = 41
HEAD_PX, UNIT_PX = 160, 34.0
SMALL_FACE_SCALE, SMALL_PICTURE_PX, SMALL_SHOWN_PX = 0.24, 200, 60  # a face of about 24 px
TILE_PX, TITLE_PX, FRAME_PX, MARGIN_PX = 116, 14, 4, 74
JPEG_QUALITY = 70

# Title -> the head, and whether it is shown small.
VIEWS: dict[str, tuple[Look, bool]] = {
    "from the front": (Look(), False),
    "turned": (Look(yaw=32, skin=(141, 92, 66), hair=(26, 22, 20), shirt=(150, 62, 54)), False),
    "in profile": (Look(yaw=62, skin=(206, 152, 116), hair=(40, 34, 32), shirt=(60, 104, 84)), False),
    "looking down": (Look(pitch=24, yaw=-12, skin=(240, 204, 182), hair=(180, 142, 90)), False),
    "dark, side light": (Look(yaw=-20, light=(1, -0.1, 0.25), brightness=0.45, skin=(206, 152, 116), shirt=(90, 70, 110)), False),
    "small": (Look(yaw=10, skin=(112, 74, 54), hair=(22, 20, 20), shirt=(170, 166, 150)), True),
}
# How a mask is worn or what is none (mask_drawing, classifier_occluders) -> the right label.
ROWS: dict[str, str] = {
    "bare": LABELS[0], "beard": LABELS[0], "hand": LABELS[0], "scarf": LABELS[0],
    "nose_out": LABELS[1], "mouth_only": LABELS[1], "chin": LABELS[1], "correct": LABELS[2],
}
SHORT_LABELS = dict(zip(LABELS, ("without", "incorrectly", "correctly")))
COLOURS = {"right": (46, 158, 91), "uncertain": (217, 140, 13), "wrong": (208, 48, 60)}


def dressed(head: Pixels, points: Floats, row: str, rng: np.random.Generator) -> Pixels:
    if row == "bare":
        return head
    if row in NEGATIVES:
        return NEGATIVES[row](head, FacePose(points), rng)
    return draw_mask(head, points, row, rng).pixels


def made_small(picture: Pixels) -> Pixels:
    """The picture shrunk, at the bottom of a larger, empty one."""
    side = round(HEAD_PX * SMALL_FACE_SCALE)
    out = np.full((SMALL_PICTURE_PX, SMALL_PICTURE_PX, 3), picture[:8].mean((0, 1)), np.uint8)
    left = (SMALL_PICTURE_PX - side) // 2
    out[-side:, left : left + side] = cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA)
    return out


def answers_of(program: Path, pictures: list[Pixels]) -> list[dict | None]:
    """The largest face that the command line finds in each picture."""
    models = Path(__file__).parent
    with tempfile.TemporaryDirectory() as folder:
        files = [str(Path(folder) / f"{index:03}.png") for index in range(len(pictures))]
        for file, picture in zip(files, pictures):
            write_picture(file, picture)
        command = [str(program), "--json", "--face-model", str(models / "face.onnx"), "--mask-model", str(models / "mask.onnx"), *files]
        printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [faces[0] if (faces := json.loads(line)["faces"]) else None for line in printed.splitlines()]


def text(image: Pixels, words: str, left: int, top: int, colour: tuple[int, int, int] = (60, 60, 60)) -> None:
    cv2.putText(image, words, (left, top), cv2.FONT_HERSHEY_SIMPLEX, 0.36, colour, 1, cv2.LINE_AA)


def shown_part(picture: Pixels) -> Pixels:
    """Of a picture made small, where the person is."""
    left = (len(picture) - SMALL_SHOWN_PX) // 2
    return picture[-SMALL_SHOWN_PX:, left : left + SMALL_SHOWN_PX] if len(picture) == SMALL_PICTURE_PX else picture


def tile(picture: Pixels, answer: dict | None, truth: str) -> tuple[Pixels, str]:
    """-> the picture in its frame with the answer below, and the verdict."""
    value = answer["mask"]["value"] if answer else None
    verdict = "wrong" if value != truth else "uncertain" if answer["uncertain"] else "right"
    inner = TILE_PX - 2 * FRAME_PX
    out = np.full((TILE_PX + TITLE_PX, TILE_PX, 3), 255, np.uint8)
    out[:TILE_PX] = COLOURS[verdict]
    out[FRAME_PX : FRAME_PX + inner, FRAME_PX : FRAME_PX + inner] = cv2.resize(shown_part(picture), (inner, inner), interpolation=cv2.INTER_AREA)
    words = f"{SHORT_LABELS[value]} {answer['mask']['probability']:.2f}" if answer else "no face found"
    text(out, words, 2, TILE_PX + 11, COLOURS[verdict])
    return out, verdict


def sheet(program: Path) -> Pixels:
    heads = {view: draw_head(look, HEAD_PX, UNIT_PX, SEED) for view, (look, _) in VIEWS.items()}
    cells = [(row, view) for row in ROWS for view in VIEWS]
    pictures = []
    for index, (row, view) in enumerate(cells):
        picture = dressed(heads[view][0], heads[view][1], row, np.random.default_rng([SEED, index]))
        pictures.append(made_small(picture) if VIEWS[view][1] else picture)
    made = [tile(picture, answer, ROWS[row]) for (row, _), picture, answer in zip(cells, pictures, answers_of(program, pictures))]
    lines = []
    for number, row in enumerate(ROWS):
        part = made[number * len(VIEWS) : (number + 1) * len(VIEWS)]
        margin = np.full((TILE_PX + TITLE_PX, MARGIN_PX, 3), 255, np.uint8)
        text(margin, row.replace("_", " "), 2, TILE_PX // 2)
        lines.append(np.hstack([margin, *(image for image, _ in part)]))
        print(f"{row:10}", ", ".join(f"{view}: {verdict}" for view, (_, verdict) in zip(VIEWS, part)))
    header = np.full((TITLE_PX + 4, lines[0].shape[1], 3), 255, np.uint8)
    for column, view in enumerate(VIEWS):
        text(header, view, MARGIN_PX + column * TILE_PX + 4, TITLE_PX - 2)
    return np.vstack([header, *lines])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    here = Path(__file__).parent
    parser.add_argument("--program", type=Path, default=here.parent / "build" / "native" / "maskcheck")
    parser.add_argument("--output", type=Path, default=here / "report" / "examples.jpg")
    options = parser.parse_args()
    write_picture(options.output, sheet(options.program), JPEG_QUALITY)


if __name__ == "__main__":
    main()
