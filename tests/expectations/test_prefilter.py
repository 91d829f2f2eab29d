"""What the automata set aside, the detector would not have flagged (seeded, S0-145)."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

import duckdb
import pytest
import re2
from hypothesis import example, given, settings
from hypothesis import strategies as st

from expectations import prefilter
from expectations.detector import (
    NAMED_NAMESPACES,
    classes_in_alias,
    classes_in_payload,
    classes_in_text,
    classes_in_value,
)
from expectations.recognisers import everything_recognised, may_match
from expectations.spoken import NUMBER_WORDS
from expectations.withholding import all_classes, may_show

PLANTED = [
    "4111 1111 1111 1111", "+14155552671", "(415) 555-2671", "triple five double two six seven",
    "one eight hundred five five five one two", "forty one eleven forty one", "j@x.example.com",
    "j doe at example dot com", "078-05-1120", "5 5 5 2 6 7 1", "five 5 five 2 six 71",
    "4155550100", "x:4111111111111111.y", "Jane Doe", "jane@10.example.com", "192.168.100.20",
    "my pin is 4929", "what is your zip code?", "nine oh two one oh", "password is hunter2x",
    "my name is jane", "g a r c i a", "1420 maple avenue",
    "\uff14\uff11\uff11\uff11 1111 1111 1111",
    "4 1 5 5 uh 5 5 2 six", "https://u:pw@example.com/", "postcode SW1A 1AA", "AB 12 34 56 C",
    "call\u00a0me", "4\n1\n1\n1\n1\n1\n1\n1", "one\ntwo\nthree\nfour\nfive\nsix\nseven",
]  # fmt: skip
PLAIN = [
    "hello", "thanks", "press", "order", "20", "3", "2026", "$20.50", "10:30", "2026-05-01",
    "2026-05-01T10:30:15.123Z", "tok_" + "0" * 32, "CA" + "41" * 16, "[CARD]", "uh", "to", "dot",
    "at", "is", "name", "my", "card", "number", "pin", "zip", "code", "member", "street", "a", "x",
    "gpt-4o", "v12", "é", "\u2019", '"quoted"', "a\\b", "00000000-0000-4000-8000-000000000000",
]  # fmt: skip
KEYS = [
    "note", "text", "caller_id", "recording_url", "queue_name", "selected_option", "to", "at",
    "call_id", "digits", "case_id", "callSid", "createdAt", "startTimeUnixNano", "duration",
    "AccountId", "max_digits", "input_tokens", "createdat", "sip.callIDFull", "1.2.3.4.5.6.7_id",
]  # fmt: skip
PIECES = st.sampled_from([*PLANTED, *PLAIN, *NUMBER_WORDS])
BETWEEN = st.sampled_from(
    [" ", " ", " ", "", "-", ", ", ". ", "/", "\n", "\t", " - ", ":", "\u2013"]
)
TEXTS = st.lists(st.tuples(PIECES, BETWEEN), max_size=7).map(
    lambda pairs: "".join(piece + between for piece, between in pairs)
)
SHORT = st.text(alphabet="0123456789*#+ -@.a\u00a0%B", max_size=20)
VALUES = st.recursive(
    st.one_of(TEXTS, SHORT, st.integers(-9, 10**18), st.booleans(), st.none(), st.floats(0, 9e9)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(KEYS), inner, max_size=3)
    ),
    max_leaves=6,
)
PAYLOADS = st.dictionaries(st.one_of(st.sampled_from(KEYS), TEXTS), VALUES, max_size=4)


@lru_cache
def _compiled(pattern: str) -> Any:
    return re2.compile(pattern)


def compact(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def text_stays(text: str) -> bool:
    """As ``text_filter`` asks, with the same library outside of the database."""
    if not _compiled(prefilter.HARMLESS_TEXT).fullmatch(text):
        return True
    return " " in text and any(_compiled(p).search(text) for p in prefilter.TELLING_TEXT)


def payload_stays(payload: str) -> bool:
    """As ``payload_filter`` asks."""
    return may_show(payload.encode()) or bool(_compiled(prefilter.PRESSED).search(payload))


@given(TEXTS)
@settings(max_examples=600, deadline=None, derandomize=True)
@example("four-one-one-one four-one-one-one")
def test_a_text_that_goes_holds_no_finding(text: str) -> None:
    if not text_stays(text):
        assert classes_in_text(text) == frozenset(), text


@given(TEXTS)
@settings(max_examples=150, deadline=None, derandomize=True)
def test_a_text_that_presidio_does_not_see_would_not_be_recognised(text: str) -> None:
    if not may_match(text):
        assert everything_recognised(text) == frozenset(), text


@given(PAYLOADS)
@settings(max_examples=600, deadline=None, derandomize=True)
def test_a_record_or_payload_that_goes_holds_no_finding(payload: dict[str, Any]) -> None:
    text = compact(payload)
    if not may_show(text.encode()):
        assert all_classes(text.encode()) == set(), text
    if not payload_stays(text):
        assert classes_in_payload(text, "ivr.menu_option_selected") == {}, text


@pytest.mark.parametrize("planted", PLANTED)
def test_what_is_planted_stays_beside_identifiers(planted: str) -> None:
    noise = {"trace_id": "0" * 32, "latency_ms": 812, "started_at": "2026-05-01T10:30:15.123Z"}
    for key in KEYS:
        for payload in (
            {**noise, key: planted},
            {key: planted, **noise},
            {"outer": {key: [planted]}, **noise},
            {**noise, "arguments": json.dumps({key: planted})},
            {"turns": [{"text": "and your account number please?"}, {"text": planted}]},
        ):
            text = compact(payload)
            if all_classes(text.encode()):
                assert may_show(text.encode()), text
            if classes_in_payload(text, "ivr.menu_option_selected"):
                assert payload_stays(text), text


@given(SHORT | TEXTS)
@settings(max_examples=400, deadline=None, derandomize=True)
def test_an_identifier_that_goes_holds_no_finding(value: str) -> None:
    goes = bool(_compiled(prefilter.HARMLESS_ID).fullmatch(value))
    for key in ("call_id", "recording_location", "span_id", "crm_ticket_id"):
        if goes:
            assert classes_in_value(key, value) == frozenset(), (key, value)
    for namespace in ("canonical_call_id", "connect_recording_location", *NAMED_NAMESPACES):
        named = namespace in NAMED_NAMESPACES
        if goes and not (named and text_stays(value)):
            assert classes_in_alias(namespace, value) == frozenset(), (namespace, value)


def test_the_database_asks_the_same() -> None:
    payloads = [compact({key: planted}) for key in KEYS for planted in [*PLANTED, *PLAIN]]
    rows = duckdb.execute(
        f"select v, {prefilter.payload_filter('v')}, {prefilter.text_filter('v')}"
        " from (select unnest(?::varchar[]) as v)",
        [payloads + PLANTED + PLAIN],
    ).fetchall()
    assert len(rows) > 1000
    for value, payload, text in rows:
        assert (payload, text) == (payload_stays(value), text_stays(value)), value
    assert 0.2 < sum(payload for _, payload, _ in rows) / len(rows) < 0.9  # it sets aside, too
