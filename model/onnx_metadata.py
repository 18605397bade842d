"""Writes `metadata_props` into an ONNX file without the onnx package.

A protobuf message followed by more fields is the merge of both, so repeated fields can simply be
appended. `metadata_props` is field 14 of ModelProto; each entry is StringStringEntryProto
{1: key, 2: value}. Entries that are already there are dropped first, so writing twice is safe.
"""
from __future__ import annotations

from pathlib import Path

_METADATA_FIELD = 14
_LENGTH_DELIMITED = 2


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def _field(number: int, payload: bytes) -> bytes:
    return _varint(number << 3 | _LENGTH_DELIMITED) + _varint(len(payload)) + payload


def _fields(data: bytes) -> list[tuple[int, bytes, bytes]]:
    """Top-level fields as (number, payload, whole field); payload is empty unless length-delimited."""
    out = []
    at = 0
    while at < len(data):
        start = at
        tag, at = _read_varint(data, at)
        kind = tag & 7
        payload = b""
        if kind == 0:
            _, at = _read_varint(data, at)
        elif kind == 1:
            at += 8
        elif kind == 5:
            at += 4
        elif kind == _LENGTH_DELIMITED:
            size, at = _read_varint(data, at)
            payload = data[at:at + size]
            at += size
        else:
            raise ValueError(f"not an ONNX file: wire type {kind} at byte {start}")
        out.append((tag >> 3, payload, data[start:at]))
    return out


def read_metadata(path: str | Path) -> dict[str, str]:
    entries = {}
    for number, payload, _ in _fields(Path(path).read_bytes()):
        if number == _METADATA_FIELD:
            parts = {n: p.decode("utf-8") for n, p, _ in _fields(payload)}
            entries[parts.get(1, "")] = parts.get(2, "")
    return entries


def write_metadata(path: str | Path, entries: dict[str, str]) -> None:
    """Replaces all metadata of the file by `entries`."""
    target = Path(path)
    body = b"".join(whole for number, _, whole in _fields(target.read_bytes()) if number != _METADATA_FIELD)
    for key, value in entries.items():
        body += _field(_METADATA_FIELD, _field(1, key.encode("utf-8")) + _field(2, value.encode("utf-8")))
    partial = target.with_name(target.name + ".partial")  # replaced in one step: a reader never sees half a file
    partial.write_bytes(body)
    partial.replace(target)
