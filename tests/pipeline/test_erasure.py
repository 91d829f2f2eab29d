"""Erasure end to end: a call goes from landing and all that came of it, and stays away.

One run's first day; its erasure is killed half-way and resumed, with a retention order before it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import msgspec
import pytest
import zstandard

from ingest.access.holds import place_hold, release_hold
from ingest.access.objects import tombstones
from ingest.landing import land_stream
from ingest.redaction.tokens import normalise_number
from ingest.registry import all_streams
from ingest.settings import Settings
from ingest.store import open_store
from orchestration.erasure.commands import retain
from orchestration.erasure.order import ErasureIncomplete, ErasureRefused, pending_orders
from orchestration.erasure.plan import plan_erasure, plan_retention
from orchestration.erasure.records import opened
from tests.harness import FIRST, ROOT, PipelineRun
from tests.pipeline.conftest import SECOND, FirstDay, land
from tests.pipeline.test_nothing_raw_leaves_landing import database_text, parquet_text

pytestmark = pytest.mark.xdist_group("inputs")
LARGEST = """
select canonical_call_id from call_record where route = 'ivr_to_agent'
order by record_count desc limit 1
"""
IN_110_DAYS = datetime(2026, 8, 19, tzinfo=UTC)
IN_3_YEARS = datetime(2029, 8, 19, tzinfo=UTC)
KILL_BEFORE_THE_BUILD = """
import os, signal, sys
from orchestration.erasure import carry_out
carry_out._forget = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
from serve.cli import main
main(sys.argv[1:])
"""


def callstory(run: PipelineRun, *arguments: str, code: str = "") -> subprocess.CompletedProcess:
    program = ["-c", code] if code else ["-m", "serve.cli"]
    return subprocess.run(
        [sys.executable, *program, *arguments],
        cwd=ROOT,
        env={**os.environ, **run.environment},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )


def files(folder: Path) -> dict[str, bytes]:
    """Every file of an installation but logs and locks."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name[0] != "." and "logs" not in path.parts
    }


def everything(run: PipelineRun) -> Iterator[tuple[str, bytes]]:
    """(where, bytes) of all that an installation keeps, decoded, but for the audit log."""
    for path in sorted((run.home / "data").rglob("*")):
        if not path.is_file() or "audit" in path.parts or path.is_symlink():
            continue
        name, raw = str(path.relative_to(run.home)), path.read_bytes()
        yield name, raw
        if path.suffix == ".zst":
            yield name, zstandard.ZstdDecompressor().stream_reader(raw).read()
        elif path.suffix == ".parquet":
            yield name, parquet_text(path)
        elif raw[8:12] == b"DUCK":
            yield from database_text(path)


def rows(run: PipelineRun, query: str) -> list[tuple]:
    with duckdb.connect(str(run.published), read_only=True) as connection:
        return connection.execute(query).fetchall()


def records_of(run: PipelineRun, call: str) -> list[str]:
    with duckdb.connect(str(run.settings.warehouse), read_only=True) as connection:
        found = connection.execute(
            "select record_id from identity.int_identity__record_call"
            " where canonical_call_id = ? and not is_associating_record",
            [call],
        ).fetchall()
    return [record for (record,) in found]


def lines(settings: Settings) -> list[bytes]:
    store = open_store(settings.landing)
    return [
        line
        for stream in all_streams()
        for key in store.list(stream.prefix)
        if key.endswith(".jsonl.zst")
        for line in zstandard.decompress(store.get(key)).splitlines()
    ]


@dataclass
class Erased:
    """An installation before and after, and what was said."""

    run: PipelineRun
    call: str
    records: list[str]
    before: list[tuple]
    dry_run: str
    unchanged_by_dry_run: bool
    killed_code: int
    pending: int
    said: str
    code: int


OTHERS = "select * from call_record where canonical_call_id != '{0}' order by 1"


@pytest.fixture(scope="module")
def erased(first_day: FirstDay, tmp_path_factory: pytest.TempPathFactory) -> Erased:
    run = first_day.copy(tmp_path_factory.mktemp("erased"))
    ((call,),) = rows(run, LARGEST)
    records = records_of(run, call)
    before = rows(run, OTHERS.format(call))
    was = files(run.home / "data")
    dry = callstory(run, "erase", "--call", call, "--reason", "request 12")
    assert dry.returncode == 0, dry.stdout + dry.stderr
    unchanged = files(run.home / "data") == was
    order = ("erase", "--call", call, "--reason", "request 12", "--apply")
    killed = callstory(run, *order, code=KILL_BEFORE_THE_BUILD)
    pending = len(pending_orders(open_store(run.settings.landing)))
    result = callstory(run, "erase", "--resume")
    return Erased(
        run, call, records, before, dry.stdout, unchanged, killed.returncode, pending,
        result.stdout + result.stderr, result.returncode,
    )  # fmt: skip


def test_a_dry_run_says_what_would_go_and_changes_nothing(erased: Erased) -> None:
    assert erased.unchanged_by_dry_run
    assert f"erasure: 1 calls, {len(erased.records):,} records" in erased.dry_run
    assert "nothing was removed" in erased.dry_run


def test_a_killed_erasure_is_resumed_and_says_what_it_verified(erased: Erased) -> None:
    assert erased.killed_code == -9
    assert erased.pending == 1
    assert erased.code == 0, erased.said
    assert "verified: none of their keys or identifiers is left" in erased.said
    assert pending_orders(open_store(erased.run.settings.landing)) == []


def test_no_key_of_the_erased_records_is_anywhere(erased: Erased) -> None:
    keys = [record.partition(":")[2].encode() for record in erased.records]
    assert len(keys) > 50
    found = {(where, key) for where, data in everything(erased.run) for key in keys if key in data}
    assert {where for where, _ in found} == set()


def test_the_search_would_find_them_before(first_day: FirstDay, erased: Erased) -> None:
    key = erased.records[0].partition(":")[2].encode()
    places = {where for where, data in everything(first_day.run) if key in data}
    assert len(places) >= 4


def test_other_calls_are_as_they_were(erased: Erased) -> None:
    assert len(erased.before) > 10
    assert rows(erased.run, OTHERS.format(erased.call)) == erased.before


def test_the_call_is_resolvable_as_erased_and_counted(erased: Erased) -> None:
    told = rows(erased.run, "select erased_call_id, call_date, basis from call_erasure")
    assert told == [(erased.call, FIRST, "erasure")]
    result = callstory(erased.run, "find", erased.call)
    assert result.returncode == 1
    assert "was erased" in result.stderr


def test_no_older_version_is_left(erased: Erased) -> None:
    versions = Path(erased.run.settings.published) / "versions"
    assert [path.name for path in versions.iterdir()] == [erased.run.manifest()["build_id"]]


def test_pulling_the_day_again_brings_nothing_back(erased: Erased) -> None:
    before = lines(erased.run.settings)
    land(erased.run, FIRST)
    assert sorted(lines(erased.run.settings)) == sorted(before)


def test_what_ever_landed_is_there_or_under_a_tombstone(erased: Erased) -> None:
    store = open_store(erased.run.settings.landing)
    attempts = [msgspec.json.decode(store.get(key)) for key in store.list("_outcomes/")]
    stones = list(tombstones(store))
    gone = sum(stone.lines_gone for stone in stones)
    assert gone > 10
    assert sum(row["records_landed"] for row in attempts) == len(lines(erased.run.settings)) + gone


def test_the_audit_log_tells_who_and_why_and_no_value(erased: Erased) -> None:
    log = (erased.run.home / "data" / "audit" / "access.jsonl").read_text()
    entries = [json.loads(line) for line in log.splitlines()]
    assert {"erase", "erased"} <= {entry["action"] for entry in entries}
    assert all(entry["reason"] == "request 12" and entry["by"] for entry in entries)
    assert not any(record.partition(":")[2] in log for record in erased.records)


def caller_of_several(run: PipelineRun) -> tuple[str, set[str]]:
    ((token, calls),) = rows(
        run,
        "select alias_value, list(distinct canonical_call_id) from call_alias"
        " where namespace = 'caller_token' group by 1"
        " order by count(distinct canonical_call_id) desc, 1 limit 1",
    )
    return token, set(calls)


def test_a_callers_calls_go_by_token_or_number(first_day: FirstDay) -> None:
    settings = first_day.run.settings
    token, calls = caller_of_several(first_day.run)
    assert len(calls) > 1
    plan = plan_erasure(settings, reason="r", caller=token)
    assert {call.call_id for call in plan.order.calls if call.call_date} == calls
    with pytest.raises(ErasureRefused, match="no record"):
        plan_erasure(settings, reason="r", caller="+1 415 555 2671")
    with pytest.raises(ErasureRefused, match="--caller takes"):
        plan_erasure(settings, reason="r", caller="nobody")
    assert normalise_number("+1 415 555 2671") == "14155552671"


def test_a_hold_wins_over_erasure(first_day: FirstDay, tmp_path: Path) -> None:
    run = first_day.copy(tmp_path)
    settings, store = run.settings, open_store(run.settings.landing)
    token, calls = caller_of_several(run)
    call = sorted(calls)[0]
    for kind, value in (("call", call), ("caller", token), ("stream", "twilio.calls")):
        hold = place_hold(store, kind, value, "case 3")  # type: ignore[arg-type]
        with pytest.raises(ErasureRefused, match=hold.hold_id):
            plan_erasure(settings, reason="r", call=call)
        release_hold(store, hold.hold_id, "over")
    assert plan_erasure(settings, reason="r", call=call).order.calls


def test_what_the_warehouse_has_not_read_forbids_an_erasure(
    first_day: FirstDay, tmp_path: Path
) -> None:
    run = first_day.copy(tmp_path)
    land(run, SECOND)
    with pytest.raises(ErasureRefused, match="not in the warehouse yet"):
        plan_erasure(run.settings, reason="r", call=caller_of_several(run)[0])


def without_derived(settings: Settings) -> bool:
    """Stands for the new build: what was derived is gone."""
    settings.warehouse.unlink(missing_ok=True)
    return True


def test_retention_removes_what_is_past_its_date_but_not_what_is_held(
    first_day: FirstDay, tmp_path: Path
) -> None:
    """In 110 days content and traces are over, metadata is not; one call is held."""
    run = first_day.copy(tmp_path)
    settings, store = run.settings, open_store(run.settings.landing)
    ((held,),) = rows(run, LARGEST)
    place_hold(store, "call", held, "case 4")
    kept = set(records_of(run, held))
    plan = plan_retention(settings, now=lambda: IN_110_DAYS)
    assert plan is not None
    over = {"amazon_connect.contact_lens", "amazon_connect.flow_logs",
            "livekit.session_reports", "otlp.spans"}  # fmt: skip
    assert {stream for stream, _ in plan.order.days} == over
    assert {record.partition(":")[0] for record in plan.order.record_ids} == over
    assert kept.isdisjoint(plan.order.record_ids)
    # Calls live on with their other records, and so do the IDs that stood for one that goes.
    assert plan.order.calls == []
    assert plan.order.anchors
    assert all(anchor.survivor for anchor in plan.order.anchors)

    dry = list(retain(settings, apply=False, now=lambda: IN_110_DAYS))
    assert dry[-1] == "nothing was removed: add --apply"
    before = len(lines(settings))
    # The published files are the old build's still: the scan finds them, and the order stays.
    with pytest.raises(ErasureIncomplete, match="published"):
        list(retain(settings, apply=True, now=lambda: IN_110_DAYS, rebuild=without_derived))
    assert len(pending_orders(store)) == 1
    left = [key for key in store.list("") if key.startswith(("otlp", "amazon_connect/flow"))]
    rows_left = {
        f"{stream.provider}.{stream.name}:{key}"
        for stream in all_streams()
        if f"{stream.provider}.{stream.name}" in over
        for name in store.list(stream.prefix)
        for line in zstandard.decompress(store.get(name)).splitlines()
        for key, _ in stream.explode(msgspec.json.decode(line))
    }
    assert rows_left == {record for record in kept if record.partition(":")[0] in over}
    assert left
    assert len(lines(settings)) < before
    with run.providers() as environment:
        changed = Settings.from_env(environment)
        for stream in all_streams():
            assert land_stream(changed, stream, [FIRST]).records_landed == 0


def test_nothing_is_past_its_date_at_first_and_everything_in_years(first_day: FirstDay) -> None:
    settings = first_day.run.settings
    assert plan_retention(settings, now=lambda: datetime(2026, 5, 20, tzinfo=UTC)) is None
    plan = plan_retention(settings, now=lambda: IN_3_YEARS)
    assert plan is not None
    calls = {call.call_id for call in plan.order.calls if call.call_date}
    assert calls == {call for (call,) in rows(
        first_day.run, "select canonical_call_id from call_record")}  # fmt: skip
    with opened(settings.warehouse) as connection:
        count = connection.execute("select count(distinct record_id) from record_name").fetchone()
    assert count is not None
    assert len(plan.order.record_ids) == count[0]
