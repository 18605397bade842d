"""Pictures and labels of a data folder, the same for both trainers and for the reports.

Two layouts are read:
* uniform: `scenes/labels.jsonl` (+ optional `faces/labels.jsonl` and `backgrounds/*.jpg`);
* the Kaggle set `andrewmvd/face-mask-detection` as published: `images/*.png` and
  `annotations/*.xml` (Pascal VOC), which becomes the source `scenes`.

Of the Kaggle set the scenes listed by number in `kaggle-validation.json` are for validation, on
which the shipped networks were not trained; of other pictures in its layout every sixth is.
Single faces that are in both splits are left out of val: byte for byte the same, or listed as
source/stem in `seen-validation.json` because they show a photograph that training has otherwise
cut, resized or coloured.

Labels are the three strings of `LABELS`; CompreFace's and Kaggle's spellings are translated.
Boxes are in pixels of the picture: top left corner, width, height, not clamped.
"""
from __future__ import annotations

import json
import math
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

# For the metadata of the exported files; MODEL.md says more.
TRAINING_DATA = (
    "Kaggle andrewmvd/face-mask-detection (CC0), chandrikadeb7/Face-Mask-Detection (MIT), Kaggle ashishjangra27/face-mask-12k-images-dataset (CC0); "
    "without people: COCO128 and Flickr (Creative Commons), Debian's gcompris-qt-data and tuxpaint-stamps-default (free licences); "
    "masks drawn on unmasked faces"
)
LABELS = ("without_mask", "mask_worn_incorrectly", "mask_worn_correctly")
KEYPOINTS = ("right_eye", "left_eye", "nose", "mouth", "right_ear", "left_ear")  # the person's right first

_SPELLINGS = {
    "with_mask": "mask_worn_correctly",
    "mask_weared_incorrect": "mask_worn_incorrectly",
    "mask_weared_incorrectly": "mask_worn_incorrectly",
}

_KAGGLE_VALIDATION = Path(__file__).with_name("kaggle-validation.json")
_SEEN_VALIDATION = Path(__file__).with_name("seen-validation.json")
# Pictures without a split of their own go to val by position in the sorted list.
_OTHER_VAL_EVERY = 6
_BACKGROUND_VAL_EVERY = 4


class DataError(SystemExit):
    """The data folder is missing, empty or malformed; the message says where. Uncaught it ends a program with that message alone."""

    def __init__(self, message: str) -> None:
        super().__init__(f"error: {message}")


@dataclass(frozen=True)
class Face:
    """One labelled face. `score` is 1 for boxes drawn by hand, else the confidence of the finder
    that drew the box. `keypoints` maps names of KEYPOINTS to (x, y) px, or is None."""

    x: float
    y: float
    width: float
    height: float
    label: str
    score: float = 1.0
    keypoints: dict[str, tuple[float, float]] | None = None

    @property
    def corners(self) -> tuple[float, float, float, float]:
        """(x1, y1, x2, y2) px."""
        return self.x, self.y, self.x + self.width, self.y + self.height

    @property
    def size_px(self) -> float:
        return max(self.width, self.height)


@dataclass(frozen=True)
class Picture:
    """One picture. `source` is `scenes` (every face labelled), `web`, `crops`, `celeb` (one face
    labelled; `faces_seen` > 1 says that more were seen) or `backgrounds` (no faces)."""

    path: Path
    source: str
    split: str
    faces: tuple[Face, ...]
    faces_seen: int = 1


def label_index(label: str) -> int:
    return LABELS.index(label)


def load_data(folder: str | Path) -> list[Picture]:
    """Every picture of the data folder, in a fixed order. Raises DataError."""
    root = Path(folder)
    if not root.is_dir():
        raise DataError(f"data folder not found: {root}")
    if (root / "annotations").is_dir() and (root / "images").is_dir():
        return _load_kaggle(root)
    if not (root / "scenes" / "labels.jsonl").is_file():
        raise DataError(
            f"{root} holds neither scenes/labels.jsonl nor the Kaggle layout (images/*.png and annotations/*.xml)"
        )
    pictures = _load_scenes(root / "scenes")
    if (root / "faces" / "labels.jsonl").is_file():
        pictures += _load_single_faces(root / "faces")
    if (root / "backgrounds").is_dir():
        pictures += _load_backgrounds(root / "backgrounds")
    return pictures


def select(pictures: list[Picture], sources: str | tuple[str, ...], split: str | None = None) -> list[Picture]:
    """The pictures of one or several sources, of one split (None: both), in order."""
    wanted = (sources,) if isinstance(sources, str) else sources
    return [p for p in pictures if p.source in wanted and (split is None or p.split == split)]


def _label(text: str, where: str) -> str:
    label = _SPELLINGS.get(text, text)
    if label not in LABELS:
        raise DataError(f"{where}: unknown label {text!r}")
    return label


def _box(x: float, y: float, width: float, height: float, where: str) -> tuple[float, float, float, float]:
    if not (all(map(math.isfinite, (x, y, width, height))) and width > 0 and height > 0):
        raise DataError(f"{where}: empty or missing box")
    return x, y, width, height


def _read_lines(path: Path, picture_of: Callable[[dict, str], Picture]) -> list[Picture]:
    pictures = []
    seen: set[Path] = set()
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        where = f"{path}:{number}"
        try:
            record = json.loads(line)
            record.setdefault("split", "val")
            picture = picture_of(record, where)
        except json.JSONDecodeError as error:
            raise DataError(f"{where}: not JSON: {error}") from error
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            raise DataError(f"{where}: something is missing or of another kind: {error!r}") from error
        if not isinstance(picture.split, str):
            raise DataError(f"{where}: split {picture.split!r}: a name, like train or val")
        if picture.path in seen:
            raise DataError(f"{where}: {picture.path} is listed twice")
        seen.add(picture.path)
        pictures.append(picture)
    return pictures


def _load_scenes(folder: Path) -> list[Picture]:
    def picture_of(record: dict, where: str) -> Picture:
        faces = tuple(
            Face(*_box(f["x"], f["y"], f["width"], f["height"], where), _label(f["label"], where)) for f in record["faces"]
        )
        return Picture(folder / record["file"], "scenes", record["split"], faces, len(faces))

    return _read_lines(folder / "labels.jsonl", picture_of)


def _load_single_faces(folder: Path) -> list[Picture]:
    def picture_of(record: dict, where: str) -> Picture:
        box, points = record["box"], record.get("keypoints")
        face = Face(
            *_box(box["x"], box["y"], box["width"], box["height"], where), _label(record["label"], where), box.get("score", 1.0),
            {name: (float(points[name][0]), float(points[name][1])) for name in KEYPOINTS} if points else None,
        )
        folders = record["file"].split("/")[:-1]
        source = folders[1] if len(folders) > 1 else "faces"
        return Picture(folder / record["file"], source, record["split"], (face,), record.get("faces_seen", 1))

    return _without_seen(_read_lines(folder / "labels.jsonl", picture_of))


def _without_seen(pictures: list[Picture]) -> list[Picture]:
    """Without those validation pictures that training has, too: they would show nothing."""
    listed = set(json.loads(_SEEN_VALIDATION.read_text(encoding="utf-8")))
    by_size: dict[int, list[Path]] = {}
    for picture in pictures:
        if picture.split == "train" and picture.path.is_file():
            by_size.setdefault(picture.path.stat().st_size, []).append(picture.path)

    def is_seen(picture: Picture) -> bool:
        if f"{picture.source}/{picture.path.stem}" in listed:
            return True
        alike = by_size.get(picture.path.stat().st_size) if picture.path.is_file() else None
        if alike is None:
            return False
        contents = picture.path.read_bytes()
        return any(other.read_bytes() == contents for other in alike)

    return [p for p in pictures if p.split != "val" or not is_seen(p)]


def _load_backgrounds(folder: Path) -> list[Picture]:
    files = sorted(folder.glob("*.jpg"))
    return [
        Picture(path, "backgrounds", "val" if index % _BACKGROUND_VAL_EVERY == 0 else "train", (), 0)
        for index, path in enumerate(files)
    ]


def _load_kaggle(root: Path) -> list[Picture]:
    pictures = []
    validation = {f"maksssksksss{number}" for number in json.loads(_KAGGLE_VALIDATION.read_text(encoding="utf-8"))}
    annotations = sorted((root / "annotations").glob("*.xml"))
    if not validation & {annotation.stem for annotation in annotations}:
        validation = {annotation.stem for annotation in annotations[::_OTHER_VAL_EVERY]}
    for annotation in annotations:
        image = root / "images" / (annotation.stem + ".png")
        if not image.is_file():
            raise DataError(f"{annotation}: picture {image} is missing")
        try:
            tree = ElementTree.parse(annotation)
        except ElementTree.ParseError as error:
            raise DataError(f"{annotation}: not XML: {error}") from error
        faces = []
        for item in tree.iter("object"):
            try:
                x1, y1, x2, y2 = (float(item.findtext(f"bndbox/{k}", "nan")) for k in ("xmin", "ymin", "xmax", "ymax"))
            except ValueError as error:
                raise DataError(f"{annotation}: {error}") from error
            box = _box(x1, y1, x2 - x1, y2 - y1, str(annotation))
            faces.append(Face(*box, _label(item.findtext("name", "").strip(), str(annotation))))
        split = "val" if annotation.stem in validation else "train"
        pictures.append(Picture(image, "scenes", split, tuple(faces), len(faces)))
    if not pictures:
        raise DataError(f"no annotations in {root / 'annotations'}")
    return pictures


def main() -> None:
    """Prints how many pictures and faces each source and split holds."""
    if len(sys.argv) != 2:
        sys.exit("usage: data.py DATA_FOLDER")
    pictures = load_data(sys.argv[1])
    for source in dict.fromkeys(p.source for p in pictures):
        for split in sorted({p.split for p in pictures if p.source == source}):
            chosen = select(pictures, source, split)
            counts = [sum(f.label == label for p in chosen for f in p.faces) for label in LABELS]
            print(f"{source:12s}{split:6s}{len(chosen):6d} pictures, faces:",
                  ", ".join(f"{n} {label}" for n, label in zip(counts, LABELS)))


if __name__ == "__main__":
    main()
