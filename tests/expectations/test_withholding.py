"""What the detector flags does not leave the redaction step (DESIGN section 8, S0-145, S0-147)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from expectations import withholding
from expectations.withholding import WITHHELD_TEXT, detector_version, may_show, withhold
from ingest.redaction.policy import load_policy


def held(record: dict[str, Any]) -> tuple[dict[str, Any], set[str]]:
    result = withhold(json.dumps(record, separators=(",", ":")).encode())
    assert result is not None
    return json.loads(result.record), result.classes


def test_a_safe_record_is_not_touched() -> None:
    record = {"id": "AJ_x", "content": "my card is [CARD]", "created_at": 1777644991.662}
    assert withhold(json.dumps(record, separators=(",", ":")).encode()) is None


def test_a_text_is_replaced_and_its_state_says_why() -> None:
    noted = {"state": "redacted", "classes": ["card"], "strict": "ring 4155552671"}
    out, classes = held({"items": [{"content": "ring 4155552671", "content_redaction": noted}]})
    item = out["items"][0]
    assert item["content"] == WITHHELD_TEXT
    assert item["content_redaction"] == {
        "state": "withheld", "classes": ["card", "phone"], "strict": WITHHELD_TEXT,
        "rule": "detector",
    }  # fmt: skip
    assert classes == {"phone"}


def test_an_unsafe_strict_form_withholds_the_text_as_well() -> None:
    noted = {"state": "redacted", "classes": [], "strict": "at 1420 maple avenue"}
    out, _ = held({"content": "at [ADDRESS]", "content_redaction": noted})
    assert out["content"] == WITHHELD_TEXT
    assert "maple" not in json.dumps(out)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("call_id", "+14155552671"), ("callSid", "Jane Doe"), ("selected_option", "4929"),
        ("keys", "49#"), ("account", 4111111111111111), ("keys_pressed", ["4", "9", "2"]),
    ],
)  # fmt: skip
def test_what_is_no_text_becomes_null_and_joins_nothing(key: str, value: object) -> None:
    out, classes = held({key: value, "note": "ok then"})
    assert out[key] is None
    assert out["note"] == "ok then"
    assert out[f"{key}_redaction"]["state"] == "withheld"
    assert classes


def test_lists_keys_and_json_in_texts_are_looked_into() -> None:
    inside = json.dumps({"to": "4155552671"})
    out, _ = held({"tags": ["a", "call 4155552671"], "4155552671": 1, "arguments": inside})
    assert "4155552671" not in json.dumps(out)
    assert out["tags"] == ["a", WITHHELD_TEXT]


def test_an_answer_is_withheld_for_what_was_asked() -> None:
    asked = {"role": "agent", "content": "And the last four digits of your card, please?"}
    safe = {"role": "agent", "content": "Thank you, what can I do for you?"}
    answer = {"role": "user", "content": "it is four four seven one"}
    out, classes = held({"turns": [asked, answer]})
    assert out["turns"][1]["content"] == WITHHELD_TEXT
    assert classes == {"card_part"}
    record = json.dumps({"turns": [asked, safe, answer]}, separators=(",", ":")).encode()
    assert may_show(record)
    assert withhold(record) is None


def test_the_detector_is_part_of_the_policy_version(monkeypatch: pytest.MonkeyPatch) -> None:
    before = load_policy().version
    assert len(detector_version()) == 8
    monkeypatch.setattr("ingest.redaction.policy.detector_version", lambda: "other")
    assert load_policy().version != before
    monkeypatch.setattr(withholding, "version", lambda package: f"{package}-next")
    detector_version.cache_clear()
    changed = detector_version()
    monkeypatch.undo()
    detector_version.cache_clear()
    assert changed != detector_version()


@pytest.mark.parametrize("depth", [60, 5000])
def test_nested_json_in_a_text_does_not_exhaust_the_stack(depth: int) -> None:
    text = '{"a":' * depth + '"4155552671"' + "}" * depth
    out, _ = held({"note": text})
    assert out["note"] == WITHHELD_TEXT
