"""The redactors that can be scored: the project's own, and Presidio's pattern recognisers.

Presidio runs on a blank spaCy pipeline (no model is loaded, so no names): it shows what pattern
matching made for written text finds in speech. Another NER
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


def presidio_analyzer() -> Any:
    """Presidio's English recognisers that need no model, without the network."""
    import logging

    import spacy
    import tldextract
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.nlp_engine import SpacyNlpEngine
    from presidio_analyzer.predefined_recognizers import EmailRecognizer

    # At its lowest level it logs the words around a match.
    logging.getLogger("presidio-analyzer").setLevel(logging.ERROR)
    # Its e-mail recogniser would fetch a list of domain suffixes; the package brings one along.
    suffixes = tldextract.TLDExtract(cache_dir=None, suffix_list_urls=())

    class Email(EmailRecognizer):  # type: ignore[misc,unused-ignore]
        def validate_result(self, pattern_text: str) -> bool:
            return bool(suffixes(pattern_text).fqdn)

    class BlankPipeline(SpacyNlpEngine):  # type: ignore[misc,unused-ignore]
        """Tokens only; a word's lemma, by which context words are looked up, is the word."""

        def load(self) -> None:
            self.nlp: Any = {"en": spacy.blank("en")}

        def process_text(self, text: str, language: str) -> Any:
            document = self.nlp[language](text)
            for token in document:
                token.lemma_ = token.lower_
            return self._doc_to_nlp_artifact(document, language)

    registry = RecognizerRegistry(supported_languages=["en"])
    registry.load_predefined_recognizers(languages=["en"])
    for name in ("SpacyRecognizer", "EmailRecognizer"):
        registry.remove_recognizer(name)
    registry.add_recognizer(Email())
    return AnalyzerEngine(registry=registry, nlp_engine=BlankPipeline(), supported_languages=["en"])


def presidio() -> Engine:
    """Presidio turn by turn; it has no memory of what was asked."""
    analyzer = presidio_analyzer()

    def redact(turns: Conversation) -> list[Masked]:
        return [mask(text, found_by(analyzer, text)) for _, text in turns]

    return redact


def found_by(analyzer: Any, text: str) -> Spans:
    """Ranges that Presidio is sure enough of, at the threshold that its documentation uses."""
    found = analyzer.analyze(text=text, language="en", score_threshold=0.4)
    return tuple((result.start, result.end) for result in found)


ENGINES: dict[str, Callable[[], Engine]] = {"callstory": callstory, "presidio": presidio}
