"""Zendesk tickets as the incremental cursor export gives them: one state of a ticket a record.

Shape: the vendor's example of the export. A ticket may name two calls; it never makes them one.
"""

from __future__ import annotations

from random import Random
from typing import Any

from ingest.simulator.clock import iso_s
from ingest.simulator.course import IVR_NUMBER
from ingest.simulator.ids import ZENDESK_HOST, Identity
from ingest.simulator.plan import plan_identity
from ingest.simulator.records import Record
from ingest.simulator.secrets import Secret
from ingest.simulator.world import Call

PROVIDER = "zendesk"
CALL_IDS_FIELD, DISPOSITION_FIELD, CUSTOMER_FIELD = 360001, 360002, 360003
_GROUPS = {
    "Billing": 98731,
    "Outages": 98732,
    "Customer Care": 98733,
    "Field Service": 98734,
    "Retention": 98735,
}
_SUBJECTS = {
    "billing_question": "Question about the latest invoice",
    "power_outage": "Power outage reported",
    "move_home": "Move of contract to a new address",
    "late_payment": "Payment plan requested",
    "technician_visit": "Technician visit booked",
    "cancel_contract": "Cancellation request",
}
_NO_SOURCE: dict[str, Any] = {"from": {}, "to": {}, "rel": "inbound"}
_ALWAYS: dict[str, Any] = {
    "recipient": None,
    "organization_id": None,
    "collaborator_ids": [],
    "follower_ids": [],
    "email_cc_ids": [],
    "forum_topic_id": None,
    "problem_id": None,
    "has_incidents": False,
    "is_public": True,
    "due_at": None,
    "sharing_agreement_ids": [],
    "custom_status_id": 14,
    "followup_ids": [],
    "ticket_form_id": 360000001,
    "brand_id": 360000002,
    "allow_channelback": False,
    "allow_attachments": True,
    "from_messaging_channel": False,
}


def ticket_id(ordinal: int) -> int:
    """The ticket that the call opened."""
    return 400_000 + ordinal


def render(call: Call, seed: int, skew_ms: int, until_ms: int) -> list[Record]:
    """States of the call's ticket: as opened, and for most as solved later.

    A call that is followed by another about the same matter leaves the ticket to that one. Nothing
    changes after ``until_ms``.
    """
    if not call.has_ticket or call.plan.is_followed:
        return []
    rng = Random(f"{seed}|ticket|{call.plan.ordinal}")
    first = call.plan.follows or call.plan
    opened = min(first.start_ms + 240_000 if call.plan.follows else call.end_ms + 30_000, until_ms)
    touched = min(max(opened, call.end_ms + 45_000), until_ms)
    body = _ticket(call, seed, rng, opened + skew_ms)
    states = [_state(body, "open", touched + skew_ms, touched + skew_ms)]
    if call.outcome == "resolved" or rng.random() < 0.5:
        solved = min(touched + rng.randrange(600_000, 30_000_000), until_ms)
        # The generated timestamp also moves on system changes that leave updated_at alone.
        moved = min(solved + (rng.random() < 0.3) * 7_200_000, until_ms)
        states.append(_state(body, "solved", solved + skew_ms, moved + skew_ms))
    key = str(body["id"])
    return [Record(PROVIDER, "tickets", key, s, s["generated_timestamp"] * 1000) for s in states]


def _state(body: dict[str, Any], status: str, updated_ms: int, generated_ms: int) -> dict[str, Any]:
    out = {**body, "status": status, "updated_at": iso_s(updated_ms)}
    out["generated_timestamp"] = generated_ms // 1000
    if status == "solved":
        out["satisfaction_rating"] = {"score": "good" if body["id"] % 3 else "bad", "comment": ""}
    return out


def _aliases(ids: Identity, rng: Random) -> str:
    """What the ticket calls the call by: a carrier's, a contact's or a room's identifier."""
    known = [i for i in (ids.call_sid, ids.contact_ids[0] if ids.contact_ids else "") if i]
    return rng.choice(known) if known else ids.room_sid


def _source(call: Call) -> dict[str, Any]:
    """Who called whom, as far as the telephone's side knows."""
    number = call.number_on("telephony")
    if not number or call.plan.route == "web_call":
        return _NO_SOURCE
    dialled = IVR_NUMBER if call.contacts else call.plan.agent_number
    customer, own = {"phone": number}, {"phone": dialled}
    if call.is_outbound:
        return {"from": own, "to": customer, "rel": "outbound"}
    return {"from": customer, "to": own, "rel": "inbound"}


def _ticket(call: Call, seed: int, rng: Random, opened_ms: int) -> dict[str, Any]:
    first = call.plan.follows or call.plan
    number = ticket_id(first.ordinal)
    named = [_aliases(plan_identity(seed, first), rng)]
    if first is not call.plan:
        named.append(_aliases(call.ids, rng))
    external = named[0] if rng.random() < 0.6 and not named[0].startswith("RM_") else ""
    unlinked = call.has("unlinked_ticket")
    if unlinked:
        named, external = [], ""
    subject = _SUBJECTS[call.scenario.intent]
    if call.has("unredacted_payload"):
        subject += f" - call back {call.caller.number}"
        call.secrets.append((Secret(call.caller.number, "phone"), "payload"))
    return {
        "url": f"https://{ZENDESK_HOST}/api/v2/tickets/{number}.json",
        "id": number,
        "external_id": external or None,
        "via": {"channel": "voice", "source": _source(call) if unlinked else _NO_SOURCE},
        "created_at": iso_s(opened_ms),
        "updated_at": "",
        "generated_timestamp": 0,
        "type": "incident" if call.scenario.intent == "power_outage" else "question",
        "subject": subject,
        "raw_subject": subject,
        "description": f"Opened by the voice agent after a call about {call.scenario.intent}.",
        "priority": "high" if call.outcome == "escalated" else "normal",
        "status": "",
        "requester_id": 20_970_000 + int(call.caller.reference[3:]),
        "submitter_id": 76872,
        "assignee_id": 235323 if call.outcome == "escalated" else None,
        "group_id": _GROUPS[call.scenario.queue],
        "tags": ["voice_agent", call.scenario.intent],
        "custom_fields": [
            {"id": CALL_IDS_FIELD, "value": ",".join(named)},
            {"id": DISPOSITION_FIELD, "value": call.outcome},
            {"id": CUSTOMER_FIELD, "value": call.caller.reference},
        ],
        "satisfaction_rating": {"score": "unoffered"},
        **_ALWAYS,
    }
