"""The strict level: only approved words are shown, and words that may be a name are pointed out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set

from ingest.redaction.words import fold, noted_names, vocabulary, word_list

WORD_MASK = "[WORD]"
# Digits of this many at most stay: times, prices and menu keys are no words.
_MAX_DIGITS = 4
_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")
_ORDINAL_ENDS = ("st", "nd", "rd", "th")
_NOT_WORDS = {ord(c): " " for c in '\t\n\r!"#$%&()*+,-./:;<=>?[\\]^_`{|}~\u2019'}
# In a name list, and yet with a capital in every second sentence.
_CAPITALISED = frozenset(
    word_list(
        """
    july january february march september october november december monday
    tuesday wednesday thursday friday saturday sunday visa apple english american british german
    french italian spanish indian chinese european japanese orange black green general
    """
    )
)

# Function words and months that are given names as well, where a family name follows.
_FIRST_NAMES_TOO = frozenset({"will", "may", "april", "june", "august"})

Range = tuple[int, int]
Word = tuple[int, int, str]


def words_of(low: str) -> set[str]:
    """The distinct words of a lower-case text, without punctuation; of "pin's" also "pin"."""
    words = set(low.translate(_NOT_WORDS).split())
    if "'s" in low:
        words |= {word[:-2] for word in words if word.endswith("'s")}
    return words


def may_be_name(words: Set[str]) -> bool:
    """Whether one of the words is unknown or a name: then the text needs a look word by word."""
    return not (vocabulary().issuperset(words) and noted_names().isdisjoint(words))


def split_words(text: str, kept: Sequence[Range]) -> tuple[list[Range], list[Word]]:
    """Look at the words in the kept ranges of a text.

    Returns:
        Ranges that the strict level masks, and words (start, end, folded) that could be a name.
    """
    masked: list[Range] = []
    approved: list[Word] = []
    maybe: list[Word] = []
    known, listed = vocabulary(), noted_names()
    for low, high in kept:
        for match in _WORD.finditer(text, low, high):
            written = match.group()
            word = written.lower().replace("\u2019", "'")
            if word in known and word not in listed and word not in _FIRST_NAMES_TOO:
                continue
            start, end = match.span()
            if not word.isalpha() and any(map(str.isdecimal, word)):
                if not _is_short_number(word):
                    masked.append((start, end))
                continue
            base = fold(word.removesuffix("'s"))
            if base in listed or base not in known:
                maybe.append((start, end, base))
            if word in known or base in known:
                approved.append((start, end, base))
            else:
                masked.append((start, end))
    doubtful = _used_as_names(text, approved, masked) if approved else []
    return sorted([*masked, *doubtful]) if doubtful else masked, maybe


def _used_as_names(text: str, approved: Sequence[Word], masked: Sequence[Range]) -> Iterator[Range]:
    """Approved words that are a name here: with a capital inside a sentence, or beside a name."""
    starts, ends = {start for start, _ in masked}, {end for _, end in masked}
    for start, end, base in approved:
        is_capital = _is_capital_inside(text, start)
        if base in _FIRST_NAMES_TOO:
            is_name = text[start].isupper() and end + 1 in starts
        elif base in _CAPITALISED:
            is_name = False
        else:
            is_name = is_capital or end + 1 in starts or start - 1 in ends
        if is_name:
            yield start, end


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
