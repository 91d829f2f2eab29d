"""What of a value is still readable after redaction: letters, and digits, also spoken ones."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tests.corpus.labels import Sample, Value
from tests.corpus.noise import HOMOPHONES
from tests.corpus.speech import ONES, TEENS, TENS

Ranges = Sequence[tuple[int, int]]
"""Ranges of characters of one turn that are masked."""

WORD = re.compile(r"[^\W\d_]+|\d+")
TOKEN = re.compile(r"\w\S*\w|\w")
HESITATIONS = frozenset({"uh", "um", "er", "erm", "hmm", "mm"})
SPOKEN_AS_LETTERS = frozenset({"password", "email", "address"})
SEPARATORS = frozenset({"of", "the", "dash", "hyphen", "space", "comma", "slash", "then", "plus"})
DIGIT_WORDS = dict.fromkeys([*ONES, "oh", "o", "nought", "double"], 1)
DIGIT_WORDS |= dict.fromkeys([*TEENS, "triple", "hundred"], 2) | {"thousand": 3}
DIGIT_WORDS |= {
    heard: DIGIT_WORDS[said]
    for said, alternatives in HOMOPHONES.items()
    if said in DIGIT_WORDS
    for heard in alternatives
}


@dataclass(frozen=True)
class Leak:
    """Counts of what is left of a value."""

    characters: int
    digits: int


def covered(ranges: Ranges, start: int, end: int) -> bool:
    """Whether every character lies in a masked range (they may adjoin)."""
    at = start
    for low, high in sorted(ranges):
        if low > at:
            break
        at = max(at, high)
    return at >= end


def digits_in(words: list[str]) -> int:
    """Count the digits that words say: "four" 1, "fifteen" 2, "twenty two" 2, "double four" 2."""
    count = 0
    for at, word in enumerate(words):
        following = words[at + 1] if at + 1 < len(words) else ""
        if word.isdigit():
            count += len(word)
        elif word in TENS:
            count += 1 if following in ONES[1:] else 2
        else:
            count += DIGIT_WORDS.get(word, 0)
    return count


def leak_of(sample: Sample, value: Value, masked: Sequence[Ranges]) -> Leak:
    """What is left of the value where ``masked`` holds the masked ranges of each turn."""
    skipped = HESITATIONS
    if value.label not in SPOKEN_AS_LETTERS:
        skipped = skipped | SEPARATORS
    left: list[str] = []
    for piece in value.pieces:
        text = sample.turns[piece.turn].text
        for match in WORD.finditer(text, piece.start, piece.end):
            word = match[0].lower()
            ranges = masked[piece.turn]
            if word in skipped or covered(ranges, match.start(), match.end()):
                continue
            rest = [i for i in range(match.start(), match.end()) if not covered(ranges, i, i + 1)]
            left.append("".join(text[i].lower() for i in rest))
    return Leak(sum(map(len, left)), digits_in(left))


def words_lost(text: str, ours: Ranges, masked: Ranges) -> tuple[int, int]:
    """Of the words outside the labelled ranges: how many there are, how many are masked.

    Numerals and codes ("1,250", "TK-482") are no words.
    """
    total = lost = 0
    for match in TOKEN.finditer(text):
        start, end = match.span()
        if any(c.isdigit() for c in match[0]) or touches(start, end, ours):
            continue
        total += 1
        lost += touches(start, end, masked)
    return total, lost


def touches(low: int, high: int, ranges: Ranges) -> bool:
    """Whether they share a character."""
    return any(low < end and start < high for start, end in ranges)
