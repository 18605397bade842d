"""Writes `metadata_props` of an ONNX file without the onnx package.

It is field 14 of ModelProto; each entry is StringStringEntryProto {1: key, 2: value}.
"""
from __future__ import annotations

from pathlib import Path

from onnx_wire import field, fields, replace_file

_METADATA_FIELD = 14


def write_metadata(path: str | Path, entries: dict[str, str]) -> None:
    """Replaces all metadata of the file by `entries`."""
    target = Path(path)
    body = b"".join(whole for number, _, whole in fields(target.read_bytes()) if number != _METADATA_FIELD)
    for key, value in entries.items():
        body += field(_METADATA_FIELD, field(1, key.encode("utf-8")) + field(2, value.encode("utf-8")))
    replace_file(target, body)
