"""Landing refuses what was erased, whole or in part, and days whose retention is over."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ingest.access.objects import CorruptError, Zones, read_lines, rewrite, tombstones
from ingest.access.refused import refuse_day, refuse_keys, without
from ingest.landing import LandOutcome, land_stream
from ingest.registry import get_stream
from ingest.settings import Settings
from ingest.store import open_store
from tests.ingest.helpers import DAY, call, fed_stream, landed, outcomes, settings_in

SPANS = get_stream("otlp", "spans")
NOON = datetime(2026, 5, 2, 12, tzinfo=UTC)
LATER = datetime(2026, 5, 3, 12, tzinfo=UTC)
PREFIX = "acme/calls/"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path, token_key=b"k" * 32)


def land(settings: Settings, *lines: bytes, at: datetime = NOON) -> LandOutcome:
    return land_stream(settings, fed_stream(b"\n".join(lines)), [DAY], now=lambda: at)


def span(number: int) -> dict:
    ids = {"traceId": f"{number:032x}", "spanId": f"{number:016x}"}
    return {**ids, "startTimeUnixNano": "1777600000000000000", "attributes": [{"key": "a"}]}


def batch(*spans: dict) -> bytes:
    scopes = [{"scope": {"name": "s"}, "spans": [s]} for s in spans]
    return json.dumps({"resourceSpans": [{"resource": {}, "scopeSpans": scopes}]}).encode()


def key(number: int) -> str:
    return f"{number:032x}:{number:016x}"


def lines_of(settings: Settings) -> list[bytes]:
    return [line for lines in landed(settings, PREFIX).values() for line in lines]


def test_an_erased_record_does_not_land_again_nor_a_newer_version_of_it(settings: Settings) -> None:
    refuse_keys(open_store(settings.landing), fed_stream(), "o1", ["1"])
    outcome = land(settings, call("1"), call("1", more="new"), call("2"))
    assert lines_of(settings) == [call("2")]
    assert outcome.records_landed == 1
    (told,) = outcomes(settings, PREFIX)
    assert (told["records_seen"], told["records_landed"], told["refused"]) == (3, 1, 2)


def test_another_token_key_brings_nothing_back(settings: Settings, tmp_path: Path) -> None:
    refuse_keys(open_store(settings.landing), fed_stream(), "o1", ["1"])
    land(settings_in(tmp_path, token_key=b"z" * 32), call("1"))
    assert lines_of(settings) == []


def test_the_digests_do_not_tell_the_keys(settings: Settings, tmp_path: Path) -> None:
    refuse_keys(open_store(settings.landing), fed_stream(), "o1", ["a-key-to-be-erased"])
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) == 2
    assert not any(b"a-key-to-be-erased" in path.read_bytes() for path in files)


def test_a_closed_day_takes_nothing_and_its_neighbours_do(settings: Settings) -> None:
    refuse_day(open_store(settings.landing), fed_stream(), "2026-05-01", "o1")
    land(settings, call("1"), call("2", "2026-05-02T00:00:00Z"))
    assert lines_of(settings) == [call("2", "2026-05-02T00:00:00Z")]


def test_a_batch_loses_the_erased_spans_alone() -> None:
    line = batch(span(1), span(2), span(3))
    rest = without(SPANS, line, lambda row: row == key(2))
    assert rest is not None
    assert json.loads(rest) == json.loads(batch(span(1), span(3)))
    assert without(SPANS, line, lambda row: row == key(9)) == line
    assert without(SPANS, line, lambda _: True) is None


def test_spans_without_ids_are_cut_by_their_content() -> None:
    bare = {"name": "no ids", "startTimeUnixNano": "1777600000000000000"}
    ((row, _),) = SPANS.explode(json.loads(batch(bare)))
    rest = without(SPANS, batch(bare, span(1)), lambda found: found == row)
    assert rest is not None
    assert json.loads(rest) == json.loads(batch(span(1)))


def test_a_cut_batch_pulled_again_is_the_one_that_lies_there(settings: Settings) -> None:
    """What the erasure leaves and what landing makes of the same delivery are the same bytes."""
    store = open_store(settings.landing)
    folder = Path(settings.drops["otlp"]) / "spans/year=2026/month=05/day=01"
    folder.mkdir(parents=True)
    (folder / "batch").write_bytes(batch(span(1), span(2)))
    for provider in ("amazon_connect", "livekit"):
        Path(settings.drops[provider]).mkdir()
    (name,) = land_stream(settings, SPANS, [date(2026, 5, 1)], now=lambda: NOON).objects
    refuse_keys(store, SPANS, "o1", [key(1)])
    rewrite(Zones.of(settings), SPANS, name, lambda row: row == key(1), "o1")
    before = store.list(SPANS.prefix)
    again = land_stream(settings, SPANS, [date(2026, 5, 1)], now=lambda: LATER)
    assert again.records_landed == 0
    assert store.list(SPANS.prefix) == before


def test_a_rewritten_object_keeps_its_instant_and_leaves_a_tombstone(settings: Settings) -> None:
    (name,) = land(settings, call("1", secret="s3cret"), call("2"), call("3")).objects
    zones, stream = Zones.of(settings), fed_stream()
    told = rewrite(zones, stream, name, lambda row: row == "1", "o1")
    assert told is not None
    assert (told.lines_before, told.lines_gone, told.lines_cut) == (3, 1, 0)
    assert landed(settings, PREFIX) == {told.replaced_by: [call("2"), call("3")]}
    assert str(told.replaced_by).partition("-")[0] == name.partition("-")[0]
    assert read_lines(zones.landing, str(told.replaced_by))[0] == call("2")
    assert list(tombstones(zones.landing)) == [told]
    everything = b"".join(p.read_bytes() for p in settings.data_dir.rglob("*") if p.is_file())
    assert b"s3cret" not in everything
    landed_ever = sum(row["records_landed"] for row in outcomes(settings, PREFIX))
    gone = sum(stone.lines_gone for stone in tombstones(zones.landing))
    assert landed_ever == len(lines_of(settings)) + gone


def test_an_object_whose_every_line_goes_is_gone(settings: Settings) -> None:
    (name,) = land(settings, call("1")).objects
    told = rewrite(Zones.of(settings), fed_stream(), name, lambda _: True, "o1")
    assert told is not None
    assert told.replaced_by is None
    assert landed(settings, PREFIX) == {}


def test_what_is_killed_between_writing_and_deleting_is_done_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    (name,) = land(settings, call("1"), call("2")).objects
    zones, stream = Zones.of(settings), fed_stream()

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("ingest.access.objects.remove_redacted", killed)
        with pytest.raises(KeyboardInterrupt):
            rewrite(zones, stream, name, lambda row: row == "1", "o1")
    assert len(landed(settings, PREFIX)) == 2
    rewrite(zones, stream, name, lambda row: row == "1", "o1")
    assert list(landed(settings, PREFIX).values()) == [[call("2")]]
    assert len(list(tombstones(zones.landing))) == 1


def test_a_corrupt_object_is_not_rewritten(settings: Settings) -> None:
    (name,) = land(settings, call("1"), call("2")).objects
    path = Path(settings.landing) / name
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(CorruptError):
        rewrite(Zones.of(settings), fed_stream(), name, lambda row: row == "1", "o1")
    assert path.exists()


def test_what_cannot_be_read_outlives_an_erasure_but_not_its_retention(settings: Settings) -> None:
    """A landed line that redaction rejects has no key, so nobody can have asked for it."""
    keyless = b'{"at":"2026-05-01T10:00:00Z","id":[]}'
    assert without(fed_stream(), keyless, lambda _: True) == keyless
    assert without(fed_stream(), keyless, lambda _: True, unreadable_goes=True) is None
