"""Numbers in text, written or spoken, found as runs of digit atoms.

An atom is one digit, however it is said: ``4``, ``four``, half of ``double four``, half of
``twenty two``. Speech recognition breaks numbers up, so a run may be bridged over separators,
fillers, homophones and a few other words as long as it stays dense (the density rule).
Every pattern is a plain alternation or has bounded repeats: the work is linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

DENSE_ATOMS = 7
_MIN_DENSITY = 0.6
_MAX_GAP_WORDS = 3
_MAX_GAP_CHARS = 40
_MAX_JOINED_RUNS = 40
_NEVER = 1000


def word_list(text: str) -> list[str]:
    """The words of a list that is written as prose."""
    return text.split()


_ONES = word_list("zero oh o nought naught one two three four five six seven eight nine niner")
_TEENS = word_list(
    "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
)
_TENS = word_list("twenty thirty forty fourty fifty sixty seventy eighty ninety")
_WORD_ATOMS: dict[str, int] = {
    **dict.fromkeys(_ONES, 1),
    **dict.fromkeys(_TEENS, 2),
    **dict.fromkeys(_TENS, 2),
    # A multiplier adds to the digit after it; a scale word adds no digit of its own.
    "double": 1,
    "triple": 2,
    "treble": 2,
    "quadruple": 3,
    "hundred": 0,
    "thousand": 0,
    "million": 0,
}
_MULTIPLIERS = frozenset({"double", "triple", "treble", "quadruple"})
_SCALES = frozenset({"hundred", "thousand", "million"})
_WEAK = frozenset({"o", "oh"}) | _MULTIPLIERS | _SCALES
_ATOM = re.compile(r"\d{1,64}|\b(?:" + "|".join(sorted(_WORD_ATOMS, reverse=True)) + r")\b")
_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)?")
# Words that may stand inside a number without being part of what is said otherwise.
_FILLERS = frozenset(
    word_list(
        "and then um uh uhm er erm hmm like okay ok so dash hyphen minus space dot point "
        "comma slash plus sorry no wait yes yeah area code the last first next is it's a"
    )
)
# Words that give the number beside them another meaning: a run is not joined over one of them.
_BREAKS = frozenset(
    word_list(
        "dollar dollars cent cents euro euros pound pounds percent o'clock am pm minute "
        "minutes hour hours day days week weeks month months year years time times order "
        "invoice reference press option ticket"
    )
)
_YEAR = re.compile(r"(?:19|20)\d\d")
_SENTENCE_END = re.compile(r"[.?!;:]\s")
# What recognisers write for a digit; only believed right between two numbers.
_HOMOPHONES = frozenset(word_list("to too for fore ate won tree free sex sicks fife niner"))
NUMBER_WORDS = frozenset(_WORD_ATOMS)


@dataclass(slots=True)
class Run:
    """Consecutive number words or digits: characters [start, end), and how many digits they say."""

    start: int
    end: int
    atoms: int


def tight_runs(text: str) -> list[Run]:
    """Runs of ``text`` (lower case) whose parts only separators, fillers or homophones divide."""
    runs: list[Run] = []
    strong: list[bool] = []
    after = ""
    for start, end, word in _atoms(text):
        atoms = len(word) if word[0].isdigit() else _WORD_ATOMS[word]
        if runs and (bridge := _bridge(text, runs[-1].end, start)) is not None:
            if after in _TENS and word in _ONES and bridge == 0:
                atoms = 0
            runs[-1].end = end
            runs[-1].atoms += atoms + bridge
            strong[-1] |= word not in _WEAK
        else:
            runs.append(Run(start, end, atoms))
            strong.append(word not in _WEAK)
        after = word
    return [run for run, is_strong in zip(runs, strong, strict=True) if is_strong]


def dense_runs(runs: list[Run], text: str, least: int = DENSE_ATOMS) -> list[Run]:
    """Runs of at least ``least`` atoms, joined over a few other words where they stay dense."""
    gaps = [_gap_between(text, a, b) for a, b in pairwise(runs)]
    found: list[Run] = []
    i = 0
    while i < len(runs):
        best, last = _longest(runs, gaps, i, least)
        if best is not None:
            found.append(best)
        i = last + 1
    return found


def _longest(runs: list[Run], gaps: list[int], i: int, least: int) -> tuple[Run | None, int]:
    """The longest dense run that begins with ``runs[i]``, and the index of its last part."""
    atoms, words = runs[i].atoms, 0
    best: Run | None = None
    last = i
    if atoms >= least:
        best = Run(runs[i].start, runs[i].end, atoms)
    for j in range(i + 1, min(len(runs), i + _MAX_JOINED_RUNS)):
        if gaps[j - 1] > _MAX_GAP_WORDS:
            break
        atoms += runs[j].atoms
        words += gaps[j - 1]
        if atoms >= least and atoms / (atoms + words) >= _MIN_DENSITY:
            best, last = Run(runs[i].start, runs[j].end, atoms), j
    return best, last


def _atoms(text: str) -> Iterator[tuple[int, int, str]]:
    for match in _ATOM.finditer(text):
        yield match.start(), match.end(), match.group()


def _bridge(text: str, start: int, end: int) -> int | None:
    """Atoms hidden in the gap (homophones), or None if the gap ends the run."""
    if end - start > _MAX_GAP_CHARS:
        return None
    hidden = 0
    for word in _WORD.findall(text, start, end):
        if word in _HOMOPHONES:
            hidden += 1
        elif word not in _FILLERS:
            return None
    return hidden


def _gap_between(text: str, a: Run, b: Run) -> int:
    words = _gap_words(text, a.end, b.start)
    # "in 1998 and again in 2014": two years are no number in two parts.
    is_year = any(_YEAR.fullmatch(text, run.start, run.end) for run in (a, b))
    return _NEVER if words and is_year else words


def _gap_words(text: str, start: int, end: int) -> int:
    """Words between two runs that say no number; a large count where they may not be joined."""
    if end - start > _MAX_GAP_CHARS:
        return _NEVER
    words = [word for word in _WORD.findall(text, start, end) if word not in _FILLERS]
    if words and (_SENTENCE_END.search(text, start, end) or not _BREAKS.isdisjoint(words)):
        return _NEVER
    return len(words)
