"""Draws masks the way simple tools do: one flat picture of a mask, stretched over the face by six points.

No light, no depth, hard edges: a second style beside mask_drawing's, so that the look of one drawing
tool is not what a mask is recognised by. Conventions as in mask_drawing.
"""

from __future__ import annotations

import cv2
import numpy as np

from arrays import Floats, Pixels
from mask_cloth import cloth, respirator, surgical
from mask_drawing import Canvas, FacePose, Masked, choose_sheet, paint_straps
from mask_fit import ATTEMPTS, lies_as_worn

HEIGHT_PX, WIDTH_PX = 96, 128  # of the flat picture
FINER = 2  # it is laid at this many times the resolution
KINDS = ("surgical", "flat", "folded", "cup", "cloth", "gas", "mouth", "sampled")
WEIGHTS = (0.24, 0.16, 0.12, 0.10, 0.14, 0.05, 0.05, 0.14)


def _outline(kind: str, rng: np.random.Generator) -> Floats:
    """The mask's outline in the flat picture, [N, 2], both coordinates in [0, 1]."""
    u = rng.uniform
    if kind in ("surgical", "flat", "sampled", "mouth") and rng.random() < 0.75:
        # A rectangle whose lower corners are drawn in, with a bow at the top.
        bow, cut, low = u(0, 0.12), u(0.02, 0.3), u(0.5, 0.95)
        return np.array(
            [[0, bow], [0.25, bow * 0.5], [0.5, 0], [0.75, bow * 0.5], [1, bow], [1, low], [1 - cut, 0.93],
             [0.5, 1], [cut, 0.93], [0, low]], np.float32,
        )
    if kind in ("folded", "cloth", "flat"):
        # Pointed at the nose and at the chin, narrow at the ears.
        rise, low, waist = u(0.1, 0.35), u(0.6, 0.85), u(0.0, 0.12)
        return np.array(
            [[0, rise], [0.2, rise * 0.75], [0.42, 0.03], [0.5, 0], [0.58, 0.03], [0.8, rise * 0.75], [1, rise],
             [1 - waist, low], [0.7, 0.95], [0.5, 1], [0.3, 0.95], [waist, low]], np.float32,
        )
    angle = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    power = u(0.6, 1.0)  # 1: an ellipse, less: squarer
    x = 0.5 + 0.5 * np.sign(np.cos(angle)) * np.abs(np.cos(angle)) ** power
    y = 0.5 + 0.5 * np.sign(np.sin(angle)) * np.abs(np.sin(angle)) ** power
    return np.stack([x, y], 1).astype(np.float32)


def _lips(colours: Floats, rng: np.random.Generator) -> None:
    """A mouth printed on the cloth."""
    centre = (WIDTH_PX // 2, round(HEIGHT_PX * rng.uniform(0.4, 0.65)))
    axes = (round(WIDTH_PX * rng.uniform(0.12, 0.28)), round(HEIGHT_PX * rng.uniform(0.06, 0.16)))
    red = (rng.uniform(120, 220), rng.uniform(20, 110), rng.uniform(30, 120))
    smile = rng.random() < 0.5
    cv2.ellipse(colours, centre, axes, 0, 0, 180 if smile else 360, red, -1)
    if rng.random() < 0.6:
        cv2.ellipse(colours, centre, (round(axes[0] * 0.75), max(1, axes[1] // 2)), 0, 0, 180 if smile else 360, (240, 240, 235), -1)


def _gas_mask(rng: np.random.Generator) -> Floats:
    """Dark rubber with one or two filters."""
    tone = rng.uniform(20, 120) + rng.normal(0, 8, 3)
    colours = np.broadcast_to(np.clip(tone, 5, 200), (HEIGHT_PX, WIDTH_PX, 3)).astype(np.float32).copy()
    radius = round(HEIGHT_PX * rng.uniform(0.14, 0.24))
    filters = rng.uniform(20, 240, 3) if rng.random() < 0.6 else np.full(3, rng.uniform(10, 230))
    for x in ((0.2, 0.8) if rng.random() < 0.75 else (0.5,)):
        at = (round(WIDTH_PX * x), round(HEIGHT_PX * rng.uniform(0.55, 0.65)))
        cv2.circle(colours, at, radius, filters.tolist(), -1)
        cv2.circle(colours, at, round(radius * 0.7), (filters * 0.7).tolist(), 2)
    cv2.circle(colours, (WIDTH_PX // 2, round(HEIGHT_PX * 0.5)), radius // 2, (np.clip(tone, 5, 200) * 1.4).tolist(), -1)
    return colours


def flat_mask(kind: str, rng: np.random.Generator, sampled: Floats | None) -> tuple[Floats, Floats]:
    """Colour [HEIGHT_PX, WIDTH_PX, 3] and coverage [HEIGHT_PX, WIDTH_PX] in [0, 1] of a mask as it lies on a table."""
    if kind == "sampled" and sampled is not None:
        small = sampled
    elif kind in ("surgical", "sampled"):
        small = surgical(rng)
    elif kind in ("folded", "cup"):
        small = respirator(rng)
    else:
        small = cloth(rng)
    colours = cv2.resize(small, (WIDTH_PX, HEIGHT_PX), interpolation=cv2.INTER_LINEAR)
    if kind == "flat" or (kind == "mouth" and rng.random() < 0.5):
        tone = rng.uniform(10, 245, 3) if rng.random() < 0.6 else np.full(3, rng.choice([15, 40, 225, 250]))
        colours = np.broadcast_to(tone, colours.shape).astype(np.float32).copy()
    if kind == "gas":
        colours = _gas_mask(rng)
    if kind == "mouth":
        _lips(colours, rng)
    outline = np.round(_outline(kind, rng) * [WIDTH_PX - 3, HEIGHT_PX - 3] + 1).astype(np.int32)
    cover = np.zeros((HEIGHT_PX, WIDTH_PX), np.uint8)
    cv2.fillPoly(cover, [outline], 255)
    if rng.random() < 0.4:  # a hem or a drawn contour
        tone = colours.mean((0, 1)) * rng.uniform(0.4, 1.3)
        cv2.polylines(colours, [outline], True, np.clip(tone, 0, 255).tolist(), int(rng.integers(2, 7)))
    if rng.random() < 0.35:  # photographed under a lamp: brighter in the middle
        x = np.linspace(-1, 1, WIDTH_PX, dtype=np.float32)
        colours = colours * (1.05 - rng.uniform(0.1, 0.45) * x**2)[None, :, None]
    return colours.astype(np.float32), cover.astype(np.float32) / 255


def _warped(flat: Floats, six: Floats, size: tuple[int, int], halves: bool) -> Floats:
    """The flat picture on [width, height] `size`; `six` are top left, middle, right, bottom left, middle, right, px."""
    right, low, middle = WIDTH_PX - 1.0, HEIGHT_PX - 1.0, (WIDTH_PX - 1) / 2
    source = np.array([[0, 0], [middle, 0], [right, 0], [0, low], [middle, low], [right, low]], np.float32)
    if not halves:
        matrix, _ = cv2.findHomography(source, six, 0)
        if matrix is None:
            return np.zeros((size[1], size[0], flat.shape[2]), np.float32)
        return cv2.warpPerspective(flat, matrix, size)
    out = np.zeros((size[1], size[0], flat.shape[2]), np.float32)
    for part, columns in (((0, 1, 4, 3), slice(0, WIDTH_PX // 2 + 1)), ((1, 2, 5, 4), slice(WIDTH_PX // 2 - 1, WIDTH_PX))):
        half = np.zeros_like(flat)
        half[:, columns] = flat[:, columns]
        matrix = cv2.getPerspectiveTransform(source[list(part)], six[list(part)].astype(np.float32))
        laid = cv2.warpPerspective(half, matrix, size)
        out = np.where(laid[..., 3:] > out[..., 3:], laid, out)
    return out


def draw_template(
    picture: Pixels, keypoints: Floats, wear: str, rng: np.random.Generator, sampled: Floats | None = None
) -> Masked | None:
    """A copy of the picture with a flat mask stretched over the face, or None where none would fit.

    wear is one of mask_drawing.WEARS but one_ear."""
    pose = FacePose(keypoints)
    kind = str(rng.choice(KINDS, p=WEIGHTS))
    colours, cover = flat_mask(kind, rng, sampled)
    height, width = picture.shape[:2]
    flat = np.concatenate([np.clip(colours, 0, 255) * cover[..., None], cover[..., None]], 2)
    for _ in range(ATTEMPTS):
        sheet = choose_sheet(wear, "surgical", rng).points()
        middle = sheet.shape[1] // 2
        corners = sheet[[0, 0, 0, -1, -1, -1], [0, middle, -1, 0, middle, -1]] * [rng.uniform(0.9, 1.25), 1, 1]
        six = pose.project(corners) + rng.normal(0, 0.03, (6, 2)).astype(np.float32) * pose.scale_px
        laid = _warped(flat, (six + 0.5) * FINER - 0.5, (width * FINER, height * FINER), rng.random() < 0.6)
        laid = cv2.resize(laid, (width, height), interpolation=cv2.INTER_AREA)
        if lies_as_worn(laid[..., 3], pose, wear):
            break
    else:
        return None

    if rng.random() < 0.6:  # about as bright as the face
        column, row = np.clip(np.round(six.mean(0)), 0, [width - 1, height - 1]).astype(int)
        reach = max(2, round(pose.scale_px * 0.6))
        around = picture[max(0, row - reach) : row + reach, max(0, column - reach) : column + reach]
        laid[..., :3] *= float(np.clip((float(around.mean()) / 140) ** rng.uniform(0.2, 0.8), 0.3, 1.3))
    if rng.random() < 0.7:
        canvas = Canvas(height, width)
        tone = np.full(3, rng.uniform(180, 250)) if rng.random() < 0.6 else colours.mean((0, 1))
        paint_straps(canvas, pose, sheet, tone, kind in ("cup", "gas"), rng)
        picture = canvas.onto(picture, rng.uniform(0, 0.2), 1.0, rng.uniform(0, 0.6))
    opacity = rng.uniform(0.7, 0.95) if rng.random() < 0.15 else 1.0
    if rng.random() < 0.4:
        laid = cv2.GaussianBlur(laid, (0, 0), rng.uniform(0.3, 1.0))
    out = picture * (1 - opacity * laid[..., 3:]) + opacity * laid[..., :3]
    if rng.random() < 0.25:  # the weave, or a print's grain
        out = out + rng.standard_normal(out.shape[:2], np.float32)[..., None] * rng.uniform(2, 9) * laid[..., 3:]
    return Masked(np.clip(out + 0.5, 0, 255).astype(np.uint8), laid[..., 3])
