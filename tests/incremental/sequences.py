"""Random histories of landing, and the property that they must have (promises 2 and 3).

A Hypothesis state machine. Each example holds many small estates, each on days of its own and with
deliveries of its own: one sequence an estate. A step delivers, delivers again, corrects, erases,
excludes, switches a provider on, and then builds, mostly in part, sometimes whole. At the end a
fresh warehouse, built whole from the same landing zone, must hold the same tables; on the way every
ID that a build gave out must resolve, and a call whose first record is the same keeps its ID.
"""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import duckdb
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.incremental.deliveries import (
    Delivered,
    Zones,
    estate_records,
    rows_that_differ,
    table_hashes,
)
from tests.incremental.mutations import mutated, others_of
from tests.incremental.runner import DbtBuilds, keep_call_ids
from tests.matching.fixed import fixed_calibration

ESTATES, STEPS = 100, 3
CALLS_A_DAY = (4, 8, 8, 16)
FIRST_DAY, FIRST_LANDING = date(2026, 1, 1), datetime(2027, 3, 1, tzinfo=UTC)
DAYS_APART = 4
ACTIONS = ("deliver", "redeliver", "correct", "erase", "exclude", "include", "switch_on")
# Most of these never arrive: there are so many of them that they would be most of the time, and a
# trace in pieces is as good a test.
ARRIVES = {"spans": 0.15, "flow_logs": 0.4, "events": 0.5}
LATE_PROVIDERS = (None, None, "zendesk", "twilio", "livekit", "otlp", "amazon_connect")


@dataclass
class Sequence:
    """One estate: what waits, what was delivered, and what is held back until it is switched on."""

    rng: Random
    waiting: list[Delivered]
    late: list[Delivered] = field(default_factory=list)
    delivered: list[Delivered] = field(default_factory=list)

    def deliver(self) -> list[Delivered]:
        share = self.rng.choice([0.3, 0.6, 0.6, 1.0])
        count = int(len(self.waiting) * share)
        out, self.waiting = self.waiting[:count], self.waiting[count:]
        self.delivered += out
        return out

    def redeliver(self) -> list[Delivered]:
        return self.rng.sample(self.delivered, min(5, len(self.delivered)))

    def correct(self, call_ids: list[str]) -> list[Delivered]:
        mine = [r for r in self.delivered if r.stream.name != "spans"]
        others = others_of([json.loads(r.raw) for r in mine], call_ids)
        corrected = []
        for record in self.rng.sample(mine, min(12, len(mine))):
            key = (record.stream.provider, record.stream.name)
            raw = mutated(key, record.raw, others, self.rng)
            if raw is not None:
                corrected.append(Delivered(record.stream, raw))
        self.delivered += corrected
        return corrected

    def switch_on(self) -> list[Delivered]:
        out, self.late = self.late, []
        self.delivered += out
        return out


def estate(home: Path, number: int, rng: Random) -> Sequence:
    """One random estate on days that no other has, its records in random order."""
    profile = rng.choice(["clean", "faulty", "faulty"])
    start = FIRST_DAY + timedelta(days=DAYS_APART * number)
    folder = home / f"estate{number}"
    records = estate_records(
        folder,
        calls=rng.choice(CALLS_A_DAY),
        days=2,
        start=start,
        seed=rng.randrange(2**31),
        profile=profile,
    )
    shutil.rmtree(folder)
    records = [_apart(r, number) for r in records if rng.random() < ARRIVES.get(r.stream.name, 1)]
    rng.shuffle(records)
    late = rng.choice(LATE_PROVIDERS)
    return Sequence(
        rng,
        [r for r in records if r.stream.provider != late],
        [r for r in records if r.stream.provider == late],
    )


def _apart(record: Delivered, number: int) -> Delivered:
    if record.stream.name != "tickets":
        return record
    value = json.loads(record.raw)
    # The simulator numbers tickets alike in every estate.
    return Delivered(record.stream, json.dumps({**value, "id": f"{number}{value['id']}"}).encode())


class History(RuleBasedStateMachine):
    """See the module. ``home`` and ``builds`` are of the process: dbt parses its project once."""

    home: Path
    builds: DbtBuilds
    counted: list[int]
    steps: int

    @initialize(number=st.integers(0, 2**31 - 1))
    def begin(self, number: int) -> None:
        self.rng = Random(number)
        for name in ("zones", "warehouse", "oracle"):
            shutil.rmtree(self.home / name, ignore_errors=True)
        self.warehouse = self.home / "warehouse" / "warehouse.duckdb"
        self.warehouse.parent.mkdir()
        self.zones = Zones(self.home / "zones")
        calibration = fixed_calibration(self.home / "calibration")
        self.builds.over(
            self.zones.redacted,
            self.zones.call_ids,
            {"CALLSTORY_MATCHING_DIR": str(calibration)},
            in_memory=True,
        )
        self.exclusions: list[tuple[str, str, str]] = []
        self._write_exclusions()
        self.sequences = [estate(self.home, n, Random(f"{number}/{n}")) for n in range(ESTATES)]
        self.step = self.built = 0
        self.erased = False
        self.issued: set[str] = set()
        self.firsts: dict[str, tuple[str, bool]] = {}

    @precondition(lambda self: self.step < self.steps)
    @rule(
        actions=st.sets(st.sampled_from(ACTIONS), max_size=4),
        whole=st.sampled_from([False, False, False, False, True]),
    )
    def deliver_and_build(self, actions: set[str], whole: bool) -> None:
        self.step += 1
        for action in sorted({"deliver", *actions} if self.step == 1 else actions or {"deliver"}):
            self._act(action)
        self._build(whole=whole)

    def teardown(self) -> None:
        if not hasattr(self, "sequences") or not self.step:
            return
        self._act("deliver")
        self._build(whole=False)
        oracle = self.home / "oracle" / "warehouse.duckdb"
        oracle.parent.mkdir()
        self.builds.build(full_refresh=True, warehouse=oracle)
        mine, theirs = table_hashes(self.warehouse), table_hashes(oracle)
        differing = [name for name in theirs if mine.get(name) != theirs[name]]
        told = {n: rows_that_differ(self.warehouse, oracle, f"marts.{n}") for n in differing}
        self.counted[0] += len(self.sequences)
        assert not differing, json.dumps(told, default=str, indent=1)[:6000]

    def _act(self, action: str) -> None:
        if action in {"erase", "exclude", "include"}:
            getattr(self, f"_{action}")()
            return
        records: list[Delivered] = []
        for sequence in self.sequences:
            if action == "correct":
                records += sequence.correct(sorted(self.issued)[:20])
            else:
                records += getattr(sequence, action)()
        self.landings = getattr(self, "landings", 0) + 1
        self.zones.land(records, FIRST_LANDING + timedelta(minutes=self.landings))

    def _erase(self) -> None:
        """One landing object in twenty goes, with its redacted twin."""
        sidecars = sorted((self.zones.redacted / "_objects").rglob("dt=*.json"))
        for sidecar in self.rng.sample(sidecars, len(sidecars) // 20):
            self.erased = True
            name = json.loads(sidecar.read_text())["landing_object"]
            (Path(self.zones.settings.landing) / name).unlink()
            (self.zones.redacted / name.replace(".jsonl.zst", ".parquet")).unlink()
            sidecar.unlink()

    def _exclude(self) -> None:
        """Some aliases, records and edges of what the warehouse holds are declared wrong."""
        if not self.built:
            return
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            rows = connection.execute(
                "select distinct namespace, alias_value, record_id"
                " from identity.int_identity__alias_observation order by all"
            ).fetchall()
        for namespace, value, record in self.rng.sample(rows, min(6, len(rows))):
            kind = self.rng.randrange(3)
            alias = ("", "") if kind == 0 else (namespace, value)
            self.exclusions.append((*alias, "" if kind == 1 else record))
        self._write_exclusions()

    def _include(self) -> None:
        keep = len(self.exclusions) // 2
        self.exclusions = self.rng.sample(self.exclusions, keep)
        self._write_exclusions()

    def _write_exclusions(self) -> None:
        with self.builds.exclusions.open("w", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(
                ["namespace", "alias_value", "record_id", "reason", "excluded_by", "excluded_at"]
            )
            for row in self.exclusions:
                writer.writerow([*row, "wrong", "a test", "2027-01-01 00:00:00"])

    def _build(self, *, whole: bool) -> None:
        self.zones.redact()
        self.builds.build(full_refresh=whole, warehouse=self.warehouse)
        self.built += 1
        keep_call_ids(self.warehouse, self.zones.call_ids, self.built)
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            calls = connection.execute(
                "select canonical_call_id, first_landed_record_id, is_minted"
                " from identity.int_identity__call"
            ).fetchall()
            redirects = connection.execute(
                "select old_call_id, canonical_call_id from marts.call_redirect"
            ).fetchall()
        self._check_ids(calls, redirects)

    def _check_ids(self, calls: list[Any], redirects: list[Any]) -> None:
        current = {call for call, _, _ in calls}
        assert {new for _, new in redirects} <= current
        lost = self.issued - current - {old for old, _ in redirects}
        # Of a call whose every record is gone, or joins nothing by exclusion, nothing is left.
        assert not lost or self.erased or self.exclusions, sorted(lost)[:5]
        self.issued |= current
        firsts = {record: (call, minted) for call, record, minted in calls}
        for record, (call, minted) in firsts.items():
            before = self.firsts.get(record)
            if before and not minted and not before[1] and not self.exclusions:
                assert before[0] == call, (record, before[0], call)
        self.firsts = firsts


@dataclass(frozen=True)
class Outcome:
    """How many sequences were tried, and what went wrong (empty: nothing)."""

    sequences: int
    mismatches: list[str]


def run_sequences(
    count: int,
    seed_number: int,
    home: Path,
    steps: int = STEPS,
    builds: DbtBuilds | None = None,
) -> Outcome:
    """Try at least ``count`` sequences of up to ``steps`` builds and one more; a seed repeats them.

    The oracle's full refresh comes on top. ``builds`` are dbt's where it has parsed already.
    """
    home.mkdir(parents=True, exist_ok=True)
    counted = [0]
    builds = builds or DbtBuilds(home / "dbt")
    kept = {"home": home, "builds": builds, "counted": counted, "steps": steps}
    machine = seed(seed_number)(type("SeededHistory", (History,), kept))
    mismatches: list[str] = []
    chosen = settings(
        max_examples=-(-count // ESTATES),
        stateful_step_count=steps + 1,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )
    try:
        run_state_machine_as_test(machine, settings=chosen)
    except AssertionError as error:
        mismatches.append(f"seed {seed_number}: {error}")
    return Outcome(counted[0], mismatches)
