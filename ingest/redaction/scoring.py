"""The redactor as one plain function, for whoever measures it.

``spans`` are characters of the text as it was given that are not shown in ``text``;
``strict_spans`` those that are not shown in ``strict``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from ingest.redaction.answers import Mode
from ingest.redaction.conversation import AskRules, Conversation
from ingest.redaction.known import Known
from ingest.redaction.masking import TextResult
from ingest.redaction.policy import default_policy

AGENT_ROLES = frozenset({"agent", "ivr"})


@dataclass(frozen=True, slots=True)
class Redacted:
    """One redacted text: both levels, the classes found, and what was masked in the original."""

    text: str
    strict: str
    classes: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    strict_spans: tuple[tuple[int, int], ...]


def redact_line(text: str) -> Redacted:
    """Redact one text that stands alone."""
    return _redacted(default_policy().rules.redact(text, Mode.PLAIN))


def redact_conversation(turns: Sequence[tuple[str, str]]) -> list[Redacted]:
    """Redact turns in their order; each is (role, text), the role ``agent``, ``ivr`` or ``caller``.

    What an agent or a menu asks decides how the caller's next turns are read.
    """
    policy = default_policy()
    talk = Conversation(_ask_rules())
    out = []
    for role, text in turns:
        mode = talk.agent_turn(text) if role in AGENT_ROLES else talk.caller_turn(text)
        known = Known(words=talk.answered) if talk.answered else None
        result = policy.rules.redact(text, mode, known)
        if mode > Mode.READ_BACK:
            talk.heard(result.classes, mode)
        out.append(_redacted(result))
    return out


@lru_cache(maxsize=1)
def _ask_rules() -> AskRules:
    return AskRules(default_policy().asks)


def _redacted(result: TextResult) -> Redacted:
    return Redacted(result.text, result.strict, result.classes, result.spans, result.strict_spans)
