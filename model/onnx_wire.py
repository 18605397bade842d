"""The little of protobuf's wire format and of ONNX's messages that rewriting a file takes, without the onnx package.

A message is a row of fields; a message followed by more fields is the merge of both.
"""
from __future__ import annotations

from pathlib import Path

# Numbers of fields
GRAPH = 7  # of ModelProto
NODE, INITIALIZER = 1, 5  # of GraphProto
NODE_INPUT, NODE_OP_TYPE = 1, 4  # of NodeProto
DIMS, DATA_TYPE, NAME, RAW_DATA = 1, 2, 8, 9  # of TensorProto
FLOAT, FLOAT16 = 1, 10  # values of DATA_TYPE

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


def field(number: int, payload: bytes) -> bytes:
    return _varint(number << 3 | _LENGTH_DELIMITED) + _varint(len(payload)) + payload


def fields(data: bytes) -> list[tuple[int, bytes, bytes]]:
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


def integer(whole: bytes) -> int:
    """The value of a whole varint field."""
    _, at = _read_varint(whole, 0)
    return _read_varint(whole, at)[0]


def integer_field(number: int, value: int) -> bytes:
    return _varint(number << 3) + _varint(value)


def replace_file(path: Path, content: bytes) -> None:
    """In one step: a reader never sees half a file."""
    partial = path.with_name(path.name + ".partial")
    partial.write_bytes(content)
    partial.replace(path)
