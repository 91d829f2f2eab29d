"""Withholding: what the detector still flags in a record does not leave the redaction step.

A text is replaced by a fixed mark and its ``<field>_redaction`` says so; any other value becomes
null, because one mark for many identifiers would join strangers. It is a pure function of the
record and of this package's code (``detector_version``), so it may run anywhere and again.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec

from expectations.cues import has_cue
from expectations.detector import (
    classes_in_leaf,
    classes_in_text,
    classes_in_value,
    is_text_key,
)
from expectations.prefilter import HARMLESS_JSON, TELLING_JSON

WITHHELD_TEXT = "[WITHHELD]"
STATE = "withheld"
RULE = "detector"
# What an agent's question asks for counts for the next text; the end of it is what was asked.
ASKED_CHARS = 120
SUFFIX = "_redaction"
# At most fourteen digits in a row that are not a hex identifier's, as of any identifier.
_PLAIN_KEY = re.compile(r"[A-Za-z0-9_.:\-]{1,200}")
# Automata are built as they run; what does not fit is thrown away and built again.
_AUTOMATON_BYTES = 32 << 20
_CODE = ("credentials", "cues", "detector", "prefilter", "recognisers", "spoken", "withholding")


@lru_cache(maxsize=1)
def detector_version() -> str:
    """Eight hex digits of all that decides what is withheld: another detector, another name."""
    digest = hashlib.sha256()
    for package in ("google-re2", "phonenumbers", "presidio-analyzer"):
        digest.update(f"{package}={version(package)}\n".encode())
    for name in _CODE:
        digest.update(Path(__file__).with_name(f"{name}.py").read_bytes())
    return digest.hexdigest()[:8]


@dataclass(slots=True)
class Withheld:
    """A record with something withheld: its JSON and the classes that the detector named."""

    record: bytes
    classes: set[str] = field(default_factory=set)


def withhold(record: bytes) -> Withheld | None:
    """Look at a redacted record (a JSON object, UTF-8) and withhold what is still unsafe in it.

    Returns:
        The record without what was flagged; None when it is safe, which most records are.
    """
    if not may_show(record):
        return None
    data = msgspec.json.decode(record)
    look = _Look()
    look.into_dict(data)
    return Withheld(msgspec.json.encode(data), look.classes) if look.classes else None


def safe_record_key(key: str) -> str:
    """A record's key as it may leave the step: what is no identifier in form is told by a digest.

    Equal keys stay equal, so versions of one record are still found.
    """
    if _PLAIN_KEY.fullmatch(key) and not classes_in_value("record_key", key):
        return key
    return f"sha256:{hashlib.sha256(key.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"


def may_show(record: bytes) -> bool:
    """Whether the detector has to read a record: two automata that know nothing of its fields."""
    harmless, telling = _automata()
    # Compact JSON has blanks in texts only, and words tell nothing without one.
    return not harmless.Match(record) or (b" " in record and bool(telling.Match(record)))


@lru_cache(maxsize=1)
def _automata() -> tuple[Any, Any]:
    import re2

    options = re2.Options()
    options.max_mem = _AUTOMATON_BYTES
    harmless, telling = re2.Set.FullMatchSet(options), re2.Set.SearchSet(options)
    harmless.Add(HARMLESS_JSON)
    for pattern in TELLING_JSON:
        telling.Add(pattern)
    harmless.Compile()
    telling.Compile()
    return harmless, telling


class _Look:
    """One walk over a record, in order, because a question gives its answer away."""

    def __init__(self) -> None:
        self.classes: set[str] = set()
        self._asked = ""

    def into_dict(self, record: dict[str, Any]) -> None:
        """Withhold in place what is flagged in an object."""
        flagged: dict[str, frozenset[str]] = {}
        for key, value in record.items():
            kind = value.__class__
            if kind is dict:
                if found := self._twin(key, value):
                    flagged[key.removesuffix(SUFFIX)] = found
            elif kind is list:
                if found := self._list(key, value):
                    flagged[key] = found
            elif kind is not float and (found := self._leaf(key, value)):
                flagged[key] = found
            if found := _known_key(key):
                flagged[key] = found
        for key, found in flagged.items():
            self._withhold(record, key, found)

    def _twin(self, key: str, value: dict[str, Any]) -> frozenset[str]:
        """Classes in what redaction noted about a text, if this is that: its stricter form."""
        if not key.endswith(SUFFIX):
            self.into_dict(value)
            return frozenset()
        texts = [text for text in value.values() if isinstance(text, str)]
        return frozenset[str]().union(*map(classes_in_text, texts))

    def _withhold(self, record: dict[str, Any], key: str, found: frozenset[str]) -> None:
        self.classes |= found
        value = record.pop(key, None)
        if _known_key(key):
            return
        is_text = isinstance(value, str) and is_text_key(key)
        record[key] = WITHHELD_TEXT if is_text else None
        record[f"{key}{SUFFIX}"] = _note(record.get(f"{key}{SUFFIX}"), found)

    def _leaf(self, key: str, value: Any) -> frozenset[str]:
        if value.__class__ is not str:
            return _known_leaf(key, value)
        asked = self._asked
        if " " in value:
            self._asked = _asked_for(value[-ASKED_CHARS:])
        elif not asked and len(value) <= _KNOWN_CHARS:
            return _known_leaf(key, value)
        return classes_in_leaf(key, value, asked)

    def _list(self, key: str, values: list[Any]) -> frozenset[str]:
        """Classes of a list of pressed keys; other lists are withheld piece by piece."""
        if values and all(isinstance(value, str) and len(value) == 1 for value in values):
            return classes_in_leaf(key, "".join(values))
        for at, value in enumerate(values):
            if value.__class__ is dict:
                self.into_dict(value)
                continue
            found = self._list(key, value) if value.__class__ is list else self._leaf(key, value)
            if found:
                self.classes |= found
                values[at] = WITHHELD_TEXT if isinstance(value, str) else None
        return frozenset()


# Keys, names of states and small numbers come again in every record.
_KNOWN_CHARS = 48
_known_leaf = lru_cache(maxsize=1 << 14)(classes_in_leaf)
_known_key = lru_cache(maxsize=1 << 12)(classes_in_text)


@lru_cache(maxsize=1 << 12)
def _asked_for(text: str) -> str:
    """The end of what was said if it asks for something short, else nothing."""
    is_question = "?" in text or "please" in text.lower()
    return text if is_question and has_cue(text) else ""


def _note(redaction: Any, found: frozenset[str]) -> dict[str, Any]:
    """What redaction noted about a text, now withheld: no other form of the text stays in it."""
    noted = redaction if isinstance(redaction, dict) else {}
    kept = {key: WITHHELD_TEXT for key, value in noted.items() if isinstance(value, str)}
    classes = sorted({*(noted.get("classes") or ()), *found})
    return {**kept, "state": STATE, "classes": classes, "rule": RULE}


def all_classes(record: bytes) -> set[str]:
    """What would be withheld of a record without asking the automata first: for their proof."""
    look = _Look()
    look.into_dict(msgspec.json.decode(record))
    return look.classes
