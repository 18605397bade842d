"""What the layers of a network cost."""
from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn


class Layer(NamedTuple):
    """A convolution or fully connected layer. Parameters count a bias per output channel, as after norms are folded in."""

    name: str
    operator: str
    shape: tuple[int, ...]  # of the output: [C, H, W] or [C]
    macs: int
    parameters: int


def layer_table(network: nn.Module, example: Tensor) -> list[Layer]:
    """The layers in order of execution, for an input of one picture."""
    rows: list[Layer] = []
    names = {module: name for name, module in network.named_modules()}

    def note(module: nn.Module, _inputs: tuple[Tensor, ...], output: Tensor) -> None:
        operator = "gemm"
        if isinstance(module, nn.Conv2d):
            operator = f"{'depthwise' if module.groups > 1 else 'conv'} {module.kernel_size[0]}x{module.kernel_size[1]}"
            operator += f" / {module.stride[0]}" if module.stride[0] > 1 else ""
        weights, outputs = module.weight.numel(), module.weight.shape[0]
        rows.append(Layer(names[module], operator, tuple(output.shape[1:]), output[0].numel() * (weights // outputs), weights + outputs))

    hooks = [m.register_forward_hook(note) for m in names if isinstance(m, (nn.Conv2d, nn.Linear))]
    was_training = network.training
    network.eval()
    with torch.no_grad():
        network(example)
    network.train(was_training)
    for hook in hooks:
        hook.remove()
    return rows


def total(rows: list[Layer]) -> tuple[int, int]:
    """Multiply-adds and parameters."""
    return sum(row.macs for row in rows), sum(row.parameters for row in rows)


def print_layers(rows: list[Layer]) -> None:
    for name, operator, shape, macs, parameters in rows:
        print(f"{name:20} {operator:17} {'x'.join(map(str, shape)):>10} {macs:>9,} {parameters:>6,}")
