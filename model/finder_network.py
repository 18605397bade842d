"""The face finder: a small fully convolutional network with heads at strides 8, 16 and 32.

Run as a program it prints the layer table with shapes, multiply-adds (at 320x240 by default) and parameters.
"""
from __future__ import annotations

import math
import sys
from pathlib import Path

import torch
from torch import Tensor, nn

from layer_table import layer_table, print_layers, total
from onnx_weights import load_trained

STRIDES = (8, 16, 32)
OUTPUT_NAMES = ("stride8", "stride16", "stride32")
HEAD_CHANNELS = 5  # logit, dx, dy, log_w, log_h
_PRIOR_FACE = 0.01  # initial probability of a face in a cell: keeps the first steps from drowning in negatives
_INITIAL_SIDE_CELLS = 2.5  # initial box side in cells
LOG_SIDE_LIMIT = 6.0


class Separable(nn.Sequential):
    """Depthwise convolution, then 1x1 convolution, batch norm and ReLU.
    [N, inputs, H, W] -> [N, outputs, ceil(H / stride), ceil(W / stride)]."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1, kernel: int = 3, dilation: int = 1) -> None:
        super().__init__(
            nn.Conv2d(inputs, inputs, kernel, stride, kernel // 2 * dilation, dilation, groups=inputs, bias=False),
            nn.BatchNorm2d(inputs),
            nn.Conv2d(inputs, outputs, 1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
        )


class Residual(nn.Module):
    """Separable with a shortcut; the shape stays."""

    def __init__(self, channels: int, kernel: int = 3, dilation: int = 1) -> None:
        super().__init__()
        self.body = Separable(channels, channels, 1, kernel, dilation)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x)


class Head(nn.Module):
    """One stride's answers: [N, inputs, h, w] -> [N, 5, h, w]."""

    def __init__(self, inputs: int, width: int, kernel: int = 3) -> None:
        super().__init__()
        self.features = Separable(inputs, width, 1, kernel)
        self.answer = nn.Conv2d(width, HEAD_CHANNELS, 1)
        nn.init.normal_(self.answer.weight, std=0.01)
        nn.init.zeros_(self.answer.bias)
        with torch.no_grad():
            self.answer.bias[0] = math.log(_PRIOR_FACE / (1 - _PRIOR_FACE))
            self.answer.bias[3:] = math.log(_INITIAL_SIDE_CELLS)

    def forward(self, x: Tensor) -> Tensor:
        return self.answer(self.features(x))


class FaceFinder(nn.Module):
    """[N, 3, H, W] RGB in [-1, 1], H and W multiples of 32 -> three maps [N, 5, H/s, W/s] for s in STRIDES."""

    def __init__(self) -> None:
        super().__init__()
        # Patches of 2x2: nothing is lost (12 values to 16 channels), at less than half the cost of overlapping 3x3 ones.
        self.stem = nn.Sequential(nn.Conv2d(3, 16, 2, 2, bias=False), nn.BatchNorm2d(16), nn.ReLU(inplace=True))
        self.stage4 = nn.Sequential(Separable(16, 24, 2), Residual(24))
        self.stage8 = nn.Sequential(Separable(24, 48, 2), Residual(48), Residual(48))
        self.stage16 = nn.Sequential(Separable(48, 80, 2), Residual(80), Residual(80))
        # Wide kernels where they cost next to nothing: a face that fills the frame is seen whole.
        self.stage32 = nn.Sequential(Separable(80, 112, 2, 5), *(Residual(112, 5, dilation=2) for _ in range(3)))
        self.narrow32 = nn.Sequential(nn.Conv2d(112, 80, 1, bias=False), nn.BatchNorm2d(80))
        self.up = nn.Upsample(scale_factor=2, mode="nearest")
        self.down16 = Separable(80, 48)
        self.merge8 = Separable(48, 48)
        self.head8 = Head(48, 40)
        self.head16 = Head(48, 48)
        self.head32 = Head(112, 48, 5)

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        at8 = self.stage8(self.stage4(self.stem(image)))
        at16 = self.stage16(at8)
        at32 = self.stage32(at16)
        merged16 = self.down16(at16 + self.up(self.narrow32(at32)))
        merged8 = self.merge8(at8 + self.up(merged16))
        return self.head8(merged8), self.head16(merged16), self.head32(at32)


def load_finder(checkpoint: str | Path) -> FaceFinder:
    """The averaged network of a checkpoint of finder_train.py, or that of an exported .onnx file, in eval mode."""
    network = FaceFinder()
    load_trained(network, checkpoint, torch.zeros(1, 3, 32, 32))
    return network


def decode(maps: tuple[Tensor, ...] | list[Tensor]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Head maps -> logits [N, A], boxes [N, A, 4] (x1, y1, x2, y2 in input px), cell centres [A, 2] px, strides [A] px."""
    answers, centres, strides = [], [], []
    for cells, stride in zip(maps, STRIDES):
        height, width = cells.shape[2:]
        answers.append(cells.flatten(2).transpose(1, 2))
        rows, columns = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
        centres.append((torch.stack([columns, rows], -1).reshape(-1, 2).float() + 0.5) * stride)
        strides.append(torch.full((height * width,), float(stride)))
    answer, centre, stride = torch.cat(answers, 1), torch.cat(centres), torch.cat(strides)
    middle = centre + answer[..., 1:3] * stride[:, None]
    half = answer[..., 3:5].clamp(-LOG_SIDE_LIMIT, LOG_SIDE_LIMIT).exp() * stride[:, None] / 2
    return answer[..., 0], torch.cat([middle - half, middle + half], -1), centre, stride


def main() -> None:
    width, height = (int(v) for v in sys.argv[1:3]) if len(sys.argv) == 3 else (320, 240)
    padded = torch.zeros(1, 3, -(-height // 32) * 32, -(-width // 32) * 32)
    rows = layer_table(FaceFinder(), padded)
    print_layers(rows)
    # The count is for the picture itself; the padding to multiples of 32 is counted separately.
    macs, parameters = total(rows)
    share = width * height / (padded.shape[2] * padded.shape[3])
    print(f"{macs * share / 1e6:.1f} M multiply-adds at {width}x{height} ({macs / 1e6:.1f} M as padded), {parameters:,} parameters")


if __name__ == "__main__":
    main()
