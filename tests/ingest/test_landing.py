"""The landing zone's promises: write-once, each record once, nothing lost or hidden."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ingest.errors import TooManyRejects, TransientError
from ingest.landing import LandOutcome, land_stream, stamp_of
from ingest.settings import Settings
from tests.ingest.helpers import DAY, call, fed_stream, landed, outcomes, rejected, settings_in

NOON = datetime(2026, 5, 2, 12, 0, 0, 123456, tzinfo=UTC)
PREFIX = "acme/calls/"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path)


def land(settings: Settings, *deliveries: bytes | Exception, at: datetime = NOON) -> LandOutcome:
    return land_stream(settings, fed_stream(*deliveries), [DAY], now=lambda: at)


def test_records_land_verbatim_under_their_own_day_and_content(settings: Settings) -> None:
    first, late = b'{"id":"1",  "at": "2026-05-01T23:59:59Z"}', call("2", "2026-04-30T08:00:00Z")
    outcome = land(settings, first + b"\n" + late)

    def name(data: bytes) -> str:
        return f"20260502T120000123456Z-{hashlib.sha256(data).hexdigest()[:16]}.jsonl.zst"

    expected = {
        f"{PREFIX}dt=2026-05-01/{name(first + chr(10).encode())}": [first],
        f"{PREFIX}dt=2026-04-30/{name(late + chr(10).encode())}": [late],
    }
    assert landed(settings, PREFIX) == expected
    assert outcome == LandOutcome(
        provider="acme",
        stream="calls",
        objects=sorted(expected),
        records_seen=2,
        records_landed=2,
        rejected=0,
        bytes=len(first) + len(late) + 2,
        days_touched={date(2026, 5, 1), date(2026, 4, 30)},
    )


def test_the_day_is_utc_whatever_the_offset(settings: Settings) -> None:
    outcome = land(settings, call("1", "2026-05-01T01:30:00+02:00"))
    assert outcome.days_touched == {date(2026, 4, 30)}


def test_pulling_again_lands_nothing_and_changes_nothing(settings: Settings) -> None:
    data = b"".join(call(str(n)) for n in range(50)) + b"\nnot json\n"
    land(settings, data)
    before = _files(settings)
    again = land(settings, data, at=NOON.replace(hour=13))
    assert (again.objects, again.records_seen, again.records_landed) == ([], 51, 0)
    assert (again.rejected, again.days_touched) == (1, set())
    after = _files(settings)
    assert {k: v for k, v in after.items() if "_outcomes" not in k} == {
        k: v for k, v in before.items() if "_outcomes" not in k
    }


def test_only_what_is_new_or_changed_lands_again(settings: Settings) -> None:
    land(settings, call("1") + call("2", status="ringing"))
    changed, new = call("2", status="completed"), call("3")
    outcome = land(settings, call("1") + changed + new, at=NOON.replace(hour=13))
    [key] = outcome.objects
    assert landed(settings, key) == {key: [changed, new]}
    assert landed(settings, PREFIX).keys() > {key}


def test_a_record_delivered_twice_in_one_pull_lands_once(settings: Settings) -> None:
    outcome = land(settings, call("1") + call("1"), call("1"))
    assert (outcome.records_seen, outcome.records_landed) == (3, 1)


def test_objects_split_below_the_size_limit_and_lose_nothing(settings: Settings) -> None:
    settings = replace(settings, max_object_bytes=1000)
    days = ("2026-05-01T10:00:00Z", "2026-04-30T10:00:00Z", "2026-04-29T10:00:00Z")
    sent = [call(str(n), days[n % 3]) for n in range(100)]
    land(settings, b"\n".join(sent))
    objects = landed(settings, PREFIX)
    assert len(objects) > 6
    assert all(sum(len(line) + 1 for line in lines) <= 1000 for lines in objects.values())
    assert sorted(line for lines in objects.values() for line in lines) == sorted(sent)


def test_a_record_without_key_or_day_is_a_reject(settings: Settings) -> None:
    no_key, no_day = b'{"at": "2026-05-01T10:00:00Z"}', b'{"id": "1", "at": "soon"}'
    outcome = land(settings, no_key + no_day + call("2"))
    assert rejected(settings, PREFIX) == {"no_key": no_key, "no_day": no_day}
    assert (outcome.records_landed, outcome.rejected) == (1, 2)


def test_rejects_are_kept_byte_for_byte_named_by_content(settings: Settings) -> None:
    large = b'{"id": "' + b"z" * (9 << 20) + b'"}'
    broken = b'{"id": "\xff'
    land(settings, call("1") + b"\n" + large + b"\n" + broken + b"\n" + call("2"))
    assert rejected(settings, PREFIX) == {"too_large": large, "invalid_utf8": broken}
    names = {path.name for path in Path(settings.landing, "acme", "calls", "_rejects").iterdir()}
    assert names == {
        f"{stamp_of(NOON)}-{hashlib.sha256(large).hexdigest()[:16]}.too_large.bin",
        f"{stamp_of(NOON)}-{hashlib.sha256(broken).hexdigest()[:16]}.invalid_utf8.bin",
    }


def test_too_many_rejects_stop_the_pull_and_are_kept(settings: Settings) -> None:
    settings = replace(settings, max_rejects=3)
    data = call("1") + b"".join(b"\nbroken %d" % n for n in range(9)) + b"\n" + call("2")
    with pytest.raises(TooManyRejects, match=r"acme\.calls: more than 3 rejects.*MAX_REJECTS"):
        land(settings, data)
    folder = Path(settings.landing, "acme", "calls", "_rejects")
    kept = sorted(path.read_bytes() for path in folder.iterdir())
    assert kept == [b"broken 0", b"broken 1", b"broken 2", b"broken 3"]
    assert [line for lines in landed(settings, PREFIX).values() for line in lines] == [call("1")]
    [row] = outcomes(settings, PREFIX)
    assert (row["ok"], row["error_class"]) == (False, "TooManyRejects")


def test_a_failed_fetch_keeps_good_data_and_what_came_whole(settings: Settings) -> None:
    land(settings, call("1") + call("2"))
    before = landed(settings, PREFIX)
    with pytest.raises(TransientError, match="gone"):
        land(settings, call("3"), TransientError("gone"), call("4"), at=NOON.replace(hour=13))
    after = landed(settings, PREFIX)
    assert before.items() <= after.items()
    assert [v for k, v in after.items() if k not in before] == [[call("3")]]


def test_an_empty_fetch_changes_nothing(settings: Settings) -> None:
    land(settings, call("1"))
    before = landed(settings, PREFIX)
    outcome = land(settings, b"", at=NOON.replace(hour=13))
    assert (outcome.records_seen, landed(settings, PREFIX)) == (0, before)


def test_every_attempt_leaves_an_outcome_row(settings: Settings) -> None:
    land(settings, call("1") + b"\nbroken")
    with pytest.raises(TransientError):
        land(settings, call("2"), TransientError("gone"), at=NOON.replace(hour=13))
    good, bad = outcomes(settings, PREFIX)
    assert good.pop("duration_ms") >= 0
    assert bad.pop("duration_ms") >= 0
    assert good == {
        "provider": "acme",
        "stream": "calls",
        "day": "2026-05-01",
        "started_at": "2026-05-02T12:00:00.123456Z",
        "ok": True,
        "error_class": "",
        "records_seen": 2,
        "records_landed": 1,
        "rejected": 1,
        "refused": 0,
        "bytes": len(call("1")) + 1,
    }
    assert (bad["ok"], bad["error_class"], bad["records_landed"]) == (False, "TransientError", 1)


def test_days_after_a_failed_one_are_not_pulled(settings: Settings) -> None:
    stream = fed_stream(TransientError("gone"))
    with pytest.raises(TransientError):
        land_stream(settings, stream, [DAY, date(2026, 5, 2)])
    assert [row["day"] for row in outcomes(settings, PREFIX)] == ["2026-05-01"]


def test_names_of_objects_hold_nothing_a_provider_wrote(settings: Settings) -> None:
    """ALGORITHMS, promise 7: hostile values stay literal text and leave no file outside."""
    hostile = "../../etc/x\u0000'); DROP TABLE <script>"
    land(settings, call(hostile) + b'{"id": "../x", "at": "../../2026-05-01"}')
    files = [path for path in Path(settings.landing).parent.rglob("*") if path.is_file()]
    assert all(path.is_relative_to(settings.landing) for path in files)
    assert not any(mark in str(path) for path in files for mark in ("etc", "DROP", "script"))


def test_landed_files_are_for_their_owner_alone(settings: Settings) -> None:
    land(settings, call("1") + b"\nbroken")
    paths = list(Path(settings.landing).rglob("*"))
    assert {path.stat().st_mode & 0o777 for path in paths if path.is_file()} == {0o600}
    assert {path.stat().st_mode & 0o777 for path in paths if path.is_dir()} == {0o700}


def _files(settings: Settings) -> dict[str, bytes]:
    root = Path(settings.landing)
    return {str(path): path.read_bytes() for path in root.rglob("*") if path.is_file()}
