"""Contact Lens as it writes: the original analysis of a person's talk and its redacted twin.

The body carries no contact ID and no absolute clock: both stand in the file name (the time there is
the analysis time). The original carries the redaction offsets while showing the plain text.
"""

from __future__ import annotations

from typing import Any

from ingest.simulator.clock import iso_s
from ingest.simulator.ids import AWS_ACCOUNT, uuid4
from ingest.simulator.records import Record
from ingest.simulator.world import Call, Contact, Turn

_ROLES = {"user": "CUSTOMER", "agent": "AGENT"}
_INTERRUPTIONS = {"InterruptionsByInterrupter": {}, "TotalCount": 0, "TotalTimeMillis": 0}
_TALK_SPEED = {
    "DetailsByParticipant": {
        "AGENT": {"AverageWordsPerMinute": 172},
        "CUSTOMER": {"AverageWordsPerMinute": 158},
    }
}
_REDACTED = {
    "Output": "Redacted",
    "RedactionTypes": ["PII"],
    "RedactionTypesMetadata": {
        "PII": {
            "RedactionEntitiesRequested": ["CREDIT_DEBIT_NUMBER", "PHONE", "EMAIL", "SSN"],
            "RedactionMaskMode": "PII",
        }
    },
}


def lens_records(call: Call, skew_ms: int) -> list[Record]:
    """Two documents for every contact in which a person talked."""
    out = []
    for index, contact in enumerate(call.contacts):
        if contact.turns:
            out += _twins(call, index, contact, skew_ms)
    return out


def _twins(call: Call, index: int, contact: Contact, skew_ms: int) -> list[Record]:
    contact_id = call.ids.contact_ids[index]
    analysed = contact.end_ms + call.rng.randrange(300_000, 1_200_000)
    stamp = iso_s(analysed + skew_ms)
    common = _common(call, contact)
    turns = [_turn(call, contact, turn) for turn in contact.turns]
    plain = call.has("unredacted_twin")
    safe = [
        t if plain else {**t, "Content": turn.safe_text}
        for t, turn in zip(turns, contact.turns, strict=True)
    ]
    alias = (("connect_contact_id", contact_id),)
    original = {**common, "ContentMetadata": {"Output": "Raw"}, "Transcript": turns}
    redacted = {**common, "ContentMetadata": _REDACTED, "Transcript": safe}
    return [
        Record(
            "amazon_connect",
            "contact_lens",
            f"{contact_id}:original",
            original,
            analysed,
            alias,
            f"Analysis/Voice/{{day}}/{contact_id}_analysis_{stamp}.json",
        ),
        Record(
            "amazon_connect",
            "contact_lens",
            f"{contact_id}:redacted",
            redacted,
            analysed,
            alias,
            f"Analysis/Voice/Redacted/{{day}}/{contact_id}_analysis_redacted_{stamp}.json",
        ),
    ]


def _common(call: Call, contact: Contact) -> dict[str, Any]:
    total = contact.end_ms - contact.agent_ms
    spoken = {"user": 0, "agent": 0}
    for turn in contact.turns:
        spoken[turn.speaker] += turn.end_ms - turn.start_ms
    silences = _silences(contact)
    score = -1.5 if call.outcome == "callback" else 1.2
    quarter = max(1, total // 4)
    periods = [
        {"BeginOffsetMillis": i * quarter, "EndOffsetMillis": (i + 1) * quarter, "Score": score}
        for i in range(4)
    ]
    return {
        "Version": "VOICE-2022-11-30",
        "AccountId": AWS_ACCOUNT,
        "Channel": "VOICE",
        "JobStatus": "COMPLETED",
        "LanguageCode": call.language,
        "Participants": [
            {"ParticipantId": "CUSTOMER", "ParticipantRole": "CUSTOMER"},
            {"ParticipantId": "AGENT", "ParticipantRole": "AGENT"},
        ],
        "Categories": {"MatchedCategories": [], "MatchedDetails": {}},
        "ConversationCharacteristics": {
            "TotalConversationDurationMillis": total,
            "Sentiment": {
                "OverallSentiment": {"AGENT": 0, "CUSTOMER": score},
                "SentimentByPeriod": {"QUARTER": {"AGENT": periods, "CUSTOMER": periods}},
            },
            "Interruptions": _INTERRUPTIONS,
            "NonTalkTime": {
                "TotalTimeMillis": sum(s["DurationMillis"] for s in silences),
                "Instances": silences,
            },
            "TalkSpeed": _TALK_SPEED,
            "TalkTime": {
                "TotalTimeMillis": sum(spoken.values()),
                "DetailsByParticipant": {
                    "AGENT": {"TotalTimeMillis": spoken["agent"]},
                    "CUSTOMER": {"TotalTimeMillis": spoken["user"]},
                },
            },
        },
        "CustomModels": [],
    }


def _silences(contact: Contact) -> list[dict[str, int]]:
    """Pauses of more than 1.2 seconds between turns."""
    out = []
    for before, after in zip(contact.turns, contact.turns[1:], strict=False):
        gap = after.start_ms - before.end_ms
        if gap > 1_200:
            begin = before.end_ms - contact.agent_ms
            out.append(
                {
                    "BeginOffsetMillis": begin,
                    "DurationMillis": gap,
                    "EndOffsetMillis": begin + gap,
                }
            )
    return out


def _turn(call: Call, contact: Contact, turn: Turn) -> dict[str, Any]:
    begin, end = turn.start_ms - contact.agent_ms, turn.end_ms - contact.agent_ms
    loud = 62 + (begin // 7) % 25
    body: dict[str, Any] = {
        "BeginOffsetMillis": begin,
        "Content": turn.text,
        "EndOffsetMillis": end,
        "Id": uuid4(call.rng),
        "ParticipantId": _ROLES[turn.speaker],
        "Sentiment": "NEUTRAL",
        "LoudnessScore": [loud + 0.5 * (i % 7) for i in range(1 + (end - begin) // 1000)],
    }
    if turn.text != turn.safe_text:
        third = (end - begin) // 3
        body["Redaction"] = {
            "RedactedTimestamps": [{"BeginOffsetMillis": begin + third, "EndOffsetMillis": end}]
        }
    return body
