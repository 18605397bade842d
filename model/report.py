"""Draws the model card's diagrams as SVG files: training curves, confusion matrices, precision and recall, reliability.

    report.py --accuracy FILE.json [--finder-log FILE.jsonl] [--classifier-log FILE.jsonl] [--output report]

FILE.json comes from `npm run accuracy -- --data DATA --json FILE.json`, the logs from the trainings. Without a log its diagram
is left as it is. The same input gives the same bytes. Colours suit light and dark pages, the background is transparent.
"""
from __future__ import annotations

import argparse
import io
import json
import math
import re
from pathlib import Path

import matplotlib

matplotlib.use("svg")

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from data import LABELS

PANEL_IN = (3.6, 2.8)
GREY = "#767676"  # contrast above 4 with white and with the black of dark pages
COLOURS = ("#2f7fd0", "#d9730d", "#2e9e5b", "#a65fd0", "#c9a000", "#d04a6e")
SHORT_LABELS = dict(zip(LABELS, ("without", "incorrectly", "correctly")))
DRAWN_SHARES = ("correct", "nose_out", "mouth_only", "chin")
MATRICES = {"scenes, faces >= 20 px": "scenes, faces ≥ 20 px", "celeb": "portraits without masks", "web": "web pictures"}
CURVE_SIZES_PX = (640, 320)

matplotlib.rcParams.update({
    "svg.hashsalt": "maskcheck", "svg.fonttype": "none",
    "font.family": "sans-serif", "font.sans-serif": ["DejaVu Sans"], "font.size": 8, "axes.titlesize": 9,
    "text.color": GREY, "axes.labelcolor": GREY, "axes.titlecolor": GREY, "axes.edgecolor": GREY, "xtick.color": GREY,
    "ytick.color": GREY, "axes.grid": True, "grid.color": GREY, "grid.alpha": 0.25, "grid.linewidth": 0.5,
    "axes.spines.top": False, "axes.spines.right": False, "legend.frameon": False, "legend.fontsize": 7,
    "axes.prop_cycle": matplotlib.cycler(color=COLOURS), "lines.linewidth": 1.3, "figure.facecolor": "none",
    "axes.facecolor": "none", "savefig.facecolor": "none",
})


def read_log(path: Path) -> list[dict]:
    """The log's records by step. A run that was interrupted repeats steps: the last record of a kind counts."""
    records: dict[tuple, dict] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        records[tuple(sorted(record.keys() - {"val"})), record["step"]] = record
    return sorted(records.values(), key=lambda record: record["step"])


def series(records: list[dict], *keys: str) -> tuple[list[int], list[float]]:
    """Steps and values of what lies below `keys` in the records that have it."""
    steps, values = [], []
    for record in records:
        value = record
        for key in keys:
            value = value.get(key) if isinstance(value, dict) else value[int(key)] if value is not None else None
        if value is not None:
            steps.append(record["step"])
            values.append(value)
    return steps, values


def panels(count: int, width_in: float = PANEL_IN[0]) -> tuple[Figure, list[Axes]]:
    figure, axes = plt.subplots(1, count, figsize=(width_in * count, PANEL_IN[1]), layout="constrained", squeeze=False)
    return figure, list(axes[0])


def save(figure: Figure, path: Path) -> None:
    """Writes the diagram without what no reader sees: metadata, line breaks, hundredths of a pixel."""
    drawn = io.StringIO()
    figure.savefig(drawn, metadata={"Date": None, "Creator": None})
    plt.close(figure)
    text = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", drawn.getvalue(), flags=re.DOTALL)
    text = re.sub(r' transform="rotate\(-0 [^"]*"|(?<=<g) id="[a-zA-Z0-9]+_\d+"', "", text)
    text = re.sub(r"<[^>]*>", lambda tag: re.sub(r"-?\d+\.\d{2,}", lambda number: f"{float(number[0]):.4g}", tag[0]), text)
    text = re.sub(r"\s*\n\s*", "\n", text).replace(" \n", "\n")
    path.write_text(re.sub(r"(?<=[\d.z])\n(?=[LCQMz\"])", " ", text), encoding="utf-8")
    print(f"{path.name}: {path.stat().st_size} bytes")


def finish_curves(axis: Axes, title: str, x_label: str = "step", legend_below: bool = False) -> None:
    """Title, x label and legend; `legend_below`: room for the legend below the curves."""
    axis.set_title(title)
    axis.set_xlabel(x_label)
    axis.locator_params(axis="x", nbins=6)
    names = axis.get_legend_handles_labels()[1]
    if legend_below:
        low, high = axis.get_ylim()
        axis.set_ylim(low - 0.1 * len(names) * (high - low), high)
    if names:
        axis.legend(loc="lower right" if legend_below else "best")


def draw_finder_training(log: list[dict], path: Path) -> None:
    figure, (losses, precisions) = panels(2)
    for key, label in (("score_loss", "score"), ("box_loss", "box")):
        losses.plot(*series(log, key), label=label)
    losses.set_ylim(0, 2)
    finish_curves(losses, "Loss, mean of 100 steps")
    for index, label in enumerate(("all", "≥ 16 px", "≥ 32 px", "≥ 64 px")):
        precisions.plot(*series(log, "ap50_at_416", str(index)), label=label, marker=".")
    finish_curves(precisions, "AP50 on validation scenes, long side 416 px", legend_below=True)
    save(figure, path)


def draw_classifier_training(log: list[dict], path: Path) -> None:
    figure, (losses, recalls, drawn, looks) = panels(4)
    losses.plot(*series(log, "loss"))
    finish_curves(losses, "Loss of labels, second look and hints")
    for index, label in enumerate(LABELS):
        recalls.plot(*series(log, "val", "scenes >= 20 px", "recalls", str(index)), label=SHORT_LABELS[label], marker=".")
    finish_curves(recalls, "Recall on validation scenes, faces ≥ 20 px", legend_below=True)
    drawn.plot(*series(log, "val", "celeb", "accuracy"), label="no mask", marker=".")
    for wear in DRAWN_SHARES:
        drawn.plot(*series(log, "val", f"drawn {wear}", "accuracy"), label=f"drawn: {wear.replace('_', ' ')}", marker=".")
    finish_curves(drawn, "Accuracy on validation portraits", legend_below=True)
    for size in ("640", "320"):
        for index, faces in ((1, "≥ 16 px"), (2, "≥ 32 px")):
            looks.plot(*series(log, "val", "faces", f"AP50 {size}", str(index)), label=f"{size} px, faces {faces}", marker=".")
    finish_curves(looks, "AP50 on validation scenes after the second look", legend_below=True)
    save(figure, path)


def draw_confusions(labels: dict[str, dict], path: Path) -> None:
    """One matrix per source: counts, and their share of the row as the strength of the colour."""
    chosen = [(title, labels[name]["confusion"]) for name, title in MATRICES.items() if name in labels]
    figure, axes = panels(len(chosen), 3.0)
    for axis, (title, confusion) in zip(axes, chosen):
        for row, truth in enumerate(LABELS):
            total = sum(confusion[truth].values())
            for column, given in enumerate(LABELS):
                count = confusion[truth][given]
                share = count / total if total else 0
                if count:
                    axis.add_patch(plt.Rectangle((column - 0.48, row - 0.48), 0.96, 0.96, color=COLOURS[0], alpha=0.12 + 0.88 * share, lw=0))
                text = f"{count}\n{100 * share:.1f} %" if total else "–"
                axis.text(column, row, text, ha="center", va="center", color="#ffffff" if share > 0.5 else GREY)
        names = [SHORT_LABELS[label] for label in LABELS]
        axis.set_xticks(range(len(LABELS)), names)
        axis.set_yticks(range(len(LABELS)), names)
        axis.set(xlim=(-0.5, len(LABELS) - 0.5), ylim=(len(LABELS) - 0.5, -0.5), xlabel="answer", title=title)
        axis.tick_params(length=0)
        axis.grid(False)
    axes[0].set_ylabel("truth")
    save(figure, path)


def draw_precision_recall(finder: list[dict], path: Path) -> None:
    chosen = [entry for entry in finder if entry["size"] in CURVE_SIZES_PX]
    figure, axes = panels(len(chosen))
    for axis, entry in zip(axes, chosen):
        for part in entry["ap50"]:
            reached = [(step / 100, value) for step, value in enumerate(part["curve"]) if value > 0]
            if reached:
                size = f"≥ {part['minSize']} px" if part["minSize"] else "all"
                axis.plot(*zip(*reached), label=f"{size}: {part['ap']:.3f}")
        axis.set(xlim=(0, 1.01), ylim=(0, 1.02), ylabel="precision")
        finish_curves(axis, f"Faces in validation scenes, long side {entry['size']} px", "recall")
    save(figure, path)


def draw_reliability(labels: dict[str, dict], path: Path) -> None:
    """Share right over mean probability; the area of a dot is in proportion to its number of answers."""
    names = [name for name in ("scenes, faces >= 20 px", "all of these") if name in labels]
    figure, axes = panels(len(names))
    for axis, name in zip(axes, names):
        bins = labels[name]["calibration"]
        total = sum(part["count"] for part in bins)
        axis.plot([0.3, 1], [0.3, 1], color=GREY, lw=0.8, ls="--")
        xs, ys = [part["probability"] for part in bins], [part["right"] for part in bins]
        areas = [8 + 400 * part["count"] / total for part in bins]
        axis.scatter(xs, ys, s=areas, color=COLOURS[0], alpha=0.55, lw=0)
        for x, y, area, part in zip(xs, ys, areas, bins):
            axis.annotate(str(part["count"]), (x, y), (0, -8 - math.sqrt(area) / 2), textcoords="offset points", ha="center", fontsize=6)
        axis.set(xlim=(0.3, 1.05), ylim=(-0.12, 1.1), ylabel="share right")
        title = name.replace(">=", "≥").replace("all of these", "all validation faces")
        finish_curves(axis, f"{title}: error {labels[name]['calibrationError']:.3f}", "highest probability")
    save(figure, path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accuracy", type=Path, required=True)
    parser.add_argument("--finder-log", type=Path)
    parser.add_argument("--classifier-log", type=Path)
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "report")
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    accuracy = json.loads(options.accuracy.read_text(encoding="utf-8"))
    if options.finder_log:
        draw_finder_training(read_log(options.finder_log), options.output / "finder-training.svg")
    if options.classifier_log:
        draw_classifier_training(read_log(options.classifier_log), options.output / "classifier-training.svg")
    draw_confusions(accuracy["labels"], options.output / "confusion.svg")
    draw_precision_recall(accuracy["finder"], options.output / "precision-recall.svg")
    draw_reliability(accuracy["labels"], options.output / "reliability.svg")


if __name__ == "__main__":
    main()
