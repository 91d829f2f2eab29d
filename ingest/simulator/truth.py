"""The answer key: which record belongs to which call, every planted secret, every injected fault.

Nothing of the pipeline reads it. Files of JSON lines under ``truth/``:

- ``calls.jsonl``: call, route, outcome, started_at, ended_at, records [[provider, stream, key]],
  aliases [[namespace, value]], roles (the identifiers that the call truly has), broken (boundaries
  over which nothing links its records), resolvable, and where they apply: late (records that
  arrive after the estate's days), islands (of a call that is not resolvable from what arrives
  within the days: the lists of records that identifying aliases join, with nothing to join one
  list to another);
- ``secrets.jsonl``: value, class, call, where (the streams in whose records the value stands);
- ``gaps.jsonl``: call, role, cause and boundary of each identifier that the call has and no record
  within the estate's days states;
- ``faults.jsonl``: fault, call (null: of no single call), record, detail.

An estate with traits of ``faults.HISTORY_FAULTS`` has two more:

- ``handoffs.jsonl``: one row a side (``handoffs.Side`` has the fields): call, side, ids, legs,
  started_at, ended_at, island, parent, shows_number, names_call. Two sides are of the same true
  call if ``call`` is the same, of the same leg if they also have a number in ``legs`` in common,
  and nothing but a guess joins them if their ``island`` differs. ``handoffs.HandoffKey`` reads it;
- ``clocks.jsonl``: system, day, offset_ms (how far the clock was ahead for calls that began on
  that day), for every system and day of the estate.

A ticket shared by two calls stands in both; any other record stands in one call only.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import msgspec

from ingest.simulator.clock import iso_ms
from ingest.simulator.delivery import Fault
from ingest.simulator.gaps import broken_links, due_roles, gaps
from ingest.simulator.handoffs import sides_of
from ingest.simulator.records import Record
from ingest.simulator.world import Call
from ingest.simulator.zendesk import ticket_id

Name = tuple[str, str, str]


def islands(records: Iterable[Record]) -> list[list[Name]]:
    """The records of a call, grouped by the identifying aliases that they share.

    Tickets join nothing and are left out.
    """
    parent: dict[object, object] = {}

    def find(node: object) -> object:
        parent.setdefault(node, node)
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    names: dict[Name, None] = {}
    for record in records:
        if record.provider == "zendesk":
            continue
        name = (record.provider, record.stream, record.key)
        names[name] = None
        root = find(name)
        for alias in record.aliases:
            parent[find(alias)] = root
    groups: dict[object, list[Name]] = {}
    for name in names:
        groups.setdefault(find(name), []).append(name)
    return list(groups.values())


class TruthWriter:
    """Writes the answer key call by call. A context manager.

    ``until_ms``: the end of the estate's last day. ``is_historical``: write the sides as well.
    """

    def __init__(self, folder: Path, until_ms: int, *, is_historical: bool = False) -> None:
        self.until_ms = until_ms
        self.is_historical = is_historical
        more = ("handoffs", "clocks") if is_historical else ()
        folder.mkdir(parents=True, exist_ok=True)
        self._files: dict[str, IO[bytes]] = {
            name: (folder / f"{name}.jsonl").open("wb")
            for name in ("calls", "secrets", "gaps", "faults", *more)
        }
        self.unresolvable = 0
        self.counts = dict.fromkeys(self._files, 0)

    def __enter__(self) -> TruthWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for file in self._files.values():
            file.close()

    def _line(self, name: str, row: dict[str, Any]) -> None:
        self._files[name].write(msgspec.json.encode(row) + b"\n")
        self.counts[name] += 1

    def call(self, call: Call, delivered: list[Record]) -> None:
        """One call and its secrets, from what was delivered of it."""
        pulled = {"twilio", "zendesk"}
        in_time = [r for r in delivered if r.provider in pulled or r.at_ms <= self.until_ms]
        parts = islands(in_time)
        records = [name for part in islands(delivered) for name in part]
        aliases = dict.fromkeys(alias for r in delivered for alias in r.aliases)
        ticket = ""
        if call.plan.is_followed:
            ticket = str(ticket_id(call.plan.ordinal))
        else:
            ticket = next((r.key for r in delivered if r.provider == "zendesk"), "")
        if ticket:
            records.append(("zendesk", "tickets", ticket))
            aliases[("zendesk_ticket_id", ticket)] = None
        row: dict[str, Any] = {
            "call": call.plan.ordinal,
            "route": call.plan.route,
            "outcome": call.outcome,
            "started_at": iso_ms(call.start_ms),
            "ended_at": iso_ms(call.end_ms),
            "records": records,
            "aliases": list(aliases),
            "roles": sorted(due_roles(call)),
            "broken": broken_links(call, [{name[0] for name in part} for part in parts]),
            "resolvable": len(parts) <= 1,
        }
        names = {name for part in parts for name in part}
        late = {name for name in records if name[0] not in pulled} - names
        if late:
            row["late"] = sorted(late)
        if len(parts) > 1:
            row["islands"] = parts
            self.unresolvable += 1
        self._line("calls", row)
        if self.is_historical:
            for side in sides_of(call, in_time, parts):
                self._line("handoffs", msgspec.to_builtins(side))
        for gap in gaps(call, in_time):
            self._line("gaps", {"call": call.plan.ordinal, **asdict(gap)})
        self._secrets(call, delivered)

    def _secrets(self, call: Call, delivered: list[Record]) -> None:
        number = call.caller.number
        formatted = f"({number[2:5]}) {number[5:8]}-{number[8:]}"
        values = {secret.value: secret.kind for secret, _ in call.secrets}
        values |= {number: "caller_number", formatted: "caller_number"}
        streams: dict[str, list[bytes]] = {}
        for record in delivered:
            streams.setdefault(f"{record.provider}.{record.stream}", []).append(record.encode())
        texts = {stream: b"\n".join(parts) for stream, parts in streams.items()}
        for value, kind in values.items():
            wanted = value.encode()
            where = [stream for stream, text in texts.items() if wanted in text]
            if where:
                row = {"value": value, "class": kind, "call": call.plan.ordinal, "where": where}
                self._line("secrets", row)

    def clock(self, system: str, day: date, offset_ms: int) -> None:
        """How far a system's clock was ahead on a day."""
        row = {"system": system, "day": day.isoformat(), "offset_ms": offset_ms}
        self._line("clocks", row)

    def faults(self, faults: Iterable[Fault]) -> None:
        """Injected faults."""
        for fault in faults:
            self._line(
                "faults",
                {
                    "fault": fault.name,
                    "call": fault.call if fault.call >= 0 else None,
                    "record": list(fault.record) or None,
                    "detail": fault.detail,
                },
            )
