"""Random damage to records (wrong types everywhere) and to delivered bytes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from random import Random
from typing import Any

from tests.hostile import values

WRONG: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, -(2**63), 2**64, 10**38, 0.1, -1e308, 1e-320, "", " ", "0",
    "-1", "1e400", "NaN", "Infinity", "true", "null", "2026-05-01", "2026-13-45T99:99:99Z",
    "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z", "+290000-01-01T00:00:00Z",
    "Fri, 01 May 2026 10:00:00 +9999", "9" * 40, "-" + "9" * 40, "\x00", "\u2028", [], {}, [[]],
    [None], [1, "a", {}], {"": ""}, {"a": [{"b": [1]}]}, [{}, {}], "[1,2", '{"a":', "a" * 5000,
)  # fmt: skip


def mutants(templates: list[Any], rng: Random, count: int) -> Iterator[Any]:
    """Records of which one to six values, at any depth, are of another type or out of range."""
    for _ in range(count):
        record = rng.choice(templates)
        for _ in range(rng.choice((1, 1, 2, 6))):
            paths = list(values.places(record, strings_only=False))
            path = rng.choice(paths)
            record = values.planted(record, path, _wrong(rng))
            if not isinstance(record, dict):
                break
        yield record


def _wrong(rng: Random) -> Any:
    value = rng.choice(WRONG)
    if rng.random() < 0.1:
        return [value] * rng.randrange(4)
    if rng.random() < 0.1:
        return {rng.choice(("id", "sid", "value", "text", "")): value}
    return value


def damaged(data: bytes, rng: Random) -> bytes:
    """Bytes with pieces cut out, doubled, overwritten or moved, mostly where JSON minds."""
    for _ in range(rng.randrange(1, 6)):
        start = rng.randrange(len(data) + 1)
        end = min(len(data), start + rng.choice((1, 1, 2, 7, 50)))
        piece = rng.choice(
            (b"", b"{", b"}", b'"', b"\\", b"[", b"]", b",", b"\n", b"\x00", b"\xff",
             b"\xef\xbb\xbf", b"{}", b'{"a":1}', b"NaN", b"\xed\xa0\x80", b"\x1f\x8b",
             data[start:end] * 2)
        )  # fmt: skip
        data = data[:start] + piece + data[end:]
    return data


def plain(records: list[Any]) -> bytes:
    """Records as a delivery of one record a line."""
    return b"\n".join(json.dumps(record).encode() for record in records)
