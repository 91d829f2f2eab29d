"""What the landing normaliser promises: records and rejects whatever comes, neighbours whole."""

from __future__ import annotations

import io
import json
from random import Random
from typing import Any

import msgspec

from ingest.records import Limits, Line, read_object
from tests.hostile import values
from tests.hostile.fuzz import WRONG, damaged

LIMITS = Limits(record_bytes=4096, depth=16)
SHORT = tuple(value for value in WRONG if len(str(value)) < 500)
REASONS = {"invalid_json", "invalid_utf8", "not_an_object", "too_large", "too_deep"}


def delivery(number: int) -> tuple[bytes, bytes, bytes]:
    """A damaged record between two whole ones, each on its own line, from a seed."""
    rng = Random(number)
    first, last = (_record(rng, SHORT) for _ in range(2))
    return first, damaged(_record(rng, WRONG), rng), last


def check_delivery(number: int) -> None:
    """Read the delivery of a seed and demand all that holds of any.

    Raises:
        AssertionError: something does not; the seed repeats it.
    """
    first, bad, last = delivery(number)
    data = first + b"\n" + bad + b"\n" + last
    lines: list[bytes] = []
    for item in read_object(lambda: io.BytesIO(data), LIMITS):
        if isinstance(item, Line):
            assert b"\n" not in item.raw, number
            assert len(item.raw) <= LIMITS.record_bytes, number
            assert msgspec.json.decode(item.raw) == item.value, number
            assert isinstance(item.value, dict), number
            lines.append(item.raw)
        else:
            assert item.reason in REASONS, (number, item.reason)
            with item.body as body:
                assert body.read() in data, number
    assert lines[0] == first, number
    assert lines[-1] == last, number


def _record(rng: Random, odd: tuple[Any, ...]) -> bytes:
    record = {
        "id": str(rng.randrange(10**9)),
        "text": rng.choice([text for text in values.TEXTS.values() if len(text) < 500]),
        "nested": [{"a": rng.choice(odd), "b": {"c": [rng.choice(odd)]}}],
    }
    return json.dumps(record, ensure_ascii=rng.random() < 0.5).encode()
