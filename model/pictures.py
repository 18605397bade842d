"""Reading pictures, checking the faces in them, and writing sheets to look at."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from arrays import Pixels
from data import DataError, Picture


def read_bgr(path: Path) -> Pixels:
    """As read_picture, in OpenCV's own order of channels."""
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if picture is None:
        raise DataError(f"cannot read picture: {path}")
    return picture


def read_picture(path: Path) -> Pixels:
    """RGB [H, W, 3]. Raises DataError where there is no picture that can be decoded."""
    return cv2.cvtColor(read_bgr(path), cv2.COLOR_BGR2RGB)


def check_faces(picture: Picture, pixels: Pixels) -> None:
    """Raises DataError where a face lies out of the picture: there is nothing to cut out."""
    height, width = pixels.shape[:2]
    for x1, y1, x2, y2 in (face.corners for face in picture.faces):
        if x1 >= width or y1 >= height or x2 <= 0 or y2 <= 0:
            raise DataError(f"{picture.path}: a face lies out of the picture")


def write_picture(path: str | Path, picture: Pixels, jpeg_quality: int = 95) -> None:
    """Of RGB; ends the program where that cannot be."""
    if not cv2.imwrite(str(path), np.ascontiguousarray(picture[..., ::-1]), [cv2.IMWRITE_JPEG_QUALITY, jpeg_quality]):
        raise SystemExit(f"error: cannot write {path}")
