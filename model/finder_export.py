"""Exports a checkpoint of the face finder as ONNX with metadata.

    finder_export.py CHECKPOINT OUTPUT.onnx [--accuracy TEXT] [--min-face-score F]

CHECKPOINT `none` exports freshly initialised weights (for work on the graph alone).
"""
from __future__ import annotations

import argparse
from pathlib import Path

import torch

from data import TRAINING_DATA
from finder_network import OUTPUT_NAMES, FaceFinder, load_finder
from onnx_half import halve_weights
from onnx_metadata import write_metadata

OPSET = 13


def export(network: FaceFinder, path: Path, metadata: dict[str, str]) -> None:
    """Writes the network in eval form (batch norm folded into the convolutions) with dynamic height and width."""
    network.eval()
    axes = {"image": {2: "height", 3: "width"}}
    for name in OUTPUT_NAMES:
        axes[name] = {2: f"{name}_height", 3: f"{name}_width"}
    torch.onnx.export(
        network, torch.zeros(1, 3, 256, 320), str(path), opset_version=OPSET,
        input_names=["image"], output_names=list(OUTPUT_NAMES), dynamic_axes=axes,
    )
    halve_weights(path)
    write_metadata(path, metadata)


def metadata(accuracy: str, min_face_score: float) -> dict[str, str]:
    return {
        "maskcheck.kind": "face",
        "maskcheck.version": "1",
        "mean": "127.5,127.5,127.5",
        "std": "127.5,127.5,127.5",
        "color": "RGB",
        "license": "Apache-2.0",
        "training_data": TRAINING_DATA,
        "accuracy": accuracy,
        "strides": "8,16,32",
        "detection_size_picture": "640",
        "detection_size_video": "320",
        "picture_scales": "2",
        "min_face_score": f"{min_face_score:g}",
        "nms_iou": "0.45",
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint")
    parser.add_argument("output", type=Path)
    parser.add_argument("--accuracy", default="not measured")
    parser.add_argument("--min-face-score", type=float, default=0.5)
    options = parser.parse_args()
    torch.manual_seed(1)
    network = FaceFinder() if options.checkpoint == "none" else load_finder(options.checkpoint)
    export(network, options.output, metadata(options.accuracy, options.min_face_score))


if __name__ == "__main__":
    main()
