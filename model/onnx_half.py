"""Stores the weights of an ONNX file as float16, rounded so that they compress: less than half the download, the same graph.

    onnx_half.py FILE.onnx

Every large float32 initialiser becomes a float16 one with a Cast in front of its use. Runtimes fold the Cast when they load the
file and compute in float32 as before, so nothing changes but the rounding of the weights. Running it again changes nothing.
"""
from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from arrays import Floats
from onnx_wire import DATA_TYPE, FLOAT, FLOAT16, GRAPH, INITIALIZER, NAME, NODE, RAW_DATA, field, fields, integer, integer_field, replace_file

HALF_SUFFIX = b".half"  # of the name of what is stored as float16
_FEWEST = 64  # smaller ones, such as biases, are not worth a node
_SIGNIFICANT_BITS = 9  # of the 11 that float16 has; the others are zero, which saves an eighth of the compressed file


def _rounded(values: Floats) -> NDArray[np.float16]:
    mantissa, exponent = np.frexp(values)
    return np.ldexp(np.round(np.ldexp(mantissa, _SIGNIFICANT_BITS)), exponent - _SIGNIFICANT_BITS).astype("<f2")


def _halved(tensor: bytes) -> tuple[bytes, bytes] | None:
    """An initialiser as float16 and the Cast node that gives it back under its old name; None if it stays."""
    parts = fields(tensor)
    kind = next(integer(whole) for number, _, whole in parts if number == DATA_TYPE)
    raw = next((payload for number, payload, _ in parts if number == RAW_DATA), b"")
    if kind != FLOAT or len(raw) < 4 * _FEWEST:
        return None
    name = next(payload for number, payload, _ in parts if number == NAME)
    stored = name + HALF_SUFFIX
    values = _rounded(np.frombuffer(raw, "<f4"))
    if not np.isfinite(values).all():
        raise ValueError(f"{name.decode()} has values beyond float16")
    changed = {
        DATA_TYPE: integer_field(DATA_TYPE, FLOAT16),
        NAME: field(NAME, stored),
        RAW_DATA: field(RAW_DATA, values.tobytes()),
    }
    to_float = field(1, b"to") + integer_field(3, FLOAT) + integer_field(20, 2)  # AttributeProto: name, i, type INT
    node = field(1, stored) + field(2, name) + field(3, name + b".cast") + field(4, b"Cast") + field(5, to_float)
    return b"".join(changed.get(number, whole) for number, _, whole in parts), node


def _halve_graph(graph: bytes) -> bytes:
    casts, rest = b"", b""
    for number, payload, whole in fields(graph):
        halved = _halved(payload) if number == INITIALIZER else None
        if halved is None:
            rest += whole
        else:
            rest += field(INITIALIZER, halved[0])
            casts += field(NODE, halved[1])
    return casts + rest  # nodes are in order of execution, so the casts come first


def halve_weights(path: str | Path) -> None:
    target = Path(path)
    parts = fields(target.read_bytes())
    replace_file(target, b"".join(
        field(GRAPH, _halve_graph(payload)) if number == GRAPH else whole for number, payload, whole in parts))


if __name__ == "__main__":
    halve_weights(sys.argv[1])
