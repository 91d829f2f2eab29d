"""Known values: what a record says about the customer is masked wherever it is repeated.

For values of other records of the call the redacted record carries tokens (S0-93, S0-145): its own
name words in ``_known``, and each text's words that could be a name in ``candidates``.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from ingest.redaction.engine import Redaction, Redactor
from ingest.redaction.known import Known, name_words
from ingest.redaction.numerals import digits_of
from ingest.redaction.policy import default_policy
from ingest.redaction.tokens import caller_token, name_token

KEY = b"k" * 32


def redact(stream: str, record: dict[str, Any], key: bytes = KEY) -> Redaction:
    return Redactor(default_policy(), stream, key).redact(record)


def report(result: dict[str, Any], *said: str) -> dict[str, Any]:
    """A session report in which a tool returned ``result`` and the caller said ``said``."""
    items: list[dict[str, Any]] = [
        {"type": "function_call_output", "name": "lookup", "output": json.dumps(result)}
    ]
    items += [{"type": "message", "role": "user", "content": [text]} for text in said]
    return {"chat_history": {"items": items}}


def texts(record: dict[str, Any]) -> list[str]:
    return [item["content"] for item in record["chat_history"]["items"] if "content" in item]


def test_a_tools_result_tells_names_that_are_masked_where_they_are_said() -> None:
    record = report(
        {"customer": {"firstName": "Zoltan", "last_name": "Green"}, "tool_name": "Lookup"},
        "zoltan green's wife called",
        "Look up the green tariff, said Zoltán",
    )
    out = redact("livekit.session_reports", record)
    assert texts(out.record) == [
        "[KNOWN] [KNOWN]'s wife called",
        "Look up the [KNOWN] tariff, said [KNOWN]",
    ]
    assert "known" in out.classes
    assert "zoltan" not in json.dumps(out.record).lower()


def test_a_known_number_is_masked_in_part_and_spoken() -> None:
    record = report(
        {"phone_number": "+14155552671"}, "it ends two six seven one", "I pay 2670 a year"
    )
    assert texts(redact("livekit.session_reports", record).record) == [
        "it ends [KNOWN]",
        "I pay 2670 a year",
    ]


def test_words_of_a_known_address_are_masked_but_not_ordinary_ones() -> None:
    known = Known()
    known.add("address", "12 Elmshire Road, Springfield 62704")
    known.add("email", "zkovacs.home@example.com")
    assert known.words >= {"elmshire", "zkovacs"}
    assert not known.words & {"road", "home", "example"}
    assert known.numbers == {"62704"}


def test_a_field_of_the_policy_is_known_although_it_is_dropped() -> None:
    ticket = {
        "subject": "Zsofia is angry",
        "via": {"source": {"from": {"name": "Zsofia Nagy", "address": "z@example.com"}}},
    }
    out = redact("zendesk.tickets", ticket).record
    assert out["subject"] == "[KNOWN] is angry"
    assert "Nagy" not in str(out)


@pytest.mark.parametrize(
    "arguments", ["{broken", "[" * 5000, '"text"', "{}", '{"name": {"name": 5}}']
)
def test_arguments_that_are_no_json_of_a_customer_tell_nothing(arguments: str) -> None:
    item = {"type": "function_call", "name": "lookup", "arguments": arguments}
    out = redact("livekit.session_reports", {"chat_history": {"items": [item]}})
    assert "_known" not in out.record


def test_records_of_one_call_can_be_joined_over_tokens_without_a_name() -> None:
    """The contact record knows the name; the session report only has it in its text."""
    contact = redact(
        "amazon_connect.contact_records", {"Attributes": {"customerName": "Dr. Ana Zsófia"}}
    )
    spoken = redact("livekit.session_reports", report({}, "yes and then Zsofia's phone broke"))
    item = spoken.record["chat_history"]["items"][1]
    words = {
        item["content"][c["start"] : c["end"]]: c["token"]
        for c in item["content_redaction"]["candidates"]
    }
    assert words["Zsofia's"] in contact.record["_known"]
    assert words["Zsofia's"] == name_token(KEY, "zsofia")
    assert len(contact.record["_known"]) == 3
    assert "phone" not in words
    assert "sofia" not in json.dumps(contact.record).lower()


def test_candidates_lie_in_the_redacted_text() -> None:
    said = "card 4111 1111 1111 1111 for \U0001f600 Kowalczyk and Xenophon okay"
    item = redact("livekit.session_reports", report({}, said)).record["chat_history"]["items"][1]
    cut = [item["content"][c["start"] : c["end"]] for c in item["content_redaction"]["candidates"]]
    assert item["content"].startswith("card [CARD] for")
    assert cut == ["Kowalczyk", "Xenophon"]


def test_name_tokens_need_the_key_and_equal_no_caller_token() -> None:
    assert name_token(KEY, "ana") != name_token(b"x" * 32, "ana")
    assert name_token(KEY, "ana") != caller_token(KEY, "ana")


def test_titles_and_function_words_are_no_name() -> None:
    assert name_words("The O'Neil-Smith of X") == {"o'neil", "smith"}


@pytest.mark.parametrize(
    ("said", "digits"),
    [
        ("four double four two", "4442"),
        ("twenty two hundred", "2200"),
        ("oh seven forty-two", "0742"),
        ("triple five twelve", "55512"),
        ("4 1 five", "415"),
        ("nineteen eighty", "1980"),
        ("one to for", "124"),
    ],
)
def test_spoken_digits_are_read(said: str, digits: str) -> None:
    assert digits_of(said) == digits
