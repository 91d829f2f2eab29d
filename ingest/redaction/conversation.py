"""What was asked: an identity prompt makes the turns that answer it suspicious.

Speech recognition writes a surname as "plumbing" and splits a number over turns, so the answers to
"may I have your card number?" cannot be judged by their own words (DESIGN section 8).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import Enum
from functools import lru_cache
from typing import Any

from ingest.redaction.rules import Mode

_MAX_PROMPT_CHARS = 4096


class Turn(Enum):
    """What an agent's turn does to the conversation."""

    ASKS_NUMBER = "asks_number"
    ASKS_IDENTITY = "asks_identity"
    ASKS_AGAIN = "asks_again"
    NEW_SUBJECT = "new_subject"
    REMARK = "remark"


class AskRules:
    """Finds what an agent's or a menu's turn asks for; built from the policy's ``conversation``."""

    def __init__(self, spec: Mapping[str, Any]) -> None:
        self.turns = int(spec["answer_turns"])
        self._short = int(spec["subject_words"])
        self._request = _phrases(spec["request"])
        self._again = _phrases(spec["again"])
        self._number = _phrases(spec["asks_for_number"])
        self._identity = _phrases(spec["asks_for_identity"])
        self.asked = lru_cache(maxsize=4096)(self._asked)

    def _asked(self, text: str) -> Turn:
        low = text[:_MAX_PROMPT_CHARS].lower()
        if self._request.search(low):
            if self._number.search(low):
                return Turn.ASKS_NUMBER
            if self._identity.search(low):
                return Turn.ASKS_IDENTITY
        if self._again.search(low):
            return Turn.ASKS_AGAIN
        is_new = "?" in low or len(low.split()) > self._short
        return Turn.NEW_SUBJECT if is_new else Turn.REMARK


class Conversation:
    """The state between turns of one record, in the record's order of turns."""

    def __init__(self, asks: AskRules) -> None:
        self._asks = asks
        self._mode = Mode.PLAIN
        self._left = 0

    def agent_turn(self, text: str) -> Mode:
        """How suspicious this turn of an agent or a menu is; remembers what it asks for."""
        mode = Mode.READ_BACK if self._left else Mode.PLAIN
        turn = self._asks.asked(text) if len(text) <= _MAX_PROMPT_CHARS else Turn.ASKS_NUMBER
        if turn == Turn.NEW_SUBJECT:
            self._left = 0
        elif turn == Turn.REMARK:
            # "Thank you." ends the answer, but digits may still be on their way.
            self._mode = min(self._mode, Mode.ANSWER)
        elif turn == Turn.ASKS_AGAIN:
            self._left = self._asks.turns if self._mode != Mode.PLAIN else 0
        else:
            self._mode = Mode.ANSWER if turn == Turn.ASKS_NUMBER else Mode.IDENTITY
            self._left = self._asks.turns
        return mode

    def caller_turn(self, *, is_final: bool = True) -> Mode:
        """How suspicious this turn of the caller is; an interim text uses up no turn."""
        if self._left <= 0:
            return Mode.PLAIN
        self._left -= is_final
        return self._mode


def _phrases(phrases: Sequence[str]) -> re.Pattern[str]:
    """Any of the phrases as whole words; ``?`` wherever it stands."""
    words = "|".join(re.escape(p.lower()) for p in phrases if p != "?")
    return re.compile(rf"(?<!\w)(?:{words})(?!\w)" + (r"|\?" if "?" in phrases else ""))
