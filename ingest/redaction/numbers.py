"""Methods of the policy's number rules: long numbers, and short ones that a cue gives away."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from ingest.redaction.cues import phrases_pattern
from ingest.redaction.numerals import HOMOPHONES, digits_of
from ingest.redaction.regions import (
    NATO,
    UNIT_AFTER,
    Region,
    code_region,
    code_regions,
    date_region,
    suffix_end,
)
from ingest.redaction.spoken import BREAKS, Run, dense_runs
from ingest.redaction.view import View
from ingest.redaction.words import word_list

Range = tuple[int, int]

_SSN_SHAPE = re.compile(r"(?<!\d)\d{3}[\s.\-]\d{2}[\s.\-]\d{4}(?!\d)")
_PLUS = re.compile(r"\(?(?:\+|plus\b)")
_PLUS_BEFORE = re.compile(r"(?:\+|\bplus,?)\s{0,2}$")
_LETTERS_BEFORE = re.compile(r"(?:(?<![\w'\u2019])[b-hj-z][\s.,\-]{1,2}){1,6}$")
_NO_MARKS = {ord(c): None for c in " .,-\n\t"}
_LETTERS_AFTER = re.compile(r"(?:[\s.,\-]{1,2}[b-hj-z](?![\w'\u2019])){1,6}")
_EXTENSION = re.compile(r",?\s(?:extension|ext\.?|x)\s?(?:number\s)?(?=[\w])")
_HEARD_AFTER = re.compile(r"\s(" + "|".join(sorted(HOMOPHONES)) + r")(?=\s*(?:$|[.,?!]))")
_HEARD_BEFORE = re.compile(
    r"(?:^|is |it's |number |number's |that's |yeah |okay |um |uh |[,:] )(?P<word>"
    + "|".join(sorted(HOMOPHONES))
    + r") $"
)
_GLUED = 24
_SPELLED_ATOMS = 7
_STRAY_ATOMS = 3
_STRAY_CHARS = 60
_STRAY_RUNS = 12
_ASIDE = frozenset(
    {"wait", "hold", "let", "find", "hang", "sorry", "glasses", "second", "moment", "uh"}
)
_SENTENCE = re.compile(r"(?<![.\s])[.!]\s+(?!it'?s|that'?s|is|yes|yeah|sure|okay|ok|um|uh|so|\d)")
# "123 is my security code", "4421 for the pin", "315 is what it says on the back"
_VERBS = frozenset(word_list("is was are as for being that's it's s would be"))
_LINKS = _VERBS | frozenset(
    word_list(
        "my the your our his her their what what's that which it i i've to here there says reads "
        "printed written shown when where next beside behind on in at by from get got have "
        "see s card"
    )
)
_MAX_LINKS = 6
_MAX_TRIES = 4
_CODE_CHARS = 120
_DATE_CHARS = 60
_MAX_BEFORE = 36
_MAX_AFTER = 20
_UNBOUNDED = 1000
_LINK_MARKS = frozenset(",.-'\u2019?")
_SENTENCE_MARKS = frozenset(".?")
_SHORT = 4
# "s s n is 300 ...": letters that say what the number is.
_ACRONYMS = word_list(
    "ssn mrn aba cvv cvc csc cid dob pin dni nhs iban ein itin otp sin bic tin vin id ni"
)
_SPELLED = "|".join("[ .]{1,2}".join(word) for word in _ACRONYMS)
_SAID_OF = re.compile(
    rf"(?:(?:[a-z][ .]{{1,2}}){{2,5}}|(?P<known>{_SPELLED})[ .]{{1,2}})"
    r"(?(known)(?:(?:is|it's|number|number's) ){0,2}|(?:(?:is|it's|number|number's) ){1,2})"
)


@dataclass(frozen=True, slots=True)
class NumberRule:
    """Numbers of a class by how many digits are said; ``shape`` narrows it (``plus``, ``ssn``)."""

    least: int
    most: int
    shape: str | None
    cues: re.Pattern[str] | None

    @classmethod
    def of(cls, spec: Mapping[str, Any]) -> NumberRule:
        """The rule of one entry of the policy."""
        least, most = spec["digits"]
        cues = phrases_pattern(spec["cues"]) if spec.get("cues") else None
        return cls(least, most, spec.get("shape"), cues)

    def fits(self, run: Run, low: str) -> bool:
        """Whether ``run`` of the lower-case text is a number of this class."""
        if not self.least <= run.atoms <= self.most:
            return False
        if self.shape == "plus":
            return bool(_PLUS.match(low, run.start))
        if self.shape == "ssn":
            near = low[max(0, run.start - 60) : run.end]
            return bool(_SSN_SHAPE.search(near) or (self.cues and self.cues.search(near)))
        return True


def long_numbers(view: View) -> list[Run]:
    """Numbers of seven digits or more, with all that belongs to them."""
    found = []
    for run in dense_runs(view.runs, view.neutral):
        view.spend()
        start, end = _widened(view.low, run.start, run.end)
        end = suffix_end(view, end)
        found.append(Run(start, end, run.atoms, run.tokens, run.heard))
    return found


def strays(view: View, number: Run) -> Iterator[Range]:
    """Parts of a number that an aside divides from it ("4485, let me find my glasses, 2276")."""
    at = bisect_left(view.runs, number.start, key=lambda run: run.start)
    for run in view.runs[max(0, at - _STRAY_RUNS) : at + _STRAY_RUNS]:
        view.spend()
        if run.atoms < _STRAY_ATOMS or is_ordinary(run.atoms, view.low, run.end):
            continue
        gap = (run.end, number.start) if run.end <= number.start else (number.end, run.start)
        if 0 <= gap[1] - gap[0] <= _STRAY_CHARS and _is_aside(view.low[slice(*gap)]):
            yield run.start, run.end


def _is_aside(between: str) -> bool:
    words = set(between.replace(",", " ").replace(".", " ").split())
    return BREAKS.isdisjoint(words) and not _ASIDE.isdisjoint(words)


def _widened(low: str, start: int, end: int) -> Range:
    """The number with its plus sign, brackets, glued or spelled letters and extension."""
    start, end = _unglued(low, start, end)
    before = low[max(0, start - _GLUED) : start]
    letters = _LETTERS_BEFORE.search(before)
    if letters and letters.group().translate(_NO_MARKS) not in _ACRONYMS:
        start -= len(before) - letters.start()
    elif heard := _HEARD_BEFORE.search(before):
        start -= len(before) - heard.start("word")
    while start and low[start - 1] in "(+":
        start -= 1
    if plus := _PLUS_BEFORE.search(low[max(0, start - 7) : start]):
        start -= len(plus.group())
    if letters := _LETTERS_AFTER.match(low, end):
        end = letters.end()
    if heard := _HEARD_AFTER.match(low, end):
        end = heard.end()
    return start, end


def _unglued(low: str, start: int, end: int) -> Range:
    """The number with letters that no blank divides from its digits: "A1234567"."""
    if low[start].isdigit():
        before = low[max(0, start - _GLUED) : start]
        start -= sum(1 for _ in takewhile(str.isalnum, reversed(before)))
    if low[end - 1].isdigit():
        end += sum(1 for _ in takewhile(str.isalnum, low[end : end + _GLUED]))
    return start, end


def with_extension(view: View, run: Run) -> Range:
    """A phone number with the extension that follows it."""
    if match := _EXTENSION.match(view.low, run.end):
        region = code_region(view, match.end(), 1, letters=False)
        if region:
            return run.start, region.end
    return run.start, run.end


@dataclass(frozen=True, slots=True)
class CueRule:
    """A value behind words that announce it, or right before them ("4421 is my pin").

    ``unless`` are words near the cue that make it another thing's ("the offer's expiration date").
    """

    cues: re.Pattern[str]
    unless: re.Pattern[str] | None
    least: int
    most: int
    within: int
    letters: bool
    is_date: bool

    @classmethod
    def of(cls, spec: Mapping[str, Any], *, letters: bool, is_date: bool) -> CueRule:
        """The rule of one entry of the policy."""
        unless = phrases_pattern(spec["unless"]) if spec.get("unless") else None
        cues = phrases_pattern(spec["cues"])
        least, most = spec.get("least", 1), spec.get("most", _UNBOUNDED)
        return cls(cues, unless, least, most, spec["within"], letters, is_date)

    def find(self, view: View) -> Iterator[Range]:
        """Character ranges of the values."""
        done = 0
        for match in self.cues.finditer(view.low):
            view.spend(4)
            near = view.low[max(0, match.start() - _MAX_BEFORE) : match.end() + _MAX_AFTER]
            if self.unless and self.unless.search(near):
                continue
            if match.end() < done:
                continue
            region = self._after(view, match.end())
            if region:
                done = region.end
                yield region.start, region.end
            else:
                yield from self._before(view, match.start())

    def _after(self, view: View, cue: int) -> Region | None:
        """The first value behind the cue; numbers that are none are passed ("the three digits")."""
        sentence = _SENTENCE.search(view.low, cue, cue + self.within)
        stop = sentence.start() if sentence else None
        start = cue
        for _ in range(_MAX_TRIES):
            region = self._next(view, start, cue + self.within - start, stop)
            if region is None:
                return None
            if self._fits(view, region):
                return region
            start = region.end
        return None

    def _next(self, view: View, start: int, within: int, stop: int | None) -> Region | None:
        if self.is_date:
            return date_region(view, start, within, stop)
        return code_region(view, start, within, letters=self.letters, stop=stop)

    def _fits(self, view: View, region: Region) -> bool:
        if is_ordinary(region.atoms, view.low, region.end):
            return False
        if self.is_date:
            return region.is_date
        # "nine hundred" is three digits.
        said = digits_of(view.low[region.start : region.end]) if region.digits else ""
        size = max(region.digits, len(said)) + region.letters
        return self.least <= size <= self.most and (region.digits > 0 or region.letters > 2)

    def _before(self, view: View, cue: int) -> Iterator[Range]:
        """A value that stands right before the cue at offset ``cue``, or before "is my"."""
        end, is_said = _link_start(view, cue)
        if not self.is_date and "that" in view.low[end:cue]:
            yield from self._before_aside(view, cue)
        if not is_said and view.low[end:cue].strip(" -"):
            return
        chars = _DATE_CHARS if self.is_date else _CODE_CHARS
        start = max(0, end - chars)
        while start < end:
            region = self._next(view, start, chars, end)
            if region is None:
                return
            if region.end >= end - 3 and self._fits(view, region):
                yield _widened(view.low, region.start, region.end)
                return
            start = region.end

    def _before_aside(self, view: View, cue: int) -> Iterator[Range]:
        """A value with words behind it: "315 on the signature strip, that's the security code"."""
        run = _last_run(view, cue)
        is_near = run and run.end >= cue - _STRAY_CHARS and self.least <= run.atoms <= self.most
        if run and is_near and not is_ordinary(run.atoms, view.low, run.end):
            yield run.start, run.end


def _link_start(view: View, cue: int) -> tuple[int, bool]:
    """Where the words that link a value to the cue behind it begin, and if one of them is a verb.

    Without such words it is the offset of the cue itself.
    """
    tokens = view.tokens(max(0, cue - _MAX_BEFORE), cue)
    start, is_said, words = cue, False, 0
    for token in reversed(tokens):
        word = token.group()
        if words >= _MAX_LINKS or not (word in _LINKS or word in _LINK_MARKS):
            break
        if word in _SENTENCE_MARKS and not is_said:
            break
        words += word in _LINKS
        is_said |= word in _VERBS
        start = token.start()
    return start, is_said


def _last_run(view: View, end: int) -> Run | None:
    """The last number that ends at or before an offset."""
    at = bisect_right(view.all_runs, end, key=lambda run: run.end)
    return view.all_runs[at - 1] if at else None


def spelled_codes(view: View) -> Iterator[Range]:
    """Codes of letters and digits said one by one, whatever they are for."""
    for region in code_regions(view):
        # One letter alone is rather the end of a word that was cut off, unless it is "sierra".
        least = 1 if not NATO.isdisjoint(view.words) else 2
        is_code = region.letters >= least and region.digits >= 4 and region.atoms >= _SPELLED_ATOMS
        if is_code:
            said_of = _SAID_OF.match(view.low, region.start, region.end)
            yield (said_of.end() if said_of else region.start), region.end


def is_ordinary(atoms: int, low: str, end: int) -> bool:
    """Whether a short number is an amount or a duration ("three times", "20 percent")."""
    return atoms <= _SHORT and bool(UNIT_AFTER.match(low, end))
