"""Light that falls on a part of a picture (uint8 [H, W, 3], any order of channels) or is too much for it."""
from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.random import Generator

from arrays import Pixels

# Shares of the relit views of `relit`; the others stay as they are.
MILD, STRONG, SHADOW, OVEREXPOSED = 0.20, 0.05, 0.08, 0.08


def uneven_light(image: Pixels, rng: Generator, mean: float, spread: float) -> Pixels:
    """Shade and patches of light: faces that are dark in a bright picture, and the other way round. Mean and spread of the factor's
    logarithm."""
    height, width = image.shape[:2]
    cells = np.exp(rng.normal(mean, spread, rng.integers(2, 6, 2))).astype(np.float32)
    field = cv2.resize(cells, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.clip(image * np.maximum(field, 0.12)[..., None], 0, 255).astype(np.uint8)


def half_shadow(image: Pixels, rng: Generator) -> Pixels:
    """A shadow with a hard or a soft edge, straight across the picture's middle part."""
    height, width = image.shape[:2]
    angle, reach = rng.uniform(0, 2 * math.pi), min(height, width) / 64
    x = np.arange(width, dtype=np.float32)[None] - width / 2
    y = np.arange(height, dtype=np.float32)[:, None] - height / 2
    beyond = x * math.cos(angle) + y * math.sin(angle) - rng.uniform(-12, 12) * reach
    depth, softness = rng.uniform(0.3, 0.75), rng.uniform(0.5, 4) * reach
    factor = 1 - depth / (1 + np.exp(np.clip(-beyond / softness, -30, 30)))
    return (image * factor[..., None]).astype(np.uint8)


def overexposed(image: Pixels, rng: Generator) -> Pixels:
    return np.clip(image * np.float32(rng.uniform(1.3, 1.9)), 0, 255).astype(np.uint8)


def relit(view: Pixels, rng: Generator) -> Pixels:
    """The view of a face in uneven light, half in shadow or overexposed; most stay as they are."""
    choice = rng.random()
    if choice < MILD:
        return uneven_light(view, rng, -0.08, 0.25)
    if choice < MILD + STRONG:
        return uneven_light(view, rng, -0.15, 0.5)
    if choice < MILD + STRONG + SHADOW:
        return half_shadow(view, rng)
    if choice < MILD + STRONG + SHADOW + OVEREXPOSED:
        return overexposed(view, rng)
    return view
