"""One text as the rules look at it: lower case, its words, its numbers, and a budget of work.

Everything is derived once and on demand; most texts never need more than their words.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import cached_property

from ingest.redaction.spoken import Run, tight_runs

# Units of work in one chunk: a cue that is followed up, or a token that is looked at. Ordinary
# speech of 8 K costs under a tenth of it.
MAX_WORK = 30_000
TOKEN = re.compile(r"[^\W_]{1,64}(?:['\u2019][^\W_]{1,16})?|[^\w\s]|_")

# Digits which are no one's number: IDs of systems; dates, times of day, money.
_IDS = re.compile(
    r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b"
    r"|\b[a-z]{2}[0-9a-f]{32}\b|\b(?=[0-9]{0,31}[a-f])[0-9a-f]{32}\b"
    r"|\bcall_[0-9a-z]{26}\b|\b(?:tok|item|rm|aj|ev|pa|tr|eg|scl|st|sdr)_[0-9a-z]{6,32}\b"
)
_MEASURES = re.compile(
    r"(?<![\d-])(?:19|20)\d\d-[01]\d-[0-3]\d(?:[t ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?z?)?(?![\d-])"
    r"|(?<![\d/])\d{1,2}/\d{1,2}/(?:19|20)?\d\d(?![\d/])"
    r"|(?<![\d:])\d{1,2}:\d\d(?::\d\d)?(?![\d:])"
    r"|[$\u20ac\u00a3]\s?\d{1,3}(?:,\d{3}){0,3}(?:\.\d\d)?(?![\d,]|\.\d)"
)
_HAS_DIGIT = re.compile(r"\d")
_HAS_ID = re.compile(r"[\w\-]{9}")


class BudgetError(Exception):
    """A text needs more work than its size allows; it is withheld."""


class View:
    """A chunk of text with everything that the rules share.

    ``text`` has the case as it was said, ``low`` the same characters in lower case; ``words`` are
    the distinct words of ``low``, without punctuation.
    """

    def __init__(self, text: str, words: set[str]) -> None:
        self.text = text
        self.low = text.lower()
        self.words = words
        self.work = 0

    @cached_property
    def neutral(self) -> str:
        """``low`` with every number that is nobody's made unreadable, at the same offsets."""
        return neutralised(self.low)

    @cached_property
    def runs(self) -> list[Run]:
        """Numbers of ``neutral``."""
        return tight_runs(self.neutral)

    @cached_property
    def all_runs(self) -> list[Run]:
        """Numbers of ``low``: dates, times and amounts too."""
        return self.runs if self.neutral == self.low else tight_runs(self.low)

    def spend(self, units: int = 1) -> None:
        """Count work.

        Raises:
            BudgetError: the chunk's budget is used up.
        """
        self.work += units
        if self.work > MAX_WORK:
            raise BudgetError

    @cached_property
    def all_tokens(self) -> list[re.Match[str]]:
        """Words and single marks of ``low``."""
        return list(TOKEN.finditer(self.low))

    @cached_property
    def _starts(self) -> list[int]:
        return [token.start() for token in self.all_tokens]

    def tokens(self, start: int, stop: int) -> list[re.Match[str]]:
        """Words and single marks that begin between two offsets."""
        found = self.all_tokens[bisect_left(self._starts, start) : bisect_left(self._starts, stop)]
        self.spend(len(found))
        return found


def neutralised(low: str) -> str:
    """Lower-case text with IDs, dates, times and amounts replaced by as many ``x``."""
    if not _HAS_DIGIT.search(low):
        return low
    if _HAS_ID.search(low):
        low = _IDS.sub(_masked, low)
    return _MEASURES.sub(_masked, low)


def _masked(match: re.Match[str]) -> str:
    return "x" * len(match.group())
