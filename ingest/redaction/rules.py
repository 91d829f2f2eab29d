"""Text rules: what in a text is personal, and what stands in its place.

The rules themselves (class, digits, replacement) are data in ``policy.yml``; this module holds the
methods. A text is never judged by the clock, so that the result is a pure function of the text: its
size is the budget, because every method is linear. What is still unsafe afterwards is withheld.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from functools import lru_cache
from typing import Any

from ingest.redaction.emails import spoken_emails, written_emails
from ingest.redaction.spoken import (
    NUMBER_WORDS,
    Run,
    dense_runs,
    tight_runs,
)

# Part of the policy's version: raise it when the code of a method changes what it finds.
RULES_VERSION = 2

CHUNK_CHARS = 8192
OVERLAP_CHARS = 512
MAX_TEXT_CHARS = 65536
WITHHELD_TEXT = "[WITHHELD]"

CLEAN, PROVIDER, REDACTED, WITHHELD = "clean", "provider_redacted", "redacted", "withheld"
STATE_RANK = {CLEAN: 0, PROVIDER: 1, REDACTED: 2, WITHHELD: 3}

# Digits which are no one's number: IDs of systems, dates, times of day, money.
_NEUTRAL = re.compile(
    r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b"
    r"|\b[a-z]{2}[0-9a-f]{32}\b|\b(?=[0-9]{0,31}[a-f])[0-9a-f]{32}\b"
    r"|\bcall_[0-9a-z]{26}\b|\b(?:tok|item|rm|aj|ev|pa|tr|eg|scl|st|sdr)_[0-9a-z]{6,32}\b"
    r"|(?<![\d-])(?:19|20)\d\d-[01]\d-[0-3]\d(?:[t ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?z?)?(?![\d-])"
    r"|(?<![\d/])\d{1,2}/\d{1,2}/(?:19|20)?\d\d(?![\d/])"
    r"|(?<![\d:])\d{1,2}:\d\d(?::\d\d)?(?![\d:])"
    r"|[$\u20ac\u00a3]\s?\d{1,3}(?:,\d{3}){0,3}(?:\.\d\d)?(?![\d,]|\.\d)"
)
_DIGIT = re.compile(r"\d")
_SEPARATED = re.compile(r"(?:\d[\s().\-/,+]{0,3}){7}")
_MARKER = re.compile(r"\[[A-Z][A-Z_ ]{1,40}\]")
_SSN_SHAPE = re.compile(r"(?<!\d)\d{3}[\s.\-]\d{2}[\s.\-]\d{4}(?!\d)")
_UNIT_AFTER = re.compile(
    r"\s?(?:%|percent|dollars?|cents?|euros?|pounds?|o'clock|[ap]\.?m\b|minutes?|hours?|days?|weeks?"
    r"|months?|years?|times)\b"
)
_PRONOUN_BEFORE = re.compile(r"(?:first|last|next|this|that|the|which|another|any|no|some|new)\s$")
_NOT_WORDS = {ord(c): " " for c in '\t\n\r!"#$%&()*+,-./:;<=>?[\\]^_`{|}~\u2019'}


class Mode(IntEnum):
    """How suspicious the conversation makes a text."""

    PLAIN = 0
    READ_BACK = 1  # an agent's turn after an identity prompt: runs of three digits or more
    ANSWER = 2  # an answer to a prompt for a number: every digit and number word
    IDENTITY = 3  # an answer to a prompt for a name, an address, a date of birth: all of it


@dataclass(frozen=True, slots=True)
class TextResult:
    """A redacted text, its state (DESIGN: clean, redacted, ...) and the classes found, sorted."""

    text: str
    state: str
    classes: tuple[str, ...]
    spans: tuple[tuple[int, int], ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Span:
    """Characters [start, end) of one class, and what replaces them."""

    start: int
    end: int
    klass: str
    replacement: str


@dataclass(frozen=True, slots=True)
class NumberRule:
    """A class of numbers by how many digits are said; ``shape`` narrows it (``plus``, ``ssn``)."""

    klass: str
    replacement: str
    least: int
    most: int
    shape: str | None
    cues: re.Pattern[str] | None

    def fits(self, run: Run, text: str) -> bool:
        """Whether ``run`` of the lower-case ``text`` is a number of this class."""
        if not self.least <= run.atoms <= self.most:
            return False
        if self.shape == "plus":
            return text[max(0, run.start - 2) : run.start].strip()[-1:] == "+"
        if self.shape == "ssn":
            near = text[max(0, run.start - 60) : run.end]
            return bool(_SSN_SHAPE.search(near) or (self.cues and self.cues.search(near)))
        return True


class TextRules:
    """The text rules of one policy, compiled. ``redact`` is the only entry."""

    def __init__(self, rules: Sequence[Mapping[str, Any]]) -> None:
        self._numbers: list[NumberRule] = []
        self._cued: list[tuple[re.Pattern[str], int, int, str, str]] = []
        self._simple: dict[str, tuple[str, str]] = {}
        self._name_cue: re.Pattern[str] | None = None
        for rule in rules:
            self._add(rule)
        self._triggers = NUMBER_WORDS | {"at"}
        # Prompts and menu texts repeat all day long; long texts do not and would fill the memory.
        self._cached = lru_cache(maxsize=8192)(self._redact)

    def _add(self, rule: Mapping[str, Any]) -> None:
        method, klass, replacement = rule["method"], str(rule["class"]), str(rule["replacement"])
        cues = _words_pattern(rule["cues"]) if rule.get("cues") else None
        if method == "number_run":
            least, most = rule["digits"]
            shape = rule.get("shape")
            self._numbers.append(NumberRule(klass, replacement, least, most, shape, cues))
        elif method == "cued_number" and cues:
            self._cued.append((cues, rule["digits"][0], rule["within"], klass, replacement))
        elif method == "cued_words" and cues:
            self._name_cue = re.compile(
                cues.pattern + r",?((?:\s(?!(?:" + "|".join(rule["stops"]) + r")\b)[^\W\d_'\-]"
                r"[^\W\d_]{0,30}){1,3})"
            )
            self._simple[method] = (klass, replacement)
        elif method in {"written_email", "spoken_email", "answer"}:
            self._simple[method] = (klass, replacement)
        else:
            msg = f"unknown text rule method in rule {rule.get('id')}"
            raise ValueError(msg)

    def redact(self, text: str, mode: Mode = Mode.PLAIN) -> TextResult:
        """Redact one text; ``mode`` says what the conversation asked for before it."""
        return self._cached(text, mode) if len(text) <= 400 else self._redact(text, mode)

    def _redact(self, text: str, mode: Mode) -> TextResult:
        if len(text) > MAX_TEXT_CHARS:
            return TextResult(WITHHELD_TEXT, WITHHELD, ("too_long",))
        state = PROVIDER if "[" in text and _MARKER.search(text) else CLEAN
        plain = _plain(text)
        if mode == Mode.IDENTITY and plain.strip():
            klass, replacement = self._simple["answer"]
            return TextResult(replacement, REDACTED, (klass,), ((0, len(plain)),))
        if not self._suspicious(plain):
            return TextResult(text, state, ())
        spans = _merged(self._spans(plain, mode))
        if not spans:
            return TextResult(text, state, ()) if not _still_dense(plain) else _withheld(())
        classes = tuple(sorted({span.klass for span in spans}))
        safe = _replaced(plain, spans)
        return _withheld(classes) if _still_dense(safe) else TextResult(safe, REDACTED, classes, tuple((s.start, s.end) for s in spans))

    def _suspicious(self, plain: str) -> bool:
        """Cheap filter: most turns hold no digit, number word, ``@`` or cue of any rule."""
        if "@" in plain or _DIGIT.search(plain):
            return True
        low = plain.lower()
        if not self._triggers.isdisjoint(low.translate(_NOT_WORDS).split()):
            return True
        return bool(self._name_cue and self._name_cue.search(low))

    def _spans(self, plain: str, mode: Mode) -> Iterator[Span]:
        step = CHUNK_CHARS - OVERLAP_CHARS
        for offset in range(0, max(1, len(plain) - OVERLAP_CHARS), step):
            for span in self._chunk_spans(plain[offset : offset + CHUNK_CHARS].lower(), mode):
                start, end = span.start + offset, span.end + offset
                yield Span(start, end, span.klass, span.replacement)

    def _chunk_spans(self, low: str, mode: Mode) -> Iterator[Span]:
        yield from self._email_spans(low)
        neutral = _neutralised(low)
        runs = tight_runs(neutral)
        for run in dense_runs(runs, neutral):
            rule = next((r for r in self._numbers if r.fits(run, low)), None)
            if rule:
                start = run.start
                while start and low[start - 1] in "(+":
                    start -= 1
                yield Span(start, run.end, rule.klass, rule.replacement)
        raw_runs = runs if neutral is low else tight_runs(low)
        yield from self._cued_spans(low, raw_runs)
        if mode != Mode.PLAIN:
            klass, replacement = self._simple["answer"]
            least = 1 if mode == Mode.ANSWER else 4
            for run in raw_runs:
                if run.atoms >= least and not _is_ordinary(run, low):
                    yield Span(run.start, run.end, klass, replacement)

    def _email_spans(self, low: str) -> Iterator[Span]:
        for method, find in (("written_email", written_emails), ("spoken_email", spoken_emails)):
            if method in self._simple:
                klass, replacement = self._simple[method]
                for start, end in find(low):
                    yield Span(start, end, klass, replacement)

    def _cued_spans(self, low: str, runs: list[Run]) -> Iterator[Span]:
        if runs:
            for cues, least, within, klass, replacement in self._cued:
                for match in cues.finditer(low):
                    limit = match.end() + within
                    near = (r for r in runs if match.end() <= r.start <= limit)
                    run = next((r for r in near if r.atoms >= least), None)
                    if run:
                        yield Span(run.start, run.end, klass, replacement)
        if self._name_cue:
            klass, replacement = self._simple["cued_words"]
            for match in self._name_cue.finditer(low):
                yield Span(match.start(1) + 1, match.end(1), klass, replacement)


def _is_ordinary(run: Run, low: str) -> bool:
    """Whether even in an answer the number is an amount, a duration or the pronoun "one"."""
    if run.atoms > 4:
        return False
    if low[run.start : run.end] == "one" and _PRONOUN_BEFORE.search(low[: run.start][-12:]):
        return True
    return bool(_UNIT_AFTER.match(low, run.end))


def _words_pattern(words: Sequence[str]) -> re.Pattern[str]:
    return re.compile(r"\b(?:" + "|".join(re.escape(w.lower()) for w in words) + r")\b")


def _plain(text: str) -> str:
    """The text with compatibility forms and invisible characters resolved, if it has any."""
    if text.isascii():
        return text
    folded = unicodedata.normalize("NFKC", text)
    folded = "".join(c for c in folded if unicodedata.category(c) != "Cf")
    # Offsets into the lower-case form must be offsets into the text itself.
    return folded if len(folded.lower()) == len(folded) else folded.lower()


def _neutralised(low: str) -> str:
    return _NEUTRAL.sub(lambda m: "x" * len(m.group()), low)


def _merged(spans: Iterator[Span]) -> list[Span]:
    """Spans in order, overlapping ones as one (the first one's class and replacement stand)."""
    merged: list[Span] = []
    for span in sorted(spans, key=lambda s: (s.start, -s.end)):
        if merged and span.start < merged[-1].end:
            last = merged[-1]
            merged[-1] = Span(last.start, max(last.end, span.end), last.klass, last.replacement)
        else:
            merged.append(span)
    return merged


def _replaced(text: str, spans: Sequence[Span]) -> str:
    parts: list[str] = []
    at = 0
    for span in spans:
        parts += (text[at : span.start], span.replacement)
        at = span.end
    return "".join([*parts, text[at:]])


def _still_dense(text: str) -> bool:
    """The redactor's check of its own output: seven digit atoms or more still stand together."""
    neutral = _neutralised(text.lower())
    if _SEPARATED.search(neutral):
        return True
    return bool(dense_runs(tight_runs(neutral), neutral))


def _withheld(classes: tuple[str, ...]) -> TextResult:
    return TextResult(WITHHELD_TEXT, WITHHELD, tuple(sorted({*classes, "residual_digits"})))
