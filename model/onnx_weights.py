"""Puts the weights of an exported ONNX file back into the network that it was exported from.

Batch norms are folded into the convolutions of a file. They come back as norms that change nothing: the network answers as
the file does. `start_from` makes them norms again with which training can go on.
"""
from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from onnx_half import HALF_SUFFIX
from onnx_wire import DATA_TYPE, DIMS, FLOAT, FLOAT16, GRAPH, INITIALIZER, NAME, NODE, NODE_INPUT, NODE_OP_TYPE, RAW_DATA, fields, integer

_TYPES = {FLOAT: "<f4", FLOAT16: "<f2"}
# Weights of a convolution before a norm may have any scale. AdamW's steps have not: at this one they change about a hundredth of it.
_SETTLED_RMS = 0.2


def _weights_in_order(path: Path) -> list[tuple[Tensor, Tensor]]:
    """Weight and bias of every Conv and Gemm, in order of execution."""
    tensors: dict[bytes, Tensor] = {}
    nodes: list[list[bytes]] = []
    graph = next(payload for number, payload, _ in fields(path.read_bytes()) if number == GRAPH)
    for number, payload, _ in fields(graph):
        if number == INITIALIZER:
            parts = fields(payload)
            kind = next(integer(whole) for field, _, whole in parts if field == DATA_TYPE)
            if kind not in _TYPES:
                continue
            name = next(value for field, value, _ in parts if field == NAME).removesuffix(HALF_SUFFIX)
            raw = next(value for field, value, _ in parts if field == RAW_DATA)
            shape = [integer(whole) for field, _, whole in parts if field == DIMS]
            tensors[name] = torch.from_numpy(np.frombuffer(raw, _TYPES[kind]).astype(np.float32).reshape(shape))
        elif number == NODE:
            parts = fields(payload)
            if any(field == NODE_OP_TYPE and value in (b"Conv", b"Gemm") for field, value, _ in parts):
                nodes.append([value for field, value, _ in parts if field == NODE_INPUT])
    return [(tensors[weight], tensors[bias]) for _, weight, bias in nodes]


def load_weights(network: nn.Module, path: str | Path, example: Tensor) -> None:
    """Fills the network, which then answers as the file does; `example` is any input it takes. In eval mode afterwards."""
    ran: list[nn.Module] = []
    kinds = (nn.Conv2d, nn.Linear, nn.BatchNorm2d)
    hooks = [m.register_forward_hook(lambda module, *_: ran.append(module)) for m in network.modules() if isinstance(m, kinds)]
    with torch.no_grad():
        network.eval()(example)
    for hook in hooks:
        hook.remove()
    layers = [module for module in ran if not isinstance(module, nn.BatchNorm2d)]
    stored = _weights_in_order(Path(path))
    if [tuple(layer.weight.shape) for layer in layers] != [tuple(weight.shape) for weight, _ in stored]:
        raise ValueError(f"{path} was exported from another network")
    with torch.no_grad():
        for layer, (weight, bias) in zip(layers, stored):
            layer.weight.copy_(weight)
            after = ran[ran.index(layer) + 1] if layer.bias is None else None
            if isinstance(after, nn.BatchNorm2d):
                after.running_mean.zero_()
                after.running_var.fill_(1 - after.eps)
                after.weight.fill_(1)
                after.bias.copy_(bias)
            else:
                layer.bias.copy_(bias)


def load_trained(network: nn.Module, path: str | Path, example: Tensor) -> None:
    """Fills the network with the weights of an exported .onnx file, or with the averaged ones of a trainer's checkpoint. In eval mode
    afterwards."""
    if Path(path).suffix == ".onnx":
        load_weights(network, path, example)
    else:
        network.load_state_dict(torch.load(path, map_location="cpu")["average"])
    network.eval()


def start_from(network: nn.Module, path: str | Path, inputs: Tensor) -> None:
    """Fills the network so that training can go on from an exported file; `inputs` are what it will see."""
    load_weights(network, path, inputs[:1])
    _settle_norms(network, inputs)


def _settle_norms(network: nn.Module, inputs: Tensor) -> None:
    """After load_weights: gives every norm the mean and variance of its channels for these inputs, and the filters before it
    one scale. Answers stay the same."""
    seen: dict[nn.BatchNorm2d, tuple[nn.Conv2d, Tensor, Tensor]] = {}
    filters: list[nn.Conv2d] = []

    def note(module: nn.Module, taken: tuple[Tensor, ...], _: Tensor) -> None:
        if isinstance(module, nn.Conv2d):
            filters.append(module)
        elif isinstance(module, nn.BatchNorm2d):
            variance, mean = torch.var_mean(taken[0], (0, 2, 3), unbiased=False)
            seen[module] = filters[-1], mean, variance

    hooks = [m.register_forward_hook(note) for m in network.modules() if isinstance(m, (nn.Conv2d, nn.BatchNorm2d))]
    with torch.no_grad():
        network.eval()(inputs)
        for hook in hooks:
            hook.remove()
        for norm, (convolution, mean, variance) in seen.items():
            scale = _SETTLED_RMS / convolution.weight.square().mean((1, 2, 3)).sqrt().clamp(min=1e-3)
            convolution.weight.mul_(scale[:, None, None, None])
            norm.running_mean.copy_(mean * scale)
            norm.running_var.copy_(variance * scale**2)
            norm.bias.add_(mean)
            norm.weight.copy_((norm.running_var + norm.eps).sqrt() / scale)
