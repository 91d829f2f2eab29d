"""The redaction policy: ``policy.yml`` read and compiled once.

Field paths are segments joined by ``/`` (attribute names hold dots); ``[]`` after a segment means
every element of that array, ``*`` within a segment any characters, ``**`` as the last segment
everything below. The most exact segment wins: a name before a pattern, a pattern before ``**``.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from expectations.withholding import detector_version
from ingest.redaction.known import Path as KnownPath
from ingest.redaction.known import compiled
from ingest.redaction.rules import RULES_VERSION, TextRules
from ingest.redaction.words import NAMES_FILE, VOCABULARY_FILE

POLICY_FILE = Path(__file__).with_name("policy.yml")
ACTIONS = frozenset(
    {"keep", "measure", "token", "id", "url", "drop"} | {"text", "conversation", "answer", "keypad"}
)
# A list or an object in place of the scalar: all that is in it is treated as the scalar is.
_PASSED_ON = frozenset({"token", "id", "url", "answer", "keypad", "secret"})
UNLISTED = "unlisted"
SECRET = "secret"  # noqa: S105  what happens to an unlisted field whose name says so
_SAFE_KEY = re.compile(r"[A-Za-z_$][\w.$\-]{0,63}")
_MANY_DIGITS = re.compile(r"(?:\D*\d){7}")
_MAX_LEARNED = 4096
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class PolicyError(Exception):
    """The policy file is wrong; the message names the stream and the path."""


KeyPath = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a list of turns: where its text is, and which values of other fields mark it."""

    text: KeyPath
    when: tuple[tuple[KeyPath, frozenset[str]], ...]


@dataclass(frozen=True, slots=True)
class Turns:
    """Whose turn an element of a list is: the caller's where that side holds, else the agent's.

    ``tool`` tells the calls of tools, some of which collect a value from the caller.
    """

    caller: Side
    agent: Side
    tool: Side | None = None


@dataclass(slots=True, eq=False)
class Node:
    """One place in a record: what happens to a scalar there, and where its children are.

    ``children`` also learns the keys met in records, so that a lookup is one dict access; ``kept``
    are those of them whose scalars stay as they are, which is most of every record.
    ``is_safe_key`` is False where the record's own key might be personal data itself;
    ``is_within`` says that the action is the one of a listed field around this place.
    """

    path: str
    action: str = UNLISTED
    name: str = ""
    children: dict[str, Node] = field(default_factory=dict)
    kept: set[str] = field(default_factory=set)
    patterns: list[tuple[re.Pattern[str], Node]] = field(default_factory=list)
    below: Node | None = None
    items: Node | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    turns: Turns | None = None
    is_safe_key: bool = True
    is_within: bool = False


@dataclass(frozen=True, slots=True)
class StreamPolicy:
    """The field rules of one stream. ``is_folded``: keys are matched regardless of case."""

    name: str
    root: Node
    is_folded: bool
    redacted_when: tuple[tuple[KeyPath, str], ...]
    secret_keys: tuple[str, ...]
    known: list[tuple[KnownPath, str]]
    learned: list[int]

    def child(self, node: Node, key: str) -> Node:
        """The node of ``key`` below ``node``, learned on first sight."""
        found = node.children.get(key)
        if found is None:
            found = self._resolve(node, key)
            if self.learned[0] < _MAX_LEARNED:
                self.learned[0] += 1
                node.children[key] = found
                _note_kept(node, key, found)
        return found

    def item(self, node: Node) -> Node:
        """The node of the elements of an array at ``node``."""
        if node.items is None:
            below = node.below
            node.items = Node(f"{node.path}[]", below=below)
            _take(node.items, node)
            if below and node.items.action == UNLISTED:
                _take(node.items, below)
                node.items.action = below.action
        return node.items

    def _resolve(self, node: Node, key: str) -> Node:
        if self.is_folded and (exact := node.children.get(key.lower())):
            return exact
        is_safe = bool(_SAFE_KEY.fullmatch(key)) and not _MANY_DIGITS.match(key)
        path = f"{node.path}/{key if is_safe else '*'}".lstrip("/")
        found = Node(path, name=key, is_safe_key=is_safe)
        for pattern, like in node.patterns:
            if pattern.fullmatch(key):
                _inherit(found, like)
        if node.below:
            _inherit(found, node.below)
        _take(found, node)
        if found.action == UNLISTED and _folded_key(key).endswith(self.secret_keys):
            found.action = SECRET
        _settle(found)
        return found


def _folded_key(key: str) -> str:
    """A key's name without case and separators; "lk.pii.x" ends in "pii" by its own segment."""
    parts = key[:256].lower().split(".")
    name = "pii" if "pii" in parts else parts[-1]
    return "".join(c for c in name if c.isalnum())


def _take(node: Node, outer: Node) -> None:
    """Give ``node`` the action of the field that it is a part of, if that passes its own on."""
    if node.action == UNLISTED and outer.action in _PASSED_ON:
        node.action, node.options, node.is_within = outer.action, outer.options, True


def _note_kept(node: Node, key: str, child: Node) -> None:
    if child.action == "keep" and child.is_safe_key and child.name == key:
        node.kept.add(key)


def _inherit(node: Node, like: Node) -> None:
    """Add to ``node`` what ``like`` says and the node itself does not."""
    if node.action == UNLISTED:
        node.action, node.options = like.action, like.options
    for key, child in like.children.items():
        _inherit(node.children.setdefault(key, Node(child.path, name=child.name)), child)
    node.patterns += [pair for pair in like.patterns if pair not in node.patterns]
    node.below = node.below or like.below
    node.turns = node.turns or like.turns
    if like.items:
        node.items = node.items or Node(f"{node.path}[]")
        _inherit(node.items, like.items)


def _settle(node: Node) -> None:
    """Let each named child take what the patterns that match its name say beside its own."""
    node.patterns.sort(key=lambda pair: -len(pair[0].pattern))
    for key, child in node.children.items():
        for pattern, like in node.patterns:
            if pattern.fullmatch(child.name or key):
                _inherit(child, like)
        child.below = child.below or node.below
        _note_kept(node, key, child)
        _settle(child)
    if node.items:
        _settle(node.items)


@dataclass(frozen=True)
class Policy:
    """A compiled policy: its version, the text rules, ask rules and one tree a stream."""

    version: str
    rules: TextRules
    asks: Mapping[str, Any]
    streams: Mapping[str, StreamPolicy]


def load_policy(path: Path = POLICY_FILE) -> Policy:
    """Read and compile a policy file.

    Raises:
        PolicyError: unknown action, a path listed twice, or a malformed path.
    """
    data = path.read_bytes()
    lists = VOCABULARY_FILE.read_bytes() + NAMES_FILE.read_bytes()
    document = yaml.load(data, Loader=_LOADER)  # noqa: S506 (safe, and ten times as fast in C)
    code = f"\nrules={RULES_VERSION}\ndetector={detector_version()}"
    digest = hashlib.sha256(data + lists + code.encode()).hexdigest()
    secrets = tuple(name.replace(" ", "") for name in document["secret_keys"])
    streams = {name: _stream(name, spec, secrets) for name, spec in document["streams"].items()}
    return Policy(
        version=f"{document['version']}-{digest[:8]}",
        rules=TextRules(document["text_rules"]),
        asks=document["conversation"],
        streams=streams,
    )


@lru_cache(maxsize=1)
def default_policy() -> Policy:
    """The policy that ships with the project, compiled once a process."""
    return load_policy()


def policy_version() -> str:
    """``<version>-<8 hex>``: the policy's version, and a digest of file, word lists and rules."""
    return default_policy().version


def _stream(name: str, spec: Mapping[str, Any], secret_keys: tuple[str, ...]) -> StreamPolicy:
    is_folded = bool(spec.get("ignore_case"))
    root = Node("", "drop")
    for action, entries in spec["fields"].items():
        if action not in ACTIONS:
            msg = f"policy: unknown action {action} in stream {name}"
            raise PolicyError(msg)
        for entry in entries:
            options = entry if isinstance(entry, dict) else {"path": entry}
            node = _place(root, str(options["path"]), fold=is_folded)
            if node.action != UNLISTED:
                msg = f"policy: {options['path']} is listed twice in stream {name}"
                raise PolicyError(msg)
            node.action, node.options = action, options
    for turns in spec.get("turns", []):
        sides = {name: _side(turns[name]) for name in ("caller", "agent", "tool") if name in turns}
        _place(root, turns["path"], fold=is_folded).turns = Turns(**sides)
    _settle(root)
    redacted_when = spec.get("provider_redacted_when", {}).items()
    came_redacted = tuple((tuple(path.split("/")), value) for path, value in redacted_when)
    known = compiled(spec.get("known", []))
    return StreamPolicy(name, root, is_folded, came_redacted, secret_keys, known, [0])


def _side(spec: Mapping[str, Any]) -> Side:
    when = spec.get("when", {}).items()
    marks = tuple((tuple(path.split("/")), frozenset(values)) for path, values in when)
    return Side(tuple(spec["text"].split("/")), marks)


def _place(root: Node, path: str, *, fold: bool) -> Node:
    node = root
    for segment in path.split("/"):
        name = segment.rstrip("[]")
        node = _step(node, name, fold=fold)
        for _ in range(segment.count("[]")):
            node.items = node.items or Node(f"{node.path}[]")
            node = node.items
    return node


def _step(node: Node, name: str, *, fold: bool) -> Node:
    path = f"{node.path}/{name}".lstrip("/")
    if name == "**":
        node.below = node.below or Node(path)
        node.below.below = node.below
        return node.below
    if "*" in name:
        known = next((child for _, child in node.patterns if child.path == path), None)
        if known is None:
            known = Node(path)
            text = ".*".join(re.escape(part) for part in name.split("*"))
            flags = re.DOTALL | (re.IGNORECASE if fold else re.NOFLAG)
            node.patterns.append((re.compile(text, flags), known))
        return known
    return node.children.setdefault(name.lower() if fold else name, Node(path, name=name))
