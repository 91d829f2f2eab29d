"""No text can hold the redaction up: work is counted, and grows as the text does (issue 4).

Work is what the rules' own code does, counted in lines of Python that run. What happens inside a
regular expression cannot be counted, so each of them is read: no repeat is unbounded but those
that are listed with the reason, and nested ones multiply to a small number.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import sys
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from types import FrameType
from typing import Any

import pytest

import ingest.redaction
from ingest.redaction.answers import Mode
from ingest.redaction.masking import WITHHELD_TEXT
from ingest.redaction.policy import default_policy
from ingest.redaction.view import MAX_WORK, BudgetError, View

HOSTILE = {
    "dots": "a.a.a.a@",
    "spoken mail": "at dot a ",
    "links": "j dash at gmail dot com ",
    "numbers": "one two ",
    "digits": "1 ",
    "glued": "1a",
    "dates": "born may 3rd ",
    "cues": "pin cvv code zip ",
    "passwords": "my password is a1 as my password ",
    "letters": "a b c double d ",
    "nato": "alpha bravo 1 ",
    "streets": "12 oak lane street ",
    "names": "my name is kowalski and ",
    "keys": "sk_live_",
    "hex": "0a1b2c3d",
    "octets": "1.1.1.1.",
    "colons": "ab:cd:",
    "links with keys": "http://a?b=c&key=",
    "iban": "gb29 nwbk 6016 ",
    "blanks": " \t",
    "explained": "s as in sam ",
}


def work(text: str, mode: Mode) -> int:
    """How many lines of the redaction's own code run for the text."""
    lines = 0

    def trace(frame: FrameType, event: str, arg: Any) -> Any:
        nonlocal lines
        lines += event == "line" and "redaction" in frame.f_code.co_filename
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        default_policy().rules._redact(text, mode)
    finally:
        sys.settrace(before)
    return lines


@pytest.mark.parametrize("name", HOSTILE)
def test_work_grows_no_faster_than_the_text(name: str) -> None:
    """Twice the text in one chunk may cost twice the work and a half, or it is withheld."""
    seed = HOSTILE[name]
    half = seed * (2000 // len(seed))
    whole = half * 2
    for mode in (Mode.PLAIN, Mode.ANSWER):
        if default_policy().rules._redact(whole, mode).text != WITHHELD_TEXT:
            assert work(whole, mode) < 2.5 * work(half, mode) + 500


def test_a_chunk_over_its_budget_is_withheld() -> None:
    text = "my name is kowalski. " * 390
    result = default_policy().rules._redact(text, Mode.PLAIN)
    assert result.text != WITHHELD_TEXT
    view = View(text, set())
    with pytest.raises(BudgetError):
        view.spend(MAX_WORK + 1)


def test_work_beyond_the_budget_withholds_the_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.redaction.view.MAX_WORK", 10)
    result = default_policy().rules._redact("my name is kowalski " * 9, Mode.PLAIN)
    assert (result.text, result.classes) == (WITHHELD_TEXT, ("too_much_work",))


def patterns() -> dict[str, re.Pattern[str]]:
    """Every compiled pattern of the package's modules and of the policy's rules."""
    found: dict[str, re.Pattern[str]] = {}

    def take(where: str, value: Any) -> None:
        if isinstance(value, re.Pattern):
            found[where] = value
        elif isinstance(value, dict):
            for key, child in value.items():
                take(f"{where}[{key}]", child)

    for module in pkgutil.iter_modules(ingest.redaction.__path__, "ingest.redaction."):
        if module.name.endswith("vocabulary_build"):
            continue
        for name, value in vars(importlib.import_module(module.name)).items():
            take(f"{module.name}.{name}", value)
    return found


def repeats(tree: Any, outer: int = 1) -> Any:
    """The most often that each repeat of a parsed pattern can run, outer repeats included."""
    for op, args in tree:
        if op in {codes.MAX_REPEAT, codes.MIN_REPEAT}:
            _, most, child = args
            is_endless = most == codes.MAXREPEAT
            yield (None if is_endless else outer * most), child
            yield from repeats(child, outer * (1 if is_endless else most))
        elif op is codes.SUBPATTERN:
            yield from repeats(args[-1], outer)
        elif op is codes.BRANCH:
            for branch in args[1]:
                yield from repeats(branch, outer)
        elif op in {codes.ASSERT, codes.ASSERT_NOT}:
            yield from repeats(args[1], outer)


# A single class that runs to the end of its own token cannot be entered from two places at once.
ENDLESS = {
    "ingest.redaction.tokens._ID_SHAPE": "fullmatch of at most 200 characters",
    "ingest.redaction.tokens._NUMBER": "fullmatch of a phone field",
    "ingest.redaction.tokens._NOT_DIGIT": "one class",
    "ingest.redaction.tokens._EMBEDDED": "runs of digits, one class",
    "ingest.redaction.tokens._DIGIT_RUN": "one class",
    "ingest.redaction.tokens._EXTENSION": "one class before a number",
    "ingest.redaction.policy._MANY_DIGITS": "seven classes, on a key",
    "ingest.redaction.spoken._WORD": "one class",
    "ingest.redaction.strict._WORD": "classes that exclude each other",
    "ingest.redaction.known._WORD": "one class",
    "ingest.redaction.known._NOT_KEY": "one class",
    "ingest.redaction.numbers._SENTENCE": "blanks before a short list",
    "ingest.redaction.numbers._HEARD_AFTER": "blanks before the end",
    "ingest.redaction.conversation._WORD_JOINTS": "one class, on a tool's name",
    "ingest.redaction.emails._TOKEN": "classes that exclude each other",
    "ingest.redaction.step._REJECT": "fullmatch of an object's name",
}
MOST_STEPS = 40_000


def test_every_pattern_is_bounded() -> None:
    found = patterns()
    assert len(found) > 40
    endless = set()
    for where, pattern in found.items():
        for steps, _ in repeats(parser.parse(pattern.pattern, pattern.flags)):
            if steps is None:
                endless.add(where)
            else:
                assert steps <= MOST_STEPS, where
    assert endless <= set(ENDLESS)
