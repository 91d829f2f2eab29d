"""Caller tokens: one caller, one token, however the number is written (S0-93)."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from ingest.redaction.tokens import caller_token, is_hidden_number, normalise_number

KEY = b"a key of at least thirty-two bytes"

SAME_NUMBER = [
    "+1 (415) 555-2671",
    "4155552671",
    "14155552671",
    "+14155552671",
    "tel:+1-415-555-2671",
    "sip:+14155552671@10.0.0.1:5060",
    "sips:4155552671@example.com;user=phone",
    "011 1 415 555 2671",
    "001 415 555 2671",
    "(415) 555-2671 ext 12",
    "%2B14155552671",
    "415.555.2671",
]


@pytest.mark.parametrize("written", SAME_NUMBER)
def test_a_number_has_one_token_however_it_is_written(written: str) -> None:
    assert normalise_number(written) == "14155552671"
    assert caller_token(KEY, written) == caller_token(KEY, "+14155552671")


def test_a_plus_means_that_the_country_code_is_there() -> None:
    assert normalise_number("+4512345678") == "4512345678"
    assert normalise_number("4512345678") == "14512345678"


@pytest.mark.parametrize(
    "text", ["", "alice", "agent007", "12", "anonymous", "1" * 25, "sip:bob@x"]
)
def test_what_is_no_number_is_not_normalised(text: str) -> None:
    assert normalise_number(text) is None


def test_tokens_need_the_key_and_keep_nothing_of_the_number() -> None:
    token = caller_token(KEY, "+14155552671")
    assert re.fullmatch(r"tok_[0-9a-f]{32}", token)
    assert token != caller_token(b"another key of thirty-two bytes..", "+14155552671")
    assert token != caller_token(KEY, "+14155552672")


def test_a_client_name_is_tokenised_too() -> None:
    assert caller_token(KEY, "client:Alice ") == caller_token(KEY, "client:alice")
    assert "alice" not in caller_token(KEY, "client:alice")


def test_hidden_callers_are_told_apart_from_numbers() -> None:
    assert is_hidden_number("Anonymous")
    assert is_hidden_number("+266696687")
    assert is_hidden_number("sip:anonymous@anonymous.invalid")
    assert not is_hidden_number("+14155552671")


def test_tokens_need_nothing_but_the_standard_library() -> None:
    """The look-up command computes a token and must start in half a second."""
    code = (
        "import sys, ingest.redaction.tokens\n"
        "print(sorted(m for m in ('msgspec', 'pyarrow', 'yaml', 'zstandard') if m in sys.modules))"
    )
    command = [sys.executable, "-c", code]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "[]\n"
