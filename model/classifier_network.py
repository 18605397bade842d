"""The mask classifier's network, its size, and its export to ONNX.

Two plain convolutions, then inverted residuals (MobileNetV2's block with plain ReLU) on a 64 x 64
crop. Resolution falls quickly and the width sits at 16 x 16 and 8 x 8, where the edge of a mask and
a nose above it are still separate pixels; the last stage only widens the view. The second plain
convolution costs what an inverted residual there would, and moves a third of the memory.

    python classifier_network.py            # prints multiply-adds and parameters
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from data import LABELS
from layer_table import Layer, layer_table, print_layers, total
from onnx_weights import load_trained

INPUT_SIZE_PX = 64
CROP_SCALE = 1.3  # side of the square crop over the longer side of the box: chin and ears are in
CLASSES = LABELS  # in the order of the logits

# (expansion, output channels, stride, repeats); every width is a multiple of 8 for SIMD.
BLOCKS: tuple[tuple[int, int, int, int], ...] = (
    (3, 32, 1, 1),  # at 16 x 16
    (4, 56, 2, 3),  # 16 -> 8
    (4, 80, 2, 3),  # 8 -> 4
)
STEM_CHANNELS = (16, 32)  # 64 -> 32 -> 16
HEAD_CHANNELS = 256
FACE_CHANNELS = 32


def convolution(inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> nn.Sequential:
    """A convolution without bias and its batch normalisation, which export folds into one Conv."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outputs),
    )


class InvertedResidual(nn.Module):
    """Expand (1x1), filter per channel (3x3), project (1x1); skip where the shape allows it."""

    def __init__(self, inputs: int, outputs: int, stride: int, expansion: int) -> None:
        super().__init__()
        hidden = inputs * expansion
        self.skip = stride == 1 and inputs == outputs
        self.body = nn.Sequential(
            convolution(inputs, hidden, 1),
            nn.ReLU(inplace=True),
            convolution(hidden, hidden, 3, stride, groups=hidden),
            nn.ReLU(inplace=True),
            convolution(hidden, outputs, 1),
        )

    def forward(self, x: Tensor) -> Tensor:
        """[N, inputs, H, W] -> [N, outputs, H / stride, W / stride]."""
        y = self.body(x)
        return x + y if self.skip else y


class MaskClassifier(nn.Module):
    """face [N, 3, 64, 64] in [-1, 1] -> logits [N, 3] in the order of CLASSES, and [N, 1]: does the crop hold a face well?"""

    def __init__(self, dropout: float = 0.1) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        channels = 3
        for outputs in STEM_CHANNELS:
            layers += [convolution(channels, outputs, 3, 2), nn.ReLU(inplace=True)]
            channels = outputs
        for expansion, outputs, stride, repeats in BLOCKS:
            for index in range(repeats):
                layers.append(InvertedResidual(channels, outputs, stride if index == 0 else 1, expansion))
                channels = outputs
        layers += [convolution(channels, HEAD_CHANNELS, 1), nn.ReLU(inplace=True)]
        self.features = nn.Sequential(*layers)
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(HEAD_CHANNELS, len(CLASSES))
        self.face = nn.Sequential(nn.Linear(HEAD_CHANNELS, FACE_CHANNELS), nn.ReLU(inplace=True), nn.Linear(FACE_CHANNELS, 1))

    def pooled(self, face: Tensor) -> Tensor:
        """[N, HEAD_CHANNELS], what all outputs are made of."""
        return self.dropout(torch.flatten(nn.functional.adaptive_avg_pool2d(self.features(face), 1), 1))

    def forward(self, face: Tensor) -> tuple[Tensor, Tensor]:
        pooled = self.pooled(face)
        return self.output(pooled), self.face(pooled)


def load_classifier(path: str | Path) -> MaskClassifier:
    """The averaged network of a checkpoint of classifier_train.py, or that of an exported .onnx file, in eval mode."""
    network = MaskClassifier()
    load_trained(network, path, torch.zeros(1, 3, INPUT_SIZE_PX, INPUT_SIZE_PX))
    return network


def input_of_views(views: Tensor) -> Tensor:
    """uint8 [N, H, W, C] -> [N, C, H, W] in [-1, 1], channels-last in memory as it was."""
    return (views.permute(0, 3, 1, 2).float() - 127.5) / 127.5


def layers(network: MaskClassifier) -> list[Layer]:
    """Those of the exported graph, for one face."""
    return layer_table(network, torch.zeros(1, 3, INPUT_SIZE_PX, INPUT_SIZE_PX))


if __name__ == "__main__":
    rows = layers(MaskClassifier())
    print_layers(rows)
    print("{:,} multiply-adds per face, {:,} parameters".format(*total(rows)))
