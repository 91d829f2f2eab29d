"""Stretches of text that a cue points at: a code (digits and letters), or a date.

Both walk over tokens from a start and take what belongs to the value, with the fillers between;
both stop at the first word that does not. A start is looked for within a number of characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ingest.redaction.numerals import HOMOPHONES, NUMBER_WORDS, WORD_ATOMS
from ingest.redaction.spoken import FILLERS, UNITS
from ingest.redaction.view import View
from ingest.redaction.words import vocabulary, word_list

MAX_REGION_CHARS = 240
NATO = frozenset(
    word_list(
        "alpha alfa bravo charlie delta echo foxtrot golf hotel india juliet juliett kilo lima "
        "mike november oscar papa quebec romeo sierra tango uniform victor whiskey whisky xray "
        "yankee zulu"
    )
)
MONTHS = frozenset(
    word_list(
        "january february march april may june july august september october november december "
        "jan feb mar apr jun jul aug sep sept oct nov dec"
    )
)
_DOUBTFUL_MONTHS = frozenset({"may", "march", "mar", "august", "sep", "dec"})
_MARKS = frozenset("-/.,:#_()+'\u2019*")
# What is said when a digit was wrong, or while the next one is looked for.
_SLIPS = frozenset(
    word_list(
        "i mean meant make that scratch strike correction excuse me my bad mistake hang hold on "
        "let see oops pardon again actually rather well you know i'm let's misread hm"
    )
)
_CODE_FILLERS = FILLERS | _SLIPS | {"space"}
_CASE_WORDS = frozenset({"capital", "uppercase", "lowercase", "lower", "upper", "underscore"})
_LINKS_TO_WORD = frozenset({"as", "for", "like"})
_ORDINAL = re.compile(r"[023]?(?:1st|2nd|3rd)|[0-3]?[04-9]th|1[1-3]th")
ORDINALS = frozenset(
    word_list(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth "
        "thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth "
        "thirtieth"
    )
)
_DATE_FILLERS = _SLIPS | frozenset(
    word_list(
        "of the th st nd rd and um uh er erm hmm day month year in on it's is was oh then dash "
        "slash hyphen hundred no wait sorry comma point dot"
    )
)
_NO_DATE = UNITS - {"month", "year", "day"}
_MAX_SLACK = 4
_SUFFIX = re.compile(r"[ \-](\d?[A-Z]{1,3})(?![\w'])")
_NO_SUFFIX = frozenset(
    {"A", "I", "AM", "PM", "OK", "USD", "GBP", "EUR", "EST", "PST", "GMT", "UTC", "AND", "IS"}
)
_LEAST_DATE_DIGITS = 2
_MAX_PREFIX_LETTERS = 4
UNIT_AFTER = re.compile(
    r"\s?(?:%|percent|dollars?|cents?|euros?|pounds?|o'clock|[ap]\.?m\b|minutes?|hours?|days?|weeks?"
    r"|months?|years?|times|business|working|miles|people|digits?|items?|more\b|bucks|of them)\b"
)


@dataclass(slots=True)
class Region:
    """Characters [start, end) and how many digits and letters are said in them."""

    start: int
    end: int
    digits: int = 0
    letters: int = 0
    months: int = 0

    @property
    def atoms(self) -> int:
        """Digits and letters."""
        return self.digits + self.letters

    @property
    def is_date(self) -> bool:
        """Whether it is enough of a date: "may" or "one" alone is none."""
        return self.months > 0 or self.digits >= _LEAST_DATE_DIGITS


def code_region(
    view: View, start: int, within: int, *, letters: bool = True, stop: int | None = None
) -> Region | None:
    """The first code that begins at most ``within`` characters after ``start``.

    Args:
        view: the text.
        start: offset of the first character that may belong to it.
        within: how far its beginning may be.
        letters: whether single letters and NATO words belong to it, not digits alone.
        stop: offset at which the search ends in any case.
    """
    limit = min(start + within + MAX_REGION_CHARS, len(view.low) if stop is None else stop)
    tokens = view.tokens(start, limit)
    for i, token in enumerate(tokens):
        if token.start() - start > within or token.group() in UNITS:
            return None
        if _code_part(view, tokens, i, letters=letters, inside=False)[2]:
            return _code_from(view, tokens, i, letters=letters)
    return None


def code_regions(view: View) -> Iterator[Region]:
    """Every code of the text, in order."""
    tokens = view.tokens(0, len(view.low))
    done = 0
    for i, token in enumerate(tokens):
        if token.start() >= done and _code_part(view, tokens, i, letters=True, inside=False)[2]:
            region = _code_from(view, tokens, i, letters=True)
            done = region.end
            yield region


def _code_from(view: View, tokens: list[re.Match[str]], i: int, *, letters: bool) -> Region:
    """The code that begins with token ``i``."""
    found = Region(tokens[i].start(), tokens[i].start())
    slack = heard = 0
    while i < len(tokens) and slack <= _MAX_SLACK:
        word = tokens[i].group()
        inside = found.end > found.start
        digits, said, used = _code_part(view, tokens, i, letters=letters, inside=inside)
        if used:
            found.end = tokens[i + used - 1].end()
            found.digits += digits + heard
            found.letters += said
            if letters:
                found.end = suffix_end(view, found.end)
            slack = heard = 0
        elif word in HOMOPHONES:
            heard += 1
        elif word in _CODE_FILLERS or word in _CASE_WORDS:
            slack += 1
        elif word not in _MARKS:
            break
        i += used or 1
    return found


def _code_part(
    view: View, tokens: list[re.Match[str]], i: int, *, letters: bool, inside: bool
) -> tuple[int, int, int]:
    """What token ``i`` says: digits, letters, and how many tokens it takes (0: no code)."""
    digits, said, used = _code_atoms(tokens, i, letters=letters, inside=inside)
    if not used and letters and _is_prefix(view, tokens, i):
        return 0, len(tokens[i].group()), 1
    return digits, said, used


def _code_atoms(
    tokens: list[re.Match[str]], i: int, *, letters: bool, inside: bool
) -> tuple[int, int, int]:
    word = tokens[i].group()
    if word in NUMBER_WORDS:
        return WORD_ATOMS[word], 0, 1
    digits = sum(map(str.isdecimal, word))
    if digits:
        is_code = digits == len(word) or (not _ORDINAL.fullmatch(word) and (letters or inside))
        return (digits, len(word) - digits, 1) if is_code else (0, 0, 0)
    if letters and len(word) == 1 and word.isalpha():
        return _letter_atoms(tokens, i, inside=inside)
    follows = tokens[i + 1].group() if i + 1 < len(tokens) else ""
    is_letter = letters and word in NATO and (inside or _is_code_like(follows))
    return (0, 1, 1) if is_letter else (0, 0, 0)


def suffix_end(view: View, end: int) -> int:
    """Where capitals right behind digits end: "2345184 CM", "WE01 9TH"."""
    match = _SUFFIX.match(view.text, end) if view.low[end - 1].isdigit() else None
    if match is None or match.group(1) in _NO_SUFFIX:
        return end
    return match.end()


def _is_prefix(view: View, tokens: list[re.Match[str]], i: int) -> bool:
    """Letters before digits: "AC-449", "HP 2231"; in lower case only what no vocabulary holds."""
    token = tokens[i]
    word = token.group()
    if not word.isalpha() or len(word) > _MAX_PREFIX_LETTERS:
        return False
    rest = [follows.group() for follows in tokens[i + 1 : i + 3] if follows.group() not in "-#./"]
    if not rest or not rest[0][0].isdecimal():
        return False
    is_written = view.text[token.start() : token.end()].isupper()
    return is_written or word not in vocabulary()


def _letter_atoms(tokens: list[re.Match[str]], i: int, *, inside: bool) -> tuple[int, int, int]:
    """A single letter, perhaps with "as in word"; "a" and "i" alone are words."""
    rest = [token.group() for token in tokens[i + 1 : i + 4]]
    if len(rest) > 2 and rest[0] == "as" and rest[1] == "in":
        return 0, 1, 4
    if len(rest) > 1 and rest[0] in _LINKS_TO_WORD and rest[1].isalpha() and len(rest[1]) > 2:
        return 0, 1, 3
    follows = next((word for word in rest if word not in "-/#"), "")
    follows = "" if follows in _MARKS else follows
    if tokens[i].group() in {"a", "i"} and not _is_code_like(follows):
        # "one a a": the last letter of a code, at the end of what is said.
        is_last = inside and not follows and i and _is_code_like(tokens[i - 1].group())
        return (0, 1, 1) if is_last else (0, 0, 0)
    return (0, 1, 1) if inside or _is_code_like(follows) else (0, 0, 0)


def _is_code_like(word: str) -> bool:
    return (
        word in NUMBER_WORDS
        or word in NATO
        or (len(word) == 1 and word.isalpha())
        or any(map(str.isdecimal, word))
        or word in _CASE_WORDS
    )


def date_region(view: View, start: int, within: int, stop: int | None = None) -> Region | None:
    """The first date, or part of one, that begins at most ``within`` characters after ``start``.

    Months, ordinals and numbers in any order; ``is_date`` says whether it is enough of one.
    """
    limit = min(start + within + MAX_REGION_CHARS, len(view.low) if stop is None else stop)
    tokens = view.tokens(start, limit)
    for i, token in enumerate(tokens):
        if token.start() - start > within or token.group() in _NO_DATE:
            return None
        if _date_atoms(token.group()) is not None:
            found = _date_from(tokens[i:])
            if view.low[max(0, found.start - 4) : found.start] == "the ":
                found.start -= 4
            return found
    return None


def _date_from(tokens: list[re.Match[str]]) -> Region:
    """The date, or what may be a part of one, that begins with the first token."""
    found = Region(tokens[0].start(), tokens[0].end())
    slack = 0
    for token in tokens:
        word = token.group()
        atoms = _date_atoms(word)
        if atoms is not None:
            found.end = token.end()
            found.digits += atoms
            found.months += word in MONTHS and word not in _DOUBTFUL_MONTHS
            slack = 0
        elif word in _DATE_FILLERS or word in HOMOPHONES:
            slack += 1
            if slack > _MAX_SLACK:
                break
        elif word not in _MARKS:
            break
    return found


def _date_atoms(word: str) -> int | None:
    if word in MONTHS:
        return 0
    if word in ORDINALS or _ORDINAL.fullmatch(word):
        return 2
    if word in NUMBER_WORDS:
        return WORD_ATOMS[word]
    if word[0].isdecimal() and len(word) <= 10:
        return sum(map(str.isdecimal, word))
    return None
