"""Lays part of one face over another: real masks worn in other ways, on other faces.

Every part but the bridge is laid over masked and over unmasked faces, so that the seam it leaves says nothing.
Conventions as in mask_drawing.
"""

from __future__ import annotations

import cv2
import numpy as np

from arrays import Floats, Pixels
from mask_drawing import FacePose

# Which part of the donor's face, and between which heights it ends below the eyes.
ENDS = {"bridge": (0.30, 0.40), "nose": (0.74, 0.95), "mouth": (1.26, 1.42), "lower half": (2.1, 2.4)}
MAX_YAW_DIFFERENCE = 0.12
JAW: Floats = np.array([0, 1.7, 0.1], np.float32)


def _outline(part: str, rng: np.random.Generator) -> Floats:
    """[N, 3] in face units."""
    low = rng.uniform(*ENDS[part])
    if part == "lower half":
        right = [[0.3, low], [0.75, low - 0.15], [0.98, 1.4], [1.0, 0.7], [0.95, 0.3], [0.5, 0.22], [0.2, 0.1]]
    else:
        cheek = low + rng.uniform(0.0, 0.08) if part == "bridge" else low - rng.uniform(0.08, 0.3)
        side = 0.92 if part == "mouth" else 0.82
        right = [[0.25, low], [0.5, (low + cheek) / 2 + 0.04], [side, cheek], [side - 0.02, 0.24], [0.5, 0.22], [0.2, 0.08]]
    left = [[-x, y] for x, y in right][::-1]
    return np.array([[x, y, 0.42 - 0.6 * x * x] for x, y in right + left], np.float32)


def lay_face(
    picture: Pixels, points: Floats, donor: Pixels, donor_points: Floats, part: str, rng: np.random.Generator
) -> Pixels | None:
    """A copy of the picture with one of ENDS of the donor's face over the same part of its own.

    Both faces should be of about the same size in px. None where poses or skins are too different to pass."""
    pose, donor_pose = FacePose(points), FacePose(donor_points)
    if abs(pose.yaw - donor_pose.yaw) > MAX_YAW_DIFFERENCE:
        return None
    if part == "lower half" and donor_pose.project(JAW)[1] > len(donor):
        return None
    homogeneous = np.concatenate([donor_points, np.ones((6, 1), np.float32)], 1)
    affine = np.linalg.lstsq(homogeneous, points, rcond=None)[0].T.astype(np.float32)
    height, width = picture.shape[:2]
    laid = cv2.warpAffine(donor, affine, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    cover = np.zeros((height, width), np.uint8)
    cv2.fillPoly(cover, [np.round(pose.project(_outline(part, rng)) * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)

    # The skin that both show, just below the eyes, says how to match the colours.
    strip = np.array([[-0.6, 0.14, 0.1], [0.6, 0.14, 0.1], [0.55, 0.3, 0.2], [-0.55, 0.3, 0.2]], np.float32)
    visible = np.zeros_like(cover)
    cv2.fillConvexPoly(visible, np.round(pose.project(strip)).astype(np.int32), 255)
    if not visible.any():
        return None
    gain = np.median(picture[visible > 0], 0) / np.maximum(np.median(laid[visible > 0], 0), 8)
    if gain.min() < 0.55 or gain.max() > 1.7 or gain.max() / max(float(gain.min()), 0.1) > 1.3:
        return None
    soft = cv2.GaussianBlur(cover, (0, 0), max(0.5, pose.scale_px * 0.025)).astype(np.float32)[..., None] / 255
    return np.clip(picture * (1 - soft) + laid * gain * soft + 0.5, 0, 255).astype(np.uint8)
