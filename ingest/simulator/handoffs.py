"""Which sides of which call each record is of: what a matcher's guesses are scored against.

A side is what one system knows of a call, or of one leg of it, under one identifier. The rows are
``truth/handoffs.jsonl`` (see ``truth.py``); ``HandoffKey`` reads them and answers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from ingest.simulator.clock import iso_ms
from ingest.simulator.legs import legs_of
from ingest.simulator.records import Alias, Record
from ingest.simulator.world import Call
from ingest.simulator.zendesk import ticket_id

SIDES = ("ivr", "telephony", "agent", "trace", "recording", "crm")


class Side(msgspec.Struct, frozen=True):
    """One row of ``truth/handoffs.jsonl``: a side of a call that was delivered in time.

    ``ids`` are the identifiers that name this side and no other, its own first: ivr
    ``connect_contact_id``; telephony ``twilio_call_sid``; agent ``livekit_room_sid`` and
    ``livekit_job_id``; trace ``otel_trace_id``; recording ``twilio_recording_sid``; crm
    ``zendesk_ticket_id``. ``parent`` is the identifier (of the same namespace) of the leg or
    contact out of which this one came, empty for a root. ``legs`` are the numbers of the agent
    sessions of which this side is: ``[1]``, ``[2]`` (after a transfer), ``[1, 2]`` for the caller's
    own leg of a transferred call, ``[]`` for a leg to a person or a call with no agent in it.
    ``island`` numbers the part of the call's records that identifying aliases join: two sides of
    one call on different islands are an unkeyed pair. It is None for tickets, which join nothing;
    ``names_call`` says of them whether they name a call. ``started_at`` and ``ended_at`` are
    instants of a perfect clock (UTC). ``shows_number`` says whether this side states the caller's
    number; of a ticket that two calls share the later call's row says it.
    """

    call: int
    side: str
    ids: list[Alias]
    legs: list[int]
    started_at: str
    ended_at: str
    island: int | None = None
    parent: str = ""
    shows_number: bool = False
    names_call: bool = False


class _Found(msgspec.Struct):
    side: str
    ids: list[Alias]
    legs: list[int]
    start_ms: int
    end_ms: int
    parent: str = ""
    shows_number: bool = False


def sides_of(
    call: Call, delivered: Iterable[Record], islands: list[list[tuple[str, str, str]]]
) -> list[Side]:
    """The sides of a call of which a record was delivered, in the order of ``SIDES``."""
    by_id = {alias: found for found in _sides(call) for alias in found.ids}
    island_of = {name: number for number, names in enumerate(islands) for name in names}
    rows: dict[Alias, Side] = {}
    for record in delivered:
        # A record's first alias is its own side's; tickets state none.
        found = by_id.get(record.aliases[0]) if record.aliases else None
        if found is None or found.ids[0] in rows:
            continue
        island = island_of[record.provider, record.stream, record.key]
        rows[found.ids[0]] = _row(call, found, island)
    if call.plan.is_followed or any(record.provider == "zendesk" for record in delivered):
        rows[("zendesk_ticket_id", "")] = _ticket(call)
    return sorted(rows.values(), key=lambda row: (SIDES.index(row.side), row.ids))


def _row(call: Call, found: _Found, island: int) -> Side:
    return Side(
        call=call.plan.ordinal,
        side=found.side,
        ids=found.ids,
        legs=found.legs,
        started_at=iso_ms(found.start_ms),
        ended_at=iso_ms(found.end_ms),
        island=island,
        parent=found.parent,
        shows_number=found.shows_number,
    )


def _ticket(call: Call) -> Side:
    first = call.plan.follows or call.plan
    unlinked = call.has("unlinked_ticket")
    shows = unlinked and call.plan.route != "web_call" and bool(call.number_on("telephony"))
    at = iso_ms(call.end_ms)
    return Side(
        call=call.plan.ordinal,
        side="crm",
        ids=[("zendesk_ticket_id", str(ticket_id(first.ordinal)))],
        legs=[number for number, _ in enumerate(call.sessions, 1) if call.agent_start_ms],
        started_at=at,
        ended_at=at,
        shows_number=shows and not call.plan.is_followed,
        names_call=not unlinked,
    )


def _sides(call: Call) -> Iterator[_Found]:
    """Every side that the call truly has, delivered or not."""
    legs = [number for number, _ in enumerate(call.sessions, 1) if call.agent_start_ms]
    yield from _telephony(call, legs)
    for number, session in zip(legs, call.sessions, strict=False):
        ids, begin, end = session.ids, session.room_ms, session.agent_end_ms
        names = [("livekit_room_sid", ids.room_sid), ("livekit_job_id", ids.job_id)]
        shows = bool(ids.livekit_sip_call_id and call.number_on("agent"))
        yield _Found("agent", names, [number], begin + 300, end, "", shows)
        trace = [("otel_trace_id", ids.trace_id)]
        yield _Found("trace", trace, [number], begin + 900, end + 500)


def _telephony(call: Call, legs: list[int]) -> Iterator[_Found]:
    shows = bool(call.number_on("telephony"))
    for index, contact in enumerate(call.contacts):
        names = [("connect_contact_id", call.ids.contact_ids[index])]
        parent = call.ids.contact_ids[index - 1] if index else ""
        own = [] if index else legs
        yield _Found("ivr", names, own, contact.start_ms, contact.end_ms, parent, shows)
    sessions = {
        session.ids.sip_call_sid: [number]
        for number, session in zip(legs, call.sessions, strict=False)
    }
    for leg in legs_of(call):
        own = sessions.get(leg.sid, []) if leg.parent else legs
        named = [("twilio_call_sid", leg.sid)]
        stated = shows and leg.sid != call.ids.human_call_sid
        yield _Found("telephony", named, own, leg.created_ms, leg.end_ms, leg.parent, stated)
    if call.ids.recording_sid:
        begin, sid = call.agent_start_ms + 1700, call.ids.recording_sid
        yield _Found("recording", [("twilio_recording_sid", sid)], legs, begin, call.agents_end_ms)


class HandoffKey:
    """The answers: which identifiers are of the same call, and of the same leg of it.

    Args:
        folder: an estate's ``truth``.

    Raises:
        FileNotFoundError: if the estate was generated without traits of ``HISTORY_FAULTS``.
    """

    def __init__(self, folder: Path) -> None:
        decode = msgspec.json.Decoder(Side).decode
        lines = (folder / "handoffs.jsonl").read_bytes().splitlines()
        self.sides = [decode(line) for line in lines]
        self._by_id: dict[Alias, list[Side]] = defaultdict(list)
        for side in self.sides:
            for alias in side.ids:
                self._by_id[alias].append(side)

    def sides_of(self, alias: Alias) -> list[Side]:
        """The sides that the identifier names: one, or two of a ticket that two calls share."""
        return list(self._by_id.get(alias, ()))

    def same_call(self, one: Alias, other: Alias) -> bool:
        """Whether both identifiers are of one true call; False if either is unknown."""
        return any(a.call == b.call for a in self.sides_of(one) for b in self.sides_of(other))

    def same_leg(self, one: Alias, other: Alias) -> bool:
        """Whether both are of the same agent session (or carry it) of one true call."""
        pairs = ((a, b) for a in self.sides_of(one) for b in self.sides_of(other))
        return any(a.call == b.call and set(a.legs) & set(b.legs) for a, b in pairs)

    def pairs(self, left: str, right: str) -> Iterator[tuple[Side, Side, bool]]:
        """Every true pair of two sides (names of ``SIDES``) of one leg, and whether it is keyed.

        Keyed: identifying aliases join both; or the ticket, if one side is ``crm``, names a call. A
        ticket is of a whole call: its pairs are with sides that have no parent.
        """
        calls: dict[int, list[Side]] = defaultdict(list)
        for side in self.sides:
            calls[side.call].append(side)
        for found in calls.values():
            for a in (side for side in found if side.side == left):
                for b in (side for side in found if side.side == right):
                    if _is_pair(a, b):
                        yield a, b, _is_keyed(a, b)


def _is_pair(a: Side, b: Side) -> bool:
    if "crm" in {a.side, b.side}:
        return not a.parent and not b.parent
    return bool(set(a.legs) & set(b.legs))


def _is_keyed(a: Side, b: Side) -> bool:
    tickets = [side for side in (a, b) if side.side == "crm"]
    return all(t.names_call for t in tickets) if tickets else a.island == b.island
