"""The detector finds what the redactor must have taken, and leaves ordinary speech (S0-145)."""

from __future__ import annotations

import ast
import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expectations import detector
from expectations.detector import (
    classes_in_alias,
    classes_in_id,
    classes_in_payload,
    classes_in_text,
    classes_in_value,
)
from tests.conftest import ROOT

DIGITS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("4111 1111 1111 1111", "card"),
        ("4111-1111/1111.1111", "card"),
        ("4111, 1111, 1111, 1111", "card"),
        ("3782 822463 10005", "card"),
        ("\uff14\uff11\uff11\uff11 1111 1111 1111", "card"),
        ("4111 1111 1111 1112", "digits"),
        ("(415) 555-2671", "phone"),
        ("+44 20 7946 0958", "phone"),
        ("078-05-1120", "ssn_like"),
        ("my number is 5 5 5 2 6 7 1", "digits"),
        ("j.doe+x@mail.example.co.uk", "email"),
        ("j doe at example dot com", "spoken_email"),
        ("four one one one uh one one one one", "spoken_digits"),
        ("triple five double two six seven", "spoken_digits"),
        ("one eight hundred five five five one two one two", "spoken_digits"),
        ("forty one eleven forty one eleven", "spoken_digits"),
        ("four two to two four for four two", "spoken_digits"),
        ("my number is 415 five five five 2671", "spoken_digits"),
        ("zero seven eight oh five one one two zero", "spoken_ssn_like"),
        ("four-one-one-one " * 4, "spoken_digits"),
        ("the cvv is 737", "card_part"),
        ("security code seven three seven", "card_part"),
        ("my pin is 4 9 2 9", "secret"),
        ("password is hunter2x", "secret"),
        ("use sk-live0123456789abcdef please", "secret"),
        ("key Zm9vYmFyQmF6UXV4MTIzNDU2Nzg5 here", "secret"),
        ("at https://jane:pa55word@db.example.com/x now", "secret"),
        ("I was born in nineteen eighty four", "birth_date"),
        ("birthday 03/12/1985", "birth_date"),
        ("zip code is nine oh two one oh", "post_code"),
        ("account number ending 4 4 7 1", "account"),
        ("my last name is garcia", "name"),
        ("it is spelled g a r c i a", "spelled"),
        ("I live at 1420 maple avenue", "address"),
        ("at twelve oak street", "address"),
        ("I connect from 10.20.1.7", "ip"),
        ("national insurance AB 12 34 56 C", "national_id"),
        ("iban GB29 NWBK 6016 1331 9268 19", "digits"),
        ("my postcode is SW1A 1AA", "post_code"),
        ("driver license F12345", "licence"),
        ("member id ABC12X45", "account"),
    ],
)
def test_finds(text: str, name: str) -> None:
    assert name in classes_in_text(f"so {text} thanks")


@pytest.mark.parametrize(
    "text",
    [
        "I was charged $1,234,567.89 on 2026-05-01 at 10:30:15",
        "between 2019 and 2023 I paid 20 or 35 a month",
        "nineteen eighty four at two thirty",
        "three hundred twenty one dollars and ninety nine cents",
        "for one of those two or three reasons, say one or two",
        "visit us at acme dot com",
        "[CARD] and [PHONE] and tok_00112233445566778899001122334455",
        "call 7f3c1b2a-1111-4222-8333-444455556666 of CA00112233445566778899001122334455",
        "2026-05-01T10:30:15.123456Z",
        "claude-3-5-sonnet-20241022 in us-east-1",
        "my card is [CARD] and the security code is [CARD], born [DATE]",
        "please enter your four digit pin, or press one for your account number",
        "my name is [NAME], I live at [ADDRESS]",
        "the security code was wrong after 30 minutes and I paid 250 dollars",
        "two ways down the road, 10 minutes drive",
        "what is your name? My name is on the account",
        "arn:aws:connect:us-west-2:111122223333:queue in version 2026.4.1",
        "press one for billing, two for sales, three for anything else",
    ],
)
def test_leaves_alone(text: str) -> None:
    assert classes_in_text(text) == frozenset()


@pytest.mark.parametrize(
    "payload",
    [
        {"selected_option": "2", "menu_name": "Main menu", "attempt_number": 12},
        {"duration_ms": 1234567890, "started_at": "2026-05-01T10:30:15Z", "tokens": 12345678},
        {"case_id": 360001234567, "requesterId": "360001234567", "call_sid": "CA" + "1" * 32},
        {"asr_confidence": 0.912345678912, "packet_loss_pct": 0.0123456789},
        {"audio_pointer": "s3://bucket/2026/05/01/10/415555267100.wav"},
        {"sip_call_id": "1234567890123@10.11.12.13", "timestamp": 1777631415123},
    ],
)
def test_payload_identifiers_and_measures_are_no_finding(payload: dict) -> None:
    assert classes_in_payload(json.dumps(payload), "ivr.menu_option_selected") == {}


@pytest.mark.parametrize(
    ("payload", "event_type", "field", "name"),
    [
        ('{"selectedOption": "49"}', "ivr.menu_option_selected", "selectedOption", "keypad"),
        ('{"menu": {"digits": "1#"}}', "ivr.menu_option_selected", "menu.digits", "keypad"),
        ('{"dtmf_digits": [4, 9]}', "call.answered", None, None),
        ('{"dtmf": ["4", "9"]}', "call.answered", "dtmf", "keypad"),
        ('{"result": "4929"}', "ivr.input_collected", "result", "keypad"),
        ('{"account": 4111111111111111}', "tool.called", "account", "card"),
        ('{"caller_id": "+14155552671"}', "call.answered", "caller_id", "phone"),
        ('{"recording_url": "https://x/%2B14155552671.wav"}', "call.answered", "recording_url",
         "phone"),
        ('{"trace_id": "4111111111111111"}', "tool.called", "trace_id", "card"),
        ('{"+14155552671": "x"}', "tool.called", "+14155552671", "phone"),
        ("not json 4155552671", "tool.called", "", "phone"),
    ],
)  # fmt: skip
def test_payload_findings(
    payload: str, event_type: str, field: str | None, name: str | None
) -> None:
    found = classes_in_payload(payload, event_type)
    if field is None:
        assert found == {}  # two keys as numbers of one digit: each alone is a menu choice
    else:
        assert name in found[field]


def test_identifiers_are_looked_at_for_what_no_identifier_is() -> None:
    assert classes_in_id("360001234567") == frozenset()
    assert classes_in_id("RM_4155552671") == frozenset()
    assert classes_in_id("sip:+14155552671@pstn") == {"phone"}
    assert classes_in_id("4111111111111111") == {"card"}
    assert classes_in_id("4111111111111112") == frozenset()


@pytest.mark.parametrize(
    ("namespace", "value", "name"),
    [
        ("canonical_call_id", "4155550100", "digits"),
        ("canonical_call_id", "415-555-0133", "digits"),
        ("canonical_call_id", "card of Jane Doe", "text"),
        ("canonical_call_id", "x:4111111111111111", "card"),
        ("call_reference", "1234567890123456", "digits"),
        ("call_reference", "jane@example.com", "email"),
        ("crm_ticket_id", "4111111111111111", "card"),
        ("connect_recording_location", "b/4111111111111111.wav", "card"),
    ],
)
def test_an_alias_that_is_no_identifier_is_found(namespace: str, value: str, name: str) -> None:
    assert name in classes_in_alias(namespace, value)
    assert name in classes_in_alias(namespace, value) & classes_in_alias(namespace, f"{value} ")


@pytest.mark.parametrize(
    ("namespace", "value"),
    [
        ("crm_ticket_id", "36000123456789"),
        ("canonical_call_id", "call_01KQGW7F049R08FAXD5PG97R9W"),
        ("canonical_call_id", "20260501-1234567"),
        ("sip_call_id", "1fc3be90d9e1e74197ccb20116549407@172.25.29.74"),
        ("twilio_call_sid", "CA" + "41" * 16),
        ("otel_trace_id", "41" * 16),
        ("otel_span_id", "41" * 16 + ":4111111111111111"),
        ("connect_contact_id", "41111111-1111-4111-8111-411111111111"),
        ("connect_recording_location", "b/My calls/2026/05/01/x_20260501T08:30_UTC.wav"),
        ("livekit_room_name", "call-20260501-1234567"),
    ],
)
def test_identifiers_are_no_finding_whatever_digits_they_drew(namespace: str, value: str) -> None:
    assert classes_in_alias(namespace, value) == frozenset()


def test_a_column_of_call_ids_is_looked_at_as_their_alias_is() -> None:
    assert classes_in_value("canonical_call_id", "4155550100") == {"digits"}
    assert classes_in_value("agent_id", "ask for Jane") == {"text"}
    assert classes_in_value("agent_id", "4155550100") == frozenset()
    assert classes_in_value("group_id", "360001234567") == frozenset()
    assert classes_in_value("span_id", "4111111111111111") == frozenset()


SEPARATORS = st.sampled_from(["", " ", "-", ".", ", ", " - ", "/", "\u2013"])


@given(st.lists(st.tuples(st.integers(0, 9), SEPARATORS), min_size=7, max_size=19))
@settings(max_examples=300, deadline=None, derandomize=True)
def test_any_seven_digits_with_any_separators_are_found(digits: list[tuple[int, str]]) -> None:
    text = "".join(f"{separator}{digit}" for digit, separator in digits).strip(" -.,/\u2013")
    numbers = detector._PROSE_NUMBERS
    masked = detector.re.sub("|".join(numbers), " x ", text)
    if masked == text:  # a run that happens to spell a date or an address is left to its form
        assert classes_in_text(f"it is {text} ok"), text


@given(st.lists(st.integers(0, 9), min_size=7, max_size=16), st.randoms(use_true_random=False))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_any_seven_spoken_digits_are_found(digits: list[int], chance: random.Random) -> None:
    words = []
    for digit in digits:
        words += ["uh"] * (chance.random() < 0.2) + [DIGITS[digit] if digit else "oh"]
    assert classes_in_text(" ".join(words))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a." * 20_000 + "@", False),
        ("1 " * 20_000, True),
        ("one " * 20_000, True),
        ("@" * 40_000, False),
        ("at " * 20_000, False),
    ],
)
def test_hostile_text_is_judged_in_one_pass(text: str, found: bool) -> None:
    """Each of these takes minutes where time grows with the square of the text."""
    assert bool(classes_in_text(text)) == found


def test_the_detector_shares_nothing_with_the_redactor() -> None:
    for path in sorted((ROOT / "expectations").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not [name for name in names if name.split(".")[0] == "ingest"], path.name
