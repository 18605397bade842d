"""Writes the mask classifier as model/mask.onnx: opset 13, any number of faces, metadata included."""

from __future__ import annotations

import copy
from pathlib import Path

import torch

from classifier_network import CLASSES, INPUT_SIZE_PX, MaskClassifier
from onnx_metadata import write_metadata

CROP_SCALE = 1.3  # side of the square crop over the longer side of the box: chin and ears are in
TRAINING_DATA = (
    "Kaggle andrewmvd/face-mask-detection (CC0), chandrikadeb7/Face-Mask-Detection (MIT), "
    "ashishjangra27/face-mask-12k-images-dataset (CC0); masks drawn on the unmasked faces"
)


def export_onnx(
    network: MaskClassifier, path: Path, temperature: float, min_mask_probability: float, accuracy: str
) -> None:
    """Writes the network with its weights; the normalisations are folded into the convolutions."""
    plain = copy.deepcopy(network).to(memory_format=torch.contiguous_format).eval()
    torch.onnx.export(
        plain,
        (torch.zeros(1, 3, INPUT_SIZE_PX, INPUT_SIZE_PX),),
        str(path),
        opset_version=13,
        input_names=["face"],
        output_names=["logits"],
        dynamic_axes={"face": {0: "N"}, "logits": {0: "N"}},
    )
    write_metadata(
        path,
        {
            "maskcheck.kind": "mask",
            "maskcheck.version": "1",
            "mean": "127.5,127.5,127.5",
            "std": "127.5,127.5,127.5",
            "color": "RGB",
            "license": "Apache-2.0",
            "training_data": TRAINING_DATA,
            "accuracy": accuracy,
            "classes": ",".join(CLASSES),
            "input_size": str(INPUT_SIZE_PX),
            "crop_scale": f"{CROP_SCALE:g}",
            "temperature": f"{temperature:.3f}",
            "min_mask_probability": f"{min_mask_probability:.2f}",
        },
    )
