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

from ingest.redaction.numerals import (
    HOMOPHONES,
    MULTIPLIERS,
    ONES,
    SCALES,
    TENS,
    WORD_ATOMS,
    is_times_or_years,
)
from ingest.redaction.words import word_list

DENSE_ATOMS = 7
_MIN_DENSITY = 0.6
_MAX_GAP_WORDS = 3
_MAX_GAP_CHARS = 40
_MAX_JOINED_RUNS = 40
_NEVER = 1000

_WEAK = frozenset({"o", "oh", "ones", "null", "nil"}) | MULTIPLIERS | SCALES
_ATOM = re.compile(r"\d{1,64}|\b(?:" + "|".join(sorted(WORD_ATOMS, reverse=True)) + r")\b")
_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)?")
# Words that may stand inside a number without being part of what is said otherwise.
FILLERS = frozenset(
    word_list(
        "and then um uh uhm er erm hmm mm like okay ok so dash hyphen minus space dot point "
        "comma slash plus sorry no wait yes yeah area code the last first next is it's a"
    )
)
# Words that give the number beside them another meaning: a run is not joined over one of them.
UNITS = frozenset(
    word_list(
        "dollar dollars cent cents euro euros pound pounds percent o'clock am pm minute "
        "minutes hour hours day days week weeks month months year years time times order orders "
        "invoice reference press option ticket tracking case confirmation booking model product "
        "item items sku flight room gate quantity units pieces kilometers kilometres miles grams"
    )
)
BREAKS = UNITS | frozenset(
    word_list(
        "of at ext extension cvv cvc exp expires expiry expiration security pin routing account "
        "zip postcode card"
    )
)
_YEAR = re.compile(r"(?:19|20)\d\d")
_MONEY_AFTER = re.compile(r"\s?(?:dollars?|pounds?|euros?|bucks|cents?|percent|%)(?!\w)")
_SENTENCE_END = re.compile(r"[.?!;:]\s")


@dataclass(slots=True)
class Run:
    """Number words or digits in a row: characters [start, end), and how many digits they say.

    ``tokens`` are the words or groups of digits, ``heard`` those atoms that only a homophone says.
    """

    start: int
    end: int
    atoms: int
    tokens: int = 1
    heard: int = 0


def tight_runs(text: str) -> list[Run]:
    """Runs of ``text`` (lower case) whose parts only separators, fillers or homophones divide."""
    runs: list[Run] = []
    strong: list[bool] = []
    after = ""
    for start, end, word in _atoms(text):
        atoms = len(word) if word[0].isdigit() else WORD_ATOMS[word]
        if runs and (bridge := _bridge(text, runs[-1].end, start)) is not None:
            if after in TENS and word in ONES and bridge == 0:
                atoms = 0
            run = runs[-1]
            run.end = end
            run.atoms += atoms + bridge
            run.tokens += 1 + bridge
            run.heard += bridge
            strong[-1] |= word not in _WEAK
        else:
            runs.append(Run(start, end, atoms))
            strong.append(word not in _WEAK)
        after = word
    return [run for run, is_strong in zip(runs, strong, strict=True) if is_strong]


def dense_runs(runs: list[Run], text: str, least: int = DENSE_ATOMS) -> list[Run]:
    """Runs of at least ``least`` atoms, joined over a few other words where they stay dense."""
    runs = [run for run in runs if not _is_neutral(text, run)]
    gaps = [_gap_between(text, a, b) for a, b in pairwise(runs)]
    found: list[Run] = []
    i = 0
    while i < len(runs):
        best, last = _longest(runs, gaps, i, least)
        if best is not None:
            found.append(best)
        i = last + 1
    return found


def _is_neutral(text: str, run: Run) -> bool:
    return run.tokens > 1 and is_times_or_years(text, run.start, run.end)


def _longest(runs: list[Run], gaps: list[int], i: int, least: int) -> tuple[Run | None, int]:
    """The longest dense run that begins with ``runs[i]``, and the index of its last part."""
    first = runs[i]
    atoms, words, tokens, heard = first.atoms, 0, first.tokens, first.heard
    best: Run | None = None
    last = i
    if _is_number(atoms, heard, least):
        best = Run(first.start, first.end, atoms, tokens, heard)
    for j in range(i + 1, min(len(runs), i + _MAX_JOINED_RUNS)):
        if gaps[j - 1] > _MAX_GAP_WORDS:
            break
        run = runs[j]
        atoms, tokens, heard = atoms + run.atoms, tokens + run.tokens, heard + run.heard
        words += gaps[j - 1]
        if _is_number(atoms, heard, least) and tokens / (tokens + words) >= _MIN_DENSITY:
            best, last = Run(first.start, run.end, atoms, tokens, heard), j
    return best, last


def _is_number(atoms: int, heard: int, least: int) -> bool:
    """Whether it is long enough, and not for its homophones alone ("9 to 12 and 2 to 5")."""
    return atoms >= least and (atoms - heard >= least or heard * 4 <= atoms)


def _atoms(text: str) -> Iterator[tuple[int, int, str]]:
    for match in _ATOM.finditer(text):
        yield match.start(), match.end(), match.group()


def _bridge(text: str, start: int, end: int) -> int | None:
    """Atoms hidden in the gap (homophones), or None if the gap ends the run."""
    if end - start <= 1:
        return 0
    if end - start > _MAX_GAP_CHARS:
        return None
    hidden = 0
    for word in _WORD.findall(text, start, end):
        if word in HOMOPHONES:
            hidden += 1
        elif word not in FILLERS:
            return None
    return hidden


def _gap_between(text: str, a: Run, b: Run) -> int:
    words = _gap_words(text, a.end, b.start)
    # "in 1998 and again in 2014": two years are no number in two parts.
    is_year = any(_YEAR.fullmatch(text, run.start, run.end) for run in (a, b))
    is_amount = words and _MONEY_AFTER.match(text, b.end)
    return _NEVER if words and (is_year or is_amount) else words


def _gap_words(text: str, start: int, end: int) -> int:
    """Words between two runs that say no number; a large count where they may not be joined."""
    if end - start > _MAX_GAP_CHARS:
        return _NEVER
    words = [word for word in _WORD.findall(text, start, end) if word not in FILLERS]
    if words and (_SENTENCE_END.search(text, start, end) or not BREAKS.isdisjoint(words)):
        return _NEVER
    # Letters that are said one by one belong to what they stand in (an IBAN, a member number).
    return sum(len(word) > 1 or word == "i" for word in words)
