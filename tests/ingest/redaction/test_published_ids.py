"""Identifiers that callers, carriers and apps can set: what stays, what becomes a token."""

from __future__ import annotations

import random
from typing import Any

import pytest

from ingest.redaction.engine import Redaction, Redactor
from ingest.redaction.policy import default_policy
from ingest.redaction.tokens import caller_token, embedded_tokens, published_id

KEY = b"k" * 32
PHONE, CARD = caller_token(KEY, "+14155550100"), caller_token(KEY, "4111111111111111")


def redact(stream: str, record: dict[str, Any]) -> Redaction:
    return Redactor(default_policy(), stream, KEY).redact(record)


STAYS = [
    "call_01KQGW7F049R08FAXD5PG97R9W",
    "CA" + "1" * 32,
    "4" * 32,
    "4bf92f3577b34da6a3ce929d0e0e4736",
    "6f0b7f6e-0000-4000-a000-000000000001",
    "11111111-1111-4111-8111-111111111111",
    "RM_25BjnYBTx5r8",
    "AJ_123456789012",
    "bed07aa2c1d94f20bed07aa2c1d94f20@172.25.255.108",
    "abc123@10.0.0.1:5060",
    "call-20260501-1234567",
    "room-2026-05-01T093000",
    "20260501",
    "support-v12",
    "2026.4.1",
    "HL-100000",
    "400143",
    "tok_" + "1" * 32,
]


@pytest.mark.parametrize("value", STAYS)
def test_what_has_the_shape_of_an_id_stays(value: str) -> None:
    assert published_id(KEY, value) == value


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("4155550100", PHONE),
        ("+1 (415) 555-0100", PHONE),
        ("4111-1111-1111-1111", CARD),
        ("room-4111111111111111", f"room-{CARD}"),
        ("face-4111111111111111", f"face-{CARD}"),
        ("a4111111111111111", f"a{CARD}"),
        ("deadbeef4111111111111111", f"deadbeef{CARD}"),
        ("sip4155550100", f"sip{PHONE}"),
        ("call_4155550100a", f"call_{PHONE}a"),
        ("room-415.555.0100", f"room-{PHONE}"),
        ("x+14155550100", f"x{PHONE}"),
        ("call-_%2B14155550100_Ab3", f"call-_{PHONE}_Ab3"),
        ("4155550100@172.25.255.108", f"{PHONE}@172.25.255.108"),
    ],
)
def test_a_number_becomes_the_callers_token_wherever_it_stands(value: str, expected: str) -> None:
    assert published_id(KEY, value) == expected


@pytest.mark.parametrize(
    "value",
    [
        "card 4111111111111111 Jane Doe 415-555-0133",
        "Jane Doe",
        "jane@example.com",
        "jane%40example.com",
        "1" * 23,
        "x" * 201,
        "\u00e9lan",
    ],
)
def test_what_is_no_id_becomes_one_token(value: str) -> None:
    token = published_id(KEY, value)
    assert token.startswith("tok_")
    assert len(token) == 36
    assert token == published_id(KEY, f" {value} ")
    assert token != published_id(b"z" * 32, value)


def test_two_addresses_stay_two() -> None:
    """One constant for all would make two calls one."""
    ids = {published_id(KEY, value) for value in ("a@x.com", "b@x.com", "room_a@x.com")}
    assert len(ids) == 3


def test_what_is_published_is_published_as_it_is() -> None:
    for value in ("sip4155550100", "room-4111111111111111", "jane@x.com", "a b", *STAYS):
        once = published_id(KEY, value)
        assert published_id(KEY, once) == once


def test_random_ids_stay() -> None:
    """Every third or so of 32 random hex digits holds seven decimal ones in a row."""
    chance, changed = random.Random(7), 0
    for _ in range(5000):
        for value in (f"{chance.getrandbits(128):032x}", f"CA{chance.getrandbits(128):032x}"):
            changed += published_id(KEY, value) != value
    # A trace ID with a card number's 15 or 16 digits, check digit and all, is one in 10,000.
    assert changed <= 3


@pytest.mark.parametrize("value", ["4155550100", "call_1", "room-4111111111111111", "a b", "j@x.y"])
def test_one_identifier_is_published_alike_by_every_system(value: str) -> None:
    """A ticket and a contact that name the same call must still meet (S0-13)."""
    contact = redact("amazon_connect.contact_records", {"Attributes": {"canonicalCallId": value}})
    attributes = {"sip.h.X-Canonical-Call-Id": value, "sip.callIDFull": value}
    hook = redact(
        "livekit.webhooks", {"participant": {"attributes": attributes}, "room": {"name": value}}
    )
    span = redact("otlp.spans", {"attributes": {"canonical_call_id": value, "call.sid": value}})
    fields = [{"id": 360001, "value": f"{value}, CA1"}]
    ticket = redact("zendesk.tickets", {"external_id": value, "custom_fields": fields})
    expected = published_id(KEY, value)
    assert contact.record["Attributes"]["canonicalCallId"] == expected
    assert set(hook.record["participant"]["attributes"].values()) == {expected}
    assert hook.record["room"]["name"] == expected
    assert set(span.record["attributes"].values()) == {expected}
    assert ticket.record["external_id"] == expected
    assert ticket.record["custom_fields"][0]["value"] == f"{expected},CA1"


def test_other_fields_of_a_ticket_are_prose() -> None:
    spoken = "my social is one two three four five six seven eight nine"
    fields = [{"id": 1, "value": spoken}, {"id": 2, "value": 4111111111111111}]
    fields += [{"id": 3, "value": ["call 415 555 0100", "vip"]}, {"id": 4, "value": True}]
    ticket = redact("zendesk.tickets", {"id": 36000123456789, "custom_fields": fields})
    values = [field["value"] for field in ticket.record["custom_fields"]]
    assert values == ["my social is [SSN]", "[CARD]", ["call [PHONE]", "vip"], True]
    assert ticket.record["id"] == 36000123456789


def test_the_path_of_a_pointer_holds_no_number() -> None:
    kept = "b/Calls/2026/05/01/00d028ba-ef32-4fb6-a42b-77d57e1ee549_20260501T08:30_UTC.wav"
    assert embedded_tokens(KEY, kept) == kept
    recordings = [{"Location": "bucket/2026/+14155550100_x.wav"}, {"Location": kept}]
    out = redact("amazon_connect.contact_records", {"Recordings": recordings})
    assert out.record["Recordings"] == [
        {"Location": f"bucket/2026/{PHONE}_x.wav"},
        {"Location": kept},
    ]


@pytest.mark.parametrize("module", ["StoreUserInput", "GetUserInput"])
def test_what_was_pressed_is_masked_in_any_structure(module: str) -> None:
    """S0-87: a structure in place of the text is no way around."""
    for pressed, expected in (
        ({"digits": "83715", "n": [{"k": "1"}]}, {"digits": "[DTMF]", "n": [{"k": "[DTMF]"}]}),
        (["1", "2", "3"], ["[DTMF]"] * 3),
        ([8, [3]], ["[DTMF]", ["[DTMF]"]]),
    ):
        record = {"Results": pressed, "ContactFlowModuleType": module}
        assert redact("amazon_connect.flow_logs", record).record["Results"] == expected


def test_tokens_and_answers_reach_into_structures() -> None:
    call = redact("twilio.calls", {"from": {"number": "4155550100"}, "to": ["4155550100"]})
    assert call.record == {"from": {"number": PHONE}, "to": [PHONE]}
    log = redact("amazon_connect.flow_logs", {"ExternalResults": {"a": {"b": "pin 4 2"}}})
    assert log.record == {"ExternalResults": {"a": {"b": "pin [ANSWER]"}}}
    span = redact("otlp.spans", {"attributes": {"lk.user_transcript": {"t": "it is 4 2 4 2"}}})
    assert span.record["attributes"]["lk.user_transcript"]["t"] == "it is [ANSWER]"
    contact = {"Attributes": {"canonicalCallId": {"v": "4155550100"}}}
    out = redact("amazon_connect.contact_records", contact)
    assert out.record == {"Attributes": {"canonicalCallId": {"v": PHONE}}}
