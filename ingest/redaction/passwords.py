"""Passwords, written or said in words, behind their cue or before it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest.redaction.numerals import NUMBER_WORDS
from ingest.redaction.view import View
from ingest.redaction.words import FUNCTION_WORDS, word_list

Range = tuple[int, int]

_LINK = re.compile(
    r"\s?(?:(?:is|was|'s|would be|should be|set to|to|are)[\s:]|[:=])\s?(?:uh |um |it's )?"
)
_WORD = re.compile(r"[^\s,;]{1,128}")
# What is said of a password instead of one.
_NEVER = (FUNCTION_WORDS - NUMBER_WORDS) | frozenset(
    word_list(
        "wrong incorrect expired reset locked working different invalid forgotten required being "
        "asking something saying changed changing unlock sign log access enter reset? again "
        "anymore please because when if that's didn't doesn't isn't won't hasn't needs keeps "
        "manager policy recovery screen page link field box prompt requirements"
    )
)
_PERHAPS = frozenset(
    word_list("correct right fine safe secure strong weak case old blocked protected supposed set")
)
_SYMBOLS = frozenset(
    word_list(
        "capital lowercase uppercase underscore dash hyphen hash hashtag dollar exclamation at "
        "ampersand asterisk star percent pound dot slash plus equals sign mark point question "
        "symbol all caps one"
    )
)
# "i tried rocket 27 as my password", "it's banana one two, that's the password"
_BEFORE = re.compile(
    r"\b(?:tried|try|trying|use|used|using|entered|entering|typed|typing|put in|it's|it is|said"
    r"|have)\s"
    r"((?:[^\s,;]{1,64}[\s,]{1,2}){1,9}?)(?:as|for|that's|that is|is)\s(?:my|the|your|a|our)\s$"
)
_BEFORE_CHARS = 160
_MAX_WORDS = 14


def find(view: View, cues: re.Pattern[str]) -> Iterator[Range]:
    """Character ranges of passwords around the cues."""
    for match in cues.finditer(view.low):
        view.spend(8)
        if found := _after(view, match.end()):
            yield found
        low = max(0, match.start() - _BEFORE_CHARS)
        if before := _BEFORE.search(view.low[low : match.start()]):
            start, end = before.span(1)
            yield low + start, low + end - 1


def _after(view: View, start: int) -> Range | None:
    link = _LINK.match(view.low, start)
    at = link.end() if link else start
    words = list(_WORD.finditer(view.low, at, min(len(view.low), at + 200)))[:_MAX_WORDS]
    if not words or view.low[at : words[0].start()].strip(" "):
        return None
    view.spend(len(words))
    said = [word.group().strip(".!?\"'") for word in words]
    if not _begins(said, is_linked=link is not None):
        return None
    last = 0
    for i in range(1, len(words)):
        ends = view.low[words[i - 1].end() - 1] in ".?!" or view.low[words[i].start() - 2] in ",;"
        if ends or (said[i] in _NEVER and said[i] not in _SYMBOLS):
            break
        last = i
    end = words[last].end()
    return words[0].start(), end - (view.low[end - 1] in ".?!")


def _begins(said: list[str], *, is_linked: bool) -> bool:
    """Whether these words are a password and nothing that is said of one."""
    first = said[0]
    if not first or (first in _NEVER and first not in NUMBER_WORDS):
        return False
    if any(map(str.isdigit, first)) or not first.replace("'", "").isalnum():
        return True
    if first in _PERHAPS:
        return is_linked and len(said) > 2 and _NEVER.isdisjoint(said[1:3])
    # Without "is": only what is put together as passwords are.
    parts = said[1:6]
    has_parts = not (_SYMBOLS | NUMBER_WORDS).isdisjoint(parts) or any(p.isdigit() for p in parts)
    return is_linked or first in _SYMBOLS or has_parts
