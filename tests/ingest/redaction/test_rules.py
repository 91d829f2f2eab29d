"""The text rules: what each class must catch, and what it must leave alone (S0-145, DESIGN 8)."""

from __future__ import annotations

import copy
import re

import pytest

from ingest.redaction.answers import Mode
from ingest.redaction.masking import WITHHELD_TEXT, TextResult
from ingest.redaction.policy import default_policy
from ingest.redaction.rules import CHUNK_CHARS, MAX_TEXT_CHARS


def redact(text: str, mode: Mode = Mode.PLAIN) -> TextResult:
    return default_policy().rules.redact(text, mode)


CAUGHT = [
    # written and spoken cards, whatever the grouping, without a check digit
    ("it is 4111 1111 1111 1111 thanks", "it is [CARD] thanks", "card"),
    ("4111-1111-1111-1112", "[CARD]", "card"),
    ("4111111111111111", "[CARD]", "card"),
    ("41 11 11 11 11 11 11 11", "[CARD]", "card"),
    ("3782 822463 10005 is my amex", "[CARD] is my amex", "card"),
    (
        "so four one one one one one one one one one one one one one one one okay",
        "so [CARD] okay",
        "card",
    ),
    ("four double one triple one four two four two four two four two", "[CARD]", "card"),
    (
        "forty two forty two forty two forty two forty two forty two forty two forty two",
        "[CARD]",
        "card",
    ),
    ("4111 um 1111 and then 1111 uh 1111", "[CARD]", "card"),
    ("\uff14\uff11\uff11\uff11 1111 1111 1111", "[CARD]", "card"),
    ("4111\u200b1111\u200b1111\u200b1111", "[CARD]", "card"),
    # phones
    ("call me at (415) 555-2671.", "call me at [PHONE].", "phone"),
    ("+1 415 555 2671", "[PHONE]", "phone"),
    ("+44 20 7946 0958 is better", "[PHONE] is better", "phone"),
    ("four one five five five five two six seven one", "[PHONE]", "phone"),
    ("four one five triple five two six seven one", "[PHONE]", "phone"),
    ("area code 415 then 555 then 2671", "area code [PHONE]", "phone"),
    # "hundred" says no digit of its own, so the class is the general one; the number goes anyway
    ("one eight hundred five five five oh one nine nine", "[NUMBER]", "number"),
    # what a recogniser makes of "four one five, two ..." between other numbers
    ("four one five to two nine for eight six seven", "[PHONE]", "phone"),
    # social security numbers
    ("123-45-6789", "[SSN]", "ssn"),
    ("my social is one two three four five six seven eight nine", "my social is [SSN]", "ssn"),
    ("the last four of my social are 6789", "the last four of my social are [SSN]", "ssn"),
    # other long numbers
    ("account 12345678", "account [ACCOUNT]", "account"),
    ("seven four one two nine oh eight", "[NUMBER]", "number"),
    # short ones that their words give away
    ("my pin is 4421", "my pin is [PIN]", "pin"),
    ("the card number ends in 4242", "the card number ends in [CARD]", "card"),
    ("cvv one two three", "cvv [CVV]", "cvv"),
    ("zip code 94107", "zip code [POSTCODE]", "post_code"),
    ("I was born on 4/12/1975", "I was born on [DATE]", "birth_date"),
    # e-mail addresses
    ("write to j.smith+x@example.co.uk please", "write to [EMAIL] please", "email"),
    ("j dot smith at gmail dot com", "[EMAIL]", "email"),
    ("it's maria underscore g seventy at example dot com", "it's [EMAIL]", "email"),
    ("my email is j o h n at mail dot example dot net okay", "my email is [EMAIL] okay", "email"),
    ("you have john.smith at hotmail", "you have [EMAIL]", "email"),
    ("lena dot berg 31 at example.org", "[EMAIL]", "email"),
    # names that are introduced
    ("my name is Peter Miller and I need help", "my name is [NAME] and I need help", "name"),
]


@pytest.mark.parametrize(("text", "expected", "klass"), CAUGHT, ids=[row[0] for row in CAUGHT])
def test_personal_data_is_replaced_whole(text: str, expected: str, klass: str) -> None:
    result = redact(text)
    assert result.text == expected
    assert result.state == "redacted"
    assert klass in result.classes


MENU = (
    "For billing, press 1. For a power outage, press 2. If you are moving, press 3. "
    "For a technician, press 4. For your contract, press 5. To hear this again, press 9."
)
SPOKEN_MENU = (
    "press one for sales, two for support, three for billing, four for claims, five for news, "
    "six for jobs, seven for everything else"
)
HARMLESS = [
    "",
    "Okay.",
    "press four for billing",
    MENU,
    SPOKEN_MENU,
    "my order is 48392",
    "the total was $1,234.56",
    "that comes to five thousand two hundred and forty dollars",
    "we moved here in 1998 and again in 2014",
    "on 2026-05-01 at 10:30",
    "between 9:00 and 12:30 on 5/1/2026",
    "nine to twelve is fine. The reference is 4821.",
    "I can offer a 20% discount for 12 months",
    "I called three times, twice on Monday and one time today",
    "one two three",
    "call CA03a02b156c6faa96c86906f7e9ad0f38 was cut off",
    "contact 87367aaf-99c3-441c-89c1-c8c25bf379a7 was transferred",
    "oh I see, that is one for you to look at",
    "look at me, I am at home dot painting",
    "I have two questions for you, first one",
    "flight 2231 leaves at 7:45, gate 12",
]


@pytest.mark.parametrize("text", HARMLESS)
def test_ordinary_numbers_stay(text: str) -> None:
    result = redact(text)
    assert (result.text, result.state, result.classes) == (text, "clean", ())


def test_a_text_that_came_redacted_says_so_and_is_scanned_all_the_same() -> None:
    assert redact("My name is [PII] and help.").state == "provider_redacted"
    assert redact("[PII] and 4111 1111 1111 1111").state == "redacted"


def test_an_answer_loses_every_number_but_keeps_amounts_and_durations() -> None:
    assert redact("it's four one", Mode.ANSWER).text == "it's [ANSWER]"
    assert redact("5 and 7", Mode.ANSWER).text == "[ANSWER]"
    assert redact("but I pay 35 dollars for two years", Mode.ANSWER).state == "clean"
    assert redact("that one please", Mode.ANSWER).state == "clean"


def test_an_answer_to_an_identity_prompt_goes_whole() -> None:
    result = redact("plumbing", Mode.IDENTITY)
    assert (result.text, result.strict) == ("[ANSWER]", "[ANSWER]")
    assert (result.state, result.classes) == ("redacted", ("answer",))


def test_an_agent_reading_back_loses_only_longer_runs() -> None:
    assert redact("the card ends in 4 2 4 2", Mode.READ_BACK).text == "the card ends in [CARD]"
    assert redact("I have 4 2 4 2 here", Mode.READ_BACK).text == "I have [ANSWER] here"
    assert redact("a slot between nine and twelve", Mode.READ_BACK).state == "clean"


def test_two_classes_in_one_text_are_both_named() -> None:
    result = redact("card 4111 1111 1111 1111, mail a@example.com")
    assert result.text == "card [CARD], mail [EMAIL]"
    assert result.classes == ("card", "email")


@pytest.mark.parametrize("where", [0, CHUNK_CHARS - 600, CHUNK_CHARS - 300, CHUNK_CHARS - 5, 20000])
def test_a_long_text_is_read_in_chunks_and_nothing_hides_at_their_seams(where: int) -> None:
    filler = "we talked about the weather "
    before = (filler * (where // len(filler) + 1))[:where]
    text = f"{before} 4111 1111 1111 1111 {filler * 400}"
    result = redact(text)
    assert result.state == "redacted"
    assert len(re.findall(r"\[[A-Z]+\]", result.text)) == 1
    assert "1111" not in result.text


def test_a_text_beyond_the_budget_is_withheld_not_judged() -> None:
    result = redact("a.a" * MAX_TEXT_CHARS)
    assert (result.text, result.state) == (WITHHELD_TEXT, "withheld")


@pytest.mark.parametrize("text", ["it is 4111 1111 1111 1111", "a@b.com or 4111 1111 1111 1111"])
def test_what_the_rules_left_standing_is_withheld(text: str) -> None:
    """With the number rules switched off, the residual check alone has to catch the card."""
    rules = copy.copy(default_policy().rules)
    rules._numbers = ()
    result = rules._redact(text, Mode.PLAIN)
    assert (result.text, result.state) == (WITHHELD_TEXT, "withheld")
    assert "residual_digits" in result.classes


def test_digits_spread_over_punctuation_are_not_shown() -> None:
    assert "1" not in redact("4...(1)...1...1...1...1...1...1").text


def test_patterns_cannot_backtrack_without_bound() -> None:
    """Every pattern has bounded repeats; a hostile text of the largest size still ends."""
    for text in ("a." * 30000 + "@", "1 " * 30000, "at dot " * 9000, "one two " * 8000):
        assert redact(text[:MAX_TEXT_CHARS]).state in {"clean", "redacted", "withheld"}
