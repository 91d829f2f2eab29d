"""Generates a whole estate: the world, each provider's records of it, and the answer key."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from types import TracebackType
from typing import IO

import msgspec

from ingest.simulator import amazon_connect, livekit, otlp, twilio, zendesk
from ingest.simulator.clock import DAY_MS, day_start_ms
from ingest.simulator.course import build_call
from ingest.simulator.delivery import Delivery, Fault, call_faults
from ingest.simulator.drops import DropWriter
from ingest.simulator.faults import SKEW_MS, FaultProfile
from ingest.simulator.history import clock_offset_ms, shape_day, to_minutes
from ingest.simulator.plan import Plan, plan_day
from ingest.simulator.records import Record
from ingest.simulator.truth import TruthWriter
from ingest.simulator.world import Call

HTTP_STREAMS = (
    "twilio/calls",
    "twilio/recordings",
    "twilio/summaries",
    "twilio/events",
    "zendesk/tickets",
)
LATE_SUMMARY_MS = 26 * 3_600_000


@dataclass(frozen=True)
class Estate:
    """A generated estate: where it lies and how much of it there is.

    ``records`` counts deliveries by ``provider.stream``, duplicates included (spans one by one);
    ``data_bytes`` is their uncompressed JSON.
    """

    out: Path
    days: tuple[date, ...]
    calls: int
    resolvable: int
    records: dict[str, int]
    data_bytes: int
    faults: dict[str, int] = field(default_factory=dict)
    secrets: int = 0

    @property
    def drops(self) -> Path:
        """Folder with one folder a drop provider."""
        return self.out / "drops"

    @property
    def http(self) -> Path:
        """What ``SimulatorServer`` serves."""
        return self.out / "http"

    @property
    def truth(self) -> Path:
        """The answer key."""
        return self.out / "truth"


class _HttpFiles:
    """One file of JSON lines for each stream that is pulled over HTTP."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, IO[bytes]] = {}
        self._late: dict[str, int] = {}

    def __enter__(self) -> _HttpFiles:
        for name in HTTP_STREAMS:
            path = self._folder / f"{name}.jsonl"
            path.parent.mkdir(parents=True, exist_ok=True)
            self._files[name] = path.open("wb")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for file in self._files.values():
            file.close()

    def add(self, record: Record) -> None:
        self._files[f"{record.provider}/{record.stream}"].write(record.encode() + b"\n")

    def late_summary(self, record: Record) -> None:
        self._late[record.key] = record.at_ms + LATE_SUMMARY_MS

    def settings(self, seed: int, profile: FaultProfile) -> None:
        """What the server needs to know besides the records."""
        body = {
            "seed": seed,
            "rate_limited": profile.rate("rate_limited"),
            "truncated_page": profile.rate("truncated_page"),
            "late_summaries": self._late,
        }
        (self._folder / "server.json").write_bytes(msgspec.json.encode(body))


class _Generator:
    """Takes calls one by one and sends their records where they belong."""

    def __init__(
        self,
        *,
        seed: int,
        profile: FaultProfile,
        until_ms: int,
        drops: DropWriter,
        http: _HttpFiles,
        truth: TruthWriter,
    ) -> None:
        self.seed = seed
        self.profile = profile
        self.until_ms = until_ms
        self.drops = drops
        self.http = http
        self.truth = truth
        self.delivery = Delivery(seed, profile, until_ms)
        self.counts: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self.size = 0

    def add(self, plan: Plan, day: int) -> None:
        self.drops.advance(plan.start_ms)
        call = build_call(self.seed, plan)
        delivered, faults = self.delivery.deliver(call, self.render(call, day))
        self.truth.call(call, delivered)
        self.note([*call_faults(call), *faults])
        for record in delivered:
            self.counts[f"{record.provider}.{record.stream}"] += 1
            self.size += len(record.encode())
            if record.provider in {"twilio", "zendesk"}:
                self.http.add(record)
                if record.stream == "summaries" and call.has("late_summary"):
                    self.http.late_summary(record)
            else:
                self.drops.add(record)

    def render(self, call: Call, day: int) -> list[Record]:
        skew = {s: clock_offset_ms(self.seed, self.profile, s, day) for s in SKEW_MS}
        records: list[Record] = []
        if not call.has("missing_telephony"):
            records += amazon_connect.render(call, skew["amazon_connect"])
            records += twilio.render(call, skew["twilio"])
        if call.has("minute_resolution"):
            for record in records:
                to_minutes(record)
        for session in call.sessions:
            records += livekit.render(session, skew["livekit"])
            records += otlp.render(session, skew["otlp"])
        return [*records, *zendesk.render(call, self.seed, skew["zendesk"], self.until_ms)]

    def note(self, faults: list[Fault]) -> None:
        self.faults.update(fault.name for fault in faults)
        self.truth.faults(faults)


def generate(
    out: Path,
    *,
    calls: int,
    days: int,
    start: date,
    seed: int,
    profile: str | FaultProfile = "clean",
    put: Callable[[str, bytes], object] | None = None,
) -> Estate:
    """Writes an estate under ``out``, replacing what an earlier run left there.

    Args:
        out: folder that gets ``drops``, ``http`` and ``truth``.
        calls: calls a day.
        days: days from ``start``.
        start: first day (UTC).
        seed: the same arguments give the same bytes.
        profile: a name of ``faults.PROFILES`` or rates of one's own.
        put: takes key and bytes of each drop file instead of the folder, such as a store's ``put``.

    Raises:
        ValueError: for an unknown profile, or no calls or days.
    """
    if calls < 1 or days < 1:
        raise ValueError("an estate needs at least one call a day and one day")
    chosen = FaultProfile.of(profile) if isinstance(profile, str) else profile
    _clear(out)
    until_ms = day_start_ms(start) + days * DAY_MS - 1
    drops = DropWriter(put or _folder_put(out / "drops"), seed, chosen)
    dates = tuple(start + timedelta(days=d) for d in range(days))
    answers = TruthWriter(out / "truth", until_ms, is_historical=chosen.is_historical)
    with _HttpFiles(out / "http") as http, answers as truth:
        generator = _Generator(
            seed=seed, profile=chosen, until_ms=until_ms, drops=drops, http=http, truth=truth
        )
        for day in range(days):
            plans = plan_day(seed, start, day, days=days, calls=calls, profile=chosen)
            if chosen.is_historical:
                plans = shape_day(seed, day, day_start_ms(dates[day]), plans, chosen)
                for system in SKEW_MS:
                    offset = clock_offset_ms(seed, chosen, system, day)
                    truth.clock(system, dates[day], offset)
            for plan in plans:
                generator.add(plan, day)
        drops.close()
        generator.note([*drops.faults, *_skews(chosen), *_drift(chosen)])
        http.settings(seed, chosen)
    return Estate(
        out=out,
        days=dates,
        calls=calls * days,
        resolvable=calls * days - truth.unresolvable,
        records=dict(sorted(generator.counts.items())),
        data_bytes=generator.size,
        faults=dict(sorted(generator.faults.items())),
        secrets=truth.counts["secrets"],
    )


def _skews(profile: FaultProfile) -> list[Fault]:
    return [
        Fault("clock_skew", -1, (), f"{provider} {profile.skew_ms(provider):+d} ms")
        for provider in ("twilio", "livekit", "otlp")
        if profile.skew_ms(provider)
    ]


def _drift(profile: FaultProfile) -> list[Fault]:
    rate = profile.rate("clock_drift")
    return [Fault("clock_drift", -1, (), f"{rate:g} of it; see clocks.jsonl")] if rate else []


def _clear(out: Path) -> None:
    for part in ("drops", "http", "truth"):
        shutil.rmtree(out / part, ignore_errors=True)


def _folder_put(root: Path) -> Callable[[str, bytes], object]:
    made: set[Path] = set()

    def put(key: str, data: bytes) -> int:
        path = root / key
        if path.parent not in made:
            path.parent.mkdir(parents=True, exist_ok=True)
            made.add(path.parent)
        return path.write_bytes(data)

    return put
