"""Networks trained before, whose answers are part of what the next one is asked for.

Each is wrong about faces of its own: the mean of their answers has a lower cross-entropy than every one of them.
"""
from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from classifier_network import INPUT_SIZE_PX, load_classifier


class Teachers:
    """Exported files of networks of the classifier's shape."""

    def __init__(self, files: list[Path]) -> None:
        example = torch.zeros(1, 3, INPUT_SIZE_PX, INPUT_SIZE_PX)
        self._networks = []
        for file in files:
            network = load_classifier(file).to(memory_format=torch.channels_last)
            # Frozen, the norms are folded into the convolutions again: a third less time.
            self._networks.append(torch.jit.freeze(torch.jit.trace(network, example)))

    def answers(self, inputs: Tensor) -> Tensor:
        """[N, 3, 64, 64] -> probabilities [N, 3]: the geometric mean of what the networks say."""
        with torch.no_grad():
            logs = [network(inputs)[0].float().log_softmax(1) for network in self._networks]
        return torch.stack(logs).mean(0).softmax(1)


def mixtures(faces: Tensor, seed: int) -> Tensor:
    """Every face [N, 3, H, W] mixed with the next: half of them blended, in the others a band of rows is the next one's.

    What teachers say of a face they were trained on is hardly more than its label; of a mixture nobody told them."""
    count, rows = len(faces), faces.shape[2]
    generator = torch.Generator().manual_seed(seed)
    blend, top, height, kind = torch.rand((4, count, 1, 1, 1), generator=generator)
    row = torch.arange(rows).view(1, 1, rows, 1) / rows
    band = (row >= top) & (row < top + 0.1 + 0.6 * height)
    share = torch.where(kind < 0.5, band.float(), blend / 2)
    return faces.lerp(faces.roll(1, 0), share.expand_as(faces))
