"""Cloth for drawn masks: surgical, respirator and home-made, as colours on a small grid.

Every maker returns [ROWS, COLUMNS, 3] float32 RGB in [0, 255], evenly lit; mask_drawing lights it.
"""

from __future__ import annotations

import math

import cv2
import numpy as np

from arrays import Floats

ROWS, COLUMNS = 32, 44  # quads of a sheet; about one per pixel of the classifier's input

SURGICAL_COLOURS = (
    (150, 195, 222), (168, 206, 226), (120, 178, 214), (190, 218, 230), (235, 238, 240), (225, 228, 228),
    (150, 205, 190), (120, 180, 160), (42, 42, 46), (60, 62, 70), (232, 178, 195), (190, 175, 215), (95, 140, 190),
)
RESPIRATOR_COLOURS = ((240, 240, 238), (228, 230, 232), (205, 208, 210), (45, 45, 48), (235, 225, 205), (170, 195, 220))


def cloth_grid() -> tuple[Floats, Floats]:
    """Centres of the quads: s in (-1, 1) across, t in (0, 1) down, both [ROWS, COLUMNS]."""
    s = (np.arange(COLUMNS, dtype=np.float32) + 0.5) / COLUMNS * 2 - 1
    t = (np.arange(ROWS, dtype=np.float32) + 0.5) / ROWS
    return np.broadcast_to(s[None], (ROWS, COLUMNS)), np.broadcast_to(t[:, None], (ROWS, COLUMNS))


def bump(x: Floats, centre: float, width: float) -> Floats:
    return np.exp(-(((x - centre) / width) ** 2)).astype(np.float32)


def surgical(rng: np.random.Generator) -> Floats:
    s, t = cloth_grid()
    if rng.random() < 0.85:
        base = np.array(SURGICAL_COLOURS[rng.integers(len(SURGICAL_COLOURS))], np.float32) + rng.normal(0, 8, 3)
    else:
        base = rng.uniform(20, 240, 3)
    light = np.ones_like(s)
    if rng.random() < 0.85:  # pleats: a dark fold with a light lip below it, flat at the sides
        depth = rng.uniform(0.06, 0.3)
        for centre in np.linspace(0.28, 0.74, rng.integers(2, 5)) + rng.normal(0, 0.02):
            bow = centre + rng.normal(0, 0.01) + 0.03 * (1 - s**2)
            light += depth * (0.5 * bump(t - bow, 0.04, 0.03) - bump(t - bow, 0.0, 0.022))
    if rng.random() < 0.6:  # nose wire
        light += rng.uniform(-0.18, 0.12) * bump(t, 0.07, 0.03) * (np.abs(s) < rng.uniform(0.3, 0.6))
    hem = ((t < 0.05) | (t > 0.96) | (np.abs(s) > 0.96)).astype(np.float32)
    white_hem = rng.random() < 0.3
    colour = np.broadcast_to(base, (*s.shape, 3)) * light[..., None]
    edge = np.array([235, 238, 240]) if white_hem else base * rng.uniform(0.85, 1.05)
    return (colour * (1 - hem[..., None]) + edge * hem[..., None]).astype(np.float32)


def respirator(rng: np.random.Generator) -> Floats:
    s, t = cloth_grid()
    base = np.array(RESPIRATOR_COLOURS[rng.integers(len(RESPIRATOR_COLOURS))], np.float32) + rng.normal(0, 6, 3)
    light = np.ones_like(s) - rng.uniform(0.1, 0.35) * bump(s, 0.0, 0.035)  # beak seam
    light -= rng.uniform(0, 0.2) * bump(np.abs(s), rng.uniform(0.78, 0.9), 0.04)  # side welds
    light -= rng.uniform(0, 0.15) * bump(t, rng.uniform(0.06, 0.14), 0.03)
    light *= 1 - rng.uniform(0, 0.12) * np.abs(s)
    colour = np.broadcast_to(base, (*s.shape, 3)) * light[..., None]
    if rng.random() < 0.4:  # exhalation valve, in the middle or at a side
        at_s, at_t = rng.uniform(0.0, 0.45) * rng.choice([-1, 1]), rng.uniform(0.35, 0.65)
        radius = rng.uniform(0.1, 0.2)
        distance = np.hypot((s - at_s) * 1.15, t - at_t)
        valve = (distance < radius)[..., None]
        shade = rng.uniform(40, 240) * (1 - 0.3 * bump(distance, radius - 0.01, 0.03))[..., None]
        colour = np.where(valve, np.broadcast_to(shade, colour.shape), colour)
    return colour.astype(np.float32)


def cloth(rng: np.random.Generator) -> Floats:
    s, t = cloth_grid()
    first = rng.uniform(15, 245, 3) if rng.random() < 0.7 else np.full(3, rng.choice([25, 40, 70, 225, 240]))
    second = rng.uniform(15, 245, 3)
    angle, pitch = rng.uniform(0, math.pi), rng.uniform(0.12, 0.5)
    along = (s * math.cos(angle) + (t * 1.3) * math.sin(angle)) / pitch
    across = (-s * math.sin(angle) + (t * 1.3) * math.cos(angle)) / pitch
    kind = rng.choice(["plain", "stripes", "checks", "dots", "print", "logo"], p=[0.4, 0.13, 0.12, 0.13, 0.14, 0.08])
    mix = np.zeros_like(s)
    if kind == "stripes":
        mix = (np.mod(along, 1) < rng.uniform(0.25, 0.6)).astype(np.float32)
    elif kind == "checks":
        mix = 0.5 * ((np.mod(along, 1) < 0.5).astype(np.float32) + (np.mod(across, 1) < 0.5))
    elif kind == "dots":
        mix = (np.hypot(np.mod(along, 1) - 0.5, np.mod(across, 1) - 0.5) < rng.uniform(0.2, 0.38)).astype(np.float32)
    elif kind == "print":  # blotches: flowers, camouflage
        coarse = rng.normal(0, 1, (int(rng.integers(4, 10)), int(rng.integers(5, 14)))).astype(np.float32)
        mix = (cv2.resize(coarse, (COLUMNS, ROWS), interpolation=cv2.INTER_CUBIC) > rng.uniform(-0.2, 0.7)).astype(np.float32)
    elif kind == "logo":
        mix = (np.hypot((s - rng.uniform(-0.5, 0.5)) * 1.2, t - rng.uniform(0.3, 0.7)) < rng.uniform(0.1, 0.25)).astype(np.float32)
    light = np.ones_like(s)
    if rng.random() < 0.5:
        light -= rng.uniform(0.1, 0.3) * bump(s, 0.0, 0.03)
    hem = rng.uniform(-0.25, 0.15) * ((t < 0.06) | (t > 0.94) | (np.abs(s) > 0.95))
    colour = first * (1 - mix[..., None]) + second * mix[..., None]
    return (colour * (light + hem)[..., None]).astype(np.float32)


def crumple(rng: np.random.Generator, strength: float) -> Floats:
    """Soft wrinkles, mostly lying across: factors around 1, [ROWS, COLUMNS]."""
    coarse = rng.normal(0, 1, (int(rng.integers(5, 14)), int(rng.integers(3, 8)))).astype(np.float32)
    return 1 + strength * cv2.resize(coarse, (COLUMNS, ROWS), interpolation=cv2.INTER_CUBIC)
