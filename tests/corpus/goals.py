"""What issue 4 asks of the scored part, and whether it is met."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tests.corpus.scorer import Score, Share

STRUCTURED = (
    "card", "bank_account", "routing", "iban", "ssn", "national_id", "phone", "email", "ip", "url",
    "api_key",
)  # fmt: skip
CUE_CODED = (
    "cvv", "expiry", "birth_date", "account", "member", "medical_record", "password", "pin", "otp",
    "last4", "postcode",
)  # fmt: skip
NO_GOAL = ("name_uncued",)
"""In ``text`` a name without a cue is caught by chance; the strict level answers for it."""
CLASSES = (*STRUCTURED, *CUE_CODED, "address", "name", "name_spelled", *NO_GOAL)
LEAK_NOISE = 0.05


@dataclass(frozen=True)
class Goal:
    """A figure, its limit, and on which side of it the figure has to lie."""

    what: str
    figure: Share
    limit: float
    at_least: bool = True

    @property
    def met(self) -> bool:
        """The figure itself counts, not its interval; nothing measured is a miss."""
        if not self.figure.total:
            return False
        share = self.figure.hits / self.figure.total
        return share >= self.limit if self.at_least else share <= self.limit


def recall_goals() -> dict[str, float]:
    """Full-span recall asked for, by class, on text without noise."""
    goals = dict.fromkeys(STRUCTURED, 0.995) | dict.fromkeys(CUE_CODED, 0.97)
    return goals | {"address": 0.90, "name": 0.95, "name_spelled": 0.95}


def goals(clean: Score, noisy: Score | None, real: dict[str, Share]) -> Iterator[Goal]:
    """Every goal for the score without noise, at ``LEAK_NOISE``, and on the real data."""
    for label, limit in recall_goals().items():
        yield Goal(f"{label} recall", clean.of(label).recall, limit)
    for label in STRUCTURED:
        yield Goal(f"{label} precision", clean.of(label).precision, 0.97)
        if noisy:
            count = noisy.of(label)
            letters = label == "email"
            leak, what = (count.leak4_characters if letters else count.leak4), "leak4"
            what += " (letters, digits)" if letters else ""
            yield Goal(f"{label} {what} at {LEAK_NOISE:.0%} noise", leak, 0.005, at_least=False)
    yield Goal("strict: names fully masked", clean.strict_names, 0.95)
    yield Goal("strict: other words lost", clean.strict_words_lost, 0.03, at_least=False)
    yield Goal("negatives touched", clean.negatives_touched, 0.04, at_least=False)
    for what, share in real.items():
        if what == "banking77_touched":
            yield Goal(what, share, 0.002, at_least=False)
        elif what.startswith("evi_"):
            yield Goal(what, share, 1.0)
