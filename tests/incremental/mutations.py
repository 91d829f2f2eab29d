"""Records re-emitted with other content, as a provider corrects them; also for the worse.

Each mutation takes a decoded record and returns a newer version of it, or None where it does not
apply. Other calls' identifiers come from ``others``: so calls merge, come apart, and aliases turn
bad.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

Record = dict[str, Any]
Mutation = Callable[[Record, "Others", Random], Record | None]


@dataclass(frozen=True)
class Others:
    """Identifiers that other records of the estate carry, and call IDs that were published."""

    contacts: Sequence[str]
    call_sids: Sequence[str]
    room_sids: Sequence[str]
    call_ids: Sequence[str]


def others_of(records: Sequence[Record], call_ids: Sequence[str]) -> Others:
    """What the decoded records name."""

    def values(*path: str) -> list[str]:
        found = set()
        for record in records:
            value: Any = record
            for key in path:
                value = value.get(key) if isinstance(value, dict) else None
            if isinstance(value, str):
                found.add(value)
        return sorted(found)

    return Others(values("ContactId"), values("sid"), values("room", "sid"), sorted(call_ids))


def _pick(rng: Random, values: Sequence[str], *more: str | None) -> str | None:
    return rng.choice([*values, *more]) if values or more else None


def _contact(record: Record, others: Others, rng: Random) -> Record:
    attributes = dict(record.get("Attributes") or {})
    name = rng.choice(["twilioCallSid", "canonicalCallId", "InitialContactId", "PreviousContactId"])
    if name == "twilioCallSid":
        attributes[name] = _pick(rng, others.call_sids, None, "null")
    elif name == "canonicalCallId":
        attributes[name] = _pick(
            rng, others.call_ids[:3], None, "call_minted_0001", "call_minted_2"
        )
    changed = {**record, "Attributes": {k: v for k, v in attributes.items() if v is not None}}
    if name.endswith("ContactId"):
        changed[name] = _pick(rng, others.contacts, None)
    changed["LastUpdateTimestamp"] = (
        f"2027-01-{rng.randrange(1, 28):02}T00:00:{rng.randrange(60):02}Z"
    )
    return changed


def _leg(record: Record, others: Others, rng: Random) -> Record:
    parent = _pick(rng, others.call_sids, None)
    when = f"{rng.randrange(1, 28):02} Jan 2027 10:00:{rng.randrange(60):02} +0000"
    return {**record, "parent_call_sid": parent, "date_updated": f"Mon, {when}"}


def _ticket(record: Record, others: Others, rng: Random) -> Record:
    names = [*others.call_sids, *others.contacts[:5], *others.call_ids]
    stamp = 1_800_000_000 + rng.randrange(10**6)
    return {
        **record,
        "external_id": _pick(rng, names, None),
        "status": rng.choice(["open", "solved"]),
        "generated_timestamp": stamp,
    }


def _webhook(record: Record, others: Others, rng: Random) -> Record | None:
    participant = record.get("participant")
    if not isinstance(participant, dict) or not participant.get("attributes"):
        return None
    attributes = {**participant["attributes"], "sip.twilio.callSid": _pick(rng, others.call_sids)}
    if rng.random() < 0.3:
        attributes["app.trace_id"] = "4bf92f3577b34da6a3ce929d0e0e4736"
    return {**record, "participant": {**participant, "attributes": attributes}}


def _report(record: Record, others: Others, rng: Random) -> Record:
    return {
        **record,
        "room_id": _pick(rng, others.room_sids, record.get("room_id")),
        "timestamp": 1_800_000_000 + rng.randrange(10**6),
    }


def _summary(record: Record, others: Others, rng: Random) -> Record:
    del others
    return {**record, "processing_state": rng.choice(["partial", "complete"])}


MUTATIONS: dict[tuple[str, str], Mutation] = {
    ("amazon_connect", "contact_records"): _contact,
    ("twilio", "calls"): _leg,
    ("zendesk", "tickets"): _ticket,
    ("livekit", "webhooks"): _webhook,
    ("livekit", "session_reports"): _report,
    ("twilio", "summaries"): _summary,
}


def mutated(stream: tuple[str, str], raw: bytes, others: Others, rng: Random) -> bytes | None:
    """A newer version of a record, or None where there is none to make."""
    mutation = MUTATIONS.get(stream)
    changed = mutation(json.loads(raw), others, rng) if mutation else None
    return None if changed is None else json.dumps(changed).encode()
