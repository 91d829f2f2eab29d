"""The strict level shows approved words only, and names are no approved words (DESIGN 8)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ingest.redaction.masking import TextResult
from ingest.redaction.policy import default_policy
from ingest.redaction.vocabulary_build import build, frequent_words
from ingest.redaction.words import names, read_words, vocabulary
from ingest.simulator import texts

HERE = Path(__file__).parents[3] / "ingest" / "redaction"


def redact(text: str) -> TextResult:
    return default_policy().rules.redact(text)


def test_a_name_is_approved_only_by_hand() -> None:
    by_hand = read_words(HERE / "approved.txt") | read_words(HERE / "domain.txt")
    assert len(vocabulary()) > 10_000
    assert (vocabulary() & names()) <= by_hand


@pytest.mark.parametrize(
    ("text", "strict"),
    [
        ("tell xiomara that i called", "tell [WORD] that i called"),
        ("I know Will Kowalski from work", "I know [WORD] [WORD] from work"),
        ("Rose and Frank are on the account", "[WORD] and [WORD] are on the account"),
        ("i know summer smith from work", "i know [WORD] [WORD] from work"),
        ("my ticket, says Brown, is closed", "my ticket, says [WORD], is closed"),
        ("the bill for May was $45.10 at 10:30", "the bill for May was $45.10 at 10:30"),
        ("my card 4111 1111 1111 1111 is lost", "my card [CARD] is lost"),
        ("part QX71Z9, then order 48392", "part [WORD], then order [WORD]"),
        ("on the 3rd or 4th, don't worry", "on the 3rd or 4th, don't worry"),
        ("Muller\u2019s bill, in ge\u0302ne\u0301", "[WORD] bill, in [WORD]"),
    ],
)
def test_only_approved_words_are_shown(text: str, strict: str) -> None:
    assert redact(text).strict == strict


def test_what_a_provider_masked_stays_a_placeholder() -> None:
    assert redact("my name is [PII] and hello").strict == "my name is [PII] and hello"


def test_spans_are_those_of_the_text_as_it_was_given() -> None:
    text = "\uff14\uff11\uff11\uff11 1111\u200b 1111 1111 for e\u0301va"
    result = redact(text)
    assert [text[a:b] for a, b in result.spans] == ["\uff14\uff11\uff11\uff11 1111\u200b 1111 1111"]
    assert text[slice(*result.strict_spans[-1])] == "e\u0301va"


def test_the_sample_estates_lines_lose_no_word() -> None:
    """In its own domain the strict level has to stay readable."""
    lines = [line for scenario in texts.SCENARIOS for pair in scenario.lines for line in pair]
    lines += [*texts.GREETINGS, texts.IVR_MENU, texts.REPEAT, texts.IVR_HOLD]
    plain = [re.sub(r"\{\w+\}", "Monday", line) for line in lines]
    words = sum(len(line.split()) for line in plain)
    lost = [redact(line).strict.count("[WORD]") for line in plain]
    assert words > 400
    assert sum(lost) <= 0.03 * words


def test_the_vocabulary_is_built_from_words_that_are_no_names(tmp_path: Path) -> None:
    frequencies = tmp_path / "words.txt"
    frequencies.write_text("\ufeffthe 90\nsmith 30\nbill 50\nrouter 20\n", encoding="utf-8")
    words = frequent_words(frequencies)
    assert words == ["the", "bill", "smith", "router"]
    assert build(words, {"smith", "bill"}, frozenset({"bill"})) == ["bill", "router", "the"]
