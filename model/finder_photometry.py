"""Changes of light, colour, sharpness and compression for training pictures (BGR uint8 [H, W, 3])."""
from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.random import Generator

from light import uneven_light

_NOISE_SIDE_PX = 1024


@lru_cache(maxsize=None)
def _noise_bank() -> np.ndarray:
    return np.random.default_rng(7).standard_normal((_NOISE_SIDE_PX, _NOISE_SIDE_PX, 3)).astype(np.float16)


def _noise(rng: Generator, height: int, width: int) -> np.ndarray:
    """Standard normal noise [height, width, 3] float16, cut from a bank: drawing it anew costs more than a training step allows."""
    top, left = rng.integers(0, _NOISE_SIDE_PX - height + 1), rng.integers(0, _NOISE_SIDE_PX - width + 1)
    return _noise_bank()[top:top + height, left:left + width]


def _tones(image: np.ndarray, rng: Generator) -> np.ndarray:
    levels = np.arange(256, dtype=np.float32) / 255
    gamma = np.exp(rng.normal(0, 0.25))
    gain = np.exp(rng.normal(0, 0.2))
    offset = rng.normal(0, 0.06)
    if rng.random() < 0.1:  # a badly lit room
        gain *= rng.uniform(0.25, 0.6)
    cast = np.exp(rng.normal(0, 0.09, 3)) if rng.random() < 0.6 else np.ones(3)
    curve = (levels[:, None] ** gamma) * gain * cast + offset
    table = np.clip(curve * 255, 0, 255).astype(np.uint8)
    return cv2.LUT(image, table[None])


def _colours(image: np.ndarray, rng: Generator) -> np.ndarray:
    choice = rng.random()
    if choice < 0.1:
        return cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    if choice < 0.4:
        gray = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
        saturation = rng.uniform(0.3, 1.6)
        return cv2.addWeighted(image, saturation, gray, 1 - saturation, 0)
    return image


def _sharpness(image: np.ndarray, rng: Generator) -> np.ndarray:
    choice = rng.random()
    height, width = image.shape[:2]
    if choice < 0.1:
        return cv2.GaussianBlur(image, (0, 0), rng.uniform(0.4, 1.5))
    if choice < 0.15:
        length = int(rng.integers(3, 8))
        kernel = np.zeros((length, length), np.float32)
        end = rng.uniform(0, np.pi)
        reach = (length - 1) / 2
        middle = (int(reach), int(reach))
        tip = (int(round(reach + reach * np.cos(end))), int(round(reach + reach * np.sin(end))))
        cv2.line(kernel, (2 * middle[0] - tip[0], 2 * middle[1] - tip[1]), tip, 1.0)
        return cv2.filter2D(image, -1, kernel / kernel.sum())
    if choice < 0.25:
        shrink = rng.uniform(0.4, 0.9)
        small = cv2.resize(image, (max(8, int(width * shrink)), max(8, int(height * shrink))), interpolation=cv2.INTER_AREA)
        return cv2.resize(small, (width, height), interpolation=int(rng.choice([cv2.INTER_LINEAR, cv2.INTER_CUBIC])))
    if choice < 0.32:
        soft = cv2.GaussianBlur(image, (0, 0), 1.0)
        return cv2.addWeighted(image, 1.7, soft, -0.7, 0)
    return image


def _damage(image: np.ndarray, rng: Generator) -> np.ndarray:
    if rng.random() < 0.12:
        amount = rng.uniform(2, 16)
        noise = _noise(rng, *image.shape[:2])
        image = np.clip(image + noise * np.float16(amount), 0, 255).astype(np.uint8)
    if rng.random() < 0.18:
        quality = int(rng.integers(20, 85))
        image = cv2.imdecode(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_COLOR)
    return image


def vary(image: np.ndarray, rng: Generator) -> np.ndarray:
    """A changed copy of the same shape; about one picture in ten is left as it is."""
    if rng.random() < 0.1:
        return image
    image = _tones(image, rng)
    if rng.random() < 0.2:
        image = uneven_light(image, rng, -0.15, 0.5)
    return _damage(_sharpness(_colours(image, rng), rng), rng)
