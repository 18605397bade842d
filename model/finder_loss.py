"""Training loss of the face finder: which cells answer for which face, and what they should have said.

Assignment follows the idea of SimOTA: every face takes the few cells that already fit it best, with a preference for
the stride that suits its size. The face score learns the root of its box's overlap (quality focal loss), so that
non-maximum suppression keeps the best box; boxes learn by generalised IoU.
"""
from __future__ import annotations

import torch
import torch.nn.functional as functional
from torch import Tensor

from finder_network import decode

_MAX_CELLS_PER_FACE = 8
_CELL_FACE_RATIO = 3.2  # a stride suits faces of about this many cells
_BOX_WEIGHT = 1.5
_SCORE_WEIGHT = 2.0
_FORBIDDEN = 1e4


def pair_iou(a: Tensor, b: Tensor) -> Tensor:
    """[A, 4], [G, 4] corners -> IoU [A, G]."""
    side = (torch.min(a[:, None, 2:], b[None, :, 2:]) - torch.max(a[:, None, :2], b[None, :, :2])).clamp(min=0)
    both = side[..., 0] * side[..., 1]
    area_a = (a[:, 2] - a[:, 0]) * (a[:, 3] - a[:, 1])
    area_b = (b[:, 2] - b[:, 0]) * (b[:, 3] - b[:, 1])
    return both / (area_a[:, None] + area_b[None] - both + 1e-6)


def overlap_losses(boxes: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """[P, 4], [P, 4] corners -> 1 - generalised IoU [P] and IoU [P]."""
    side = (torch.min(boxes[:, 2:], targets[:, 2:]) - torch.max(boxes[:, :2], targets[:, :2])).clamp(min=0)
    hull = torch.max(boxes[:, 2:], targets[:, 2:]) - torch.min(boxes[:, :2], targets[:, :2])
    both = side[:, 0] * side[:, 1]
    union = (boxes[:, 2:] - boxes[:, :2]).prod(1) + (targets[:, 2:] - targets[:, :2]).prod(1) - both
    iou = both / (union + 1e-6)
    enclosing = hull[:, 0] * hull[:, 1]
    return 1 - iou + (enclosing - union) / (enclosing + 1e-6), iou


def assign(logits: Tensor, boxes: Tensor, faces: Tensor, centres: Tensor, strides: Tensor) -> tuple[Tensor, Tensor]:
    """logits [A], boxes [A, 4], faces [G, 4], centres [A, 2], strides [A] -> cells [P] that answer, their faces [P]."""
    middle = (faces[:, :2] + faces[:, 2:]) / 2
    distance = (centres[:, None] - middle[None]).abs().amax(-1)
    inside = ((centres[:, None] > faces[None, :, :2]) & (centres[:, None] < faces[None, :, 2:])).all(-1)
    allowed = (inside | (distance < strides[:, None])) & (distance < 2.5 * strides[:, None])
    cells = allowed.any(1).nonzero()[:, 0]
    allowed = allowed[cells]
    iou = pair_iou(boxes[cells], faces)
    longest = (faces[:, 2:] - faces[:, :2]).amax(1)
    level = torch.log2(longest[None] / (strides[cells, None] * _CELL_FACE_RATIO)).abs()
    cost = -3 * torch.log(iou + 1e-6) + functional.softplus(-logits[cells])[:, None] + level + _FORBIDDEN * ~allowed
    count = min(_MAX_CELLS_PER_FACE, len(cells))
    wanted = torch.topk(iou * allowed, min(10, len(cells)), 0)[0].sum(0).int().clamp(1, count)  # cells per face [G]
    best = torch.topk(-cost, count, 0)[1]  # [count, G]
    taken = torch.zeros_like(allowed)
    taken.scatter_(0, best, torch.arange(count)[:, None] < wanted[None])
    taken &= allowed
    face = torch.where(taken, cost, torch.full_like(cost, 2 * _FORBIDDEN)).argmin(1)  # a cell answers for one face only
    chosen = taken.any(1)
    return cells[chosen], face[chosen]


def finder_loss(maps: tuple[Tensor, ...], faces: list[Tensor], ignored: list[Tensor]) -> tuple[Tensor, Tensor]:
    """Head maps of N pictures, per picture the faces [G, 4] and ignored regions [I, 4] (corners, input px).
    -> score loss, box loss (both divided by the number of answering cells)."""
    logits, boxes, centres, strides = decode(maps)
    target = torch.zeros_like(logits)
    weight = torch.ones_like(logits)
    found_boxes, wanted_boxes, places = [], [], []
    for n, (wanted, skip) in enumerate(zip(faces, ignored)):
        if len(skip):
            within = ((centres[:, None] >= skip[None, :, :2]) & (centres[:, None] <= skip[None, :, 2:])).all(-1).any(1)
            weight[n, within] = 0
        if not len(wanted):
            continue
        with torch.no_grad():
            cells, face = assign(logits[n], boxes[n], wanted, centres, strides)
        found_boxes.append(boxes[n, cells])
        wanted_boxes.append(wanted[face])
        places.append((n, cells))
    box_loss = logits.sum() * 0
    count = 1
    if found_boxes:
        losses, iou = overlap_losses(torch.cat(found_boxes), torch.cat(wanted_boxes))
        count = max(1, len(losses))
        box_loss = _BOX_WEIGHT * losses.sum() / count
        quality = iou.detach().clamp(0.1, 1).sqrt()
        at = 0
        for n, cells in places:
            target[n, cells] = quality[at:at + len(cells)]
            weight[n, cells] = 1
            at += len(cells)
    # Quality focal loss; pictures without a face must count too where a batch has few.
    focus = (target - logits.detach().sigmoid()).abs().pow(2)
    scores = functional.binary_cross_entropy_with_logits(logits, target, reduction="none") * focus * weight
    return scores.sum() / max(count, 4 * len(faces)) * _SCORE_WEIGHT, box_loss
