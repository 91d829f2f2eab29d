"""What was asked: an identity prompt makes the turns that answer it suspicious.

Speech recognition writes a surname as "plumbing" and splits a number over turns, so the answers to
"may I have your card number?" cannot be judged by their own words (DESIGN section 8).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from ingest.redaction.rules import Mode

CALLER, AGENT = "caller", "agent"


class AskRules:
    """Finds what an agent's or a menu's turn asks for; built from the policy's ``conversation``."""

    def __init__(self, spec: Mapping[str, Any]) -> None:
        self.turns = int(spec["answer_turns"])
        self._short = int(spec["subject_words"])
        self._request = _phrases(spec["request"])
        self._number = _phrases(spec["asks_for_number"])
        self._identity = _phrases(spec["asks_for_identity"])
        self.asked = lru_cache(maxsize=4096)(self._asked)

    def _asked(self, text: str) -> Mode | None:
        """The mode of the answers; ``Mode.PLAIN`` if the subject changes, None if it goes on."""
        low = text[:4096].lower()
        if self._request.search(low):
            if self._number.search(low):
                return Mode.ANSWER
            if self._identity.search(low):
                return Mode.IDENTITY
        is_new = "?" in low or len(low.split()) > self._short
        return Mode.PLAIN if is_new else None


class Conversation:
    """The state between turns of one record, in the record's order of turns."""

    def __init__(self, asks: AskRules) -> None:
        self._asks = asks
        self._mode = Mode.PLAIN
        self._left = 0

    def turn(self, speaker: str, text: str) -> Mode:
        """How suspicious this turn is; remembers what it asks for."""
        if speaker == CALLER:
            return self._answer()
        mode = Mode.READ_BACK if self._mode != Mode.PLAIN else Mode.PLAIN
        asked = self._asks.asked(text) if len(text) <= 4096 else Mode.ANSWER
        if asked is not None:
            self._mode, self._left = asked, self._asks.turns if asked else 0
        return mode

    def _answer(self) -> Mode:
        if self._left <= 0:
            self._mode = Mode.PLAIN
            return Mode.PLAIN
        mode = self._mode
        self._left -= 1
        # Only the first answer to "your name?" is taken whole; after it the talk has moved on,
        # and what still may come are the digits.
        if self._mode == Mode.IDENTITY:
            self._mode = Mode.ANSWER
        return mode


def _phrases(phrases: Sequence[str]) -> re.Pattern[str]:
    parts = (re.escape(p.lower()).replace(r"\ ", r"\s") for p in phrases)
    return re.compile(r"\b(?:" + "|".join(parts) + r")(?!\w)")
