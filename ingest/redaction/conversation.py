"""What was asked: an identity prompt makes the turns that answer it suspicious.

Speech recognition writes a surname as "plumbing" and splits a number over turns, so the answers to
"may I have your card number?" cannot be judged by their own words (DESIGN section 8).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from enum import Enum
from functools import lru_cache
from typing import Any

from ingest.redaction.answers import Mode
from ingest.redaction.cues import phrases_pattern
from ingest.redaction.known import telling_words
from ingest.redaction.strict import words_of
from ingest.redaction.words import FUNCTION_WORDS

_MAX_PROMPT_CHARS = 4096
_MURMUR_WORDS = 3
_MAX_ECHO_CHARS = 200
# A text with one of these holds a whole number or address, not a part of one.
_WHOLE = frozenset({"card", "phone", "ssn", "number", "email", "iban"})
_WORD_JOINTS = re.compile(r"[_\-.]+|(?<=[a-z])(?=[A-Z])")


class Turn(Enum):
    """What an agent's turn does to the conversation."""

    ASKS_NUMBER = "asks_number"
    ASKS_IDENTITY = "asks_identity"
    ASKS_AGAIN = "asks_again"
    NEW_SUBJECT = "new_subject"
    CLOSING = "closing"
    REMARK = "remark"
    MURMUR = "murmur"


class AskRules:
    """Finds what an agent's or a menu's turn asks for; built from the policy's ``conversation``."""

    def __init__(self, spec: Mapping[str, Any]) -> None:
        self.turns = int(spec["answer_turns"])
        self._short = int(spec["subject_words"])
        self._request = _phrases(spec["request"])
        self._again = _phrases(spec["again"])
        self._number = _phrases(spec["asks_for_number"])
        self._identity = _phrases(spec["asks_for_identity"])
        self._other = _phrases(spec["asks_for_other"])
        self._statement = _phrases(spec["statement"])
        self._question = re.compile(rf"^(?:{'|'.join(spec['question_starts'])})\\b")
        self._closing = _phrases(spec["closing"])
        self._tool = tuple(spec["asking_tools"])
        self._no_answer = frozenset(spec["no_answer"])
        self._delaying = frozenset(spec["delaying"])
        self._acknowledging = frozenset(spec["acknowledging"])
        self.asked = lru_cache(maxsize=4096)(self._asked)

    def _asked(self, text: str) -> Turn:
        low = text[:_MAX_PROMPT_CHARS].lower()
        words = len(low.split())
        # "zip code." and "an email for the confirmation" ask; "I found your account" does not.
        is_question = self._request.search(low) or self._question.match(low)
        if is_question or not self._statement.search(low):
            wanted = self._wanted(low)
            if wanted:
                return wanted
        if self._again.search(low):
            return Turn.ASKS_AGAIN
        if "?" in low or words > self._short or self._question.match(low):
            return Turn.NEW_SUBJECT
        if self._closing.search(low):
            return Turn.CLOSING
        if words <= _MURMUR_WORDS or words_of(low) <= self._acknowledging:
            return Turn.MURMUR
        return Turn.REMARK

    def _wanted(self, low: str) -> Turn | None:
        """Identity before numbers: its answer is masked whole, a number's only in part."""
        low = self._other.sub(" ", low)
        if self._identity.search(low):
            return Turn.ASKS_IDENTITY
        return Turn.ASKS_NUMBER if self._number.search(low) else None

    def tool(self, name: str) -> Turn | None:
        """What a tool collects, by its name: "collect_card_number"."""
        low = _WORD_JOINTS.sub(" ", name[:200]).lower()
        return self._wanted(low) if low.startswith(self._tool) else None

    def is_answer(self, text: str, *, to_identity: bool) -> bool:
        """Whether a caller's turn says more than "one moment please".

        Recognition writes any word for a name: there only what is plainly a delay is none.
        """
        words = words_of(text[:200].lower())
        if not words <= self._no_answer:
            return True
        return to_identity and bool(words) and self._delaying.isdisjoint(words)


class Conversation:
    """The state between turns of one record, in the record's order of turns.

    ``answered`` are the telling words of answers so far: an agent may repeat them any time later.
    """

    def __init__(self, asks: AskRules) -> None:
        self._asks = asks
        self._mode = Mode.PLAIN
        self._left = 0
        self.answered: set[str] = set()
        self._last_answer: set[str] = set()
        self._last_mode = Mode.PLAIN
        self._is_answered = self._is_begun = False

    def agent_turn(self, text: str) -> Mode:
        """How suspicious this turn of an agent or a menu is; remembers what it asks for."""
        mode = self._read_back(text)
        turn = self._asks.asked(text) if len(text) <= _MAX_PROMPT_CHARS else Turn.ASKS_NUMBER
        is_over = turn == Turn.REMARK and self._is_answered
        if turn == Turn.NEW_SUBJECT or is_over or (turn == Turn.CLOSING and self._is_begun):
            self._left = 0
        elif turn == Turn.ASKS_AGAIN and (self._left or self._last_mode != Mode.PLAIN):
            self._left, self._is_answered = self._asks.turns, False
        elif turn in {Turn.ASKS_NUMBER, Turn.ASKS_IDENTITY}:
            self._ask(turn)
        return mode

    def _read_back(self, text: str) -> Mode:
        """An agent who only repeats the answer gives it away like the caller."""
        words = (
            words_of(text.lower()) if self._last_answer and len(text) <= _MAX_ECHO_CHARS else set()
        )
        said = words - FUNCTION_WORDS
        if said and said <= self._last_answer:
            return Mode.IDENTITY
        return Mode.READ_BACK if self._left else Mode.PLAIN

    def tool_call(self, name: str) -> None:
        """A tool that collects a value asks for it."""
        if wanted := self._asks.tool(name):
            self._ask(wanted)

    def _ask(self, turn: Turn) -> None:
        self._mode = Mode.ANSWER if turn == Turn.ASKS_NUMBER else Mode.IDENTITY
        self._left, self._is_answered, self._is_begun = self._asks.turns, False, False

    def caller_turn(self, text: str, *, is_final: bool = True) -> Mode:
        """How suspicious this turn of the caller is; an interim text uses up no turn."""
        self._last_mode = self._mode_of(text, is_final=is_final)
        return self._last_mode

    def _mode_of(self, text: str, *, is_final: bool) -> Mode:
        if self._left <= 0:
            return Mode.PLAIN
        if not self._asks.is_answer(text, to_identity=self._mode == Mode.IDENTITY):
            return Mode.ANSWER
        self._left -= is_final
        if self._mode == Mode.IDENTITY:
            self.answered |= telling_words(text)
            self._last_answer = words_of(text.lower())
        return self._mode

    def heard(self, classes: Collection[str], mode: Mode) -> None:
        """What redaction found in the turn: a whole answer lets the agent's next remark end it."""
        self._is_begun |= bool(classes)
        if self._left and (mode == Mode.IDENTITY or not _WHOLE.isdisjoint(classes)):
            self._is_answered = True


def _phrases(phrases: Sequence[str | Sequence[str]]) -> re.Pattern[str]:
    """Any of the phrases (or lists of them) as whole words; ``?`` wherever it stands."""
    texts = [text for item in phrases for text in ([item] if isinstance(item, str) else item)]
    pattern = phrases_pattern([text for text in texts if text != "?"])
    return re.compile(pattern.pattern + r"|\?") if "?" in texts else pattern
