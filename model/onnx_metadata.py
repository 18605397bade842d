"""Reads and writes `metadata_props` of an ONNX file without the onnx package.

It is field 14 of ModelProto; each entry is StringStringEntryProto {1: key, 2: value}.
"""
from __future__ import annotations

from pathlib import Path

from onnx_wire import field, fields, replace_file

_METADATA_FIELD = 14


def read_metadata(path: str | Path) -> dict[str, str]:
    entries = {}
    for number, payload, _ in fields(Path(path).read_bytes()):
        if number == _METADATA_FIELD:
            parts = {n: p.decode("utf-8") for n, p, _ in fields(payload)}
            entries[parts.get(1, "")] = parts.get(2, "")
    return entries


def write_metadata(path: str | Path, entries: dict[str, str]) -> None:
    """Replaces all metadata of the file by `entries`."""
    target = Path(path)
    body = b"".join(whole for number, _, whole in fields(target.read_bytes()) if number != _METADATA_FIELD)
    for key, value in entries.items():
        body += field(_METADATA_FIELD, field(1, key.encode("utf-8")) + field(2, value.encode("utf-8")))
    replace_file(target, body)
