"""The phrases of the policy: what they match, and which words they are looked for by."""

from __future__ import annotations

import re

import pytest

from ingest.redaction.cues import phrase, phrases_pattern, triggers


@pytest.mark.parametrize(
    ("text", "said", "is_match"),
    [
        ("card/security code", "security code", True),
        ("card/security code", "security-code", True),
        ("card/security code", "code", False),
        ("code (number)", "code", True),
        ("code (number)", "code number", True),
        ("(the) code", "the code", True),
        ("(the) code", "code", True),
        ("digits ... back", "digits back", True),
        ("digits ... back", "digits on the back", True),
        ("digits ... back", "digits that i have on the back", False),
        ("flip it (over) ... back", "flip it over to the back", True),
        ("d.o.b", "dxoxb", False),
    ],
)
def test_a_phrase_is_words_choices_gaps(text: str, said: str, is_match: bool) -> None:
    assert bool(re.fullmatch(phrase(text), said)) is is_match


def test_a_missing_word_is_refused() -> None:
    # YAML folds a line that ends in a slash into "aunt/ uncle".
    with pytest.raises(ValueError, match="slash"):
        phrase("aunt/ uncle")


def test_of_two_phrases_the_one_with_more_words_wins() -> None:
    pattern = phrases_pattern(["name/names/name's (is)", "name on the card"])
    match = pattern.search("the name on the card is")
    assert match
    assert match.group() == "name on the card"
    assert not pattern.search("rename nameplate")


def test_triggers_are_words_without_which_no_phrase_matches() -> None:
    assert triggers(["the card/visa (number) ... back", "d.o.b"]) == {"card", "visa", "d"}
