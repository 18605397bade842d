"""Masks drawn as other people's tools do it, crudely: for measuring alone, no training sees them.

Neither shares code or geometry with the drawing for the training: everything is measured off the six key points in the
picture's plane. Pictures and key points as in mask_drawing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable

import cv2
import numpy as np

from arrays import Floats, Pixels
from mask_drawing import Masked

CHIN = 1.7  # below the eyes, in distances from eyes to mouth
WAYS = ("correct", "nose_tip", "nose_out", "mouth_only", "chin")
COLOURS = ((150, 200, 222), (236, 236, 236), (38, 38, 40), (90, 170, 205), (60, 160, 120), (230, 170, 190))
PLEATED_PX = (150, 240)  # height and width of the pleated mask as it lies on a table
FINER = 3  # masks are laid at this many times the resolution


@dataclass
class Plane:
    """The face as seen: `at` turns px along the line of the eyes and px below it into a place in the picture."""

    middle: Floats  # between the eyes
    across: Floats
    down: Floats
    unit: float  # eyes to mouth, px
    eyes: float  # between the eyes, px
    nose: tuple[float, float]  # px along and below
    ears: Floats  # [2, 2], the right one first

    def at(self, x: float, y: float) -> Floats:
        return self.middle + self.across * x + self.down * y

    def along(self, point: Floats) -> float:
        return float(self.across @ (point - self.middle))


def plane_of(keypoints: Floats) -> Plane:
    right_eye, left_eye, nose, mouth, right_ear, left_ear = np.asarray(keypoints, np.float64)
    middle = (right_eye + left_eye) / 2
    eyes = float(np.linalg.norm(left_eye - right_eye))
    across = (left_eye - right_eye) / max(eyes, 1e-6)
    down = np.array([-across[1], across[0]])
    if down @ (mouth - middle) < 0:
        down = -down
    nose_at = float(across @ (nose - middle)), float(down @ (nose - middle))
    return Plane(middle, across, down, abs(float(down @ (mouth - middle))), eyes, nose_at, np.stack([right_ear, left_ear]))


def edges(plane: Plane, way: str, rng: np.random.Generator) -> tuple[float, float]:
    """Upper and lower edge of a mask worn like that, px below the eyes."""
    u, unit, nose, chin = rng.uniform, plane.unit, plane.nose[1], CHIN * plane.unit
    if way == "correct":
        return nose * u(0.35, 0.7), chin + unit * u(0, 0.15)
    if way == "nose_tip":
        return nose + unit * u(0.02, 0.1), chin + unit * u(0, 0.15)
    if way == "nose_out":
        return nose + unit * u(0.12, 0.2), chin + unit * u(0, 0.2)
    if way == "mouth_only":
        return nose + unit * u(0.08, 0.2), unit + (chin - unit) * u(0.4, 0.8)
    if way == "chin":
        return unit + (chin - unit) * u(0.3, 0.8), chin + unit * u(0.2, 0.6)
    raise ValueError(f"no such way: {way}")


def _strapped(picture: Pixels, corners: list[Floats], ears: list[Floats], colour: Floats, thickness: int) -> Pixels:
    out = picture.copy()
    for corner, ear in zip(corners, ears):
        ends = (tuple(np.round(point).astype(int).tolist()) for point in (corner, ear))
        cv2.line(out, *ends, colour.tolist(), thickness, cv2.LINE_AA)
    return out


def polygon_mask(picture: Pixels, keypoints: Floats, way: str, rng: np.random.Generator) -> Masked:
    """A polygon of seven corners in one colour, darker at its sides, with faint folds, as bright as the face."""
    plane = plane_of(keypoints)
    top, bottom = edges(plane, way, rng)
    half, lean, unit = plane.eyes * rng.uniform(0.85, 1.15), plane.nose[0] * 0.7, plane.unit
    left, right = (top + unit * rng.uniform(0, 0.25) for _ in range(2))
    low = (top + bottom) / 2 + unit * 0.1
    corners = [
        plane.at(lean - half, left), plane.at(lean * 1.2, top), plane.at(lean + half, right),
        plane.at(lean * 0.6 + half * 0.95, low), plane.at(lean * 0.3 + half * 0.5, bottom),
        plane.at(lean * 0.3 - half * 0.5, bottom), plane.at(lean * 0.6 - half * 0.95, low),
    ]
    height, width = picture.shape[:2]
    cover = np.zeros((height * FINER, width * FINER), np.uint8)
    cv2.fillPoly(cover, [np.round(np.stack(corners) * FINER).astype(np.int32)], 255)
    cover = cv2.resize(cover, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    cover = cv2.GaussianBlur(cover, (0, 0), 0.7)[..., None]

    colour = np.array(COLOURS[rng.integers(len(COLOURS))] if rng.random() < 0.8 else rng.uniform(0, 255, 3), np.float32)
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    x, y = columns - plane.middle[0], rows - plane.middle[1]
    across = (x * plane.across[0] + y * plane.across[1] - lean) / max(half, 1)
    below = x * plane.down[0] + y * plane.down[1]
    shade = (1.05 - 0.35 * np.clip(across, -1.3, 1.3) ** 2) * (1 + 0.06 * np.sin(below / max(2, unit) * rng.uniform(9, 17)))
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    light = np.clip(cv2.GaussianBlur(grey, (0, 0), max(2, plane.eyes * 0.25)) / max(40, float(grey.mean())), 0.6, 1.35)
    painted = np.clip(colour * (shade * light)[..., None] + rng.standard_normal(picture.shape) * 3, 0, 255)
    if rng.random() < 0.8:
        ears = plane.ears[[0, 1, 1, 0]]
        picture = _strapped(picture, [corners[k] for k in (0, 2, 3, 6)], list(ears), colour * 0.9, 1)
    return Masked(np.clip(picture * (1 - cover) + painted * cover + 0.5, 0, 255).astype(np.uint8), cover[..., 0])


def _pleated(rng: np.random.Generator) -> Floats:
    """A surgical mask as it lies on a table: colour times coverage, and coverage, [H, W, 4]."""
    height, width = PLEATED_PX
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    colour = np.array(COLOURS[rng.integers(len(COLOURS))], np.float32)
    light = 1 + 0.08 * np.sin(rows / height * np.pi) - 0.18 * (columns / width * 2 - 1) ** 2
    for fold in (0.28, 0.45, 0.62):
        light[np.abs(rows - height * fold - 3 * np.sin(columns / 40 + fold)) < 1.6] *= 0.72
    mask = colour * light[..., None]
    mask[:7] = mask[-6:] = colour * 0.4 + 150
    mask += rng.standard_normal((height, width, 1)) * 4
    cover = np.zeros((height, width), np.float32)
    round_px = 18
    cv2.rectangle(cover, (round_px, 0), (width - round_px, height), 1, -1)
    cv2.rectangle(cover, (0, round_px), (width, height - round_px), 1, -1)
    for x in (round_px, width - round_px):
        for y in (round_px, height - round_px):
            cv2.circle(cover, (x, y), round_px, 1, -1)
    return np.dstack([mask * cover[..., None], cover]).astype(np.float32)


def pleated_mask(picture: Pixels, keypoints: Floats, way: str, rng: np.random.Generator) -> Masked:
    """The picture of a surgical mask, its two halves stretched from the middle of the face towards the ears."""
    plane = plane_of(keypoints)
    top, bottom = edges(plane, way, rng)
    unit, shift = plane.unit, plane.nose[0]
    upper, lower = rng.uniform(0.75, 0.95), rng.uniform(0.55, 0.8)
    ends = [plane.along(ear) for ear in plane.ears]
    over = [plane.at(x * upper, top + unit * rng.uniform(0, 0.2)) for x in ends]
    under = [plane.at(x * lower + shift * 0.2, bottom) for x in ends]
    middle, chin = plane.at(shift * 0.9, top - unit * 0.04), plane.at(shift * 0.5, bottom + unit * 0.06)

    mask, (rows, columns) = _pleated(rng), PLEATED_PX
    height, width = picture.shape[:2]
    laid = np.zeros((height * FINER, width * FINER, 4), np.float32)
    for start, corners in ((0, (over[0], middle, chin, under[0])), (columns // 2, (middle, over[1], under[1], chin))):
        half = np.zeros_like(mask)
        half[:, max(0, start - 1) : start + columns // 2 + 1] = mask[:, max(0, start - 1) : start + columns // 2 + 1]
        end = start + columns // 2
        flat = np.array([[start, 0], [end, 0], [end, rows], [start, rows]], np.float32)
        turn = cv2.getPerspectiveTransform(flat, (np.stack(corners) * FINER).astype(np.float32))
        warped = cv2.warpPerspective(half, turn, (width * FINER, height * FINER))
        laid = np.where(warped[..., 3:] > laid[..., 3:], warped, laid)
    laid = cv2.resize(laid, (width, height), interpolation=cv2.INTER_AREA)
    light = float(np.clip(picture.mean() / 125, 0.55, 1.25))
    white = np.array([225.0, 228.0, 230.0])
    picture = _strapped(picture, over + under, list(plane.ears) * 2, white, max(1, int(unit * 0.03)))
    masked = np.clip(picture * (1 - laid[..., 3:]) + laid[..., :3] * light + 0.5, 0, 255).astype(np.uint8)
    return Masked(masked, laid[..., 3])


CRUDE: dict[str, Callable[[Pixels, Floats, str, np.random.Generator], Masked]] = {"polygon": polygon_mask, "pleated": pleated_mask}
