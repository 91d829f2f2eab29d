"""Scores a redactor on labelled samples: recall, leaks and precision by class, and what it cost."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tests.corpus.engines import Engine, Redacted
from tests.corpus.labels import Piece, Sample, Value
from tests.corpus.leaks import leak_of, touches, words_lost

LEAK_LIMIT = 4
NAMES = frozenset({"name", "name_spelled", "name_uncued"})
LONG_NUMBER = "long_number"
"""Seven digits and more: a finding of the redaction gate, so they are masked on purpose."""


class ScoringError(Exception):
    """What a redactor says that it masked is not what it masked."""


@dataclass
class Share:
    """``hits`` of ``total``, with Wilson's 95 % interval."""

    hits: int = 0
    total: int = 0

    def add(self, hit: bool) -> None:
        self.hits += hit
        self.total += 1

    @property
    def value(self) -> float | None:
        """The share; None of nothing."""
        return round(self.hits / self.total, 4) if self.total else None

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's score interval at 95 %."""
        if not self.total:
            return (0.0, 1.0)
        z, n, p = 1.959964, self.total, self.hits / self.total
        centre = (p + z * z / (2 * n)) / (1 + z * z / n)
        half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        return (round(max(0.0, centre - half), 4), round(min(1.0, centre + half), 4))


@dataclass
class ClassScore:
    """One class: ``leak4`` counts digits, ``leak4_characters`` letters and digits."""

    recall: Share = field(default_factory=Share)
    leak4: Share = field(default_factory=Share)
    leak4_characters: Share = field(default_factory=Share)
    precision: Share = field(default_factory=Share)
    strict: Share = field(default_factory=Share)


@dataclass
class Score:
    """Everything about one part at one noise level."""

    classes: dict[str, ClassScore] = field(default_factory=dict)
    precision: Share = field(default_factory=Share)
    negatives_touched: Share = field(default_factory=Share)
    long_numbers_touched: Share = field(default_factory=Share)
    strict_names: Share = field(default_factory=Share)
    strict_words_lost: Share = field(default_factory=Share)
    strict_words_lost_in_answers: Share = field(default_factory=Share)
    misses: list[tuple[str, Sample, Value, list[Redacted]]] = field(default_factory=list)
    false_alarms: list[tuple[Sample, list[Redacted]]] = field(default_factory=list)

    def of(self, label: str) -> ClassScore:
        """The class's score, begun if need be."""
        return self.classes.setdefault(label, ClassScore())


def redact(sample: Sample, engine: Engine) -> list[Redacted]:
    """Redact the sample as one conversation, and check that the spans are what was masked."""
    redacted = list(engine([(turn.role, turn.text) for turn in sample.turns]))
    if len(redacted) != len(sample.turns):
        msg = f"{sample.key}: {len(redacted)} turns came back of {len(sample.turns)}"
        raise ScoringError(msg)
    for turn, out in zip(sample.turns, redacted, strict=True):
        at, kept = 0, 0
        for start, end in [*sorted(out.spans), (len(turn.text), len(turn.text))]:
            gap = turn.text[kept:start]
            found = out.text.find(gap, at)
            if found < 0:
                msg = f"{sample.key}: the text is not the original without its spans"
                raise ScoringError(msg)
            at, kept = found + len(gap), max(kept, end)
        for start, end in out.spans:
            masked = turn.text[start:end]
            if sum(c.isalnum() for c in masked) > LEAK_LIMIT and out.text.count(
                masked
            ) >= turn.text.count(masked):
                msg = f"{sample.key}: a span is said to be masked, and stands in the text"
                raise ScoringError(msg)
    return redacted


def answers_a_prompt(sample: Sample, turn: int) -> bool:
    """Whether the caller replies here to someone who asked: the policy masks such answers whole."""
    return sample.turns[turn].role == "caller" and any(
        t.role != "caller" for t in sample.turns[:turn]
    )


def between(sample: Sample) -> Iterator[Piece]:
    """Say what lies between the pieces of one value in one turn: hesitations, separators."""
    for value in sample.values:
        for a, b in itertools.pairwise(sorted(value.pieces, key=lambda p: (p.turn, p.start))):
            if a.turn == b.turn and a.end < b.start:
                yield Piece(a.turn, a.end, b.start)


def add_sample(score: Score, sample: Sample, redacted: list[Redacted]) -> None:
    """Count one sample."""
    spans = [tuple(out.spans) for out in redacted]
    strict = [(*out.spans, *out.strict_spans) for out in redacted]
    for value in sample.values:
        count = score.of(value.label)
        leak = leak_of(sample, value, spans)
        in_strict = leak_of(sample, value, strict).characters == 0
        count.recall.add(leak.characters == 0)
        count.leak4.add(leak.digits > LEAK_LIMIT)
        count.leak4_characters.add(leak.characters > LEAK_LIMIT)
        count.strict.add(in_strict)
        if value.label in NAMES:
            score.strict_names.add(in_strict)
        if leak.characters:
            score.misses.append((value.label, sample, value, redacted))
    if sample.kind == LONG_NUMBER:
        score.long_numbers_touched.add(any(spans))
        return
    alarms = [add_turn(score, sample, number, out) for number, out in enumerate(redacted)]
    if not sample.values:
        score.negatives_touched.add(any(alarms))
    if any(alarms):
        score.false_alarms.append((sample, redacted))


def add_turn(score: Score, sample: Sample, number: int, out: Redacted) -> bool:
    """Count one turn's masks and lost words; say whether it has a false alarm."""
    allowed = [*sample.permitted, *between(sample)]
    ours = [(p.start, p.end) for v in sample.values for p in v.pieces if p.turn == number]
    permitted = [(p.start, p.end) for p in allowed if p.turn == number]
    alarm = False
    for low, high in out.spans:
        hit = touches(low, high, ours)
        if hit or not touches(low, high, permitted):
            alarm = alarm or not hit
            score.precision.add(hit)
            for label in sample.labels:
                score.of(label).precision.add(hit)
    strict = [*out.spans, *out.strict_spans]
    total, lost = words_lost(sample.turns[number].text, [*ours, *permitted], strict)
    answer = (ours or permitted) and answers_a_prompt(sample, number)
    words = score.strict_words_lost_in_answers if answer else score.strict_words_lost
    words.hits, words.total = words.hits + lost, words.total + total
    return alarm


def score_samples(samples: Iterable[Sample], engine: Engine) -> Score:
    """Redact every sample and count."""
    score = Score()
    for sample in samples:
        add_sample(score, sample, redact(sample, engine))
    return score
