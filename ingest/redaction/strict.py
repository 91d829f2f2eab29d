"""The strict level: only approved words are shown, and words that may be a name are pointed out."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set

from ingest.redaction.words import fold, noted_names, vocabulary

WORD_MASK = "[WORD]"
# Digits of this many at most stay: times, prices and menu keys are no words.
_MAX_DIGITS = 4
_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")
_ORDINAL_ENDS = ("st", "nd", "rd", "th")
_NOT_WORDS = {ord(c): " " for c in '\t\n\r!"#$%&()*+,-./:;<=>?[\\]^_`{|}~\u2019'}
# In a name list, and yet with a capital in every second sentence.
_CAPITALISED = frozenset(
    """
    april may june july august january february march september october november december monday
    tuesday wednesday thursday friday saturday sunday visa apple english american british german
    french italian spanish indian chinese european japanese orange black green general
    """.split()
)

Word = tuple[int, int, str]


def words_of(low: str) -> set[str]:
    """The distinct words of a lower-case text, without punctuation."""
    return set(low.translate(_NOT_WORDS).split())


def may_be_name(words: Set[str]) -> bool:
    """Whether one of the words is unknown or a name: then the text needs a look word by word."""
    return not (vocabulary().issuperset(words) and noted_names().isdisjoint(words))


def split_words(text: str, kept: Sequence[tuple[int, int]]) -> tuple[list[tuple[int, int]], list[Word]]:
    """Look at the words in the kept ranges of a text.

    Returns:
        Ranges that the strict level masks, and words (start, end, folded) that could be a name.
    """
    masked: list[tuple[int, int]] = []
    doubtful: list[tuple[int, int]] = []
    maybe: list[Word] = []
    known, listed = vocabulary(), noted_names()
    for low, high in kept:
        for match in _WORD.finditer(text, low, high):
            written = match.group()
            word = written.lower().replace("\u2019", "'")
            if word in known and word not in listed:
                continue
            start, end = match.span()
            if written[0].isdecimal() or any(map(str.isdecimal, written)):
                if not _is_short_number(word):
                    masked.append((start, end))
                continue
            base = fold(word.removesuffix("'s"))
            if base in listed or base not in known:
                maybe.append((start, end, base))
            if word not in known and not (base in known and base not in listed):
                masked.append((start, end))
            elif _is_capital_inside(text, start) and base not in _CAPITALISED:
                doubtful.append((start, end))
    return sorted([*masked, *doubtful]) if doubtful else masked, maybe


def _is_short_number(word: str) -> bool:
    digits = word.removesuffix("am").removesuffix("pm")
    if word.endswith(_ORDINAL_ENDS):
        digits = word[:-2]
    return digits.isdecimal() and len(digits) <= _MAX_DIGITS


def _is_capital_inside(text: str, start: int) -> bool:
    """Whether the word has a capital though no sentence begins with it."""
    if not text[start].isupper() or start < 2:
        return False
    before = text[start - 2 : start]
    return before[1] in " ,-" and (before[0].isalnum() or before[0] == ",")
