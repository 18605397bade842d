"""Draws face masks on pictures of unmasked faces: the source of most 'incorrectly worn' samples.

A mask is a sheet in three dimensions. A mean face is fitted to six key points (scaled orthographic
pose, then a smooth correction so that nose and mouth sit where they were seen), the sheet is laid
over it according to how the mask is worn, coloured by a style, lit, and painted back to front.

Face units: the eyes are 1 apart, the origin is between them, x to the picture's right, y down,
z towards the camera. Pictures are RGB uint8 [H, W, 3]; key points are [6, 2] in px, in the order
of data.KEYPOINTS (right eye, left eye, nose, mouth, right ear, left ear; the person's right first).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from arrays import Floats, Pixels
from mask_cloth import COLUMNS, ROWS, cloth, crumple, respirator, surgical

# Mean of the frontal key points of our data; depth from how they move against each other with yaw.
MEAN_FACE: Floats = np.array(
    [[-0.5, 0, 0], [0.5, 0, 0], [0, 0.65, 0.52], [0, 1.12, 0.30], [-1.02, 0.17, -0.8], [1.02, 0.17, -0.8]],
    np.float32,
)
# The face's midline and half width, both over y.
PROFILE_Y = (0.0, 0.25, 0.45, 0.65, 0.80, 1.12, 1.30, 1.55, 1.75, 1.90, 2.3)
PROFILE_Z = (0.12, 0.20, 0.36, 0.52, 0.36, 0.32, 0.26, 0.25, 0.10, -0.15, -0.45)
WIDTH_Y = (0.0, 0.6, 1.0, 1.3, 1.55, 1.8, 2.3)
WIDTH_X = (1.05, 1.03, 0.96, 0.86, 0.72, 0.62, 0.62)
CHEEK_DEPTH = 1.2

WEARS = ("correct", "nose_out", "mouth_only", "chin", "one_ear")
STYLES = ("surgical", "respirator", "cloth", "sampled")
OVERSAMPLING = 2


class FacePose:
    """Where points of the mean face lie in one picture."""

    def __init__(self, keypoints: Floats) -> None:
        weights = np.array([1, 1, 1, 1, 0.6, 0.6], np.float32)[:, None]
        points = np.asarray(keypoints, np.float32)
        model_centre = (MEAN_FACE * weights).sum(0) / weights.sum()
        point_centre = (points * weights).sum(0) / weights.sum()
        affine = np.linalg.lstsq((MEAN_FACE - model_centre) * weights, (points - point_centre) * weights, rcond=None)[0].T
        u, singular, vt = np.linalg.svd(affine, full_matrices=False)
        turn = u @ vt
        self.scale_px = float(singular.mean())  # px per face unit
        self.rotation: Floats = np.concatenate([turn, np.cross(turn[0], turn[1])[None]]).astype(np.float32)
        self._offset = point_centre - self.scale_px * turn @ model_centre
        self._residuals = (points - self._rigid(MEAN_FACE))[:4]

    @property
    def yaw(self) -> float:
        """Sine of the turn to the side; positive when the face looks to the picture's right."""
        return float(self.rotation[0, 2])

    def _rigid(self, points: Floats) -> Floats:
        return self.scale_px * points @ self.rotation[:2].T + self._offset

    def project(self, points: Floats) -> Floats:
        """[..., 3] face units -> [..., 2] px."""
        flat = points.reshape(-1, 3).astype(np.float32)
        distance = ((flat[:, None, :2] - MEAN_FACE[None, :4, :2]) ** 2).sum(2)
        pull = np.exp(-distance / (2 * 0.45**2))
        shift = pull @ self._residuals / (pull.sum(1, keepdims=True) + 0.3)
        return (self._rigid(flat) + shift).reshape(*points.shape[:-1], 2)

    def depth(self, points: Floats) -> Floats:
        """[..., 3] -> [...]: nearness to the camera."""
        return points @ self.rotation[2]


@dataclass
class Sheet:
    """How a mask lies on the face: its edges over y at the middle and at the sides, and its reach."""

    top: float
    top_side: float
    bottom: float
    bottom_side: float
    reach: float  # angle of the side edge around the face, radians
    top_power: float = 1.6
    bottom_power: float = 2.2
    bulge: float = 0.0  # how far the middle stands off the face
    slant: float = 0.0  # one side higher than the other
    spread: float = 1.0  # width over the face's: a pulled-down mask stands off the jaw
    hug: float = 1.0  # how far the width follows the jaw; at 0 the mask stays as wide as the cheeks

    def points(self) -> Floats:
        """[ROWS + 1, COLUMNS + 1, 3] in face units."""
        s = np.linspace(-1, 1, COLUMNS + 1, dtype=np.float32)[None]
        t = np.linspace(0, 1, ROWS + 1, dtype=np.float32)[:, None]
        top = self.top + (self.top_side - self.top) * np.abs(s) ** self.top_power + self.slant * s
        bottom = self.bottom + (self.bottom_side - self.bottom) * np.abs(s) ** self.bottom_power + self.slant * s
        y = top + (bottom - top) * t
        heights = np.linspace(self.top, self.bottom, 24)
        taut = taut_profile(heights, np.interp(heights, PROFILE_Y, PROFILE_Z))
        angle = s * self.reach
        middle = np.interp(y, heights, taut) + self.bulge * np.sin(math.pi * t) * np.cos(angle)
        width = self.hug * np.interp(y, WIDTH_Y, WIDTH_X) + (1 - self.hug) * WIDTH_X[2]
        x = self.spread * width * np.sin(angle)
        z = middle - CHEEK_DEPTH * (1 - np.cos(angle)) + 0.04
        return np.stack([x, y, z], 2).astype(np.float32)


def taut_profile(y: NDArray[np.float64], z: NDArray[np.float64]) -> NDArray[np.float64]:
    """Cloth under tension bridges hollows: the upper concave envelope of z over y."""
    slopes = (z[None, :] - z[:, None]) / np.where(y[None, :] == y[:, None], 1, y[None, :] - y[:, None])
    out = z.copy()
    for i in range(len(y) - 2):
        best = i + 1 + int(np.argmax(slopes[i, i + 1 :]))
        for k in range(i + 1, best):
            out[k] = max(out[k], z[i] + slopes[i, best] * (y[k] - y[i]))
    return out


def choose_sheet(wear: str, style: str, rng: np.random.Generator) -> Sheet:
    """A random way of wearing a mask of the style in the given manner."""
    u = rng.uniform
    slant = rng.normal(0, 0.03)
    bulge = u(0.0, 0.12) + (u(0.1, 0.3) if style == "respirator" else 0)
    reach = math.radians(u(48, 78) if style != "respirator" else u(42, 68))
    power = u(1.1, 2.2)
    if wear == "correct":
        top, bottom = u(0.12, 0.50), u(1.50, 1.88)
        return Sheet(top, top + u(0.02, 0.35), bottom, u(1.00, 1.40), reach, power, u(1.6, 3), bulge, slant)
    if wear == "nose_out":
        top, bottom = (u(0.63, 0.76) if rng.random() < 0.5 else u(0.68, 0.98)), u(1.50, 2.0)
        side = top + u(-0.28, 0.12)
        return Sheet(top, side, bottom, max(side + 0.45, u(1.15, 1.55)), reach, power, u(1.6, 3), bulge * 0.6, slant)
    if wear == "mouth_only":
        top = u(0.78, 0.98)
        bottom = u(1.32, 1.50)
        side = top + u(-0.2, 0.1)
        return Sheet(top, side, bottom, min(bottom, side + u(0.3, 0.5)), reach, power, u(1.2, 2.5), bulge * 0.4, slant)
    if wear == "chin":
        # Flat or curved, thin or bunched up, close to the jaw or hanging before and below it.
        top = u(1.22, 1.42) if rng.random() < 0.35 else u(1.3, 1.78)
        bottom = max(top + 0.4, u(1.85, 2.6))
        side = top + (u(-0.55, 0.0) if rng.random() < 0.6 else u(-0.15, 0.15))
        low = max(side + 0.15, u(1.3, 1.7) if rng.random() < 0.4 else u(1.5, bottom))
        reach = math.radians(u(42, 80))
        hug = 1.0 if rng.random() < 0.35 else u(0, 0.7)
        return Sheet(top, side, bottom, low, reach, power, u(1.4, 3), bulge * 0.6, slant, u(0.9, 1.2 + 0.25 * hug), hug)
    raise ValueError(f"no such way to wear a mask: {wear}")


def hanging_sheet(pose: FacePose, rng: np.random.Generator) -> Floats:
    """A mask that dangles from the ear that can be seen: points as Sheet.points."""
    side = int(np.sign(-pose.yaw)) if abs(pose.yaw) > 0.15 else int(rng.choice([-1, 1]))
    s = np.linspace(-1, 1, COLUMNS + 1, dtype=np.float32)[None]
    t = np.linspace(0, 1, ROWS + 1, dtype=np.float32)[:, None]
    half_width, height, lean = rng.uniform(0.25, 0.5), rng.uniform(0.9, 1.4), rng.normal(0, 0.25)
    x = side * (rng.uniform(0.75, 1.05) + 0 * t) + s * half_width * (1 - 0.25 * t) + lean * t
    y = rng.uniform(0.25, 0.5) + t * height + 0.12 * s * rng.normal()
    z = -0.25 + 0.15 * np.cos(s * 2.2 + rng.normal()) + 0 * t
    return np.stack([x, y, z], 2).astype(np.float32)


def sample_cloth(picture: Pixels, keypoints: Floats) -> Floats:
    """The cloth of a mask that somebody wears correctly, [ROWS, COLUMNS, 3]: for drawing it elsewhere."""
    pose = FacePose(keypoints)
    inside = Sheet(top=0.52, top_side=0.72, bottom=1.62, bottom_side=1.22, reach=math.radians(50)).points()
    at = pose.project((inside[1:, 1:] + inside[:-1, :-1]) / 2).astype(np.float32)
    return cv2.remap(picture, at[..., 0], at[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE).astype(np.float32)


class Canvas:
    """Colour and coverage over a picture, painted with quads and lines at twice its resolution."""

    def __init__(self, height: int, width: int) -> None:
        self.colour = np.zeros((height * OVERSAMPLING, width * OVERSAMPLING, 3), np.uint8)
        self.cover = np.zeros((height * OVERSAMPLING, width * OVERSAMPLING), np.uint8)

    @staticmethod
    def _fixed(points: Floats) -> NDArray[np.int32]:
        # Four fractional bits; pixel centres are at integers, so half a pixel is lost by doubling.
        fixed = (points * OVERSAMPLING + (OVERSAMPLING - 1) / 2) * 16
        return np.clip(np.round(fixed), -(2**19), 2**19).astype(np.int32)

    def quads(self, corners: Floats, depth: Floats, colours: Floats) -> None:
        """corners [N, 4, 2] px, depth [N], colours [N, 3]; the nearest is painted last."""
        fixed = self._fixed(corners)
        tones = np.clip(colours, 0, 255).tolist()
        for index in np.argsort(depth):
            cv2.fillConvexPoly(self.colour, fixed[index], tones[index], cv2.LINE_8, 4)
            cv2.fillConvexPoly(self.cover, fixed[index], 255, cv2.LINE_8, 4)

    def line(self, points: Floats, colour: Floats, thickness_px: float) -> None:
        thickness = max(1, round(thickness_px * OVERSAMPLING))
        fixed = self._fixed(points)[:, None]
        cv2.polylines(self.colour, [fixed], False, np.clip(colour, 0, 255).tolist(), thickness, cv2.LINE_8, 4)
        cv2.polylines(self.cover, [fixed], False, 255, thickness, cv2.LINE_8, 4)

    def onto(self, picture: Pixels, shadow: float, shadow_px: float, softness_px: float) -> Pixels:
        """The picture with the canvas over it, a soft shadow around what was painted."""
        height, width = picture.shape[:2]
        cover = cv2.resize(self.cover, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
        weighted = self.colour.astype(np.float32) * (self.cover[..., None] > 0)
        colour = cv2.resize(weighted, (width, height), interpolation=cv2.INTER_AREA)  # already times cover
        if softness_px > 0:
            cover = cv2.GaussianBlur(cover, (0, 0), softness_px)
            colour = cv2.GaussianBlur(colour, (0, 0), softness_px)
        below = cv2.GaussianBlur(cover, (0, 0), max(0.5, shadow_px))
        drop = min(height, max(0, round(shadow_px * 0.7)))
        below = np.concatenate([np.zeros((drop, width), np.float32), below[: height - drop]])
        face = picture.astype(np.float32) * (1 - shadow * below)[..., None]
        return np.clip(face * (1 - cover)[..., None] + colour + 0.5, 0, 255).astype(np.uint8)


def paint_straps(canvas: Canvas, pose: FacePose, sheet: Floats, colour: Floats, to_head: bool, rng: np.random.Generator) -> None:
    """Loops to the ears, or bands around the head, from the sheet's side corners."""
    thickness = max(0.5, pose.scale_px * rng.uniform(0.02, 0.05))
    for side, column in ((-1, 0), (1, -1)):
        outwards = -side * pose.yaw
        if outwards < -0.45:
            continue  # that ear is behind the face
        for row, rise in ((1, -0.05), (-2, 0.42)):
            start = sheet[row, column]
            if to_head:
                end = np.array([side * 1.08, -0.3 if rise < 0 else 0.75, -0.75], np.float32)
            else:
                end = np.array([side * 1.02, 0.15 + rise * 0.6, -0.72], np.float32)
            sag = np.array([0, 0.06 * rng.random(), 0], np.float32)
            path = np.stack([start, (start + end) / 2 + sag, end])
            canvas.line(pose.project(path), colour * rng.uniform(0.75, 1.0), thickness)


def quads_of(points: Floats) -> Floats:
    """[ROWS + 1, COLUMNS + 1, 2] -> [ROWS * COLUMNS, 4, 2]."""
    return np.stack([points[:-1, :-1], points[:-1, 1:], points[1:, 1:], points[1:, :-1]], 2).reshape(-1, 4, 2)


class Masked(NamedTuple):
    pixels: Pixels  # [H, W, 3]
    cloth: Floats  # [H, W]: how much of a pixel is the mask's cloth, straps and shadow left out, from 0 to 1


def cover_of(points: Floats, height: int, width: int) -> Floats:
    """What a sheet, whose points lie at [ROWS + 1, COLUMNS + 1, 2] px, covers: [height, width], 0 or 1."""
    cover = np.zeros((height, width), np.uint8)
    for quad in np.round(quads_of(points)).astype(np.int32):
        cv2.fillConvexPoly(cover, quad, 1)
    return cover.astype(np.float32)


def draw_mask(
    picture: Pixels,
    keypoints: Floats,
    wear: str,
    rng: np.random.Generator,
    style: str | None = None,
    sampled: Floats | None = None,
    sheet: Floats | None = None,
) -> Masked:
    """A copy of the picture with a mask on the face.

    wear is one of WEARS; style one of STYLES or None for a random one; `sampled` is cloth from
    sample_cloth and needed for the style of that name; `sheet` are points as of Sheet.points, or None for random ones.
    """
    pose = FacePose(keypoints)
    if style is None:
        weights = [0.42, 0.13, 0.23, 0.22] if sampled is not None else [0.55, 0.17, 0.28, 0.0]
        style = str(rng.choice(STYLES, p=weights))
    if style == "sampled" and sampled is None:
        raise ValueError("the style 'sampled' needs cloth")
    if sheet is None:
        sheet = hanging_sheet(pose, rng) if wear == "one_ear" else choose_sheet(wear, style, rng).points()
    paint = {"surgical": surgical, "respirator": respirator, "cloth": cloth}
    colours = sampled.copy() if style == "sampled" and sampled is not None else paint[style](rng)

    points = pose.project(sheet)
    face_light = light_of_face(picture, pose, points)
    colours *= (face_light * sheet_light(pose, sheet, rng, 0.25 if style == "sampled" else 1.0))[..., None]
    colours *= crumple(rng, rng.uniform(0, 0.15 if wear == "chin" else 0.05))[..., None]
    if rng.random() < 0.5:  # the colour of the light falls on the mask as well
        cast = 1 + rng.normal(0, 0.05, 3)
        colours = colours * cast

    canvas = Canvas(*picture.shape[:2])
    strap = np.array([235, 235, 235]) if rng.random() < 0.6 else colours.mean((0, 1))
    strap = strap * float(face_light.mean())
    if wear != "one_ear" and rng.random() < 0.85:
        paint_straps(canvas, pose, sheet, strap, style == "respirator" and rng.random() < 0.5, rng)
    middles = (sheet[1:, 1:] + sheet[:-1, :-1]) / 2
    canvas.quads(quads_of(points), pose.depth(middles).reshape(-1), colours.reshape(-1, 3))
    masked = canvas.onto(picture, rng.uniform(0.1, 0.45), pose.scale_px * rng.uniform(0.03, 0.09), rng.uniform(0.0, 0.9))
    return Masked(masked, cover_of(points, *picture.shape[:2]))


def light_of_face(picture: Pixels, pose: FacePose, points: Floats) -> Floats:
    """How bright the face is under each quad, as a factor for cloth: [ROWS, COLUMNS].

    Low frequencies only, so that lips and nostrils do not shine through."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    soft = cv2.GaussianBlur(grey, (0, 0), max(1.0, pose.scale_px * 0.3))
    at = ((points[1:, 1:] + points[:-1, :-1]) / 2).astype(np.float32)
    under = cv2.remap(soft, at[..., 0], at[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    level = float(np.median(under))
    exposure = float(np.clip((level / 140.0) ** 0.55, 0.35, 1.25))
    return exposure * np.clip(under / max(level, 8.0), 0.45, 1.6) ** 0.55


def sheet_light(pose: FacePose, sheet: Floats, rng: np.random.Generator, strength: float) -> Floats:
    """Diffuse light on the sheet from a random direction, mostly from above: [ROWS, COLUMNS]."""
    across = sheet[:-1, 1:] - sheet[:-1, :-1]
    down = sheet[1:, :-1] - sheet[:-1, :-1]
    normal = np.cross(across, down)
    normal /= np.linalg.norm(normal, axis=2, keepdims=True) + 1e-9
    direction = np.array([rng.normal(0, 0.5), -rng.uniform(0.0, 0.8), 1.0])
    direction /= np.linalg.norm(direction)
    lambert = np.clip(normal @ pose.rotation.T @ direction, 0, 1)
    amount = strength * rng.uniform(0.2, 0.6)
    return (1 - amount + amount * lambert / max(float(lambert.max()), 0.2)).astype(np.float32)
