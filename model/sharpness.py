"""Sharpness-aware minimisation: gradients are taken where the loss nearby is worst, so that flat minima are found.

After Foret et al., 2021; what is near is measured in each weight's own size, after Kwon et al., 2021 (ASAM).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

_SMALLEST = 0.01  # taken for the size of weights near zero: they move, too


def _worst_step(parameters: list[nn.Parameter], radius: float) -> list[tuple[nn.Parameter, Tensor]]:
    """Every parameter that has a gradient, and its share of the step of that radius which raises the loss most."""
    known = [p for p in parameters if p.grad is not None]
    sizes = [p.abs() + _SMALLEST for p in known]
    length = torch.stack([(size * p.grad).norm() for size, p in zip(sizes, known)]).norm()
    return [(p, size.square() * p.grad * (radius / (length + 1e-12))) for size, p in zip(sizes, known)]


@contextmanager
def where_worst(network: nn.Module, parameters: list[nn.Parameter], loss: Callable[[], Tensor], radius: float) -> Iterator[None]:
    """Within it the parameters are where, that far away, what `loss` gives is worst; with a radius of 0 where they were. Gradients
    must be cleared before, and are when it begins. What the network's norms see there does not count for their running statistics."""
    if radius == 0:
        yield
        return
    loss().backward()
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = 0.0
    with torch.no_grad():
        steps = _worst_step(parameters, radius)
        for parameter, step in steps:
            parameter.add_(step)
            parameter.grad = None
    try:
        yield
    finally:
        with torch.no_grad():
            for parameter, step in steps:
                parameter.sub_(step)
        for norm, momentum in zip(norms, momenta):
            norm.momentum = momentum
