"""What becomes of a text once it is known what to mask: both levels, and all offsets."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ingest.redaction.strict import WORD_MASK, Word, split_words

WITHHELD_TEXT = "[WITHHELD]"
CLEAN, PROVIDER, REDACTED, WITHHELD = "clean", "provider_redacted", "redacted", "withheld"
STATE_RANK = {CLEAN: 0, PROVIDER: 1, REDACTED: 2, WITHHELD: 3}
MARKER = re.compile(r"\[[A-Z][A-Z_ ]{1,40}\]")

Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class TextResult:
    """A redacted text at both levels.

    ``text`` and ``strict`` are the two levels, ``state`` is DESIGN's (clean, redacted, ...),
    ``classes`` are sorted. ``names`` are words of ``text`` that could be a name: (start, end,
    folded word). ``spans`` and ``strict_spans`` are the characters of the given text that each
    level masks.
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


def plain_form(text: str) -> tuple[str, list[Range] | None]:
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


def placed(result: TextResult, places: list[Range], text: str) -> TextResult:
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


def merged(spans: Iterable[Span]) -> list[Span]:
    """Spans in order, overlapping ones as one (the first one's class and replacement stand)."""
    out: list[Span] = []
    for span in sorted(spans, key=lambda s: (s.start, -s.end)):
        if out and span.start < out[-1].end:
            last = out[-1]
            out[-1] = Span(last.start, max(last.end, span.end), last.klass, last.replacement)
        elif span.end > span.start:
            out.append(span)
    return out


def masked_text(plain: str, spans: Sequence[Span], state: str) -> TextResult:
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
    for match in MARKER.finditer(plain, low, high):
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


def withheld(text: str, *classes: str) -> TextResult:
    """The result of a text that is not shown; the classes say why."""
    whole = ((0, len(text)),)
    found = tuple(sorted(classes))
    return TextResult(WITHHELD_TEXT, WITHHELD_TEXT, WITHHELD, found, (), whole, whole)
