"""Amazon Connect as it writes: contact trace records and flow logs.

Shapes: the vendor's data model of contact trace records and its flow-log sample. Contact records
know whole seconds, flow logs milliseconds.
"""

from __future__ import annotations

from typing import Any

from ingest.fields import content_key
from ingest.simulator.clock import iso_ms, iso_s, path_day
from ingest.simulator.contact_lens import lens_records
from ingest.simulator.course import IVR_NUMBER
from ingest.simulator.ids import AWS_ACCOUNT, INSTANCE_ARN
from ingest.simulator.ivr import queue_arn
from ingest.simulator.records import Alias, Record
from ingest.simulator.world import Call, Contact, FlowStep

PROVIDER = "amazon_connect"
_FLOW_ARN = f"{INSTANCE_ARN}/contact-flow/6f1c2d3e-4a5b-4c6d-8e7f-90a1b2c3d4e5"
_QUEUE_FLOW_ARN = f"{INSTANCE_ARN}/contact-flow/7a2d3e4f-5b6c-4d7e-8f90-a1b2c3d4e5f6"
_RECORDINGS = "harborline-connect/connect/harborline/CallRecordings"
_ROUTING_PROFILE = {
    "ARN": f"{INSTANCE_ARN}/routing-profile/16e957b0-b7c7-44c7-b959-c9380699c7cc",
    "Name": "Basic Routing Profile",
}


def render(call: Call, skew_ms: int) -> list[Record]:
    """Contact records, flow logs and Contact Lens documents of one call."""
    if not call.contacts:
        return []
    records = [_contact_record(call, i, skew_ms) for i in range(len(call.contacts))]
    records += [_flow_log(call, step, skew_ms) for step in call.steps]
    records += lens_records(call, skew_ms)
    return records


def attributes(call: Call) -> dict[str, str]:
    """The contact attributes that the flow and its Lambdas set on the call."""
    out = {
        "language": call.language,
        "environment": call.environment,
        "region": call.region,
        "menuSelection": call.scenario.digit,
        "greetingPlayed": "true",
    }
    if call.campaign:
        out["campaign"] = call.campaign
    if call.ids.canonical_call_id and not call.has("missing_connect_link"):
        out["canonicalCallId"] = call.ids.canonical_call_id
    unlinked = call.has("missing_connect_attribute") or call.has("missing_connect_link")
    if call.ids.call_sid and not unlinked:
        out["twilioCallSid"] = call.ids.call_sid
    if call.outcome == "escalated":
        out["handoffReason"] = "caller_request"
    return out


def _contact_record(call: Call, index: int, skew_ms: int) -> Record:
    contact = call.contacts[index]
    ids = call.ids.contact_ids
    last = index == len(call.contacts) - 1
    previous = ids[index - 1] if index else None
    following = None if last else ids[index + 1]
    attrs = attributes(call)
    updated = contact.end_ms + call.rng.randrange(40_000, 90_000)
    body: dict[str, Any] = {
        "AWSAccountId": AWS_ACCOUNT,
        "AWSContactTraceRecordFormatVersion": "2017-03-10",
        "Agent": _agent(contact, skew_ms),
        "AgentConnectionAttempts": 1 if contact.agent else 0,
        "AnsweringMachineDetectionStatus": None,
        "Attributes": attrs,
        "Campaign": {"CampaignId": None},
        "Channel": "VOICE",
        "ConnectedToSystemTimestamp": iso_s(contact.start_ms + skew_ms),
        "ContactDetails": {},
        "ContactId": ids[index],
        "CustomerEndpoint": {
            "Address": call.number_on("telephony") or "anonymous",
            "Type": "TELEPHONE_NUMBER",
        },
        "DisconnectDetails": {"PotentialDisconnectIssue": None},
        "DisconnectReason": contact.disconnect_reason,
        "DisconnectTimestamp": iso_s(contact.end_ms + skew_ms),
        "InitialContactId": ids[0] if index else None,
        "InitiationMethod": contact.method,
        "InitiationTimestamp": iso_s(contact.start_ms + skew_ms),
        "InstanceARN": INSTANCE_ARN,
        "LastUpdateTimestamp": iso_s(updated + skew_ms),
        "MediaStreams": [{"Type": "AUDIO"}],
        "NextContactId": following,
        "PreviousContactId": previous,
        "QualityMetrics": _quality(call, contact),
        "Queue": _queue(contact, skew_ms),
        **_recordings(call, contact, ids[index], skew_ms),
        "References": [],
        "RelatedContactId": None,
        "ScheduledTimestamp": None,
        "SystemEndpoint": {"Address": IVR_NUMBER, "Type": "TELEPHONE_NUMBER"},
        "Tags": {"aws:connect:instanceId": INSTANCE_ARN.rpartition("/")[2]},
        "TransferCompletedTimestamp": _moment(contact.transfer_ms, skew_ms),
        "TransferredToEndpoint": _transferred_to(contact),
        "VoiceIdResult": None,
    }
    aliases = _contact_aliases(ids[index], ids[0], previous, following)
    return Record(
        PROVIDER, "contact_records", ids[index], body, updated + 5_000, aliases + _links(attrs)
    )


def _contact_aliases(*contact_ids: str | None) -> tuple[Alias, ...]:
    return tuple(("connect_contact_id", c) for c in dict.fromkeys(contact_ids) if c)


def _links(attrs: dict[str, str]) -> tuple[Alias, ...]:
    named = (("canonicalCallId", "canonical_call_id"), ("twilioCallSid", "twilio_call_sid"))
    return tuple((namespace, attrs[key]) for key, namespace in named if key in attrs)


def _moment(ms: int, skew_ms: int) -> str | None:
    return iso_s(ms + skew_ms) if ms else None


def _transferred_to(contact: Contact) -> dict[str, str] | None:
    if not contact.transfer_to.startswith("+"):
        return None
    return {"Address": contact.transfer_to, "Type": "TELEPHONE_NUMBER"}


def _agent(contact: Contact, skew_ms: int) -> dict[str, Any] | None:
    if not contact.agent:
        return None
    after = 5_000 + len(contact.turns) * 900
    return {
        "ARN": f"{INSTANCE_ARN}/agent/{contact.agent.encode().hex():0<32}",
        "AfterContactWorkDuration": after // 1000,
        "AfterContactWorkEndTimestamp": iso_s(contact.end_ms + after + skew_ms),
        "AfterContactWorkStartTimestamp": iso_s(contact.end_ms + skew_ms),
        "AgentInteractionDuration": (contact.end_ms - contact.agent_ms) // 1000,
        "ConnectedToAgentTimestamp": iso_s(contact.agent_ms + skew_ms),
        "CustomerHoldDuration": 0,
        "HierarchyGroups": None,
        "LongestHoldDuration": 0,
        "NumberOfHolds": 0,
        "RoutingProfile": _ROUTING_PROFILE,
        "Username": contact.agent,
    }


def _queue(contact: Contact, skew_ms: int) -> dict[str, Any] | None:
    if not contact.queue:
        return None
    return {
        "ARN": queue_arn(contact.queue),
        "DequeueTimestamp": iso_s(contact.dequeue_ms + skew_ms),
        "Duration": (contact.dequeue_ms - contact.enqueue_ms) // 1000,
        "EnqueueTimestamp": iso_s(contact.enqueue_ms + skew_ms),
        "Name": contact.queue,
    }


def _quality(call: Call, contact: Contact) -> dict[str, Any]:
    media = call.media
    if media is None or not contact.agent:
        return {"Agent": None, "Customer": None}
    bad = media.loss_pct > 3
    issues = ["HighPacketLoss"] if bad else []
    audio = {"PotentialQualityIssues": issues, "QualityScore": 2.4 if bad else 4.3}
    return {
        "Agent": {"Audio": {"PotentialQualityIssues": [], "QualityScore": 4.4}},
        "Customer": {"Audio": audio},
    }


def _recordings(call: Call, contact: Contact, contact_id: str, skew_ms: int) -> dict[str, Any]:
    """The recording of the person's part; the name carries the minute only."""
    if not contact.agent:
        return {"Recording": None, "Recordings": None}
    if call.has("deleted_recording"):
        gone = {"DeletionReason": "retention", "Location": None, "Status": "DELETED"}
        return {"Recording": {**gone, "Type": "AUDIO"}, "Recordings": None}
    began = contact.agent_ms + skew_ms
    minute = iso_s(began)[:16].replace("-", "")
    location = f"{_RECORDINGS}/{path_day(began)}/{contact_id}_{minute}_UTC.wav"
    first = {"DeletionReason": None, "Location": location, "Status": "AVAILABLE", "Type": "AUDIO"}
    every = {
        "DeletionReason": None,
        "FragmentStartNumber": None,
        "FragmentStopNumber": None,
        "Location": location,
        "MediaStreamType": "AUDIO",
        "ParticipantType": None,
        "StartTimestamp": None,
        "Status": "AVAILABLE",
        "StopTimestamp": None,
        "StorageType": "S3",
    }
    return {"Recording": first, "Recordings": [every]}


def _flow_log(call: Call, step: FlowStep, skew_ms: int) -> Record:
    contact_id = call.ids.contact_ids[step.contact]
    main = step.flow.startswith("Main")
    body: dict[str, Any] = {
        "ContactId": contact_id,
        "ContactFlowId": _FLOW_ARN if main else _QUEUE_FLOW_ARN,
        "ContactFlowName": step.flow,
        "ContactFlowModuleType": step.module,
        "Identifier": f"{step.module}-{len(step.parameters)}{step.contact}",
        "Timestamp": iso_ms(step.at_ms + skew_ms),
        "Parameters": step.parameters,
    }
    if step.results is not None:
        body["Results"] = step.results
    if step.external is not None:
        body["ExternalResults"] = step.external
    aliases: tuple[Alias, ...] = (("connect_contact_id", contact_id),)
    return Record(PROVIDER, "flow_logs", content_key(body), body, step.at_ms + 20_000, aliases)
