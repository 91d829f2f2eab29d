"""The redactors that can be scored: the project's own, and Presidio's pattern recognisers.

Presidio runs on a blank spaCy pipeline (no model is loaded, so no names): it shows what pattern
matching made for written text finds in speech. ``pip install 'callstory[presidio]'``; another NER
engine is added by one more function in ``ENGINES``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

Conversation = Sequence[tuple[str, str]]
Spans = tuple[tuple[int, int], ...]


class Redacted(Protocol):
    """A redacted turn; spans are ranges of characters of the original text."""

    @property
    def text(self) -> str: ...
    @property
    def spans(self) -> Sequence[tuple[int, int]]: ...
    @property
    def strict_spans(self) -> Sequence[tuple[int, int]]: ...


Engine = Callable[[Conversation], Sequence[Redacted]]


@dataclass(frozen=True)
class Masked:
    """What an engine other than the project's own gives; its strict level is the same."""

    text: str
    spans: Spans

    @property
    def strict_spans(self) -> Spans:
        return self.spans


def mask(text: str, spans: Spans) -> Masked:
    """Replace the ranges in the text."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    out, at = "", 0
    for start, end in merged:
        out += text[at:start] + "<x>"
        at = end
    return Masked(out + text[at:], tuple(merged))


def callstory() -> Engine:
    """The project's redactor."""
    from ingest.redaction import scoring

    return scoring.redact_conversation


def presidio() -> Engine:
    """Presidio's recognisers that need no model, at its default threshold, turn by turn."""
    import logging

    import spacy
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.nlp_engine import SpacyNlpEngine

    logging.getLogger("presidio-analyzer").setLevel(logging.ERROR)

    class BlankPipeline(SpacyNlpEngine):
        """Tokens only: a blank English pipeline in place of a downloaded model."""

        def __init__(self) -> None:
            super().__init__()
            self.nlp = {"en": spacy.blank("en")}

        def load(self) -> None: ...

    registry = RecognizerRegistry(supported_languages=["en"])
    registry.load_predefined_recognizers(languages=["en"])
    registry.recognizers = [r for r in registry.recognizers if "Spacy" not in r.name]
    analyzer: Any = AnalyzerEngine(
        registry=registry, nlp_engine=BlankPipeline(), supported_languages=["en"]
    )

    def redact(turns: Conversation) -> list[Masked]:
        return [
            mask(
                text,
                tuple(
                    (found.start, found.end)
                    for found in analyzer.analyze(text=text, language="en", score_threshold=0.4)
                ),
            )
            for _, text in turns
        ]

    return redact


ENGINES: dict[str, Callable[[], Engine]] = {"callstory": callstory, "presidio": presidio}
