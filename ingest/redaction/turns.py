"""Whose turn an element of a list is, and what it says."""

from __future__ import annotations

from typing import Any

from ingest.redaction.answers import Mode
from ingest.redaction.conversation import Conversation
from ingest.redaction.policy import KeyPath, Side, Turns


def turn_mode(talk: Conversation, item: dict[str, Any], turns: Turns) -> Mode:
    """The mode of one element of a list of turns; what is no turn is judged by its words."""
    said = _said(item, turns.caller)
    if said is not None:
        return talk.caller_turn(joined(said), is_final=item.get("is_final") is not False)
    if turns.tool and (name := _said(item, turns.tool)) is not None:
        talk.tool_call(str(name))
        return Mode.PLAIN
    text = _said(item, turns.agent)
    return Mode.PLAIN if text is None else talk.agent_turn(joined(text))


def _said(item: dict[str, Any], side: Side) -> Any:
    """The text of a turn if it is one of this side's, else None."""
    text = value_at(item, side.text)
    if text is not None:
        for path, values in side.when:
            if value_at(item, path) not in values:
                return None
    return text


def value_at(record: dict[str, Any], path: KeyPath) -> Any:
    """The scalar or list at a path of keys; None if there is none."""
    value: Any = record
    for part in path:
        if value.__class__ is not dict:
            return None
        value = value.get(part)
    return None if value.__class__ is dict else value


def joined(content: Any) -> str:
    """Content that is a string or a list of parts, as one string (parts that are text only)."""
    if isinstance(content, list):
        return "\n".join(part for part in content if isinstance(part, str))
    return str(content)
