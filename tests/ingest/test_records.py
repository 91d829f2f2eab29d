"""Delivered bytes become records, and one poisoned record never takes its neighbours with it."""

from __future__ import annotations

import gzip
import io
import json
import random
from itertools import pairwise

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.inflate import InflateLimits
from ingest.records import Limits, Line, Splitter, read_object
from tests.ingest.helpers import items, read, split

A, B, C = b'{"n": 1, "t": "a b"}', b'{"n":2.50,"t":"\\u00e9}{"}', b'{"n":3,"deep":[{"x":[]}]}'
SMALL = Limits(record_bytes=200, depth=5)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(A + b"\n" + B + b"\n" + C + b"\n", id="newline-delimited"),
        pytest.param(A + b"\r\n" + B + b"\r\n" + C, id="CRLF"),
        pytest.param(A + b"\n\n  \n" + B + b"\n" + C + b"\n\n", id="blank-lines"),
        pytest.param(A + B + C, id="concatenated"),
        pytest.param(A + b" " + B + b"\n" + C, id="mixed"),
        pytest.param(b"\xef\xbb\xbf" + A + b"\n" + B + b"\n" + C, id="BOM"),
        pytest.param(b"[" + A + b", " + B + b"\n,\n" + C + b"]", id="array"),
        pytest.param(b"[" + A + b"]\n[" + B + b"," + C + b"]\n", id="array-a-line"),
        pytest.param(gzip.compress(A + b"\n" + B + b"\n" + C), id="gzip"),
        pytest.param(gzip.compress(A) + gzip.compress(B + C), id="gzip-members"),
        pytest.param(zstandard.compress(A + b"\n" + B + b"\n" + C), id="zstd"),
        pytest.param(zstandard.compress(A) + zstandard.compress(B + C), id="zstd-frames"),
    ],
)
def test_every_layout_gives_the_same_records_verbatim(data: bytes) -> None:
    assert split(data) == ([A, B, C], [])


def test_nothing_comes_of_nothing() -> None:
    assert split(b"") == split(b" \n\r\n") == split(b"\xef\xbb\xbf") == split(b"[]") == ([], [])


def test_a_pretty_printed_document_becomes_one_line() -> None:
    value = {"a": [{"b": 1}, {}], "c": "d"}
    pretty = json.dumps(value, indent=1).encode()
    records, rejects = split(pretty + b"\n" + pretty.replace(b"\n", b"\r\n"))
    assert rejects == []
    assert [json.loads(record) for record in records] == [value, value]
    assert all(b"\n" not in record for record in records)


@pytest.mark.parametrize(
    ("poison", "reason"),
    [
        (b'{"n": 1,}', "invalid_json"),
        (b'{"n": NaN}', "invalid_json"),
        (b'{"n": 1e400}', "invalid_json"),
        (b'{"t": "lone \\ud800"}', "invalid_json"),
        (b'{"t": "raw \x00"}', "invalid_json"),
        (b'{"t": "cut', "invalid_json"),
        (b'{"t": {"u": [1, 2', "invalid_json"),
        (b'{"t": [1}}', "invalid_json"),
        (b"2026-05-01 INFO started {", "invalid_json"),
        (b"}", "invalid_json"),
        (b"\x00\x00\x00", "invalid_json"),
        (b'{"t": "\xff\xfe"}', "invalid_utf8"),
        (b'{"t": "\xed\xa0\x80"}', "invalid_utf8"),
        (b'{"t": [[[[[1]]]]]}', "too_deep"),
        (b'{"t": ' + b"[" * 90 + b"]" * 90 + b"}", "too_deep"),
        (b'{"t": "' + b"x" * 200 + b'"}', "too_large"),
        (b'{"t": "' + b"x" * 5000 + b'"}', "too_large"),
        (b'{"t": "' + b"x" * 5000, "too_large"),
        (b'{"t":\n [\n' + b"  0,\n" * 900 + b"  1]}", "too_large"),
        (b"x" * 5000, "too_large"),
        (b"null", "not_an_object"),
        (b'"text"', "not_an_object"),
        (b"12.5", "not_an_object"),
    ],
)
def test_a_poisoned_line_is_rejected_byte_for_byte_and_alone(poison: bytes, reason: str) -> None:
    records, rejects = split(b"\n".join([A, poison, B, C]), SMALL)
    assert records == [A, B, C]
    assert rejects == [(reason, poison)]
    assert split(b"\n".join([A, B, C, poison]), SMALL) == ([A, B, C], [(reason, poison)])


def test_nesting_beyond_the_interpreters_stack_is_a_reject() -> None:
    poison = b'{"t":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    assert split(A + b"\n" + poison + b"\n" + B) == ([A, B], [("too_deep", poison)])


def test_the_limits_themselves_are_allowed() -> None:
    large = b'{"t":"' + b"x" * 192 + b'"}'
    assert len(large) == SMALL.record_bytes
    assert split(large + b"\n" + b'{"t": [[[[1]]]]}', SMALL) == ([large, b'{"t": [[[[1]]]]}'], [])


def test_many_flat_containers_are_not_deep() -> None:
    flat = b'{"t":[' + b",".join([b"[]"] * 90) + b"]}"
    assert split(flat, Limits(depth=3)) == ([flat], [])


def test_a_poisoned_record_between_concatenated_ones_is_rejected_alone() -> None:
    cut = b'{"n": 7, "o": {"p": 1}'
    assert split(A + cut + B + C) == ([A, B, C], [("invalid_json", cut)])


def test_an_oversized_record_between_concatenated_ones_is_rejected_alone() -> None:
    large = b'{"t": "' + b"y" * 3000 + b'"}'
    assert split(A + large + B, SMALL) == ([A, B], [("too_large", large)])


def test_a_poisoned_element_of_an_array_is_rejected_alone() -> None:
    data = b"[" + A + b', {"n": tru}, 5, ' + B + b"]"
    assert split(data) == ([A, B], [("invalid_json", b'{"n": tru}'), ("not_an_object", b"5")])


def test_a_cut_array_keeps_its_whole_elements() -> None:
    assert split(b"[" + A + b"," + B[:-4]) == ([A], [("invalid_json", B[:-4])])


@pytest.mark.parametrize("compress", [gzip.compress, zstandard.compress], ids=["gzip", "zstd"])
def test_a_cut_compressed_object_gives_its_whole_records_and_itself(compress) -> None:
    noise = random.Random(3).randbytes(40_000).hex().encode()
    whole = compress(A + b"\n" + b'{"t":"' + noise + b'"}\n' + C)
    cut = whole[: len(whole) - 2000]
    records, rejects = split(cut)
    assert records[:1] in ([], [A])
    assert C not in records
    assert rejects[-1] == ("cannot_inflate", cut)


def test_what_only_looks_compressed_is_rejected_whole() -> None:
    assert split(b"\x1f\x8bnot gzip") == ([], [("cannot_inflate", b"\x1f\x8bnot gzip")])


@pytest.mark.parametrize("compress", [gzip.compress, zstandard.compress], ids=["gzip", "zstd"])
def test_a_bomb_stops_at_the_limit(compress) -> None:
    bomb = compress(A + b"\n" + b" " * (64 << 20))
    records, rejects = split(bomb)
    assert records in ([], [A])
    assert rejects == [("inflates_too_much", bomb)]


def test_an_object_beyond_the_total_limit_is_rejected() -> None:
    limits = Limits(inflate=InflateLimits(total_bytes=100))
    assert split(A * 6, limits) == ([], [("inflates_too_much", A * 6)])


def test_a_document_is_one_record_or_rejected_whole() -> None:
    pretty = b"\xef\xbb\xbf" + json.dumps({"a": [1, 2]}, indent=2).encode()
    [line] = items(pretty, document=True)
    assert isinstance(line, Line)
    assert line.value == {"a": [1, 2]}
    for data, reason in ((pretty + b"}", "invalid_json"), (b'{"a":"' + b"x" * 999, "too_large")):
        compressed = gzip.compress(data)
        [reject] = items(compressed, SMALL, document=True)
        assert (reject.reason, read(reject)) == (reason, compressed)


class _Endless(io.RawIOBase):
    """256 MiB of one line, never in memory at once."""

    def __init__(self) -> None:
        self.left = 1 << 28
        self.largest = 0

    def read(self, size: int = -1) -> bytes:
        self.largest = max(self.largest, size)
        given = min(size, self.left)
        self.left -= given
        return b"x" * given


def test_an_endless_line_is_spooled_not_held() -> None:
    source = _Endless()
    [reject] = read_object(lambda: source, Limits())
    assert reject.reason == "too_large"
    with reject.body as body:
        assert body.seek(0, io.SEEK_END) == 1 << 28
    assert source.largest <= 1 << 20


RECORDS = st.dictionaries(
    st.text(max_size=5),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.just('}{"'),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
        max_leaves=8,
    ),
    max_size=4,
)


@settings(deadline=None, derandomize=True)
@given(st.lists(RECORDS, max_size=8), st.randoms(use_true_random=False), st.booleans())
def test_any_records_in_any_layout_and_any_chunks_come_back(values, rng, indented) -> None:
    """DESIGN promise 1: nothing lost, whatever the separators and wherever reads are cut."""
    written = []
    for value in values:
        indent = rng.choice([None, 1]) if indented else None
        written.append(json.dumps(value, ensure_ascii=rng.random() < 0.5, indent=indent).encode())
    data = b"".join(part + rng.choice([b"", b"\n", b"\r\n", b" \n"]) for part in written)
    cuts = sorted(rng.randrange(len(data) + 1) for _ in range(4))
    edges = [0, *cuts, len(data)]
    chunks = [data[a:b] for a, b in pairwise(edges) if a < b]
    found = list(Splitter(iter(chunks), Limits()))
    assert [item.value if isinstance(item, Line) else item for item in found] == values
    if not indented:
        assert [item.raw for item in found] == written


@settings(deadline=None, derandomize=True)
@given(st.lists(st.binary(max_size=60), max_size=6), st.integers(1, 40))
def test_hostile_bytes_are_neither_lost_nor_fatal(pieces, size) -> None:
    """Every byte that is no separator is in a record or a reject."""
    data = b'{"a": 1}\n'.join(pieces)
    chunks = (data[at : at + size] for at in range(0, len(data), size))
    kept = b"".join(
        item.raw if isinstance(item, Line) else read(item)
        for item in Splitter(chunks, Limits(record_bytes=50))
    )
    separators = b" \t\r\n\x0b\x0c,[]\xef\xbb\xbf"
    assert kept.translate(None, separators) == data.translate(None, separators)
