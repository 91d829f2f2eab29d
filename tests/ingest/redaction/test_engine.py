"""What each field action does to a record, and what happens to fields that no one listed."""

from __future__ import annotations

from typing import Any

import pytest

from ingest.redaction.engine import MAX_DEPTH, Redaction, Redactor, TooDeepError
from ingest.redaction.policy import default_policy
from ingest.redaction.tokens import caller_token

KEY = b"k" * 32
CALLER = "+14155552671"
TOKEN = caller_token(KEY, CALLER)


def redact(stream: str, record: dict[str, Any]) -> Redaction:
    return Redactor(default_policy(), stream, KEY).redact(record)


def test_phone_fields_become_the_same_token_in_every_stream() -> None:
    call = redact(
        "twilio.calls", {"sid": "CA1", "from": CALLER, "from_formatted": "(415) 555-2671"}
    )
    contact = redact("amazon_connect.contact_records", {"CustomerEndpoint": {"Address": CALLER}})
    attributes = {"sip.phoneNumber": CALLER}
    hook = redact("livekit.webhooks", {"participant": {"attributes": attributes}})
    summary = redact(
        "twilio.summaries", {"from": {"caller": "4155552671", "number_prefix": "1415"}}
    )
    assert call.record == {"sid": "CA1", "from": TOKEN}
    assert contact.record["CustomerEndpoint"]["Address"] == TOKEN
    assert hook.record["participant"]["attributes"]["sip.phoneNumber"] == TOKEN
    assert summary.record == {"from": {"caller": TOKEN}}


def test_a_hidden_caller_has_no_token() -> None:
    """One token for all hidden callers would make them one person."""
    assert redact("twilio.calls", {"from": "anonymous"}).record == {"from": None}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (f"call-_{CALLER}_Ab3", f"call-_{TOKEN}_Ab3"),
        ("call-_%2B14155552671_Ab3", f"call-_{TOKEN}_Ab3"),
        ("sip_14155552671", f"sip_{TOKEN}"),
        (CALLER, TOKEN),
        ("support-7f3a", "support-7f3a"),
        ("room-87367aaf-99c3-441c-89c1-123456789012", "room-87367aaf-99c3-441c-89c1-123456789012"),
    ],
)
def test_a_number_inside_an_id_is_replaced_in_place(written: str, expected: str) -> None:
    assert (
        redact("livekit.webhooks", {"room": {"name": written}}).record["room"]["name"] == expected
    )


@pytest.mark.parametrize(
    ("module", "result", "expected"),
    [
        ("StoreUserInput", "4111111111111111", "[DTMF]"),
        ("StoreUserInput", "1", "[DTMF]"),
        ("StoreUserInput", "Timeout", "[DTMF]"),
        ("GetUserInput", "1", "1"),
        ("GetUserInput", "#", "#"),
        ("GetUserInput", "Timeout", "Timeout"),
        ("GetUserInput", "12", "[DTMF]"),
        ("GetUserInput", "12*#", "[DTMF]"),
    ],
)
def test_keypad_input_is_masked_but_one_menu_key(module: str, result: str, expected: str) -> None:
    """S0-87, S0-152: raw DTMF never leaves; the chosen menu option does (S0-83, S0-86)."""
    out = redact("amazon_connect.flow_logs", {"Results": result, "ContactFlowModuleType": module})
    assert out.record["Results"] == expected
    assert ("keypad" in out.classes) == (expected == "[DTMF]")


def test_pointers_keep_their_path_and_lose_credentials_and_queries() -> None:
    url = "https://user:secret@bucket.example.com/a/b.wav?X-Amz-Signature=abc#t=1"
    out = redact("twilio.recordings", {"media_url": url})
    assert out.record == {"media_url": "https://bucket.example.com/a/b.wav"}
    lens = redact("amazon_connect.contact_records", {"Recording": {"Location": "b/c/x.wav"}})
    assert lens.record["Recording"]["Location"] == "b/c/x.wav"


def test_secrets_prompts_and_tool_payloads_do_not_leave() -> None:
    attributes = {
        "lk.function_tool.arguments": '{"card": "4111111111111111"}',
        "gen_ai.system_instructions": "be nice",
        "lk.pii.participant_identity": "ivan",
        "lk.response.text": "your card 4111",
        "lk.job_id": "AJ_1",
    }
    assert redact("otlp.spans", {"attributes": attributes}).record == {
        "attributes": {"lk.job_id": "AJ_1"}
    }
    hook = {"room": {"sid": "RM_1", "turnPassword": "hunter2"}}
    assert redact("livekit.webhooks", hook).record == {"room": {"sid": "RM_1"}}


def test_a_span_transcript_keeps_its_place_with_its_state_beside_it() -> None:
    out = redact("otlp.spans", {"attributes": {"lk.user_transcript": "it is 4 2 4 2"}})
    assert out.record["attributes"] == {
        "lk.user_transcript": "it is [ANSWER]",
        "lk.user_transcript_redaction": {
            "state": "redacted",
            "classes": ["answer"],
            "strict": "it is [ANSWER]",
            "candidates": [],
        },
    }


def test_unlisted_fields_are_redacted_as_text_and_counted() -> None:
    record = {
        "sid": "CA1",
        "note": "call 415 555 2671",
        "extra": {"deep": [{"mail": "a@example.com"}]},
        "count": 7,
        "ratio": 12345678.5,
        "phone": 14155552671,
        "flag": True,
        "none": None,
    }
    out = redact("twilio.calls", record)
    assert out.record == {
        "sid": "CA1",
        "note": "call [PHONE]",
        "extra": {"deep": [{"mail": "[EMAIL]"}]},
        "count": 7,
        "ratio": 12345678.5,
        "flag": True,
        "none": None,
    }
    assert out.drift == {
        "note": 1,
        "extra/deep[]/mail": 1,
        "count": 1,
        "ratio": 1,
        "phone": 1,
        "flag": 1,
    }
    assert out.state == "redacted"


def test_measures_keep_numbers_and_codes_and_no_text() -> None:
    record = {"properties": {"pdd_ms": 1990, "by": "caller", "note": "4155552671", "t": "a b c"}}
    out = redact("twilio.summaries", record)
    assert out.record["properties"] == {
        "pdd_ms": 1990,
        "by": "caller",
        "note": "[PHONE]",
        "t": "a b c",
    }
    assert set(out.drift) == {"properties/note", "properties/t"}


def test_a_key_that_may_be_personal_is_dropped_and_not_repeated() -> None:
    out = redact("twilio.calls", {"sid": "CA1", "+14155552671": "x", "a b@c.de": 1})
    assert out.record == {"sid": "CA1"}
    assert set(out.drift) == {"*"}


def test_a_structure_in_place_of_a_listed_scalar_is_drift() -> None:
    out = redact("twilio.calls", {"sid": {"value": "415 555 2671"}, "status": ["415 555 2671"]})
    assert out.record == {"sid": {"value": "[PHONE]"}, "status": ["[PHONE]"]}
    assert set(out.drift) == {"sid/value", "status[]"}


def test_connect_keys_are_read_in_any_case_and_written_in_one() -> None:
    out = redact("amazon_connect.contact_records", {"contactid": "c-1", "AGENT": {"arn": "a"}})
    assert out.record == {"ContactId": "c-1", "Agent": {"ARN": "a"}}
    assert not out.drift


def test_customer_attributes_leave_only_by_name() -> None:
    attributes = {"canonicalCallId": "call_1", "customerName": "Ivan", "cardNumber": "4111"}
    out = redact("amazon_connect.contact_records", {"Attributes": attributes})
    assert out.record["Attributes"] == {"canonicalCallId": "call_1"}
    assert "Ivan" not in str(out.record)


def test_chat_content_becomes_one_string() -> None:
    items = [{"role": "user", "content": ["one", {"image": "x"}, "two"]}]
    out = redact("livekit.session_reports", {"chat_history": {"items": items}})
    assert out.record["chat_history"]["items"][0]["content"] == "one\ntwo"


def test_a_redacted_artefact_says_that_the_provider_did_it() -> None:
    turn = {"ParticipantId": "AGENT", "Content": "Hello."}
    document = {"ContentMetadata": {"Output": "Redacted"}, "Transcript": [turn]}
    out = redact("amazon_connect.contact_lens", {"artefact": "redacted", "document": document})
    assert out.state == "provider_redacted"
    turn["Content"] = "my card is 4111 1111 1111 1111"
    out = redact("amazon_connect.contact_lens", {"artefact": "redacted", "document": document})
    assert out.state == "redacted"


def test_a_record_that_nests_too_deep_is_refused() -> None:
    record: dict[str, Any] = {}
    inner = record
    for _ in range(MAX_DEPTH + 2):
        inner["x"] = {}
        inner = inner["x"]
    with pytest.raises(TooDeepError):
        redact("twilio.calls", record)


@pytest.mark.parametrize(
    "name",
    ["authToken", "api_key", "Password", "client-secret", "Authorization", "originalMessage"],
)
def test_an_unlisted_field_whose_name_says_secret_is_dropped(name: str) -> None:
    """A credential has no shape that a text rule could know."""
    out = redact("twilio.calls", {"sid": "CA1", name: "hush"})
    assert (out.record, out.drift) == ({"sid": "CA1"}, {name: 1})
    nested = redact("twilio.calls", {"sid": "CA1", name: {"value": ["hush", "hush"]}})
    assert "hush" not in str(nested.record)


def test_a_count_of_tokens_is_no_secret() -> None:
    assert redact("twilio.calls", {"total_tokens": 5}).record == {"total_tokens": 5}
    assert redact("otlp.spans", {"attributes": {"lk.pii.new": "x"}}).record == {"attributes": {}}
