"""What happens to records on their way to the reader: lost, twice, late, or changed again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from ingest.simulator.clock import DAY_MS, iso_s
from ingest.simulator.faults import FaultProfile
from ingest.simulator.gaps import is_sampled_out
from ingest.simulator.records import Record
from ingest.simulator.world import Call

_HTTP = frozenset({"twilio", "zendesk"})


@dataclass(frozen=True, slots=True)
class Fault:
    """One injected fault, for the answer key. ``record`` is empty for faults of a whole call."""

    name: str
    call: int
    record: tuple[str, str, str] | tuple[()] = ()
    detail: str = ""


class Delivery:
    """Deals record faults to the records of one call after another.

    Args:
        seed: the estate's seed.
        profile: the rates.
        until_ms: end of the last day; ordinary duplicates do not arrive after it, late records may.
    """

    def __init__(self, seed: int, profile: FaultProfile, until_ms: int) -> None:
        self.seed = seed
        self.profile = profile
        self.until_ms = until_ms

    def deliver(self, call: Call, records: list[Record]) -> tuple[list[Record], list[Fault]]:
        """The deliveries of a call's records, and the faults among them."""
        rng = Random(f"{self.seed}|delivery|{call.plan.ordinal}")
        faults: list[Fault] = []
        out: list[Record] = []
        spans_late = rng.random() < self.profile.rate("late_delivery")
        days_late = rng.randrange(1, 3)
        for record in records:
            if record.stream == "spans":
                if spans_late:
                    record.at_ms += days_late * DAY_MS
                out.append(record)
            elif record.provider in _HTTP:
                out.append(record)
            else:
                out += self._drop_record(call, record, rng, faults)
        if spans_late and any(r.stream == "spans" for r in out):
            detail = f"{days_late} days, every span"
            faults.append(Fault("late_delivery", call.plan.ordinal, (), detail))
        return out, faults

    def _drop_record(
        self, call: Call, record: Record, rng: Random, faults: list[Fault]
    ) -> Iterator[Record]:
        ordinal, rate = call.plan.ordinal, self.profile.rate
        name = (record.provider, record.stream, record.key)
        roll = rng.random()
        if record.stream == "webhooks" and roll < rate("dropped_webhook"):
            faults.append(Fault("dropped_webhook", ordinal, name))
            return
        roll = rng.random()
        if roll < rate("late_delivery"):
            late = rng.randrange(1, 3)
            record.at_ms += late * DAY_MS
            faults.append(Fault("late_delivery", ordinal, name, f"{late} days"))
        yield record
        if rng.random() < rate("duplicate_delivery"):
            again = min(record.at_ms + rng.randrange(5_000, 900_000), self.until_ms)
            faults.append(Fault("duplicate_delivery", ordinal, name))
            yield replace(record, at_ms=max(again, record.at_ms))
        if record.stream == "contact_records" and rng.random() < rate("reemitted_record"):
            faults.append(Fault("reemitted_record", ordinal, name))
            yield _reemitted(record, rng)


def _reemitted(record: Record, rng: Random) -> Record:
    """The same contact with a later update and a changed attribute, as a survey makes one."""
    later = record.at_ms + rng.randrange(600_000, 90_000_000)
    body: dict[str, Any] = dict(record.body)
    body["LastUpdateTimestamp"] = iso_s(later - 5_000)
    body["Attributes"] = {**body["Attributes"], "surveyScore": str(rng.randrange(1, 6))}
    return replace(record, body=body, at_ms=later, data=b"")


def call_faults(call: Call) -> list[Fault]:
    """The faults that the plan dealt to the call, where they came to anything."""
    out = [Fault(name, call.plan.ordinal) for name in sorted(call.plan.faults)]
    leaked = any(place == "payload" for _, place in call.secrets)
    talked = any(contact.turns for contact in call.contacts)
    came_true = {
        "unredacted_payload": leaked,
        "unredacted_twin": talked,
        "deleted_recording": talked,
        "sampled_trace": is_sampled_out(call),
    }
    return [fault for fault in out if came_true.get(fault.name, True)]
