"""Retention classes and holds, with a clock of the test's own."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ingest.access.holds import active_holds, place_hold, release_hold
from ingest.access.retention import (
    FILE,
    RetentionError,
    expired_objects,
    expired_rejects,
    read_retention,
)
from ingest.registry import all_streams, get_stream
from ingest.store import StoreError, open_store
from tests.ingest.redaction.estates import land, settings_in

SPANS, CALLS = get_stream("otlp", "spans"), get_stream("twilio", "calls")


def changed(tmp_path: Path, old: str, new: str) -> Path:
    path = tmp_path / "retention.yml"
    text = FILE.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    return path


def test_every_stream_has_a_class() -> None:
    retention = read_retention()
    assert all(retention.of(stream).days > 0 for stream in all_streams())
    assert all(retention.of(stream).basis for stream in all_streams())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("  otlp.spans: traces\n", ""),
        ("  otlp.spans: traces\n", "  otlp.spans: nothing\n"),
        ("days: 30", "days: 0"),
        ("days: 30", "days: soon"),
        ("days: 30", "days: true"),
        ("version: 1\n", "version: 2\n"),
        ("classes:", "klasses:"),
    ],
)
def test_a_wrong_file_is_refused(tmp_path: Path, old: str, new: str) -> None:
    with pytest.raises(RetentionError):
        read_retention(changed(tmp_path, old, new))


def test_a_record_is_kept_for_its_days_and_not_one_more() -> None:
    retention, day = read_retention(), date(2026, 5, 1)
    assert not retention.is_over(SPANS, day, date(2026, 5, 31))
    assert retention.is_over(SPANS, day, date(2026, 6, 1))
    assert not retention.is_over(CALLS, day, date(2026, 6, 1))


def test_what_is_past_its_date_is_listed(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    span = land(settings, SPANS, date(2026, 5, 1), b"{}")
    land(settings, CALLS, date(2026, 5, 1), b"{}")
    land(settings, SPANS, date(2026, 5, 2), b"{}")
    store = open_store(settings.landing)
    reject = f"{SPANS.prefix}_rejects/20260501T000000000000Z-{'0' * 16}.invalid_json.bin"
    store.put(reject, b"x")
    retention, today = read_retention(), date(2026, 6, 1)
    assert expired_objects(store, retention, today) == [(SPANS, "2026-05-01", span)]
    assert expired_rejects(store, retention, today) == [(SPANS, reject)]


def test_a_hold_holds_until_it_is_released_and_both_stay_on_record(tmp_path: Path) -> None:
    store = open_store(str(tmp_path))
    hold = place_hold(store, "call", "call_1", "case 9")
    other = place_hold(store, "caller", "tok_1", "case 10")
    assert {h.hold_id for h in active_holds(store)} == {hold.hold_id, other.hold_id}
    release_hold(store, hold.hold_id, "closed")
    assert active_holds(store) == [other]
    assert len(store.list("_holds/")) == 3
    for name in (hold.hold_id, "hold-never"):
        with pytest.raises(StoreError):
            release_hold(store, name, "again")


def test_a_hold_on_days_of_a_stream(tmp_path: Path) -> None:
    days = (date(2026, 5, 1), date(2026, 5, 2))
    hold = place_hold(open_store(str(tmp_path)), "stream", "otlp.spans", "case", days)
    held = [d for d in range(1, 5) if hold.holds_day(SPANS, date(2026, 5, d))]
    assert held == [1, 2]
    assert not hold.holds_day(CALLS, date(2026, 5, 1))
    whole = place_hold(open_store(str(tmp_path)), "stream", "otlp.spans", "case")
    assert whole.holds_day(SPANS, date(2020, 1, 1))
