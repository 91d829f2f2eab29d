"""What is masked in an answer, or where an agent reads one back, by what the conversation asked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import IntEnum

from ingest.redaction.numbers import is_ordinary
from ingest.redaction.regions import MONTHS, code_regions
from ingest.redaction.spoken import FILLERS
from ingest.redaction.strict import words_of
from ingest.redaction.view import View

Range = tuple[int, int]

_PRONOUN_BEFORE = re.compile(r"(?:first|last|next|this|that|the|which|another|any|no|some|new)\s$")
_NO_NUMBER_AFTER = re.compile(r"\s(?:moment|second|sec|minute|more|thing|time)\b")
_INSIDE = FILLERS | {"of"}
# Said before an answer as well: "oh here it is", "one moment".
_NOTHING = frozenset({"oh", "o"})
_READ_BACK_DIGITS = 4


class Mode(IntEnum):
    """How suspicious the conversation makes a text."""

    PLAIN = 0
    READ_BACK = 1  # an agent's turn after an identity prompt: runs of three digits or more
    ANSWER = 2  # an answer to a prompt for a number: every digit, number word, letter and month
    IDENTITY = 3  # an answer to a prompt for a name, an address, a date of birth: all of it


def answered(view: View, mode: Mode) -> Iterator[Range]:
    """What an answer consists of, in a turn that is read in this mode."""
    if mode == Mode.READ_BACK:
        yield from _read_back(view)
    elif mode == Mode.ANSWER:
        yield from _joined(view, sorted(_parts(view)))


def _read_back(view: View) -> Iterator[Range]:
    """Numbers of four digits or more that an agent repeats."""
    for run in view.all_runs:
        if run.atoms >= _READ_BACK_DIGITS and not _is_plain_number(
            run.atoms, run.start, run.end, view.low
        ):
            yield run.start, run.end


def _parts(view: View) -> Iterator[Range]:
    """Whatever a number, a code or an expiry date can consist of."""
    size = len(view.low)
    for region in code_regions(view):
        is_plain = _is_plain_number(region.atoms, region.start, region.end, view.low)
        if not is_plain and view.low[region.start : region.end] not in _NOTHING:
            yield region.start, region.end
    if not MONTHS.isdisjoint(view.words):
        yield from (token.span() for token in view.tokens(0, size) if token.group() in MONTHS)
    if all(len(word) == 1 for word in view.words):
        yield 0, size  # "c", to "and the last letter"


def _joined(view: View, found: list[Range]) -> Iterator[Range]:
    """The ranges, those that only fillers divide as one ("eight of twenty nine")."""
    last: Range | None = None
    for start, end in found:
        if last and words_of(view.low[last[1] : start]) <= _INSIDE:
            last = (last[0], max(last[1], end))
            continue
        if last:
            yield last
        last = (start, end)
    if last:
        yield last


def _is_plain_number(atoms: int, start: int, end: int, low: str) -> bool:
    """Whether even in an answer the number is an amount, a duration or the pronoun "one"."""
    if low[start:end] == "one":
        is_pronoun = _PRONOUN_BEFORE.search(low[max(0, start - 12) : start])
        if is_pronoun or _NO_NUMBER_AFTER.match(low, end):
            return True
    return is_ordinary(atoms, low, end)
