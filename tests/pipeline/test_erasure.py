"""Erasure end to end: a call goes from landing and all that came of it, and stays away.

One run's first day; its erasure is killed half-way and resumed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from ingest.access.objects import tombstones
from ingest.store import open_store
from orchestration.erasure.order import pending_orders
from tests.harness import FIRST, PipelineRun, land
from tests.pipeline.conftest import FirstDay
from tests.pipeline.erasing import LARGEST, callstory, everything, files, lines, records_of, rows

pytestmark = pytest.mark.xdist_group("inputs")
KILL_BEFORE_THE_BUILD = """
import os, signal, sys
from orchestration.erasure import carry_out
carry_out._forget = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
from serve.cli import main
main(sys.argv[1:])
"""


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
def erased(first_day: FirstDay) -> Erased:
    run = first_day.again()
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
