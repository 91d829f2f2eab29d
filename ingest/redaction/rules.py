"""Text rules: what in a text is personal, and what stands in its place.

The rules themselves (class, cues, replacement) are data in ``policy.yml``; ``methods`` holds how each
finds what it is for. A text is never judged by the clock, so that the result is a pure function of
the text: its size and the work it takes are the budget. What is still unsafe afterwards is withheld.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import Any

from ingest.redaction.known import Known
from ingest.redaction.methods import HAS_DIGIT, TextRule, build, features
from ingest.redaction.numbers import NumberRule, is_ordinary, long_numbers, strays, with_extension
from ingest.redaction.numerals import NUMBER_WORDS
from ingest.redaction.regions import MONTHS, code_region
from ingest.redaction.spoken import FILLERS, dense_runs, tight_runs
from ingest.redaction.strict import WORD_MASK, Word, may_be_name, split_words, words_of
from ingest.redaction.view import BudgetError, View, neutralised

# Part of the policy's version: raise it when the code of a method changes what it finds.
RULES_VERSION = 3

CHUNK_CHARS = 8192
OVERLAP_CHARS = 512
MAX_TEXT_CHARS = 65536
WITHHELD_TEXT = "[WITHHELD]"

CLEAN, PROVIDER, REDACTED, WITHHELD = "clean", "provider_redacted", "redacted", "withheld"
STATE_RANK = {CLEAN: 0, PROVIDER: 1, REDACTED: 2, WITHHELD: 3}

_SEPARATED = re.compile(r"(?:\d[\s().\-/,+]{0,3}){7}")
_MARKER = re.compile(r"\[[A-Z][A-Z_ ]{1,40}\]")
_PRONOUN_BEFORE = re.compile(r"(?:first|last|next|this|that|the|which|another|any|no|some|new)\s$")
_INSIDE_ANSWER = FILLERS | {"of"}
_MAX_CACHED_CHARS = 400

Range = tuple[int, int]


class Mode(IntEnum):
    """How suspicious the conversation makes a text."""

    PLAIN = 0
    READ_BACK = 1  # an agent's turn after an identity prompt: runs of three digits or more
    ANSWER = 2  # an answer to a prompt for a number: every digit, number word, letter and month
    IDENTITY = 3  # an answer to a prompt for a name, an address, a date of birth: all of it


@dataclass(frozen=True, slots=True)
class TextResult:
    """A redacted text at both levels.

    ``text`` and ``strict`` are the two levels, ``state`` is DESIGN's (clean, redacted, ...),
    ``classes`` are sorted. ``names`` are words of ``text`` that could be a name: (start, end, folded
    word). ``spans`` and ``strict_spans`` are the characters of the given text that each level masks.
    """

    text: str
    strict: str
    state: str
    classes: tuple[str, ...] = ()
    names: tuple[Word, ...] = ()
    spans: tuple[Range, ...] = ()
    strict_spans: tuple[Range, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """Characters [start, end) of one class, and what replaces them."""

    start: int
    end: int
    klass: str
    replacement: str


class _UnfitError(Exception):
    """A long number that no rule of the policy names."""


class TextRules:
    """The text rules of one policy, compiled. ``redact`` is the only entry."""

    def __init__(self, rules: Sequence[Mapping[str, Any]]) -> None:
        self._numbers: list[tuple[NumberRule, str, str]] = []
        self._rules: list[TextRule] = []
        self._special: dict[str, tuple[str, str]] = {}
        for rule in rules:
            named = str(rule["class"]), str(rule["replacement"])
            if rule["method"] == "number_run":
                self._numbers.append((NumberRule.of(rule), *named))
            elif rule["method"] in {"answer", "known_value"}:
                self._special[rule["method"]] = named
            else:
                self._rules.append(build(rule))
        self._by_trigger: dict[str, list[int]] = {}
        for i, built in enumerate(self._rules):
            for word in built.triggers:
                self._by_trigger.setdefault(word, []).append(i)
        self._triggers = frozenset(self._by_trigger)
        self._suspicious = self._triggers | NUMBER_WORDS | {HAS_DIGIT}
        # Prompts and menu texts repeat all day long; long texts do not and would fill the memory.
        self._cached = lru_cache(maxsize=8192)(self._redact)

    def redact(self, text: str, mode: Mode = Mode.PLAIN, known: Known | None = None) -> TextResult:
        """Redact one text.

        Args:
            text: what was said or written.
            mode: what the conversation asked for before it.
            known: what the text's own record says about the customer.
        """
        if len(text) <= _MAX_CACHED_CHARS and not known:
            return self._cached(text, mode)
        return self._redact(text, mode, known)

    def _redact(self, text: str, mode: Mode, known: Known | None = None) -> TextResult:
        if len(text) > MAX_TEXT_CHARS:
            return _withheld(text, "too_long")
        plain, places = _plain(text)
        low = plain.lower()
        words = words_of(low)
        state = PROVIDER if "[" in text and _MARKER.search(text) else CLEAN
        if mode == Mode.IDENTITY and words and "answer" in self._special:
            spans = [Span(0, len(plain), *self._special["answer"])]
        elif not (mode or known) and self._suspicious.isdisjoint(words | features(low, words)):
            spans = []  # most turns
        else:
            try:
                spans = _merged(self._spans(plain, mode, words, known))
            except BudgetError:
                return _withheld(text, "too_much_work")
            except _UnfitError:
                return _withheld(text, "residual_digits")
        if not spans and not may_be_name(words):
            result = TextResult(text, text, state)
        else:
            result = _replaced(plain, spans, state)
        if spans and _still_dense(result.text):
            return _withheld(text, "residual_digits", *result.classes)
        return result if places is None else _placed(result, places, text)

    def _spans(
        self, plain: str, mode: Mode, words: set[str], known: Known | None
    ) -> Iterator[Span]:
        if len(plain) <= CHUNK_CHARS:
            yield from self._chunk_spans(View(plain, words), mode, known)
            return
        step = CHUNK_CHARS - OVERLAP_CHARS
        for offset in range(0, max(1, len(plain) - OVERLAP_CHARS), step):
            chunk = plain[offset : offset + CHUNK_CHARS]
            view = View(chunk, words_of(chunk.lower()))
            for span in self._chunk_spans(view, mode, known):
                start, end = span.start + offset, span.end + offset
                yield Span(start, end, span.klass, span.replacement)

    def _chunk_spans(self, view: View, mode: Mode, known: Known | None) -> Iterator[Span]:
        found = features(view.low, view.words)
        has_digit = HAS_DIGIT in found
        for i in sorted({i for word in (view.words | found) & self._triggers for i in self._by_trigger[word]}):
            rule = self._rules[i]
            for start, end in rule.find(view):
                yield Span(start, end, rule.klass, rule.replacement)
        if has_digit or not NUMBER_WORDS.isdisjoint(view.words):
            yield from self._number_spans(view)
        if mode != Mode.PLAIN and "answer" in self._special:
            found = _answers(view) if mode >= Mode.ANSWER else _read_back(view)
            for start, end in found:
                yield Span(start, end, *self._special["answer"])
        if known and "known_value" in self._special:
            for start, end in known.find(view):
                yield Span(start, end, *self._special["known_value"])
    def _number_spans(self, view: View) -> Iterator[Span]:
        numbers = long_numbers(view)
        for run in numbers:
            fitting = next((r for r in self._numbers if r[0].fits(run, view.low)), None)
            if fitting is None:
                raise _UnfitError
            yield Span(*with_extension(view, run), *fitting[1:])
            for start, end in strays(view, run):
                yield Span(start, end, *fitting[1:])


def _read_back(view: View) -> Iterator[Range]:
    """Numbers of four digits or more that an agent repeats."""
    for run in view.all_runs:
        if run.atoms >= 4 and not _is_plain_number(run.atoms, run.start, run.end, view.low):
            yield run.start, run.end


def _answers(view: View) -> Iterator[Range]:
    """Whatever a number, code or expiry date can consist of."""
    at, size = 0, len(view.low)
    found: list[Range] = []
    while at < size:
        region = code_region(view, at, size)
        if region is None:
            break
        said = view.low[region.start : region.end]
        if not _is_plain_number(region.atoms, region.start, region.end, view.low) and said != "oh":
            found.append((region.start, region.end))
        at = max(region.end, at + 1)
    if not MONTHS.isdisjoint(view.words):
        found += [token.span() for token in view.tokens(0, size) if token.group() in MONTHS]
    if all(len(word) == 1 for word in view.words):
        found.append((0, size))  # "c", to "and the last letter"
    last: Range | None = None
    for start, end in sorted(found):
        if last and words_of(view.low[last[1] : start]) <= _INSIDE_ANSWER:
            last = (last[0], max(last[1], end))
            continue
        if last:
            yield last
        last = (start, end)
    if last:
        yield last


def _is_plain_number(atoms: int, start: int, end: int, low: str) -> bool:
    """Whether even in an answer the number is an amount, a duration or the pronoun "one"."""
    if low[start:end] == "one" and _PRONOUN_BEFORE.search(low[:start][-12:]):
        return True
    return is_ordinary(atoms, low, end)


def _plain(text: str) -> tuple[str, list[Range] | None]:
    """The text with compatibility forms and invisible characters resolved.

    Returns:
        The text, and for each of its characters the range it stands for (None: the same).
    """
    if text.isascii():
        return text, None
    out: list[str] = []
    places: list[Range] = []
    at = 0
    while at < len(text):
        end = at + 1
        while end < len(text) and unicodedata.category(text[end])[0] == "M":
            end += 1
        folded = unicodedata.normalize("NFKC", text[at:end])
        for char in folded:
            if unicodedata.category(char) != "Cf":
                # Offsets into the lower-case form must be offsets into the text itself.
                out.append(char if len(char.lower()) == 1 else char.lower()[0])
                places.append((at, end))
        at = end
    return "".join(out), places


def _placed(result: TextResult, places: list[Range], text: str) -> TextResult:
    """The result with spans of the text as it was given; a clean text is left as it was."""

    def original(spans: Sequence[Range]) -> tuple[Range, ...]:
        return tuple((places[start][0], places[end - 1][1]) for start, end in spans)

    is_same = not result.strict_spans and not result.names
    return TextResult(
        text if is_same else result.text,
        text if is_same else result.strict,
        result.state,
        result.classes,
        result.names,
        original(result.spans),
        original(result.strict_spans),
    )


def _merged(spans: Iterator[Span]) -> list[Span]:
    """Spans in order, overlapping ones as one (the first one's class and replacement stand)."""
    merged: list[Span] = []
    for span in sorted(spans, key=lambda s: (s.start, -s.end)):
        if merged and span.start < merged[-1].end:
            last = merged[-1]
            merged[-1] = Span(last.start, max(last.end, span.end), last.klass, last.replacement)
        elif span.end > span.start:
            merged.append(span)
    return merged


def _replaced(plain: str, spans: Sequence[Span], state: str) -> TextResult:
    """Both levels of a text: spans replaced, and in ``strict`` the words that nobody approved."""
    kept: list[Range] = []
    at = 0
    for span in spans:
        kept.append((at, span.start))
        at = span.end
    kept.append((at, len(plain)))
    if state == PROVIDER:
        kept = [part for low, high in kept for part in _around_markers(plain, low, high)]
    masked, names = split_words(plain, kept)
    text, shifts = _spliced(plain, [(s.start, s.end, s.replacement) for s in spans])
    pieces = [(s.start, s.end, s.replacement) for s in spans]
    pieces += [(start, end, WORD_MASK) for start, end in masked]
    strict, _ = _spliced(plain, sorted(pieces))
    return TextResult(
        text,
        strict,
        REDACTED if spans else state,
        tuple(sorted({span.klass for span in spans})),
        tuple(_moved(names, shifts)),
        tuple((span.start, span.end) for span in spans),
        tuple((start, end) for start, end, _ in sorted(pieces)),
    )


def _around_markers(plain: str, low: int, high: int) -> Iterator[Range]:
    """The range without the provider's own placeholders, such as ``[PII]``."""
    for match in _MARKER.finditer(plain, low, high):
        yield low, match.start()
        low = match.end()
    yield low, high


def _spliced(text: str, pieces: Sequence[tuple[int, int, str]]) -> tuple[str, list[Range]]:
    """The text with pieces replaced, and for each piece its end and how far what follows moves."""
    parts: list[str] = []
    shifts: list[Range] = []
    at = shift = 0
    for start, end, replacement in pieces:
        parts += (text[at:start], replacement)
        shift += len(replacement) - (end - start)
        shifts.append((end, shift))
        at = end
    return "".join([*parts, text[at:]]), shifts


def _moved(names: Sequence[Word], shifts: Sequence[Range]) -> Iterator[Word]:
    i = shift = 0
    for start, end, word in names:
        while i < len(shifts) and shifts[i][0] <= start:
            shift = shifts[i][1]
            i += 1
        yield start + shift, end + shift, word


def _still_dense(text: str) -> bool:
    """The redactor's check of its own output: seven digit atoms or more still stand together."""
    neutral = neutralised(text.lower())
    if _SEPARATED.search(neutral):
        return True
    return bool(dense_runs(tight_runs(neutral), neutral))


def _withheld(text: str, *classes: str) -> TextResult:
    whole = ((0, len(text)),)
    found = tuple(sorted(classes))
    return TextResult(WITHHELD_TEXT, WITHHELD_TEXT, WITHHELD, found, (), whole, whole)
