"""Text rules: what in a text is personal, and what stands in its place.

The rules themselves (class, cues, replacement) are data in ``policy.yml``; ``methods`` holds how
each finds what it is for. A text is never judged by the clock, so that the result is a pure
function of the text: its size and the work that it takes are the budget. What is still unsafe is
withheld.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from ingest.redaction.answers import Mode, answered
from ingest.redaction.known import Known
from ingest.redaction.masking import (
    CLEAN,
    MARKER,
    PROVIDER,
    Span,
    TextResult,
    masked_text,
    merged,
    placed,
    plain_form,
    withheld,
)
from ingest.redaction.methods import HAS_CODE, HAS_DIGIT, TextRule, build, features
from ingest.redaction.numbers import NumberRule, long_numbers, strays, with_extension
from ingest.redaction.numerals import NUMBER_WORDS
from ingest.redaction.spoken import dense_runs, tight_runs
from ingest.redaction.strict import may_be_name, words_of
from ingest.redaction.view import BudgetError, View, neutralised

# Part of the policy's version: raise it when the code of a method changes what it finds.
RULES_VERSION = 4

CHUNK_CHARS = 8192
OVERLAP_CHARS = 512
MAX_TEXT_CHARS = 65536

_SEPARATED = re.compile(r"(?:\d[\s().\-/,+]{0,3}){7}")
_HAS_DIGIT = re.compile(r"\d")
_MAX_CACHED_CHARS = 400


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
            return withheld(text, "too_long")
        plain, places = plain_form(text)
        low = plain.lower()
        words = words_of(low)
        state = PROVIDER if "[" in text and MARKER.search(text) else CLEAN
        if mode == Mode.IDENTITY and words and "answer" in self._special:
            spans = [Span(0, len(plain), *self._special["answer"])]
        else:
            try:
                spans = merged(self._all_spans(plain, words, mode, known))
            except BudgetError:
                return withheld(text, "too_much_work")
            except _UnfitError:
                return withheld(text, "residual_digits")
        if not spans and not may_be_name(words):
            result = TextResult(text, text, state)
        else:
            result = masked_text(plain, spans, state)
        if spans and _still_dense(result.text):
            return withheld(text, "residual_digits", *result.classes)
        return result if places is None else placed(result, places, text)

    def _hits(self, words: set[str], found: set[str]) -> list[TextRule]:
        """The rules that these words and features of a text may hold something for, in order."""
        has_code = HAS_CODE in found
        hits = {
            i
            for word in self._triggers & (words | found)
            for i in self._by_trigger[word]
            if has_code or not self._rules[i].needs_code
        }
        return [self._rules[i] for i in sorted(hits)]

    def _all_spans(
        self, plain: str, words: set[str], mode: Mode, known: Known | None
    ) -> Iterator[Span]:
        if len(plain) > CHUNK_CHARS:
            yield from self._spans(plain, mode, known)
            return
        low = plain.lower()
        found = features(low, words)
        hits = self._hits(words, found)
        has_numbers = HAS_DIGIT in found or not NUMBER_WORDS.isdisjoint(words)
        if hits or has_numbers or mode or known:  # most turns have none
            yield from self._chunk_spans(View(plain, words), hits, mode, known)

    def _spans(self, plain: str, mode: Mode, known: Known | None) -> Iterator[Span]:
        step = CHUNK_CHARS - OVERLAP_CHARS
        for offset in range(0, max(1, len(plain) - OVERLAP_CHARS), step):
            chunk = plain[offset : offset + CHUNK_CHARS]
            low = chunk.lower()
            words = words_of(low)
            hits = self._hits(words, features(low, words))
            for span in self._chunk_spans(View(chunk, words), hits, mode, known):
                start, end = span.start + offset, span.end + offset
                yield Span(start, end, span.klass, span.replacement)

    def _chunk_spans(
        self, view: View, hits: list[TextRule], mode: Mode, known: Known | None
    ) -> Iterator[Span]:
        for rule in hits:
            for start, end in rule.find(view):
                yield Span(start, end, rule.klass, rule.replacement)
        if _HAS_DIGIT.search(view.low) or not NUMBER_WORDS.isdisjoint(view.words):
            yield from self._number_spans(view)
        if mode != Mode.PLAIN and "answer" in self._special:
            for start, end in answered(view, mode):
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


def _still_dense(text: str) -> bool:
    """The redactor's check of its own output: seven digit atoms or more still stand together."""
    neutral = neutralised(text.lower())
    if _SEPARATED.search(neutral):
        return True
    return bool(dense_runs(tight_runs(neutral), neutral))
