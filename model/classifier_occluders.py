"""Things before a face that are no mask: the negatives that keep 'something covers the mouth' from
meaning 'mask'. Same conventions as mask_drawing; every function returns a copy of the picture.
"""

from __future__ import annotations

import cv2
import numpy as np

from arrays import Floats, Pixels
from mask_drawing import Canvas, FacePose


def _at(pose: FacePose, x: float, y: float, z: float = 0.4) -> Floats:
    return pose.project(np.array([[x, y, z]], np.float32))[0]


def skin_colour(picture: Pixels, pose: FacePose) -> Floats:
    """Median colour of both cheeks beside the nose, RGB."""
    height, width = picture.shape[:2]
    radius = max(1, round(pose.scale_px * 0.12))
    patches = []
    for x in (-0.5, 0.5):
        column, row = np.round(_at(pose, x, 0.55, 0.25)).astype(int)
        patch = picture[max(0, row - radius) : row + radius + 1, max(0, column - radius) : column + radius + 1]
        patches.append(patch.reshape(-1, 3))
    pixels = np.concatenate(patches)
    return np.median(pixels, 0).astype(np.float32) if len(pixels) else np.array([170, 125, 105], np.float32)


def hand(picture: Pixels, pose: FacePose, rng: np.random.Generator) -> Pixels:
    """A hand over mouth or chin, its fingers reaching in from below or from the side."""
    skin = skin_colour(picture, pose) * rng.uniform(0.75, 1.1)
    unit = pose.scale_px
    side = rng.choice([-1, 1])
    target = _at(pose, rng.uniform(-0.2, 0.2), rng.uniform(0.85, 1.45))
    wrist_angle = rng.uniform(0.1, 1.5)  # 0: from the side, pi / 2: from below
    direction = np.array([side * np.cos(wrist_angle), np.sin(wrist_angle)], np.float32)
    across = np.array([-direction[1], direction[0]], np.float32)
    canvas = Canvas(*picture.shape[:2])
    width = unit * rng.uniform(0.17, 0.26)
    fingers = int(rng.integers(2, 5))
    palm = target + direction * unit * rng.uniform(0.7, 1.1)
    canvas.line(np.stack([palm, palm + direction * unit * 2.5]), skin * 0.92, width * fingers * 0.95)
    for index in range(fingers):
        offset = across * width * (index - (fingers - 1) / 2) * 1.02
        tip = target + offset - direction * unit * rng.uniform(0, 0.35)
        bend = (tip + palm + offset) / 2 + across * unit * rng.normal(0, 0.06)
        path = np.stack([palm + offset * 0.9, bend, tip])
        tone = skin * rng.uniform(0.92, 1.06)
        canvas.line(path, tone * 0.68, width)  # the dark gap between fingers
        canvas.line(path + across * width * 0.05, tone, width * 0.82)
        canvas.line(path - across * width * 0.12, tone * 1.05, width * 0.3)
    return canvas.onto(picture, rng.uniform(0.2, 0.5), unit * 0.08, rng.uniform(0.3, 0.9))


def scarf(picture: Pixels, pose: FacePose, rng: np.random.Generator) -> Pixels:
    """A scarf or high collar around the neck, clear of the chin."""
    top = rng.uniform(1.95, 2.3)
    rows = []
    colour = rng.uniform(15, 240, 3) if rng.random() < 0.7 else np.full(3, rng.choice([30, 60, 220]))
    second = rng.uniform(15, 240, 3) if rng.random() < 0.4 else colour * rng.uniform(0.8, 1.1)
    canvas = Canvas(*picture.shape[:2])
    x = np.linspace(-1, 1, 15, dtype=np.float32)
    for step in range(12):
        y = top + step * 0.12 - 0.25 * np.abs(x) ** 2 * rng.uniform(0.8, 1.2)
        rows.append(pose.project(np.stack([x * (1.1 + 0.05 * step), y, 0.1 - 0.6 * x**2], 1)))
    grid = np.stack(rows)
    corners = np.stack([grid[:-1, :-1], grid[:-1, 1:], grid[1:, 1:], grid[1:, :-1]], 2).reshape(-1, 4, 2)
    folds = 1 + rng.uniform(0.05, 0.25) * np.sin(np.arange(11) * rng.uniform(0.8, 2.5))[:, None] * np.ones(14)
    pattern = (np.arange(11) // int(rng.integers(1, 4)) % 2)[:, None, None]
    colours = (colour * (1 - pattern) + second * pattern) * (folds * (1 - 0.25 * np.abs(x[:-1])))[..., None]
    canvas.quads(corners, np.arange(len(corners), dtype=np.float32), colours.reshape(-1, 3))
    return canvas.onto(picture, rng.uniform(0.1, 0.4), pose.scale_px * 0.1, rng.uniform(0.3, 1.0))


def microphone(picture: Pixels, pose: FacePose, rng: np.random.Generator) -> Pixels:
    """A microphone before or below the mouth."""
    unit = pose.scale_px
    head = _at(pose, rng.uniform(-0.5, 0.5), rng.uniform(1.15, 1.7), 0.6)
    end = head + np.array([rng.normal(0, 0.8), 2.5], np.float32) * unit
    tone = np.full(3, rng.uniform(15, 110), np.float32)
    size = unit * rng.uniform(0.3, 0.6)
    canvas = Canvas(*picture.shape[:2])
    canvas.line(np.stack([head, end]), tone * 0.8, size * 0.55)
    canvas.line(np.stack([head, head + 0.01]), tone, size)
    canvas.line(np.stack([head - size * 0.15, head - size * 0.14]), tone * 1.4 + 10, size * 0.4)
    return canvas.onto(picture, rng.uniform(0.1, 0.4), unit * 0.08, rng.uniform(0.3, 0.9))


def beard(picture: Pixels, pose: FacePose, rng: np.random.Generator) -> Pixels:
    """A full beard: dark, mottled, with the mouth left free."""
    height, width = picture.shape[:2]
    angle = np.linspace(0, np.pi, 12)
    low = rng.uniform(1.65, 2.0)
    jaw = [[np.cos(a) * 0.92, 0.75 + (low - 0.75) * np.sin(a) ** 0.7, 0.2 - 0.5 * abs(np.cos(a))] for a in angle]
    lip = [[-0.5, 0.95, 0.2], [-0.25, 0.84, 0.35], [0, 0.86, 0.38], [0.25, 0.84, 0.35], [0.5, 0.95, 0.2]]
    outline = pose.project(np.array(jaw + lip, np.float32))
    cover = np.zeros((height, width), np.uint8)
    cv2.fillPoly(cover, [np.round(outline * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    if rng.random() < 0.9:
        centre = tuple(np.round(_at(pose, 0, 1.12, 0.3) * 16).astype(int).tolist())
        axes = (round(pose.scale_px * 0.33 * 16), round(pose.scale_px * rng.uniform(0.08, 0.16) * 16))
        turn = float(np.degrees(np.arctan2(pose.rotation[1, 0], pose.rotation[0, 0])))
        mouth = np.zeros_like(cover)
        cv2.ellipse(mouth, (centre[0] // 16, centre[1] // 16), (axes[0] // 16, max(1, axes[1] // 16)), turn, 0, 360, 255, -1, cv2.LINE_AA)
        cover = np.where(mouth > 0, 0, cover).astype(np.uint8)
    alpha = cv2.GaussianBlur(cover, (0, 0), max(0.6, pose.scale_px * rng.uniform(0.03, 0.1))).astype(np.float32) / 255
    mottle = rng.normal(1, 0.25, (height, width)).astype(np.float32)
    mottle = cv2.GaussianBlur(mottle, (0, 0), rng.uniform(0.4, 1.2))
    alpha *= rng.uniform(0.45, 0.92) * np.clip(mottle, 0.5, 1.3)
    hair = rng.uniform(10, 70) * np.array([1, 0.85, 0.7]) if rng.random() < 0.8 else np.full(3, rng.uniform(90, 190))
    hair = hair * mottle[..., None]
    alpha = np.clip(alpha, 0, 1)[..., None]
    return np.clip(picture * (1 - alpha) + hair * alpha, 0, 255).astype(np.uint8)


def shadow(picture: Pixels, pose: FacePose, rng: np.random.Generator) -> Pixels:
    """A shadow over the lower half of the face, or over one side of it."""
    height, width = picture.shape[:2]
    edge = _at(pose, 0, rng.uniform(0.4, 1.2))
    turn = rng.normal(0, 0.5)
    normal = pose.rotation[1, :2] * np.cos(turn) + pose.rotation[0, :2] * np.sin(turn)
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    distance = (columns - edge[0]) * normal[0] + (rows - edge[1]) * normal[1]
    soft = pose.scale_px * rng.uniform(0.02, 0.4)
    amount = rng.uniform(0.3, 0.75) / (1 + np.exp(np.clip(-distance / soft, -30, 30)))
    tint = 1 + rng.normal(0, 0.06, 3)
    return np.clip(picture * (1 - amount[..., None] * tint), 0, 255).astype(np.uint8)


def cup(picture: Pixels, pose: FacePose, rng: np.random.Generator) -> Pixels:
    """A cup, a telephone or food held to the mouth: narrower than a mask and not fitted to the face."""
    unit = pose.scale_px
    top = _at(pose, rng.uniform(-0.25, 0.25), rng.uniform(0.95, 1.2), 0.6)
    half, height = unit * rng.uniform(0.2, 0.42), unit * rng.uniform(0.7, 1.3)
    lean = rng.normal(0, 0.3)
    axis = np.array([np.sin(lean), np.cos(lean)], np.float32)
    across = np.array([axis[1], -axis[0]], np.float32)
    taper = rng.uniform(0.7, 1.0)
    colour = rng.uniform(15, 245, 3)
    canvas = Canvas(*picture.shape[:2])
    for step in np.linspace(-1, 1, 9)[:-1]:
        left, right = step, step + 0.25
        corners = np.stack(
            [top + across * half * left, top + across * half * right,
             top + axis * height + across * half * right * taper, top + axis * height + across * half * left * taper]
        )
        canvas.quads(corners[None], np.zeros(1, np.float32), (colour * (1 - 0.35 * (left + 0.125) ** 2))[None])
    covered = canvas.onto(picture, rng.uniform(0.1, 0.4), unit * 0.1, rng.uniform(0.3, 0.9))
    return hand(covered, pose, rng) if rng.random() < 0.3 else covered


def glasses(picture: Pixels, pose: FacePose, rng: np.random.Generator) -> Pixels:
    """Glasses or sunglasses: for all classes, so they say nothing about masks."""
    dark = rng.random() < 0.4
    tone = rng.uniform(5, 60, 3) if rng.random() < 0.8 else rng.uniform(80, 220, 3)
    canvas = Canvas(*picture.shape[:2])
    thickness = pose.scale_px * rng.uniform(0.03, 0.08)
    half, tall = rng.uniform(0.3, 0.4), rng.uniform(0.18, 0.32)
    for side in (-0.5, 0.5):
        angle = np.linspace(0, 2 * np.pi, 17)
        rim = np.stack([side + half * np.cos(angle), 0.04 + tall * np.sin(angle), np.full(17, 0.25)], 1)
        path = pose.project(rim.astype(np.float32))
        if dark:
            centre = path.mean(0)
            fans = np.stack([np.broadcast_to(centre, (16, 2)), path[:-1], path[1:], path[1:]], 1)
            canvas.quads(fans.astype(np.float32), np.zeros(16, np.float32), np.broadcast_to(tone * 0.8, (16, 3)))
        canvas.line(path, tone, thickness)
    canvas.line(pose.project(np.array([[-0.2, 0, 0.28], [0.2, 0, 0.28]], np.float32)), tone, thickness)
    for side in (-1, 1):
        if side * pose.yaw < 0.3:
            canvas.line(pose.project(np.array([[side * 0.85, 0, 0.1], [side * 1.02, 0.05, -0.7]], np.float32)), tone, thickness)
    return canvas.onto(picture, 0.15, pose.scale_px * 0.05, rng.uniform(0.2, 0.7))


NEGATIVES = {"hand": hand, "scarf": scarf, "microphone": microphone, "beard": beard, "shadow": shadow, "cup": cup}
