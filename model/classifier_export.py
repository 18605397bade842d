"""Measures the trained mask classifier and writes it as ONNX: opset 13, any number of faces, metadata.

    python classifier_export.py --data DIR (--cache DIR | --network FILE.onnx) [--finder FILE] [--output mask.onnx]

The network is that of the cache folder's checkpoint, or of a file exported before, which another finder needs anew: temperature,
the threshold below which a label counts as uncertain and the weights of the second look come from the validation pictures.
Without a finder the file has no second look.
"""

from __future__ import annotations

import argparse
import copy
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from classifier_accuracy import (
    ValidationSet,
    confusion,
    expected_calibration_error,
    fitted_temperature,
    logits_of,
    report_line,
    summary,
    validation_set,
    wilson,
)
from classifier_drawn import drawn_hits, drawn_validation
from classifier_face_score import Candidates, face_score_report
from classifier_network import CLASSES, CROP_SCALE, INPUT_SIZE_PX, MaskClassifier, layers, load_classifier
from data import TRAINING_DATA
from layer_table import total
from onnx_half import halve_weights
from onnx_metadata import write_metadata

MIN_CANDIDATE_SCORE = 0.25  # the finder's score from which on a second look is worth its time
MOST_UNCERTAIN = 0.095  # share of the faces in scenes that may be called uncertain


def uncertainty_threshold(probabilities: NDArray[np.float64]) -> float:
    """The highest threshold, in hundredths, that calls at most MOST_UNCERTAIN of the faces uncertain."""
    top = probabilities.max(1)
    fitting = [t for t in np.arange(0.40, 0.96, 0.01) if (top < t).mean() <= MOST_UNCERTAIN]
    return float(round(fitting[-1], 2)) if fitting else 0.4


def print_report(
    validation: ValidationSet, probabilities: NDArray[np.float64], threshold: float, drawn: dict[str, tuple[int, int]]
) -> None:
    """Accuracy by part of the data, recalls with counts and intervals, calibration, uncertainty, drawn masks."""
    predicted = probabilities.argmax(1)
    for name, part in validation.parts("all", "scenes", "scenes >= 20 px", "single faces", "web", "crops", "celeb"):
        print(report_line(name, predicted[part], validation.labels[part]))
        wrong = predicted[part] != validation.labels[part]
        unsure = probabilities[part].max(1) < threshold
        caught = f"{(wrong & unsure).sum()} of {wrong.sum()} errors"
        error = expected_calibration_error(probabilities[part], validation.labels[part])
        print(f"{'':16} calibration error {error:.4f}, uncertain {unsure.mean():.3f} with {caught}")
    for wear, (hits, count) in drawn.items():
        print(f"drawn {wear:10} {hits / count:.3f} ({hits}/{count})")
    for name, part in validation.parts("all", "scenes >= 20 px"):
        table = confusion(predicted[part], validation.labels[part])
        print(f"\n{name}: rows are the truth, columns the answer, in the order {', '.join(CLASSES)}")
        for k, label in enumerate(CLASSES):
            low, high = wilson(int(table[k, k]), int(table[k].sum()))
            print(f"  {label:22} {table[k]} recall {table[k, k]}/{table[k].sum()} [{low:.3f}, {high:.3f}]")


class LabelsAlone(torch.nn.Module):
    """The classifier without its second output."""

    def __init__(self, network: MaskClassifier) -> None:
        super().__init__()
        self.network = network

    def forward(self, crop: torch.Tensor) -> torch.Tensor:
        return self.network(crop)[0]


def write_onnx(
    network: MaskClassifier, path: Path, temperature: float, min_mask_probability: float, face_score: list[float] | None, accuracy: str
) -> None:
    """Writes the network with float16 weights; the normalisations are folded into the convolutions."""
    plain = copy.deepcopy(network).to(memory_format=torch.contiguous_format).eval()
    outputs = ["logits", "face"] if face_score else ["logits"]
    torch.onnx.export(
        plain if face_score else LabelsAlone(plain),
        (torch.zeros(1, 3, INPUT_SIZE_PX, INPUT_SIZE_PX),),
        str(path),
        opset_version=13,
        input_names=["crop"],
        output_names=outputs,
        dynamic_axes={name: {0: "N"} for name in ("crop", *outputs)},
    )
    halve_weights(path)
    second_look = {} if face_score is None else {
        "face_score": ",".join(f"{weight:g}" for weight in face_score), "min_candidate_score": f"{MIN_CANDIDATE_SCORE:g}",
    }
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
            **second_look,
        },
    )


def export(data: Path, network: MaskClassifier, finder: Path | None, output: Path) -> None:
    """Measures and writes the network."""
    validation = validation_set(data)
    logits = logits_of(network, validation.inputs)
    temperature = round(fitted_temperature(logits, validation.labels), 3)
    probabilities = torch.softmax(logits / temperature, 1).double().numpy()
    threshold = uncertainty_threshold(probabilities[validation.part("scenes")])
    macs, parameters = total(layers(network))
    print(f"{macs:,} multiply-adds per face, {parameters:,} parameters, temperature {temperature}, uncertain below {threshold}")
    print_report(validation, probabilities, threshold, drawn_hits(network, drawn_validation(data)))

    parts = []
    for name, part in validation.parts("all", "scenes >= 20 px"):
        accuracy, balanced, recalls = summary(confusion(probabilities[part].argmax(1), validation.labels[part]))
        shown = " / ".join(f"{r:.3f}" for r in recalls)
        parts.append(f"{name}: {accuracy:.3f}, balanced {balanced:.3f}, recalls {shown} (n {part.sum()})")
    second_look = face_score_report(network, Candidates(data, finder)) if finder else {}
    for name, values in second_look.items():
        print(name, values)
    write_onnx(network, output, temperature, threshold, second_look.get("face_score"), "validation faces, " + "; ".join(parts))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--cache", type=Path)
    source.add_argument("--network", type=Path)
    parser.add_argument("--finder", type=Path)
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "mask.onnx")
    arguments = parser.parse_args()
    stored = arguments.network or arguments.cache / "checkpoint.pt"
    export(arguments.data, load_classifier(stored), arguments.finder, arguments.output)
