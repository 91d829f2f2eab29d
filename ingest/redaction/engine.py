"""Walks a record by its stream's policy and rewrites it in place.

One dict look-up a field; only fields with something to do leave the loop. A record nested deeper
than ``MAX_DEPTH`` is refused, so that a hostile one cannot exhaust the stack.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from ingest.redaction.answers import Mode
from ingest.redaction.conversation import AskRules, Conversation
from ingest.redaction.known import Known, known_of
from ingest.redaction.masking import CLEAN, PROVIDER, STATE_RANK, TextResult
from ingest.redaction.policy import (
    SECRET,
    UNLISTED,
    Node,
    Policy,
    StreamPolicy,
    Turns,
)
from ingest.redaction.tokens import (
    caller_token,
    embedded_tokens,
    is_hidden_number,
    name_token,
    published_id,
)
from ingest.redaction.turns import joined, turn_mode, value_at

MAX_DEPTH = 64
KEYPAD_TEXT = "[DTMF]"
# An unlisted whole number below this is a count or a code; above it may be a phone or an account.
MAX_UNLISTED_NUMBER = 1_000_000

_URL = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.\-]{0,15}://)?(?:[^/?#@]{0,200}@)?(?P<rest>[^?#]{0,2000})"
)
_MAX_CACHED = 100_000
# A code: letters and few digits, no spaces. What has more digits may be someone's number.
_CODE = re.compile(r"(?!(?:\D{0,64}\d){7})[\w.:\-/+]{0,64}")
_DROP = object()
_SCALARS = frozenset({str, int, float, bool, type(None)})


class TooDeepError(Exception):
    """A record is nested deeper than ``MAX_DEPTH``."""


@dataclass(slots=True)
class Redaction:
    """What was done to one record: its state, classes found and paths of unlisted fields."""

    record: dict[str, Any]
    state: str = CLEAN
    classes: set[str] = field(default_factory=set)
    drift: dict[str, int] = field(default_factory=dict)

    def note(self, state: str, classes: tuple[str, ...]) -> None:
        """Take the outcome of one text into the record's."""
        if STATE_RANK[state] > STATE_RANK[self.state]:
            self.state = state
        self.classes.update(classes)


class Redactor:
    """Applies one policy to the records of one stream. Not for use from several threads."""

    def __init__(self, policy: Policy, stream: str, token_key: bytes) -> None:
        self._policy: StreamPolicy = policy.streams[stream]
        self._rules = policy.rules
        self._asks = AskRules(policy.asks)
        self._key = token_key
        self._actions = {
            "measure": self._measure,
            "token": self._token,
            "id": self._id,
            "text": self._text,
            "conversation": self._conversation,
            "answer": self._answer,
            "keypad": self._keypad,
            "url": self._url,
            UNLISTED: self._unlisted,
            SECRET: self._secret,
            "keep": None,
            "drop": None,
        }
        # Numbers and room names come again in every record of a call.
        self._tokens: dict[str, str] = {}
        self._ids: dict[str, str] = {}
        self._name_tokens: dict[str, str] = {}
        self._begin({})

    def redact(self, record: dict[str, Any]) -> Redaction:
        """Redact one record in place.

        Raises:
            TooDeepError: nested deeper than ``MAX_DEPTH``.
        """
        self._begin(record)
        if self._policy.redacted_when and self._came_redacted(record):
            self._out.state = PROVIDER
        self._dict(record, self._policy.root, 0)
        if self._known and self._known.names:
            record["_known"] = sorted(map(self._name_token, self._known.names))
        return self._out

    def _begin(self, record: dict[str, Any]) -> None:
        self._out = Redaction(record)
        self._known: Known | None = known_of(record, self._policy.known) or None
        self._mode = Mode.PLAIN
        self._heard: tuple[str, ...] = ()

    def _came_redacted(self, record: dict[str, Any]) -> bool:
        return any(value_at(record, path) == value for path, value in self._policy.redacted_when)

    def _dict(self, record: dict[str, Any], node: Node, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise TooDeepError
        kept, children, child_of = node.kept, node.children, self._policy.child
        edits: list[tuple[str, Node, Any]] = []
        for key, value in record.items():
            if key in kept and value.__class__ in _SCALARS:
                continue
            child = children.get(key) or child_of(node, key)
            new = self._value(value, child, record, depth)
            if new is not value or child.name != key or not child.is_safe_key:
                edits.append((key, child, new))
        for key, child, new in edits:
            self._edit(record, key, child, new)

    def _edit(self, record: dict[str, Any], key: str, child: Node, new: Any) -> None:
        if not child.is_safe_key or new is _DROP:
            del record[key]
        elif isinstance(new, TextResult):
            record[key] = new.text
            record[f"{key}_redaction"] = self._beside(new)
        else:
            record[key] = new
        if key in record and child.name and child.name != key:
            # Another spelling of a listed key: the policy's spelling is the one that is read.
            value = record.pop(key)
            record.setdefault(child.name, value)

    def _beside(self, result: TextResult) -> dict[str, Any]:
        """What stands beside a text: how it was redacted, and its strict level.

        ``candidates`` are words of the text that could be a name: offsets in code points, the end
        excluded, and the word's token, to be compared with the ``_known`` of the call's records.
        """
        return {
            "state": result.state,
            "classes": list(result.classes),
            "strict": result.strict,
            "candidates": [
                {"start": start, "end": end, "token": self._name_token(word)}
                for start, end, word in result.names
            ],
        }

    def _name_token(self, word: str) -> str:
        token = self._name_tokens.get(word)
        if token is None:
            token = name_token(self._key, word)
            if len(self._name_tokens) < _MAX_CACHED:
                self._name_tokens[word] = token
        return token

    def _value(self, value: Any, node: Node, parent: dict[str, Any], depth: int) -> Any:
        """The new value of a field: the same object, another, or ``_DROP``."""
        action = node.action
        if action == "drop" and not node.children:
            return _DROP
        kind = value.__class__
        if kind is dict:
            self._dict(value, node, depth + 1)
            return value
        if kind is list:
            if action == "conversation":
                return self._conversation(joined(value), node, parent)
            return self._list(value, node, parent, depth + 1)
        if value is None:
            return value
        handler = self._actions[action]
        return value if handler is None else handler(value, node, parent)

    def _list(self, values: list[Any], node: Node, parent: dict[str, Any], depth: int) -> list[Any]:
        if depth > MAX_DEPTH:
            raise TooDeepError
        item = self._policy.item(node)
        if not values and not item.turns:
            return values
        if item.action == "keep" and all(v.__class__ in _SCALARS for v in values):
            return values
        if item.turns:
            return self._talk(values, item, item.turns, parent, depth)
        return [
            _text_of(new)
            for value in values
            if (new := self._value(value, item, parent, depth)) is not _DROP
        ]

    def _talk(
        self, values: list[Any], item: Node, turns: Turns, parent: dict[str, Any], depth: int
    ) -> list[Any]:
        """A list of turns: what was asked before each, and what was answered, decides it."""
        talk = Conversation(self._asks)
        own = self._known
        kept = []
        for value in values:
            if value.__class__ is dict:
                self._mode = turn_mode(talk, value, turns)
            self._heard = ()
            if talk.answered:
                self._known = (own or Known()).with_words(talk.answered)
            new = self._value(value, item, parent, depth)
            if self._mode > Mode.READ_BACK:
                talk.heard(self._heard, self._mode)
            if new is not _DROP:
                kept.append(_text_of(new))
        self._mode, self._known = Mode.PLAIN, own
        return kept

    # One method an action: (value, node, the dict or list's dict it stands in) -> new value.

    def _measure(self, value: Any, node: Node, parent: dict[str, Any]) -> Any:
        if not isinstance(value, str) or _CODE.fullmatch(value):
            return value
        return self._unlisted(value, node, parent)

    def _token(self, value: Any, node: Node, parent: dict[str, Any]) -> Any:
        del node, parent
        number = str(value)
        if is_hidden_number(number):
            return None  # a token would make all hidden callers one
        token = self._tokens.get(number)
        if token is None:
            token = caller_token(self._key, number)
            if len(self._tokens) < _MAX_CACHED:
                self._tokens[number] = token
        return token

    def _id(self, value: Any, node: Node, parent: dict[str, Any]) -> Any:
        del node, parent
        if isinstance(value, bool):
            return value
        text = str(value)
        done = self._ids.get(text)
        if done is None:
            done = published_id(self._key, text)
            if len(self._ids) < _MAX_CACHED:
                self._ids[text] = done
        return value if done == text else done

    def _text(self, value: Any, node: Node, parent: dict[str, Any]) -> Any:
        for name, wanted in node.options.get("ids_when", {}).items():
            if str(parent.get(name)) in wanted:
                ids = [part.strip() for part in str(value).split(",")]
                return ",".join(str(self._id(part, node, parent)) for part in ids)
        if isinstance(value, bool):
            return value
        result = self._redacted(str(value), self._mode)
        return value if result.state == CLEAN else result.text

    def _conversation(self, value: Any, node: Node, parent: dict[str, Any]) -> Any:
        del node, parent
        result = self._redacted(str(value), self._mode)
        self._heard = ("number",) if result.state == PROVIDER else result.classes
        return result

    def _answer(self, value: Any, node: Node, parent: dict[str, Any]) -> Any:
        del parent
        result = self._redacted(str(value), Mode.ANSWER)
        return result if node.options.get("sibling") else result.text

    def _keypad(self, value: Any, node: Node, parent: dict[str, Any]) -> Any:
        text = str(value)
        always = node.options.get("always_when", {})
        is_input = node.is_within or any(parent.get(key) in keys for key, keys in always.items())
        is_menu = len(text) <= 1 or not any(c.isdecimal() or c in "*#" for c in text)
        if not is_input and is_menu:
            return self._text(value, node, parent)
        self._out.note("redacted", ("keypad",))
        return KEYPAD_TEXT

    def _url(self, value: Any, node: Node, parent: dict[str, Any]) -> Any:
        del node, parent
        match = _URL.match(str(value))
        if match is None:
            return _DROP
        return f"{match['scheme'] or ''}{embedded_tokens(self._key, match['rest'])}"

    def _unlisted(self, value: Any, node: Node, parent: dict[str, Any]) -> Any:
        del parent
        drift = self._out.drift
        drift[node.path] = drift.get(node.path, 0) + 1
        if isinstance(value, str):
            return self._redacted(value, self._mode).text
        if isinstance(value, float | bool) or abs(value) < MAX_UNLISTED_NUMBER:
            return value
        return _DROP

    def _secret(self, value: Any, node: Node, parent: dict[str, Any]) -> Any:
        del value, parent
        self._out.drift[node.path] = self._out.drift.get(node.path, 0) + 1
        return _DROP

    def _redacted(self, text: str, mode: Mode) -> TextResult:
        result = self._rules.redact(text, mode, self._known)
        if result.state != CLEAN:
            self._out.note(result.state, result.classes)
        return result


def _text_of(new: Any) -> Any:
    """A list's element has no field beside it for its state."""
    return new.text if isinstance(new, TextResult) else new
